"""Ink: the colours of the pens, and the geometry of strokes in logical pixels."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from reluviz.studio.handwriting import INKS as INKS

Pixels = NDArray[np.float64]

_ON_WHITE = ("red", "blue", "violet")
INK_NAMES = {"dark": ("yellow", "red", "cyan"), "light": _ON_WHITE, "projector": _ON_WHITE}
WIDTH = 3.6
"""Of the pen, in logical pixels at 100 % type."""
RIM = 1.6
"""How far the rim reaches beyond the ink on each side."""
ERASER = 14.0
"""How near the eraser must come, in logical pixels."""
TOLERANCE = 0.35
"""How far a kept stroke may be from the drawn one, in logical pixels: invisible, and a fifth of the points."""
FAR = 16_000.0
"""Pixels beyond which Qt's rasteriser is not given coordinates: its own numbers end at 32,767."""


def simplified(points: Pixels, tolerance: float = TOLERANCE) -> NDArray[np.intp]:
    """Return which of (n, 2) points a polyline needs to stay within `tolerance`.

    Ramer (1972), Douglas and Peucker (1973).
    """
    count = len(points)
    keep = np.zeros(count, bool)
    keep[[0, count - 1]] = True
    spans = [(0, count - 1)]
    while spans:
        begin, end = spans.pop()
        if end - begin < 2:
            continue
        far = distances(points[begin + 1 : end], points[begin], points[end])
        worst = int(np.argmax(far))
        if far[worst] > tolerance:
            middle = begin + 1 + worst
            keep[middle] = True
            spans += [(begin, middle), (middle, end)]
    return np.flatnonzero(keep)


def distances(points: Pixels, start: Pixels, end: Pixels) -> Pixels:
    """Return how far (n, 2) points are from one segment, or from each of (n, 2) segments."""
    along = end - start
    square = np.sum(along * along, axis=-1)
    share = np.sum((points - start) * along, axis=-1) / np.where(square > 0, square, 1.0)
    nearest = start + np.clip(share, 0.0, 1.0)[..., None] * along
    return np.asarray(np.hypot(*np.moveaxis(points - nearest, -1, 0)))


def is_hit(points: Pixels, place: Pixels, reach: float) -> bool:
    """Whether a polyline of (n, 2) points comes within `reach` of a place (2,)."""
    if len(points) == 1:
        return bool(np.hypot(*(points[0] - place)) <= reach)
    return bool(np.any(distances(place, points[:-1], points[1:]) <= reach))


def pieces(points: Pixels) -> list[Pixels]:
    """Return a polyline as it is, or, where it runs far out of sight, cut into what Qt can draw."""
    if len(points) == 0 or np.abs(points).max() <= FAR:
        return [points]
    if len(points) == 1:
        return []
    kept = []
    for start, end in pairwise(points):
        cut = _clipped(start, end)
        if cut is not None:
            kept.append(cut)
    return kept


def _clipped(start: Pixels, end: Pixels) -> Pixels | None:
    """Return the part of a segment within FAR of the origin in x and y, None where there is none.

    Liang and Barsky (1984).
    """
    low, high = 0.0, 1.0
    for origin, delta in zip(start, end - start, strict=True):
        if delta == 0.0:
            if abs(origin) > FAR:
                return None
            continue
        enter, leave = sorted(((-FAR - origin) / delta, (FAR - origin) / delta))
        low, high = max(low, enter), min(high, leave)
    return np.array([start + low * (end - start), start + high * (end - start)]) if low < high else None
