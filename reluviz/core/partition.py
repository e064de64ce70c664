"""Partition: the exact decomposition of a box by a network, and how to obtain it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reluviz.core.activations import ACTIVATIONS, Activation
from reluviz.core.errors import InputError
from reluviz.core.network import Network
from reluviz.core.subdivide import DONE, NOT_FINITE, OVER_BUDGET, Layers, subdivide
from reluviz.core.view import Bounds

Float = NDArray[np.float64]
BUDGET = 250_000


@dataclass(frozen=True, eq=False)
class Partition:
    """The activation regions of a network inside `bounds`: arrays are read-only.

    Region i is the ring vertices[offsets[i]:offsets[i+1]], counter-clockwise; edge_of (V,) int32 names the birth
    segment that the edge leaving each vertex lies on, or -1..-4 for the bottom, right, top and left side of the box.
    patterns (count, units) int8: the piece of its activation each hidden unit is on. On region i
    f(x) = gradients[i] @ x + intercepts[i]; gradients (count, outputs, 2), intercepts (count, outputs).
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
    areas: Float
    edges: Float
    edge_layers: NDArray[np.int32]
    edge_units: NDArray[np.int32]
    edge_breakpoints: NDArray[np.int32]
    slivers_dropped: int = 0
    truncated_at: int | None = None
    finite: bool = True
    message: str = field(default="", compare=False)

    @property
    def count(self) -> int:
        """The number of activation regions: distinct patterns with an interior."""
        return len(self.areas)


