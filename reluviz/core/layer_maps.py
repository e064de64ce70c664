"""What hidden layers are on each region: affine maps, read off the patterns.

On a region every activation is one piece, slope * z + intercept, so each unit of each layer is g.x + c there.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from reluviz.core.errors import InputError

if TYPE_CHECKING:
    from reluviz.core.network import Network
    from reluviz.core.partition import Partition

Float = NDArray[np.float64]
# Regions at a time: 4096 rows of 64 units are 2 MB, what a core's cache holds.
_BLOCK = 4096


def project_layer(partition: "Partition", layer: int, directions: Float) -> tuple[Float, Float]:
    """Return the affine maps of directions @ h_layer on each region: gradients (count, K, 2), intercepts (count, K).

    layer 0 is the input, layer l the output of hidden layer l (1-based); directions (K, width of that layer). From the
    layer back to the input only K rows per region are carried. Raises `InputError` for layers that a truncated
    partition did not reach.
    """
    network = partition.network
    check_layer(partition, layer)
    rows = np.asarray(directions, dtype=np.float64)
    count, width = partition.count, len(rows)
    gradients, intercepts = np.empty((count, width, 2)), np.empty((count, width))
    starts = np.cumsum([0, *network.hidden])
    for begin in range(0, count, _BLOCK):
        patterns = partition.patterns[begin : begin + _BLOCK]
        carried = np.broadcast_to(rows, (len(patterns), *rows.shape))
        constant = np.zeros((len(patterns), width))
        for below in range(layer - 1, -1, -1):
            pieces = network.pieces[below]
            piece = patterns[:, starts[below] : starts[below + 1]]
            if any(pieces.intercepts):
                constant += np.einsum("rkn,rn->rk", carried, np.asarray(pieces.intercepts)[piece])
            carried = carried * np.asarray(pieces.slopes)[piece][:, None, :]
            flat = carried.reshape(-1, carried.shape[2])
            constant += (flat @ network.biases[below]).reshape(constant.shape)
            carried = (flat @ network.weights[below]).reshape(len(patterns), width, -1)
        gradients[begin : begin + _BLOCK], intercepts[begin : begin + _BLOCK] = carried, constant
    return gradients, intercepts


def unit_map(partition: "Partition", layer: int, unit: int) -> tuple[Float, Float]:
    """Return the affine map of one unit's output on each region: gradients (count, 2), intercepts (count,).

    layer counts hidden layers from 0 and unit the units in it, as edges and patterns do.
    """
    hidden = partition.network.hidden
    if not (0 <= layer < len(hidden) and 0 <= unit < hidden[layer]):
        raise InputError(f"unit {unit + 1} of layer {layer + 1} does not exist; hidden widths are {hidden}.")
    direction = np.zeros((1, hidden[layer]))
    direction[0, unit] = 1.0
    gradients, intercepts = project_layer(partition, layer + 1, direction)
    return gradients[:, 0], intercepts[:, 0]


def maps_of_regions(network: "Network", patterns: NDArray[np.int8]) -> list[NDArray[np.float32]]:
    """Return, per hidden layer, every unit's pre-activation map on the regions of `patterns` (R, units).

    Arrays are (R, 3, width) float32: gx, gy and the constant of z; three products per layer with the weights.
    """
    result: list[NDArray[np.float32]] = []
    carried = np.broadcast_to(np.eye(3, 2, dtype=np.float32), (len(patterns), 3, 2))
    begin = 0
    for layer, width in enumerate(network.hidden):
        weights, biases = (np.float32(a[layer]) for a in (network.weights, network.biases))
        z = (carried.reshape(-1, carried.shape[2]) @ weights.T).reshape(len(patterns), 3, width)
        z[:, 2] += biases
        result.append(z)
        pieces = network.pieces[layer]
        piece = patterns[:, begin : begin + width]
        carried = z * np.asarray(pieces.slopes, np.float32)[piece][:, None]
        if any(pieces.intercepts):
            carried[:, 2] += np.asarray(pieces.intercepts, np.float32)[piece]
        begin += width
    return result


def check_layer(partition: "Partition", layer: int) -> None:
    """Raise `InputError` unless `partition` knows the pieces of hidden layers up to `layer` (0: the input)."""
    known = len(partition.network.hidden) if partition.truncated_at is None else partition.truncated_at
    if not 0 <= layer <= known:
        raise InputError(f"layer {layer}: allowed is 0 (the input) to {known}, the layers that were decomposed.")
