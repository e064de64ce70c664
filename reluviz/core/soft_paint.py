"""What a grid's values look like: the colourings of `COLORINGS` for networks that have no regions."""

import math
from collections.abc import Callable

import numpy as np

from reluviz.core import field_raster
from reluviz.core.color import Pixels, mix, unpack
from reluviz.core.coloring import compass_colors
from reluviz.core.field import Field
from reluviz.core.intensity import INTENSITIES
from reluviz.core.luts import diverging_lut, margin_luts, value_lut
from reluviz.core.network import Network
from reluviz.core.palette import PALETTES
from reluviz.core.reading import Reading
from reluviz.core.soft_view import gradient_on_grid
from reluviz.core.stained_glass import pattern_table
from reluviz.core.view import View

NEED_REGIONS = ("area", "layer", "hamming")


def field_painter(
    image: Pixels, network: Network, field: Field, view: View, reading: Reading
) -> Callable[[int, int], None]:
    """Return the call that colours rows begin..end of image (H, W) by the view's colouring.

    Colourings that need regions (area, last layer to cut) show the pattern's colours.
    """
    step = field.step
    if view.coloring in INTENSITIES:
        levels, grain = INTENSITIES[view.coloring].on_grid(network, view)
        scale = value_lut(view.palette, fills=view.fills)
        return lambda begin, end: field_raster.paint_scalar_field(image, levels, grain, scale, begin, end)
    if view.coloring == "prediction":
        return _prediction(image, field, view, reading)
    if view.coloring == "gradient":
        colors = np.ascontiguousarray(unpack(compass_colors(gradient_on_grid(field), view.palette)).transpose(2, 0, 1))
        shades = colors.astype(np.float32)
        return lambda begin, end: field_raster.paint_rgb_field(image, shades, step, begin, end)
    if view.coloring == "active":
        share = np.ascontiguousarray(field.channels[0])
        # As for regions: shares gather around one half, and the map spends most of its colours there.
        stretched = (0.5 + 0.5 * np.tanh(4.5 * (share - 0.5)) / math.tanh(2.25)).astype(np.float32)
        lut = value_lut(view.palette, fills=view.fills)
        return lambda begin, end: field_raster.paint_scalar_field(image, stretched, step, lut, begin, end)
    if view.coloring == "unit":
        theme = PALETTES[view.palette]
        low, high = (0.05, 0.50) if theme.is_dark else (0.03, 0.36)
        ramp = [mix(theme.canvas, theme.accent, low + (high - low) * i / 255) for i in range(256)]
        lut = np.array(ramp, np.uint32)
        state = np.ascontiguousarray(field.channels[0])
        return lambda begin, end: field_raster.paint_scalar_field(image, state, step, lut, begin, end)
    table = pattern_table(view.palette)
    return lambda begin, end: field_raster.paint_torus_field(image, field.channels, step, table, begin, end)


def _prediction(image: Pixels, field: Field, view: View, reading: Reading) -> Callable[[int, int], None]:
    step, outputs = field.step, np.clip(np.nan_to_num(field.outputs), -1e30, 1e30)
    if reading.is_classes and len(outputs) > 2:
        scores, luts = outputs / np.float32(reading.reach), margin_luts(view.palette, len(outputs), fills=view.fills)
        return lambda begin, end: field_raster.paint_class_field(image, scores, step, luts, begin, end)
    span = np.float32(reading.high - reading.low)
    if not reading.is_classes and len(outputs) == 3:
        channels = (outputs - np.float32(reading.low)) / span
        return lambda begin, end: field_raster.paint_rgb_field(image, channels, step, begin, end)
    if reading.is_classes:
        margin = outputs[1] - outputs[0] if len(outputs) == 2 else outputs[0]
        level = margin / np.float32(2 * reading.reach) + np.float32(0.5)
        lut = diverging_lut(view.palette, fills=view.fills)
    else:
        level, lut = (outputs[0] - np.float32(reading.low)) / span, value_lut(view.palette, fills=view.fills)
    shades = np.ascontiguousarray(level)
    return lambda begin, end: field_raster.paint_scalar_field(image, shades, step, lut, begin, end)
