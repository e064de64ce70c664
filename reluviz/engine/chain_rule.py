"""ChainRule: forward and backward pass written out as a list of prepared torch calls.

A small network's step is bound by the cost of calling, not by arithmetic: autograd builds and walks a graph, this
runs a fixed list on fixed buffers. Arrays are (features, points), one column per point, so that the row of ones that
carries the biases, and each batch, lie contiguous. All tensors are inference tensors: use it under
`torch.inference_mode()`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from reluviz.core.activations import Activation
from reluviz.engine.activations import Call, Nonlinearity, learned_nonlinearity
from reluviz.engine.expressions import activation_nonlinearity
from reluviz.engine.losses import Loss
from reluviz.engine.weights import FlatWeights


@dataclass(frozen=True)
class Buffers:
    """Work space for one batch size B, in layer order.

    hidden[l] (width + 1, B) is h of hidden layer l over a row of ones; signals[l] (width, B) receives dL/dz of layer
    l, the readout last; output (outputs, B) is the readout's z.
    """

    hidden: list[Tensor]
    signals: list[Tensor]
    nonlinearities: list[Nonlinearity]
    output: Tensor


class ChainRule:
    """The calls that compute loss gradients of one network: from batch to `weights.gradients`."""

    def __init__(self, weights: FlatWeights, rows: Sequence[tuple[Activation, float]], loss: Loss) -> None:
        self._weights, self._rows, self._loss = weights, tuple(rows), loss
        self._buffers: dict[int, Buffers] = {}

    def buffers(self, points: int) -> Buffers:
        """Return the work space for batches of `points`, made on first use."""
        if points not in self._buffers:
            self._buffers[points] = self._new_buffers(points)
        return self._buffers[points]

    def _new_buffers(self, points: int) -> Buffers:
        new, widths = self._weights.values.new_empty, self._weights.layout.sizes[1:]
        hidden = [new(width + 1, points) for width in widths[:-1]]
        for h in hidden:
            h[-1] = 1.0
        signals = [new(width, points) for width in widths]
        nonlinearities = [
            self._nonlinearity(layer, h[:-1], signal)
            for layer, (h, signal) in enumerate(zip(hidden, signals[:-1], strict=True))
        ]
        return Buffers(hidden, signals, nonlinearities, new(widths[-1], points))

    def _nonlinearity(self, layer: int, h: Tensor, signal: Tensor) -> Nonlinearity:
        activation, parameter = self._rows[layer]
        value, gradient = self._weights.learned[layer], self._weights.learned_gradients[layer]
        if value is None or gradient is None:
            return activation_nonlinearity(activation, parameter, h, signal)
        return learned_nonlinearity(activation.pieces, value, gradient, h, signal)

    def forward(self, x: Tensor, buffers: Buffers) -> list[Call]:
        """Return the calls that fill `buffers.output` from x (inputs + 1, B), whose last row is ones."""
        calls: list[Call] = []
        h = x
        for matrix, unit, above in zip(self._weights.matrices, buffers.nonlinearities, buffers.hidden, strict=False):
            calls += [partial(torch.mm, matrix, h, out=unit.z), *unit.forward]
            h = above
        calls.append(partial(torch.mm, self._weights.matrices[-1], h, out=buffers.output))
        return calls

    def backward(self, x: Tensor, targets: Tensor, buffers: Buffers) -> list[Call]:
        """Return the calls that fill the gradients, after `forward` ran for the same x; targets (outputs, B)."""
        calls = [*self._loss.gradient(buffers.output, targets, buffers.signals[-1])]
        below = [x, *buffers.hidden]
        for layer in range(len(self._weights.matrices) - 1, -1, -1):
            signal, gradient = buffers.signals[layer], self._weights.gradient_matrices[layer]
            calls.append(partial(torch.mm, signal, below[layer].t(), out=gradient))
            if layer > 0:
                transposed = self._weights.matrices[layer][:, :-1].t()
                calls.append(partial(torch.mm, transposed, signal, out=buffers.signals[layer - 1]))
                calls += buffers.nonlinearities[layer - 1].backward
        return calls

    def gradient(self, x: Tensor, targets: Tensor) -> list[Call]:
        """Return the calls of one forward and backward pass for one fixed batch."""
        buffers = self.buffers(x.shape[1])
        return [*self.forward(x, buffers), *self.backward(x, targets, buffers)]
