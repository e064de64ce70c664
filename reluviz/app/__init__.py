"""The Qt window. Imports no torch."""
