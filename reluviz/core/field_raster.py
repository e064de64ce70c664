"""Kernels that colour pixels by values on a grid, interpolated between its nodes.

Node (i, j) lies at the pixel corner (j * step, i * step). All work on rows begin..end of a picture.
"""

import numpy as np
from numpy.typing import NDArray

from reluviz.core.kernel import fast_kernel

Float32 = NDArray[np.float32]
Pixels = NDArray[np.uint32]


@fast_kernel
def _between(values: Float32, step: int, row: int, line: Float32) -> None:
    """Write into line (C,) the values (R, C) at the height of a row's pixel centres."""
    y = (row + 0.5) / step
    i = min(int(y), len(values) - 2)
    t = np.float32(y - i)
    for j in range(len(line)):
        line[j] = values[i, j] + t * (values[i + 1, j] - values[i, j])


@fast_kernel
def _along(line: Float32, step: int, result: Float32) -> None:
    """Write into result (width,) the line's values (C,) at pixel centres."""
    width = len(result)
    share = np.float32(1.0 / step)
    for j in range(len(line) - 1):
        value, change = line[j], (line[j + 1] - line[j]) * share
        for k in range(min(step, width - j * step)):
            result[j * step + k] = value + change * np.float32(k + 0.5)


@fast_kernel
def paint_scalar_field(image: Pixels, values: Float32, step: int, lut: Pixels, begin: int, end: int) -> None:
    """Colour each pixel by values (R, C), of which 0..1 runs over lut (N,); beyond, the end colours hold."""
    width, last = image.shape[1], np.float32(len(lut) - 1)
    line, row_values = np.empty(values.shape[1], np.float32), np.empty(width, np.float32)
    for row in range(begin, end):
        _between(values, step, row, line)
        _along(line, step, row_values)
        for column in range(width):
            value = min(np.float32(1.0), max(np.float32(0.0), row_values[column]))
            image[row, column] = lut[np.int32(value * last + np.float32(0.5))]


@fast_kernel
def paint_class_field(image: Pixels, values: Float32, step: int, luts: Pixels, begin: int, end: int) -> None:
    """Colour each pixel by the largest of values (K, R, C); its lead over the next, 0..1, runs over luts (K, N)."""
    count, width, last = len(values), image.shape[1], np.float32(luts.shape[1] - 1)
    line, rows = np.empty(values.shape[2], np.float32), np.empty((count, width), np.float32)
    for row in range(begin, end):
        for k in range(count):
            _between(values[k], step, row, line)
            _along(line, step, rows[k])
        for column in range(width):
            best, second, winner = np.float32(-3e38), np.float32(-3e38), 0
            for k in range(count):
                value = rows[k, column]
                if value > best:
                    best, second, winner = value, best, k
                elif value > second:
                    second = value
            margin = min(np.float32(1.0), best - second)
            image[row, column] = luts[winner, np.int32(margin * last + np.float32(0.5))]


@fast_kernel
def paint_rgb_field(image: Pixels, values: Float32, step: int, begin: int, end: int) -> None:
    """Colour each pixel by values (3, R, C): red, green and blue in 0..1."""
    width = image.shape[1]
    line, rows = np.empty(values.shape[2], np.float32), np.empty((3, width), np.float32)
    for row in range(begin, end):
        for k in range(3):
            _between(values[k], step, row, line)
            _along(line, step, rows[k])
        for column in range(width):
            color = np.uint32(0xFF)
            for k in range(3):
                value = min(np.float32(1.0), max(np.float32(0.0), rows[k, column]))
                color = color << np.uint32(8) | np.uint32(value * np.float32(255.0) + np.float32(0.5))
            image[row, column] = color


@fast_kernel
def paint_torus_field(image: Pixels, values: Float32, step: int, table: Pixels, begin: int, end: int) -> None:
    """Colour each pixel by values (3, R, C), turns of colour, colour and lightness.

    table (levels, phases, phases), powers of two, so that a turn's whole part is cut off by a mask.
    """
    levels, phases, width = table.shape[0], table.shape[1], image.shape[1]
    light_mask, phase_mask = np.int32(levels - 1), np.int32(phases - 1)
    places = np.empty(width, np.int32)
    flat = table.reshape(-1)
    line, rows = np.empty(values.shape[2], np.float32), np.empty((3, width), np.float32)
    for row in range(begin, end):
        for k in range(3):
            _between(values[k], step, row, line)
            _along(line, step, rows[k])
        for column in range(width):
            light = np.int32(np.floor(rows[2, column] * np.float32(levels))) & light_mask
            a = np.int32(np.floor(rows[0, column] * np.float32(phases))) & phase_mask
            b = np.int32(np.floor(rows[1, column] * np.float32(phases))) & phase_mask
            places[column] = (light * phases + a) * phases + b
        for column in range(width):
            image[row, column] = flat[places[column]]
