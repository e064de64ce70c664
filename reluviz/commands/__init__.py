"""The commands of `reluviz`, one module each; every one imports what is heavy only when it runs."""
