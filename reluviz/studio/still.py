"""still: a picture with its data points, as an image for a file."""

import math
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from reluviz.core.coloring import value_lut, value_scale
from reluviz.core.dataset import Dataset
from reluviz.core.palette import PALETTES
from reluviz.core.picture import Picture
from reluviz.core.view import View

MOST_POINTS = 2_000
SHADES = 24
# Markers are cut at four places within a pixel and painted eight times as large: points then sit where they are.
PLACES, OVERSAMPLING = 4, 8
# (corners, turned by, every second corner drawn in to): a class is known by its shape, never by hue alone.
_MARKERS = ((64, 0.0, 1.0), (4, 45.0, 1.0), (3, 180.0, 1.0), (4, 0.0, 1.0), (5, 0.0, 1.0), (10, 0.0, 0.45))

Rgb = tuple[int, int, int]


def still(picture: Picture, dataset: Dataset | None = None) -> Image.Image:
    """Return the picture as an RGB image, with the points of `dataset` on it; training points filled, test hollow."""
    rgb = np.ascontiguousarray(picture.image).view(np.uint8).reshape(*picture.image.shape, 4)[..., 2::-1]
    image = Image.fromarray(np.ascontiguousarray(rgb))
    if dataset is not None:
        draw_points(image, dataset, picture.view)
    return image


def draw_points(image: Image.Image, dataset: Dataset, view: View) -> None:
    """Draw at most 2,000 points of `dataset`, a fixed choice, where `view` has them."""
    xmin, xmax, ymin, ymax = view.bounds
    order = np.random.default_rng(0).permutation(len(dataset.points))[:MOST_POINTS]
    inside = [i for i in order if xmin <= dataset.points[i, 0] <= xmax and ymin <= dataset.points[i, 1] <= ymax]
    radius = max(2.0, min(image.size) / 200.0)
    halo = _rgb(PALETTES[view.palette].halo)
    colors = _colors(dataset, view.palette)
    for i in inside:
        x = (dataset.points[i, 0] - xmin) / (xmax - xmin) * image.width
        y = (ymax - dataset.points[i, 1]) / (ymax - ymin) * image.height
        kind = int(dataset.targets[i]) % len(_MARKERS) if dataset.is_classes else 0
        _stamp(image, x, y, radius * 1.35, kind, halo)
        _stamp(image, x, y, radius, kind, colors[i])
        if not dataset.is_train[i]:
            _stamp(image, x, y, radius * 0.55, kind, halo)


def _stamp(image: Image.Image, x: float, y: float, radius: float, kind: int, color: Rgb) -> None:
    column, row = math.floor(x), math.floor(y)
    mask = _mask(kind, round(radius, 2), int((x - column) * PLACES), int((y - row) * PLACES))
    image.paste(color, (column - mask.width // 2, row - mask.height // 2), mask)


@cache
def _mask(kind: int, radius: float, place_x: int, place_y: int) -> Image.Image:
    """Return how much of each pixel a marker covers; its centre lies in the middle pixel, at the given place."""
    corners, turn, inner = _MARKERS[kind]
    side = 2 * math.ceil(radius + 1.5) + 1
    large = Image.new("L", (side * OVERSAMPLING, side * OVERSAMPLING))
    x, y = (side // 2 + (place + 0.5) / PLACES for place in (place_x, place_y))
    angles = [math.radians(turn + 360.0 * corner / corners) for corner in range(corners)]
    reach = [radius * (inner if corner % 2 else 1.0) for corner in range(corners)]
    # Shapes with few corners cover less than a disc of the same radius; a little more makes them look alike.
    scale = OVERSAMPLING * (1.0 if corners > 10 else 1.25)
    outline = [
        (x * OVERSAMPLING + scale * r * math.sin(a), y * OVERSAMPLING - scale * r * math.cos(a))
        for a, r in zip(angles, reach, strict=True)
    ]
    ImageDraw.Draw(large).polygon(outline, fill=255)
    return large.resize((side, side), Image.Resampling.BOX)


def _colors(dataset: Dataset, palette: str) -> list[Rgb]:
    if dataset.is_classes:
        names = PALETTES[palette].classes
        return [_rgb(names[label % len(names)]) for label in dataset.targets.tolist()]
    low, high = value_scale(dataset) or (0.0, 1.0)
    shares: NDArray[Any] = np.clip((dataset.targets - low) / max(high - low, 1e-300), 0.0, 1.0)
    if dataset.targets.shape[1] == 3:
        return [(int(r), int(g), int(b)) for r, g, b in (255 * shares).round().tolist()]
    lut = value_lut(palette)
    pixels = [int(lut[round(share * (len(lut) - 1))]) for share in shares[:, 0].tolist()]
    return [((p >> 16) & 255, (p >> 8) & 255, p & 255) for p in pixels]


def _rgb(color: str) -> Rgb:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
