"""MARKERS: the shape of each class's points, so that no class is known by its hue alone; and which points to show.

Loads no kernels: window, images and vector files all take shapes and colours from here.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reluviz.core.color import Pixels, pack, pixel
from reluviz.core.dataset import Dataset
from reluviz.core.fills import OWN
from reluviz.core.luts import value_lut
from reluviz.core.palette import PALETTES
from reluviz.core.reading import value_scale

Float = NDArray[np.float64]
MOST_SHOWN = 2_000
"""More markers hide the regions."""


@dataclass(frozen=True, eq=False)
class Marker:
    """One class's shape: `symbol` is pyqtgraph's name of it; outline (N, 2) has y down and the area of a disc of 1."""

    name: str
    symbol: str
    outline: Float


def _marker(name: str, symbol: str, corners: int, turn: float = 0.0, inner: float = 1.0) -> Marker:
    """A regular polygon, its first corner `turn` degrees from up; `inner` pulls in every second corner."""
    angle = np.radians(turn) + 2 * math.pi * np.arange(corners) / corners
    radius = np.where(np.arange(corners) % 2 == 1, inner, 1.0)
    outline = np.stack([radius * np.sin(angle), -radius * np.cos(angle)], axis=1)
    following = np.roll(outline, -1, axis=0)
    area = 0.5 * abs(float(np.sum(outline[:, 0] * following[:, 1] - following[:, 0] * outline[:, 1])))
    return Marker(name, symbol, outline * math.sqrt(math.pi / area))


MARKERS = (
    _marker("circle", "o", 24),
    _marker("square", "s", 4, 45.0),
    _marker("triangle", "t", 3, 180.0),
    _marker("diamond", "d", 4),
    _marker("pentagon", "p", 5),
    _marker("star", "star", 10, 0.0, 0.45),
    _marker("hexagon", "h", 6),
    _marker("triangle up", "t1", 3),
)


def shown_points(dataset: Dataset, with_test: bool = True) -> NDArray[np.int64]:
    """Return the indices to draw, rising: a fixed random choice where there are more than `MOST_SHOWN`."""
    wanted = np.arange(len(dataset.points)) if with_test else np.flatnonzero(dataset.is_train)
    if len(wanted) <= MOST_SHOWN:
        return wanted
    return np.sort(np.random.default_rng(0).permutation(wanted)[:MOST_SHOWN])


def point_kinds(dataset: Dataset) -> NDArray[np.int64]:
    """Return the row of MARKERS of each point (N,): its class, or the circle for values."""
    if not dataset.is_classes:
        return np.zeros(len(dataset.points), np.int64)
    return np.asarray(dataset.targets, dtype=np.int64) % len(MARKERS)


def point_colors(dataset: Dataset, palette: str, fills: str = OWN) -> Pixels:
    """Return each point's pixel (N,): its class's colour, its value on the value scale, or its own red, green, blue."""
    if dataset.is_classes:
        classes = np.array([pixel(name) for name in PALETTES[palette].classes], np.uint32)
        colors: Pixels = classes[np.asarray(dataset.targets, dtype=np.int64) % len(classes)]
        return colors
    low, high = value_scale(dataset) or (0.0, 1.0)
    share = np.clip((np.asarray(dataset.targets, dtype=np.float64) - low) / (high - low), 0.0, 1.0)
    if share.shape[1] == 3:
        return pack(share)
    lut = value_lut(palette, fills=fills)
    shades: Pixels = lut[np.rint(share[:, 0] * (len(lut) - 1)).astype(np.int64)]
    return shades


def marker_radius(width: int, height: int) -> float:
    """Return the radius in pixels that suits a picture of this size."""
    return max(2.0, min(width, height) / 210.0)


def rim_width(radius: float) -> float:
    """Return the width of the dark or light rim around a filled marker, in pixels."""
    return max(0.9, radius * 0.26)


def ring_width(radius: float) -> float:
    """Return the width of a hollow marker's ring, in pixels."""
    return max(1.1, radius * 0.42)
