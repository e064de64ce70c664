"""The decomposition by several threads: the same regions and edges, in the same order, as by one.

The first layer's cells are dealt out in runs. Every thread walks the first layer whole (a small part of all work), so
that all number its lines alike, and goes deeper only in its own cells. One thread's walk would meet the runs one
after the other; from that follows where each deeper edge stands among all edges.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reluviz.core.memory import reserve
from reluviz.core.packing import DROPPED, MADE, PASSED, Cells, Layers
from reluviz.core.subdivide import DONE, OVER_BUDGET, subdivide, subdivide_share

Long = NDArray[np.int64]
Arrays = tuple[NDArray[Any], ...]

RUNS_PER_WORKER = 3  # Runs hold unequal work: three to a worker keep both of two threads busy to the end.
CELLS_PER_RUN = 16  # Fewer are not worth a thread.


def subdivide_together(
    layers: Layers, depth: int, half: tuple[float, float], budget: int, capacity: int, workers: int
) -> tuple[int, int, Cells]:
    """As `subdivide`, on up to `workers` threads."""
    if workers <= 1 or depth < 2:
        return subdivide(layers, depth, half, budget, capacity)
    status, state, _ = subdivide_share(layers, depth, half, budget, capacity, 0, 0)
    first_layer = int(state[PASSED])
    runs = min(RUNS_PER_WORKER * workers, first_layer // CELLS_PER_RUN)
    if status != DONE or runs < 2:
        return subdivide(layers, depth, half, budget, capacity)
    ends = [first_layer * i // runs for i in range(runs + 1)]
    room = max(64, capacity // runs)

    def walk_run(run: tuple[int, int]) -> tuple[int, Long, Cells]:
        return subdivide_share(layers, depth, half, budget, room, *run)

    shares = list(_pool(workers).map(walk_run, pairwise(ends)))
    cells = [share[2] for share in shares]
    deeper = sum(int(share[1][MADE]) - int(state[MADE]) for share in shares)
    for share in shares:
        if share[0] != DONE:
            return share[0], 0, cells[0]
    if int(state[MADE]) + deeper >= budget:
        return OVER_BUDGET, 0, cells[0]
    dropped = int(state[DROPPED]) + sum(int(share[1][DROPPED]) - int(state[DROPPED]) for share in shares)
    return DONE, dropped, _joined(cells, workers)


def _joined(shares: list[Cells], workers: int) -> Cells:
    numbers = _edge_numbers([share.cuts[:, 0] for share in shares])
    edges = int(sum(len(number) for number in numbers)) - (len(shares) - 1) * int((shares[0].cuts[:, 0] == 0).sum())
    counts = np.cumsum([0, *(len(share.areas) for share in shares)])
    entries = np.cumsum([0, *(len(share.edge_of) for share in shares)])
    ring, regions = int(entries[-1]), int(counts[-1])
    lengths = (ring, ring, regions + 1, *[regions] * 5, edges, edges)
    arrays: Arrays = shares[0]
    joined = Cells(*(reserve((n, *array.shape[1:]), array.dtype) for n, array in zip(lengths, arrays, strict=True)))
    joined.offsets[0] = 0

    def copy(run: int) -> None:
        share, number = shares[run], numbers[run]
        regions, ring = slice(counts[run], counts[run + 1]), slice(entries[run], entries[run + 1])
        joined.vertices[ring] = share.vertices
        # The box's sides, -1 to -4, keep their numbers: they are looked up from the end.
        joined.edge_of[ring] = np.concatenate([number, [-4, -3, -2, -1]]).astype(np.int32)[share.edge_of]
        joined.offsets[counts[run] + 1 : counts[run + 1] + 1] = share.offsets[1:] + entries[run]
        for name in ("patterns", "gradients", "intercepts", "scales", "areas"):
            getattr(joined, name)[regions] = getattr(share, name)
        joined.segments[number], joined.cuts[number] = share.segments, share.cuts

    for _ in _pool(workers).map(copy, range(len(shares))):
        pass
    return joined


def _edge_numbers(layers: Iterable[NDArray[np.int32]]) -> list[Long]:
    """Return for each share the number among all edges of each of its edges, from the layers of its edges.

    An edge of the first layer comes after those before it of its own layer and each share's deeper ones before it; a
    deeper one, besides those before it in its share, after all deeper ones of the shares before.
    """
    shares = list(layers)
    places = [np.flatnonzero(layer == 0) for layer in shares]
    order = np.arange(len(places[0]))
    first = order + sum(place - order for place in places)
    numbers, deeper = [], 0
    for layer, place in zip(shares, places, strict=True):
        number = np.arange(len(layer), dtype=np.int64) + deeper
        number[place] = first
        numbers.append(number)
        deeper += len(layer) - len(place)
    return numbers


@cache
def _pool(workers: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(workers, thread_name_prefix="walk")
