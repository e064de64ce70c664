"""RegionReading: what is known of the region at a point, for the panel and for whoever asks in words."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from reluviz.app.preview import Preview
    from reluviz.core.partition import Partition
    from reluviz.core.picture import Picture

Float = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RegionReading:
    """One activation region of a partition, and the point in it.

    pattern (units,) int8; gradient (outputs, 2) and intercept (outputs,) of the affine map there; value (outputs,) is
    f at the point; ring (V, 2) its corners, counter-clockwise; `agreement` the largest relative difference between
    the affine map and the network itself at the point: rounding, if all is well.
    """

    partition: "Partition"
    region: int
    point: tuple[float, float]
    pattern: NDArray[np.int8]
    gradient: Float
    intercept: Float
    area: float
    value: Float
    ring: Float
    agreement: float


def region_at(picture: "Picture | Preview | None", point: tuple[float, float] | None) -> int:
    """Return the region at a point by looking up its pixel, -1 outside and where nothing exact is drawn."""
    if picture is None or picture.region_ids is None or point is None:
        return -1
    xmin, xmax, ymin, ymax = picture.view.bounds
    height, width = picture.region_ids.shape
    column = int(np.floor((point[0] - xmin) / (xmax - xmin) * width))
    row = int(np.floor((ymax - point[1]) / (ymax - ymin) * height))
    if not (0 <= column < width and 0 <= row < height):
        return -1
    return int(picture.region_ids[row, column])


def ring_of(picture: "Picture | Preview | None", region: int) -> Float | None:
    """Return a region's corners (V, 2), None for region -1."""
    if picture is None or picture.partition is None or region < 0:
        return None
    begin, end = picture.partition.offsets[region : region + 2]
    return np.asarray(picture.partition.vertices[begin:end])


def read_region(picture: "Picture | Preview | None", point: tuple[float, float] | None) -> RegionReading | None:
    """Return what is known of the region at a point, None where there is none."""
    region = region_at(picture, point)
    ring = ring_of(picture, region)
    if picture is None or picture.partition is None or point is None or ring is None:
        return None
    partition = picture.partition
    gradient, intercept = partition.gradients[region], partition.intercepts[region]
    value = picture.snapshot.network.forward(np.array([point]))[0]
    size = np.abs(gradient) @ np.abs(point) + np.abs(intercept) + 1e-300
    agreement = float(np.max(np.abs(gradient @ np.asarray(point) + intercept - value) / size))
    return RegionReading(
        partition,
        region,
        point,
        partition.patterns[region],
        gradient,
        intercept,
        float(partition.areas[region]),
        value,
        ring,
        agreement,
    )
