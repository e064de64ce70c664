"""Kernels that trace curves through a grid of true values: z = level, for every unit.

A grid node (row i, column j) lies at the pixel corner (j * step, i * step); curves are segments in pixels. Inside a
cell values are interpolated along its four sides (marching squares), where they are off by at most step^2 / 8 times
the second derivative.
"""

import math

import numpy as np
from numpy.typing import NDArray

from reluviz.core.kernel import lean_kernel, lean_part_kernel

Float32 = NDArray[np.float32]
Traced = tuple[Float32, NDArray[np.int32], NDArray[np.int32], Float32]


def march(z: Float32, columns: int, rows: int, levels: Float32, top: int, step: int) -> Traced:
    """Return the curves z[u] = level of every unit u and level: segments, units, level indices, steepness.

    z (units, N) holds in its first rows * columns entries the values at grid rows top..top+rows-1; levels (K,) ascend,
    at most 255. segments (S, 4) float32 in pixels; steepness (S,) is |grad z| per pixel in the segment's cell. Values
    that are not finite cross nothing.
    """
    scratch = np.zeros((3, columns + 16 - columns % 8), np.uint8)
    words = scratch[2].view(np.uint64)
    most = _trace(z, columns, rows, levels, top, step, scratch, words, _NONE, _NO_ONE, _NO_ONE, _FLAT)
    segments, steepness = np.empty((most, 4), np.float32), np.empty(most, np.float32)
    owners, which = np.empty(most, np.int32), np.empty(most, np.int32)
    if most == 0:
        return segments, owners, which, steepness
    count = _trace(z, columns, rows, levels, top, step, scratch, words, segments, owners, which, steepness)
    return segments[:count], owners[:count], which[:count], steepness[:count]


_NONE, _NO_ONE, _FLAT = np.empty((0, 4), np.float32), np.empty(0, np.int32), np.empty(0, np.float32)


@lean_kernel
def _trace(
    z: Float32,
    columns: int,
    rows: int,
    levels: Float32,
    top: int,
    step: int,
    scratch: NDArray[np.uint8],
    words: NDArray[np.uint64],
    segments: Float32,
    owners: NDArray[np.int32],
    which: NDArray[np.int32],
    steepness: Float32,
) -> int:
    """Write the segments and return how many; with empty arrays, return how many there may be at most.

    scratch (3, columns rounded up) holds two rows' classes and where a cell's corners differ, words its third row.
    """
    above, below, differs = scratch[0], scratch[1], scratch[2]
    is_counting = len(segments) == 0
    count = 0
    for unit in range(len(z)):
        _classify(z[unit, :columns], levels, above)
        for row in range(rows - 1):
            upper = z[unit, row * columns : (row + 1) * columns]
            lower = z[unit, (row + 1) * columns : (row + 2) * columns]
            _classify(lower, levels, below)
            for j in range(columns - 1):
                differs[j] = (above[j] ^ above[j + 1]) | (above[j] ^ below[j]) | (below[j] ^ below[j + 1])
            for word in range(len(words)):
                if words[word] == 0:
                    continue
                for j in range(8 * word, min(8 * word + 8, columns - 1)):
                    if differs[j] == 0:
                        continue
                    low = min(min(above[j], above[j + 1]), min(below[j], below[j + 1]))
                    high = max(max(above[j], above[j + 1]), max(below[j], below[j + 1]))
                    if is_counting:
                        count += 2 * (high - low)
                        continue
                    # Corners: a b above, d c below.
                    a, b, d, c = upper[j], upper[j + 1], lower[j], lower[j + 1]
                    if not math.isfinite(a + b + c + d):
                        continue
                    slope = math.sqrt((b - a + c - d) ** 2 + (d - a + c - b) ** 2) / (2 * step)
                    for k in range(low, high):
                        begin = count
                        count = _cross_cell(a, b, c, d, levels[k], row + top, j, step, segments, count)
                        for s in range(begin, count):
                            owners[s], which[s], steepness[s] = unit, k, slope
            above, below = below, above
    return count


@lean_part_kernel
def _classify(values: Float32, levels: Float32, classes: NDArray[np.uint8]) -> None:
    """Write how many levels lie below each value; level by level, so that LLVM vectorises it."""
    for j in range(len(values)):
        classes[j] = values[j] > levels[0]
    for k in range(1, len(levels)):
        level = levels[k]
        for j in range(len(values)):
            classes[j] += values[j] > level


# The sides (0 upper, 1 right, 2 lower, 3 left) that a curve joins, by which corners lie above the level (a 1, b 2,
# c 4, d 8); a second pair at saddles, whose corners belong together as the value in the middle says.
_FIRST = np.array([0, 0, 0, 1, 1, 0, 0, 2, 2, 0, 0, 1, 1, 0, 0, 0], np.int8)
_SECOND = np.array([0, 3, 1, 3, 2, 0, 2, 3, 3, 2, 0, 2, 3, 1, 3, 0], np.int8)


@lean_part_kernel
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


@lean_part_kernel
def _write(
    segment: Float32, at: int, side: int, column: int, row: int, step: int,
    upper: float, right: float, lower: float, left: float,
) -> None:  # fmt: skip
    """Write the point on one side of a cell into segment[at:at + 2]."""
    if side == 0 or side == 2:
        segment[at], segment[at + 1] = (column + (upper if side == 0 else lower)) * step, (row + side // 2) * step
    else:
        segment[at], segment[at + 1] = (column + side % 3) * step, (row + (right if side == 1 else left)) * step
