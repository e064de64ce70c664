"""The truth about small networks: their regions in exact rational arithmetic. Slow and simple on purpose.

Every float is a rational number, so nothing here is rounded. Nothing is shared with reluviz but the description of a
network: its weights, and its activations' breakpoints, slopes and intercepts.
"""

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from reluviz.core.network import Network

Point = tuple[Fraction, Fraction]
Affine = tuple[Fraction, Fraction, Fraction]  # gx, gy, constant


@dataclass
class Region:
    """A convex polygon, counter-clockwise, its pattern and the affine maps of the units that are read next.

    sizes: for each of these, the sum of the magnitudes of the terms that it is made of, at most, over the box.
    """

    polygon: list[Point]
    pattern: tuple[int, ...]
    maps: list[Affine]
    sizes: list[Fraction]
    margin: float = 1.0


def exact_regions(network: Network, bounds: tuple[float, float, float, float]) -> list[Region]:
    """Return all activation regions; their `maps` are those of the outputs.

    A region's `margin` says how near its corners came to a tie without being one: the least |z - t| that is not 0,
    relative to the terms of z. Below about 1e-15 no float64 computation can tell it from a tie. (The float nearest to
    1/6, in hard sigmoid, makes such networks even from small integers.)
    """
    xmin, xmax, ymin, ymax = map(Fraction, bounds)
    one, zero = Fraction(1), Fraction(0)
    box = [(xmin, ymin), (xmax, ymin), (xmax, ymax), (xmin, ymax)]
    reach = max(-xmin, xmax), max(-ymin, ymax)
    regions = [Region(box, (), [(one, zero, zero), (zero, one, zero)], list(reach))]
    for layer, (weights, biases) in enumerate(zip(network.weights, network.biases, strict=True)):
        rows = [[Fraction(w) for w in row] for row in weights.tolist()]
        constants = [Fraction(b) for b in biases.tolist()]
        following = []
        for region in regions:
            region.maps = [_combine(row, region.maps, b) for row, b in zip(rows, constants, strict=True)]
            region.sizes = [
                sum((abs(w) * s for w, s in zip(row, region.sizes, strict=True)), abs(b))
                for row, b in zip(rows, constants, strict=True)
            ]
            if layer == len(network.activations):
                following.append(region)
            else:
                following += _through(region, network.pieces[layer])
        regions = following
    return regions


def exact_area(polygon: list[Point]) -> Fraction:
    return sum((a[0] * b[1] - b[0] * a[1] for a, b in pairwise([*polygon, polygon[0]])), Fraction(0)) / 2


def exact_linear_count(regions: list[Region]) -> int:
    """Return the number of connected sets of regions with one affine map, joined along edges of some length."""
    by_map = defaultdict(list)
    for region in regions:
        by_map[tuple(region.maps)].append(region.polygon)
    return sum(_components(polygons) for polygons in by_map.values())


def _combine(row: list[Fraction], maps: list[Affine], bias: Fraction) -> Affine:
    used = [(w, m) for w, m in zip(row, maps, strict=True) if w]
    gx, gy, c = (sum((w * m[k] for w, m in used), Fraction(0)) for k in range(3))
    return gx, gy, c + bias


def _through(region: Region, pieces) -> list[Region]:
    """Cut a region by every unit at every breakpoint, and apply the activation."""
    parts, margin = [(region.polygon, ())], region.margin
    for (gx, gy, c), size in zip(region.maps, region.sizes, strict=True):
        divided = []
        for polygon, chosen in parts:
            rest, piece = polygon, 0
            for t in map(Fraction, pieces.breakpoints):
                heights = [gx * x + gy * y + c - t for x, y in rest]
                margin = min([margin, *(float(abs(h) / (size + abs(t))) for h in heights if h)])
                left, right = _clip(rest, [-h for h in heights]), _clip(rest, heights)
                if right is None:
                    break
                if left is not None:
                    divided.append((left, (*chosen, piece)))
                rest, piece = right, piece + 1
            divided.append((rest, (*chosen, piece)))
        parts = divided
    slopes, intercepts = [Fraction(s) for s in pieces.slopes], [Fraction(i) for i in pieces.intercepts]
    return [
        Region(
            polygon,
            region.pattern + chosen,
            [
                (slopes[p] * gx, slopes[p] * gy, slopes[p] * c + intercepts[p])
                for p, (gx, gy, c) in zip(chosen, region.maps, strict=True)
            ],
            [abs(slopes[p]) * size + abs(intercepts[p]) for p, size in zip(chosen, region.sizes, strict=True)],
            margin,
        )
        for polygon, chosen in parts
    ]


def _clip(polygon: list[Point], heights: list[Fraction]) -> list[Point] | None:
    """Return the part with heights >= 0, None where it has no interior; all heights 0 counts as no interior."""
    if max(heights) <= 0:
        return None
    if min(heights) >= 0:
        return polygon
    result = []
    for (p, q), (a, b) in zip(pairwise([*polygon, polygon[0]]), pairwise([*heights, heights[0]]), strict=True):
        if a >= 0:
            result.append(p)
        if (a > 0 > b) or (a < 0 < b):
            share = a / (a - b)
            result.append((p[0] + share * (q[0] - p[0]), p[1] + share * (q[1] - p[1])))
    return result


def _components(polygons: list[list[Point]]) -> int:
    parents = list(range(len(polygons)))

    def root(i: int) -> int:
        while parents[i] != i:
            i = parents[i]
        return i

    for group in _edges_by_line(polygons).values():
        for k, (i, low, high) in enumerate(group):
            for j, other_low, other_high in group[:k]:
                if i != j and max(low, other_low) < min(high, other_high):
                    parents[root(i)] = root(j)
    return sum(parents[i] == i for i in range(len(polygons)))


def _edges_by_line(polygons: list[list[Point]]) -> dict[tuple, list[tuple[int, Fraction, Fraction]]]:
    """Group edges by the line they lie on: (polygon, where it begins, where it ends) along the line."""
    groups = defaultdict(list)
    for i, polygon in enumerate(polygons):
        for (px, py), (qx, qy) in pairwise([*polygon, polygon[0]]):
            if px == qx:
                line, low, high = ("x", px), py, qy
            else:
                slope = (qy - py) / (qx - px)
                line, low, high = (slope, py - slope * px), px, qx
            groups[line].append((i, min(low, high), max(low, high)))
    return groups
