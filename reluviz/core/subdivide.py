"""The exact decomposition of a box into activation regions: one depth-first walk over convex cells.

A cell of layers < l knows the affine map of layer l's pre-activations. Units whose map keeps its side of every
breakpoint over the cell have one piece there; the others cut it, one line after the other. A cell that passed all
lines of a layer takes the next layer's map: computed once for the whole parent cell, then changed by one rank-one
update per unit that is on another piece. Rings, maps and patterns of one path are all that is held at a time.

Coordinates are relative to the centre of the box, and constants are evaluated there, so that a window of width 1e-9
far from the origin is cut as cleanly as the unit square.

Kernels allocate nothing: `walk` returns NEEDS_ROOM when an array is full and goes on where it stopped once
`subdivide` has enlarged it. (Growing arrays inside the kernel made it compile for 27 s instead of 4.)
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from reluviz.core.cells import cut_ring, ring_area
from reluviz.core.kernel import inlined_kernel, lean_kernel

Float = NDArray[np.float64]
Int = NDArray[np.int32]
Long = NDArray[np.int64]
Bytes = NDArray[np.int8]

DONE, NEEDS_ROOM, OVER_BUDGET, NOT_FINITE = 0, 1, 2, 3

# A vertex lies on a line when its height is below this times the sum of the magnitudes of the terms that made it.
ROUNDING = 32 * 2.0**-52
# A cut that would leave a part below this share of the box is not made, and counted.
SLIVER = 1e-12

# Rows of a map: f = GX x + GY y + C, made of terms whose magnitudes sum to SIZE.
GX, GY, C, SIZE = 0, 1, 2, 3
# The walk's state between two calls.
COUNT, FILLED, MADE, DROPPED, WAITING, LAYER, ENTRY, START, LENGTH = range(9)


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


class Path(NamedTuple):
    """What the walk holds of the path from the box to the present cell.

    rows (hidden + 1, 4, widest): each layer's map on the present cell; base_rows: on a cell of its parent where every
    cut unit is on its lowest piece, base. crossing[l] lists (unit, breakpoint) of the lines that cut layer l's parent,
    crossings[l] of them, in the order they are cut. waiting: cells above a line whose part below is being walked.
    Rings of waiting cells and of the present one lie one behind the other in ring_x, ring_y, ring_edge.
    """

    state: Long
    rows: Float
    base_rows: Float
    base: Bytes
    current: Bytes
    crossing: Int
    crossings: Long
    tolerances: Float
    waiting: Long
    slack: Float
    ring_x: Float
    ring_y: Float
    ring_edge: Int
    scratch_x: Float
    scratch_y: Float
    scratch_edge: Int
    heights: Float


class Cells(NamedTuple):
    """What the walk found; coordinates are relative to the centre of the box.

    Region i is x, y, edge_of [offsets[i]:offsets[i + 1]]. maps (count, 3, outputs) are gx, gy and the constant at the
    centre. segments (E, 4) and cuts (E, 3) int32, layer, unit and breakpoint, describe the cuts in order.
    """

    x: Float
    y: Float
    edge_of: Int
    offsets: Long
    patterns: Bytes
    maps: Float
    areas: Float
    segments: Float
    cuts: Int


@lean_kernel
def _side_of_units(
    gx: Float,
    gy: Float,
    c: Float,
    size: Float,
    t: float,
    middle: tuple[float, float],
    reach: tuple[float, float],
    half: tuple[float, float],
    slack: Float,
    pieces: Bytes,
) -> None:
    """Add 1 to the piece of units above t at `middle`; slack > 0 where no point within `reach` is on the other side."""
    for j in range(len(slack)):
        ax, ay = abs(gx[j]), abs(gy[j])
        tolerance = ROUNDING * (size[j] + ax * half[0] + ay * half[1] + abs(c[j]) + abs(t))
        z = gx[j] * middle[0] + gy[j] * middle[1] + (c[j] - t)
        slack[j] = abs(z) - (ax * reach[0] + ay * reach[1]) - tolerance
        pieces[j] += z > 0


@inlined_kernel
def _find_crossings(layers: Layers, path: Path, half: tuple[float, float], layer: int, start: int, n: int) -> int:
    """List the (unit, breakpoint) whose line cuts the ring; set every unit's piece, the lowest where it is cut.

    Returns how many, or -1 when a map is not finite.
    """
    x, y = path.ring_x, path.ring_y
    left, right, bottom, top = x[start], x[start], y[start], y[start]
    for i in range(start + 1, start + n):
        left, right = min(left, x[i]), max(right, x[i])
        bottom, top = min(bottom, y[i]), max(top, y[i])
    middle = (0.5 * (left + right), 0.5 * (bottom + top))
    reach = (0.5 * (right - left), 0.5 * (top - bottom))
    width, first = layers.widths[layer], layers.units[layer]
    rows = path.rows[layer]
    gx, gy, c, size = rows[GX, :width], rows[GY, :width], rows[C, :width], rows[SIZE, :width]
    slack, pieces = path.slack[:width], path.current[first : first + width]
    crossing, tolerances = path.crossing[layer], path.tolerances[layer]
    for j in range(width):
        pieces[j] = 0
    found = 0
    for b in range(layers.breaks[layer]):
        t = layers.breakpoints[layer, b]
        _side_of_units(gx, gy, c, size, t, middle, reach, half, slack, pieces)
        for j in range(width):
            if slack[j] > 0:
                continue
            if gx[j] * middle[0] + gy[j] * middle[1] + (c[j] - t) > 0:
                pieces[j] -= 1
            tolerance = ROUNDING * (size[j] + abs(gx[j]) * half[0] + abs(gy[j]) * half[1] + abs(c[j]) + abs(t))
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
                    pieces[j] += 1
    for j in range(width):
        path.base[first + j] = pieces[j]
    return found


@lean_kernel
def _add_column(column: Float, x: float, y: float, z: float, terms: float, result: Float) -> None:
    """Add one unit's (x, y, z) times its weights to the next layer's map."""
    n = len(column)
    gx, gy, c, size = result[GX, :n], result[GY, :n], result[C, :n], result[SIZE, :n]
    for o in range(n):
        w = column[o]
        gx[o] += w * x
        gy[o] += w * y
        c[o] += w * z
        size[o] += abs(w) * terms


@inlined_kernel
def _add_unit(
    layers: Layers, path: Path, half: tuple[float, float], layer: int, unit: int, before: int, piece: int, result: Float
) -> None:
    """Move one unit from piece `before` (-1: it was not added yet) to `piece` in the next layer's map.

    Row SIZE is the sum of |w| * |h| that makes a pre-activation, |h| being what a unit's own terms amount to over the
    box or, where these cancel, what rounding in it weighs: its own SIZE / sqrt(width), as errors of either sign do.
    """
    slope, intercept = layers.slopes[layer, piece], layers.intercepts[layer, piece]
    gx, gy, c = path.rows[layer, GX, unit], path.rows[layer, GY, unit], path.rows[layer, C, unit]
    terms = abs(gx) * half[0] + abs(gy) * half[1] + abs(c)
    terms = max(terms, path.rows[layer, SIZE, unit] / np.sqrt(layers.widths[layer]))
    terms = abs(slope) * terms + abs(intercept)
    if before >= 0:
        slope -= layers.slopes[layer, before]
        intercept -= layers.intercepts[layer, before]
    if slope != 0.0 or intercept != 0.0:
        following = layers.widths[layer + 1]
        begin = layers.starts[layer + 1] + unit * following
        column = layers.columns[begin : begin + following]
        _add_column(column, slope * gx, slope * gy, slope * c + intercept, terms, result)


@inlined_kernel
def _push_forward(layers: Layers, path: Path, half: tuple[float, float], layer: int) -> None:
    """Compute the next layer's map where every unit of this layer is on its base piece."""
    result = path.base_rows[layer + 1]
    following, first = layers.widths[layer + 1], layers.units[layer + 1]
    for o in range(following):
        result[GX, o] = 0.0
        result[GY, o] = 0.0
        result[C, o] = layers.biases[first + o]
        result[SIZE, o] = abs(layers.biases[first + o])
    first = layers.units[layer]
    for unit in range(layers.widths[layer]):
        _add_unit(layers, path, half, layer, unit, -1, path.base[first + unit], result)


