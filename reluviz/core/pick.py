"""What of the bent lines lies near a point: for hands that grab them."""

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from reluviz.core.activations import Curve, Pieces
from reluviz.core.network import Network
from reluviz.core.partition import Partition
from reluviz.core.view import Bounds

Float = NDArray[np.float64]
_CANDIDATES, _NEWTON_STEPS, _COLUMNS = 4, 6, 128


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


def unit_segments(partition: Partition, layer: int, unit: int) -> Float:
    """Return all of a unit's bent line in the box as segments (S, 4)."""
    chosen = (partition.edge_layers == layer) & (partition.edge_units == unit)
    result: Float = partition.edges[chosen]
    return result


def first_line_in(network: Network, unit: int, bounds: Bounds, breakpoint: int = 0) -> Float:
    """Return the piece of a first-layer unit's line in bounds as (1, 4), or (0, 4) where it lies outside."""
    curve = network.curves[0]
    place = _places(curve)[breakpoint]
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


def nearest_curve(network: Network, point: tuple[float, float]) -> Grip | None:
    """Return the nearest line of any hidden unit where layers are smooth: its lines are curves, a smooth unit's z = 0.

    To first order a curve z = c is |z - c| / |grad z| away; from the nearest few of those, Newton's steps along the
    gradient lead onto the curve itself.
    """
    places = [_places(curve) for curve in network.curves]
    found: list[tuple[float, int, int, int]] = []
    for layer, (z, slope) in enumerate(_slopes(network, np.asarray(point, dtype=np.float64))):
        steep = np.hypot(slope[:, 0], slope[:, 1])
        with np.errstate(divide="ignore", invalid="ignore"):
            away = np.abs(z[:, None] - np.asarray(places[layer])) / steep[:, None]
        units, which = np.nonzero(away < np.inf)
        found += [(float(away[u, k]), layer, int(u), int(k)) for u, k in zip(units, which, strict=True)]
    grips = []
    for _, layer, unit, place in sorted(found)[:_CANDIDATES]:
        foot = _descend(network, layer, unit, places[layer][place], np.asarray(point, dtype=np.float64))
        if foot is not None:
            distance = float(np.hypot(*(foot - point)))
            grips.append(Grip(layer, unit, place, distance, (float(foot[0]), float(foot[1]))))
    return min(grips, key=lambda grip: grip.distance, default=None)


def curve_in(network: Network, layer: int, unit: int, bounds: Bounds, breakpoint: int = 0) -> Float:
    """Return a unit's curve in bounds as segments (S, 4), traced through a grid of 128 columns."""
    from reluviz.core.contours import march

    xmin, xmax, ymin, ymax = bounds
    columns = _COLUMNS
    rows = max(2, round(columns * (ymax - ymin) / (xmax - xmin)))
    x, y = np.linspace(xmin, xmax, columns), np.linspace(ymax, ymin, rows)
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    gaps = network.preactivations(grid)[layer][:, unit] - _places(network.curves[layer])[breakpoint]
    largest = float(np.abs(gaps).max(initial=0.0)) or 1.0
    level = np.zeros(1, np.float32)
    segments = march((gaps / largest).astype(np.float32)[None], columns, rows, level, 0, 1)[0].astype(np.float64)
    scale = np.array([(xmax - xmin) / (columns - 1), -(ymax - ymin) / (rows - 1)] * 2)
    result: Float = segments * scale + np.array([xmin, ymax] * 2)
    return result


def _places(curve: Curve) -> tuple[float, ...]:
    """Return the pre-activations at which an activation has a line."""
    return curve.breakpoints if isinstance(curve, Pieces) else (0.0,)


def _slopes(network: Network, x: Float) -> Iterator[tuple[Float, Float]]:
    """Yield z (width,) and its gradient (width, 2) at one point, for each hidden layer."""
    h, gradient = x, np.eye(2)
    for weights, biases, curve in zip(network.weights, network.biases, network.curves, strict=False):
        z, gradient = weights @ h + biases, weights @ gradient
        yield z, gradient
        slope, _ = curve.tangent(z)
        h, gradient = curve.value(z), slope[:, None] * gradient


def _descend(network: Network, layer: int, unit: int, place: float, x: Float) -> Float | None:
    """Return a point on a unit's curve near x, None where steps do not lead onto it."""
    gap = np.inf
    for _ in range(_NEWTON_STEPS):
        z, gradient = next(islice(_slopes(network, x), layer, None))
        gap, along = float(z[unit]) - place, gradient[unit]
        square = float(along @ along)
        if gap == 0.0 or not square > 0.0:
            break
        x = x - along * (gap / square)
    z, gradient = next(islice(_slopes(network, x), layer, None))
    steep = float(np.hypot(*gradient[unit]))
    is_on = abs(float(z[unit]) - place) <= 1e-6 * max(1.0, steep)
    return x if is_on and np.isfinite(x).all() else None
