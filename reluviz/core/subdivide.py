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

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from reluviz.core.cells import cut_ring, ring_area
from reluviz.core.forwarding import move_up, push_forward
from reluviz.core.kernel import inlined_kernel, lean_kernel
from reluviz.core.packing import (
    COUNT,
    DROPPED,
    ENTRY,
    FILLED,
    GX,
    GY,
    LAYER,
    LENGTH,
    MADE,
    PASSED,
    SIZE,
    START,
    WAITING,
    C,
    Cells,
    Layers,
    Path,
    grown,
    new_cells,
    new_path,
)

Float = NDArray[np.float64]
Bytes = NDArray[np.int8]
Long = NDArray[np.int64]
Arrays = TypeVar("Arrays", Path, Cells)

DONE, NEEDS_ROOM, OVER_BUDGET, NOT_FINITE = 0, 1, 2, 3

ALL = 2**62

# A vertex lies on a line when its height is below this times the sum of the magnitudes of the terms that made it.
ROUNDING = 32 * 2.0**-52
# A cut that would leave a part below this share of the box is not made, and counted.
SLIVER = 1e-12


@inlined_kernel
def _side_of_units(
    gx: Float,
    gy: Float,
    c: Float,
    size: Float,
    t: float,
    middle: tuple[float, float],
    reach: tuple[float, float],
    half: tuple[float, float],
    near: Bytes,
    pieces: Bytes,
) -> None:
    """Add 1 to the piece of units above t at `middle`, and set `near` where some point within `reach` may not be."""
    n = len(near)
    for j in range(n):
        ax, ay = abs(gx[j]), abs(gy[j])
        tolerance = ROUNDING * (size[j] + ax * half[0] + ay * half[1] + abs(c[j]) + abs(t))
        z = gx[j] * middle[0] + gy[j] * middle[1] + (c[j] - t)
        slack = abs(z) - (ax * reach[0] + ay * reach[1]) - tolerance
        near[j] |= 0 if slack > 0 else 1
    for j in range(n):
        pieces[j] += 1 if gx[j] * middle[0] + gy[j] * middle[1] + (c[j] - t) > 0 else 0