def decompose(network: Network, bounds: Bounds, budget: int = BUDGET) -> Partition:
    """Return the exact activation regions of `network` inside `bounds` (xmin, xmax, ymin, ymax).

    More than `budget` regions: the decomposition by the first layers that fit, `truncated_at` says how many.
    Raises InputError for bounds without an interior or a network whose input is not the plane.
    """
    _check(network, bounds)
    if not network.finite:
        return _empty(network, bounds, "The weights are not finite, so there are no regions.")
    xmin, xmax, ymin, ymax = bounds
    centre = np.array([0.5 * xmin + 0.5 * xmax, 0.5 * ymin + 0.5 * ymax])
    half = (0.5 * xmax - 0.5 * xmin, 0.5 * ymax - 0.5 * ymin)
    layers = _pack(network, centre)
    hidden = len(network.hidden)
    units = sum(network.hidden)
    capacity = max(1, min(budget, 64 + units * units))
    depth = hidden
    status, dropped, cells = subdivide(layers, hidden, half, budget, capacity)
    if status == OVER_BUDGET:
        # Counts grow with every layer, so trying the first layer, the first two, ... costs little more than the last.
        depth, attempt = 0, subdivide(layers, 0, half, budget, 1)
        while attempt[0] == DONE:
            status, dropped, cells = attempt
            attempt = subdivide(layers, depth + 1, half, budget, capacity)
            depth += attempt[0] == DONE
        status = attempt[0]
    if status == NOT_FINITE:
        return _empty(network, bounds, "The weights are so large that their products overflow: no regions.")
    patterns = cells.patterns
    if depth < hidden:
        patterns = np.full((len(cells.areas), units), -1, np.int8)
        patterns[:, : cells.patterns.shape[1]] = cells.patterns
    vertices = np.empty((len(cells.x), 2))
    np.add(cells.x, centre[0], out=vertices[:, 0])
    np.add(cells.y, centre[1], out=vertices[:, 1])
    gradients = np.ascontiguousarray(cells.maps[:, :2].transpose(0, 2, 1))
    return _frozen(
        network,
        bounds,
        vertices,
        cells.offsets,
        cells.edge_of,
        patterns,
        gradients,
        cells.maps[:, 2] - gradients @ centre,
        cells.areas,
        cells.segments + np.tile(centre, 2),
        cells.cuts[:, 0],
        cells.cuts[:, 1],
        cells.cuts[:, 2],
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
    return decompose(_as_network(model, activation), bounds)


def _as_network(model: Any, activation: str | Activation | Sequence[str | Activation]) -> Network:
    if isinstance(model, Network):
        return model
    if isinstance(model, list | tuple):
        return _network_of_arrays(model, activation)
    if hasattr(model, "state_dict"):
        # Only a person who holds a torch module already has torch loaded.
        from reluviz.engine.model import network_from_module

        network: Network = network_from_module(model)
        return network
    raise InputError(
        f"Model: a {type(model).__name__} was given; a torch.nn.Sequential, a Network or a list of (W, b) is allowed."
    )


def _network_of_arrays(layers: Sequence[Any], activation: str | Activation | Sequence[str | Activation]) -> Network:
    arrays: list[tuple[Float, Float]] = []
    inputs = 2
    for index, layer in enumerate(layers):
        try:
            weights, biases = (np.asarray(part, dtype=np.float64) for part in layer)
        except (TypeError, ValueError):
            raise InputError(f"Model: layer {index} is not a pair (W, b) of numeric arrays.") from None
        if weights.ndim != 2 or biases.shape != weights.shape[:1] or weights.shape[1] != inputs or not len(biases):
            raise InputError(
                f"Model: layer {index} has W {weights.shape} and b {biases.shape}; "
                f"W (outputs, {inputs}) and b (outputs,) are allowed."
            )
        inputs = len(biases)
        arrays.append((weights, biases))
    if not arrays:
        raise InputError("Model: the list holds no layer; at least one (W, b) is needed.")
    hidden = len(arrays) - 1
    rows = [activation] * hidden if isinstance(activation, str | Activation) else list(activation)
    if len(rows) != hidden:
        raise InputError(f"Activation: {len(rows)} entries do not fit {hidden} hidden layers; one for all or one each.")
    for row in rows:
        if isinstance(row, str) and row not in ACTIVATIONS:
            raise InputError(f"Activation: {row!r} is not one of {', '.join(ACTIVATIONS)}.")
    chosen = [ACTIVATIONS[row] if isinstance(row, str) else row for row in rows]
    return Network.create(arrays, chosen, [row.default for row in chosen])


def _check(network: Network, bounds: Bounds) -> None:
    if network.weights[0].shape[1] != 2:
        raise InputError(f"Network: it has {network.weights[0].shape[1]} inputs; regions are drawn for 2.")
    xmin, xmax, ymin, ymax = bounds
    if not (np.isfinite(bounds).all() and xmin < xmax and ymin < ymax):
        raise InputError(f"Bounds: {tuple(bounds)} is no rectangle; finite xmin < xmax and ymin < ymax are needed.")


def _pack(network: Network, centre: Float) -> Layers:
    widths = np.array([*network.hidden, network.outputs], np.int64)
    columns = [np.empty(0), *(weights.T.ravel() for weights in network.weights[1:])]
    pieces = network.pieces
    breaks = np.array([len(row.breakpoints) for row in pieces], np.int64)
    most = int(breaks.max(initial=0))
    breakpoints = np.zeros((len(pieces), most))
    slopes, intercepts = np.zeros((len(pieces), most + 1)), np.zeros((len(pieces), most + 1))
    for layer, row in enumerate(pieces):
        breakpoints[layer, : len(row.breakpoints)] = row.breakpoints
        slopes[layer, : len(row.slopes)] = row.slopes
        intercepts[layer, : len(row.intercepts)] = row.intercepts
    weights, biases = network.weights[0], network.biases[0]
    first = np.empty((4, widths[0]))
    first[:2] = weights.T
    first[2] = weights @ centre + biases
    first[3] = np.abs(weights) @ np.abs(centre) + np.abs(biases)
    return Layers(
        widths,
        np.concatenate(columns),
        np.cumsum([0, *(len(column) for column in columns[:-1]), len(columns[-1])])[: len(widths)].astype(np.int64),
        np.concatenate(network.biases),
        np.concatenate([[0], np.cumsum(widths)[:-1]]).astype(np.int64),
        first,
        breaks,
        breakpoints,
        slopes,
        intercepts,
    )


def _frozen(*values: Any, **more: Any) -> Partition:
    for value in values:
        if isinstance(value, np.ndarray):
            value.setflags(write=False)
    return Partition(*values, **more)


def _empty(network: Network, bounds: Bounds, message: str) -> Partition:
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
        np.empty(0),
        np.empty((0, 4)),
        *(np.empty(0, np.int32) for _ in range(3)),
        finite=False,
        message=message,
    )
