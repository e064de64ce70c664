"""Laser and spotlight over a frame: the lecturer's pointer where it was at that time, without Qt."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from reluviz.core.color import Pixels, pixel
from reluviz.studio.handwriting import TRAIL_SECONDS
from reluviz.studio.marks import lay_color, lay_disc

RED, HEART = pixel("#ff2a3c"), pixel("#ffffff")
CIRCLE = 0.17
"""Radius of the spotlight, as a share of the frame's shorter side."""
SHADE = 0.66
"""How dark it is around the spotlight."""
_GLOW_AT, _GLOW = (0.0, 0.45, 1.0), (0.75, 0.4, 0.0)
Float = NDArray[np.float64]


def draw_laser(image: Pixels, places: Float, ages: Float) -> None:
    """Draw the laser's dot at the last of places (N, 2), in pixels, and its trail, which fades with ages (N,) seconds.

    The trail is thinner and fainter the older it is.
    """
    if not np.isfinite(places).all():
        return
    radius = max(3.0, min(image.shape) / 90.0)
    _draw_trail(image, places, ages, radius)
    x, y = places[-1]
    reach = 2.4 * radius
    corner, across, down = _patch(image, x - reach, x + reach, y - reach, y + reach)
    if across.size and down.size:
        away = np.hypot(across[None, :] - x, down[:, None] - y)
        lay_color(image, np.interp(away / reach, _GLOW_AT, _GLOW), *corner, RED)
    lay_disc(image, x, y, radius, 0.0, RED, 1.0)
    lay_disc(image, x, y, 0.42 * radius, 0.0, HEART, 1.0)


def draw_spotlight(image: Pixels, place: tuple[float, float]) -> None:
    """Darken all of image (H, W) but a circle around a place in pixels, in place."""
    radius = CIRCLE * min(image.shape)
    rows, columns = np.arange(image.shape[0]) + 0.5 - place[1], np.arange(image.shape[1]) + 0.5 - place[0]
    away = np.sqrt(rows[:, None] ** 2 + columns[None, :] ** 2)
    kept = np.rint(256 * (1.0 - SHADE * np.clip(away - radius + 0.5, 0.0, 1.0))).astype(np.uint32)
    dark = np.full(image.shape, 0xFF000000, np.uint32)
    for shift in (16, 8, 0):
        dark |= ((image >> shift & 255) * kept >> 8) << shift
    image[...] = dark


def _draw_trail(image: Pixels, places: Float, ages: Float, radius: float) -> None:
    shares = np.clip(1.0 - ages / TRAIL_SECONDS, 0.0, 1.0)
    cover = np.zeros(image.shape)
    low, high = places.min(axis=0) - 2 * radius, places.max(axis=0) + 2 * radius
    for (start, end), share in zip(pairwise(places), shares[1:], strict=True):
        half = 0.5 * (0.2 * radius + 1.3 * radius * share * share)
        reach = half + 1.0
        left, right = sorted((start[0], end[0]))
        top, bottom = sorted((start[1], end[1]))
        (row, column), across, down = _patch(image, left - reach, right + reach, top - reach, bottom + reach)
        if not (across.size and down.size):
            continue
        away = _distance(across[None, :], down[:, None], start, end)
        part = cover[row : row + down.size, column : column + across.size]
        np.maximum(part, 0.85 * share * np.clip(half - away + 0.5, 0.0, 1.0), out=part)
    (row, column), across, down = _patch(image, low[0], high[0], low[1], high[1])
    if across.size and down.size:
        lay_color(image, cover[row : row + down.size, column : column + across.size], row, column, RED)


def _patch(image: Pixels, left: float, right: float, top: float, bottom: float) -> tuple[tuple[int, int], Float, Float]:
    """Return (row, column) of the part of an image that a box covers, and the middles of its pixels, x and y."""
    height, width = image.shape
    first, last = max(0, int(np.floor(left))), min(width, int(np.ceil(right)))
    above, below = max(0, int(np.floor(top))), min(height, int(np.ceil(bottom)))
    return (above, first), np.arange(first, last) + 0.5, np.arange(above, below) + 0.5


def _distance(x: Float, y: Float, start: Float, end: Float) -> Float:
    along = end - start
    square = float(along @ along)
    share = ((x - start[0]) * along[0] + (y - start[1]) * along[1]) / square if square > 0 else 0.0
    share = np.clip(share, 0.0, 1.0)
    return np.asarray(np.hypot(x - start[0] - share * along[0], y - start[1] - share * along[1]))
