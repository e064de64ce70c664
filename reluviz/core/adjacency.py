"""Which regions share an edge, the exact piece that they share, and which of them carry one affine map.

The cuts of a decomposition are straight segments, each with regions on both sides. Grouped by segment and sorted along
it, the two sides are two lists of intervals; walking both at once gives every pair of neighbours in linear time. That
holds where lines do not go on across an edge, too, as behind a step.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from reluviz.core.kernel import lean_kernel, lean_part_kernel
from reluviz.core.lanes import peek, poke
from reluviz.core.memory import reserve

if TYPE_CHECKING:
    from reluviz.core.partition import Partition

Float = NDArray[np.float64]
Int = NDArray[np.int32]
Long = NDArray[np.int64]

# Points of a segment nearer than this share of the box's half perimeter are one point; where the same unit's line
# ends both intervals, up to the looser share: the two sides computed one crossing, at a flat angle perhaps.
SAME_POINT = 1e-13
SAME_CROSSING = 1e-7


@dataclass(frozen=True, eq=False)
class Adjacency:
    """Pairs of regions that share an edge of some length; arrays are read-only, one entry per pair.

    first and second (S,) int32 are region ids, first on the higher piece of the unit whose line parts them; edge (S,)
    int32 is the birth segment they lie along and segments (S, 4) x0 y0 x1 y1 the exact piece that they share. jump (S,)
    is the largest over the outputs of |gradient of first - gradient of second|, nan where the maps are not known.
    """

    first: Int
    second: Int
    edge: Int
    segments: Float
    jump: Float


def find_neighbours(partition: "Partition") -> Adjacency:
    """Return the neighbours of all regions of `partition`."""
    vertices = partition.vertices
    entries = len(vertices)
    first, second, edge, following, order, owner = (reserve((entries,), np.int32) for _ in range(6))
    segments, spans, jump = (reserve((entries, columns), np.float64) for columns in (4, 2, 1))
    xmin, xmax, ymin, ymax = partition.bounds
    size = (xmax - xmin) + (ymax - ymin)
    # Absolute coordinates are rounded to their own magnitude, which matters in a window of 1e-9.
    ulp = 8 * np.finfo(np.float64).eps * max(map(abs, partition.bounds))
    count = _pair(
        vertices,
        partition.offsets,
        partition.edge_of,
        partition.edges,
        np.column_stack([partition.edge_layers, partition.edge_units, partition.edge_breakpoints]),
        max(SAME_POINT * size, ulp),
        max(SAME_CROSSING * size, ulp),
        reserve(partition.edges.shape, np.float64),
        reserve((len(partition.edges), 2), np.int32),
        following,
        order,
        owner,
        spans,
        first,
        second,
        edge,
        segments,
    )
    _jumps(partition.gradients, first[:count], second[:count], jump[:, 0])
    arrays = first[:count], second[:count], edge[:count], segments[:count], jump[:count, 0]
    for array in arrays:
        array.setflags(write=False)
    return Adjacency(*arrays)


def merge_regions(partition: "Partition", adjacency: Adjacency) -> Int:
    """Return for each region (count,) int32 the number of its linear region, counted from 0.

    Neighbours are merged when all outputs have the same gradient and intercept, within rounding of the terms that make
    them (`partition.scales`).
    """
    xmin, xmax, ymin, ymax = partition.bounds
    centre = (0.5 * xmin + 0.5 * xmax, 0.5 * ymin + 0.5 * ymax)
    half = (0.5 * xmax - 0.5 * xmin, 0.5 * ymax - 0.5 * ymin)
    labels = np.arange(partition.count, dtype=np.int32)
    _merge(
        adjacency.first,
        adjacency.second,
        partition.gradients,
        partition.intercepts,
        partition.scales,
        centre,
        half,
        labels,
    )
    labels.setflags(write=False)
    return labels


@lean_part_kernel
def _sort(order: Int, spans: Float, begin: int, end: int) -> None:
    """Sort order[begin:end] by the start of its spans: shell sort, as most lists are short or nearly in order."""
    gap = 1
    while 3 * gap < end - begin:
        gap = 3 * gap + 1
    while gap > 0:
        for i in range(begin + gap, end):
            entry = peek(order, i)
            key = peek(spans, 2 * entry)
            j = i
            while j - gap >= begin and peek(spans, 2 * peek(order, j - gap)) > key:
                poke(order, j, peek(order, j - gap))
                j -= gap
            poke(order, j, entry)
        gap //= 3


@lean_part_kernel
def _same_line(edge: int, other: int, lines: Int) -> bool:
    """Return whether two edges lie on one side of the box or on lines of one unit and breakpoint."""
    if edge < 0 or other < 0:
        return edge == other
    same = lines[edge, 0] == lines[other, 0] and lines[edge, 1] == lines[other, 1]
    return bool(same and lines[edge, 2] == lines[other, 2])


@lean_part_kernel
def _frame(edges: Float, frames: Float) -> None:
    """Write each edge's beginning and direction of length 1: x, y, dx, dy."""
    for e in range(len(edges)):
        x, y = peek(edges, 4 * e), peek(edges, 4 * e + 1)
        dx, dy = peek(edges, 4 * e + 2) - x, peek(edges, 4 * e + 3) - y
        length = np.sqrt(dx * dx + dy * dy)
        poke(frames, 4 * e, x)
        poke(frames, 4 * e + 1, y)
        poke(frames, 4 * e + 2, dx / length)
        poke(frames, 4 * e + 3, dy / length)


