"""Tables of colours for what a network answers: of classes by how sure it is, and of values."""

import math
from functools import cache

import numpy as np

from reluviz.core.color import Pixels, parse, polar, ramp, to_oklab
from reluviz.core.fills import FILLS, OWN
from reluviz.core.palette import PALETTES
from reluviz.core.reading import MARGIN_REACH


@cache
def class_ramp(palette: str, index: int, size: int = 1024, hues: tuple[str, ...] = ()) -> Pixels:
    """Return (size,) pixels from undecided to sure of class `index`, in the theme's hue of it or that of `hues`."""
    theme = PALETTES[palette]
    colors = hues or theme.classes
    light, a, b = to_oklab(parse(colors[index % len(colors)])).tolist()
    hue, chroma = math.degrees(math.atan2(b, a)), math.hypot(a, b)
    # Classes of one hue (a light and a dark blue) keep a difference in lightness.
    shift = 0.4 * (light - 0.60)
    if theme.is_dark:
        anchors = [(0.18, 0.008), (0.29, 0.055), (0.41 + shift / 2, 0.092), (0.56 + shift, 0.125)]
    else:
        anchors = [(0.985, 0.003), (0.94, 0.030), (0.88 + shift / 2, 0.064), (0.79 + shift, 0.110)]
    limit = max(0.15, chroma / 0.13)
    return ramp([polar(level, strength * min(1.0, limit), hue) for level, strength in anchors], size)


@cache
def margin_luts(palette: str, classes: int, size: int = 4096, fills: str = OWN) -> Pixels:
    """Return (classes, size) pixels over a margin from 0 to `Reading.reach`.

    Half of the colour follows tanh(m), how sure the answer is (m in softnesses; for a logistic output
    tanh(margin / 2) = 2 p - 1); the rest follows log(1 + m), so that far from the boundary facets still show.
    `fills` may give two classes other hues; more of them keep those of the theme.
    """
    hues = FILLS[fills].classes if classes <= 2 else ()
    m = np.linspace(0.0, MARGIN_REACH, size)
    share = 0.5 * np.tanh(m) + 0.5 * np.log1p(m) / math.log1p(MARGIN_REACH)
    index = np.rint(share * 1023).astype(int)
    return np.stack([class_ramp(palette, k, hues=hues)[index] for k in range(classes)])


@cache
def diverging_lut(palette: str, size: int = 8192, fills: str = OWN) -> Pixels:
    """Return (size,) pixels over an output from -`Reading.reach` to it: class 0, undecided, class 1."""
    luts = margin_luts(palette, 2, size // 2, fills)
    return np.concatenate([luts[0][::-1], luts[1]])


@cache
def value_lut(palette: str, size: int = 2048, fills: str = OWN) -> Pixels:
    """Return (size,) pixels of rising lightness, from blue over teal to yellow unless `fills` names other colours."""
    if FILLS[fills].values:
        return ramp([to_oklab(parse(color)) for color in FILLS[fills].values], size)
    if PALETTES[palette].is_dark:
        anchors = [(0.20, 0.06, 285), (0.35, 0.10, 262), (0.50, 0.085, 225), (0.66, 0.10, 165), (0.86, 0.14, 105)]
    else:
        anchors = [(0.40, 0.11, 280), (0.54, 0.11, 255), (0.68, 0.09, 220), (0.80, 0.10, 165), (0.94, 0.11, 105)]
    return ramp([polar(*anchor) for anchor in anchors], size)
