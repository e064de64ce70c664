"""What of the bent lines lies near a point: for hands that grab them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from reluviz.core.activations import Pieces
from reluviz.core.network import Network
from reluviz.core.partition import Partition
from reluviz.core.view import Bounds

Float = NDArray[np.float64]


class Grip(NamedTuple):
    """A unit's line near a point: layer, unit and breakpoint from 0, how far off, and the nearest place on it."""

    layer: int
    unit: int
    breakpoint: int
    distance: float
    place: tuple[float, float]


def nearest_line(partition: Partition, region: int, point: tuple[float, float]) -> Grip | None:
    """Return the bent line nearest to a point of a region, None where the region has none but the box's sides.

    No line outside the region's ring can be nearer than the ring itself.
    """
    begin, end = partition.offsets[region : region + 2]
    ring, edge_of = partition.vertices[begin:end], partition.edge_of[begin:end]
    start, along = ring, np.roll(ring, -1, axis=0) - ring
    length = np.einsum("ei,ei->e", along, along)
    away = np.asarray(point) - start
    share = np.clip(np.einsum("ei,ei->e", away, along) / np.where(length > 0, length, 1.0), 0.0, 1.0)
    feet = start + share[:, None] * along
    distances = np.where(edge_of >= 0, np.hypot(*(np.asarray(point) - feet).T), np.inf)
    best = int(np.argmin(distances))
    if not np.isfinite(distances[best]):
        return None
    edge = edge_of[best]
    return Grip(
        int(partition.edge_layers[edge]),
        int(partition.edge_units[edge]),
        int(partition.edge_breakpoints[edge]),
        float(distances[best]),
        (float(feet[best, 0]), float(feet[best, 1])),
    )


def nearest_first_line(network: Network, point: tuple[float, float]) -> Grip | None:
    """Return the nearest line of the first hidden layer, of whatever activation; a smooth one's is z = 0."""
    if not network.hidden:
        return None
    weights, biases, curve = network.weights[0], network.biases[0], network.curves[0]
    places = curve.breakpoints if isinstance(curve, Pieces) else (0.0,)
    norm = np.hypot(weights[:, 0], weights[:, 1])
    if not len(places) or not (norm > 0).any():
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        gaps = (weights @ np.asarray(point) + biases)[:, None] - np.asarray(places)
        distances = np.where((norm > 0)[:, None], np.abs(gaps) / norm[:, None], np.inf)
    unit, which = (int(i) for i in np.unravel_index(np.argmin(distances), distances.shape))
    foot = np.asarray(point) - weights[unit] * (gaps[unit, which] / norm[unit] ** 2)
    return Grip(0, unit, which, float(distances[unit, which]), (float(foot[0]), float(foot[1])))


def unit_segments(partition: Partition, layer: int, unit: int) -> Float:
    """Return all of a unit's bent line in the box as segments (S, 4)."""
    chosen = (partition.edge_layers == layer) & (partition.edge_units == unit)
    result: Float = partition.edges[chosen]
    return result


def first_line_in(network: Network, unit: int, bounds: Bounds, breakpoint: int = 0) -> Float:
    """Return the piece of a first-layer unit's line in bounds as (1, 4), or (0, 4) where it lies outside."""
    curve = network.curves[0]
    place = curve.breakpoints[breakpoint] if isinstance(curve, Pieces) else 0.0
    (a, b), c = network.weights[0][unit], network.biases[0][unit] - place
    if a == 0.0 and b == 0.0:
        return np.zeros((0, 4))
    xmin, xmax, ymin, ymax = bounds
    middle = np.array([0.5 * (xmin + xmax), 0.5 * (ymin + ymax)])
    foot = middle - np.array([a, b]) * ((a * middle[0] + b * middle[1] + c) / (a * a + b * b))
    direction = np.array([-b, a]) / np.hypot(a, b)
    low, high = -np.inf, np.inf
    for side, (near, far) in enumerate(((xmin, xmax), (ymin, ymax))):
        if direction[side] == 0.0:
            if not near <= foot[side] <= far:
                return np.zeros((0, 4))
            continue
        t0, t1 = sorted(((near - foot[side]) / direction[side], (far - foot[side]) / direction[side]))
        low, high = max(low, t0), min(high, t1)
    if low >= high:
        return np.zeros((0, 4))
    return np.concatenate([foot + low * direction, foot + high * direction])[None]
