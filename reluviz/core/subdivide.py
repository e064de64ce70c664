"""The exact decomposition of a box into activation regions: one depth-first walk over convex cells.

A cell of layers < l knows the affine map of layer l's pre-activations. Units whose map keeps its side of every
breakpoint over the cell have one piece there; the others cut it, one line after the other. A cell that passed all
lines of a layer takes the next layer's map: computed once for the whole parent cell, then changed by one rank-one
update per unit that is on another piece. Rings, maps and patterns of one path are all that is held at a time.

Coordinates are relative to the centre of the box, and constants are evaluated there, so that a window of width 1e-9
far from the origin is cut as cleanly as the unit square.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from reluviz.core.cells import cut_ring, ring_area
from reluviz.core.kernel import kernel

Float = NDArray[np.float64]
Int = NDArray[np.int32]
Long = NDArray[np.int64]
Bytes = NDArray[np.int8]

DONE, OVER_BUDGET, NOT_FINITE = 0, 1, 2

# A vertex lies on a line when its height is below this times the sum of the magnitudes of the terms that made it.
ROUNDING = 32 * 2.0**-52
# A cut that would leave a part below this share of the box is not made, and counted.
SLIVER = 1e-12

GX, GY, C, SIZE = 0, 1, 2, 3


class Layers(NamedTuple):
    """A network packed for the kernel: hidden layers first, readout last.

    columns holds each layer's weights column after column (of layers >= 1), layer l from starts[l]; biases and the
    units of patterns begin at units[l]. first is layer 0's map at the centre of the box, (4, width). Rows of
    breakpoints, slopes and intercepts belong to hidden layers and are padded; breaks counts the breakpoints.
    """

    widths: Long
    columns: Float
    starts: Long
    biases: Float
    units: Long
    first: Float
    breaks: Long
    breakpoints: Float
    slopes: Float
    intercepts: Float


class Cells(NamedTuple):
    """What the walk found; coordinates are relative to the centre of the box.

    Rows 0..2 of `maps` (count, 3, outputs) are gx, gy and the constant at the centre. cuts (E, 4) int32 holds layer,
    unit, breakpoint of each segment and, last, nothing yet.
    """

    status: int
    dropped: int
    x: Float
    y: Float
    edge_of: Int
    offsets: Long
    patterns: Bytes
    maps: Float
    areas: Float
    segments: Float
    cuts: Int


@kernel
def _grown(array: Any, rows: int) -> Any:
    larger = np.empty((rows, *array.shape[1:]), array.dtype)
    larger[: len(array)] = array
    return larger


@kernel
def _find_crossings(
    rows: Float,
    width: int,
    breakpoints: Float,
    breaks: int,
    x: Float,
    y: Float,
    start: int,
    n: int,
    half_x: float,
    half_y: float,
    slack: Float,
    pieces: Bytes,
    crossing: Int,
    tolerances: Float,
) -> int:
    """List the (unit, breakpoint) whose line cuts the ring; set every unit's piece, the lowest where it is cut.

    Returns how many, or -1 when a map is not finite.
    """
    left, right, bottom, top = x[start], x[start], y[start], y[start]
    for i in range(start + 1, start + n):
        left, right = min(left, x[i]), max(right, x[i])
        bottom, top = min(bottom, y[i]), max(top, y[i])
    mid_x, mid_y = 0.5 * (left + right), 0.5 * (bottom + top)
    reach_x, reach_y = 0.5 * (right - left), 0.5 * (top - bottom)
    gx, gy, c, size = rows[GX], rows[GY], rows[C], rows[SIZE]
    for j in range(width):
        pieces[j] = 0
    found = 0
    for b in range(breaks):
        t = breakpoints[b]
        for j in range(width):
            ax, ay = abs(gx[j]), abs(gy[j])
            tolerance = ROUNDING * (size[j] + ax * half_x + ay * half_y + abs(c[j]) + abs(t))
            z = gx[j] * mid_x + gy[j] * mid_y + (c[j] - t)
            slack[j] = abs(z) - (ax * reach_x + ay * reach_y) - tolerance
            pieces[j] += np.int8(1) if z > 0 else np.int8(0)
        for j in range(width):
            if slack[j] > 0:
                continue
            if gx[j] * mid_x + gy[j] * mid_y + (c[j] - t) > 0:
                pieces[j] -= np.int8(1)
            tolerance = ROUNDING * (size[j] + abs(gx[j]) * half_x + abs(gy[j]) * half_y + abs(c[j]) + abs(t))
            if not np.isfinite(tolerance):
                return -1
            low, high = np.inf, -np.inf
            for i in range(start, start + n):
                z = gx[j] * x[i] + gy[j] * y[i] + (c[j] - t)
                low, high = min(low, z), max(high, z)
            if high > tolerance:
                if low < -tolerance:
                    crossing[found, 0], crossing[found, 1] = j, b
                    tolerances[found] = tolerance
                    found += 1
                else:
                    pieces[j] += np.int8(1)
    return found


@kernel
def _push_forward(
    rows: Float,
    width: int,
    pieces: Bytes,
    slopes: Float,
    intercepts: Float,
    columns: Float,
    biases: Float,
    half_x: float,
    half_y: float,
    result: Float,
) -> None:
    """Compute the next layer's map (gx, gy, constant, size of terms) from this layer's map and pieces.

    Row SIZE is the sum of |w| * |h| that makes a pre-activation, |h| being what a unit's own terms amount to over the
    box or, where these cancel, what rounding in it weighs: its own SIZE / sqrt(width), as errors of either sign do.
    """
    following = len(biases)
    gx, gy, c, size = result[GX], result[GY], result[C], result[SIZE]
    for o in range(following):
        gx[o] = 0.0
        gy[o] = 0.0
        c[o] = biases[o]
        size[o] = abs(biases[o])
    share = 1.0 / np.sqrt(width)
    for i in range(width):
        slope, intercept = slopes[pieces[i]], intercepts[pieces[i]]
        if slope == 0.0 and intercept == 0.0:
            continue
        _add_column(rows, i, slope, intercept, slope, intercept, columns, half_x, half_y, share, result, following)


@kernel
def _add_column(
    rows: Float,
    i: int,
    slope: float,
    intercept: float,
    new_slope: float,
    new_intercept: float,
    columns: Float,
    half_x: float,
    half_y: float,
    share: float,
    result: Float,
    following: int,
) -> None:
    """Add unit i with this slope and intercept to the next layer's map; the size is that of its new piece."""
    gx, gy, c, size = result[GX], result[GY], result[C], result[SIZE]
    x, y, z = rows[GX, i], rows[GY, i], rows[C, i]
    terms = max(abs(x) * half_x + abs(y) * half_y + abs(z), rows[SIZE, i] * share)
    terms = abs(new_slope) * terms + abs(new_intercept)
    x *= slope
    y *= slope
    z = z * slope + intercept
    column = columns[i * following : (i + 1) * following]
    for o in range(following):
        w = column[o]
        gx[o] += w * x
        gy[o] += w * y
        c[o] += w * z
        size[o] += abs(w) * terms


