"""Which units pass a gradient: shares of dead, saturated and responsive units, from their pre-activations on data."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reluviz.core.activations import Curve
from reluviz.core.network import Network
from reluviz.core.response import TAU, respond

Float = NDArray[np.float64]
FEWEST = 0.05


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

    @property
    def responsive_share(self) -> float:
        """The share of units that are neither."""
        return 1.0 - self.dead_share - self.saturated_share


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