@inlined_kernel
def _descend(layers: Layers, path: Path, half: tuple[float, float], layer: int) -> None:
    """Compute the next layer's map on the present cell from that of its parent's base."""
    result, source = path.rows[layer + 1], path.base_rows[layer + 1]
    for row in range(4):
        for o in range(layers.widths[layer + 1]):
            result[row, o] = source[row, o]
    first = layers.units[layer]
    for k in range(path.crossings[layer]):
        unit = path.crossing[layer, k, 0]
        piece, before = path.current[first + unit], path.base[first + unit]
        # A unit with several breakpoints is listed once for each; it moves at the last one that it passed.
        if piece != before and path.crossing[layer, k, 1] == piece - 1:
            _add_unit(layers, path, half, layer, unit, before, piece, result)


@inlined_kernel
def _emit(path: Path, cells: Cells, count: int, filled: int, start: int, n: int, mapped: bool) -> bool:
    """Write the present cell as region `count`; return whether its map is finite."""
    for i in range(n):
        cells.x[filled + i] = path.ring_x[start + i]
        cells.y[filled + i] = path.ring_y[start + i]
        cells.edge_of[filled + i] = path.ring_edge[start + i]
    cells.offsets[count + 1] = filled + n
    cells.areas[count] = ring_area(path.ring_x, path.ring_y, start, n)
    pattern = cells.patterns[count]
    for j in range(len(pattern)):
        pattern[j] = path.current[j]
    finite = True
    for row in range(3):
        for o in range(cells.maps.shape[2]):
            value = path.rows[-1, row, o] if mapped else np.nan
            finite = finite and np.isfinite(value)
            cells.maps[count, row, o] = value
    return finite or not mapped


