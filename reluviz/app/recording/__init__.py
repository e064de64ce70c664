"""Recording: what is seen becomes a journal on the disk, and films and stills are made of it."""
