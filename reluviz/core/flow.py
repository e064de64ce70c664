"""How a gradient passes through a network, and which units pass one: dead, saturated and responsive units on data."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reluviz.core.activations import Curve
from reluviz.core.network import Network
from reluviz.core.response import TAU, respond

Float = NDArray[np.float64]
FEWEST = 0.05
BINS = 64


@dataclass(frozen=True, eq=False)
class Flow:
    """How the loss's gradient passes through a network in training, at one moment, on at most 512 training points.

    Per layer, the readout last, each (layers,): grad_norm |dL/dW| and weight_norm |W| (Frobenius, without biases),
    update_ratio (the newest optimiser step's |dW| over |W|, nan before the first), signal_rms (the root mean square of
    dL/dz over units and points; L is the mean over the points).
    Per hidden layer, each (hidden,): slope_mean (the mean of |phi'(z)|, of the slope that training uses), dead_share
    and saturated_share as in `UnitStates`; histogram (hidden, 64) counts of pre-activations over histogram_range
    (hidden, 2), which ends at the least and the largest or, if nearer, 4 standard deviations from the mean.
    Per unit, layer after layer, each (units,): unit_signal (the root mean square of dL/dz) and unit_dead.
    """

    points: int
    grad_norm: Float
    weight_norm: Float
    update_ratio: Float
    signal_rms: Float
    slope_mean: Float
    dead_share: Float
    saturated_share: Float
    unit_signal: Float
    unit_dead: NDArray[np.bool_]
    histogram: NDArray[np.int32]
    histogram_range: Float


@dataclass(frozen=True, eq=False)
class UnitStates:
    """What one layer's units do on the points given; each array is (units,).

    responsive: the share of points on which |phi'(z)| >= tau * the largest |phi'|.
    is_dead: phi'(z) is exactly 0 on every point, so that no gradient ever passes (never active on the data).
    is_saturated: not dead, but responsive on fewer than 5 % of the points.
    mean_slope: the mean of |phi'(z)|.
    """

    responsive: Float
    is_dead: NDArray[np.bool_]
    is_saturated: NDArray[np.bool_]
    mean_slope: Float

    @property
    def dead_share(self) -> float:
        """The share of units that are dead."""
        return float(self.is_dead.mean())

    @property
    def saturated_share(self) -> float:
        """The share of units that are saturated."""
        return float(self.is_saturated.mean())


def unit_states(curve: Curve, z: Float, tau: float = TAU) -> UnitStates:
    """Return the states of one layer's units from their pre-activations z (points, units), at least one point.

    The same definitions serve every activation. On ReLU, dead is "never on", and a unit that is on for fewer than 5 %
    of the points counts as saturated; a step passes no gradient anywhere, so all its units are dead.
    """
    slope = np.abs(curve.derivative(z))
    steepest = respond(curve, tau).steepest
    inside = (slope >= tau * steepest) & (slope > 0)
    responsive = inside.mean(axis=0)
    is_dead: NDArray[np.bool_] = np.logical_not(slope.any(axis=0))
    return UnitStates(responsive, is_dead, ~is_dead & (responsive < FEWEST), slope.mean(axis=0))


def network_states(network: Network, x: Float, tau: float = TAU) -> list[UnitStates]:
    """Return the states of every hidden layer's units on points x (N, inputs)."""
    layers = zip(network.curves, network.preactivations(x)[:-1], strict=True)
    return [unit_states(curve, z, tau) for curve, z in layers]
