"""Which region a point lies in: a grid of buckets over the box, then the nearest to inside of a bucket's few rings."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reluviz.core.kernel import lean_kernel, lean_part_kernel
from reluviz.core.view import Bounds

Float = NDArray[np.float64]
Long = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Finder:
    """Buckets of a side x side grid over the box; bucket b lists regions[begins[b]:begins[b + 1]] that may meet it."""

    vertices: Float
    offsets: Long
    box: Float
    side: int
    begins: Long
    regions: NDArray[np.int32]

    @classmethod
    def build(cls, vertices: Float, offsets: Long, bounds: Bounds) -> "Finder":
        """Sort the regions into buckets by the rectangles around them, about four regions to a bucket."""
        count = len(offsets) - 1
        side = int(np.clip(np.sqrt(count), 1, 512))
        box = np.asarray(bounds, dtype=np.float64)
        begins = np.zeros(side * side + 1, np.int64)
        _fill(vertices, offsets, box, side, begins, np.empty(0, np.int32))
        begins = np.concatenate([[0], np.cumsum(begins[:-1])])
        regions = np.empty(begins[-1], np.int32)
        ends = begins.copy()
        _fill(vertices, offsets, box, side, ends, regions)
        return cls(vertices, offsets, box, side, begins, regions)

    def find(self, points: Float) -> Long:
        """Return the region (N,) of each of points (N, 2), -1 outside the box."""
        points = np.ascontiguousarray(points, dtype=np.float64).reshape(-1, 2)
        found = np.full(len(points), -1, np.int64)
        if len(self.offsets) > 1:
            _find(points, self.vertices, self.offsets, self.box, self.side, self.begins, self.regions, found)
        return found


@lean_part_kernel
def _bucket(value: float, low: float, high: float, side: int) -> int:
    return min(side - 1, max(0, int((value - low) / (high - low) * side)))


@lean_kernel
def _fill(vertices: Float, offsets: Long, box: Float, side: int, ends: Long, regions: NDArray[np.int32]) -> None:
    """Add every region to the buckets that its rectangle meets; with no room in `regions`, only count them in ends."""
    for region in range(len(offsets) - 1):
        left, right, bottom, top = np.inf, -np.inf, np.inf, -np.inf
        for i in range(offsets[region], offsets[region + 1]):
            x, y = vertices[i, 0], vertices[i, 1]
            left, right, bottom, top = min(left, x), max(right, x), min(bottom, y), max(top, y)
        first, last = _bucket(left, box[0], box[1], side), _bucket(right, box[0], box[1], side)
        for row in range(_bucket(bottom, box[2], box[3], side), _bucket(top, box[2], box[3], side) + 1):
            for column in range(first, last + 1):
                bucket = row * side + column
                if len(regions) > 0:
                    regions[ends[bucket]] = region
                ends[bucket] += 1


@lean_kernel
def _find(
    points: Float,
    vertices: Float,
    offsets: Long,
    box: Float,
    side: int,
    begins: Long,
    regions: NDArray[np.int32],
    found: Long,
) -> None:
    for p in range(len(points)):
        x, y = points[p, 0], points[p, 1]
        if not (box[0] <= x <= box[1] and box[2] <= y <= box[3]):
            continue
        bucket = _bucket(y, box[2], box[3], side) * side + _bucket(x, box[0], box[1], side)
        deepest = -np.inf
        for k in range(begins[bucket], begins[bucket + 1]):
            region = regions[k]
            start, end = offsets[region], offsets[region + 1]
            # The smallest distance to the ring's lines, negative outside; rounding may leave a point just outside all.
            depth = np.inf
            for i in range(start, end):
                j = i + 1 if i + 1 < end else start
                ex, ey = vertices[j, 0] - vertices[i, 0], vertices[j, 1] - vertices[i, 1]
                length = np.sqrt(ex * ex + ey * ey)
                if length > 0:
                    depth = min(depth, (ex * (y - vertices[i, 1]) - ey * (x - vertices[i, 0])) / length)
            if depth > deepest:
                deepest, found[p] = depth, region
                if depth > 0:
                    break
