"""Expressions of one variable z: evaluated in numpy, differentiated by rule, read as pieces where they are linear.

They describe the smooth activations and the formulas people type. Only the operations of OPERATIONS exist, so an
expression can compute a number and nothing else.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True)
class Expression:
    """One node: "z", "constant" (its value in `constant`), or an operation of OPERATIONS on `arguments`."""

    operation: str
    arguments: tuple["Expression", ...] = ()
    constant: float = 0.0

    @cached_property
    def derivative(self) -> "Expression":
        """The derivative by z, one side's where there is none (max, min, abs: see OPERATIONS)."""
        if self.operation == "z":
            return ONE
        if self.operation == "constant":
            return ZERO
        partials = OPERATIONS[self.operation].partials(self.arguments)
        terms = (multiply(p, a.derivative) for p, a in zip(partials, self.arguments, strict=True))
        result = ZERO
        for term in terms:
            result = add(result, term)
        return result

    @cached_property
    def second_derivative(self) -> "Expression":
        """The derivative of `derivative`."""
        return self.derivative.derivative

    def evaluate(self, z: Any, functions: Mapping[str, Callable[..., Any]]) -> Any:
        """Return the value at z by `functions` (one per operation used), be they numpy's or torch's."""
        return self.tape.run(z, functions)

    def __call__(self, z: Array) -> Array:
        """Return the value at z, same shape and dtype; not finite where the expression is not."""
        with np.errstate(all="ignore"):
            result = self.tape.run(z, NUMPY)
        return np.broadcast_to(np.asarray(result, dtype=z.dtype), z.shape)

    @cached_property
    def tape(self) -> "Tape":
        """The operations in the order in which to compute them, each different one once."""
        return _recorded(self)

    @property
    def size(self) -> int:
        """The number of different operations to compute."""
        return len(self.tape.steps)


@dataclass(frozen=True)
class Tape:
    """An expression as straight-line code.

    Step i is (operation, indices of earlier steps, constant); the last step is the result. A derivative by rule
    repeats whole sub-expressions; here each is computed once (for Mish's second derivative 28 steps, not 163).
    """

    steps: tuple[tuple[str, tuple[int, ...], float], ...]

    def run(self, z: Any, functions: Mapping[str, Callable[..., Any]]) -> Any:
        """Return the value at z."""
        values: list[Any] = []
        for operation, places, number in self.steps:
            if operation == "z":
                values.append(z)
            elif operation == "constant":
                values.append(number)
            else:
                values.append(functions[operation](*[values[place] for place in places]))
        return values[-1]


def _recorded(expression: Expression) -> Tape:
    """Number equal sub-expressions alike (value numbering), without recursion: a derivative can be deep."""
    place_of: dict[tuple[str, tuple[int, ...], str], int] = {}
    place_of_node: dict[int, int] = {}
    steps: list[tuple[str, tuple[int, ...], float]] = []
    stack = [expression]
    while stack:
        node = stack[-1]
        waiting = [argument for argument in node.arguments if id(argument) not in place_of_node]
        if waiting:
            stack += waiting
            continue
        stack.pop()
        if id(node) in place_of_node:
            continue
        places = tuple(place_of_node[id(argument)] for argument in node.arguments)
        # A number's hex text tells -0.0 from 0.0 and makes nan equal to itself.
        key = (node.operation, places, node.constant.hex())
        if key not in place_of:
            place_of[key] = len(steps)
            steps.append((node.operation, places, node.constant))
        place_of_node[id(node)] = place_of[key]
    # Unless equal to an earlier one the root comes last; equal to an earlier one it cannot be, being larger.
    return Tape(tuple(steps))


@dataclass(frozen=True)
class Operation:
    """One row of OPERATIONS: how numpy computes it, and its partial derivatives as expressions of its arguments."""

    numpy: Callable[..., Any]
    partials: Callable[[tuple[Expression, ...]], tuple[Expression, ...]]


Z = Expression("z")


def constant(value: float) -> Expression:
    """Return the expression of one number."""
    return Expression("constant", constant=float(value))


ZERO, ONE, MINUS_ONE = constant(0), constant(1), constant(-1)


def call(operation: str, *arguments: Expression) -> Expression:
    """Return an operation on expressions, computed at once where all are constants."""
    if all(argument.operation == "constant" for argument in arguments):
        values = [np.float64(argument.constant) for argument in arguments]
        with np.errstate(all="ignore"):
            return constant(OPERATIONS[operation].numpy(*values))
    return Expression(operation, arguments)


def add(a: Expression, b: Expression) -> Expression:
    """Return a + b without zeros."""
    if a == ZERO:
        return b
    return a if b == ZERO else call("add", a, b)


def subtract(a: Expression, b: Expression) -> Expression:
    """Return a - b without zeros."""
    return a if b == ZERO else call("subtract", a, b)


def multiply(a: Expression, b: Expression) -> Expression:
    """Return a * b without ones and zeros."""
    if ZERO in (a, b):
        return ZERO
    if a == ONE:
        return b
    if a == MINUS_ONE and b.operation == "multiply" and b.arguments[0].operation == "constant":
        return multiply(constant(-b.arguments[0].constant), b.arguments[1])
    return a if b == ONE else call("multiply", a, b)


def negate(a: Expression) -> Expression:
    """Return -a."""
    return multiply(MINUS_ONE, a)


