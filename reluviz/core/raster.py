"""Kernels that turn regions into pixels: which region owns a pixel centre, and what colour it gets.

A pixel (row r, column c) is its centre, (c + 1/2, r + 1/2) in pixels with row 0 on top. All kernels work on rows
begin..end of a picture, so that several threads can each draw a band of it.
"""

import math

import numpy as np
from numpy.typing import NDArray

from reluviz.core.kernel import bare_kernel, fast_bare_kernel
from reluviz.core.lanes import peek, poke
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


def fill_ids(ids: Ids, vertices: Float, offsets: NDArray[np.int64], bounds: Bounds, begin: int, end: int) -> None:
    """Write into ids (H, W) the region that owns each pixel centre of rows begin..end.

    Each ring edge is walked down its scanlines once, from its upper end, so that two regions compute the same bits for
    an edge they share. Which side of the ring an edge bounds follows from the ring running counter-clockwise. A
    centre on an edge goes to the region on its right, or below. Centres that rounding leaves between two regions
    (where one's corner lies on the other's side) take the neighbour on their left, or the one above.
    """
    longest = int(np.diff(offsets).max(initial=0))
    x, y, rows = np.empty(longest + 1), np.empty(longest + 1), np.empty(longest + 1, np.int64)
    left, right = np.empty(len(ids)), np.empty(len(ids))
    _fill_ids(ids, vertices, offsets, bounds, begin, end, x, y, rows, left, right)
    close_gaps(ids, begin, end)


@bare_kernel
def _fill_ids(
    ids: Ids,
    vertices: Float,
    offsets: NDArray[np.int64],
    bounds: Bounds,
    begin: int,
    end: int,
    x: Float,
    y: Float,
    rows: NDArray[np.int64],
    left: Float,
    right: Float,
) -> None:
    """See `fill_ids`; x, y and rows have room for the longest ring and one, left and right for each row."""
    height, width = ids.shape
    xmin, xmax, ymin, ymax = bounds
    sx, sy = width / (xmax - xmin), height / (ymax - ymin)
    for row in range(begin, end):
        for column in range(width):
            ids[row, column] = -1
    for region in range(len(offsets) - 1):
        first, count = peek(offsets, region), peek(offsets, region + 1) - peek(offsets, region)
        row_begin, row_end = end, begin
        for i in range(count):
            across, down = (
                (peek(vertices, 2 * (first + i)) - xmin) * sx,
                (ymax - peek(vertices, 2 * (first + i) + 1)) * sy,
            )
            # The first row whose centres are not above this corner.
            row = min(end, max(begin, math.ceil(down - 0.5)))
            poke(x, i, across)
            poke(y, i, down)
            poke(rows, i, row)
            row_begin, row_end = min(row_begin, row), max(row_end, row)
        if row_begin >= row_end:
            continue
        xb, yb, row_b = peek(x, 0), peek(y, 0), peek(rows, 0)
        poke(x, count, xb)
        poke(y, count, yb)
        poke(rows, count, row_b)
        # The ring is closed, so each row from row_begin to row_end gets a left and a right end.
        for i in range(1, count + 1):
            xa, ya, row_a = xb, yb, row_b
            xb, yb, row_b = peek(x, i), peek(y, i), peek(rows, i)
            low, high = min(xa, xb), max(xa, xb)
            if row_a < row_b:
                slope = (xb - xa) / (yb - ya)
                for row in range(row_a, row_b):
                    poke(left, row, min(high, max(low, xa + (row + 0.5 - ya) * slope)))
            elif row_a > row_b:
                slope = (xa - xb) / (ya - yb)
                for row in range(row_b, row_a):
                    poke(right, row, min(high, max(low, xb + (row + 0.5 - yb) * slope)))
        for row in range(row_begin, row_end):
            begin_column = max(0, math.ceil(peek(left, row) - 0.5))
            for column in range(begin_column, min(width, math.ceil(peek(right, row) - 0.5))):
                poke(ids, row * width + column, np.int32(region))


@bare_kernel
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


@bare_kernel
def paint_flat(image: Pixels, ids: Ids, colors: Pixels, begin: int, end: int) -> None:
    """Give each pixel of rows begin..end its region's colour; colors (count,)."""
    for row in range(begin, end):
        for column in range(image.shape[1]):
            image[row, column] = colors[ids[row, column]]


@fast_bare_kernel
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


@fast_bare_kernel
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


@fast_bare_kernel
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
