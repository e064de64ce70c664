"""Gain: how strongly f answers to its input and to each hidden layer, in every region and at any point.

By the chain rule, df/dh_l = W_L D_{L-1} W_{L-1} ... D_{l+1} W_{l+1} with D_k the slopes of layer k's activations: one
number per unit that is constant in a region of a piecewise-linear network, so what is said of a region is exact.
"""

import numpy as np
from numpy.typing import NDArray

from reluviz.core.network import Network
from reluviz.core.partition import Partition

Float = NDArray[np.float64]
INPUT = -1
_BAND = 4096  # Points a time: 64 units of them are 2 MB per output.


def region_gains(partition: Partition, layer: int) -> Float:
    """Return ||df/dh_layer|| of each region (count,), Frobenius over outputs and units; layer INPUT is x itself.

    nan where the decomposition stopped before all layers were decomposed.
    """
    if layer == INPUT:
        return np.asarray(np.sqrt(np.square(partition.gradients).sum(axis=(1, 2))))
    network = partition.network
    if partition.truncated_at is not None:
        return np.full(partition.count, np.nan)
    cuts = np.cumsum((0, *network.hidden))
    tables = [np.asarray(pieces.slopes) for pieces in network.pieces]
    result = np.empty(partition.count)
    for begin in range(0, partition.count, _BAND):
        patterns = partition.patterns[begin : begin + _BAND]
        slopes = [table[patterns[:, a:b]] for table, a, b in zip(tables, cuts, cuts[1:], strict=False)]
        result[begin : begin + _BAND] = _gains(network, slopes, layer)
    return result


def point_gains(network: Network, points: Float, layer: int) -> Float:
    """Return ||df/dh_layer|| at points (N, 2): (N,); at a breakpoint with the activation's own choice of slope."""
    result = np.empty(len(points))
    for begin in range(0, len(points), _BAND):
        z = network.preactivations(points[begin : begin + _BAND])[:-1]
        slopes = [curve.derivative(values) for curve, values in zip(network.curves, z, strict=True)]
        result[begin : begin + _BAND] = _gains(network, slopes, layer)
    return result


def _gains(network: Network, slopes: list[Float], layer: int) -> Float:
    """Return the norm for N points from the slopes (N, units) of every hidden layer."""
    count = len(slopes[0]) if slopes else 1
    gain: Float = np.broadcast_to(network.weights[-1], (count, *network.weights[-1].shape))
    for upper in range(len(slopes) - 1, layer, -1):
        gain = (gain * slopes[upper][:, None, :]) @ network.weights[upper]
    norms: Float = np.sqrt(np.square(gain).sum(axis=(1, 2)))
    return norms