@inlined_kernel
def _find_crossings(layers: Layers, path: Path, half: tuple[float, float], layer: int, start: int, n: int) -> int:
    """List the lines that cut the ring; set every unit's piece, the lowest where it is cut.

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
    breakpoints, breaks = layers.breakpoints[layer], layers.breaks[layer]
    rows = path.rows[layer, path.slots[layer]]
    gx, gy, c, size = rows[GX, :width], rows[GY, :width], rows[C, :width], rows[SIZE, :width]
    near, pieces = path.active[:width], path.current[first : first + width]
    crossing, tolerances, chosen = path.crossing[layer], path.tolerances[layer], path.chosen
    for j in range(width):
        pieces[j] = 0
    for j in range(width):
        near[j] = 0
    for b in range(breaks):
        _side_of_units(gx, gy, c, size, breakpoints[b], middle, reach, half, near, pieces)
    number = 0
    for j in range(width):
        # Written always, counted when needed: no branch for a predictor to miss.
        chosen[number] = j
        number += near[j]
    found = 0
    for k in range(number):
        j = chosen[k]
        low, high = np.inf, -np.inf
        for i in range(start, start + n):
            z = gx[j] * x[i] + gy[j] * y[i] + c[j]
            low, high = min(low, z), max(high, z)
        terms = size[j] + abs(gx[j]) * half[0] + abs(gy[j]) * half[1] + abs(c[j])
        if not np.isfinite(terms):
            return -1
        above, lowest = 0, -1
        for b in range(breaks):
            t = breakpoints[b]
            tolerance = ROUNDING * (terms + abs(t))
            if high - t <= tolerance:
                break
            if low - t >= -tolerance:
                above += 1
            else:
                lowest = b if lowest < 0 else lowest
                crossing[found, 0], crossing[found, 1], crossing[found, 2] = j, b, lowest
                tolerances[found] = tolerance
                found += 1
        pieces[j] = above
    return found


@inlined_kernel
def _emit(
    path: Path,
    cells: Cells,
    centre: Float,
    half: tuple[float, float],
    area: float,
    count: int,
    filled: int,
    start: int,
    n: int,
    mapped: bool,
) -> bool:
    """Write the present cell as region `count`; return whether its map is finite."""
    for i in range(n):
        cells.vertices[filled + i, 0] = path.ring_x[start + i] + centre[0]
        cells.vertices[filled + i, 1] = path.ring_y[start + i] + centre[1]
        cells.edge_of[filled + i] = path.ring_edge[start + i]
    cells.offsets[count + 1] = filled + n
    cells.areas[count] = area
    pattern = cells.patterns[count]
    for j in range(len(pattern)):
        pattern[j] = path.current[j]
    finite = True
    readout = len(path.slots) - 1
    rows = path.rows[readout, path.slots[readout]]
    for o in range(cells.intercepts.shape[1]):
        gx, gy, c, size = rows[GX, o], rows[GY, o], rows[C, o], rows[SIZE, o]
        scale = ROUNDING * (size + abs(gx) * half[0] + abs(gy) * half[1] + abs(c))
        if not mapped:
            gx, gy, c, scale = np.nan, np.nan, np.nan, np.nan
        elif not np.isfinite(scale):
            finite = False
        cells.gradients[count, o, 0], cells.gradients[count, o, 1] = gx, gy
        cells.intercepts[count, o] = c - gx * centre[0] - gy * centre[1]
        cells.scales[count, o] = scale
    return finite


@inlined_kernel
def _cut(
    path: Path, cells: Cells, made: int, start: int, n: int, tolerance: float, sliver: float
) -> tuple[int, int, float, float]:
    """Cut the present cell by the line of path.heights; return lengths and areas of the parts above and below.

    Where one is a sliver the lengths are 0, and the ring is as before.
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
        return above, below, area_above, area_below
    for i in range(n):
        x[start + i], y[start + i], edge[start + i] = path.scratch_x[i], path.scratch_y[i], path.scratch_edge[i]
    return 0, 0, area_above, area_below