@kernel
def subdivide(layers: Layers, depth: int, half_x: float, half_y: float, budget: int, capacity: int) -> Cells:
    """Cut the box [-half_x, half_x] x [-half_y, half_y] by the bent lines of the first `depth` hidden layers.

    Stops with status OVER_BUDGET as soon as more than `budget` regions are certain and NOT_FINITE when a map is not
    finite. When `depth` leaves layers out, the maps are nan. Memory for `capacity` regions is reserved at first.
    """
    widths, units, starts = layers.widths, layers.units, layers.starts
    hidden = len(widths) - 1
    outputs = widths[hidden]
    widest = widths.max()
    most = layers.breakpoints.shape[1]
    columns_per_row = units[depth]

    x, y = np.empty(4 * capacity + 8), np.empty(4 * capacity + 8)
    edge_of = np.empty(4 * capacity + 8, np.int32)
    offsets = np.empty(capacity + 1, np.int64)
    patterns = np.empty((capacity, columns_per_row), np.int8)
    maps = np.empty((capacity, 3, outputs))
    areas = np.empty(capacity)
    segments = np.empty((capacity, 4))
    cuts = np.empty((capacity, 4), np.int32)

    rows = np.zeros((hidden + 1, 4, widest))
    base_rows = np.zeros((hidden + 1, 4, widest))
    base = np.zeros(units[hidden], np.int8)
    current = np.zeros(columns_per_row, np.int8)
    crossing = np.empty((hidden, widest * most + 1, 2), np.int32)
    tolerances = np.empty((hidden, widest * most + 1))
    crossings = np.zeros(hidden + 1, np.int64)
    waiting = np.empty((units[hidden] * most + 2, 4), np.int64)
    slack = np.empty(widest)

    room = 4096
    ring_x, ring_y, ring_edge = np.empty(room), np.empty(room), np.empty(room, np.int32)
    longest = 64
    scratch_x, scratch_y, scratch_edge = np.empty(longest), np.empty(longest), np.empty(longest, np.int32)
    z = np.empty(longest)

    for corner in range(4):
        ring_x[corner] = half_x if corner in (1, 2) else -half_x
        ring_y[corner] = half_y if corner in (2, 3) else -half_y
        ring_edge[corner] = -1 - corner
    sliver = SLIVER * 4.0 * half_x * half_y
    rows[0, :, : widths[0]] = layers.first
    offsets[0] = 0
    count, made, dropped, filled = 0, 0, 0, 0
    depth_waiting = 0
    layer, entry, start, n = -1, 0, 0, 4
    while True:
        # Enter the next layer while the present one has no line left; a cell past the last one is a region.
        if layer < 0 or entry == crossings[layer]:
            if layer >= 0:
                width, following = widths[layer], widths[layer + 1]
                first, column = units[layer], starts[layer + 1]
                target = rows[layer + 1]
                if layer + 1 < depth or depth == hidden:
                    source = base_rows[layer + 1]
                    for row in range(4):
                        for o in range(following):
                            target[row, o] = source[row, o]
                    share = 1.0 / np.sqrt(width)
                    for k in range(crossings[layer]):
                        unit = crossing[layer, k, 0]
                        piece, before = current[first + unit], base[first + unit]
                        if piece == before or crossing[layer, k, 1] != piece - 1:
                            continue
                        slope, intercept = layers.slopes[layer, piece], layers.intercepts[layer, piece]
                        _add_column(
                            rows[layer],
                            unit,
                            slope - layers.slopes[layer, before],
                            intercept - layers.intercepts[layer, before],
                            slope,
                            intercept,
                            layers.columns[column:],
                            half_x,
                            half_y,
                            share,
                            target,
                            following,
                        )
            layer += 1
            if layer < depth:
                width = widths[layer]
                first = units[layer]
                found = _find_crossings(
                    rows[layer],
                    width,
                    layers.breakpoints[layer],
                    layers.breaks[layer],
                    ring_x,
                    ring_y,
                    start,
                    n,
                    half_x,
                    half_y,
                    slack,
                    current[first : first + width],
                    crossing[layer],
                    tolerances[layer],
                )
                if found < 0:
                    return _result(
                        NOT_FINITE, 0, 0, 0, dropped, x, y, edge_of, offsets, patterns, maps, areas, segments, cuts
                    )
                crossings[layer] = found
                entry = 0
                base[first : first + width] = current[first : first + width]
                if layer + 1 < depth or depth == hidden:
                    _push_forward(
                        rows[layer],
                        width,
                        base[first : first + width],
                        layers.slopes[layer],
                        layers.intercepts[layer],
                        layers.columns[starts[layer + 1] :],
                        layers.biases[units[layer + 1] : units[layer + 1] + widths[layer + 1]],
                        half_x,
                        half_y,
                        base_rows[layer + 1],
                    )
                continue

            if count == len(areas):
                larger = 2 * count
                x, y, edge_of = _grown(x, 4 * larger + 8), _grown(y, 4 * larger + 8), _grown(edge_of, 4 * larger + 8)
                offsets, patterns = _grown(offsets, larger + 1), _grown(patterns, larger)
                maps, areas = _grown(maps, larger), _grown(areas, larger)
            for i in range(n):
                x[filled + i] = ring_x[start + i]
                y[filled + i] = ring_y[start + i]
                edge_of[filled + i] = ring_edge[start + i]
            filled += n
            areas[count] = ring_area(ring_x, ring_y, start, n)
            for j in range(columns_per_row):
                patterns[count, j] = current[j]
            for o in range(outputs):
                for row in range(3):
                    maps[count, row, o] = rows[hidden, row, o] if depth == hidden else np.nan
            if depth == hidden and not np.isfinite(maps[count].sum()):
                return _result(
                    NOT_FINITE, 0, 0, 0, dropped, x, y, edge_of, offsets, patterns, maps, areas, segments, cuts
                )
            count += 1
            offsets[count] = filled
            if depth_waiting == 0:
                break
            depth_waiting -= 1
            layer, entry = waiting[depth_waiting, 0], waiting[depth_waiting, 1]
            start, n = waiting[depth_waiting, 2], waiting[depth_waiting, 3]
            unit, b = crossing[layer, entry, 0], crossing[layer, entry, 1]
            current[units[layer] + unit] = b + 1
            entry += 1
            continue

        # The next line of this layer: above, below, or a cut.
        unit, b = crossing[layer, entry, 0], crossing[layer, entry, 1]
        place = units[layer] + unit
        if current[place] < b:
            entry += 1
            continue
        if n + 4 > longest:
            longest *= 2
            scratch_x, scratch_y, scratch_edge = np.empty(longest), np.empty(longest), np.empty(longest, np.int32)
            z = np.empty(longest)
        gx, gy = rows[layer, GX, unit], rows[layer, GY, unit]
        c = rows[layer, C, unit] - layers.breakpoints[layer, b]
        tolerance = tolerances[layer, entry]
        low, high = np.inf, -np.inf
        for i in range(n):
            height = gx * ring_x[start + i] + gy * ring_y[start + i] + c
            z[i] = height
            low, high = min(low, height), max(high, height)
        if high <= tolerance:
            current[place] = b
        elif low >= -tolerance:
            current[place] = b + 1
        else:
            if start + 2 * n + 8 > room:
                room *= 2
                ring_x, ring_y, ring_edge = _grown(ring_x, room), _grown(ring_y, room), _grown(ring_edge, room)
            if made == len(cuts):
                segments, cuts = _grown(segments, 2 * made), _grown(cuts, 2 * made)
            above, below = cut_ring(
                ring_x,
                ring_y,
                ring_edge,
                start,
                n,
                scratch_x,
                scratch_y,
                scratch_edge,
                z,
                tolerance,
                made,
                segments[made],
            )
            area_above = ring_area(ring_x, ring_y, start, above)
            area_below = ring_area(ring_x, ring_y, start + above, below)
            if area_above < sliver or area_below < sliver:
                dropped += 1
                for i in range(n):
                    ring_x[start + i], ring_y[start + i] = scratch_x[i], scratch_y[i]
                    ring_edge[start + i] = scratch_edge[i]
                current[place] = b + 1 if area_above > area_below else b
            else:
                cuts[made, 0], cuts[made, 1], cuts[made, 2] = layer, unit, b
                made += 1
                if made >= budget:
                    return _result(
                        OVER_BUDGET, 0, 0, 0, dropped, x, y, edge_of, offsets, patterns, maps, areas, segments, cuts
                    )
                waiting[depth_waiting, 0], waiting[depth_waiting, 1] = layer, entry
                waiting[depth_waiting, 2], waiting[depth_waiting, 3] = start, above
                depth_waiting += 1
                start, n = start + above, below
                current[place] = b
        entry += 1
    return _result(DONE, count, filled, made, dropped, x, y, edge_of, offsets, patterns, maps, areas, segments, cuts)


@kernel
def _result(
    status: int,
    count: int,
    filled: int,
    made: int,
    dropped: int,
    x: Float,
    y: Float,
    edge_of: Int,
    offsets: Long,
    patterns: Bytes,
    maps: Float,
    areas: Float,
    segments: Float,
    cuts: Int,
) -> Cells:
    return Cells(
        status,
        dropped,
        x[:filled],
        y[:filled],
        edge_of[:filled],
        offsets[: count + 1],
        patterns[:count],
        maps[:count],
        areas[:count],
        segments[:made],
        cuts[:made],
    )
