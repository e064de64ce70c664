"""Hessian-Schatten total variation: one number for how much f bends over the view, whatever the activations.

Aziznejad, Campos & Unser 2021, with the nuclear norm: the integral of |lambda_1| + |lambda_2| of the Hessian. Where f
is piecewise linear the Hessian lives on the edges: the sum of length * |grad f+ - grad f-|. Several outputs: their sum.

In a smooth network bends of several units overlap and can cancel; the edges of a piecewise-linear one lie apart and
cannot. So the edge sum of epsilon stand-ins does not converge to the variation of the smooth network but to its bending
summed unit by unit (`Variation.by_unit`), which is no less, and more where bends cancel; for edges both are the same.
One says how much f bends, the other how much bending its units spend on it.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reluviz.core.activations import Pieces
from reluviz.core.field import trace_field
from reluviz.core.jets import Bending, bending, unit_sensitivity
from reluviz.core.network import Network
from reluviz.core.partition import Partition
from reluviz.core.smooth import Kink
from reluviz.core.view import Bounds

Float = NDArray[np.float64]
SAMPLES = 256
_BAND = 2048


@dataclass(frozen=True)
class Variation:
    """The total variation over a view, and what its units spend on it, no less: the bending summed unit by unit.

    The errors estimate how far off the quadratures are, 0 where `is_exact`. Values are infinite where f itself jumps
    (step), and nan where the regions are not known.
    """

    value: float
    error: float
    by_unit: float
    by_unit_error: float
    is_exact: bool


UNKNOWN = Variation(math.nan, math.nan, math.nan, math.nan, False)


def edge_variation(partition: Partition) -> Float:
    """Return each shared edge's part (S,): its length times the jump of the gradient, summed over outputs.

    Infinite where f jumps across the edge. S runs over `partition.adjacency`.
    """
    shared = partition.adjacency
    ends = shared.segments.reshape(-1, 2, 2)
    amounts: Float = _length(shared.segments) * _bends(partition)
    if any(kink.value_jump for row in partition.network.pieces for kink in piece_kinks(row)):
        middle = ends.mean(axis=1)
        one, two = (
            np.einsum("soi,si->so", partition.gradients[side], middle) + partition.intercepts[side]
            for side in (shared.first, shared.second)
        )
        gap = np.abs(one - two)
        amounts[(gap > 1e-9 * (np.abs(one) + np.abs(two) + 1e-300)).any(axis=1)] = np.inf
    return amounts


def _length(segments: Float) -> Float:
    length: Float = np.hypot(segments[:, 2] - segments[:, 0], segments[:, 3] - segments[:, 1])
    return length


def _bends(partition: Partition) -> Float:
    """Return for each shared edge (S,) how far the gradient jumps, summed over outputs."""
    shared = partition.adjacency
    # Of one output that is known: no gathering of gradients. Its square overflows where they are beyond 1e154.
    if partition.gradients.shape[1] == 1 and np.isfinite(shared.jump).all():
        return shared.jump
    difference = partition.gradients[shared.first] - partition.gradients[shared.second]
    bends: Float = np.hypot(difference[..., 0], difference[..., 1]).sum(axis=1)
    return bends


def partition_variation(partition: Partition) -> Variation:
    """Return the exact total variation of a piecewise-linear network in its partition's box."""
    if not partition.finite or partition.truncated_at is not None:
        return UNKNOWN
    # In pairs, within some 1e-15: `math.fsum` held Python's lock, hence the window, for 10 ms at 100,000 regions.
    total = float(edge_variation(partition).sum())
    return Variation(total, 0.0, total, 0.0, True)


def region_density(partition: Partition) -> Float:
    """Return variation per area of each region (count,): half of each of its edges' parts over its area."""
    shared = partition.adjacency
    amounts = 0.5 * edge_variation(partition)
    total = np.bincount(shared.first, amounts, partition.count) + np.bincount(shared.second, amounts, partition.count)
    density: Float = total / partition.areas
    return density


def nuclear_norm(hessian: Float) -> Float:
    """Return |lambda_1| + |lambda_2| of symmetric 2 x 2 matrices (..., 3) given as xx, xy, yy."""
    xx, xy, yy = hessian[..., 0], hessian[..., 1], hessian[..., 2]
    # Equal signs of the eigenvalues: |trace|; opposite: their distance. The larger of both is always right.
    norm: Float = np.maximum(np.abs(xx + yy), np.hypot(xx - yy, 2.0 * xy))
    return norm


def hessian_density(network: Network, x: Float, y: Float) -> Float:
    """Return the nuclear norm of the Hessian, summed over outputs, on the grid of x (C,) and y (R,): (R, C)."""
    bands = [nuclear_norm(band.hessian).sum(axis=1) for band in _bending_by_band(network, x, y)]
    return np.concatenate(bands).reshape(len(y), len(x))


