"""Convex cells as rings of vertices: the small kernels that all exact geometry rests on.

A ring is a run of entries in three parallel arrays: x, y and the edge that leaves the vertex (the number of the birth
segment it lies on, or -1..-4 for the bottom, right, top and left side of the box), counter-clockwise. Behind the last
ring there is room for a vector.
"""

import numpy as np
from numpy.typing import NDArray

from reluviz.core.kernel import inlined_kernel
from reluviz.core.lanes import LANES, bits, fill, load, peek, poke, store

Float = NDArray[np.float64]

# A cut adds two vertices to each part, of which a ring may share both: so much room has a cut of n entries to have.
ADDED = 4 + LANES


@inlined_kernel
def ring_area(x: Float, y: Float, start: int, n: int) -> float:
    """Return the area of the ring of n entries at `start`, positive when counter-clockwise."""
    x0, y0 = peek(x, start), peek(y, start)
    twice = 0.0
    dx, dy = peek(x, start + 1) - x0, peek(y, start + 1) - y0
    for i in range(start + 2, start + n):
        ex, ey = peek(x, i) - x0, peek(y, i) - y0
        twice += dx * ey - dy * ex
        dx, dy = ex, ey
    return 0.5 * twice


@inlined_kernel
def measure(
    x: Float, y: Float, start: int, n: int, gx: float, gy: float, c: float, tolerance: float, heights: Float
) -> tuple[bool, bool]:
    """Write gx x + gy y + c of each vertex of a ring to `heights`.

    Returns whether any is above `tolerance`, and whether any is below minus it.
    """
    a, b, d, high, low = fill(gx), fill(gy), fill(c), fill(tolerance), fill(-tolerance)
    above, below = 0, 0
    for i in range(0, n, LANES):
        z = load(x, start + i) * a + load(y, start + i) * b + d
        store(heights, i, z)
        of_ring = (1 << min(n - i, LANES)) - 1
        above |= bits(z > high) & of_ring
        below |= bits(low > z) & of_ring
    return above != 0, below != 0


@inlined_kernel
def _copy(x: Float, y: Float, edge: Float, start: int, n: int, begin: int, count: int, target: int) -> None:
    """Copy `count` entries of the ring at `start`, from number `begin` on and round, to `target`.

    What is behind them changes, too.
    """
    head = min(count, n - begin)
    for i in range(0, head, LANES):
        source = start + begin + i
        store(x, target + i, load(x, source))
        store(y, target + i, load(y, source))
        store(edge, target + i, load(edge, source))
    for i in range(0, count - head, LANES):
        store(x, target + head + i, load(x, start + i))
        store(y, target + head + i, load(y, start + i))
        store(edge, target + head + i, load(edge, start + i))


@inlined_kernel
def _put(x: Float, y: Float, edge: Float, at: int, vertex_x: float, vertex_y: float, leaving: float) -> None:
    poke(x, at, vertex_x)
    poke(y, at, vertex_y)
    poke(edge, at, leaving)


@inlined_kernel
def cut_ring(
    x: Float, y: Float, edge: Float, start: int, n: int, z: Float, tolerance: float, new_edge: int, segments: Float
) -> tuple[int, int]:
    """Write behind the ring at `start` its part above a line, then its part below; return their lengths.

    z[i] is the line's height at vertex i; at least one is above `tolerance` and one below -tolerance, and a vertex in
    between lies on the line. Above is the one run of vertices around the highest, so two rings come out whatever
    rounding does to the other signs. Row new_edge of segments (E, 4) receives the cut's x0 y0 x1 y1, with the part
    above on its left. Vertices that the line meets are shared, not doubled.
    """
    top = 0
    for i in range(1, n):
        top = i if peek(z, i) > peek(z, top) else top
    last = top
    after = last + 1 if last + 1 < n else 0
    while peek(z, after) > tolerance:
        last = after
        after = last + 1 if last + 1 < n else 0
    first = top
    before = first - 1 if first > 0 else n - 1
    while peek(z, before) > tolerance:
        first = before
        before = first - 1 if first > 0 else n - 1

    leaves_on_vertex = peek(z, after) >= -tolerance
    x0, y0 = peek(x, start + after), peek(y, start + after)
    if not leaves_on_vertex:
        share = peek(z, last) / (peek(z, last) - peek(z, after))
        x0 = peek(x, start + last) + (x0 - peek(x, start + last)) * share
        y0 = peek(y, start + last) + (y0 - peek(y, start + last)) * share
    enters_on_vertex = peek(z, before) >= -tolerance
    x1, y1 = peek(x, start + before), peek(y, start + before)
    if not enters_on_vertex:
        share = peek(z, first) / (peek(z, first) - peek(z, before))
        x1 = peek(x, start + first) + (x1 - peek(x, start + first)) * share
        y1 = peek(y, start + first) + (y1 - peek(y, start + first)) * share
    poke(segments, 4 * new_edge, x0)
    poke(segments, 4 * new_edge + 1, y0)
    poke(segments, 4 * new_edge + 2, x1)
    poke(segments, 4 * new_edge + 3, y1)

    count = last - first + 1 if last >= first else last - first + 1 + n
    w = start + n
    _copy(x, y, edge, start, n, first, count, w)
    w += count
    _put(x, y, edge, w, x0, y0, float(new_edge))
    _put(x, y, edge, w + 1, x1, y1, peek(edge, start + before))
    above = count + 2

    w += 2
    # All vertices that are not above, but those that are ends of the cut.
    begin, leaving, count = after, last, n - count
    if leaves_on_vertex:
        begin, leaving = after + 1 if after + 1 < n else 0, after
        count -= 1
    if enters_on_vertex:
        count -= 1
    edge_leaving = peek(edge, start + leaving)
    _copy(x, y, edge, start, n, begin, count, w + 1)
    _put(x, y, edge, w, x0, y0, edge_leaving)
    _put(x, y, edge, w + 1 + count, x1, y1, float(new_edge))
    return above, count + 2
