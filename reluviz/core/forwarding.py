"""From a layer's affine map on a cell to the next layer's: once for a parent cell, rank-one updates for its parts."""

import numpy as np
from numpy.typing import NDArray

from reluviz.core.kernel import inlined_kernel, summing_kernel
from reluviz.core.packing import GX, GY, SIZE, C, Layers, Path

Float = NDArray[np.float64]
Int = NDArray[np.int32]
Bytes = NDArray[np.int8]


@inlined_kernel
def _look_up(
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
) -> None:
    """Look up each unit's slope and intercept, and what the terms of its pre-activation amount to over the box.

    Where these cancel, what rounding in them weighs counts: SIZE / sqrt(width), as errors of either sign do.
    """
    n = len(gx)
    share = 1.0 / np.sqrt(n)
    for j in range(n):
        terms[j] = max(abs(gx[j]) * half[0] + abs(gy[j]) * half[1] + abs(c[j]), size[j] * share)
    for j in range(n):
        slope[j] = slopes[0]
    for j in range(n):
        intercept[j] = intercepts[0]
    for b in range(breaks):
        upper = slopes[b + 1]
        for j in range(n):
            slope[j] = upper if pieces[j] > b else slope[j]
        upper = intercepts[b + 1]
        for j in range(n):
            intercept[j] = upper if pieces[j] > b else intercept[j]


@inlined_kernel
def _activate(
    gx: Float,
    gy: Float,
    c: Float,
    terms: Float,
    slope: Float,
    intercept: Float,
    active: Bytes,
    values: Float,
) -> None:
    """Compute the layer's map after its activation, values (4, width), and which units of it are not zero.

    Loops write one array each: LLVM checks at run time that arrays do not overlap and gives up on vectors where more
    than 8 checks are needed, which doubled the time of all.
    """
    n = len(gx)
    x, y, z, s = values[GX, :n], values[GY, :n], values[C, :n], values[SIZE, :n]
    for j in range(n):
        x[j] = slope[j] * gx[j]
    for j in range(n):
        y[j] = slope[j] * gy[j]
    for j in range(n):
        z[j] = slope[j] * c[j] + intercept[j]
    for j in range(n):
        s[j] = abs(slope[j]) * terms[j] + abs(intercept[j])
    for j in range(n):
        active[j] = int(slope[j] != 0.0) | int(intercept[j] != 0.0)


@summing_kernel
def _weighted_sums(
    weights: Float,
    stride: int,
    gx: Float,
    gy: Float,
    c: Float,
    terms: Float,
    slope: Float,
    intercept: Float,
) -> tuple[float, float, float, float]:
    """Return the sums over a layer's units of weight times value, for gx, gy, the constant, and |weight| * |value|."""
    x, y, z, s = 0.0, 0.0, 0.0, 0.0
    if stride == 1:
        for j in range(len(gx)):
            w = weights[j] * slope[j]
            v = weights[j] * intercept[j]
            x += w * gx[j]
            y += w * gy[j]
            z += w * c[j] + v
            s += abs(w) * terms[j] + abs(v)
        return x, y, z, s
    for j in range(len(gx)):
        w = weights[j * stride] * slope[j]
        v = weights[j * stride] * intercept[j]
        x += w * gx[j]
        y += w * gy[j]
        z += w * c[j] + v
        s += abs(w) * terms[j] + abs(v)
    return x, y, z, s


@inlined_kernel
def _add_columns(columns: Float, active: Bytes, chosen: Int, values: Float, result: Float, n: int) -> None:
    """Add to the next layer's map (4, n) the active units' values times their weights.

    columns holds the weights to the n following units, column after column; chosen is working space.
    """
    gx, gy, c, size = result[GX, :n], result[GY, :n], result[C, :n], result[SIZE, :n]
    number, k = 0, 0
    for j in range(len(active)):
        # Written always, counted when needed: no branch for a predictor to miss.
        chosen[number] = j
        number += active[j]
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
    """Compute the next layer's map, in slot 0, where every unit of this layer is on its present piece."""
    width, unit = layers.widths[layer], layers.units[layer]
    rows, values = path.rows[layer, path.slots[layer]], path.values
    gx, gy, c, size = rows[GX, :width], rows[GY, :width], rows[C, :width], rows[SIZE, :width]
    slope, intercept, terms = path.slope[:width], path.intercept[:width], path.terms[layer, :width]
    _look_up(
        gx,
        gy,
        c,
        size,
        path.current[unit : unit + width],
        layers.slopes[layer],
        layers.intercepts[layer],
        layers.breaks[layer],
        half,
        terms,
        slope,
        intercept,
    )
    path.slots[layer + 1] = 0
    result = path.rows[layer + 1, 0]
    following, unit = layers.widths[layer + 1], layers.units[layer + 1]
    columns = layers.columns[layers.starts[layer + 1] :]
    if layer + 2 == len(layers.widths):
        for o in range(following):
            bias = layers.biases[unit + o]
            x, y, z, s = _weighted_sums(columns[o:], following, gx, gy, c, terms, slope, intercept)
            result[GX, o], result[GY, o], result[C, o], result[SIZE, o] = x, y, z + bias, s + abs(bias)
        return
    for o in range(following):
        bias = layers.biases[unit + o]
        result[GX, o], result[GY, o], result[C, o], result[SIZE, o] = 0.0, 0.0, bias, abs(bias)
    _activate(gx, gy, c, terms, slope, intercept, path.active, values)
    _add_columns(columns, path.active[:width], path.chosen, values, result, following)


@inlined_kernel
def move_up(layers: Layers, path: Path, layer: int, entry: int) -> None:
    """Move the unit of this crossing to the piece above the breakpoint, in the next layer's map, in one slot more.

    A unit that crossed a lower breakpoint before keeps to its slot, made again from the one below: adding a piece and
    taking it off would leave its rounding behind.
    """
    unit, piece, lowest = (
        path.crossing[layer, entry, 0],
        path.crossing[layer, entry, 1] + 1,
        path.crossing[layer, entry, 2],
    )
    if piece == lowest + 1:
        path.slots[layer + 1] += 1
    slot = path.slots[layer + 1]
    slope, intercept = layers.slopes[layer, piece], layers.intercepts[layer, piece]
    s = abs(slope) * path.terms[layer, unit] + abs(intercept)
    slope -= layers.slopes[layer, lowest]
    intercept -= layers.intercepts[layer, lowest]
    rows = path.rows[layer, path.slots[layer]]
    x, y, z = slope * rows[GX, unit], slope * rows[GY, unit], slope * rows[C, unit] + intercept
    n = layers.widths[layer + 1]
    begin = layers.starts[layer + 1] + unit * n
    column = layers.columns[begin : begin + n]
    source, result = path.rows[layer + 1, slot - 1], path.rows[layer + 1, slot]
    if n < 8:
        for o in range(n):
            result[GX, o] = source[GX, o] + column[o] * x
            result[GY, o] = source[GY, o] + column[o] * y
            result[C, o] = source[C, o] + column[o] * z
            result[SIZE, o] = source[SIZE, o] + abs(column[o]) * s
        return
    _add_scaled(source[GX, :n], column, x, result[GX, :n])
    _add_scaled(source[GY, :n], column, y, result[GY, :n])
    _add_scaled(source[C, :n], column, z, result[C, :n])
    size, bound = result[SIZE, :n], source[SIZE, :n]
    for o in range(n):
        size[o] = bound[o] + abs(column[o]) * s


@inlined_kernel
def _add_scaled(source: Float, column: Float, factor: float, result: Float) -> None:
    for o in range(len(result)):
        result[o] = source[o] + column[o] * factor