@inlined_kernel
def _cut(path: Path, cells: Cells, made: int, start: int, n: int, tolerance: float, sliver: float) -> tuple[int, int]:
    """Cut the present cell by the line of path.heights; the lengths of the parts are 0 where a part is a sliver.

    Then the ring is as before, and the sign of the second number says which side the cell is on.
    """
    x, y, edge = path.ring_x, path.ring_y, path.ring_edge
    above, below = cut_ring(
        x,
        y,
        edge,
        start,
        n,
        path.scratch_x,
        path.scratch_y,
        path.scratch_edge,
        path.heights,
        tolerance,
        made,
        cells.segments[made],
    )
    area_above, area_below = ring_area(x, y, start, above), ring_area(x, y, start + above, below)
    if area_above >= sliver and area_below >= sliver:
        return above, below
    for i in range(n):
        x[start + i], y[start + i], edge[start + i] = path.scratch_x[i], path.scratch_y[i], path.scratch_edge[i]
    return 0, 1 if area_above > area_below else -1


@lean_kernel
def walk(layers: Layers, path: Path, cells: Cells, depth: int, half: tuple[float, float], budget: int) -> int:
    """Go on with the walk from path.state; return DONE, NEEDS_ROOM, OVER_BUDGET or NOT_FINITE."""
    state = path.state
    count, filled, made, dropped = state[COUNT], state[FILLED], state[MADE], state[DROPPED]
    waiting, layer, entry, start, n = state[WAITING], state[LAYER], state[ENTRY], state[START], state[LENGTH]
    mapped = depth == len(layers.widths) - 1
    sliver = SLIVER * 4.0 * half[0] * half[1]
    status = DONE
    while status == DONE:
        if (
            count == len(cells.areas)
            or made == len(cells.cuts)
            or start + 2 * n + 8 > len(path.ring_x)
            or n + 4 > len(path.heights)
        ):
            status = NEEDS_ROOM
        elif layer < depth and layer >= 0 and entry < path.crossings[layer]:
            # The next line of this layer: the cell is above, below, or cut.
            unit, b = path.crossing[layer, entry, 0], path.crossing[layer, entry, 1]
            place = layers.units[layer] + unit
            if path.current[place] >= b:
                gx, gy = path.rows[layer, GX, unit], path.rows[layer, GY, unit]
                c = path.rows[layer, C, unit] - layers.breakpoints[layer, b]
                tolerance = path.tolerances[layer, entry]
                low, high = np.inf, -np.inf
                for i in range(n):
                    z = gx * path.ring_x[start + i] + gy * path.ring_y[start + i] + c
                    path.heights[i] = z
                    low, high = min(low, z), max(high, z)
                path.current[place] = b
                if high > tolerance:
                    if low >= -tolerance:
                        path.current[place] = b + 1
                    else:
                        above, below = _cut(path, cells, made, start, n, tolerance, sliver)
                        if above == 0:
                            dropped += 1
                            path.current[place] = b + 1 if below > 0 else b
                        else:
                            cells.cuts[made, 0], cells.cuts[made, 1], cells.cuts[made, 2] = layer, unit, b
                            made += 1
                            if made >= budget:
                                status = OVER_BUDGET
                            path.waiting[waiting, 0], path.waiting[waiting, 1] = layer, entry
                            path.waiting[waiting, 2], path.waiting[waiting, 3] = start, above
                            waiting += 1
                            start, n = start + above, below
            entry += 1
        else:
            # No line of this layer is left: enter the next one, where a cell past the last is a region.
            if layer >= 0 and (mapped or layer + 1 < depth):
                _descend(layers, path, half, layer)
            layer += 1
            if layer < depth:
                found = _find_crossings(layers, path, half, layer, start, n)
                if found < 0:
                    status = NOT_FINITE
                path.crossings[layer] = found
                entry = 0
                if mapped or layer + 1 < depth:
                    _push_forward(layers, path, half, layer)
            else:
                if not _emit(path, cells, count, filled, start, n, mapped):
                    status = NOT_FINITE
                count += 1
                filled += n
                if waiting == 0:
                    break
                waiting -= 1
                layer, entry = path.waiting[waiting, 0], path.waiting[waiting, 1]
                start, n = path.waiting[waiting, 2], path.waiting[waiting, 3]
                path.current[layers.units[layer] + path.crossing[layer, entry, 0]] = path.crossing[layer, entry, 1] + 1
                entry += 1
    state[COUNT], state[FILLED], state[MADE], state[DROPPED] = count, filled, made, dropped
    state[WAITING], state[LAYER], state[ENTRY], state[START], state[LENGTH] = waiting, layer, entry, start, n
    return status


