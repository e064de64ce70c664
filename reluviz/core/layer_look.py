"""LayerLook: a histogram of one layer's pre-activations on data, and which of its units pass a gradient."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reluviz.core.flow import BINS, Flow, unit_states
from reluviz.core.network import Network

Float = NDArray[np.float64]
POINTS = 512


@dataclass(frozen=True, eq=False)
class LayerLook:
    """One layer's pre-activations on data and its units' states.

    counts (bins,) over low..high; of `units` units, `dead` never pass a gradient and `saturated` seldom do.
    slope_mean is the mean of |phi'| over units and points.
    """

    counts: NDArray[np.int64]
    low: float
    high: float
    units: int
    dead: int
    saturated: int
    slope_mean: float

    @property
    def responsive(self) -> int:
        """How many units are neither dead nor saturated."""
        return self.units - self.dead - self.saturated

    def share_below(self, z: float) -> float:
        """Return the share of pre-activations shown that lie below z, bins cut in proportion."""
        total = int(self.counts.sum())
        if total == 0:
            return float("nan")
        edges = np.linspace(self.low, self.high, len(self.counts) + 1)
        return float(np.interp(z, edges, np.concatenate([[0], np.cumsum(self.counts)])) / total)


def look_by_flow(flow: Flow, layer: int, units: int) -> LayerLook:
    """Return what the engine measured of a layer of so many units."""
    low, high = flow.histogram_range[layer].tolist()
    dead, saturated = (round(float(share[layer]) * units) for share in (flow.dead_share, flow.saturated_share))
    counts = flow.histogram[layer].astype(np.int64)
    return LayerLook(counts, low, high, units, dead, saturated, float(flow.slope_mean[layer]))


def look_by_points(network: Network, x: Float, layer: int) -> LayerLook:
    """Return what a layer does on at most 512 of the points x (N, 2), evenly chosen; at least one point."""
    chosen = x[np.unique(np.linspace(0, len(x) - 1, POINTS).round().astype(np.int64))]
    z = network.preactivations(chosen)[layer]
    states = unit_states(network.curves[layer], z)
    low, high = float(z.min()), float(z.max())
    if not high > low:
        low, high = low - 0.5, high + 0.5
    counts = np.histogram(z, BINS, (low, high))[0].astype(np.int64)
    dead, saturated = int(states.is_dead.sum()), int(states.is_saturated.sum())
    return LayerLook(counts, low, high, z.shape[1], dead, saturated, float(states.mean_slope.mean()))
