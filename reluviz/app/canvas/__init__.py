"""The region canvas."""
