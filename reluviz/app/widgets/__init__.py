"""Small widgets of our own, one file each."""
