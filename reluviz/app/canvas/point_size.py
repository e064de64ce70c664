"""How large data points are on the canvas, for the window and for films of it."""

import math

POINT_SIZE = 7.0  # Diameter in logical pixels at 100 % type.
FULL_SIZE = 640.0  # The shorter side of a canvas in which markers are as large as in the one canvas,
SMALLEST_POINTS, LARGEST_POINTS = 0.4, 0.8  # and what becomes of them in smaller ones.


def point_diameter(theme: str, font_scale: float) -> float:
    """Return the diameter of a data point on the one canvas, in logical pixels."""
    return POINT_SIZE * math.sqrt(max(0.8, font_scale)) * (1.2 if theme == "projector" else 1.0)


def pane_share(width: float, height: float) -> float:
    """Return the size of markers in a pane of this size as a share of that in the one canvas."""
    return round(min(LARGEST_POINTS, max(SMALLEST_POINTS, min(width, height) / FULL_SIZE)), 1)
