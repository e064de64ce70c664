"""Convex cells as rings of vertices: the two small kernels that all exact geometry rests on.

A ring is a run of entries in three parallel arrays: x, y and the edge that leaves the vertex (the number of the birth
segment it lies on, or -1..-4 for the bottom, right, top and left side of the box), counter-clockwise.
"""

import numpy as np
from numpy.typing import NDArray

from reluviz.core.kernel import inlined_kernel

Float = NDArray[np.float64]
Int = NDArray[np.int32]


@inlined_kernel
def ring_area(x: Float, y: Float, start: int, n: int) -> float:
    """Return the area of the ring of n entries at `start`, positive when counter-clockwise."""
    x0, y0 = x[start], y[start]
    twice = 0.0
    dx, dy = x[start + 1] - x0, y[start + 1] - y0
    for i in range(start + 2, start + n):
        ex, ey = x[i] - x0, y[i] - y0
        twice += dx * ey - dy * ex
        dx, dy = ex, ey
    return 0.5 * twice


@inlined_kernel
def cut_ring(
    x: Float,
    y: Float,
    edge: Int,
    start: int,
    n: int,
    scratch_x: Float,
    scratch_y: Float,
    scratch_edge: Int,
    z: Float,
    tolerance: float,
    new_edge: int,
    segment: Float,
) -> tuple[int, int]:
    """Replace the ring at `start` by its part above a line, then its part below; return their lengths.

    z[i] is the line's height at vertex i; at least one is above `tolerance` and one below -tolerance, and a vertex in
    between lies on the line. Above is the one run of vertices around the highest, so two rings come out whatever
    rounding does to the other signs. The old ring is left in the scratch arrays; `segment` (4,) receives the cut's
    x0 y0 x1 y1, with the part above on its left. Vertices that the line meets are shared, not doubled.
    """
    top = 0
    for i in range(n):
        scratch_x[i] = x[start + i]
        scratch_y[i] = y[start + i]
        scratch_edge[i] = edge[start + i]
        if z[i] > z[top]:
            top = i
    last = top
    after = last + 1 if last + 1 < n else 0
    while z[after] > tolerance:
        last = after
        after = last + 1 if last + 1 < n else 0
    first = top
    before = first - 1 if first > 0 else n - 1
    while z[before] > tolerance:
        first = before
        before = first - 1 if first > 0 else n - 1

    leaves_on_vertex = z[after] >= -tolerance
    x0, y0 = scratch_x[after], scratch_y[after]
    if not leaves_on_vertex:
        share = z[last] / (z[last] - z[after])
        x0 = scratch_x[last] + (x0 - scratch_x[last]) * share
        y0 = scratch_y[last] + (y0 - scratch_y[last]) * share
    enters_on_vertex = z[before] >= -tolerance
    x1, y1 = scratch_x[before], scratch_y[before]
    if not enters_on_vertex:
        share = z[first] / (z[first] - z[before])
        x1 = scratch_x[first] + (x1 - scratch_x[first]) * share
        y1 = scratch_y[first] + (y1 - scratch_y[first]) * share
    segment[0], segment[1], segment[2], segment[3] = x0, y0, x1, y1

    w = start
    i = first
    while True:
        x[w], y[w], edge[w] = scratch_x[i], scratch_y[i], scratch_edge[i]
        w += 1
        if i == last:
            break
        i = i + 1 if i + 1 < n else 0
    x[w], y[w], edge[w] = x0, y0, new_edge
    x[w + 1], y[w + 1], edge[w + 1] = x1, y1, scratch_edge[before]
    above = w + 2 - start

    w += 2
    x[w], y[w], edge[w] = x0, y0, scratch_edge[after] if leaves_on_vertex else scratch_edge[last]
    w += 1
    i = after
    if leaves_on_vertex:
        i = i + 1 if i + 1 < n else 0
    while i != before:
        x[w], y[w], edge[w] = scratch_x[i], scratch_y[i], scratch_edge[i]
        w += 1
        i = i + 1 if i + 1 < n else 0
    if not enters_on_vertex:
        x[w], y[w], edge[w] = scratch_x[before], scratch_y[before], scratch_edge[before]
        w += 1
    x[w], y[w], edge[w] = x1, y1, new_edge
    return above, w + 1 - start - above
