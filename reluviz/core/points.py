"""Data points drawn into an image, as the window shows them."""

import math

import numpy as np
from numpy.typing import NDArray

from reluviz.core import raster
from reluviz.core.color import Pixels, pixel
from reluviz.core.dataset import Dataset
from reluviz.core.fills import OWN
from reluviz.core.kernel import fast_bare_kernel
from reluviz.core.lines import blend
from reluviz.core.markers import MARKERS, marker_radius, point_colors, point_kinds, rim_width, ring_width, shown_points
from reluviz.core.palette import PALETTES
from reluviz.core.view import View

Float = NDArray[np.float64]


def draw_points(
    image: Pixels, view: View, dataset: Dataset, radius: float | None = None, with_test: bool = True
) -> None:
    """Draw `dataset` into image (H, W) in place: training points filled, test points hollow; radius in pixels."""
    radius = marker_radius(view.width, view.height) if radius is None else radius
    chosen = shown_points(dataset, with_test)
    sx, ox, sy, oy = raster.to_pixels(view.bounds, view.width, view.height)
    draw_markers(image, dataset.points[chosen] * (sx, sy) + (ox, oy), dataset, chosen, view.palette, radius, view.fills)


def draw_markers(
    image: Pixels,
    places: Float,
    dataset: Dataset,
    chosen: NDArray[np.int64],
    palette: str,
    radius: float,
    fills: str = OWN,
) -> None:
    """Draw the chosen points (N,) of `dataset` at places (N, 2) in pixels, wherever a view put them."""
    corners = np.array([len(marker.outline) for marker in MARKERS])
    outlines = np.zeros((len(MARKERS), corners.max(), 2))
    for outline, marker in zip(outlines, MARKERS, strict=True):
        outline[: len(marker.outline)] = marker.outline * radius
    stamp(
        image,
        places,
        point_kinds(dataset)[chosen],
        point_colors(dataset, palette, fills)[chosen],
        dataset.is_train[chosen],
        outlines,
        corners,
        pixel(PALETTES[palette].halo),
        rim_width(radius),
        ring_width(radius),
        float(np.hypot(outlines[..., 0], outlines[..., 1]).max()) + rim_width(radius) + 1.0,
    )


@fast_bare_kernel
def stamp(
    image: Pixels,
    places: Float,
    kinds: NDArray[np.int64],
    colors: Pixels,
    filled: NDArray[np.bool_],
    outlines: Float,
    corners: NDArray[np.int64],
    rim_color: int,
    rim: float,
    ring: float,
    largest: float,
) -> None:
    """Blend a marker at each place (N, 2), in pixels; outlines (K, C, 2) in pixels, of which corners[k] count.

    No marker reaches farther than `largest` pixels.
    """
    height, width = image.shape
    for i in range(len(places)):
        x, y = places[i, 0], places[i, 1]
        if not (-largest < x < width + largest and -largest < y < height + largest):
            continue
        outline = outlines[kinds[i], : corners[kinds[i]]]
        for row in range(max(0, math.floor(y - largest)), min(height, math.ceil(y + largest))):
            for column in range(max(0, math.floor(x - largest)), min(width, math.ceil(x + largest))):
                away = outside_by(outline, column + 0.5 - x, row + 0.5 - y)
                rim_cover = min(1.0, max(0.0, 0.5 + rim - away))
                if rim_cover <= 0.0:
                    continue
                inside = min(1.0, max(0.0, 0.5 - away))
                if filled[i]:
                    blend(image, row, column, rim_color, int(256 * rim_cover))
                    blend(image, row, column, colors[i], int(256 * inside))
                else:
                    blend(image, row, column, rim_color, int(160 * rim_cover))
                    band = min(1.0, max(0.0, 0.5 + 0.5 * ring - abs(away + 0.5 * ring)))
                    blend(image, row, column, colors[i], int(256 * band))


@fast_bare_kernel
def outside_by(outline: Float, x: float, y: float) -> float:
    """Return the distance of a point from a closed outline (N, 2), negative inside (even-odd rule)."""
    nearest, inside = 1e30, False
    count = len(outline)
    for i in range(count):
        ax, ay = outline[i, 0], outline[i, 1]
        bx, by = outline[(i + 1) % count, 0], outline[(i + 1) % count, 1]
        dx, dy = bx - ax, by - ay
        t = min(1.0, max(0.0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)))
        nearest = min(nearest, (x - ax - t * dx) ** 2 + (y - ay - t * dy) ** 2)
        if (ay > y) != (by > y) and x < ax + (y - ay) * dx / dy:
            inside = not inside
    return -math.sqrt(nearest) if inside else math.sqrt(nearest)
