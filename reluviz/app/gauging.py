"""Gauge: what is measured in a pane's picture for the table of a comparison. No Qt; numba only when called."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reluviz.core.picture import Picture

SAMPLES = 96
"""A side of the grid on which a smooth network's bending is summed: a hundredth off at most where it was tried."""
EPSILON_BUDGET = 60_000  # Regions of a stand-in: counting more of them would hold up the pictures.


@dataclass(frozen=True)
class Gauge:
    """Regions and bending in view at one step of one run.

    regions are those of the network, or of its stand-in within `epsilon` where that is above 0; -1 where they are not
    known. linear counts them with neighbours of one affine map merged, -1 where not known. bending is the
    Hessian-Schatten total variation, give or take `bending_error`.
    """

    run: int
    step: int
    regions: int
    linear: int
    bending: float
    bending_error: float = 0.0
    epsilon: float = 0.0


def gauge_picture(picture: "Picture") -> Gauge:
    """Return what can be measured of a picture's network in its bounds: exactly, or to a stated error."""
    from reluviz.core.stand_in import decompose_stand_in
    from reluviz.core.variation import network_variation, partition_variation

    snapshot, view, partition = picture.snapshot, picture.view, picture.partition
    network = snapshot.network
    run, step = snapshot.run, snapshot.step
    if not network.finite or (partition.count == 0 and network.first_smooth is None):
        return Gauge(run, step, -1, -1, math.nan)
    if network.first_smooth is None:
        known = partition.truncated_at is None
        count = partition.count if known else -1
        return Gauge(run, step, count, partition.linear_count, partition_variation(partition).value)
    bent = network_variation(network, view.bounds, SAMPLES)
    epsilon = float(getattr(view, "epsilon", 0.05))
    stand_in, regions = decompose_stand_in(network, view.bounds, epsilon, EPSILON_BUDGET)
    known = regions.finite and regions.truncated_at is None
    return Gauge(run, step, regions.count if known else -1, -1, bent.value, bent.error, stand_in.epsilon)
