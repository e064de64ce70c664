"""Which lines cut a cell: on which side of its breakpoints each unit of a layer is, all over a ring of vertices."""

import numpy as np

from reluviz.core.cells import measure
from reluviz.core.forwarding import start_of_map
from reluviz.core.kernel import inlined_kernel
from reluviz.core.lanes import LANES, bits, choose, fill, load, lowest, magnitude, peek, poke, store_bytes
from reluviz.core.packing import BREAK, GX, GY, LOWEST, PLACE, SIZE, TOLERANCE, UNIT, WORD, C, Layers, Path

# A vertex lies on a line when its height is below this times the sum of the magnitudes of the terms that made it.
ROUNDING = 32 * 2.0**-52
_EVERY = 2**LANES - 1


@inlined_kernel
def _judge(
    layers: Layers, path: Path, half: tuple[float, float], layer: int, unit: int, start: int, n: int, found: int
) -> int:
    """List the breakpoints at which the unit's line cuts the ring, behind the `found` listed; return how many are now.

    Set the unit's piece, the lowest where it is cut. Returns -1 when the map is not finite.
    """
    rows, room, place = start_of_map(path, layer), path.terms.shape[1], layers.units[layer] + unit
    gx, gy = peek(path.rows, rows + GX * room + unit), peek(path.rows, rows + GY * room + unit)
    c, size = peek(path.rows, rows + C * room + unit), peek(path.rows, rows + SIZE * room + unit)
    terms = size + abs(gx) * half[0] + abs(gy) * half[1] + abs(c)
    if not np.isfinite(terms):
        return -1
    first, above, lowest_cut = layer * path.lines.shape[1], 0, -1
    for b in range(layers.breaks[layer]):
        t = layers.breakpoints[layer, b]
        tolerance = ROUNDING * (terms + abs(t))
        is_above, is_below = measure(path.ring_x, path.ring_y, start, n, gx, gy, c - t, tolerance, path.heights)
        if not is_above:
            break
        if not is_below:
            above += 1
            continue
        lowest_cut = b if lowest_cut < 0 else lowest_cut
        line = 4 * (first + found)
        poke(path.crossing, line + UNIT, unit)
        poke(path.crossing, line + BREAK, b)
        poke(path.crossing, line + LOWEST, lowest_cut)
        poke(path.crossing, line + PLACE, place)
        poke(path.lines, line + GX, gx)
        poke(path.lines, line + GY, gy)
        poke(path.lines, line + C, c - t)
        poke(path.lines, line + TOLERANCE, tolerance)
        found += 1
    poke(path.current, place, np.int8(above))
    return found


@inlined_kernel
def find_crossings(layers: Layers, path: Path, half: tuple[float, float], layer: int, start: int, n: int) -> int:
    """List the lines that cut the ring; set every unit's piece, the lowest where it is cut.

    Units that keep their piece all over the ring's bounding box are not looked at one by one. Returns how many lines
    cut, or -1 when a map is not finite.
    """
    left, bottom = peek(path.ring_x, start), peek(path.ring_y, start)
    right, top = left, bottom
    for i in range(start + 1, start + n):
        x, y = peek(path.ring_x, i), peek(path.ring_y, i)
        left, right, bottom, top = min(left, x), max(right, x), min(bottom, y), max(top, y)
    middle_x, middle_y = fill(0.5 * (left + right)), fill(0.5 * (bottom + top))
    reach_x, reach_y = fill(0.5 * (right - left)), fill(0.5 * (top - bottom))
    half_x, half_y = fill(half[0]), fill(half[1])
    zero, one, rounding = fill(0.0), fill(1.0), fill(ROUNDING)
    rows, width, first = start_of_map(path, layer), layers.widths[layer], layers.units[layer]
    room, found = path.terms.shape[1], 0
    for begin in range(0, width, WORD):
        word = 0
        for o in range(begin, min(begin + WORD, width), LANES):
            gx, gy = load(path.rows, rows + GX * room + o), load(path.rows, rows + GY * room + o)
            c, size = load(path.rows, rows + C * room + o), load(path.rows, rows + SIZE * room + o)
            ax, ay = magnitude(gx), magnitude(gy)
            terms = size + ax * half_x + ay * half_y + magnitude(c)
            reach, piece = ax * reach_x + ay * reach_y, zero
            for b in range(layers.breaks[layer]):
                t = layers.breakpoints[layer, b]
                z = gx * middle_x + gy * middle_y + (c - fill(t))
                slack = magnitude(z) - reach - rounding * (terms + fill(abs(t)))
                word |= (bits(slack > zero) ^ _EVERY) << (o - begin)
                piece = piece + choose(z > zero, one, zero)
            store_bytes(path.current, first + o, piece)
        while word != 0:
            unit = begin + lowest(word)
            if unit >= width:
                break
            word &= word - 1
            found = _judge(layers, path, half, layer, unit, start, n, found)
            if found < 0:
                return -1
    return found
