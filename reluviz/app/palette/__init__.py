"""The palette of commands: everything by its name."""
