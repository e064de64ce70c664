"""Kernel that projects activation patterns onto colours."""

import math

import numpy as np
from numpy.typing import NDArray

from reluviz.core.kernel import fast_bare_kernel

Float32 = NDArray[np.float32]


def project_patterns(
    patterns: NDArray[np.int8], directions: Float32, offset: Float32, table: NDArray[np.uint32]
) -> NDArray[np.uint32]:
    """Return the pixel (count,) of each pattern (count, units): offset + directions @ pattern, in turns of a torus.

    directions (3, units) and offset (3,) give two turns of colour and one of lightness; table (levels, phases, phases)
    holds the torus. A piece of -1 (not decided) moves nothing.
    """
    result = np.empty(len(patterns), np.uint32)
    _project(patterns, directions, offset, table, result)
    return result


@fast_bare_kernel
def _project(
    patterns: NDArray[np.int8],
    directions: Float32,
    offset: Float32,
    table: NDArray[np.uint32],
    result: NDArray[np.uint32],
) -> None:
    count, units = patterns.shape
    levels, phases = table.shape[0], table.shape[1]
    for region in range(count):
        a, b, light = offset[0], offset[1], offset[2]
        for unit in range(units):
            piece = np.float32(max(patterns[region, unit], 0))
            a += directions[0, unit] * piece
            b += directions[1, unit] * piece
            light += directions[2, unit] * piece
        i = int((light - math.floor(light)) * levels) % levels
        j = int((a - math.floor(a)) * phases) % phases
        k = int((b - math.floor(b)) * phases) % phases
        result[region] = table[i, j, k]