@lean_part_kernel
def _chain(
    vertices: Float, offsets: Long, edge_of: Int, frames: Float, newest: Int, following: Int, owner: Int, spans: Float
) -> None:
    """Chain the entries along each side of each edge, newest (E, 2) first; see `_pair`."""
    for i in range(newest.size):
        poke(newest, i, np.int32(-1))
    for region in range(len(offsets) - 1):
        start, end = peek(offsets, region), peek(offsets, region + 1)
        x, y = peek(vertices, 2 * start), peek(vertices, 2 * start + 1)
        first_x, first_y = x, y
        for i in range(start, end):
            next_x, next_y = first_x, first_y
            if i + 1 < end:
                next_x, next_y = peek(vertices, 2 * i + 2), peek(vertices, 2 * i + 3)
            e = peek(edge_of, i)
            if e >= 0:
                x0, y0, dx, dy = (
                    peek(frames, 4 * e),
                    peek(frames, 4 * e + 1),
                    peek(frames, 4 * e + 2),
                    peek(frames, 4 * e + 3),
                )
                at, to = (x - x0) * dx + (y - y0) * dy, (next_x - x0) * dx + (next_y - y0) * dy
                # Counter-clockwise rings run along the segment where they are on its left, the higher side.
                side = 2 * e + (0 if to > at else 1)
                poke(spans, 2 * i, min(at, to))
                poke(spans, 2 * i + 1, max(at, to))
                poke(following, i, peek(newest, side))
                poke(newest, side, np.int32(i))
            poke(owner, i, np.int32(region))
            x, y = next_x, next_y


@lean_part_kernel
def _gather(entry: int, following: Int, spans: Float, order: Int, begin: int) -> int:
    """Write a chain's entries to `order` from `begin` on, by the start of their spans; return where they end."""
    end = begin
    while entry >= 0:
        order[end] = entry
        end += 1
        entry = peek(following, entry)
    _sort(order, spans, begin, end)
    return end


