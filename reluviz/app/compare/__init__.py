"""Panes side by side: their bar, their grid and their canvases."""
