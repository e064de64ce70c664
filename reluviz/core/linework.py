"""Which lines a view shows: pieces, colours, widths, and how strong each appears, in pixels and in vector files."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reluviz.core import lines, raster
from reluviz.core.boundary import has_jumps
from reluviz.core.palette import PALETTES, Palette
from reluviz.core.partition import Partition
from reluviz.core.view import View

Float = NDArray[np.float64]

LINE_OPACITY = (0.95, 0.80, 0.68, 0.60)
INK_LIMIT = (0.26, 0.24, 0.22, 0.20)
"""How much of the canvas lines may cover before they fade: by layer, the last for all deeper ones."""
EQUAL_INK = 0.45
"""Lines of equal strength carry no weight of their own: the eye takes fewer of them."""


@dataclass(frozen=True, eq=False)
class Linework:
    """The bent lines of a view, in pixels.

    segments (S, 4) float64, layers (S,) int32 and opacities (S,) float32 are per piece; colors ("#rrggbb") and widths
    (float32, pixels) per layer.
    """

    segments: Float
    layers: NDArray[np.int32]
    opacities: NDArray[np.float32]
    colors: tuple[str, ...]
    widths: NDArray[np.float32]


def plan_lines(partition: Partition, view: View) -> Linework:
    """Return the lines to draw: as strong as f bends there (or equal), fading where they would crowd."""
    segments, layers, strengths = _line_pieces(partition, view)
    pixels = lines.project(segments, raster.to_pixels(view.bounds, view.width, view.height))
    return lay_lines(pixels, layers, strengths, view)


def lay_lines(
    pixels: Float, layers: NDArray[np.int32], strengths: NDArray[np.float32], view: View, is_equal: bool = False
) -> Linework:
    """Return lines (S, 4) in pixels with their layers' looks, faded where they would crowd.

    is_equal: strengths carry no weight of their own, as with lines drawn equally strong.
    """
    names = PALETTES[view.palette].lines
    depth = int(layers.max(initial=0)) + 1
    limit = _by_layer(INK_LIMIT, depth) * (EQUAL_INK if is_equal or view.lines == "equal" else 1.0)
    limits = (limit / view.line_width).astype(np.float32)
    ink = lines.measure_ink(pixels, layers, strengths, depth, view.width, view.height)
    opacities = lines.thin_out(pixels, layers, strengths, ink, limits)
    opacities *= _by_layer(LINE_OPACITY, depth).astype(np.float32)[layers]
    colors = tuple(names[layer % len(names)] for layer in range(depth))
    widths = (view.line_width * np.where(np.arange(depth) == 0, 1.15, 1.0)).astype(np.float32)
    return Linework(pixels, layers, opacities, colors, widths)


def _line_pieces(partition: Partition, view: View) -> tuple[Float, NDArray[np.int32], NDArray[np.float32]]:
    """Return segments (S, 4), their layers and how strongly each is to show, 0..1."""
    layers = np.array(partition.edge_layers, dtype=np.int32)  # A plain copy: one type of array, one compiled kernel.
    if view.lines == "equal" or partition.truncated_at is not None:
        return partition.edges, layers, np.ones(len(partition.edges), np.float32)
    shared = partition.adjacency
    strength = _relative(shared.jump)
    if has_jumps(partition.network):
        strength = np.maximum(strength, _relative(_steps(partition)))
    # By the root, lines that bend f a tenth as much as the strongest still show, at a third of its strength.
    return shared.segments, layers[shared.edge], np.sqrt(strength).astype(np.float32)


def _steps(partition: Partition) -> Float:
    """Return how far outputs jump across the middle of each shared edge, 0 where only rounding parts them."""
    shared = partition.adjacency
    middle = (shared.segments[:, :2] + shared.segments[:, 2:]) / 2
    with np.errstate(all="ignore"):  # Values may overflow; such jumps count as the largest.
        one, two = (
            np.einsum("ski,si->sk", partition.gradients[side], middle) + partition.intercepts[side]
            for side in (shared.first, shared.second)
        )
        jump = np.abs(one - two).max(axis=1, initial=0.0)
        rounding = 1e-9 * (np.abs(one) + np.abs(two)).max(axis=1, initial=0.0)
        return np.where(jump > rounding, jump, 0.0)


def _relative(values: Float) -> Float:
    finite = np.clip(np.nan_to_num(values), 0.0, 1e300)
    largest = float(finite.max(initial=0.0))
    return finite / largest if largest > 0 else finite


def _by_layer(values: tuple[float, ...], depth: int) -> Float:
    return np.asarray(values)[np.minimum(np.arange(depth), len(values) - 1)]


@dataclass(frozen=True)
class Bold:
    """A line that stands out: colours, widths in units of the view's line width, and how opaque the halo is."""

    core: str
    halo: str
    core_width: float
    halo_width: float
    halo_opacity: float


def boundary_look(palette: Palette) -> Bold:
    """Return how the decision boundary is drawn."""
    return Bold(palette.boundary, palette.halo, 2.2, 4.8, 0.55)


def unit_look(palette: Palette, view: View) -> Bold:
    """Return how the selected unit's bent line is drawn; those of a whole layer are thinner, as they are many."""
    if view.unit < 0:
        return Bold(palette.accent, palette.halo, 1.1, 2.4, 0.35)
    return Bold(palette.accent, palette.halo, 1.9, 4.2, 0.60)


def is_selected(layers: NDArray[np.int32], units: NDArray[np.int32], view: View) -> NDArray[np.bool_]:
    """Return which lines (S,) belong to the unit that `view` selects, or to its whole layer where it names no unit."""
    selected: NDArray[np.bool_] = layers == view.layer
    return selected & (units == view.unit) if view.unit >= 0 else selected


def unit_line(partition: Partition, view: View) -> Float:
    """Return the bent lines of the unit or layer that `view` selects, (S, 4); empty where it selects none."""
    line: Float = partition.edges[is_selected(partition.edge_layers, partition.edge_units, view)]
    return line
