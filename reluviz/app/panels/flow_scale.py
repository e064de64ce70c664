"""FlowScale: where a figure of gradient flow lies between two ends, by decades or evenly."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reluviz.app.panels.ticks import linear_ticks, short

Float = NDArray[np.float64]
FEWEST_DECADES, MOST_DECADES = 3, 14


@dataclass(frozen=True)
class FlowScale:
    """A scale from low to high; a share runs evenly from 0 to 1."""

    low: float = 1e-3
    high: float = 1.0
    is_share: bool = False

    def level(self, values: Float | float) -> Float:
        """Return where values lie, 0..1; nan stays nan, zero lies at 0."""
        values = np.asarray(values, dtype=np.float64)
        if self.is_share:
            return np.clip(values, 0.0, 1.0)
        held = np.clip(values, self.low, self.high)
        level: Float = np.log(held / self.low) / math.log(self.high / self.low)
        return level

    def ticks(self, most: int) -> list[float]:
        """Return round values within the scale."""
        if self.is_share:
            return linear_ticks(0.0, 1.0, most)
        first, last = round(math.log10(self.low)), round(math.log10(self.high))
        stride = -(-(last - first) // most)
        return [10.0**i for i in range(first, last + 1, stride)]

    def say(self, value: float) -> str:
        """Return a value as it is written beside its bar."""
        if not math.isfinite(value):
            return "\N{EN DASH}"
        if self.is_share:
            return f"{100 * value:.0f} %"
        return f"{value:.2g}" if 1e-3 <= value < 100 else short(value)


def fit_scale(values: Float, is_share: bool) -> FlowScale:
    """Return whole decades that hold all positive values, at least three; shares have a scale of their own."""
    if is_share:
        return FlowScale(0.0, 1.0, True)
    known = values[np.isfinite(values) & (values > 0)]
    if not len(known):
        return FlowScale()
    last = math.ceil(math.log10(float(known.max())) - 1e-9)
    first = math.floor(math.log10(float(known.min())) + 1e-9)
    first = max(min(first, last - FEWEST_DECADES), last - MOST_DECADES)
    return FlowScale(10.0**first, 10.0**last)
