"""Piecewise-linear stand-ins for smooth activations, to a stated error.

A stand-in stays within epsilon of the function on a range, with about as few pieces as that allows: from each
vertex the next piece reaches as far as any line can inside the tunnel [phi - epsilon, phi + epsilon]
(the greedy minimum-link path of Imai & Iri 1987, on a grid).
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from reluviz.core.activations import Pieces
from reluviz.core.errors import InputError
from reluviz.core.smooth import REACH, Smooth

Float = NDArray[np.float64]
MAX_PIECES = 120  # A pattern is stored in int8.
_GRID = 8192


@dataclass(frozen=True)
class Surrogate:
    """A continuous stand-in: its pieces, the error it was built for, and the largest error found on a finer grid."""

    pieces: Pieces
    epsilon: float
    largest_error: float
    low: float
    high: float


@lru_cache(maxsize=256)
def build_surrogate(curve: Smooth, low: float, high: float, epsilon: float) -> Surrogate:
    """Return a stand-in of `curve` on [low, high] with |stand-in - curve| <= epsilon there.

    Outside, the first and last pieces go on. Raises `InputError` where more than MAX_PIECES pieces are needed, and
    where the function jumps: then no continuous stand-in comes near it.
    """
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise InputError(f"epsilon stand-in: the range {low:g} to {high:g} is empty; allowed is low below high.")
    if not (np.isfinite(epsilon) and epsilon > 0):
        raise InputError(f"epsilon: {epsilon!r} cannot be used; allowed is a number above 0.")
    if any(low <= kink.at <= high and kink.value_jump for kink in curve.kinks):
        raise InputError("epsilon: the function jumps, so no continuous stand-in is near it; allowed is no jump.")
    z = _grid(curve, low, high)
    y = curve.value(z)
    tunnel = epsilon - _reserve(z, y)
    if tunnel.min() <= 0.05 * epsilon:
        raise _too_small(epsilon)
    pieces = _pieces(_greedy_path(z, y - tunnel, y + tunnel, epsilon))
    steps = np.arange(4) / 4.0
    fine = np.append((z[:-1, None] + np.diff(z)[:, None] * steps).ravel(), z[-1])
    error = float(np.abs(pieces.value(fine) - curve.value(fine)).max())
    return Surrogate(pieces, epsilon, error, low, high)


def _too_small(epsilon: float) -> InputError:
    return InputError(f"epsilon: {epsilon:g} needs more than {MAX_PIECES} pieces; allowed is a larger epsilon.")


def _grid(curve: Smooth, low: float, high: float) -> Float:
    """Return where the function is looked at: evenly, and in growing steps beyond what units usually reach.

    Bounds on the pre-activations of deep layers grow to millions, where every function of the table but the sine is
    a line; the reserve below notices what is not. Kinks are grid points, so that between two the function is smooth.
    """
    core_low, core_high = max(low, -4 * REACH), min(high, 4 * REACH)
    parts = [np.array([low, high])]
    if core_low < core_high:
        parts.append(np.linspace(core_low, core_high, _GRID))
    if low < -4 * REACH:
        parts.append(-np.geomspace(max(-high, 4 * REACH), -low, 1024))
    if high > 4 * REACH:
        parts.append(np.geomspace(max(low, 4 * REACH), high, 1024))
    kinks = np.array([kink.at for kink in curve.kinks if low < kink.at < high])
    z = np.unique(np.clip(np.concatenate([*parts, kinks]), low, high))
    # Points closer than rounding make no slopes; the ends and the kinks stay.
    keep = np.concatenate([[True], np.diff(z) > 1e-12 * (high - low)]) | np.isin(z, kinks) | (z == high)
    grid: Float = z[keep]
    return grid


def _reserve(z: Float, y: Float) -> Float:
    """Return by how much, at most, the function leaves its chord beside each grid point: step^2 / 8 * max |phi''|."""
    step = np.diff(z)
    curvature = 2.0 * np.abs(np.diff(np.diff(y) / step)) / (step[1:] + step[:-1])
    # A chord's own curvature is unknown at its two ends' far sides only: take the larger neighbour's.
    at_point = np.concatenate([curvature[:1], curvature, curvature[-1:]])
    at_step = np.maximum(at_point[:-1], at_point[1:])
    leave = at_step * step * step / 8.0
    reserve: Float = np.maximum(np.append(leave, 0.0), np.append(0.0, leave))
    return reserve


def _greedy_path(z: Float, lower: Float, upper: Float, epsilon: float) -> list[tuple[float, float]]:
    """Return vertices (z, y) of a polyline between `lower` and `upper`, each piece as long as the tunnel allows."""
    middle = 0.5 * (lower + upper)
    vertices: list[tuple[float, float]] = []
    begin = 0
    # The first vertex may lie anywhere in the tunnel's mouth; trying a few heights finds a long first piece.
    starts = [middle[0] + share * (upper[0] - middle[0]) for share in (-1.0, -0.5, 0.0, 0.5, 1.0)]
    reaches = [_reach(z, lower, upper, 0, z[0], height) for height in starts]
    best = int(np.argmax([reach for reach, _ in reaches]))
    x, y = float(z[0]), float(starts[best])
    vertices.append((x, y))
    while begin < len(z) - 1:
        end, slopes = _reach(z, lower, upper, begin, x, y)
        candidates = [(float(z[end]), y + slope * (float(z[end]) - x)) for slope in slopes]
        if end == len(z) - 1:
            vertices.append(candidates[1])
            break
        # Of the lines that reach the end, take the one from whose end the next piece reaches furthest.
        following = [_reach(z, lower, upper, end, *candidate)[0] for candidate in candidates]
        x, y = candidates[int(np.argmax(following))]
        vertices.append((x, y))
        begin = end
        if len(vertices) > MAX_PIECES:
            raise _too_small(epsilon)
    return vertices


def _reach(
    z: Float, lower: Float, upper: Float, begin: int, x: float, y: float
) -> tuple[int, tuple[float, float, float]]:
    """Return the furthest grid index that a line from (x, y) reaches inside the tunnel, and slopes that get there."""
    size = 256
    low_slope, high_slope = -np.inf, np.inf
    end = begin
    while end < len(z) - 1:
        stop = min(len(z), end + 1 + size)
        distance = z[end + 1 : stop] - x
        lows = np.maximum(np.maximum.accumulate((lower[end + 1 : stop] - y) / distance), low_slope)
        highs = np.minimum(np.minimum.accumulate((upper[end + 1 : stop] - y) / distance), high_slope)
        open_ = lows <= highs
        count = len(open_) if open_.all() else int(np.argmin(open_))
        if count:
            low_slope, high_slope = float(lows[count - 1]), float(highs[count - 1])
            end += count
        if count < len(open_):
            break
        size *= 2
    return end, (low_slope, 0.5 * (low_slope + high_slope), high_slope)


def _pieces(vertices: list[tuple[float, float]]) -> Pieces:
    x, y = np.array(vertices).T
    slopes = np.diff(y) / np.diff(x)
    intercepts = y[:-1] - slopes * x[:-1]
    inner = slopes[:-1]  # At a vertex the left piece holds.
    return Pieces(tuple(x[1:-1].tolist()), tuple(slopes.tolist()), tuple(intercepts.tolist()), tuple(inner.tolist()))
