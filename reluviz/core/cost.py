"""ActivationCost: what one activation costs on one machine, as measured there."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ActivationCost:
    """Time of one activation, in nanoseconds per number, as training computes it.

    forward_ns and backward_ns are medians; forward_spread and backward_spread are their lower and upper quartiles.
    `device` is "cpu", "cuda" or "mps"; the CPU computes on one thread.
    """

    name: str
    forward_ns: float
    forward_spread: tuple[float, float]
    backward_ns: float
    backward_spread: tuple[float, float]
    device: str
