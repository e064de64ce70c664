"""ColorKey: what the colours of a picture stand for, to be drawn beside it: a ramp, swatches, a compass, or words."""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from reluviz.core.color import Pixels
from reluviz.core.coloring import active_share_colors, compass_colors, layer_pixels, unit_pixels
from reluviz.core.fills import FILLS
from reluviz.core.intensity import INTENSITIES, short_amount
from reluviz.core.luts import class_ramp, diverging_lut, value_lut
from reluviz.core.network import Network
from reluviz.core.reading import Reading
from reluviz.core.view import View

STEPS = 96  # Colours of a ramp: more than its pixels tell apart.
WHEEL = 44  # A side of the compass, in pixels.
MOST_SWATCHES = 8
SOFT = ("prediction", "gradient")  # Besides INTENSITIES, what means the same where there are no regions.


@dataclass(frozen=True)
class ColorKey:
    """What colours stand for: `title` in a few words, and one of the following.

    `ramp` are colours 0xffRRGGBB from the first of `ticks` to the last, which stand at equal distances. `swatches` are
    colours with their names. `is_compass` asks for `compass_wheel`. With none of them the title says it all.
    """

    title: str
    ramp: tuple[int, ...] = ()
    ticks: tuple[str, ...] = ()
    swatches: tuple[tuple[int, str], ...] = ()
    is_compass: bool = False

    def words(self) -> str:
        """Return the key as a sentence."""
        parts = self.ticks or tuple(name for _, name in self.swatches)
        return f"{self.title}: {', '.join(parts)}" if parts else self.title


def color_key(
    network: Network,
    view: View,
    reading: Reading,
    classes: tuple[str, ...],
    ends: tuple[float, float] | None,
    is_soft: bool = False,
) -> ColorKey | None:
    """Return the key of a picture, None where colours have no order: those of patterns.

    `classes` are their names, none for values; `ends` those of the scale of a colouring of INTENSITIES. `is_soft` tells
    that the picture has no regions.
    """
    name = view.coloring
    if name == "pattern" or (is_soft and name not in SOFT and name not in INTENSITIES):
        return None
    if name in INTENSITIES:
        row = INTENSITIES[name]
        symbol = row.symbol(view)
        title = f"{row.label}, {symbol}" if symbol.startswith("\N{DOUBLE VERTICAL LINE}") else symbol.capitalize()
        ticks = tuple(short_amount(end) for end in ends) if ends is not None else ()
        return ColorKey(title, _values(view.palette, view.fills), ticks) if ticks else None
    if name == "prediction":
        return _prediction_key(view, reading, classes)
    if name == "gradient":
        return ColorKey("Hue: where f rises\nLightness: how steeply", is_compass=True)
    if name == "active":
        units = sum(network.hidden)
        return ColorKey("Units on", _active(view.palette, view.fills), ("0", _half(units), f"{units}"))
    if name == "layer":
        colors = layer_pixels(view.palette)
        count = min(len(network.hidden), MOST_SWATCHES)
        return ColorKey("Last cut by layer", swatches=tuple((int(colors[i]), f"{i + 1}") for i in range(count)))
    if name == "area":
        return ColorKey("Share of the view", _values(view.palette, view.fills), ("1e-6", "0.001", "1"))
    if name == "hamming":
        return _distance_key(network, view)
    return _unit_key(network, view) if name == "unit" else None


def _prediction_key(view: View, reading: Reading, classes: tuple[str, ...]) -> ColorKey | None:
    if not reading.is_classes:
        middle = (reading.low + reading.high) / 2
        ticks = tuple(short_amount(value) for value in (reading.low, middle, reading.high))
        return ColorKey("f", _values(view.palette, view.fills), ticks)
    if len(classes) == 2:
        first, second = (_class_name(name) for name in classes)
        return ColorKey("Prediction", _diverging(view.palette, view.fills), (first, "unsure", second))
    hues = FILLS[view.fills].classes if len(classes) <= 2 else ()
    shown = classes[:MOST_SWATCHES]
    colors = [int(class_ramp(view.palette, index, hues=hues)[-1]) for index in range(len(shown))]
    return ColorKey("Prediction, pale where unsure", swatches=tuple(zip(colors, shown, strict=True)))


def _class_name(name: str) -> str:
    return f"class {name}" if len(name) <= 2 else name


def _distance_key(network: Network, view: View) -> ColorKey:
    if view.pin is None:
        return ColorKey("No point is pinned: Ctrl and a click pin one.")
    units = sum(network.hidden)
    ticks = ("0", f"{units / 4:g}", f"{units}")  # Colours run by the root of the share of units.
    return ColorKey("Units unlike those at the pin", _values(view.palette, view.fills), ticks)


def _unit_key(network: Network, view: View) -> ColorKey:
    if not (0 <= view.layer < len(network.hidden) and 0 <= view.unit < network.hidden[view.layer]):
        return ColorKey("No unit is chosen: click one in the Network panel.")
    title = f"Unit {view.unit + 1} of layer {view.layer + 1}"
    colors = unit_pixels(network, view)
    names = ("off", "on") if len(colors) == 2 else tuple(f"piece {index + 1}" for index in range(len(colors)))
    return ColorKey(title, swatches=tuple(zip(map(int, colors), names, strict=True))[:MOST_SWATCHES])


def _half(units: int) -> str:
    return f"{units // 2}" if units % 2 == 0 else f"{units / 2:g}"


@cache
def _values(palette: str, fills: str) -> tuple[int, ...]:
    return _sampled(value_lut(palette, fills=fills))


@cache
def _diverging(palette: str, fills: str) -> tuple[int, ...]:
    return _sampled(diverging_lut(palette, fills=fills))


@cache
def _active(palette: str, fills: str) -> tuple[int, ...]:
    return tuple(int(color) for color in active_share_colors(np.linspace(0.0, 1.0, STEPS), palette, fills))


def _sampled(lut: Pixels) -> tuple[int, ...]:
    return tuple(int(color) for color in lut[np.rint(np.linspace(0, len(lut) - 1, STEPS)).astype(int)])


@cache
def compass_wheel(palette: str, side: int = WHEEL) -> Pixels:
    """Return (side, side) pixels 0xAARRGGBB, row 0 above: a gradient's colour by its direction, steep at the rim."""
    line = (np.arange(side) + 0.5) * (2 / side) - 1
    x, y = np.meshgrid(line, -line)
    radius = np.hypot(x, y)
    steep = np.expm1(radius * math.log1p(300.0)) / np.maximum(radius, 1e-9)
    colors = compass_colors(np.stack([x * steep, y * steep], axis=-1), palette)
    cover = np.clip((1 - radius) * side / 2, 0.0, 1.0)  # The rim is smooth.
    alpha = np.rint(255 * cover).astype(np.uint32)
    wheel: Pixels = (colors & np.uint32(0x00FFFFFF)) | (alpha << np.uint32(24))
    return wheel
