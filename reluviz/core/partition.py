"""Partition: the exact decomposition of a box by a network, and how to obtain it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reluviz.core.activations import Activation
from reluviz.core.adjacency import Adjacency, find_neighbours, merge_regions
from reluviz.core.errors import InputError
from reluviz.core.given import as_network
from reluviz.core.locate import Finder
from reluviz.core.network import Network
from reluviz.core.packing import pack
from reluviz.core.shared_walk import subdivide_together
from reluviz.core.subdivide import DONE, NOT_FINITE, OVER_BUDGET, subdivide
from reluviz.core.view import Bounds

Float = NDArray[np.float64]
BUDGET = 250_000


@dataclass(frozen=True, eq=False)
class Partition:
    """The activation regions of a network inside `bounds`: arrays are read-only.

    Region i is the ring vertices[offsets[i]:offsets[i+1]], counter-clockwise; edge_of (V,) int32 names the birth
    segment that the edge leaving each vertex lies on, or -1..-4 for the bottom, right, top and left side of the box.
    patterns (count, units) int8: the piece of its activation each hidden unit is on. On region i
    f(x) = gradients[i] @ x + intercepts[i]; gradients (count, outputs, 2), intercepts (count, outputs),
    within scales (count, outputs): a bound, at the centre of the bounds, on what rounding may have done to f there.
    edges (E, 4): each cut once, as x0 y0 x1 y1, the higher piece on its left; edge_layers, edge_units and
    edge_breakpoints (E,) say whose line it is. areas (count,).

    truncated_at: None, or how many hidden layers were decomposed when the next one would have exceeded the budget;
    then patterns of later layers are -1 and gradients nan. slivers_dropped counts cuts not made because a part would
    have been below 1e-12 of the box. finite False means no regions, and `message` says why.
    """

    network: Network
    bounds: Bounds
    vertices: Float
    offsets: NDArray[np.int64]
    edge_of: NDArray[np.int32]
    patterns: NDArray[np.int8]
    gradients: Float
    intercepts: Float
    scales: Float
    areas: Float
    edges: Float
    edge_layers: NDArray[np.int32]
    edge_units: NDArray[np.int32]
    edge_breakpoints: NDArray[np.int32]
    slivers_dropped: int = 0
    truncated_at: int | None = None
    finite: bool = True
    message: str = ""

    @property
    def count(self) -> int:
        """The number of activation regions: distinct patterns with an interior."""
        return len(self.areas)

    @cached_property
    def adjacency(self) -> Adjacency:
        """The pairs of regions that share an edge, and the piece that they share."""
        return find_neighbours(self)

    @cached_property
    def linear_labels(self) -> NDArray[np.int32]:
        """The linear region (count,) int32 that each activation region belongs to, counted from 0."""
        return merge_regions(self, self.adjacency)

    @property
    def linear_count(self) -> int:
        """The number of linear regions, neighbours with the same affine map merged; -1 where maps are not known."""
        if self.truncated_at is not None:
            return -1
        return int(self.linear_labels.max(initial=-1)) + 1

    def locate(self, points: Float) -> NDArray[np.int64]:
        """Return the region (N,) int64 that each of points (N, 2) lies in, -1 outside the bounds.

        A point on an edge belongs to one of the regions that share it.
        """
        return self._finder.find(points)

    @cached_property
    def _finder(self) -> Finder:
        return Finder.build(self.vertices, self.offsets, self.bounds)

    def to_svg(self, path: str | Path) -> None:
        """Write the regions as SVG, coloured by pattern. Raises OSError where `path` cannot be written."""
        from reluviz.core.vector import write_svg

        write_svg(self, path)


def decompose(network: Network, bounds: Bounds, budget: int = BUDGET, workers: int = 1) -> Partition:
    """Return the exact activation regions of `network` inside `bounds` (xmin, xmax, ymin, ymax).

    More than `budget` regions: the decomposition by the first layers that fit, `truncated_at` says how many. Any
    number of `workers`, threads that share the work, returns the same arrays.
    Raises InputError for bounds without an interior or a network whose input is not the plane.
    """
    _check(network, bounds)
    if not network.finite:
        return without_regions(network, bounds, "The weights are not finite, so there are no regions.")
    xmin, xmax, ymin, ymax = bounds
    centre = np.array([0.5 * xmin + 0.5 * xmax, 0.5 * ymin + 0.5 * ymax])
    half = (0.5 * xmax - 0.5 * xmin, 0.5 * ymax - 0.5 * ymin)
    layers = pack(network, centre)
    hidden, units = len(network.hidden), sum(network.hidden)
    # Hanin & Rolnick's N^2 / 2, the expectation up to a constant. What is not needed is reserved and never touched.
    capacity = max(1, min(budget, 64 + units * units // 2))
    depth = hidden
    status, dropped, cells = subdivide_together(layers, hidden, half, budget, capacity, workers)
    if status == OVER_BUDGET:
        # Counts grow with every layer, so trying no layer, the first, the first two costs little more than the last.
        attempt = subdivide(layers, 0, half, budget, 1)
        depth = -1
        while attempt[0] == DONE:
            depth += 1
            status, dropped, cells = attempt
            if depth + 1 == hidden:
                break
            attempt = subdivide(layers, depth + 1, half, budget, capacity)
        status = attempt[0]
    if status == NOT_FINITE:
        return without_regions(network, bounds, "The weights are so large that their products overflow: no regions.")
    patterns = cells.patterns
    if depth < hidden:
        patterns = np.full((len(cells.areas), units), -1, np.int8)
        patterns[:, : cells.patterns.shape[1]] = cells.patterns
    return _frozen(
        network,
        bounds,
        cells.vertices,
        cells.offsets,
        cells.edge_of,
        patterns,
        cells.gradients,
        cells.intercepts,
        cells.scales,
        cells.areas,
        cells.segments,
        np.ascontiguousarray(cells.cuts[:, 0]),
        np.ascontiguousarray(cells.cuts[:, 1]),
        np.ascontiguousarray(cells.cuts[:, 2]),
        slivers_dropped=dropped,
        truncated_at=depth if depth < hidden else None,
    )


def linear_regions(
    model: Any, bounds: Bounds, activation: str | Activation | Sequence[str | Activation] = "relu"
) -> Partition:
    """Return the exact regions of `model` inside `bounds` (xmin, xmax, ymin, ymax).

    model is a Network, a torch.nn.Sequential of Linear layers and supported activations, or a list
    [(W0, b0), (W1, b1), ...] with W (outputs, inputs); for a list `activation` is a name of ACTIVATIONS, an Activation
    or one per hidden layer, with its default parameter. Raises InputError for anything else.
    """
    return decompose(as_network(model, activation), bounds)


def _check(network: Network, bounds: Bounds) -> None:
    if network.weights[0].shape[1] != 2:
        raise InputError(f"Network: it has {network.weights[0].shape[1]} inputs; regions are drawn for 2.")
    xmin, xmax, ymin, ymax = bounds
    if not (np.isfinite(bounds).all() and xmin < xmax and ymin < ymax):
        raise InputError(f"Bounds: {tuple(bounds)} is no rectangle; finite xmin < xmax and ymin < ymax are needed.")


def _frozen(*values: Any, **more: Any) -> Partition:
    for value in values:
        if isinstance(value, np.ndarray):
            value.setflags(write=False)
    return Partition(*values, **more)


def without_regions(network: Network, bounds: Bounds, message: str, finite: bool = False) -> Partition:
    """Return a partition without any region; `message` says why there is none."""
    outputs = network.outputs
    return _frozen(
        network,
        bounds,
        np.empty((0, 2)),
        np.zeros(1, np.int64),
        np.empty(0, np.int32),
        np.empty((0, sum(network.hidden)), np.int8),
        np.empty((0, outputs, 2)),
        np.empty((0, outputs)),
        np.empty((0, outputs)),
        np.empty(0),
        np.empty((0, 4)),
        *(np.empty(0, np.int32) for _ in range(3)),
        finite=finite,
        message=message,
    )
