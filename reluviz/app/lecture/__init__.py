"""What a lecturer needs before a full room: ink, laser, freeze, black-out, large figures, a second window."""
