"""Kernels that trace curves through a grid of true values: z = level, for every unit.

A grid node (row i, column j) lies at the pixel corner (j * step, i * step); curves are segments in pixels. Inside a
cell values are interpolated along its four sides (marching squares), where they are off by at most step^2 / 8 times
the second derivative.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reluviz.core.kernel import kernel

Float32 = NDArray[np.float32]
Traced = tuple[Float32, NDArray[np.int32], NDArray[np.int32], Float32]


@kernel
def march(z: Float32, columns: int, rows: int, levels: Float32, top: int, step: int) -> Traced:
    """Return the curves z[u] = level of every unit u and level: segments, units, level indices, steepness.

    z (units, N) holds in its first rows * columns entries the values at grid rows top..top+rows-1; levels (K,) ascend,
    at most 255. segments (S, 4) float32 in pixels; steepness (S,) is |grad z| per pixel in the segment's cell. Values
    that are not finite cross nothing.
    """
    units = len(z)
    capacity = 1024
    segments, owners = np.empty((capacity, 4), np.float32), np.empty(capacity, np.int32)
    which, steepness = np.empty(capacity, np.int32), np.empty(capacity, np.float32)
    count = 0
    words = columns // 8 + 1
    above, below = np.zeros(8 * words + 8, np.uint8), np.zeros(8 * words + 8, np.uint8)
    differs = np.zeros(8 * words, np.uint8)
    differs8 = differs.view(np.uint64)
    for unit in range(units):
        _classify(z[unit, :columns], levels, above)
        for row in range(rows - 1):
            upper = z[unit, row * columns : (row + 1) * columns]
            lower = z[unit, (row + 1) * columns : (row + 2) * columns]
            _classify(lower, levels, below)
            for j in range(columns - 1):
                differs[j] = (above[j] ^ above[j + 1]) | (above[j] ^ below[j]) | (below[j] ^ below[j + 1])
            for word in range(words):
                if differs8[word] == 0:
                    continue
                for j in range(8 * word, min(8 * word + 8, columns - 1)):
                    if differs[j] == 0:
                        continue
                    # Corners: a b above, d c below.
                    a, b = upper[j], upper[j + 1]
                    d, c = lower[j], lower[j + 1]
                    total = a + b + c + d
                    if not math.isfinite(total):
                        continue
                    low = min(above[j], above[j + 1], below[j], below[j + 1])
                    high = max(above[j], above[j + 1], below[j], below[j + 1])
                    if count + 2 * (high - low) > capacity:
                        capacity = 2 * capacity + 512
                        segments, owners = _grown(segments, capacity), _grown(owners, capacity)
                        which, steepness = _grown(which, capacity), _grown(steepness, capacity)
                    for k in range(low, high):
                        begin = count
                        count = _cross_cell(a, b, c, d, levels[k], row + top, j, step, segments, count)
                        slope = math.sqrt((b - a + c - d) ** 2 + (d - a + c - b) ** 2) / (2 * step)
                        for s in range(begin, count):
                            owners[s], which[s], steepness[s] = unit, k, slope
            above, below = below, above
    return segments[:count].copy(), owners[:count].copy(), which[:count].copy(), steepness[:count].copy()


@kernel
def _classify(values: Float32, levels: Float32, classes: NDArray[np.uint8]) -> None:
    """Write how many levels lie below each value; level by level, so that LLVM vectorises it."""
    for j in range(len(values)):
        classes[j] = values[j] > levels[0]
    for k in range(1, len(levels)):
        level = levels[k]
        for j in range(len(values)):
            classes[j] += values[j] > level


@kernel
def _grown(array: Any, capacity: int) -> Any:
    result = np.empty((capacity, *array.shape[1:]), array.dtype)
    result[: len(array)] = array
    return result


# The sides (0 upper, 1 right, 2 lower, 3 left) that a curve joins, by which corners lie above the level (a 1, b 2,
# c 4, d 8); a second pair at saddles, whose corners belong together as the value in the middle says.
_FIRST = np.array([0, 0, 0, 1, 1, 0, 0, 2, 2, 0, 0, 1, 1, 0, 0, 0], np.int8)
_SECOND = np.array([0, 3, 1, 3, 2, 0, 2, 3, 3, 2, 0, 2, 3, 1, 3, 0], np.int8)


@kernel
def _cross_cell(
    a: float,
    b: float,
    c: float,
    d: float,
    level: float,
    row: int,
    column: int,
    step: int,
    segments: Float32,
    count: int,
) -> int:
    """Append the one or two segments of one level in one cell; return the new count."""
    case = (a > level) + 2 * (b > level) + 4 * (c > level) + 8 * (d > level)
    if case == 0 or case == 15:
        return count
    # How far along the upper, right, lower and left side the curve passes, if it does.
    upper, right = (level - a) / (b - a), (level - b) / (c - b)
    lower, left = (level - d) / (c - d), (level - a) / (d - a)
    first, second = _FIRST[case], _SECOND[case]
    if case == 5 or case == 10:
        joined = (0.25 * (a + b + c + d) > level) == (case == 5)
        first, second = 0, 1 if joined else 3
        _write(segments[count], 0, 2, column, row, step, upper, right, lower, left)
        _write(segments[count], 2, 3 if joined else 1, column, row, step, upper, right, lower, left)
        count += 1
    _write(segments[count], 0, first, column, row, step, upper, right, lower, left)
    _write(segments[count], 2, second, column, row, step, upper, right, lower, left)
    return count + 1


@kernel
def _write(
    segment: Float32, at: int, side: int, column: int, row: int, step: int,
    upper: float, right: float, lower: float, left: float,
) -> None:  # fmt: skip
    """Write the point on one side of a cell into segment[at:at + 2]."""
    if side == 0 or side == 2:
        segment[at], segment[at + 1] = (column + (upper if side == 0 else lower)) * step, (row + side // 2) * step
    else:
        segment[at], segment[at + 1] = (column + side % 3) * step, (row + (right if side == 1 else left)) * step
