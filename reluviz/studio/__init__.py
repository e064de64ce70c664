"""What outlives a window and is not geometry: curves, scenes, history. No Qt, no torch."""
