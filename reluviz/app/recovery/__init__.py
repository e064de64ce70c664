"""What is kept in case of a crash, and how it comes back."""
