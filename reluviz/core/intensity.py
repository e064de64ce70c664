"""INTENSITIES: amounts that colour the plane on a logarithmic scale, one row each.

A scale belongs to the network, whatever part of the plane is in view: it holds what the amount is on a fixed grid over
the training square, widened to whole half decades so that it seldom moves while training goes on.

Per region they are exact; where a smooth layer leaves no regions they are computed at points. Kernels are loaded when
an amount is asked for, not with this module.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from reluviz.core.view import View

if TYPE_CHECKING:
    from reluviz.core.network import Network
    from reluviz.core.partition import Partition

Float = NDArray[np.float64]
PROBES = 16  # A side of the grid that a scale is fitted on.
NODES = 12_000
"""Points at which a smooth network's amounts are computed: 10 ms for two layers of 32 units."""


@dataclass(frozen=True)
class Intensity:
    """One row of INTENSITIES.

    `symbol(view)` writes the amount as in papers. `regions(partition, view)` gives it per region (count,), nan where
    it is not known; `nodes(network, view, x, y)` on the grid of x (C,) and y (R,): (R, C). Colours run over low..high
    where `fits` is off; else the scale lies within them and fits the network.
    """

    name: str
    label: str
    help: str
    symbol: Callable[[View], str]
    low: float
    high: float
    regions: Callable[["Partition", View], Float]
    nodes: Callable[["Network", View, Float, Float], Float]
    fits: bool = True

    def scale(self, network: "Network", view: View) -> tuple[float, float]:
        """Return the ends of the scale for a network, at least one decade apart."""
        if not self.fits or not network.finite:
            return self.low, self.high
        side = np.linspace(-1.0, 1.0, PROBES)
        with np.errstate(all="ignore"):
            amounts = self.nodes(network, view, side, side)
        known = amounts[np.isfinite(amounts) & (amounts > 0)]
        if not len(known):
            return self.low, self.high
        ends = np.log10(np.clip(np.quantile(known, [0.02, 0.98]), self.low, self.high))
        first, last = math.floor(2 * ends[0]) / 2, math.ceil(2 * ends[1]) / 2
        return 10.0 ** min(first, last - 1.0), 10.0**last

    def words(self, view: View, ends: tuple[float, float]) -> str:
        """Return what the colours run over, in a few words, for the ends of a scale."""
        low, high = (short_amount(end) for end in ends)
        return f"{self.symbol(view)} {low} (dark) to {high} (bright)"

    def colors_of(self, partition: "Partition", view: View) -> Float:
        """Return the level 0..1 of each region (count,)."""
        return level(self.regions(partition, view), *self.scale(partition.network, view))

    def on_grid(self, network: "Network", view: View) -> tuple[NDArray[np.float32], int]:
        """Return levels (R, C) at the pixel corners (j * step, i * step), and the step."""
        step = max(2, math.ceil(math.sqrt(view.width * view.height / NODES)))
        xmin, xmax, ymin, ymax = view.bounds
        columns, rows = -(-view.width // step) + 1, -(-view.height // step) + 1
        x = xmin + np.arange(columns, dtype=np.float64) * (step * (xmax - xmin) / view.width)
        y = ymax - np.arange(rows, dtype=np.float64) * (step * (ymax - ymin) / view.height)
        with np.errstate(all="ignore"):
            levels = level(self.nodes(network, view, x, y), *self.scale(network, view))
        return levels.astype(np.float32), step


def level(amounts: Float, low: float, high: float) -> Float:
    """Return where amounts lie between low (0) and high (1) by their logarithm; what is not known lies at 0."""
    held = np.clip(np.nan_to_num(amounts, nan=0.0, posinf=high), low, high)
    levels: Float = np.log(held / low) / math.log(high / low)
    return levels


def short_amount(value: float) -> str:
    """Return an amount on two digits."""
    return f"{value:.2g}" if value < 100 else f"{float(f'{value:.2g}'):,.0f}"


def shown_layer(hidden: tuple[int, ...], view: View) -> int:
    """Return the hidden layer that the gain is shown for: the view's, else the first; -1, the input, where none is."""
    return min(max(view.layer, 0), len(hidden) - 1)


def _slope_of_regions(partition: "Partition", view: View) -> Float:
    from reluviz.core.gain import INPUT, region_gains

    return region_gains(partition, INPUT)


def _slope_at_nodes(network: "Network", view: View, x: Float, y: Float) -> Float:
    from reluviz.core.gain import INPUT, point_gains

    return point_gains(network, _nodes(x, y), INPUT).reshape(len(y), len(x))


def _gain_of_regions(partition: "Partition", view: View) -> Float:
    from reluviz.core.gain import region_gains

    return region_gains(partition, shown_layer(partition.network.hidden, view))


def _gain_at_nodes(network: "Network", view: View, x: Float, y: Float) -> Float:
    from reluviz.core.gain import point_gains

    return point_gains(network, _nodes(x, y), shown_layer(network.hidden, view)).reshape(len(y), len(x))


def _bending_of_regions(partition: "Partition", view: View) -> Float:
    from reluviz.core.variation import region_density

    if partition.truncated_at is not None:
        return np.full(partition.count, np.nan)
    return region_density(partition)


def _bending_at_nodes(network: "Network", view: View, x: Float, y: Float) -> Float:
    from reluviz.core.variation import hessian_density

    return hessian_density(network, x, y)


def _nodes(x: Float, y: Float) -> Float:
    return np.column_stack([np.tile(x, len(y)), np.repeat(y, len(x))])


_ROWS = (
    Intensity(
        "slope",
        "Slope of f",
        "How steep f is in each region, the norm of its gradient by the input, dark for flat.",
        lambda view: "‖∂f/∂x‖",
        1e-9,
        1e9,
        _slope_of_regions,
        _slope_at_nodes,
    ),
    Intensity(
        "gain",
        "Gain from a layer",
        "How much of the signal at f reaches the chosen layer from here, the norm of f's gradient by that layer.",
        lambda view: f"‖∂f/∂h{_subscript(max(view.layer, 0) + 1)}‖",
        1e-9,
        1e9,
        _gain_of_regions,
        _gain_at_nodes,
    ),
    Intensity(
        "bending",
        "Bending",
        "How much f bends per area (Hessian-Schatten): a flat region has half of what its edges bend; dark for none.",
        lambda view: "bending per area",
        10.0,
        1e6,
        _bending_of_regions,
        _bending_at_nodes,
        fits=False,
    ),
)


def _subscript(number: int) -> str:
    return "".join(chr(0x2080 + int(digit)) for digit in str(number))


INTENSITIES: dict[str, Intensity] = {row.name: row for row in _ROWS}
