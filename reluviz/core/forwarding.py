"""From a layer's affine map on a cell to the next layer's: once for a parent cell, rank-one updates for its parts."""

import numpy as np
from numpy.typing import NDArray

from reluviz.core.kernel import inlined_kernel, summing_kernel
from reluviz.core.packing import GX, GY, SIZE, C, Layers, Path

Float = NDArray[np.float64]
Int = NDArray[np.int32]
Bytes = NDArray[np.int8]


@inlined_kernel
def _activate(
    gx: Float,
    gy: Float,
    c: Float,
    size: Float,
    pieces: Bytes,
    slopes: Float,
    intercepts: Float,
    breaks: int,
    half: tuple[float, float],
    terms: Float,
    slope: Float,
    intercept: Float,
    active: Bytes,
    values: Float,
) -> None:
    """Compute the layer's map after its activation, values (4, width), and which units of it are not zero.

    terms is what a pre-activation's own terms amount to over the box or, where these cancel, what rounding in it
    weighs: SIZE / sqrt(width), as errors of either sign do.
    """
    n = len(gx)
    share = 1.0 / np.sqrt(n)
    for j in range(n):
        slope[j], intercept[j] = slopes[0], intercepts[0]
        terms[j] = max(abs(gx[j]) * half[0] + abs(gy[j]) * half[1] + abs(c[j]), size[j] * share)
    for b in range(breaks):
        upper_slope, upper_intercept = slopes[b + 1], intercepts[b + 1]
        for j in range(n):
            slope[j] = upper_slope if pieces[j] > b else slope[j]
            intercept[j] = upper_intercept if pieces[j] > b else intercept[j]
    x, y, z, s = values[GX], values[GY], values[C], values[SIZE]
    for j in range(n):
        x[j] = slope[j] * gx[j]
        y[j] = slope[j] * gy[j]
        z[j] = slope[j] * c[j] + intercept[j]
        s[j] = abs(slope[j]) * terms[j] + abs(intercept[j])
    for j in range(n):
        active[j] = int(slope[j] != 0.0) | int(intercept[j] != 0.0)


@inlined_kernel
def _add_columns(columns: Float, chosen: Int, number: int, values: Float, result: Float, n: int) -> None:
    """Add to the next layer's map (4, n) the chosen units' values times their weights.

    columns holds the weights to the n following units, column after column.
    """
    gx, gy, c, size = result[GX, :n], result[GY, :n], result[C, :n], result[SIZE, :n]
    k = 0
    # Two at a time: half the loads and stores of the four rows.
    while k < number:
        unit, other = chosen[k], chosen[k]
        x2, y2, z2, s2 = 0.0, 0.0, 0.0, 0.0
        if k + 1 < number:
            other = chosen[k + 1]
            x2, y2, z2, s2 = values[GX, other], values[GY, other], values[C, other], values[SIZE, other]
        x, y, z, s = values[GX, unit], values[GY, unit], values[C, unit], values[SIZE, unit]
        first, second = columns[unit * n : unit * n + n], columns[other * n : other * n + n]
        for o in range(n):
            w, w2 = first[o], second[o]
            gx[o] = (gx[o] + w * x) + w2 * x2
            gy[o] = (gy[o] + w * y) + w2 * y2
            c[o] = (c[o] + w * z) + w2 * z2
            size[o] = (size[o] + abs(w) * s) + abs(w2) * s2
        k += 2


@inlined_kernel
def push_forward(layers: Layers, path: Path, half: tuple[float, float], layer: int) -> None:
    """Compute the next layer's map where every unit of this layer is on its base piece."""
    width, first = layers.widths[layer], layers.units[layer]
    rows, values = path.rows[layer], path.values
    active = path.active
    _activate(
        rows[GX, :width],
        rows[GY, :width],
        rows[C, :width],
        rows[SIZE, :width],
        path.base[first : first + width],
        layers.slopes[layer],
        layers.intercepts[layer],
        layers.breaks[layer],
        half,
        path.terms[layer, :width],
        path.slope,
        path.intercept,
        active,
        values,
    )
    result = path.base_rows[layer + 1]
    following, first = layers.widths[layer + 1], layers.units[layer + 1]
    columns = layers.columns[layers.starts[layer + 1] :]
    for o in range(following):
        bias = layers.biases[first + o]
        result[GX, o], result[GY, o], result[C, o], result[SIZE, o] = 0.0, 0.0, bias, abs(bias)
    if layer + 2 == len(layers.widths):
        for o in range(following):
            sums = _weighted_sums(columns[o:], following, values, width)
            for row in range(4):
                result[row, o] += sums[row]
        return
    number = 0
    for j in range(width):
        path.chosen[number] = j
        number += active[j]
    _add_columns(columns, path.chosen, number, values, result, following)


@summing_kernel
def _weighted_sums(weights: Float, stride: int, values: Float, width: int) -> tuple[float, float, float, float]:
    """Return the sums over a layer's units of weight times each row of values, and for SIZE of |weight|."""
    gx, gy, c, size = values[GX, :width], values[GY, :width], values[C, :width], values[SIZE, :width]
    x, y, z, s = 0.0, 0.0, 0.0, 0.0
    if stride == 1:
        for j in range(width):
            x += weights[j] * gx[j]
            y += weights[j] * gy[j]
            z += weights[j] * c[j]
            s += abs(weights[j]) * size[j]
        return x, y, z, s
    for j in range(width):
        w = weights[j * stride]
        x += w * gx[j]
        y += w * gy[j]
        z += w * c[j]
        s += abs(w) * size[j]
    return x, y, z, s


@inlined_kernel
def descend(layers: Layers, path: Path, layer: int) -> None:
    """Compute the next layer's map on the present cell from that of its parent's base."""
    result, source = path.rows[layer + 1], path.base_rows[layer + 1]
    following, first = layers.widths[layer + 1], layers.units[layer]
    for row in range(4):
        for o in range(following):
            result[row, o] = source[row, o]
    rows, values, number = path.rows[layer], path.values, 0
    for k in range(path.crossings[layer]):
        unit = path.crossing[layer, k, 0]
        piece, before = path.current[first + unit], path.base[first + unit]
        # A unit with several breakpoints is listed once for each; it moves at the last one that it passed.
        if piece != before and path.crossing[layer, k, 1] == piece - 1:
            slope, intercept = layers.slopes[layer, piece], layers.intercepts[layer, piece]
            values[SIZE, unit] = abs(slope) * path.terms[layer, unit] + abs(intercept)
            slope -= layers.slopes[layer, before]
            intercept -= layers.intercepts[layer, before]
            values[GX, unit], values[GY, unit] = slope * rows[GX, unit], slope * rows[GY, unit]
            values[C, unit] = slope * rows[C, unit] + intercept
            path.chosen[number] = unit
            number += 1
    _add_columns(layers.columns[layers.starts[layer + 1] :], path.chosen, number, values, result, following)