@lean_kernel
def _pair(
    vertices: Float,
    offsets: Long,
    edge_of: Int,
    edges: Float,
    lines: Int,
    same_point: float,
    same_crossing: float,
    frames: Float,
    newest: Int,
    following: Int,
    order: Int,
    owner: Int,
    spans: Float,
    first: Int,
    second: Int,
    edge: Int,
    segments: Float,
) -> int:
    """Fill first, second, edge and segments with all pairs; return how many. The other arrays are working space.

    frames (E, 4), newest (E, 2), following, order, owner and spans (V,): spans is where along its segment, in units of
    length, an entry begins and ends. Chains of entries, linked backwards, need half the passes of sorting by edge.
    """
    _frame(edges, frames)
    _chain(vertices, offsets, edge_of, frames, newest, following, owner, spans)
    found = 0
    for e in range(len(edges)):
        i, middle = 0, _gather(newest[e, 0], following, spans, order, 0)
        j, end = middle, _gather(newest[e, 1], following, spans, order, middle)
        low = -np.inf
        while i < middle and j < end:
            above, below = peek(order, i), peek(order, j)
            low = max(low, max(peek(spans, 2 * above), peek(spans, 2 * below)))
            above_end, below_end = peek(spans, 2 * above + 1), peek(spans, 2 * below + 1)
            high = min(above_end, below_end)
            if high - low > same_point:
                first[found], second[found], edge[found] = owner[above], owner[below], e
                for axis in range(2):
                    start, direction = peek(frames, 4 * e + axis), peek(frames, 4 * e + 2 + axis)
                    poke(segments, 4 * found + axis, start + low * direction)
                    poke(segments, 4 * found + 2 + axis, start + high * direction)
                found += 1
            gap = above_end - below_end
            together = abs(gap) <= same_point
            if not together and abs(gap) <= same_crossing:
                # The line that ends `above` is the next ring entry's; that of `below`, running back, the one before.
                ring = owner[above]
                next_entry = above + 1 if above + 1 < offsets[ring + 1] else offsets[ring]
                ring = owner[below]
                previous = below - 1 if below > offsets[ring] else offsets[ring + 1] - 1
                together = _same_line(edge_of[next_entry], edge_of[previous], lines)
            if together:
                low = max(above_end, below_end)
                i += 1
                j += 1
            elif gap < 0:
                i += 1
            else:
                j += 1
    return found


@lean_kernel
def _jumps(gradients: Float, first: Int, second: Int, jump: Float) -> None:
    for k in range(len(first)):
        largest = 0.0
        for o in range(gradients.shape[1]):
            dx = gradients[first[k], o, 0] - gradients[second[k], o, 0]
            dy = gradients[first[k], o, 1] - gradients[second[k], o, 1]
            square = dx * dx + dy * dy
            if not square <= largest:
                largest = square
        jump[k] = np.sqrt(largest)


@lean_part_kernel
def _root(parents: Int, i: int) -> int:
    while parents[i] != i:
        parents[i] = parents[parents[i]]
        i = parents[i]
    return i


@lean_kernel
def _merge(
    first: Int,
    second: Int,
    gradients: Float,
    intercepts: Float,
    scales: Float,
    centre: tuple[float, float],
    half: tuple[float, float],
    labels: Int,
) -> None:
    """Union-find over the pairs with one map; labels (count,) holds 0, 1, ... before, linear regions after."""
    for k in range(len(first)):
        a, b = first[k], second[k]
        same = True
        for o in range(gradients.shape[1]):
            gx, gy = gradients[a, o, 0] - gradients[b, o, 0], gradients[a, o, 1] - gradients[b, o, 1]
            c = (intercepts[a, o] - intercepts[b, o]) + gx * centre[0] + gy * centre[1]
            difference = abs(gx) * half[0] + abs(gy) * half[1] + abs(c)
            if not difference <= scales[a, o] + scales[b, o]:
                same = False
                break
        if same:
            a, b = _root(labels, a), _root(labels, b)
            # The smaller id leads, so that leaders come before their followers below.
            labels[max(a, b)] = min(a, b)
    number = 0
    for i in range(len(labels)):
        if labels[i] == i:
            labels[i] = number
            number += 1
        else:
            # Every id before i holds its final number by now, so one step leads to it.
            labels[i] = labels[labels[i]]
