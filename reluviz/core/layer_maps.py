"""What hidden layers are on each region: affine maps, read off the patterns.

On a region every activation is one piece, slope * z + intercept, so each unit of each layer is g.x + c there.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from reluviz.core.errors import InputError
from reluviz.core.kernel import fast_kernel, kernel

if TYPE_CHECKING:
    from reluviz.core.network import Network
    from reluviz.core.partition import Partition

Float = NDArray[np.float64]


def project_layer(partition: "Partition", layer: int, directions: Float) -> tuple[Float, Float]:
    """Return the affine maps of directions @ h_layer on each region: gradients (count, K, 2), intercepts (count, K).

    layer 0 is the input, layer l the output of hidden layer l (1-based); directions (K, width of that layer). From the
    layer back to the input only K rows per region are carried. Raises `InputError` for layers that a truncated
    partition did not reach.
    """
    network = partition.network
    check_layer(partition, layer)
    carried = np.ascontiguousarray(np.broadcast_to(directions, (partition.count, *np.shape(directions))), np.float64)
    constants = np.zeros(carried.shape[:2])
    starts = np.cumsum([0, *network.hidden])
    for below in range(layer - 1, -1, -1):
        pieces = network.pieces[below]
        carried = _carry_back(
            carried,
            constants,
            partition.patterns[:, starts[below] : starts[below + 1]],
            np.asarray(pieces.slopes),
            np.asarray(pieces.intercepts),
            network.weights[below],
            network.biases[below],
        )
    return carried, constants


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
    begin = 0
    for layer, width in enumerate(network.hidden):
        weights, biases = network.weights[layer].astype(np.float32), network.biases[layer].astype(np.float32)
        if layer == 0:
            first = np.concatenate([weights.T, biases[None]])
            result.append(np.ascontiguousarray(np.broadcast_to(first, (len(patterns), 3, width))))
        else:
            pieces, before = network.pieces[layer - 1], network.hidden[layer - 1]
            piece = patterns[:, begin - before : begin]
            slopes, intercepts = np.asarray(pieces.slopes, np.float32), np.asarray(pieces.intercepts, np.float32)
            columns = np.ascontiguousarray(weights.T)
            result.append(_carry_on(result[-1], piece, slopes, intercepts, columns, biases))
        begin += width
    return result


# Plain loops, not BLAS: half the units are off and need no work, and BLAS's own threads, when the cores are busy with
# training, made 0.2 ms of product into 15 ms.
@kernel
def _carry_back(
    carried: Float,
    constants: Float,
    patterns: NDArray[np.int8],
    slopes: Float,
    intercepts: Float,
    weights: Float,
    biases: Float,
) -> Float:
    """Return what rows (count, K, n) on a layer's outputs are on its inputs; constants (count, K) take the rest."""
    count, rows, width = carried.shape
    result = np.zeros((count, rows, weights.shape[1]))
    for region in range(count):
        for unit in range(width):
            piece = patterns[region, unit]
            slope, intercept = slopes[piece], intercepts[piece]
            if slope == 0.0 and intercept == 0.0:
                continue
            weight = weights[unit]
            for row in range(rows):
                amount = carried[region, row, unit]
                constants[region, row] += amount * (slope * biases[unit] + intercept)
                amount *= slope
                out = result[region, row]
                for k in range(len(weight)):
                    out[k] += amount * weight[k]
    return result


@fast_kernel
def _carry_on(
    maps: NDArray[np.float32],
    patterns: NDArray[np.int8],
    slopes: NDArray[np.float32],
    intercepts: NDArray[np.float32],
    columns: NDArray[np.float32],
    biases: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Return the next layer's maps (R, 3, m) of this layer's (R, 3, n); columns (n, m) are the weights, transposed."""
    count, _, width = maps.shape
    result = np.zeros((count, 3, columns.shape[1]), np.float32)
    for region in range(count):
        gx, gy, c = result[region, 0], result[region, 1], result[region, 2]
        c[:] = biases
        for unit in range(width):
            slope, constant = slopes[patterns[region, unit]], intercepts[patterns[region, unit]]
            if slope == 0.0 and constant == 0.0:
                continue
            x, y = slope * maps[region, 0, unit], slope * maps[region, 1, unit]
            level = slope * maps[region, 2, unit] + constant
            column = columns[unit]
            for k in range(len(column)):
                gx[k] += x * column[k]
                gy[k] += y * column[k]
                c[k] += level * column[k]
    return result


def check_layer(partition: "Partition", layer: int) -> None:
    """Raise `InputError` unless `partition` knows the pieces of hidden layers up to `layer` (0: the input)."""
    known = len(partition.network.hidden) if partition.truncated_at is None else partition.truncated_at
    if not 0 <= layer <= known:
        raise InputError(f"layer {layer}: allowed is 0 (the input) to {known}, the layers that were decomposed.")
