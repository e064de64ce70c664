"""The fixed filter bank: sums that nobody learns, the Walsh-Hadamard transform, as a matrix and fast.

A layer of kind "walsh" computes z = s * (H h) + b: H is fixed, one scale s and one bias b per unit are learned. H is
the orthonormal Walsh-Hadamard matrix of the smallest power of two n that holds both widths, cut to (units, inputs):
its entries are +-1/sqrt(n). Rows are in sequency order: uncut, row k changes sign k times (Walsh 1923; the order by
Gray code and reversed bits is that of Beauchamp, Applications of Walsh and Related Functions, 1984).
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
LAYER_KINDS = {"dense": "Dense", "walsh": "Walsh sums"}
"""What a layer can be, with its label."""


@dataclass(frozen=True)
class Operations:
    """What one product of n numbers with the n x n matrix takes."""

    additions: int
    multiplications: int

    @property
    def total(self) -> int:
        """Both together."""
        return self.additions + self.multiplications


@dataclass(frozen=True, eq=False)
class Filter:
    """A walsh layer's numbers: scales (units,), learned, and matrix (units, inputs), fixed.

    Columns of inputs that are switched off are zero in `matrix`.
    """

    scales: Float
    matrix: Float

    @property
    def weights(self) -> Float:
        """The weights (units, inputs) that the layer amounts to, read-only."""
        weights = self.scales[:, None] * self.matrix
        weights.setflags(write=False)
        return weights


def order_of(outputs: int, inputs: int) -> int:
    """Return n, the smallest power of two that is neither below `outputs` nor below `inputs`."""
    return 1 << (max(outputs, inputs, 1) - 1).bit_length()


@lru_cache(maxsize=64)
def walsh_matrix(outputs: int, inputs: int) -> Float:
    """Return the fixed matrix (outputs, inputs) of a walsh layer, read-only."""
    n = order_of(outputs, inputs)
    natural = np.ones((1, 1))
    while len(natural) < n:
        natural = np.block([[natural, natural], [natural, -natural]])
    matrix: Float = natural[sequency_rows(n)[:outputs], :inputs] / np.sqrt(n)
    matrix.setflags(write=False)
    return matrix


@lru_cache(maxsize=16)
def sequency_rows(n: int) -> NDArray[np.int64]:
    """Return which rows of the natural order, (-1)^(number of common bits of i and j), change sign 0, 1, ... times."""
    k = np.arange(n, dtype=np.int64)
    gray, rows = k ^ (k >> 1), np.zeros(n, np.int64)
    for bit in range(n.bit_length() - 1):
        rows |= ((gray >> bit) & 1) << (n.bit_length() - 2 - bit)
    rows.setflags(write=False)
    return rows


def fast_transform(h: NDArray[np.floating], outputs: int) -> Float:
    """Return H h for points h (..., inputs): (..., outputs), in n log2 n additions and no product with a matrix.

    Each of log2 n rounds replaces pairs (a, b) by (a + b, a - b).
    """
    inputs = h.shape[-1]
    n = order_of(outputs, inputs)
    values = np.zeros((*h.shape[:-1], n), np.result_type(h, np.float64))
    values[..., :inputs] = h
    half = 1
    while half < n:
        pairs = values.reshape(*h.shape[:-1], n // (2 * half), 2, half)
        first, second = pairs[..., 0, :], pairs[..., 1, :]
        values = np.stack([first + second, first - second], axis=-2).reshape(*h.shape[:-1], n)
        half *= 2
    result: Float = values[..., sequency_rows(n)[:outputs]] / np.sqrt(n)
    return result


def fast_operations(n: int) -> Operations:
    """Return what `fast_transform` takes for n numbers, a power of two: n log2 n additions, n products by 1/sqrt(n)."""
    return Operations(n * (n.bit_length() - 1), n)


def matrix_operations(n: int) -> Operations:
    """Return what a product with any n x n matrix takes."""
    return Operations(n * (n - 1), n * n)