@lean_kernel
def walk(
    layers: Layers,
    path: Path,
    cells: Cells,
    depth: int,
    half: tuple[float, float],
    budget: int,
    lowest: int,
    beyond: int,
) -> int:
    """Go on with the walk from path.state; return DONE, NEEDS_ROOM, OVER_BUDGET or NOT_FINITE.

    Of the cells of the first layer alone only those numbered lowest to beyond - 1 are walked further.
    """
    state = path.state
    passed = state[PASSED]
    count, filled, made, dropped = state[COUNT], state[FILLED], state[MADE], state[DROPPED]
    waiting, layer, entry, start, n = state[WAITING], state[LAYER], state[ENTRY], state[START], state[LENGTH]
    area = path.areas[waiting]
    mapped = depth == len(layers.widths) - 1
    sliver = SLIVER * 4.0 * half[0] * half[1]
    status, is_above = DONE, False
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
                rows = path.rows[layer, path.slots[layer]]
                gx, gy, c = rows[GX, unit], rows[GY, unit], rows[C, unit] - layers.breakpoints[layer, b]
                tolerance = path.tolerances[layer, entry]
                low, high = np.inf, -np.inf
                for i in range(n):
                    z = gx * path.ring_x[start + i] + gy * path.ring_y[start + i] + c
                    path.heights[i] = z
                    low, high = min(low, z), max(high, z)
                path.current[place] = b
                if high > tolerance:
                    is_above = low >= -tolerance
                    if not is_above:
                        above, below, area_above, area_below = _cut(path, cells, made, start, n, tolerance, sliver)
                        if above == 0:
                            dropped += 1
                            is_above = area_above > area_below
                        else:
                            cells.cuts[made, 0], cells.cuts[made, 1], cells.cuts[made, 2] = layer, unit, b
                            segment = cells.segments[made]
                            for end in range(4):
                                segment[end] += layers.centre[end % 2]
                            made += 1
                            if made >= budget:
                                status = OVER_BUDGET
                            path.waiting[waiting, 0], path.waiting[waiting, 1] = layer, entry
                            path.waiting[waiting, 2], path.waiting[waiting, 3] = start, above
                            path.waiting[waiting, 4] = path.slots[layer + 1]
                            path.areas[waiting] = area_above
                            waiting += 1
                            start, n, area = start + above, below, area_below
            if not is_above:
                entry += 1
        else:
            # No line of this layer is left: enter the next one, where a cell past the last is a region.
            is_others = False
            if layer == 0:
                is_others = passed < lowest or passed >= beyond
                passed += 1
            layer += 1
            if layer < depth and not is_others:
                found = _find_crossings(layers, path, half, layer, start, n)
                if found < 0:
                    status = NOT_FINITE
                path.crossings[layer] = found
                entry = 0
                if mapped or layer + 1 < depth:
                    push_forward(layers, path, half, layer)
            else:
                if not is_others:
                    if not _emit(path, cells, layers.centre, half, area, count, filled, start, n, mapped):
                        status = NOT_FINITE
                    count += 1
                    filled += n
                if waiting == 0:
                    break
                waiting -= 1
                layer, entry = path.waiting[waiting, 0], path.waiting[waiting, 1]
                start, n, area = path.waiting[waiting, 2], path.waiting[waiting, 3], path.areas[waiting]
                path.slots[layer + 1] = path.waiting[waiting, 4]
                is_above = True
        if is_above:
            is_above = False
            path.current[layers.units[layer] + path.crossing[layer, entry, 0]] = path.crossing[layer, entry, 1] + 1
            if mapped or layer + 1 < depth:
                move_up(layers, path, layer, entry)
            entry += 1
    state[COUNT], state[FILLED], state[MADE], state[DROPPED], state[PASSED] = count, filled, made, dropped, passed
    path.areas[waiting] = area
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
    status, state, cells = subdivide_share(layers, depth, half, budget, capacity, 0, ALL)
    return status, int(state[DROPPED]), cells


def subdivide_share(
    layers: Layers, depth: int, half: tuple[float, float], budget: int, capacity: int, lowest: int, beyond: int
) -> tuple[int, Long, Cells]:
    """As `subdivide`, of the first layer's cells lowest to beyond - 1 only, with the walk's last state."""
    path, cells = new_path(layers, half), new_cells(layers, depth, capacity)
    while (status := walk(layers, path, cells, depth, half, budget, lowest, beyond)) == NEEDS_ROOM:
        state = path.state
        if state[COUNT] == len(cells.areas) or state[MADE] == len(cells.cuts):
            cells = _with_room(cells, Cells._fields)
        if state[START] + 2 * state[LENGTH] + 8 > len(path.ring_x):
            path = _with_room(path, ("ring_x", "ring_y", "ring_edge"))
        if state[LENGTH] + 4 > len(path.heights):
            path = _with_room(path, ("scratch_x", "scratch_y", "scratch_edge", "heights"))
    count, filled, made = (int(value) for value in path.state[: MADE + 1])
    lengths = (filled, filled, count + 1, count, count, count, count, count, made, made)
    arrays: tuple[Any, ...] = cells
    return status, path.state, Cells(*(array[:length] for array, length in zip(arrays, lengths, strict=True)))


def _with_room(arrays: Arrays, names: tuple[str, ...]) -> Arrays:
    larger: dict[str, Any] = {name: grown(getattr(arrays, name)) for name in names}
    return arrays._replace(**larger)
