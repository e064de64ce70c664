"""From hard to soft: a piecewise-linear network melted into a smooth one, its hard choices made soft.

Balestriero & Baraniuk 2018: ReLU chooses between two pieces, z 1[z > 0]; its soft relative is z sigmoid(eta z): SiLU at
eta = 1, near GELU at eta = 1.702, ReLU again as eta grows. Every other piecewise-linear activation is a sum of such
choices, one per breakpoint, and melts likewise.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from reluviz.core.activations import Activation, Curve, Pieces
from reluviz.core.errors import InputError
from reluviz.core.expression import ZERO, Expression, Z, add, call, constant, multiply, subtract
from reluviz.core.network import Network
from reluviz.core.smooth import Smooth

MAX_ETA = 1e6


@lru_cache(maxsize=128)
def melted(pieces: Pieces, eta: float) -> Smooth:
    """Return s_0 z + c_0 + sum over breakpoints t of ((s' - s) (z - t) + jump) sigmoid(eta (z - t))."""
    result: Expression = add(multiply(constant(pieces.slopes[0]), Z), constant(pieces.intercepts[0]))
    lines = list(zip(pieces.slopes, pieces.intercepts, strict=True))
    for at, (slope, intercept), (next_slope, next_intercept) in zip(pieces.breakpoints, lines, lines[1:], strict=False):
        beyond = subtract(Z, constant(at))
        jump = (next_slope - slope) * at + next_intercept - intercept
        rounding = 1e-12 * (abs(next_slope * at) + abs(slope * at) + abs(intercept) + abs(next_intercept))
        height = multiply(constant(next_slope - slope), beyond)
        height = add(height, constant(jump)) if abs(jump) > rounding else height
        result = add(result, multiply(height, gate(at, eta)) if height != ZERO else ZERO)
    return Smooth(result)


def gate(at: float, eta: float) -> Expression:
    """Return how far a soft choice at `at` has gone over, from 0 to 1: sigmoid(eta (z - at))."""
    return call("sigmoid", multiply(constant(eta), subtract(Z, constant(at))))


@dataclass(frozen=True)
class _Melted:
    """The curve of one melted activation; the parameter is that of the hard one."""

    hard: Activation
    eta: float

    def __call__(self, parameter: float) -> Curve:
        return melted(self.hard.pieces(parameter), self.eta)


def melt(network: Network, eta: float) -> Network:
    """Return `network` with every piecewise-linear layer that bends made soft; smooth layers stay.

    Raises `InputError` unless 0 < eta <= 1e6.
    """
    if not (np.isfinite(eta) and 0 < eta <= MAX_ETA):
        raise InputError(f"eta: {eta!r} cannot be used; allowed is a number above 0, up to {MAX_ETA:g}.")
    activations = [
        replace(row, curve=_Melted(row, eta), learned=False, backward=None)
        if isinstance(curve, Pieces) and curve.breakpoints
        else row
        for row, curve in zip(network.activations, network.curves, strict=True)
    ]
    layers = list(zip(network.weights, network.biases, strict=True))
    return Network.create(layers, activations, network.parameters)
