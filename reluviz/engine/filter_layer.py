"""Bank: what a walsh layer's scales are in training, a matrix of fixed sums stretched row by row.

The layer's matrix [s * H | b] is filled before each forward pass and its gradient gathered after each backward pass,
so that all products stay those of a dense layer. At these sizes that is faster than the fast transform, for all its
fewer operations: for 32 points at n = 16 the product took 1 us and rounds of torch calls 32 us, at n = 256 44 and 70.
"""

from functools import partial
from itertools import pairwise

import torch
from torch import Tensor

from reluviz.core.filter_bank import walsh_matrix
from reluviz.core.network import Layout
from reluviz.engine.activations import Call


def own_shapes(layout: Layout) -> list[tuple[int, int]]:
    """Return the shape of each layer's own numbers, the bias in the last column."""
    sizes = zip(pairwise(layout.sizes), layout.kinds, strict=True)
    return [(outputs, inputs + 1 if kind == "dense" else 2) for (inputs, outputs), kind in sizes]


def fixed_filters(layout: Layout, like: Tensor) -> list[Tensor | None]:
    """Return H (outputs, inputs) of each walsh layer, in precision and on the device of `like`; None for the others."""
    return [fixed_filter(layout, layer, like) if kind == "walsh" else None for layer, kind in enumerate(layout.kinds)]


def fixed_filter(layout: Layout, layer: int, like: Tensor) -> Tensor:
    """Return a new tensor with one walsh layer's H."""
    inputs, outputs = layout.sizes[layer : layer + 2]
    return torch.tensor(walsh_matrix(outputs, inputs), dtype=like.dtype, device=like.device)


class Bank:
    """One walsh layer of one network: matrix (outputs, inputs), numbers (outputs, 2) and the gradient's place.

    product and product_gradient are (outputs, inputs + 1), as a dense layer's; given ones are used.
    """

    def __init__(
        self,
        matrix: Tensor,
        numbers: Tensor,
        gradient: Tensor,
        product: Tensor | None = None,
        product_gradient: Tensor | None = None,
    ) -> None:
        outputs, inputs = matrix.shape
        self.product = numbers.new_zeros(outputs, inputs + 1) if product is None else product
        self.product_gradient = torch.zeros_like(self.product) if product_gradient is None else product_gradient
        self.spread: tuple[Call, ...] = (
            partial(torch.mul, numbers[:, :1], matrix, out=self.product[:, :-1]),
            partial(self.product[:, -1].copy_, numbers[:, 1]),
        )
        terms = torch.empty_like(matrix)
        self.collect: tuple[Call, ...] = (
            partial(torch.mul, self.product_gradient[:, :-1], matrix, out=terms),
            partial(torch.sum, terms, 1, out=gradient[:, 0]),
            partial(gradient[:, 1].copy_, self.product_gradient[:, -1]),
        )
