"""Exact derivatives of a network at many points: gradients carried forward, gains carried back, Hessians from both.

The Hessian of output o is a sum of one rank-one term per hidden unit: g phi''(z) grad z (grad z)^T with the unit's gain
g = df_o / dh.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reluviz.core.activations import Curve, Pieces
from reluviz.core.network import Network
from reluviz.core.products import pad, product

Float = NDArray[np.float64]
Int = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Bending:
    """How f bends at N points, per output: hessian (N, outputs, 3) as xx, xy, yy; kinks' impulses are left out.

    by_unit (N, outputs) is the sum over units of |g phi''| |grad z|^2, the nuclear norms of the terms: no smaller than
    the nuclear norm of their sum, the Hessian, in which bends of several units may cancel.
    """

    hessian: Float
    by_unit: Float


def bending(network: Network, points: Float) -> Bending:
    """Return how f bends at points (N, 2), float64."""
    passed = _Forward(network, points)
    count, outputs = len(points), network.outputs
    hessian, by_unit = np.zeros((count, outputs, 3)), np.zeros((count, outputs))
    bends = [_second_derivative(curve, z[:, 0]) for curve, z in zip(network.curves, passed.z, strict=True)]
    for output in range(outputs):
        for layer, gain in passed.gains(output):
            if not isinstance(network.curves[layer], Pieces):
                factor = (gain * bends[layer])[:, :count]
                x, y = passed.z[layer][:, 1, :count], passed.z[layer][:, 2, :count]
                hessian[:, output, 0] += (factor * x * x).sum(axis=0)
                hessian[:, output, 1] += (factor * x * y).sum(axis=0)
                hessian[:, output, 2] += (factor * y * y).sum(axis=0)
                by_unit[:, output] += (np.abs(factor) * (x * x + y * y)).sum(axis=0)
    return Bending(hessian, by_unit)


def unit_sensitivity(network: Network, points: Float, layers: Int, units: Int) -> Float:
    """Return |grad z| * |df_o / dh| of one hidden unit at each point, (N, outputs).

    points (N, 2); layers and units (N,) say which unit. Times a kink's slope jump it is how much the gradient of output
    o jumps across the unit's curve.
    """
    passed = _Forward(network, points)
    result = np.zeros((len(points), network.outputs))
    for output in range(network.outputs):
        for layer, gain in passed.gains(output):
            here = np.flatnonzero(layers == layer)
            z = passed.z[layer]
            steepness = np.hypot(z[units[here], 1, here], z[units[here], 2, here])
            result[here, output] = np.abs(gain[units[here], here]) * steepness
    return result


def unit_jet(network: Network, points: Float, layers: Int, units: Int) -> Float:
    """Return z, dz/dx and dz/dy of one hidden unit at each point, (N, 3); points (N, 2), layers and units (N,)."""
    passed = _Forward(network, points)
    result = np.zeros((len(points), 3))
    for layer, z in enumerate(passed.z):
        here = np.flatnonzero(layers == layer)
        result[here] = z[units[here], :, here]
    return result


def _second_derivative(curve: Curve, z: Float) -> Float:
    return np.zeros_like(z) if isinstance(curve, Pieces) else curve.second_derivative(z)


class _Forward:
    """One forward pass with gradients: z[l] is (units, 3, N padded): value, by x, by y; slopes[l] is phi'."""

    def __init__(self, network: Network, points: Float) -> None:
        self._network = network
        self.z: list[Float] = []
        self.slopes: list[Float] = []
        blocks = np.zeros((2, 3, pad(len(points))))
        blocks[:, 0, : len(points)] = points.T
        blocks[0, 1], blocks[1, 2] = 1.0, 1.0
        for weights, biases, curve in zip(network.weights, network.biases, network.curves, strict=False):
            z = product(weights, blocks.reshape(len(blocks), -1)).reshape(len(weights), 3, -1)
            z[:, 0] += biases[:, None]
            slope = curve.derivative(z[:, 0])
            blocks = slope[:, None] * z
            blocks[:, 0] = curve.value(z[:, 0])
            self.z.append(z)
            self.slopes.append(slope)

    def gains(self, output: int) -> Iterator[tuple[int, Float]]:
        """Yield (layer, df_output / dh (units, N padded)), the last hidden layer first."""
        if not self.z:
            return
        weights = self._network.weights
        gain: Float = np.broadcast_to(weights[-1][output][:, None], self.slopes[-1].shape)
        for layer in range(len(self.z) - 1, -1, -1):
            yield layer, gain
            if layer > 0:
                gain = product(np.ascontiguousarray(weights[layer].T), gain * self.slopes[layer])
