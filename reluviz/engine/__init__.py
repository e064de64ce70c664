"""torch: the trainer and the process it runs in. Never Qt."""
