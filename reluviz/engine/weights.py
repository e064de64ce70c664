"""FlatWeights: all trainable numbers of one network, and their gradients, each in one flat tensor."""

from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from reluviz.core.network import Layout


def aligned(count: int) -> int:
    """Return the next multiple of 16 numbers (64 bytes).

    Sums round otherwise at another alignment, and torch computes the last few numbers of a tensor otherwise than the
    others; so aligned, a network's numbers are the same alone and in a stack, bit for bit.
    """
    return -(-count // 16) * 16


class FlatWeights:
    """Values and gradients in two flat tensors of `aligned` length (zeros at their end), one matrix view per layer.

    Layer l is a matrix (outputs, inputs + 1) whose last column is the bias: with a row of ones under the inputs one
    matrix product gives W h + b, and one gives both gradients, which saves two of about eleven calls per layer.
    `Layout` keeps weights and biases apart; `order` maps: flat[i] is layout vector[order[i]].
    """

    def __init__(
        self,
        layout: Layout,
        device: torch.device,
        dtype: torch.dtype,
        values: Tensor | None = None,
        gradients: Tensor | None = None,
    ) -> None:
        """Make tensors of zeros, or live in those given."""
        self.layout = layout
        positions = [part.astype(np.int64) for part in layout.split(np.arange(layout.length, dtype=np.float64))]
        layers = len(layout.sizes) - 1
        rows = [np.column_stack(positions[2 * i : 2 * i + 2]) for i in range(layers)]
        order = np.concatenate([*(matrix.ravel() for matrix in rows), *positions[2 * layers :]])
        self.order = torch.from_numpy(order).to(device)
        self.inverse = torch.from_numpy(np.argsort(order)).to(device)
        self.values = torch.zeros(aligned(layout.length), device=device, dtype=dtype) if values is None else values
        self.gradients = torch.zeros_like(self.values) if gradients is None else gradients
        self.matrices, self.learned = self.views(self.values)
        self.gradient_matrices, self.learned_gradients = self.views(self.gradients)
        self.is_weight = torch.zeros_like(self.values)
        for matrix in self.views(self.is_weight)[0]:
            matrix[:, :-1] = 1.0

    def views(self, flat: Tensor) -> tuple[list[Tensor], list[Tensor | None]]:
        """Return one matrix per layer, and one (1,) view or None per hidden layer's activation parameter."""
        matrices, begin = [], 0
        for inputs, outputs in pairwise(self.layout.sizes):
            end = begin + outputs * (inputs + 1)
            matrices.append(flat[begin:end].view(outputs, inputs + 1))
            begin = end
        learned: list[Tensor | None] = []
        for is_learned in self.layout.learned:
            learned.append(flat[begin : begin + 1] if is_learned else None)
            begin += is_learned
        return matrices, learned

    def load(self, vector: Tensor, target: Tensor) -> None:
        """Copy `vector` (P,) in `Layout` order into the flat tensor `target`."""
        target[: len(vector)] = vector.to(target)[self.order]
