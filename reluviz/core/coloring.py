"""COLORINGS: what a region's colour means, one row each.

A colour depends on the region itself, never on what else is in view, so it stays where it is while lines move and
while one pans; only the area is measured against the view. This module loads no kernels until a colour is asked for.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from reluviz.core.activations import Pieces
from reluviz.core.color import Pixels, from_oklab, hue_of, into_gamut, mix, pack, parse, pixel, polar, to_oklab
from reluviz.core.intensity import INTENSITIES, Intensity
from reluviz.core.luts import value_lut
from reluviz.core.palette import PALETTES
from reluviz.core.stained_glass import pattern_colors
from reluviz.core.view import View

if TYPE_CHECKING:
    from reluviz.core.network import Network
    from reluviz.core.partition import Partition

Float = NDArray[np.float64]


@dataclass(frozen=True)
class Coloring:
    """One row of COLORINGS.

    `colors(partition, view)` gives each region's pixel, (count,) uint32. `shaded` colourings vary inside a region:
    the picture evaluates the region's affine map at every pixel, and `colors` is what stands in where it cannot.
    """

    name: str
    label: str
    help: str
    colors: Callable[["Partition", View], Pixels]
    shaded: bool = False


def prediction_colors(partition: "Partition", view: View) -> Pixels:
    """The prediction at each region's centre, where it cannot be shaded."""
    return pattern_colors(partition, view)


def gradient_colors(partition: "Partition", view: View) -> Pixels:
    """Direction of steepest ascent as hue, its norm as lightness on a fixed logarithmic scale from 0 to 300.

    With several outputs it is the gradient of the output that leads at the region's centre, less the others' mean.
    """
    if partition.truncated_at is not None:  # No affine maps are known then.
        return pattern_colors(partition, view)
    gradients = np.clip(np.nan_to_num(partition.gradients), -1e100, 1e100)
    if gradients.shape[1] > 1:
        values = np.einsum("rki,ri->rk", gradients, ring_centers(partition)) + partition.intercepts
        leader = np.argmax(values, axis=1)
        ahead = np.take_along_axis(gradients, leader[:, None, None], axis=1)[:, 0]
        g = (ahead - gradients.mean(axis=1)) * gradients.shape[1] / (gradients.shape[1] - 1)
    else:
        g = gradients[:, 0]
    return compass_colors(g, view.palette)


def compass_colors(g: Float, palette: str) -> Pixels:
    """Return the pixels (...) of gradients (..., 2)."""
    norm = np.log1p(np.hypot(g[..., 0], g[..., 1])) / math.log1p(300.0)
    turn = np.floor((np.arctan2(g[..., 1], g[..., 0]) / (2 * np.pi) % 1.0) * _HUES).astype(np.int64) % _HUES
    level = np.minimum(_NORMS - 1, (norm * _NORMS).astype(np.int64))
    colors: Pixels = _compass_table(palette)[level, turn]
    return colors


_HUES, _NORMS = 256, 128


@cache
def _compass_table(palette: str) -> Pixels:
    """Pixels (norms, hues): the colours of the compass, from flat to steep."""
    share, turn = np.meshgrid(np.linspace(0, 1, _NORMS), np.arange(_HUES) / _HUES, indexing="ij")
    if PALETTES[palette].is_dark:
        lab = polar(0.16 + 0.44 * share, 0.115 * np.minimum(1.0, 1.6 * share), 360 * turn + 30)
    else:
        lab = polar(0.985 - 0.22 * share, 0.090 * np.minimum(1.0, 1.4 * share), 360 * turn + 30)
    return pack(from_oklab(into_gamut(lab)))


def active_colors(partition: "Partition", view: View) -> Pixels:
    """How many units are active, from none to all: on a sloped piece or, where an activation has no flat, its last."""
    network = partition.network
    active = np.zeros(partition.count, np.int64)
    begin = 0
    for width, pieces in zip(network.hidden, network.pieces, strict=True):
        slopes = np.asarray(pieces.slopes)
        on = slopes != 0 if np.any(slopes == 0) and np.any(slopes != 0) else np.arange(len(slopes)) == len(slopes) - 1
        counted = np.append(on, False)  # A piece of -1 (not decided) counts as off.
        active += counted[partition.patterns[:, begin : begin + width]].sum(axis=1)
        begin += width
    return active_share_colors(active / max(1, begin), view.palette, view.fills)


def active_share_colors(share: Float, palette: str, fills: str) -> Pixels:
    """Return the pixels of shares of active units, of any shape."""
    # Shares gather around one half; the map spends most of its colours there.
    stretched = 0.5 + 0.5 * np.tanh(4.5 * (share - 0.5)) / math.tanh(2.25)
    return value_lut(palette, fills=fills)[np.rint(stretched * 2047).astype(np.int64)]


def layer_colors(partition: "Partition", view: View) -> Pixels:
    """The deepest layer among the lines around a region, in that layer's line colour on the canvas."""
    theme = PALETTES[view.palette]
    deepest = region_layers(partition)
    bare = pixel(theme.surface) if theme.is_dark else mix(theme.canvas, theme.muted, 0.08)
    return np.append(layer_pixels(view.palette), np.uint32(bare))[np.where(deepest < 0, -1, deepest % 8)]


