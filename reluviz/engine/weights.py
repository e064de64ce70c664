"""FlatWeights: all trainable numbers of one network, and their gradients, each in one flat tensor."""

import numpy as np
import torch
from torch import Tensor

from reluviz.core.ablation import Units
from reluviz.core.network import Layout
from reluviz.engine.activations import Call
from reluviz.engine.filter_layer import Bank, fixed_filter, fixed_filters, own_shapes


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
    Of a walsh layer the flat tensor holds (outputs, 2), scale and bias, in `own`; `matrices` has what `spread` makes of
    them. `filters` are the fixed matrices, which several of these may share.
    """

    def __init__(
        self,
        layout: Layout,
        device: torch.device,
        dtype: torch.dtype,
        values: Tensor | None = None,
        gradients: Tensor | None = None,
        filters: list[Tensor | None] | None = None,
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
        self.own, self.learned = self.views(self.values)
        self.own_gradients, self.learned_gradients = self.views(self.gradients)
        self.filters = fixed_filters(layout, self.values) if filters is None else filters
        self.banks = [
            Bank(matrix, pair, gradient) if matrix is not None else None
            for matrix, pair, gradient in zip(self.filters, self.own, self.own_gradients, strict=True)
        ]
        self.matrices = [bank.product if bank else own for bank, own in zip(self.banks, self.own, strict=True)]
        self.gradient_matrices = [
            bank.product_gradient if bank else own for bank, own in zip(self.banks, self.own_gradients, strict=True)
        ]
        self.is_weight = torch.zeros_like(self.values)
        for matrix in self.views(self.is_weight)[0]:
            matrix[:, :-1] = 1.0

    def views(self, flat: Tensor) -> tuple[list[Tensor], list[Tensor | None]]:
        """Return each layer's own numbers, (outputs, inputs + 1) or of a walsh layer (outputs, 2), biases last.

        Besides, one (1,) view or None per hidden layer's activation parameter.
        """
        matrices, begin = [], 0
        for outputs, columns in own_shapes(self.layout):
            end = begin + outputs * columns
            matrices.append(flat[begin:end].view(outputs, columns))
            begin = end
        learned: list[Tensor | None] = []
        for is_learned in self.layout.learned:
            learned.append(flat[begin : begin + 1] if is_learned else None)
            begin += is_learned
        return matrices, learned

    def spread(self, layer: int) -> list[Call]:
        """Return the calls that fill a walsh layer's matrix from its scales, none for a dense layer."""
        bank = self.banks[layer]
        return [] if bank is None else [*bank.spread]

    def collect(self, layer: int) -> list[Call]:
        """Return the calls that gather a walsh layer's gradient, none for a dense layer."""
        bank = self.banks[layer]
        return [] if bank is None else [*bank.collect]

    def silence(self, units: Units) -> None:
        """Let walsh layers pass over what hidden units (layer, unit) give, whose links they do not learn."""
        for layer, matrix in enumerate(self.filters):
            if matrix is not None:
                matrix.copy_(fixed_filter(self.layout, layer, self.values))
                for before, unit in units:
                    if before + 1 == layer:
                        matrix[:, unit] = 0.0

    def load(self, vector: Tensor, target: Tensor) -> None:
        """Copy `vector` (P,) in `Layout` order into the flat tensor `target`."""
        target[: len(vector)] = vector.to(target)[self.order]
