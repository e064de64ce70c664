"""paint_matrix: a pattern matrix as an image, its cells averaged where there are more than pixels."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from reluviz.core.color import Pixels, mix
from reluviz.core.kernel import fast_kernel
from reluviz.core.palette import PALETTES
from reluviz.core.pattern_matrix import PatternMatrix

Long = NDArray[np.int64]
_LEVELS = 256


def paint_matrix(matrix: PatternMatrix, layer_of_unit: Long, width: int, height: int, palette: str = "dark") -> Pixels:
    """Return (height, width) uint32 0xffRRGGBB: units down, points across, brighter the higher the piece.

    layer_of_unit (units,) gives each row its layer's colour; rows of dead units are drawn in the warning colour. Where
    cells are smaller than pixels a pixel shows the mean of its cells.
    """
    colors = _row_colors(palette)
    kind = np.where(matrix.dead, 8, layer_of_unit % 8)
    # A dead unit's row is all flat, so its level would be the lowest: lift it, so that the warning colour is seen.
    levels = _mean_levels(matrix, width, height)
    row_kind = kind[matrix.rows[_cells(height, len(matrix.rows))]] if len(matrix.rows) else np.zeros(height, np.int64)
    levels = np.where((row_kind == 8)[:, None], np.maximum(levels, 70), levels)
    image: Pixels = colors[row_kind[:, None], levels]
    return image


def _cells(pixels: int, cells: int) -> Long:
    """Return the cell at each pixel's middle."""
    return (np.arange(pixels) * 2 + 1) * cells // (2 * pixels)


@cache
def _row_colors(palette: str) -> Pixels:
    """Return (9, levels) pixels: of each layer's rows, then of dead ones."""
    theme = PALETTES[palette]
    lit = [theme.lines[layer % len(theme.lines)] if theme.is_dark else theme.accent for layer in range(8)]
    shares = np.linspace(0.05, 0.80 if theme.is_dark else 0.9, _LEVELS)
    return np.array(
        [[mix(theme.canvas, color, share) for share in shares] for color in (*lit, theme.warning)], np.uint32
    )


def _mean_levels(matrix: PatternMatrix, width: int, height: int) -> Long:
    """Return the mean piece of each pixel's cells (height, width), in 1/255 of the highest that the unit takes."""
    units, points = len(matrix.rows), len(matrix.columns)
    if units == 0 or points == 0:
        return np.zeros((height, width), np.int64)
    bins_down, bins_across = min(height, units), min(width, points)
    bin_of = np.empty(units, np.int64)
    bin_of[matrix.rows] = np.arange(units) * bins_down // units
    weight = (255.0 / np.maximum(matrix.pieces.max(axis=0), 1)).astype(np.float32)
    sums = _sum_bins(matrix.pieces, matrix.columns, bin_of, weight, bins_down, bins_across)
    down = np.bincount(bin_of, minlength=bins_down)
    across = np.bincount(np.arange(points) * bins_across // points, minlength=bins_across)
    means = np.rint(sums.T / (down[:, None] * across[None])).astype(np.int64)
    result: Long = means[np.ix_(_cells(height, bins_down), _cells(width, bins_across))]
    return result


@fast_kernel
def _sum_bins(
    pieces: NDArray[np.int8],
    columns: Long,
    bin_of: Long,
    weight: NDArray[np.float32],
    bins_down: int,
    bins_across: int,
) -> NDArray[np.float32]:
    """Return sums (bins_across, bins_down): point by point, as patterns lie in memory."""
    sums = np.zeros((bins_across, bins_down), np.float32)
    for j in range(len(columns)):
        into, pattern = sums[j * bins_across // len(columns)], pieces[columns[j]]
        for unit in range(len(pattern)):
            into[bin_of[unit]] += np.float32(max(np.int8(0), pattern[unit])) * weight[unit]
    return sums