def subdivide(
    layers: Layers, depth: int, half: tuple[float, float], budget: int, capacity: int
) -> tuple[int, int, Cells]:
    """Cut the box [-half_x, half_x] x [-half_y, half_y] by the bent lines of the first `depth` hidden layers.

    Returns status, slivers dropped and the cells. The status is OVER_BUDGET as soon as more than `budget` regions are
    certain and NOT_FINITE when a map is not; then the cells are meaningless. When `depth` leaves layers out, the
    cells' maps are nan. Memory for `capacity` regions is reserved at first (and touched only when used).
    """
    path, cells = _new_path(layers, depth, half), _new_cells(layers, depth, capacity)
    while (status := walk(layers, path, cells, depth, half, budget)) == NEEDS_ROOM:
        state = path.state
        if state[COUNT] == len(cells.areas) or state[MADE] == len(cells.cuts):
            cells = Cells(*(_grown(array) for array in cells))
        if state[START] + 2 * state[LENGTH] + 8 > len(path.ring_x):
            path = path._replace(**{name: _grown(getattr(path, name)) for name in ("ring_x", "ring_y", "ring_edge")})
        if state[LENGTH] + 4 > len(path.heights):
            names = ("scratch_x", "scratch_y", "scratch_edge", "heights")
            path = path._replace(**{name: _grown(getattr(path, name)) for name in names})
    count, filled, made, dropped = (int(value) for value in path.state[: DROPPED + 1])
    lengths = (filled, filled, filled, count + 1, count, count, count, made, made)
    return status, dropped, Cells(*(array[:length] for array, length in zip(cells, lengths, strict=True)))


def _new_path(layers: Layers, depth: int, half: tuple[float, float]) -> Path:
    hidden, widest = len(layers.widths) - 1, int(layers.widths.max())
    lines = widest * max(1, layers.breakpoints.shape[1])
    units = int(layers.units[hidden])
    half_x, half_y = half
    state = np.zeros(9, np.int64)
    state[LAYER], state[LENGTH] = -1, 4
    rows = np.zeros((hidden + 1, 4, widest))
    rows[0, :, : layers.widths[0]] = layers.first
    ring_x, ring_y, ring_edge = np.empty(4096), np.empty(4096), np.empty(4096, np.int32)
    ring_x[:4] = -half_x, half_x, half_x, -half_x
    ring_y[:4] = -half_y, -half_y, half_y, half_y
    ring_edge[:4] = -1, -2, -3, -4
    return Path(
        state=state,
        rows=rows,
        base_rows=np.zeros_like(rows),
        base=np.zeros(units, np.int8),
        current=np.zeros(units, np.int8),
        crossing=np.zeros((hidden, lines, 2), np.int32),
        crossings=np.zeros(hidden + 1, np.int64),
        tolerances=np.zeros((hidden, lines)),
        waiting=np.zeros((hidden * lines + 1, 4), np.int64),
        slack=np.zeros(widest),
        ring_x=ring_x,
        ring_y=ring_y,
        ring_edge=ring_edge,
        scratch_x=np.empty(64),
        scratch_y=np.empty(64),
        scratch_edge=np.empty(64, np.int32),
        heights=np.empty(64),
    )


def _new_cells(layers: Layers, depth: int, capacity: int) -> Cells:
    hidden, outputs = len(layers.widths) - 1, int(layers.widths[-1])
    # A cut adds one region and at most four ring entries.
    entries = 4 * capacity
    offsets = np.empty(capacity + 1, np.int64)
    offsets[0] = 0
    return Cells(
        np.empty(entries),
        np.empty(entries),
        np.empty(entries, np.int32),
        offsets,
        np.empty((capacity, int(layers.units[depth])), np.int8),
        np.empty((capacity, 3, outputs)),
        np.empty(capacity),
        np.empty((capacity, 4)),
        np.empty((capacity, 3), np.int32),
    )


def _grown(array: NDArray[np.generic]) -> NDArray[np.generic]:
    larger = np.empty((2 * len(array), *array.shape[1:]), array.dtype)
    larger[: len(array)] = array
    return larger
