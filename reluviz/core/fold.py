"""fold: the square as a hidden layer sees it, every region mapped exactly by the layer's affine map on it.

A layer's output is affine on each region, so a region's image is the polygon of its mapped corners, and so is every
step in between two layers: (1 - t) of one affine map and t of another is affine too.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reluviz.core.errors import InputError
from reluviz.core.kernel import kernel
from reluviz.core.layer_maps import check_layer, project_layer
from reluviz.core.network import Network
from reluviz.core.partition import Partition

Float = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Fold:
    """Where a layer takes the regions of a partition, in two coordinates.

    vertices (V, 2), in the order of the partition's rings. On region i the point x goes to
    gradients[i] @ x + intercepts[i]; gradients (count, 2, 2), intercepts (count, 2). frame (center across, center up,
    half side) is a square that holds all of it.
    """

    partition: Partition
    vertices: Float
    gradients: Float
    intercepts: Float
    frame: tuple[float, float, float]

    @property
    def turned(self) -> NDArray[np.bool_]:
        """Whether each region (count,) lies with its back up: mapped with its orientation reversed."""
        g = self.gradients
        result: NDArray[np.bool_] = g[:, 0, 0] * g[:, 1, 1] - g[:, 0, 1] * g[:, 1, 0] < 0
        return result

    def map_points(self, points: Float) -> Float:
        """Return where points (N, 2) of the plane go (N, 2), nan outside the box."""
        region = self.partition.locate(points)
        mapped = np.einsum("nki,ni->nk", self.gradients[region], points) + self.intercepts[region]
        return np.where((region >= 0)[:, None], mapped, np.nan)


def fold(partition: Partition, layer: int, axes: Float) -> Fold:
    """Fold the plane as layer `layer` does: 0 is the input, l the output of hidden layer l.

    axes (2, width of the layer) are the two coordinates looked at, see `unit_axes` and `principal_axes`. Raises
    `InputError` for a layer the partition does not know or axes that do not fit it.
    """
    check_layer(partition, layer)
    width = (2, *partition.network.hidden)[layer]
    if np.shape(axes) != (2, width) or not np.isfinite(axes).all():
        raise InputError(f"fold: layer {layer} has {width} units; allowed are two rows of {width} finite numbers.")
    gradients, intercepts = project_layer(partition, layer, axes)
    vertices = _mapped(partition.vertices, partition.offsets, gradients, intercepts)
    return Fold(partition, vertices, gradients, intercepts, _frame(vertices))


def unit_axes(network: Network, layer: int, first: int, second: int) -> Float:
    """Return axes (2, width) that show two units of a layer (0: the inputs), across and up."""
    width = _width(network, layer)
    for unit in (first, second):
        if not 0 <= unit < width:
            raise InputError(f"fold: unit {unit + 1} of layer {layer} does not exist; allowed: 1 to {width}.")
    axes = np.zeros((2, width))
    axes[0, first], axes[1, second] = 1.0, 1.0
    return axes


def principal_axes(network: Network, layer: int, points: Float, reference: Float | None = None) -> Float:
    """Return the two directions (2, width) in which a layer's outputs at `points` (N, 2) vary most, orthonormal.

    Layer 0 keeps the plane as it is. Where there are less than two, rows are zero. Within the plane of the two, the
    turn (or mirror image) is the one that brings the points nearest to `reference` (N, 2): where they were in the last
    picture of a training network, so that it does not flip, or in the layer before, so that going deeper does not spin.
    """
    width = _width(network, layer)
    if layer == 0:
        return np.eye(2)
    z = network.preactivations(np.asarray(points, dtype=np.float64))[layer - 1]
    h = network.curves[layer - 1].value(z)
    axes = np.zeros((2, width))
    if len(h) and np.isfinite(h).all():
        centred = h - h.mean(axis=0)
        variance, directions = np.linalg.eigh(centred.T @ centred)
        for row in range(min(2, width)):
            if variance[-1 - row] > 1e-24 * max(1.0, variance[-1]):
                axes[row] = directions[:, -1 - row]
    # The largest component points up, so that one network always gives one picture.
    largest = np.take_along_axis(axes, np.argmax(np.abs(axes), axis=1)[:, None], axis=1)
    axes = axes * np.where(largest < 0, -1.0, 1.0)
    if reference is not None and len(reference) == len(h) and axes.any():
        # Orthogonal Procrustes: the turn R with R @ axes @ h nearest to the reference.
        left, strength, right = np.linalg.svd((reference - reference.mean(axis=0)).T @ (h - h.mean(axis=0)) @ axes.T)
        if strength[0] > 0:
            axes = left @ right @ axes
    return axes


def blend(first: Fold, second: Fold, share: float) -> Fold:
    """Return the fold `share` (0..1) of the way from one to another of the same partition, each in its own frame."""
    if first.partition is not second.partition:
        raise InputError("fold: the two folds are of different partitions; allowed are two layers of one network.")
    x0, y0, half0 = first.frame
    x1, y1, half1 = second.frame
    center = np.array([(1 - share) * x0 + share * x1, (1 - share) * y0 + share * y1])
    half = half0 ** (1 - share) * half1**share
    a, b = (1 - share) * half / half0, share * half / half1
    # v = center + half * ((1 - t) (v0 - c0) / half0 + t (v1 - c1) / half1)
    shift = center - a * np.array([x0, y0]) - b * np.array([x1, y1])
    return Fold(
        first.partition,
        a * first.vertices + b * second.vertices + shift,
        a * first.gradients + b * second.gradients,
        a * first.intercepts + b * second.intercepts + shift,
        (float(center[0]), float(center[1]), half),
    )


def _width(network: Network, layer: int) -> int:
    widths = (2, *network.hidden)
    if not 0 <= layer < len(widths):
        raise InputError(f"fold: layer {layer} does not exist; allowed are 0 (the input) to {len(widths) - 1}.")
    return widths[layer]


def _frame(vertices: Float) -> tuple[float, float, float]:
    if len(vertices) == 0:
        return 0.0, 0.0, 1.0
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    center = 0.5 * low + 0.5 * high
    half = float(np.max(high - low)) / 2
    return float(center[0]), float(center[1]), half if half > 0 else 1.0


@kernel
def _mapped(vertices: Float, offsets: NDArray[np.int64], gradients: Float, intercepts: Float) -> Float:
    result = np.empty_like(vertices)
    for region in range(len(offsets) - 1):
        g, c = gradients[region], intercepts[region]
        for i in range(offsets[region], offsets[region + 1]):
            x, y = vertices[i, 0], vertices[i, 1]
            result[i, 0] = g[0, 0] * x + g[0, 1] * y + c[0]
            result[i, 1] = g[1, 0] * x + g[1, 1] * y + c[1]
    return result
