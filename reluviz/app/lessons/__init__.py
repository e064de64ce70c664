"""Lessons in the window: the card beside the canvas, the browser, and what a step does to the state."""
