"""ACTIVATIONS: every nonlinearity reluviz knows, one row each.

A piecewise-linear activation is described completely by its `Pieces`; value, derivative, training and
exact geometry all follow from that one description.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True)
class Pieces:
    """A piecewise-linear function of one variable.

    Piece i holds for breakpoints[i-1] < z <= breakpoints[i]; there it is slopes[i] * z + intercepts[i].
    At a breakpoint the value is that of the left piece and the derivative is tie_slopes, which follows
    torch's choice (a convention: the derivative does not exist there).
    """

    breakpoints: tuple[float, ...]
    slopes: tuple[float, ...]
    intercepts: tuple[float, ...]
    tie_slopes: tuple[float, ...]

    def index(self, z: Array) -> NDArray[np.int8]:
        """Return the piece each z lies on: the number of breakpoints strictly below it, int8."""
        return np.searchsorted(np.asarray(self.breakpoints, dtype=z.dtype), z, side="left").astype(np.int8)

    def value(self, z: Array) -> Array:
        """Return the function at z, same shape and dtype."""
        piece = self.index(z)
        slopes, intercepts = (np.asarray(v, dtype=z.dtype) for v in (self.slopes, self.intercepts))
        # A zero slope must give the constant even where z is infinite or overflows.
        slope = slopes[piece]
        result: Array = np.where(slope == 0, 0, z) * slope + intercepts[piece]
        return result

    def derivative(self, z: Array) -> Array:
        """Return the derivative at z, `tie_slopes` at a breakpoint."""
        result = np.asarray(self.slopes, dtype=z.dtype)[self.index(z)]
        for breakpoint_, slope in zip(self.breakpoints, self.tie_slopes, strict=True):
            result = np.where(z == z.dtype.type(breakpoint_), z.dtype.type(slope), result)
        return result


@dataclass(frozen=True)
class Parameter:
    """The one number an activation may carry: its name, default and allowed range."""

    label: str
    default: float
    minimum: float
    maximum: float


@dataclass(frozen=True)
class Activation:
    """One row of ACTIVATIONS.

    `pieces(parameter)` describes it exactly. `learned` marks a parameter that training changes (one per
    layer, as torch.nn.PReLU does by default).
    """

    name: str
    label: str
    formula: str
    pieces: Callable[[float], Pieces]
    parameter: Parameter | None = None
    learned: bool = False

    @property
    def default(self) -> float:
        """The parameter's default; 0 for an activation without one."""
        return self.parameter.default if self.parameter else 0.0


def _identity(_: float) -> Pieces:
    return Pieces((), (1.0,), (0.0,), ())


def _relu(_: float) -> Pieces:
    return Pieces((0.0,), (0.0, 1.0), (0.0, 0.0), (0.0,))


def _shifted_relu(c: float) -> Pieces:
    return Pieces((c,), (0.0, 1.0), (c, 0.0), (0.0,))


def _leaky(slope: float) -> Pieces:
    return Pieces((0.0,), (slope, 1.0), (0.0, 0.0), (slope,))


def _abs(_: float) -> Pieces:
    return Pieces((0.0,), (-1.0, 1.0), (0.0, 0.0), (0.0,))


def _hardtanh(_: float) -> Pieces:
    return Pieces((-1.0, 1.0), (0.0, 1.0, 0.0), (-1.0, 0.0, 1.0), (0.0, 0.0))


def _relu6(_: float) -> Pieces:
    return Pieces((0.0, 6.0), (0.0, 1.0, 0.0), (0.0, 0.0, 6.0), (0.0, 0.0))


def _hardsigmoid(_: float) -> Pieces:
    return Pieces((-3.0, 3.0), (0.0, 1.0 / 6.0, 0.0), (0.0, 0.5, 1.0), (0.0, 0.0))


def _step(_: float) -> Pieces:
    return Pieces((0.0,), (0.0, 0.0), (0.0, 1.0), (0.0,))


_ROWS = (
    Activation("relu", "ReLU", "max(0, z)", _relu),
    Activation("shifted_relu", "Shifted ReLU", "max(c, z)", _shifted_relu, Parameter("floor c", -1.0, -100.0, 100.0)),
    Activation("leaky_relu", "Leaky ReLU", "z > 0 ? z : a z", _leaky, Parameter("slope a", 0.01, -2.0, 2.0)),
    Activation(
        "prelu",
        "PReLU",
        "z > 0 ? z : a z, a learned",
        _leaky,
        Parameter("initial slope a", 0.25, -2.0, 2.0),
        learned=True,
    ),
    Activation("abs", "Absolute value", "|z|", _abs),
    Activation("hardtanh", "Hard tanh", "min(1, max(-1, z))", _hardtanh),
    Activation("relu6", "ReLU6", "min(6, max(0, z))", _relu6),
    Activation("hardsigmoid", "Hard sigmoid", "min(1, max(0, z/6 + 1/2))", _hardsigmoid),
    Activation("step", "Step", "z > 0 ? 1 : 0", _step),
    Activation("identity", "Identity", "z", _identity),
)

ACTIVATIONS: dict[str, Activation] = {row.name: row for row in _ROWS}
