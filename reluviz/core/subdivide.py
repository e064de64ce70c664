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

from reluviz.core.cells import ADDED, cut_ring, measure, ring_area
from reluviz.core.crossing import ROUNDING, find_crossings
from reluviz.core.forwarding import catch_up, move_up, push_forward, start_of_map
from reluviz.core.kernel import inlined_kernel, lean_kernel
from reluviz.core.lanes import LANES, peek, poke
from reluviz.core.packing import (
    BREAK,
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
    PLACE,
    SIZE,
    START,
    TOLERANCE,
    UNIT,
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

# A cut that would leave a part below this share of the box is not made, and counted.
SLIVER = 1e-12


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
        poke(cells.vertices, 2 * (filled + i), peek(path.ring_x, start + i) + peek(centre, 0))
        poke(cells.vertices, 2 * (filled + i) + 1, peek(path.ring_y, start + i) + peek(centre, 1))
        poke(cells.edge_of, filled + i, np.int32(peek(path.ring_edge, start + i)))
    poke(cells.offsets, count + 1, filled + n)
    poke(cells.areas, count, area)
    units = cells.patterns.shape[1]
    for j in range(units):
        poke(cells.patterns, count * units + j, peek(path.current, j))
    finite = True
    rows, room, outputs = start_of_map(path, len(path.slots) - 1), path.terms.shape[1], cells.intercepts.shape[1]
    for o in range(outputs):
        gx, gy = peek(path.rows, rows + GX * room + o), peek(path.rows, rows + GY * room + o)
        c, size = peek(path.rows, rows + C * room + o), peek(path.rows, rows + SIZE * room + o)
        scale = ROUNDING * (size + abs(gx) * half[0] + abs(gy) * half[1] + abs(c))
        if not mapped:
            gx, gy, c, scale = np.nan, np.nan, np.nan, np.nan
        elif not np.isfinite(scale):
            finite = False
        at = count * outputs + o
        poke(cells.gradients, 2 * at, gx)
        poke(cells.gradients, 2 * at + 1, gy)
        poke(cells.intercepts, at, c - gx * peek(centre, 0) - gy * peek(centre, 1))
        poke(cells.scales, at, scale)
    return finite


@inlined_kernel
def _lacks_room(path: Path, cells: Cells, count: int, made: int, start: int, n: int) -> bool:
    return bool(
        count == len(cells.areas)
        or made == len(cells.cuts)
        or start + 2 * n + ADDED > len(path.ring_x)
        or n + LANES > len(path.heights)
    )


@inlined_kernel
def _note_cut(layers: Layers, path: Path, cells: Cells, made: int, layer: int, line: int) -> None:
    for end in range(4):
        poke(cells.segments, 4 * made + end, peek(cells.segments, 4 * made + end) + peek(layers.centre, end % 2))
    poke(cells.cuts, 3 * made, np.int32(layer))
    poke(cells.cuts, 3 * made + 1, np.int32(peek(path.crossing, line + UNIT)))
    poke(cells.cuts, 3 * made + 2, np.int32(peek(path.crossing, line + BREAK)))


@inlined_kernel
def _let_wait(path: Path, waiting: int, layer: int, entry: int, start: int, n: int, area: float) -> None:
    poke(path.waiting, 5 * waiting, layer)
    poke(path.waiting, 5 * waiting + 1, entry)
    poke(path.waiting, 5 * waiting + 2, start)
    poke(path.waiting, 5 * waiting + 3, n)
    poke(path.waiting, 5 * waiting + 4, peek(path.slots, layer + 1))
    poke(path.areas, waiting, area)


@inlined_kernel
def _resume(path: Path, waiting: int) -> tuple[int, int, int, int, float]:
    layer, entry = peek(path.waiting, 5 * waiting), peek(path.waiting, 5 * waiting + 1)
    poke(path.slots, layer + 1, peek(path.waiting, 5 * waiting + 4))
    return (
        layer,
        entry,
        peek(path.waiting, 5 * waiting + 2),
        peek(path.waiting, 5 * waiting + 3),
        peek(path.areas, waiting),
    )


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
        if _lacks_room(path, cells, count, made, start, n):
            status = NEEDS_ROOM
        elif layer < depth and layer >= 0 and entry < peek(path.crossings, layer):
            # The next line of this layer: the cell is above, below, or cut.
            line = 4 * (layer * path.lines.shape[1] + entry)
            place, b = peek(path.crossing, line + PLACE), peek(path.crossing, line + BREAK)
            if peek(path.current, place) >= b:
                gx, gy = peek(path.lines, line + GX), peek(path.lines, line + GY)
                c, tolerance = peek(path.lines, line + C), peek(path.lines, line + TOLERANCE)
                x, y, edge, heights = path.ring_x, path.ring_y, path.ring_edge, path.heights
                is_above, is_below = measure(x, y, start, n, gx, gy, c, tolerance, heights)
                poke(path.current, place, np.int8(b))
                if is_above and is_below:
                    above, below = cut_ring(x, y, edge, start, n, heights, tolerance, made, cells.segments)
                    area_above, area_below = (
                        ring_area(x, y, start + n, above),
                        ring_area(x, y, start + n + above, below),
                    )
                    if area_above >= sliver and area_below >= sliver:
                        is_above = False
                        _note_cut(layers, path, cells, made, layer, line)
                        made += 1
                        if made >= budget:
                            status = OVER_BUDGET
                        _let_wait(path, waiting, layer, entry, start + n, above, area_above)
                        waiting += 1
                        start, n, area = start + n + above, below, area_below
                    else:
                        dropped += 1
                        is_above = area_above > area_below
            if not is_above:
                entry += 1
        else:
            # No line of this layer is left: enter the next one, where a cell past the last is a region.
            is_others = False
            if layer == 0:
                is_others = passed < lowest or passed >= beyond
                passed += 1
                if not is_others and (mapped or depth > 1):
                    catch_up(layers, path)
            layer += 1
            if layer < depth and not is_others:
                found = find_crossings(layers, path, half, layer, start, n)
                if found < 0:
                    status = NOT_FINITE
                poke(path.crossings, layer, found)
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
                layer, entry, start, n, area = _resume(path, waiting)
                is_above = True
        if is_above:
            is_above = False
            line = 4 * (layer * path.lines.shape[1] + entry)
            poke(path.current, peek(path.crossing, line + PLACE), np.int8(peek(path.crossing, line + BREAK) + 1))
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
        if state[START] + 2 * state[LENGTH] + ADDED > len(path.ring_x):
            path = _with_room(path, ("ring_x", "ring_y", "ring_edge"))
        if state[LENGTH] + LANES > len(path.heights):
            path = _with_room(path, ("heights",))
    count, filled, made = (int(value) for value in path.state[: MADE + 1])
    lengths = (filled, filled, count + 1, count, count, count, count, count, made, made)
    arrays: tuple[Any, ...] = cells
    return status, path.state, Cells(*(array[:length] for array, length in zip(arrays, lengths, strict=True)))


def _with_room(arrays: Arrays, names: tuple[str, ...]) -> Arrays:
    larger: dict[str, Any] = {name: grown(getattr(arrays, name)) for name in names}
    return arrays._replace(**larger)
