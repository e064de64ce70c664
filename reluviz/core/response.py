"""How an activation answers: where its slope is steep enough to pass a gradient, and what composing it does."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from reluviz.core.activations import Curve, Pieces
from reluviz.core.smooth import REACH

Float = NDArray[np.float64]
TAU = 0.25
_STEPS = 24_000


@dataclass(frozen=True)
class Response:
    """The responsive range of an activation: where |phi'| >= tau * steepest, as intervals (low, high) in order.

    steepest is the largest |phi'| on -30 <= z <= 30. An interval that reaches +-30 goes on to infinity; the sine's
    repeat, and end there. An activation without any slope (step) has none.
    """

    steepest: float
    tau: float
    intervals: tuple[tuple[float, float], ...]

    @property
    def levels(self) -> tuple[float, ...]:
        """The finite ends of the intervals, ascending: a unit leaves or enters its responsive range there."""
        return tuple(end for interval in self.intervals for end in interval if np.isfinite(end))

    def contains(self, z: Float) -> NDArray[np.bool_]:
        """Return where z lies in the responsive range."""
        result = np.zeros(z.shape, np.bool_)
        for low, high in self.intervals:
            result |= (z >= low) & (z <= high)
        return result


def respond(curve: Curve, tau: float = TAU) -> Response:
    """Return the responsive range, its ends exact to 1e-12; tau in (0, 1).

    tanh at tau = 1/4: |z| <= 1.31696; sigmoid: |z| <= 2.63392; ReLU: z >= 0.
    """
    return _respond(curve, tau)


@lru_cache(maxsize=256)
def _respond(curve: Curve, tau: float) -> Response:
    return _respond_pieces(curve, tau) if isinstance(curve, Pieces) else _respond_smooth(curve, tau)


def _respond_pieces(pieces: Pieces, tau: float) -> Response:
    slopes = np.abs(pieces.slopes)
    steepest = float(slopes.max())
    ends = [-np.inf, *pieces.breakpoints, np.inf]
    intervals: list[tuple[float, float]] = []
    for low, high, slope in zip(ends[:-1], ends[1:], slopes, strict=True):
        if steepest > 0 and slope >= tau * steepest:
            joined = intervals and intervals[-1][1] == low
            intervals[-1:] = [(intervals[-1][0], high)] if joined else [*intervals[-1:], (low, high)]
    return Response(steepest, tau, tuple(intervals))


def _respond_smooth(curve: Curve, tau: float) -> Response:
    z = np.linspace(-REACH, REACH, _STEPS + 1)
    slope = np.abs(curve.derivative(z))
    steepest = _peak(curve, z, slope)
    is_in = slope >= tau * steepest
    ends = [_cross(curve, z[i], z[i + 1], tau * steepest) for i in np.flatnonzero(is_in[1:] != is_in[:-1])]
    if is_in[0]:
        ends.insert(0, -np.inf)
    if is_in[-1]:
        ends.append(np.inf)
    return Response(steepest, tau, tuple(zip(ends[::2], ends[1::2], strict=True)))


def _peak(curve: Curve, z: Float, slope: Float) -> float:
    """Return the largest |phi'|: the grid's, refined around its place five times, each to a hundredth of the step."""
    place, step = float(z[slope.argmax()]), float(z[1] - z[0])
    largest = float(slope.max())
    for _ in range(5):
        near = np.clip(place + step * np.linspace(-1, 1, 201), -REACH, REACH)
        values = np.abs(curve.derivative(near))
        if values.max() > largest:
            place, largest = float(near[values.argmax()]), float(values.max())
        step /= 100
    return largest


def _cross(curve: Curve, low: float, high: float, level: float) -> float:
    """Return where |phi'| crosses `level` between low and high, by halving."""
    low, high = float(low), float(high)
    low_in = bool(np.abs(curve.derivative(np.array([low])))[0] >= level)
    for _ in range(60):
        middle = 0.5 * (low + high)
        is_in = bool(np.abs(curve.derivative(np.array([middle])))[0] >= level)
        low, high = (middle, high) if is_in == low_in else (low, middle)
    return round(0.5 * (low + high), 12) + 0.0


def compose(curve: Curve, times: int, z: Float) -> tuple[Float, Float]:
    """Return phi(phi(...phi(z))), `times` deep, and its derivative by the chain rule; `times` 0 is z itself."""
    value, slope = np.asarray(z, dtype=np.float64), np.ones(np.shape(z))
    for _ in range(times):
        slope = slope * curve.derivative(value)
        value = curve.value(value)
    return value, slope
