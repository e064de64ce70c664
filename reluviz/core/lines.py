"""Kernels that draw antialiased lines into a picture, with no more ink than the eye can take."""

import math

import numpy as np
from numpy.typing import NDArray

from reluviz.core.kernel import bare_kernel, fast_bare_kernel, fast_part_kernel
from reluviz.core.memory import reserve
from reluviz.core.raster import Float, Pixels, Transform

Float32 = NDArray[np.float32]
Bytes = NDArray[np.uint8]

TILE = 16
"""Side of the squares, in pixels, in which ink is counted."""
NONE = 255
"""A byte of a distance buffer that no line came near."""


def project(segments: Float, transform: Transform) -> Float:
    """Return segments (S, 4) of the plane in pixels."""
    sx, ox, sy, oy = transform
    result: Float = reserve(segments.shape, np.float64)
    np.multiply(segments, np.array([sx, sy, sx, sy]), out=result)
    result += np.array([ox, oy, ox, oy])
    return result


def measure_ink(
    segments: Float, layers: NDArray[np.int32], strengths: Float32, layer_count: int, width: int, height: int
) -> Float32:
    """Return the line length per pixel of area, weighed by strength: (layer_count, tile rows, tile columns).

    segments (S, 4) in pixels. Ink of a layer includes that of all layers before it, and is smoothed over 3 x 3 tiles.
    """
    ink = np.zeros((layer_count, (height - 1) // TILE + 1, (width - 1) // TILE + 1), np.float32)
    smooth = np.empty_like(ink)
    _count_ink(segments, layers, strengths, ink, smooth)
    return smooth


@fast_bare_kernel
def _count_ink(segments: Float, layers: NDArray[np.int32], strengths: Float32, ink: Float32, smooth: Float32) -> None:
    layer_count, rows, columns = ink.shape
    for i in range(len(segments)):
        x0, y0 = segments[i, 0], segments[i, 1]
        dx, dy = segments[i, 2] - x0, segments[i, 3] - y0
        length = math.sqrt(dx * dx + dy * dy)
        parts = int(2 * length / TILE) + 1
        amount = np.float32(length * strengths[i] / (parts * TILE * TILE))
        for part in range(parts):
            t = (part + 0.5) / parts
            column = min(columns - 1, max(0, int((x0 + t * dx) / TILE)))
            row = min(rows - 1, max(0, int((y0 + t * dy) / TILE)))
            ink[layers[i], row, column] += amount
    for layer in range(layer_count):
        for row in range(rows):
            for column in range(columns):
                total, count = np.float32(0.0), 0
                for r in range(max(0, row - 1), min(rows, row + 2)):
                    for c in range(max(0, column - 1), min(columns, column + 2)):
                        total += ink[layer, r, c]
                        count += 1
                before = smooth[layer - 1, row, column] if layer > 0 else np.float32(0.0)
                smooth[layer, row, column] = before + total / count


def thin_out(segments: Float, layers: NDArray[np.int32], strengths: Float32, ink: Float32, limits: Float32) -> Float32:
    """Return strengths lowered where lines crowd, so that a layer and those before it leave ink up to its limit.

    limits (layers,) in line length per pixel of area. Ink is read between tile centres.
    """
    result = np.empty_like(strengths)
    _fade(segments, layers, strengths, ink, limits, result)
    return result


@fast_bare_kernel
def _fade(
    segments: Float, layers: NDArray[np.int32], strengths: Float32, ink: Float32, limits: Float32, result: Float32
) -> None:
    rows, columns = ink.shape[1], ink.shape[2]
    for i in range(len(segments)):
        x = max(0.0, min(columns - 1.0, 0.5 * (segments[i, 0] + segments[i, 2]) / TILE - 0.5))
        y = max(0.0, min(rows - 1.0, 0.5 * (segments[i, 1] + segments[i, 3]) / TILE - 0.5))
        column, row = min(columns - 1, int(x)), min(rows - 1, int(y))
        right, below = min(columns - 1, column + 1), min(rows - 1, row + 1)
        u, v = np.float32(x - column), np.float32(y - row)
        here = ink[layers[i]]
        above = here[row, column] * (1 - u) + here[row, right] * u
        under = here[below, column] * (1 - u) + here[below, right] * u
        density = above * (1 - v) + under * v
        limit = limits[layers[i]]
        result[i] = strengths[i] * (min(np.float32(1.0), limit / density) if density > 0 else np.float32(1.0))


@fast_bare_kernel
def stroke(
    image: Pixels,
    segments: Float,
    layers: NDArray[np.int32],
    alphas: Float32,
    colors: Pixels,
    widths: Float32,
    begin: int,
    end: int,
) -> None:
    """Blend lines into rows begin..end of image, deep layers first; colors and widths (pixels) are per layer.

    A line covers of each pixel what its width covers along the shorter axis (for a line y = m x + c, the overlap of
    the pixel with c +- width sqrt(1 + m^2) / 2 at the pixel's middle), so coverage sums to length times width. A
    column belongs to the piece that holds its middle: pieces of one line join without a gap or a dot. Faint lines are
    drawn finer, see `narrowing`.
    """
    for layer in range(len(colors) - 1, -1, -1):
        color = colors[layer]
        for i in range(len(segments)):
            if layers[i] == layer and alphas[i] > np.float32(0.015):
                x0, y0, x1, y1 = segments[i, 0], segments[i, 1], segments[i, 2], segments[i, 3]
                share = narrowing(alphas[i])
                if abs(x1 - x0) >= abs(y1 - y0):
                    _stroke_across(image, x0, y0, x1, y1, alphas[i] / share, color, widths[layer] * share, begin, end)
                else:
                    _stroke_down(image, x0, y0, x1, y1, alphas[i] / share, color, widths[layer] * share, begin, end)


@fast_bare_kernel
def narrowing(alpha: float) -> float:
    """Return how much finer a line of this opacity is drawn, and by how much more opaque: its ink stays the same.

    A faint fine line is crisper than a faint broad one, and where lines crowd half the pixels need blending.
    """
    return min(1.0, 0.55 + 0.9 * alpha)


@fast_part_kernel
def _stroke_across(
    image: Pixels, x0: float, y0: float, x1: float, y1: float, alpha: float, color: int, width: float, b: int, e: int
) -> None:
    if x0 > x1:
        x0, y0, x1, y1 = x1, y1, x0, y0
    first, last = max(0, math.ceil(x0 - 0.5)), min(image.shape[1], math.ceil(x1 - 0.5))
    if first >= last:
        return
    slope = (y1 - y0) / (x1 - x0)
    half = 0.5 * width * math.sqrt(1.0 + slope * slope)
    for column in range(first, last):
        middle = y0 + (column + 0.5 - x0) * slope
        low, high = middle - half, middle + half
        for row in range(max(b, math.floor(low)), min(e, math.ceil(high))):
            cover = min(high, row + 1.0) - max(low, float(row))
            blend(image, row, column, color, int(256.0 * alpha * cover + 0.5))


@fast_part_kernel
def _stroke_down(
    image: Pixels, x0: float, y0: float, x1: float, y1: float, alpha: float, color: int, width: float, b: int, e: int
) -> None:
    if y0 > y1:
        x0, y0, x1, y1 = x1, y1, x0, y0
    first, last = max(b, math.ceil(y0 - 0.5)), min(e, math.ceil(y1 - 0.5))
    if first >= last:
        return
    slope = (x1 - x0) / (y1 - y0)
    half = 0.5 * width * math.sqrt(1.0 + slope * slope)
    for row in range(first, last):
        middle = x0 + (row + 0.5 - y0) * slope
        low, high = middle - half, middle + half
        for column in range(max(0, math.floor(low)), min(image.shape[1], math.ceil(high))):
            cover = min(high, column + 1.0) - max(low, float(column))
            blend(image, row, column, color, int(256.0 * alpha * cover + 0.5))


@fast_part_kernel
def blend(image: Pixels, row: int, column: int, color: int, share: int) -> None:
    """Move a pixel `share`/256 of the way to `color`, red and blue in one multiplication."""
    old, keep = np.uint64(image[row, column]), np.uint64(256 - share)
    new, take = np.uint64(color), np.uint64(share)
    red_blue = ((old & np.uint64(0xFF00FF)) * keep + (new & np.uint64(0xFF00FF)) * take) >> np.uint64(8)
    green = ((old & np.uint64(0x00FF00)) * keep + (new & np.uint64(0x00FF00)) * take) >> np.uint64(8)
    image[row, column] = np.uint32(
        np.uint64(0xFF000000) | (red_blue & np.uint64(0xFF00FF)) | (green & np.uint64(0x00FF00))
    )


@fast_bare_kernel
def mark_distance(distances: Bytes, segments: Float, reach: float, begin: int, end: int) -> None:
    """Lower each byte of distances (H, W) to the distance from the nearest segment, in 1/250 of `reach` pixels.

    Segments (S, 4) in pixels have round ends, and where many meet nothing is drawn twice.
    """
    width = distances.shape[1]
    for i in range(len(segments)):
        x0, y0 = segments[i, 0], segments[i, 1]
        dx, dy = segments[i, 2] - x0, segments[i, 3] - y0
        square = dx * dx + dy * dy
        row_begin = max(begin, math.floor(min(y0, y0 + dy) - reach))
        row_end = min(end, math.ceil(max(y0, y0 + dy) + reach))
        for row in range(row_begin, row_end):
            # The columns of this row that the segment's band can reach.
            low, high = min(x0, x0 + dx), max(x0, x0 + dx)
            if abs(dy) > 1e-9:
                t0 = min(1.0, max(0.0, (row + 0.5 - reach - y0) / dy))
                t1 = min(1.0, max(0.0, (row + 0.5 + reach - y0) / dy))
                low, high = x0 + min(t0 * dx, t1 * dx), x0 + max(t0 * dx, t1 * dx)
            for column in range(max(0, math.floor(low - reach)), min(width, math.ceil(high + reach))):
                px, py = column + 0.5 - x0, row + 0.5 - y0
                t = min(1.0, max(0.0, (px * dx + py * dy) / square)) if square > 0 else 0.0
                away = math.sqrt((px - t * dx) ** 2 + (py - t * dy) ** 2) * 250.0 / reach
                if away < distances[row, column]:
                    distances[row, column] = np.uint8(away)


@bare_kernel
def paint_distance(
    image: Pixels, distances: Bytes, halo: int, core: int, halo_shares: NDArray[np.int64],
    core_shares: NDArray[np.int64], begin: int, end: int
) -> None:  # fmt: skip
    """Blend first `halo`, then `core` into each pixel, by shares (256,) in 1/256 for each byte of distances."""
    for row in range(begin, end):
        for column in range(image.shape[1]):
            byte = distances[row, column]
            if byte != NONE:
                if halo_shares[byte] > 0:
                    blend(image, row, column, halo, halo_shares[byte])
                if core_shares[byte] > 0:
                    blend(image, row, column, core, core_shares[byte])


def shares(reach: float, half_width: float, opacity: float) -> NDArray[np.int64]:
    """Return (256,) shares in 1/256 of a line of `half_width` pixels for bytes of `mark_distance` with `reach`."""
    away = (np.arange(256) + 0.5) * reach / 250.0
    result: NDArray[np.int64] = np.rint(256 * opacity * np.clip(half_width - away + 0.5, 0.0, 1.0)).astype(np.int64)
    return result
