"""ChainRule: forward and backward pass written out as a list of prepared torch calls.

A small network's step is bound by the cost of calling, not by arithmetic: autograd builds and walks a graph, this
runs a fixed list on fixed buffers. Arrays are (features, points), one column per point, so that the row of ones that
carries the biases, and each batch, lie contiguous. All tensors are inference tensors: use it under
`torch.inference_mode()`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import torch
from torch import Tensor

from reluviz.core.activations import Activation
from reluviz.core.network import Layout
from reluviz.engine.activations import Call, Nonlinearity, learned_nonlinearity
from reluviz.engine.expressions import activation_nonlinearity
from reluviz.engine.losses import Loss
from reluviz.engine.weights import FlatWeights

Row = tuple[Activation, float]


class Weights(Protocol):
    """What the products need: one matrix (outputs, inputs + 1) per layer, or (networks, outputs, inputs + 1)."""

    layout: Layout
    values: Tensor
    matrices: list[Tensor]
    gradient_matrices: list[Tensor]

    def spread(self, layer: int) -> list[Call]:
        """Return the calls that fill a walsh layer's matrix from its scales, none for a dense layer."""

    def collect(self, layer: int) -> list[Call]:
        """Return the calls that gather a walsh layer's gradient, none for a dense layer."""


@dataclass(frozen=True)
class Buffers:
    """Work space for one batch size B, in layer order.

    hidden[l] (width + 1, B) is h of hidden layer l over a row of ones; signals[l] (width, B) receives dL/dz of layer
    l, the readout last; output (outputs, B) is the readout's z. Several networks have one more axis before.
    """

    hidden: list[Tensor]
    signals: list[Tensor]
    nonlinearities: list[Nonlinearity]
    output: Tensor


class ChainRule:
    """The calls that compute loss gradients of one network: from batch to `weights.gradients`.

    Where `keeps_z`, each hidden layer's z stays in its nonlinearity's buffer after the forward pass.
    """

    def __init__(self, weights: FlatWeights, rows: Sequence[Row], loss: Loss, keeps_z: bool = False) -> None:
        self._weights: Weights = weights
        self._flat, self._rows, self._loss, self._keeps_z = weights, tuple(rows), loss, keeps_z
        self._buffers: dict[int, Buffers] = {}

    def buffers(self, points: int) -> Buffers:
        """Return the work space for batches of `points`, made on first use."""
        if points not in self._buffers:
            self._buffers[points] = self._new_buffers(points)
        return self._buffers[points]

    def _new_buffers(self, points: int) -> Buffers:
        widths = self._weights.layout.sizes[1:]
        hidden = [self._new(width + 1, points) for width in widths[:-1]]
        for h in hidden:
            h[..., -1, :] = 1.0
        signals = [self._new(width, points) for width in widths]
        nonlinearities = [
            self._nonlinearity(layer, h[..., :-1, :], signal)
            for layer, (h, signal) in enumerate(zip(hidden, signals[:-1], strict=True))
        ]
        return Buffers(hidden, signals, nonlinearities, self._new(widths[-1], points))

    def _new(self, features: int, points: int) -> Tensor:
        return self._weights.values.new_empty((features, points))

    def _nonlinearity(self, layer: int, h: Tensor, signal: Tensor) -> Nonlinearity:
        z = torch.empty_like(h) if self._keeps_z else None
        value, gradient = self._flat.learned[layer], self._flat.learned_gradients[layer]
        return layer_nonlinearity(self._rows[layer], value, gradient, h, signal, z)

    def forward(self, x: Tensor, buffers: Buffers) -> list[Call]:
        """Return the calls that fill `buffers.output` from x (inputs + 1, B), whose last row is ones."""
        calls: list[Call] = []
        h = x
        layers = zip(self._weights.matrices, buffers.nonlinearities, buffers.hidden, strict=False)
        for layer, (matrix, unit, above) in enumerate(layers):
            calls += [*self._weights.spread(layer), _product(matrix, h, unit.z), *unit.forward]
            h = above
        calls.append(_product(self._weights.matrices[-1], h, buffers.output))
        return calls

    def backward(self, x: Tensor, targets: Tensor, buffers: Buffers) -> list[Call]:
        """Return the calls that fill the gradients, after `forward` ran for the same x; targets (outputs, B)."""
        calls = [*self._loss.gradient(buffers.output, targets, buffers.signals[-1])]
        below = [x, *buffers.hidden]
        for layer in range(len(self._weights.matrices) - 1, -1, -1):
            signal, gradient = buffers.signals[layer], self._weights.gradient_matrices[layer]
            calls += [_product(signal, below[layer].mT, gradient), *self._weights.collect(layer)]
            if layer > 0:
                transposed = self._weights.matrices[layer][..., :-1].mT
                calls.append(_product(transposed, signal, buffers.signals[layer - 1]))
                calls += buffers.nonlinearities[layer - 1].backward
        return calls

    def gradient(self, x: Tensor, targets: Tensor) -> list[Call]:
        """Return the calls of one forward and backward pass for one fixed batch."""
        buffers = self.buffers(x.shape[-1])
        return [*self.forward(x, buffers), *self.backward(x, targets, buffers)]


def _product(left: Tensor, right: Tensor, out: Tensor) -> Call:
    """Return the call of a matrix product, of several networks or of one.

    torch.bmm for one, too: torch.mm sums small products in another order, so that a network's numbers would depend on
    whether others train beside it. It costs 0.05 us more.
    """
    if left.shape[-1] == 1:  # A column times a row, number by number.
        return partial(torch.mul, left, right, out=out)
    if left.dim() == 2:
        left, right, out = left[None], right[None], out[None]
    return partial(torch.bmm, left, right, out=out)


def layer_nonlinearity(
    row: Row, value: Tensor | None, gradient: Tensor | None, h: Tensor, signal: Tensor, z: Tensor | None = None
) -> Nonlinearity:
    """Return the calls of one network's hidden layer; `value` and `gradient` are a learned parameter's."""
    activation, parameter = row
    if value is None or gradient is None:
        return activation_nonlinearity(activation, parameter, h, signal, z)
    return learned_nonlinearity(activation.pieces, value, gradient, h, signal, z)
