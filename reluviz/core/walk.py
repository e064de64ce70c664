"""walk: a network along one straight segment, exactly.

Along a segment every sum is a piecewise-linear function of one number. Layer by layer each interval is cut where a
unit of that layer passes a breakpoint; nothing is sampled.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reluviz.core.activations import Pieces
from reluviz.core.errors import InputError
from reluviz.core.network import Network

Float = NDArray[np.float64]
# Cuts closer than this share of the segment are one: float64 places a cut no better.
_SAME = 1e-14


@dataclass(frozen=True, eq=False)
class Crossing:
    """Where a segment crosses a bent line.

    At `position` (0..1 along the segment) the unit (layer, unit) passes its breakpoint number `breakpoint`, `rising` to
    the higher piece or not.
    """

    position: float
    layer: int
    unit: int
    breakpoint: int
    rising: bool


@dataclass(frozen=True, eq=False)
class Walk:
    """f along the segment from start to end (2,), in K intervals on each of which it is linear.

    positions (K + 1,) run from 0 to 1, times `length` they are distances. first, last (K, outputs): f at both ends of
    each interval; they differ from one interval to the next only where an activation jumps. slopes (K, outputs): the
    change of f per unit of distance. patterns (K, units) int8. crossings are in order, those of one place by layer.
    """

    start: Float
    end: Float
    length: float
    positions: Float
    first: Float
    last: Float
    slopes: Float
    patterns: NDArray[np.int8]
    crossings: tuple[Crossing, ...]

    def value(self, positions: Float) -> Float:
        """Return f (N, outputs) at positions (N,) in 0..1; at a jump, the value of the interval that ends there."""
        at = np.asarray(positions, dtype=np.float64)
        interval = np.clip(np.searchsorted(self.positions, at, side="left") - 1, 0, len(self.slopes) - 1)
        begin, end = self.positions[interval], self.positions[interval + 1]
        share = ((at - begin) / (end - begin))[:, None]
        result: Float = self.first[interval] * (1 - share) + self.last[interval] * share
        return result


def walk(network: Network, start: Float, end: Float) -> Walk:
    """Follow `network` from start to end (inputs,).

    Raises `InputError` for a segment without length, a point that is not finite, and a network that is not.
    """
    p, q = (np.array(point, dtype=np.float64).reshape(-1) for point in (start, end))
    length = measure_segment(network, p, q)
    positions = np.array([0.0, 1.0])
    left, right, rate = p[None], q[None], (q - p)[None]
    patterns = np.zeros((1, 0), np.int8)
    for layer, (weights, biases) in enumerate(zip(network.weights, network.biases, strict=True)):
        z_left, z_right = left @ weights.T + biases, right @ weights.T + biases
        z_rate = rate @ weights.T
        if layer == len(network.activations):
            left, right, rate = z_left, z_right, z_rate
            break
        pieces = network.pieces[layer]
        size = np.maximum(np.abs(left), np.abs(right)) @ np.abs(weights).T + np.abs(biases)
        z_left, z_right = (_settled(z, size, pieces) for z in (z_left, z_right))
        owner, begin, finish, positions = _cut(z_left, z_right, positions, pieces)
        low = z_left[owner] * (1 - begin) + z_right[owner] * begin
        high = z_left[owner] * (1 - finish) + z_right[owner] * finish
        piece = pieces.index(0.5 * low + 0.5 * high)
        slope, intercept = np.asarray(pieces.slopes)[piece], np.asarray(pieces.intercepts)[piece]
        left, right, rate = slope * low + intercept, slope * high + intercept, slope * z_rate[owner]
        patterns = np.concatenate([patterns[owner], piece], axis=1)
    crossings = _crossings(network, positions, patterns)
    return Walk(p, q, length, positions, left, right, rate / length, patterns, crossings)


def measure_segment(network: Network, p: Float, q: Float) -> float:
    """Return the distance from p to q (inputs,); raises `InputError` where `network` cannot be walked along it."""
    if not network.finite:
        raise InputError("line walk: a weight is not finite; allowed is a network whose numbers are all finite.")
    if not (np.isfinite(p).all() and np.isfinite(q).all()):
        raise InputError("line walk: an end is not finite; allowed are two points of the plane.")
    length = float(np.linalg.norm(q - p))
    if not 0.0 < length < np.inf:
        raise InputError("line walk: the segment has no usable length; drag from one point to another.")
    return length


def _settled(z: Float, size: Float, pieces: Pieces) -> Float:
    """Return z (K, n) with what is within rounding of a breakpoint put on it; size (K, n) sums the terms of z."""
    for place in pieces.breakpoints:
        z = np.where(np.abs(z - place) <= 16 * np.finfo(np.float64).eps * (size + abs(place)), place, z)
    return z


def _cut(
    z_left: Float, z_right: Float, positions: Float, pieces: Pieces
) -> tuple[NDArray[np.int64], Float, Float, Float]:
    """Cut K intervals where a unit (of n) passes a breakpoint inside.

    Returns, for the K' new intervals, owner (K',), the old interval each lies in, begin and finish (K', 1), its ends
    as shares of the old one, and the new positions (K' + 1,).
    """
    count = len(z_left)
    intervals, shares = [np.arange(count)], [np.zeros(count)]
    for place in pieces.breakpoints:
        below, above = z_left - place, z_right - place
        interval, unit = np.nonzero((below < 0) & (above > 0) | (below > 0) & (above < 0))
        b, a = below[interval, unit], above[interval, unit]
        intervals.append(interval)
        shares.append(np.abs(b) / (np.abs(b) + np.abs(a)))
    owner, begin = np.concatenate(intervals), np.concatenate(shares)
    order = np.lexsort((begin, owner))
    owner, begin = owner[order], begin[order]
    width = np.diff(positions)[owner]
    place_of = positions[owner] + begin * width
    ends = np.append(place_of[1:], 1.0)
    # A cut that is one with the cut or end after it is dropped: both units then change in one place.
    keep = ends - place_of > _SAME
    if not keep.any():
        keep[0] = True
    owner, begin, place_of = owner[keep], begin[keep], place_of[keep]
    place_of[0] = 0.0
    same = np.append(owner[1:] == owner[:-1], False)
    finish = np.where(same, np.append(begin[1:], 1.0), 1.0)
    first_of = np.append(True, owner[1:] != owner[:-1])
    begin = np.where(first_of, 0.0, begin)
    return owner, begin[:, None], finish[:, None], np.append(place_of, 1.0)


def _crossings(network: Network, positions: Float, patterns: NDArray[np.int8]) -> tuple[Crossing, ...]:
    """Read off which units change their piece between one interval and the next."""
    starts = np.cumsum([0, *network.hidden])
    border, column = np.nonzero(patterns[1:] != patterns[:-1])
    layers = np.searchsorted(starts, column, side="right") - 1
    result = []
    for at, unit, layer in zip(border.tolist(), column.tolist(), layers.tolist(), strict=True):
        before, after = int(patterns[at, unit]), int(patterns[at + 1, unit])
        step = range(before, after) if after > before else range(before - 1, after - 1, -1)
        place, number = float(positions[at + 1]), int(unit - starts[layer])
        result += [Crossing(place, layer, number, k, after > before) for k in step]
    return tuple(result)
