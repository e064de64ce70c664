"""switchboard: the network at one point, where every unit is a switch and the whole is one weighted sum.

At a point x each activation is on one piece, slope * z + intercept: with the switches as they stand the network is
f(x) = a.x + c. What a link carries, slope_j * W_ji * h_i, lights the paths of a diagram.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from reluviz.core.activations import Pieces
from reluviz.core.errors import InputError
from reluviz.core.network import Network

if TYPE_CHECKING:
    from reluviz.core.partition import Partition

Float = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Switches:
    """One layer of width n at one point; the readout is a layer whose one piece has slope 1.

    z, h (n,): before and after the activation. piece (n,) int8; slope, intercept (n,): h = slope * z + intercept, so a
    lamp is lit where slope is not 0; of a smooth activation they are the tangent, and piece is 0. gradient (n, inputs)
    and offset (n,): z = gradient @ x + offset, the effective weighted sum. flow (n, width before): what each link
    delivers, slope_j * W_ji * h_i; a row's sum and slope * bias + intercept make h. reach (outputs, n): the gradient of
    f by h, through the lit switches behind.
    """

    z: Float
    h: Float
    piece: NDArray[np.int8]
    slope: Float
    intercept: Float
    gradient: Float
    offset: Float
    flow: Float
    reach: Float

    @property
    def path(self) -> Float:
        """What each link adds to f, (outputs, n, width before): flow times reach."""
        return self.reach[:, :, None] * self.flow[None]


@dataclass(frozen=True, eq=False)
class Switchboard:
    """All layers at the point x (inputs,), hidden layers first, the readout last.

    value (outputs,) is the network's own f(x); gradient (outputs, inputs) and intercept (outputs,) the sum
    f(x) = a.x + c; deviation the largest difference between the two over the outputs.
    """

    x: Float
    layers: tuple[Switches, ...]
    value: Float
    gradient: Float
    intercept: Float
    deviation: float


@dataclass(frozen=True)
class NearestEdge:
    """The edge of a region that is nearest to a point.

    distance in units of the plane, point the nearest place on it, segment (x0, y0, x1, y1) the exact piece shared with
    region `neighbour`; units are (layer, unit) of all whose piece differs across it.
    """

    region: int
    distance: float
    point: tuple[float, float]
    segment: tuple[float, float, float, float]
    neighbour: int
    units: tuple[tuple[int, int], ...]


def read_switches(network: Network, x: Float) -> Switchboard:
    """Return every switch of `network` at the point x (inputs,). Raises `InputError` where x is not finite."""
    point = np.array(x, dtype=np.float64).reshape(-1)
    if not np.isfinite(point).all():
        raise InputError("probe: the point has a coordinate that is not finite; allowed is any point of the plane.")
    layers = []
    h, before, offset_before = point, np.eye(len(point)), np.zeros(len(point))
    sums = network.preactivations(point[None])
    for layer, (weights, biases) in enumerate(zip(network.weights, network.biases, strict=True)):
        # The network's own sums, one row at a time as it computes them, so that lamps are what it switches by.
        z = sums[layer][0]
        gradient, offset = weights @ before, weights @ offset_before + biases
        if layer < len(network.activations):
            curve = network.curves[layer]
            piece = curve.index(z) if isinstance(curve, Pieces) else np.zeros(len(z), np.int8)
            (slope, intercept), after = curve.tangent(z), curve.value(z)
        else:
            piece, slope, intercept, after = np.zeros(len(z), np.int8), np.ones(len(z)), np.zeros(len(z)), z
        flow = slope[:, None] * weights * h
        layers.append((z, after, piece, slope, intercept, gradient, offset, flow))
        h, before, offset_before = after, slope[:, None] * gradient, slope * offset + intercept
    reach = np.eye(network.outputs)
    result = []
    for layer in range(len(layers) - 1, -1, -1):
        result.append(Switches(*layers[layer], reach))
        reach = (reach * layers[layer][3]) @ network.weights[layer]
    value = network.forward(point[None])[0]
    deviation = float(np.max(np.abs(before @ point + offset_before - value)))
    return Switchboard(point, tuple(result[::-1]), value, before, offset_before, deviation)


def replay(network: Network, board: Switchboard) -> Float:
    """Return f(x) (outputs,) with each activation replaced by its switch, one multiplication and one addition.

    The sums are those of `Network.forward`, so for ReLU the result is the same to the last bit.
    """
    h = board.x[None]
    for layer, (weights, biases) in enumerate(zip(network.weights, network.biases, strict=True)):
        switches = board.layers[layer]
        h = (h @ weights.T + biases) * switches.slope + switches.intercept
    return np.asarray(h[0])


def nearest_edge(partition: "Partition", x: Float) -> NearestEdge | None:
    """Return the edge nearest to x (2,) of the region it lies in; None outside the box or where nothing bends."""
    point = np.asarray(x, dtype=np.float64)
    if partition.count == 0 or not np.isfinite(point).all():
        return None
    region = int(partition.locate(point[None])[0])
    if region < 0:
        return None
    adjacency = partition.adjacency
    around = np.flatnonzero((adjacency.first == region) | (adjacency.second == region))
    if len(around) == 0:
        return None
    segments = adjacency.segments[around]
    places = _nearest_points(segments, point)
    distances = np.hypot(places[:, 0] - point[0], places[:, 1] - point[1])
    best = int(np.argmin(distances))
    first, second = int(adjacency.first[around[best]]), int(adjacency.second[around[best]])
    neighbour = second if first == region else first
    x0, y0, x1, y1 = (float(value) for value in segments[best])
    place = (float(places[best, 0]), float(places[best, 1]))
    units = _differing(partition, region, neighbour)
    return NearestEdge(region, float(distances[best]), place, (x0, y0, x1, y1), neighbour, units)


def _nearest_points(segments: Float, point: Float) -> Float:
    """Return the point (S, 2) of each segment (S, 4) that is nearest to `point` (2,)."""
    start, along = segments[:, :2], segments[:, 2:] - segments[:, :2]
    length = np.sum(along**2, axis=1)
    t = np.sum((point - start) * along, axis=1) / np.where(length > 0, length, 1.0)
    result: Float = start + np.clip(t, 0.0, 1.0)[:, None] * along
    return result


def _differing(partition: "Partition", first: int, second: int) -> tuple[tuple[int, int], ...]:
    columns = np.flatnonzero(partition.patterns[first] != partition.patterns[second])
    starts = np.cumsum([0, *partition.network.hidden])
    layers = np.searchsorted(starts, columns, side="right") - 1
    return tuple((int(layer), int(column - starts[layer])) for layer, column in zip(layers, columns, strict=True))
