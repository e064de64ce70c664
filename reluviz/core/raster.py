"""Kernels that turn regions into pixels: which region owns a pixel centre, and what colour it gets.

A pixel (row r, column c) is its centre, (c + 1/2, r + 1/2) in pixels with row 0 on top. All kernels work on rows
begin..end of a picture, so that several threads can each draw a band of it.
"""

import math

import numpy as np
from numpy.typing import NDArray

from reluviz.core.kernel import fast_kernel, kernel
from reluviz.core.view import Bounds

Ids = NDArray[np.int32]
Pixels = NDArray[np.uint32]
Float = NDArray[np.float64]
Transform = tuple[float, float, float, float]
"""sx, ox, sy, oy: column = sx x + ox, row = sy y + oy."""


def to_pixels(bounds: Bounds, width: int, height: int) -> Transform:
    """Return the map from the plane to pixels: xmin and ymax go to 0, xmax to width, ymin to height."""
    xmin, xmax, ymin, ymax = bounds
    sx, sy = width / (xmax - xmin), height / (ymax - ymin)
    return sx, -xmin * sx, -sy, ymax * sy


@kernel
def fill_ids(ids: Ids, vertices: Float, offsets: NDArray[np.int64], bounds: Bounds, begin: int, end: int) -> None:
    """Write into ids (H, W) the region that owns each pixel centre of rows begin..end.

    Each ring edge is walked down its scanlines once, from its upper end, so that two regions compute the same bits for
    an edge they share. Which side of the ring an edge bounds follows from the ring running counter-clockwise. A
    centre on an edge goes to the region on its right, or below. Centres that rounding leaves between two regions
    (where one's corner lies on the other's side) take the neighbour on their left, or the one above.
    """
    height, width = ids.shape
    xmin, xmax, ymin, ymax = bounds
    sx, sy = width / (xmax - xmin), height / (ymax - ymin)
    left, right = np.empty(height), np.empty(height)
    ids[begin:end] = -1
    for region in range(len(offsets) - 1):
        first, last = offsets[region], offsets[region + 1]
        top, bottom = np.inf, -np.inf
        for i in range(first, last):
            y = (ymax - vertices[i, 1]) * sy
            top, bottom = min(top, y), max(bottom, y)
        row_begin = max(begin, math.ceil(top - 0.5))
        row_end = min(end, math.ceil(bottom - 0.5))
        if row_begin >= row_end:
            continue
        for row in range(row_begin, row_end):
            left[row], right[row] = np.inf, -np.inf
        x0 = (vertices[last - 1, 0] - xmin) * sx
        y0 = (ymax - vertices[last - 1, 1]) * sy
        for i in range(first, last):
            x1 = (vertices[i, 0] - xmin) * sx
            y1 = (ymax - vertices[i, 1]) * sy
            if y1 > y0:
                edge_begin, edge_end = max(begin, math.ceil(y0 - 0.5)), min(end, math.ceil(y1 - 0.5))
                if edge_begin < edge_end:
                    slope = (x1 - x0) / (y1 - y0)
                    low, high = min(x0, x1), max(x0, x1)
                    for row in range(edge_begin, edge_end):
                        left[row] = min(high, max(low, x0 + (row + 0.5 - y0) * slope))
            elif y1 < y0:
                edge_begin, edge_end = max(begin, math.ceil(y1 - 0.5)), min(end, math.ceil(y0 - 0.5))
                if edge_begin < edge_end:
                    slope = (x0 - x1) / (y0 - y1)
                    low, high = min(x0, x1), max(x0, x1)
                    for row in range(edge_begin, edge_end):
                        right[row] = min(high, max(low, x1 + (row + 0.5 - y1) * slope))
            x0, y0 = x1, y1
        for row in range(row_begin, row_end):
            # An empty span has left = inf and right = -inf; the casts come after the clamps.
            span_begin = int(max(0.0, math.ceil(min(left[row], width + 1.0) - 0.5)))
            span_end = int(min(float(width), math.ceil(max(right[row], -1.0) - 0.5)))
            for column in range(span_begin, span_end):
                ids[row, column] = region
    close_gaps(ids, begin, end)