def _bending_by_band(network: Network, x: Float, y: Float) -> Iterator[Bending]:
    rows = max(1, _BAND // len(x))
    for begin in range(0, len(y), rows):
        band = y[begin : begin + rows]
        yield bending(network, np.column_stack([np.tile(x, len(band)), np.repeat(band, len(x))]))


def network_variation(network: Network, bounds: Bounds, samples: int = SAMPLES) -> Variation:
    """Return the total variation of a network of any activations by quadrature, with its estimated error.

    The midpoint rule on samples x samples cells for where f is smooth, and on the kinks' curves (ReLU layers behind
    or before smooth ones) traced through a grid as fine. The error is the largest of the
    differences between this and half, a quarter, an eighth of the samples, each halved once more: some three times what
    is left, as the rule's error falls with the square of the samples (beside kinks a little slower), and less where f
    bends in bands too narrow for all.
    """
    if not network.finite:
        return UNKNOWN
    with np.errstate(all="ignore"):
        sums = np.array([_quadrature(network, bounds, samples >> halvings) for halvings in range(4)])
    fine = sums[0].tolist()
    with np.errstate(invalid="ignore"):
        steps = np.abs(np.diff(sums, axis=0)) * [[1.0], [0.5], [0.25]]
    errors = np.where(np.isfinite(sums[0]), steps.max(axis=0), 0.0).tolist()
    return Variation(fine[0], errors[0], fine[1], errors[1], False)


def _quadrature(network: Network, bounds: Bounds, samples: int) -> tuple[float, float]:
    """Return the variation and the bending summed unit by unit."""
    xmin, xmax, ymin, ymax = bounds
    dx, dy = (xmax - xmin) / samples, (ymax - ymin) / samples
    whole = by_unit = _kink_variation(network, bounds, samples)
    if network.first_smooth is not None:
        middles = np.arange(samples, dtype=np.float64) + 0.5
        for band in _bending_by_band(network, xmin + dx * middles, ymin + dy * middles):
            whole += float(nuclear_norm(band.hessian).sum()) * dx * dy
            by_unit += float(band.by_unit.sum()) * dx * dy
    return whole, by_unit


def _kink_variation(network: Network, bounds: Bounds, samples: int) -> float:
    kinks = [piece_kinks(curve) if isinstance(curve, Pieces) else curve.kinks for curve in network.curves]
    if not any(kinks):
        return 0.0
    levels = [[kink.at for kink in row] for row in kinks]
    field = trace_field(network, bounds, samples, samples, levels, step=1)
    curves = field.curves
    if not len(curves.segments):
        return 0.0
    xmin, xmax, ymin, ymax = bounds
    scale = np.array([(xmax - xmin) / samples, (ymin - ymax) / samples])
    ends = curves.segments.astype(np.float64).reshape(-1, 2, 2) * scale + [xmin, ymax]
    length = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
    most = max(map(len, kinks))
    slope_jumps, value_jumps = np.zeros((len(kinks), most)), np.zeros((len(kinks), most))
    for layer, row in enumerate(kinks):
        slope_jumps[layer, : len(row)] = [abs(kink.slope_jump) for kink in row]
        value_jumps[layer, : len(row)] = [kink.value_jump for kink in row]
    total = 0.0
    middle = ends.mean(axis=1)
    for begin in range(0, len(middle), _BAND):
        part = slice(begin, begin + _BAND)
        layers, units, which = curves.layers[part], curves.units[part], curves.levels[part]
        bend = unit_sensitivity(network, middle[part], layers, units).sum(axis=1)
        if (bend[value_jumps[layers, which] != 0] > 0).any():
            return math.inf
        total += float((length[part] * bend * slope_jumps[layers, which]).sum())
    return total


def piece_kinks(pieces: Pieces) -> tuple[Kink, ...]:
    """Return where slope or value of a piecewise-linear function jumps; breakpoints that change nothing are none."""
    lines = list(zip(pieces.slopes, pieces.intercepts, strict=True))
    result = []
    for at, (slope, intercept), (next_slope, next_intercept) in zip(pieces.breakpoints, lines, lines[1:], strict=False):
        gap = (next_slope - slope) * at + next_intercept - intercept
        rounding = 1e-9 * (abs(next_slope * at) + abs(slope * at) + abs(intercept) + abs(next_intercept))
        gap = gap if abs(gap) > rounding else 0.0
        if gap or slope != next_slope:
            result.append(Kink(at, next_slope - slope, gap))
    return tuple(result)
