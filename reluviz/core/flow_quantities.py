"""QUANTITIES: what can be shown of a gradient flow by layer, one row each."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reluviz.core.flow import Flow

Float = NDArray[np.float64]


@dataclass(frozen=True)
class Quantity:
    """One figure per layer: `read(flow)` gives (layers,), or (hidden,) where the readout has none.

    `is_share` says that it lies in 0..1 and is shown evenly; all others are shown by decades.
    """

    name: str
    label: str
    symbol: str
    help: str
    read: Callable[[Flow], Float]
    is_share: bool = False


def _relative(flow: Flow) -> Float:
    ratio = np.full(len(flow.grad_norm), np.nan)
    np.divide(flow.grad_norm, flow.weight_norm, out=ratio, where=flow.weight_norm > 0)
    return ratio


_ROWS = (
    Quantity(
        "gradient",
        "Gradient of weights",
        "‖∂L/∂W‖",
        "How much the loss asks each layer's weights to change; of a walsh layer, its scales.",
        lambda flow: flow.grad_norm,
    ),
    Quantity(
        "relative",
        "Gradient over weights",
        "‖∂L/∂W‖ / ‖W‖",
        "The gradient of each layer's weights, measured by the weights themselves.",
        _relative,
    ),
    Quantity(
        "update",
        "Update over weights",
        "‖ΔW‖ / ‖W‖",
        "How far the newest step moved each layer's weights; around 0.001 is healthy.",
        lambda flow: flow.update_ratio,
    ),
    Quantity(
        "signal",
        "Signal ∂L/∂z",
        "RMS ∂L/∂z",
        "How much of the loss's signal reaches the pre-activations of each layer.",
        lambda flow: flow.signal_rms,
    ),
    Quantity(
        "slope",
        "Mean slope |φ′|",
        "mean |φ′|",
        "The factor by which each layer's activation shrinks a gradient on average.",
        lambda flow: flow.slope_mean,
    ),
    Quantity(
        "dead",
        "Dead units",
        "dead",
        "The share of units that pass no gradient on any training point looked at.",
        lambda flow: flow.dead_share,
        is_share=True,
    ),
    Quantity(
        "saturated",
        "Saturated units",
        "saturated",
        "The share of units whose slope is steep on fewer than 5 % of the training points looked at.",
        lambda flow: flow.saturated_share,
        is_share=True,
    ),
)

QUANTITIES: dict[str, Quantity] = {row.name: row for row in _ROWS}