@cache
def layer_pixels(palette: str) -> Pixels:
    """Pixels (8,) of the hues that the layers' lines have, the deeper the stronger."""
    theme = PALETTES[palette]
    depth = np.arange(8)
    hues = [hue_of(theme.lines[layer % len(theme.lines)]) for layer in depth]
    chroma = [float(np.hypot(*to_oklab(parse(theme.lines[layer % len(theme.lines)]))[1:])) for layer in depth]
    strength = np.minimum(0.060, np.array(chroma))
    light = 0.33 + 0.025 * depth if theme.is_dark else 0.93 - 0.018 * depth
    return pack(from_oklab(into_gamut(polar(light, strength if theme.is_dark else 0.75 * strength, hues))))


def region_layers(partition: "Partition") -> NDArray[np.int64]:
    """Return the deepest layer among the lines around each region (count,), -1 where only the box bounds it."""
    layers = np.append(np.asarray(partition.edge_layers, dtype=np.int64), -1)
    around = layers[np.maximum(partition.edge_of, -1)]
    return np.maximum.reduceat(around, partition.offsets[:-1]) if partition.count else around


def unit_colors(partition: "Partition", view: View) -> Pixels:
    """Which piece of its activation one unit is on: the last piece lit, the first dark."""
    theme = PALETTES[view.palette]
    network = partition.network
    if not (0 <= view.layer < len(network.hidden) and 0 <= view.unit < network.hidden[view.layer]):
        return np.full(partition.count, mix(theme.canvas, theme.muted, 0.12), np.uint32)
    undecided = np.uint32(mix(theme.canvas, theme.muted, 0.12))
    column = sum(network.hidden[: view.layer]) + view.unit
    return np.append(unit_pixels(network, view), undecided)[partition.patterns[:, column]]


def unit_pixels(network: "Network", view: View) -> Pixels:
    """Return the pixels (pieces,) of the pieces that the view's unit can be on, two for a smooth one: off and on."""
    theme = PALETTES[view.palette]
    curve = network.curves[view.layer]
    pieces = len(curve.slopes) if isinstance(curve, Pieces) else 2
    low, high = (0.05, 0.50) if theme.is_dark else (0.03, 0.36)
    table = [mix(theme.canvas, theme.accent, low + (high - low) * i / max(1, pieces - 1)) for i in range(pieces)]
    return np.array(table, dtype=np.uint32)


def hamming_colors(partition: "Partition", view: View) -> Pixels:
    """In how many units each pattern differs from that at the pinned point, by the root of the share of units."""
    theme, network = PALETTES[view.palette], partition.network
    if view.pin is None or network.first_smooth is not None or partition.truncated_at is not None:
        return np.full(partition.count, mix(theme.canvas, theme.muted, 0.12), np.uint32)
    pinned = network.pattern(np.array([view.pin]))[0]
    distance = np.count_nonzero(partition.patterns != pinned, axis=1)
    level = np.sqrt(distance / max(1, len(pinned)))
    colors: Pixels = value_lut(view.palette, fills=view.fills)[np.rint(level * 2047).astype(np.int64)]
    return colors


def area_colors(partition: "Partition", view: View) -> Pixels:
    """Area as a share of the view on a logarithmic scale: a millionth and less to all of it."""
    xmin, xmax, ymin, ymax = partition.bounds
    share = np.maximum(partition.areas, 1e-300) / ((xmax - xmin) * (ymax - ymin))
    level = np.clip(1 + np.log10(share) / 6, 0.0, 1.0)
    return value_lut(view.palette, fills=view.fills)[np.rint(level * 2047).astype(np.int64)]


def intensity_colors(row: Intensity, partition: "Partition", view: View) -> Pixels:
    """One of INTENSITIES on its logarithmic scale."""
    return value_lut(view.palette, fills=view.fills)[np.rint(row.colors_of(partition, view) * 2047).astype(np.int64)]


def ring_centers(partition: "Partition") -> Float:
    """Return the mean of each region's corners (count, 2); a ring is convex, so it lies inside."""
    sizes = np.diff(partition.offsets)
    total: Float = np.add.reduceat(partition.vertices, partition.offsets[:-1], axis=0)
    return total / sizes[:, None]


_ROWS = (
    Coloring(
        "pattern",
        "Activation pattern",
        "Regions with similar on/off patterns get similar colours; one pattern always gets the same.",
        pattern_colors,
    ),
    Coloring(
        "prediction",
        "Prediction",
        "What the network answers at every pixel, exactly; a class pales where it is unsure.",
        prediction_colors,
        shaded=True,
    ),
    Coloring(
        "gradient",
        "Gradient",
        "The direction in which the output rises as hue, how steeply as lightness.",
        gradient_colors,
    ),
    Coloring("active", "Active units", "How many units are on in each region, dark for few.", active_colors),
    Coloring("layer", "Last layer to cut", "The deepest layer whose line bounds the region.", layer_colors),
    Coloring("unit", "One unit", "Where the selected unit is on.", unit_colors),
    Coloring(
        "hamming",
        "Distance from the pin",
        "In how many units a region's pattern differs from that of the pinned point, dark for few.",
        hamming_colors,
    ),
    Coloring("area", "Area", "How large each region is, dark for small, on a logarithmic scale.", area_colors),
    *(Coloring(row.name, row.label, row.help, partial(intensity_colors, row)) for row in INTENSITIES.values()),
)

COLORINGS: dict[str, Coloring] = {row.name: row for row in _ROWS}
