"""Dockable views, one file each."""
