"""Where the canvas looks: pure functions on bounds (xmin, xmax, ymin, ymax)."""

from math import ulp

from reluviz.core.view import Bounds

# A pixel of a view this wide is 1e-12 of its distance to the origin: some thousand times what float64 resolves.
SMALLEST_SPAN = 1e-9
LARGEST_SPAN = 1e6


def framed(bounds: Bounds, width: float, height: float) -> Bounds:
    """Return bounds with the aspect of a width x height canvas: same centre, same shorter side, square units."""
    xmin, xmax, ymin, ymax = bounds
    half = min(xmax - xmin, ymax - ymin) / 2
    unit = half / (min(width, height) / 2)
    x, y = (xmin + xmax) / 2, (ymin + ymax) / 2
    wide, high = unit * width / 2, unit * height / 2
    framed = (x - wide, x + wide, y - high, y + high)
    # Bounds that fit already stay as they are to the last bit, so that framing twice changes nothing.
    tolerance = max(1e-9 * half, 4 * ulp(max(map(abs, framed))))
    fits = all(abs(a - b) <= tolerance for a, b in zip(framed, bounds, strict=True))
    return bounds if fits else framed


def zoomed(bounds: Bounds, factor: float, x: float, y: float) -> Bounds:
    """Return bounds shrunk by `factor` (below 1: closer) about (x, y), held between the smallest and largest span."""
    xmin, xmax, ymin, ymax = bounds
    span = min(xmax - xmin, ymax - ymin)
    low = SMALLEST_SPAN * max(1.0, abs(x), abs(y))
    factor = min(max(span * factor, low), LARGEST_SPAN) / span
    return (x + (xmin - x) * factor, x + (xmax - x) * factor, y + (ymin - y) * factor, y + (ymax - y) * factor)


def panned(bounds: Bounds, dx: float, dy: float) -> Bounds:
    """Return bounds moved by (dx, dy), as far as the largest span allows."""
    xmin, xmax, ymin, ymax = bounds
    dx = min(max(dx, -LARGEST_SPAN - xmin), LARGEST_SPAN - xmax)
    dy = min(max(dy, -LARGEST_SPAN - ymin), LARGEST_SPAN - ymax)
    return (xmin + dx, xmax + dx, ymin + dy, ymax + dy)


def is_closest(bounds: Bounds) -> bool:
    """Whether zooming in further would be below what float64 resolves."""
    xmin, xmax, ymin, ymax = bounds
    far = max(1.0, abs(xmin + xmax) / 2, abs(ymin + ymax) / 2)
    return min(xmax - xmin, ymax - ymin) <= 1.001 * SMALLEST_SPAN * far
