"""draw_thumbnails: a small picture of every hidden unit over the plane, looked up from who owns which pixel.

A pixel's region gives each unit's piece and affine map, so no thumbnail runs the network.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from reluviz.core.color import Pixels, from_oklab, hue_of, into_gamut, mix, pack, polar
from reluviz.core.kernel import fast_kernel
from reluviz.core.layer_maps import maps_of_regions
from reluviz.core.network import Network
from reluviz.core.palette import PALETTES
from reluviz.core.partition import Partition
from reluviz.core.view import Bounds

Ids = NDArray[np.int32]
Float32 = NDArray[np.float32]
_LEVELS = 256


def draw_thumbnails(
    partition: Partition,
    region_ids: Ids,
    *,
    rows: int = 48,
    columns: int = 48,
    values: bool = True,
    palette: str = "dark",
) -> Pixels:
    """Return (units, rows, columns) uint32 0xffRRGGBB, all hidden layers one after the other, row 0 at ymax.

    region_ids (H, W) is the partition's id buffer over its bounds; each small pixel takes the id at its middle. With
    `values` a unit's output is shown, zero dark and the largest |output| of the thumbnail full, negative ones in
    another hue; without, only the piece it is on. Units whose layer was not decomposed, and pixels without a region,
    are blank.
    """
    height, width = region_ids.shape
    network = partition.network
    theme = PALETTES[palette]
    blank = mix(theme.canvas, theme.muted, 0.10)
    result = np.full((sum(network.hidden), rows * columns), blank, np.uint32)
    if partition.count == 0:
        return result.reshape(-1, rows, columns)
    row, column = ((np.arange(n) * 2 + 1) * size // (2 * n) for n, size in ((rows, height), (columns, width)))
    ids = np.ascontiguousarray(region_ids[np.ix_(row, column)]).ravel()
    xmin, xmax, ymin, ymax = partition.bounds
    x = np.tile((xmin + (column + 0.5) * ((xmax - xmin) / width)).astype(np.float32), rows)
    y = np.repeat((ymax - (row + 0.5) * ((ymax - ymin) / height)).astype(np.float32), columns)
    visible, inverse = np.unique(ids, return_inverse=True)
    outside = int(visible[0] < 0)
    visible, local = visible[outside:], (inverse - outside).astype(np.int32)
    patterns = partition.patterns[visible]
    maps = maps_of_regions(network, patterns) if values else []
    begin = 0
    for layer, size in enumerate(network.hidden):
        if partition.truncated_at is not None and layer >= partition.truncated_at:
            break
        piece, out = patterns[:, begin : begin + size], result[begin : begin + size]
        pieces = network.pieces[layer]
        if values:
            slopes, constants = (np.asarray(v, np.float32)[piece] for v in (pieces.slopes, pieces.intercepts))
            outputs = _outputs(local, x, y, maps[layer], slopes, constants)
            _paint_values(out, local, outputs, piece, _value_lut(palette, layer))
        else:
            _paint_pieces(out, local, piece, _piece_colors(palette, layer, len(pieces.slopes)))
        begin += size
    return result.reshape(-1, rows, columns)


def draw_sampled_thumbnails(
    network: Network, bounds: Bounds, *, rows: int = 48, columns: int = 48, palette: str = "dark"
) -> Pixels:
    """Return (units, rows, columns) of a network without regions: true outputs at the small pixels' middles."""
    xmin, xmax, ymin, ymax = bounds
    x, y = np.meshgrid(
        xmin + (np.arange(columns) + 0.5) * ((xmax - xmin) / columns),
        ymax - (np.arange(rows) + 0.5) * ((ymax - ymin) / rows),
    )
    result = np.empty((sum(network.hidden), rows * columns), np.uint32)
    h, begin, local = np.stack([x.ravel(), y.ravel()], axis=1), 0, np.arange(rows * columns, dtype=np.int32)
    for layer, size in enumerate(network.hidden):
        with np.errstate(all="ignore"):
            h = network.curves[layer].value(h @ network.weights[layer].T + network.biases[layer])
        outputs = np.clip(np.nan_to_num(h), -1e30, 1e30).astype(np.float32)
        off = np.zeros(outputs.shape, np.int8)
        _paint_values(result[begin : begin + size], local, outputs, off, _value_lut(palette, layer))
        begin += size
    return result.reshape(-1, rows, columns)


@fast_kernel
def _outputs(local: Ids, x: Float32, y: Float32, maps: Float32, slopes: Float32, constants: Float32) -> Float32:
    """Return each unit's output at each pixel, (pixels, units); maps (R, 3, units) are of its pre-activation."""
    units = maps.shape[2]
    result = np.zeros((len(local), units), np.float32)
    for i in range(len(local)):
        region = local[i]
        if region < 0:
            continue
        gx, gy, c = maps[region, 0], maps[region, 1], maps[region, 2]
        slope, constant = slopes[region], constants[region]
        for unit in range(units):
            result[i, unit] = slope[unit] * (gx[unit] * x[i] + gy[unit] * y[i] + c[unit]) + constant[unit]
    return result


@fast_kernel
def _paint_values(out: Pixels, local: Ids, outputs: Float32, piece: NDArray[np.int8], lut: Pixels) -> None:
    """Colour out (units, pixels) by outputs over each unit's largest; lut (3, levels): below zero, above, off."""
    pixels, units = outputs.shape
    largest = np.zeros(units, np.float32)
    for i in range(pixels):
        for unit in range(units):
            largest[unit] = max(largest[unit], abs(outputs[i, unit]))
    for unit in range(units):
        scale = np.float32(_LEVELS - 1) / largest[unit] if largest[unit] > 0 else np.float32(0.0)
        for i in range(pixels):
            if local[i] < 0:
                continue
            value = outputs[i, unit]
            if value == 0.0 and piece[local[i], unit] == 0:
                out[unit, i] = lut[2, 0]
            else:
                level = min(_LEVELS - 1, int(abs(value) * scale + np.float32(0.5)))
                out[unit, i] = lut[1 if value >= 0 else 0, level]


@fast_kernel
def _paint_pieces(out: Pixels, local: Ids, piece: NDArray[np.int8], colors: Pixels) -> None:
    for unit in range(out.shape[0]):
        for i in range(len(local)):
            if local[i] >= 0:
                out[unit, i] = colors[piece[local[i], unit]]


@cache
def _value_lut(palette: str, layer: int) -> Pixels:
    """Return (3, levels) pixels: outputs below zero, above zero, and (first entry) off."""
    theme = PALETTES[palette]
    hue = hue_of(theme.accent)
    share = np.linspace(0.0, 1.0, _LEVELS)
    # An active unit near zero is already a step away from an inactive one: the edge of its on-side stays visible.
    if theme.is_dark:
        lightness, chroma = 0.27 + 0.60 * share, 0.045 + 0.085 * share
    else:
        lightness, chroma = 0.90 - 0.42 * share, 0.035 + 0.105 * share
    above = pack(from_oklab(into_gamut(polar(lightness, chroma, hue))))
    below = pack(from_oklab(into_gamut(polar(lightness, chroma, hue + 165.0))))
    off = np.full(_LEVELS, mix(theme.canvas, theme.muted, 0.10), np.uint32)
    return np.stack([below, above, off])


@cache
def _piece_colors(palette: str, layer: int, count: int) -> Pixels:
    theme = PALETTES[palette]
    lit = theme.lines[layer % len(theme.lines)] if theme.is_dark else theme.accent
    shares = [0.08 + 0.62 * k / max(1, count - 1) for k in range(count)]
    return np.array([mix(theme.canvas, lit, share) for share in shares], np.uint32)