def _power_partials(arguments: tuple[Expression, ...]) -> tuple[Expression, ...]:
    base, exponent = arguments
    by_base = multiply(exponent, power(base, add(exponent, constant(-1))))
    if exponent.operation == "constant":
        return by_base, ZERO
    return by_base, multiply(power(base, exponent), call("log", base))


def power(base: Expression, exponent: Expression) -> Expression:
    """Return base ** exponent, without the operation where the exponent is 0 or 1."""
    if exponent == ZERO:
        return ONE
    return base if exponent == ONE else call("power", base, exponent)


def _divide_partials(arguments: tuple[Expression, ...]) -> tuple[Expression, ...]:
    a, b = arguments
    return call("divide", ONE, b), negate(call("divide", a, call("multiply", b, b)))


def _tanh_partials(arguments: tuple[Expression, ...]) -> tuple[Expression, ...]:
    t = call("tanh", *arguments)
    return (subtract(ONE, multiply(t, t)),)


def _sigmoid_partials(arguments: tuple[Expression, ...]) -> tuple[Expression, ...]:
    s = call("sigmoid", *arguments)
    return (multiply(s, subtract(ONE, s)),)


def _erf_partials(arguments: tuple[Expression, ...]) -> tuple[Expression, ...]:
    (a,) = arguments
    return (multiply(constant(2 / math.sqrt(math.pi)), call("exp", negate(multiply(a, a)))),)


def sigmoid(z: Any) -> Any:
    """Return 1 / (1 + exp(-z)): exp overflows to infinity and the result to an exact 0, as in torch."""
    return 1.0 / (1.0 + np.exp(-z))


def softplus(z: Any) -> Any:
    """Return log(1 + exp(z)) without overflow."""
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def erf(z: Any) -> Any:
    """Return the error function, same dtype: to 1e-15 for float64, to 5e-7 for float32 (pictures).

    float64: the series 2/sqrt(pi) * exp(-z^2) * sum 2^n z^(2n+1) / (2n+1)!! below 2.5 (Abramowitz & Stegun 7.1.6),
    beyond it the continued fraction of erfc (7.1.14), whose 40 terms are exact there. float32: the rational
    approximation 7.1.26, 20 times faster.
    """
    z = np.asarray(z)
    if z.dtype == np.float32:
        return _erf_single(z)
    x = np.minimum(np.abs(z.astype(np.float64)), 6.5)
    low = np.minimum(x, 2.5)
    term = low.copy()
    series = low.copy()
    for n in range(1, 48):
        term = term * (2.0 * low * low / (2 * n + 1))
        series = series + term
    high = np.maximum(x, 2.5)
    fraction = np.zeros_like(high)
    for n in range(40, 0, -1):
        fraction = (n / 2) / (high + fraction)
    gauss = np.exp(-x * x)
    near = 2.0 / math.sqrt(math.pi) * gauss * series
    far = 1.0 - gauss / math.sqrt(math.pi) / (high + fraction)
    return np.copysign(np.where(x < 2.5, near, far), z).astype(z.dtype)


def _erf_single(z: NDArray[np.float32]) -> NDArray[np.float32]:
    x = np.minimum(np.abs(z), 10)
    t = 1.0 / (1.0 + 0.3275911 * x)
    polynomial = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    result: NDArray[np.float32] = np.copysign(1.0 - polynomial * np.exp(-x * x), z)
    return result


OPERATIONS: dict[str, Operation] = {
    "add": Operation(np.add, lambda a: (ONE, ONE)),
    "subtract": Operation(np.subtract, lambda a: (ONE, MINUS_ONE)),
    "multiply": Operation(np.multiply, lambda a: (a[1], a[0])),
    "divide": Operation(np.divide, _divide_partials),
    "power": Operation(np.power, _power_partials),
    "maximum": Operation(np.maximum, lambda a: (call("above", a[0], a[1]), call("not_below", a[1], a[0]))),
    "minimum": Operation(np.minimum, lambda a: (call("above", a[1], a[0]), call("not_below", a[0], a[1]))),
    "abs": Operation(np.abs, lambda a: (call("sign", a[0]),)),
    "sign": Operation(np.sign, lambda a: (ZERO,)),
    "above": Operation(lambda a, b: np.where(a > b, 1.0, 0.0), lambda a: (ZERO, ZERO)),
    "not_below": Operation(lambda a, b: np.where(a >= b, 1.0, 0.0), lambda a: (ZERO, ZERO)),
    "exp": Operation(np.exp, lambda a: (call("exp", a[0]),)),
    "expm1": Operation(np.expm1, lambda a: (call("exp", a[0]),)),
    "log": Operation(np.log, lambda a: (call("divide", ONE, a[0]),)),
    "sqrt": Operation(np.sqrt, lambda a: (call("divide", constant(0.5), call("sqrt", a[0])),)),
    "sin": Operation(np.sin, lambda a: (call("cos", a[0]),)),
    "cos": Operation(np.cos, lambda a: (negate(call("sin", a[0])),)),
    "tanh": Operation(np.tanh, _tanh_partials),
    "sigmoid": Operation(sigmoid, _sigmoid_partials),
    "softplus": Operation(softplus, lambda a: (call("sigmoid", a[0]),)),
    "erf": Operation(erf, _erf_partials),
}

NUMPY: dict[str, Callable[..., Any]] = {name: row.numpy for name, row in OPERATIONS.items()}
