"""A person's own activation: a Python expression of z, read without running anything.

The text is parsed to Python's syntax tree, and only the nodes named here become an `Expression`. Where an activation's
name is asked for, "formula:" and the text name it.
"""

import ast
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from reluviz.core.activations import ACTIVATIONS, Activation, Curve
from reluviz.core.errors import InputError
from reluviz.core.expression import Expression, Z, add, call, constant, multiply, negate, power, subtract
from reluviz.core.linear_pieces import pieces_of
from reluviz.core.smooth import REACH, Smooth

PREFIX = "formula:"

MAX_LENGTH, MAX_SIZE = 200, 400
CONSTANTS = {"pi": math.pi, "e": math.e}
_BINARY: dict[type, Callable[[Expression, Expression], Expression]] = {
    ast.Add: add,
    ast.Sub: subtract,
    ast.Mult: multiply,
    ast.Div: lambda a, b: call("divide", a, b),
    ast.Pow: power,
}
_ONE_ARGUMENT = ("abs", "exp", "log", "sqrt", "sin", "cos", "tanh", "sigmoid", "softplus", "erf", "sign")
_MANY_ARGUMENTS = {"max": "maximum", "min": "minimum"}
ALLOWED = "numbers, z, pi, e, + - * / **, " + ", ".join(sorted([*_ONE_ARGUMENT, *_MANY_ARGUMENTS, "relu"]))


def parse_formula(text: str) -> Expression:
    """Return the expression that `text` writes. Raises `InputError` naming what is not allowed and where.

    Nothing of the text is executed. The value and slope must be finite on -30 <= z <= 30, where
    pre-activations lie.
    """
    if len(text) > MAX_LENGTH:
        raise InputError(f"formula: {len(text)} characters are too many; allowed are {MAX_LENGTH}.")
    try:
        tree = ast.parse(text.strip(), mode="eval")
        expression = _read(tree.body)
        # Made now and kept by the expression: later a deep one could exceed Python's recursion limit.
        sizes = [expression.size, expression.derivative.size, expression.second_derivative.size]
    except InputError:
        raise
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise InputError(f"formula: {text!r} is not an expression of z; allowed are {ALLOWED}.") from None
    if sizes[-1] > MAX_SIZE:
        raise InputError(
            f"formula: {text!r} needs {sizes[-1]} operations for its second derivative; allowed are {MAX_SIZE}."
        )
    _check_finite(text, expression)
    return expression


@dataclass(frozen=True)
class _Formula:
    """The curve of one formula, whatever the parameter; compares and pickles by its text."""

    text: str

    def __call__(self, _: float) -> Curve:
        return formula_curve(self.text)


@lru_cache(maxsize=64)
def formula_curve(text: str) -> Curve:
    """Return a formula's exact pieces where it is piecewise linear, else its smooth curve. Raises `InputError`."""
    expression = parse_formula(text)
    return pieces_of(expression) or Smooth(expression)


def split_names(text: str) -> list[str]:
    """Return the names of a comma list, whose formulas may hold commas inside parentheses."""
    names, depth = [""], 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if character == "," and depth <= 0:
            names.append("")
        else:
            names[-1] += character
    return [name.strip() for name in names]


def formula_activation(text: str) -> Activation:
    """Return the activation that a formula of z is. Raises `InputError`."""
    formula_curve(text)
    return Activation(PREFIX + text, text, text, _Formula(text))


@lru_cache(maxsize=256)
def activation_named(name: str) -> Activation:
    """Return the row of ACTIVATIONS, or the formula after "formula:". Raises `InputError` where it is neither."""
    if name.startswith(PREFIX):
        return formula_activation(name.removeprefix(PREFIX).strip())
    if name not in ACTIVATIONS:
        raise InputError(f"activation: {name!r} is unknown; allowed are {', '.join(ACTIVATIONS)}, {PREFIX}... of z.")
    return ACTIVATIONS[name]


def _read(node: ast.expr) -> Expression:
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            try:
                return constant(value)
            except OverflowError:
                raise InputError("formula: a number overflows; allowed are numbers below 1e308.") from None
        case ast.Name(id="z"):
            return Z
        case ast.Name(id=name) if name in CONSTANTS:
            return constant(CONSTANTS[name])
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return negate(_read(operand))
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _read(operand)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return _BINARY[type(op)](_read(left), _read(right))
        case ast.Call(func=ast.Name(id="relu"), args=[argument], keywords=[]):
            return call("maximum", _read(argument), constant(0))
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in _ONE_ARGUMENT:
            return call(name, _read(argument))
        case ast.Call(func=ast.Name(id=name), args=[_, _, *_] as arguments, keywords=[]) if name in _MANY_ARGUMENTS:
            result = _read(arguments[0])
            for argument in arguments[1:]:
                result = call(_MANY_ARGUMENTS[name], result, _read(argument))
            return result
    place = f"column {node.col_offset + 1}"
    raise InputError(f"formula: {ast.unparse(node)[:40]!r} at {place} is not allowed; allowed are {ALLOWED}.")


def _check_finite(text: str, expression: Expression) -> None:
    z = np.linspace(-REACH, REACH, 2401)  # Steps of 1/40: whole numbers and halves are among them.
    for what, values in (("value", expression(z)), ("slope", expression.derivative(z))):
        bad = ~np.isfinite(values)
        if bad.any():
            at = z[bad][np.argmin(np.abs(z[bad]))]
            raise InputError(
                f"formula: the {what} of {text!r} is not finite at z = {at:g}; allowed is what is finite in -30..30."
            )
