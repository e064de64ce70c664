"""Kernels that paint many overlapping translucent polygons in time that does not grow with their area.

Each edge adds its signed cover to the pixels it passes; a running sum along the row then gives, at every pixel, how
many polygons lie there (in 1/256) and the sum of their colours: the accumulation of Raph Levien's font-rs, carried
from one glyph's cover to sums over all polygons. Numbers are whole, so nothing drifts along a row, and order is of no
matter, so nothing flickers when a plane folds over itself.
"""

import math

import numpy as np
from numpy.typing import NDArray

from reluviz.core.kernel import fast_kernel, kernel

Float = NDArray[np.float64]
Pixels = NDArray[np.uint32]
Sums = NDArray[np.int64]


@kernel
def pile_up(sums: Sums, vertices: Float, offsets: NDArray[np.int64], colors: Pixels) -> None:
    """Add convex polygons to sums (H, W + 2, 2): red << 32 | green, and blue << 32 | 1, each times cover in 1/256.

    vertices (V, 2) are (column, row) in pixels, either way round; colors (count,).
    """
    for region in range(len(offsets) - 1):
        begin, end = offsets[region], offsets[region + 1]
        twice = 0.0
        x0, y0 = vertices[end - 1, 0], vertices[end - 1, 1]
        xa, ya = x0, y0
        for i in range(begin, end):
            x1, y1 = vertices[i, 0], vertices[i, 1]
            twice += (x0 - xa) * (y1 - ya) - (x1 - xa) * (y0 - ya)
            x0, y0 = x1, y1
        if twice == 0.0:
            continue
        sign = 1 if twice < 0.0 else -1
        color = int(colors[region])
        first = (color >> 16 & 255) << 32 | color >> 8 & 255
        second = (color & 255) << 32 | 1
        x0, y0 = vertices[end - 1, 0], vertices[end - 1, 1]
        for i in range(begin, end):
            x1, y1 = vertices[i, 0], vertices[i, 1]
            _add_clipped(sums, x0, y0, x1, y1, sign, first, second)
            x0, y0 = x1, y1


@kernel
def _add_clipped(sums: Sums, x0: float, y0: float, x1: float, y1: float, sign: int, first: int, second: int) -> None:
    """Add one edge; what lies left of the picture counts along its left side, what lies right of it is left out."""
    columns = float(sums.shape[1] - 2)
    low, high = min(x0, x1), max(x0, x1)
    if low >= 0.0 and high <= columns:
        _add_edge(sums, x0, y0, x1, y1, sign, first, second)
        return
    # Cut where the edge crosses the left and the right side, in the order in which it does.
    near, far = (0.0, columns) if x0 < x1 else (columns, 0.0)
    xa, ya = x0, y0
    for part in range(3):
        if part < 2:
            side = near if part == 0 else far
            if not low < side < high:
                continue
            xb, yb = side, y0 + (side - x0) * ((y1 - y0) / (x1 - x0))
        else:
            xb, yb = x1, y1
        u, v = min(columns, max(0.0, xa)), min(columns, max(0.0, xb))
        _add_edge(sums, u, ya, v, yb, sign, first, second)
        xa, ya = xb, yb


@kernel
def _add_edge(sums: Sums, x0: float, y0: float, x1: float, y1: float, sign: int, first: int, second: int) -> None:
    """Add one edge; rows are cut in 1/256 of a pixel, so that what edges add along a row ends at 0 exactly."""
    limit = 256.0 * sums.shape[0]
    ya, yb = round(min(limit, max(0.0, 256.0 * y0))), round(min(limit, max(0.0, 256.0 * y1)))
    if ya == yb:
        return
    if ya > yb:
        x0, y0, x1, y1, ya, yb, sign = x1, y1, x0, y0, yb, ya, -sign
    slope = (x1 - x0) / (256.0 * (y1 - y0))
    low, high = min(x0, x1), max(x0, x1)
    top = 256.0 * y0
    for row in range(ya >> 8, ((yb - 1) >> 8) + 1):
        begin, end = max(ya, row << 8), min(yb, (row + 1) << 8)
        amount = sign * (end - begin)
        u = min(high, max(low, x0 + (begin - top) * slope))
        v = min(high, max(low, x0 + (end - top) * slope))
        left, right = min(u, v), max(u, v)
        c = int(left)
        if right <= c + 1:
            part = round(amount * (0.5 * (left + right) - c))
            _add(sums, row, c, amount - part, first, second)
            _add(sums, row, c + 1, part, first, second)
            continue
        # The share of the edge left of column boundary c + k, as the area under it in each column.
        scale, done, before = 1.0 / (right - left), 0, 0.0
        last = math.ceil(right) - 1
        for column in range(c, last + 1):
            p, q = max(left, float(column)), min(right, column + 1.0)
            # Cover in this column: what passed before counts fully, what passes here by how far left it is.
            cover = (p - left) * scale + (q - p) * scale * (column + 1.0 - 0.5 * (p + q))
            part = round(amount * (cover - before))
            _add(sums, row, column, part, first, second)
            before, done = cover, done + part
        _add(sums, row, last + 1, amount - done, first, second)


@kernel
def _add(sums: Sums, row: int, column: int, amount: int, first: int, second: int) -> None:
    sums[row, column, 0] += amount * first
    sums[row, column, 1] += amount * second


@fast_kernel
def resolve_pile(image: Pixels, overlap: NDArray[np.float32], sums: Sums, opacity: NDArray[np.float32]) -> None:
    """Blend the mean colour of each pixel's polygons over image (H, W), which holds the background.

    overlap (H, W) receives how many lie there. opacity (N,) is the opacity of 0, 1/16, 2/16, ... polygons, the last for
    more.
    """
    most = np.float32(len(opacity) - 1)
    for row in range(image.shape[0]):
        first, second = np.int64(0), np.int64(0)
        for column in range(image.shape[1]):
            first += sums[row, column, 0]
            second += sums[row, column, 1]
            cover = np.int32(second & 0xFFFFFFFF)
            if cover <= 0:
                overlap[row, column] = np.float32(0.0)
                continue
            count = np.float32(cover) * np.float32(1.0 / 256.0)
            overlap[row, column] = count
            share = np.float32(1.0) / np.float32(cover)
            # The lower halves are signed: where rounding made one -1, the upper half lent 1.
            low = np.int32(first & 0xFFFFFFFF)
            g = max(np.float32(0.0), np.float32(low) * share)
            r = max(np.float32(0.0), np.float32((first - low) >> 32) * share)
            b = max(np.float32(0.0), np.float32((second - cover) >> 32) * share)
            alpha = opacity[np.int32(min(most, count * np.float32(16.0) + np.float32(0.5)))]
            back = image[row, column]
            r0, g0, b0 = np.float32(back >> 16 & 255), np.float32(back >> 8 & 255), np.float32(back & 255)
            half, top = np.float32(0.5), np.float32(255.0)
            r8 = np.uint32(min(top, r0 + (r - r0) * alpha) + half)
            g8 = np.uint32(min(top, g0 + (g - g0) * alpha) + half)
            b8 = np.uint32(min(top, b0 + (b - b0) * alpha) + half)
            image[row, column] = np.uint32(0xFF000000) | r8 << np.uint32(16) | g8 << np.uint32(8) | b8
