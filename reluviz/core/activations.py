"""ACTIVATIONS: every nonlinearity reluviz knows, one row each.

A piecewise-linear activation is described completely by its `Pieces`, a smooth one by the expression in its `Smooth`:
value, derivative, training, geometry and pictures all follow from that one description, its curve.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reluviz.core import smooth
from reluviz.core.errors import InputError
from reluviz.core.smooth import Smooth

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

    def tangent(self, z: Array) -> tuple[Array, Array]:
        """Return slope and intercept of the piece that each z is on."""
        piece = self.index(z)
        return np.asarray(self.slopes, dtype=z.dtype)[piece], np.asarray(self.intercepts, dtype=z.dtype)[piece]

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


Curve = Pieces | Smooth


@dataclass(frozen=True)
class Activation:
    """One row of ACTIVATIONS.

    `curve(parameter)` describes it exactly. `learned` marks a parameter that training changes (one per layer, as
    torch.nn.PReLU does by default). `backward(parameter)`, where given, is the curve whose derivative training uses
    instead of the true one (straight-through).
    """

    name: str
    label: str
    formula: str
    curve: Callable[[float], Curve]
    parameter: Parameter | None = None
    learned: bool = False
    backward: Callable[[float], Curve] | None = None

    @property
    def default(self) -> float:
        """The parameter's default; 0 for an activation without one."""
        return self.parameter.default if self.parameter else 0.0

    @property
    def is_smooth(self) -> bool:
        """Whether it has no exact pieces."""
        return isinstance(self.curve(self.default), Smooth)

    def pieces(self, parameter: float) -> Pieces:
        """Return the exact pieces. Raises `InputError` for a smooth activation, which has none."""
        curve = self.curve(parameter)
        if isinstance(curve, Smooth):
            raise InputError(
                f"activation: {self.name} is smooth and has no exact linear pieces; allowed is an epsilon stand-in."
            )
        return curve


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


def _straight_through(_: float) -> Pieces:
    """Slope 1 inside |z| <= 1, ends included, and 0 outside (Bengio et al. 2013; clipped: Hubara et al. 2016)."""
    return Pieces((-1.0, 1.0), (0.0, 1.0, 0.0), (-1.0, 0.0, 1.0), (1.0, 1.0))


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
    Activation(
        "step_ste",
        "Step, straight-through",
        "z > 0 ? 1 : 0, trained as if its slope were 1 for |z| <= 1",
        _step,
        backward=_straight_through,
    ),
    Activation("identity", "Identity", "z", _identity),
    Activation("sigmoid", "Sigmoid", "1 / (1 + e^-z)", smooth.sigmoid),
    Activation("tanh", "Tanh", "tanh z", smooth.tanh),
    Activation(
        "elu",
        "ELU",
        "z > 0 ? z : alpha (e^z - 1)",
        smooth.elu,
        Parameter("alpha", 1.0, 0.0, 10.0),
    ),
    Activation("softplus", "Softplus", "log(1 + e^z)", smooth.softplus),
    Activation("gelu", "GELU", "z Phi(z)", smooth.gelu),
    Activation("silu", "SiLU", "z / (1 + e^-z)", smooth.silu),
    Activation("mish", "Mish", "z tanh(log(1 + e^z))", smooth.mish),
    Activation("sin", "Sine", "sin z", smooth.sine),
)

ACTIVATIONS: dict[str, Activation] = {row.name: row for row in _ROWS}