@kernel
def close_gaps(ids: Ids, begin: int, end: int) -> None:
    """Give pixels of rows begin..end that no region took (-1) to a neighbour, see `fill_ids`."""
    width = ids.shape[1]
    for row in range(begin, end):
        for column in range(width):
            if ids[row, column] >= 0:
                continue
            run = column
            while run < width and ids[row, run] < 0:
                run += 1
            # A gap along a level edge is as long as the edge: its owner is the row above. Any other is one pixel.
            is_long = run - column > 2 or run - column == width
            for c in range(column, run):
                if is_long:
                    ids[row, c] = ids[row - 1, c] if row > begin else -1
                else:
                    ids[row, c] = ids[row, column - 1] if column > 0 else ids[row, run]
    # A level gap in the band's first row has no row above in this band.
    for row in range(end - 2, begin - 1, -1):
        for column in range(width):
            if ids[row, column] < 0:
                ids[row, column] = ids[row + 1, column]


@kernel
def paint_flat(image: Pixels, ids: Ids, colors: Pixels, begin: int, end: int) -> None:
    """Give each pixel of rows begin..end its region's colour; colors (count,)."""
    for row in range(begin, end):
        for column in range(image.shape[1]):
            image[row, column] = colors[ids[row, column]]


@fast_kernel
def paint_scalar(image: Pixels, ids: Ids, maps: NDArray[np.float32], lut: Pixels, begin: int, end: int) -> None:
    """Colour each pixel by one affine function per region.

    maps (count, 3): gradient per column and per row, and the value at the picture's corner, scaled so that 0..1 runs
    over lut (N,); beyond, the end colours hold.
    """
    size = len(lut)
    for row in range(begin, end):
        y = np.float32(row + 0.5)
        for column in range(image.shape[1]):
            m = maps[ids[row, column]]
            value = m[0] * np.float32(column + 0.5) + (m[1] * y + m[2])
            value = min(np.float32(1.0), max(np.float32(0.0), value))
            image[row, column] = lut[np.int32(value * np.float32(size - 1) + np.float32(0.5))]


@fast_kernel
def paint_classes(
    image: Pixels, ids: Ids, maps: NDArray[np.float32], luts: NDArray[np.uint32], begin: int, end: int
) -> None:
    """Colour each pixel by its largest output, the stronger the farther ahead of the runner-up it is.

    maps (count, outputs, 3) as in `paint_scalar`, a margin of 1 reaching the end of luts (outputs, N).
    """
    outputs, size = maps.shape[1], luts.shape[1]
    for row in range(begin, end):
        y = np.float32(row + 0.5)
        for column in range(image.shape[1]):
            x = np.float32(column + 0.5)
            region = ids[row, column]
            best, second, winner = np.float32(-3e38), np.float32(-3e38), 0
            for k in range(outputs):
                value = maps[region, k, 0] * x + maps[region, k, 1] * y + maps[region, k, 2]
                if value > best:
                    best, second, winner = value, best, k
                elif value > second:
                    second = value
            margin = min(np.float32(1.0), best - second)
            image[row, column] = luts[winner, np.int32(margin * np.float32(size - 1) + np.float32(0.5))]


@fast_kernel
def paint_rgb(image: Pixels, ids: Ids, maps: NDArray[np.float32], begin: int, end: int) -> None:
    """Colour each pixel by three affine functions per region, red, green and blue in 0..1; maps (count, 3, 3)."""
    for row in range(begin, end):
        y = np.float32(row + 0.5)
        for column in range(image.shape[1]):
            x = np.float32(column + 0.5)
            region = ids[row, column]
            color = np.uint32(0xFF)
            for k in range(3):
                value = maps[region, k, 0] * x + maps[region, k, 1] * y + maps[region, k, 2]
                value = min(np.float32(1.0), max(np.float32(0.0), value))
                color = color << np.uint32(8) | np.uint32(value * np.float32(255.0) + np.float32(0.5))
            image[row, column] = color


def affine_in_pixels(gradients: Float, intercepts: Float, bounds: Bounds, width: int, height: int) -> Float:
    """Return (..., 3) f64 (per column, per row, at the corner) of functions g.x + c with g (..., 2) and c (...)."""
    xmin, xmax, ymin, ymax = bounds
    dx, dy = (xmax - xmin) / width, (ymax - ymin) / height
    corner = gradients[..., 0] * xmin + gradients[..., 1] * ymax + intercepts
    return np.stack([gradients[..., 0] * dx, -gradients[..., 1] * dy, corner], axis=-1)
