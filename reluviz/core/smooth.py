"""Smooth: an activation given by an expression, such as tanh, and where its slope is steep, flat or broken."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache, wraps
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reluviz.core.expression import ZERO, Expression, Z, add, call, constant, multiply

Array = NDArray[Any]
REACH = 30.0  # Pre-activations lie in -30..30; beyond, every activation here is a line, flat, or repeats itself.
_BROKEN = frozenset({"maximum", "minimum", "abs", "sign", "above", "not_below"})


@dataclass(frozen=True)
class Kink:
    """A point where a function of one variable is not smooth: by how much its slope and its value jump there."""

    at: float
    slope_jump: float
    value_jump: float


@dataclass(frozen=True, eq=False)
class Smooth:
    """A function of one variable that is no chain of lines: values and two derivatives by its expression.

    At a kink (|z| inside a formula, ELU with alpha other than 1) derivatives are one side's, as `Expression` says.
    """

    expression: Expression

    def value(self, z: Array) -> Array:
        """Return the function at z, same shape and dtype."""
        return self.expression(z)

    def derivative(self, z: Array) -> Array:
        """Return the derivative at z."""
        return self.expression.derivative(z)

    def second_derivative(self, z: Array) -> Array:
        """Return the second derivative at z, without the impulses at kinks."""
        return self.expression.second_derivative(z)

    def tangent(self, z: Array) -> tuple[Array, Array]:
        """Return slope and intercept of the tangent at z."""
        slope = self.derivative(z)
        return slope, self.value(z) - slope * z

    @cached_property
    def kinks(self) -> tuple[Kink, ...]:
        """Where slope or value jumps between -30 and 30, found to 1e-12."""
        operations = {step[0] for step in self.expression.tape.steps}
        return tuple(_find_kinks(self)) if operations & _BROKEN else ()


def _find_kinks(curve: Smooth) -> list[Kink]:
    """Halve every step in which value or slope changes a hundred times more than around it, until it stays a jump.

    A smooth function's change over a step shrinks with the step; a jump's does not.
    """
    # An irrational offset keeps the usual kinks (whole numbers) off the grid.
    grid = np.linspace(-REACH, REACH, 60_001) + 1e-4 / np.pi
    found = []
    for left, right in _suspects(curve, grid):
        while right - left > 1e-12:
            middle = 0.5 * (left + right)
            if not left < middle < right:
                break
            first, second = _change(curve, left, middle), _change(curve, middle, right)
            left, right = (left, middle) if first >= second else (middle, right)
        slope = float(np.diff(curve.derivative(np.array([left, right])))[0])
        value = float(np.diff(curve.value(np.array([left, right])))[0])
        at = round(0.5 * (left + right), 11) + 0.0
        slope, value = (0.0 if abs(jump) < 1e-6 else jump for jump in (slope, value))
        if slope or value:
            found.append(Kink(at, slope, value))
    return found


def _change(curve: Smooth, left: float, right: float) -> float:
    ends = np.array([left, right])
    return float(abs(np.diff(curve.derivative(ends))[0]) + abs(np.diff(curve.value(ends))[0]))


def _suspects(curve: Smooth, grid: Array) -> list[tuple[float, float]]:
    change = np.abs(np.diff(curve.derivative(grid))) + np.abs(np.diff(curve.value(grid)))
    around = 0.5 * (np.roll(change, 2) + np.roll(change, -2))
    places = np.flatnonzero(change > 3.0 * around + 1e-9)
    return [(float(grid[place]), float(grid[place + 1])) for place in places]


def _curve(expression: Callable[[float], Expression]) -> Callable[[float], Smooth]:
    """Make the curve of an expression once per parameter: it keeps its derivatives and kinks."""

    @lru_cache(maxsize=64)
    @wraps(expression)
    def curve(parameter: float) -> Smooth:
        return Smooth(expression(parameter))

    return curve


@_curve
def sigmoid(_: float) -> Expression:
    """1 / (1 + exp(-z))."""
    return call("sigmoid", Z)


@_curve
def tanh(_: float) -> Expression:
    """The hyperbolic tangent."""
    return call("tanh", Z)


@_curve
def elu(alpha: float) -> Expression:
    """The line z where z > 0, else alpha (exp(z) - 1); at 0 the slope is alpha, torch's choice."""
    # minimum(0, z) keeps exp from overflowing, and in this order counts z = 0 as left.
    below = call("expm1", call("minimum", ZERO, Z))
    return add(call("maximum", Z, ZERO), multiply(constant(alpha), below))


@_curve
def softplus(_: float) -> Expression:
    """log(1 + exp(z))."""
    return call("softplus", Z)


@_curve
def gelu(_: float) -> Expression:
    """The product z Phi(z), Phi the normal distribution function (Hendrycks & Gimpel 2016), not approximated."""
    phi = add(constant(0.5), multiply(constant(0.5), call("erf", multiply(constant(0.5**0.5), Z))))
    return multiply(Z, phi)


@_curve
def silu(_: float) -> Expression:
    """The product z sigmoid(z)."""
    return multiply(Z, call("sigmoid", Z))


@_curve
def mish(_: float) -> Expression:
    """The product z tanh(log(1 + exp(z))) (Misra 2019)."""
    return multiply(Z, call("tanh", call("softplus", Z)))


@_curve
def sine(_: float) -> Expression:
    """The sine of z."""
    return call("sin", Z)
