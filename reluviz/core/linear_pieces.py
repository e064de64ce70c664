"""The exact pieces of an expression that is continuous and piecewise linear, such as max(0.1*z, z) or |z - 1|."""

from itertools import pairwise

import numpy as np

from reluviz.core.activations import Pieces
from reluviz.core.expression import Expression

_MAX_BREAKPOINTS = 100


def pieces_of(expression: Expression) -> Pieces | None:
    """Return the pieces of `expression`, or None where it is not built of sums, multiples, max, min, abs of such.

    At a breakpoint the derivative is that of `expression.derivative`.
    """
    function = _read(expression)
    if function is None or len(function.breakpoints) > _MAX_BREAKPOINTS:
        return None
    breakpoints = np.asarray(function.breakpoints, dtype=np.float64)
    ties = expression.derivative(breakpoints) if len(breakpoints) else breakpoints
    return Pieces(function.breakpoints, function.slopes, function.intercepts, tuple(float(t) for t in ties))


def _read(node: Expression) -> Pieces | None:
    if node.operation == "z":
        return Pieces((), (1.0,), (0.0,), ())
    if node.operation == "constant":
        return Pieces((), (0.0,), (node.constant,), ())
    parts = [_read(argument) for argument in node.arguments]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    match node.operation:
        case "add":
            return _combine(known[0], known[1], 1.0)
        case "subtract":
            return _combine(known[0], known[1], -1.0)
        case "multiply" if _is_constant(known[0]):
            return _scale(known[1], known[0].intercepts[0])
        case "multiply" if _is_constant(known[1]):
            return _scale(known[0], known[1].intercepts[0])
        case "divide" if _is_constant(known[1]) and known[1].intercepts[0] != 0:
            return _scale(known[0], 1.0 / known[1].intercepts[0])
        case "abs":
            return _upper(known[0], _scale(known[0], -1.0))
        case "maximum":
            return _upper(known[0], known[1])
        case "minimum":
            return _scale(_upper(_scale(known[0], -1.0), _scale(known[1], -1.0)), -1.0)
    return None


def _is_constant(function: Pieces) -> bool:
    return function.breakpoints == () and function.slopes == (0.0,)


def _scale(function: Pieces, factor: float) -> Pieces:
    return Pieces(
        function.breakpoints,
        tuple(factor * slope for slope in function.slopes),
        tuple(factor * intercept for intercept in function.intercepts),
        function.tie_slopes,
    )


def _lines(function: Pieces, breakpoints: list[float]) -> list[tuple[float, float]]:
    """Return (slope, intercept) on each interval between `breakpoints`, which hold the function's own."""
    result = []
    piece = 0
    for index in range(len(breakpoints) + 1):
        result.append((function.slopes[piece], function.intercepts[piece]))
        if index < len(breakpoints) and breakpoints[index] in function.breakpoints:
            piece += 1
    return result


def _joined(breakpoints: list[float], lines: list[tuple[float, float]]) -> Pieces:
    """Return the pieces with neighbours of the same line made one."""
    kept_breaks, kept_lines = [], [lines[0]]
    for breakpoint_, line in zip(breakpoints, lines[1:], strict=True):
        if line != kept_lines[-1]:
            kept_breaks.append(breakpoint_)
            kept_lines.append(line)
    return Pieces(
        tuple(kept_breaks),
        tuple(slope for slope, _ in kept_lines),
        tuple(intercept for _, intercept in kept_lines),
        tuple(0.0 for _ in kept_breaks),
    )


def _combine(a: Pieces, b: Pieces, sign: float) -> Pieces:
    breakpoints = sorted({*a.breakpoints, *b.breakpoints})
    lines = [
        (sa + sign * sb, ia + sign * ib)
        for (sa, ia), (sb, ib) in zip(_lines(a, breakpoints), _lines(b, breakpoints), strict=True)
    ]
    return _joined(breakpoints, lines)


def _upper(a: Pieces, b: Pieces) -> Pieces:
    """Return max(a, b): the lines cross at most once between two neighbouring breakpoints."""
    breakpoints = sorted({*a.breakpoints, *b.breakpoints})
    ends = [-np.inf, *breakpoints, np.inf]
    all_breaks: list[float] = []
    all_lines: list[tuple[float, float]] = []
    pairs = zip(_lines(a, breakpoints), _lines(b, breakpoints), strict=True)
    for (low, high), (first, second) in zip(pairwise(ends), pairs, strict=True):
        if low > -np.inf:
            all_breaks.append(low)
        cross = (second[1] - first[1]) / (first[0] - second[0]) if first[0] != second[0] else np.nan
        if low < cross < high:
            left = min(first, second)  # Left of a crossing the line of smaller slope is above.
            all_lines += [left, max(first, second)]
            all_breaks.append(cross + 0.0)  # -0.0 becomes 0.0.
        else:
            middle = _between(low, high)
            all_lines.append(max(first, second, key=lambda line: line[0] * middle + line[1]))
    return _joined(all_breaks, all_lines)


def _between(low: float, high: float) -> float:
    if low == -np.inf:
        return high - 1.0 if high < np.inf else 0.0
    return low + 1.0 if high == np.inf else 0.5 * (low + high)
