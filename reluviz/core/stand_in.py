"""StandIn: a network with its smooth layers replaced by piecewise-linear ones to within epsilon; its exact regions.

Their count is in the same unit as ReLU's (epsilon-linear regions). As epsilon goes to 0, the sum over their edges tends
to the bending of f summed unit by unit, which is no less than its Hessian-Schatten variation (`core.variation`).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reluviz.core.activations import Activation, Curve, Pieces
from reluviz.core.errors import InputError
from reluviz.core.network import Network
from reluviz.core.partition import BUDGET, Partition, decompose
from reluviz.core.smooth import Smooth
from reluviz.core.surrogate import Surrogate, build_surrogate
from reluviz.core.view import Bounds

Float = NDArray[np.float64]
SAMPLES = 97  # A side of the grid on which the largest deviation is looked for: 9,409 points, 3 ms for 32-32.
_COARSEST = 1e6


@dataclass(frozen=True, eq=False)
class StandIn:
    """A piecewise-linear network near `original` inside bounds.

    Each smooth activation is within `epsilon` of its stand-in wherever its pre-activations can lie in the bounds;
    surrogates has one entry per hidden layer, None where the layer is piecewise linear already and stays as it is.
    asked is the epsilon asked for, smaller than `epsilon` where that was too fine.
    """

    original: Network
    network: Network
    bounds: Bounds
    epsilon: float
    asked: float
    surrogates: tuple[Surrogate | None, ...]

    def deviation(self, samples: int = SAMPLES) -> float:
        """Return the largest |f - stand-in| over the outputs, found on a grid of samples x samples points."""
        xmin, xmax, ymin, ymax = self.bounds
        x, y = np.meshgrid(np.linspace(xmin, xmax, samples), np.linspace(ymin, ymax, samples))
        points = np.column_stack([x.ravel(), y.ravel()])
        return float(np.abs(self.original.forward(points) - self.network.forward(points)).max(initial=0.0))


@dataclass(frozen=True)
class _Fixed:
    """The curve of one stand-in, whatever the parameter."""

    pieces: Pieces

    def __call__(self, _: float) -> Curve:
        return self.pieces


def build_stand_in(network: Network, bounds: Bounds, epsilon: float) -> StandIn:
    """Return the stand-in of `network` over bounds. Raises `InputError` for an epsilon that cannot be used."""
    activations: list[Activation] = []
    surrogates: list[Surrogate | None] = []
    for row, curve, (low, high) in zip(
        network.activations, network.curves, _ranges(network, bounds, epsilon), strict=True
    ):
        surrogate = None
        if isinstance(curve, Smooth):
            surrogate = build_surrogate(curve, *_rounded(low, high), epsilon)
            row = replace(row, curve=_Fixed(surrogate.pieces), parameter=None, learned=False, backward=None)
        activations.append(row)
        surrogates.append(surrogate)
    parts = zip(network.weights, network.biases, strict=True)
    replaced = Network.create(list(parts), activations, network.parameters)
    return StandIn(network, replaced, bounds, epsilon, epsilon, tuple(surrogates))


def decompose_stand_in(
    network: Network, bounds: Bounds, epsilon: float, budget: int = BUDGET
) -> tuple[StandIn, Partition]:
    """Return the stand-in and its exact regions, at the smallest of epsilon, 2 epsilon, 4 epsilon... within budget.

    Where the piecewise-linear layers alone are over the budget the partition is truncated, as `decompose` says. Raises
    `InputError` for an epsilon that is no positive number, and for a function that jumps.
    """
    if not (np.isfinite(epsilon) and epsilon > 0):
        raise InputError(f"epsilon: {epsilon!r} cannot be used; allowed is a number above 0.")
    if not network.finite:
        nothing: tuple[Surrogate | None, ...] = (None,) * len(network.activations)
        return StandIn(network, network, bounds, epsilon, epsilon, nothing), decompose(network, bounds, budget)
    used = epsilon
    while True:
        is_last = used > _COARSEST * max(epsilon, 1.0) or network.first_smooth is None
        try:
            stand_in = build_stand_in(network, bounds, used)
            partition = decompose(stand_in.network, bounds, budget)
        except InputError:
            if is_last:
                raise
        else:
            if partition.truncated_at is None or is_last:
                return replace(stand_in, asked=epsilon), partition
        used *= 2.0


def _ranges(network: Network, bounds: Bounds, epsilon: float) -> list[tuple[float, float]]:
    """Return bounds on the pre-activations of each hidden layer, over all its units, by interval arithmetic.

    They hold for the network and for its stand-in: what leaves a smooth layer is widened by epsilon.
    """
    low, high = np.array([bounds[0], bounds[2]]), np.array([bounds[1], bounds[3]])
    result = []
    for weights, biases, curve in zip(network.weights, network.biases, network.curves, strict=False):
        middle, reach = weights @ (0.5 * (low + high)) + biases, np.abs(weights) @ (0.5 * (high - low))
        z_low, z_high = middle - reach, middle + reach
        result.append((float(z_low.min()), float(z_high.max())))
        low, high = _image(curve, z_low, z_high)
        if isinstance(curve, Smooth):
            low, high = low - epsilon, high + epsilon
    return result


def _image(curve: Curve, low: Float, high: Float) -> tuple[Float, Float]:
    """Return bounds (units,) on phi over [low, high] per unit."""
    if isinstance(curve, Pieces):
        inside = [np.clip(t, low, high) for t in curve.breakpoints]
        # Both sides of a breakpoint, where the function may jump.
        at = np.stack([low, high, *inside, *(np.nextafter(t, np.inf) for t in inside)])
        values = curve.value(np.clip(at, low, high))
        return values.min(axis=0), values.max(axis=0)
    at = low + (high - low) * np.linspace(0.0, 1.0, 513)[:, None]
    # Turning points of the functions of the table lie within 4 of 0 (the sine's everywhere).
    core = np.linspace(np.maximum(low, np.minimum(-4.0, high)), np.minimum(high, np.maximum(4.0, low)), 257)
    values = curve.value(np.concatenate([at, core]))
    slack = np.abs(np.diff(values[:513], n=2, axis=0)).max(axis=0, initial=0.0)
    slack = np.minimum(slack, 0.5 * (values.max(axis=0) - values.min(axis=0)))
    return values.min(axis=0) - slack, values.max(axis=0) + slack


def _rounded(low: float, high: float) -> tuple[float, float]:
    """Return a range around [low, high] that seldom changes while weights do, so that stand-ins are seldom built."""
    middle_reach = max(abs(low), abs(high), 0.5)
    grown = float(2.0 ** (np.ceil(4.0 * np.log2(middle_reach)) / 4.0))
    step = grown / 8.0
    return float(np.floor(low / step) * step), float(max(np.ceil(high / step), np.floor(low / step) + 1) * step)
