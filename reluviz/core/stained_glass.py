"""Stained glass: quiet colours that are similar where activation patterns are."""

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from reluviz.core.color import Pixels, from_oklab, into_gamut, pack
from reluviz.core.view import View

if TYPE_CHECKING:
    from reluviz.core.network import Network
    from reluviz.core.partition import Partition

Float = NDArray[np.float64]
_PHASES, _LEVELS = 64, 32
_DIRECTIONS_SEED = 20_016
"""Of 150 seeds the one whose colours varied most, at the least, over 14 networks in training (by area)."""


@dataclass(frozen=True)
class _Glass:
    """How the stained glass of a theme looks: lightness, its swing, chroma along both axes, its limit, the tint."""

    lightness: float
    swing: float
    green_red: float
    blue_yellow: float
    limit: float
    tint: tuple[float, float]


_GLASS = {
    "dark": _Glass(0.43, 0.095, 0.090, 0.078, 0.100, (0.012, -0.036)),
    "light": _Glass(0.885, 0.050, 0.050, 0.050, 0.060, (0.006, -0.014)),
    "projector": _Glass(0.915, 0.045, 0.050, 0.050, 0.060, (0.004, -0.008)),
}


def pattern_colors(partition: "Partition", view: View) -> Pixels:
    """Similar patterns, similar colours: a fixed random projection of the pattern onto a torus of quiet colours.

    Unit j of layer l moves the colour by w_l r_lj for each piece it moves on, with r_lj a random 3-vector that depends
    on (l, j) only and w_l falling with depth, scaled by the root of the sum of squares.
    """
    from reluviz.core.projection import project_patterns

    directions, offset = pattern_directions(partition.network)
    table = pattern_table(view.palette)
    colors: Pixels = project_patterns(partition.patterns, directions, offset, table)
    return colors


def pattern_directions(network: "Network") -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return each unit's movement in phase per piece, (3, units) float32, and the phase of the first pieces, (3,)."""
    parts, weights, spans = [], [], []
    for layer, width in enumerate(network.hidden):
        parts.append(_directions(layer)[:, :width])
        weights.append(np.full(width, 0.72**layer))
        spans.append(np.full(width, max(1, len(network.pieces[layer].breakpoints))))
    if not parts:
        return np.zeros((3, 0), np.float32), np.zeros(3, np.float32)
    weight, span = np.concatenate(weights), np.concatenate(spans)
    reach = np.array([[0.48], [0.48], [0.30]])  # Turns of the torus for one standard deviation of random patterns.
    scaled = np.concatenate(parts, axis=1) * reach * 2 * weight / math.sqrt(float(np.sum(weight**2))) / span
    return scaled.astype(np.float32), (-0.5 * (scaled * span).sum(axis=1)).astype(np.float32)


@cache
def _directions(layer: int) -> Float:
    """Random directions of a layer's units, (3, 256): in colour on the unit circle, in lightness +-1."""
    random = np.random.default_rng((_DIRECTIONS_SEED, layer))
    # Angles spread by the golden ratio, so that the few units of a small layer differ as much as they can.
    angle = 2 * np.pi * ((np.arange(256) * 0.6180339887498949 + random.random()) % 1.0)
    return np.stack([np.cos(angle), np.sin(angle), random.choice([-1.0, 1.0], 256)])


@cache
def pattern_table(palette: str) -> Pixels:
    """Pixels (levels, phases, phases) of the torus."""
    glass = _GLASS[palette]
    turn = np.sin(2 * np.pi * np.arange(_PHASES) / _PHASES)
    level = np.sin(2 * np.pi * np.arange(_LEVELS) / _LEVELS)
    light, x, y = np.meshgrid(level, turn, turn, indexing="ij")
    a, b = glass.tint[0] + glass.green_red * x, glass.tint[1] + glass.blue_yellow * y
    # The corners of the plane are not equally far from grey; a soft limit keeps purple from shouting.
    calm = (1 + (np.hypot(a, b) / glass.limit) ** 4) ** -0.25
    return pack(from_oklab(into_gamut(np.stack([glass.lightness + glass.swing * light, calm * a, calm * b], axis=-1))))
