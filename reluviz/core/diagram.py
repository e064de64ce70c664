"""draw_diagram: a network as columns of thumbnails, its weights as links between them, in one image.

A link is as wide and as opaque as its weight is large in its layer; its colour is the sign. Small ones fade, and of
many only the strongest are drawn.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from reluviz.core.color import Pixels, mix, pixel
from reluviz.core.diagram_layout import GAP, Layout
from reluviz.core.lines import stroke
from reluviz.core.luts import diverging_lut
from reluviz.core.network import Network
from reluviz.core.palette import PALETTES, Palette
from reluviz.core.partition import Partition
from reluviz.core.thumbnails import draw_sampled_thumbnails, draw_thumbnails

Float = NDArray[np.float64]
Unit = tuple[int, int]
MOST_LINKS = 2_400
"""More are not told apart; each is drawn as STEPS straight pieces, together some 7 ms."""
STEPS = 9
_SHADES = 24
FAINT, QUIET = 0.04, 0.22
"""Links of less opacity are left out; the rest keep this share of theirs beside an emphasised unit's."""
_WIDTHS = np.array([0.9, 1.5, 2.4, 3.8])
_ALONE = 60  # Links of a layer beyond which each is drawn quieter.


@dataclass(frozen=True, eq=False)
class Scene:
    """What a diagram shows.

    region_ids (H, W) is the partition's id buffer; None of both for a network without regions, whose thumbnails are
    then its true values at each small pixel. bounds is what they cover. emphasis (column, unit) is a unit whose links
    stand out, inputs being column 0. ratio is device pixels per logical pixel.
    """

    network: Network
    bounds: tuple[float, float, float, float]
    partition: Partition | None = None
    region_ids: NDArray[np.int32] | None = None
    emphasis: Unit | None = None
    palette: str = "dark"
    ratio: float = 1.0


def draw_diagram(scene: Scene, layout: Layout, scroll: tuple[int, int], size: tuple[int, int]) -> Pixels:
    """Return (height, width) pixels of the part of a layout that begins at `scroll` (x, y) and has `size`."""
    theme = PALETTES[scene.palette]
    width, height = size
    image = np.full((height, width), pixel(theme.surface), np.uint32)
    _draw_links(image, scene, layout, scroll)
    hidden = _hidden_thumbnails(scene, layout.side)
    for column in range(len(layout.widths)):
        _blit(image, _thumbnails_of(scene, layout, column, hidden), layout, column, scroll, theme)
    _mark_biases(image, scene, layout, scroll)
    return image


def link_curve(x0: Float, y0: Float, x1: Float, y1: Float, share: Float) -> tuple[Float, Float]:
    """Return the place on a link at `share` (0..1) of its way across: level at both ends."""
    bend = share * share * (3 - 2 * share)
    return x0 + (x1 - x0) * share, y0 + (y1 - y0) * bend


def find_link(network: Network, layout: Layout, x: float, y: float, reach: float) -> tuple[int, int, int] | None:
    """Return (layer, unit, source) of the link nearest to a place, within `reach` pixels up or down; readout last."""
    for layer, weights in enumerate(network.weights):
        (from_x, from_y), (to_x, to_y) = layout.centers(layer), layout.centers(layer + 1)
        if not from_x.max() < x < to_x.min():
            continue
        share = (x - from_x[None, :]) / (to_x[:, None] - from_x[None, :])
        bend = share * share * (3 - 2 * share)
        away = np.abs(from_y[None, :] + (to_y[:, None] - from_y[None, :]) * bend - y)
        # Of links that lie on each other the strongest is meant.
        away = away - 0.9 * reach * np.abs(weights) / (np.abs(weights).max() or 1.0) * (away < reach)
        best = np.unravel_index(int(np.argmin(away)), away.shape)
        return (layer, int(best[0]), int(best[1])) if away[best] < reach else None
    return None


def _draw_links(image: Pixels, scene: Scene, layout: Layout, scroll: tuple[int, int]) -> None:
    theme, network = PALETTES[scene.palette], scene.network
    parts, kinds, alphas = [], [], []
    budget = max(64, MOST_LINKS // len(network.weights))
    for layer, weights in enumerate(network.weights):
        strength = np.abs(np.nan_to_num(weights))
        strength = strength / (strength.max(initial=0.0) or 1.0)
        loud = _emphasised(layer, weights.shape, scene.emphasis)
        opacity = 0.95 * strength**0.65 * (1.0 if loud is None else np.where(loud, 1.0, QUIET))
        rank = opacity.ravel()
        chosen = np.flatnonzero(rank > FAINT)
        if len(chosen) > budget:
            chosen = chosen[np.argpartition(rank[chosen], -budget)[-budget:]]
        crowd = max(0.3, min(1.0, (_ALONE / max(1, len(chosen))) ** 0.5)) if loud is None else 1.0
        unit, source = np.divmod(chosen, weights.shape[1])
        (from_x, from_y), (to_x, to_y) = layout.centers(layer), layout.centers(layer + 1)
        ends = (from_x[source] - scroll[0], from_y[source] - scroll[1], to_x[unit] - scroll[0], to_y[unit] - scroll[1])
        share = np.linspace(0.0, 1.0, STEPS + 1)
        x0, y0, x1, y1 = (end[:, None] for end in ends)
        x, y = link_curve(x0, y0, x1, y1, share[None, :])
        pieces = np.stack([x[:, :-1], y[:, :-1], x[:, 1:], y[:, 1:]], axis=-1).reshape(-1, 4)
        grade = np.searchsorted([0.15, 0.4, 0.75], strength.ravel()[chosen] * crowd)
        kind = grade + len(_WIDTHS) * (weights.ravel()[chosen] > 0)
        parts.append(pieces)
        kinds.append(np.repeat(kind, STEPS))
        alphas.append(np.repeat(rank[chosen] * crowd, STEPS))
    segments = np.concatenate(parts)
    seen = (segments[:, [1, 3]].max(axis=1) >= 0) & (segments[:, [1, 3]].min(axis=1) < image.shape[0])
    colors = np.repeat(np.array([pixel(color) for color in sign_colors(theme)], np.uint32), len(_WIDTHS))
    widths = np.tile(_WIDTHS * scene.ratio, 2).astype(np.float32)
    stroke(
        image,
        np.ascontiguousarray(segments[seen]),
        np.concatenate(kinds)[seen].astype(np.int32),
        np.concatenate(alphas)[seen].astype(np.float32),
        colors,
        widths,
        0,
        image.shape[0],
    )


def sign_colors(theme: Palette) -> tuple[str, str]:
    """Return the colours of negative and positive numbers: those of the classes they speak for."""
    return theme.classes[0], theme.classes[1]


def _emphasised(layer: int, shape: tuple[int, ...], emphasis: Unit | None) -> NDArray[np.bool_] | None:
    """Return which links of a layer (out, in) touch the emphasised unit, None where no unit is emphasised."""
    if emphasis is None:
        return None
    loud = np.zeros(shape, np.bool_)
    if emphasis[0] == layer + 1:
        loud[emphasis[1]] = True
    elif emphasis[0] == layer:
        loud[:, emphasis[1]] = True
    return loud


def _thumbnails_of(scene: Scene, layout: Layout, column: int, hidden: Pixels) -> Pixels:
    """Return a column's thumbnails (units, side, side); `hidden` are those of all hidden layers."""
    side, last = layout.side, len(layout.widths) - 1
    if column == 0:
        return _input_thumbnails(layout.widths[0], side, scene.palette)
    if column == last:
        return _readout_thumbnails(scene, side)
    begin = layout.starts[column] - layout.starts[1]
    return hidden[begin : begin + layout.widths[column]]


def _hidden_thumbnails(scene: Scene, side: int) -> Pixels:
    if scene.partition is not None and scene.region_ids is not None and scene.partition.count:
        return draw_thumbnails(scene.partition, scene.region_ids, rows=side, columns=side, palette=scene.palette)
    return draw_sampled_thumbnails(scene.network, scene.bounds, rows=side, columns=side, palette=scene.palette)


@cache
def _input_thumbnails(inputs: int, side: int, palette: str) -> Pixels:
    """Return a ramp across for x and a ramp up for y."""
    lut = diverging_lut(palette)
    ramp = lut[np.rint(np.linspace(0.46, 0.54, side) * (len(lut) - 1)).astype(np.int64)]
    across = np.broadcast_to(ramp[None, :], (side, side))
    up = np.broadcast_to(ramp[::-1][:, None], (side, side))
    return np.stack([(across, up)[index % 2] for index in range(inputs)])


def _readout_thumbnails(scene: Scene, side: int) -> Pixels:
    """Return each output's thumbnail, by sign and relative to its largest value."""
    lut = diverging_lut(scene.palette)
    values = np.nan_to_num(_outputs(scene, side), posinf=1e30, neginf=-1e30)
    largest = np.abs(values).max(axis=0, initial=0.0)
    share = np.clip(values / np.where(largest > 0, largest, 1.0), -1.0, 1.0)
    place = np.rint((0.5 + 0.05 * share) * (len(lut) - 1)).astype(np.int64)
    result: Pixels = lut[place].T.reshape(-1, side, side)
    return result


def _outputs(scene: Scene, side: int) -> Float:
    """Return f (side * side, outputs) at the small pixels' middles, by the affine maps of who owns them.

    Only where there are no regions is the network run: matrix products beside a training process wait for its threads.
    """
    xmin, xmax, ymin, ymax = scene.bounds
    middle = (np.arange(side) + 0.5) / side
    x, y = np.meshgrid(xmin + (xmax - xmin) * middle, ymax - (ymax - ymin) * middle)
    partition, ids = scene.partition, scene.region_ids
    with np.errstate(all="ignore"):
        if partition is None or ids is None or partition.count == 0 or partition.truncated_at is not None:
            return scene.network.forward(np.stack([x.ravel(), y.ravel()], axis=1))
        rows, columns = ((np.arange(side) * 2 + 1) * size // (2 * side) for size in ids.shape)
        owner = ids[np.ix_(rows, columns)].ravel()
        gradient = partition.gradients[owner]
        values: Float = gradient[..., 0] * x.ravel()[:, None] + gradient[..., 1] * y.ravel()[:, None]
        return np.where(owner[:, None] < 0, 0.0, values + partition.intercepts[owner])


def _blit(
    image: Pixels, thumbnails: Pixels, layout: Layout, column: int, scroll: tuple[int, int], theme: Palette
) -> None:
    ground, frame = pixel(theme.surface), pixel(theme.border)
    side, (height, width) = layout.side, image.shape
    part = layout.block(column)
    lefts, tops = (layout.lefts[part] - scroll[0]).astype(int), (layout.tops[part] - scroll[1]).astype(int)
    if lefts.max() > lefts.min():  # Links that pass between thumbnails of one block would only be noise.
        gap = max(2, round(GAP * side))
        top, left = max(0, int(tops.min()) - gap), max(0, int(lefts.min()) - gap)
        image[top : max(0, int(tops.max()) + side + gap), left : max(0, int(lefts.max()) + side + gap)] = ground
    for left, top, thumbnail in zip(lefts.tolist(), tops.tolist(), thumbnails, strict=True):
        x0, y0, x1, y1 = max(0, left), max(0, top), min(width, left + side), min(height, top + side)
        if x0 < x1 and y0 < y1:
            image[max(0, y0 - 1) : y1 + 1, max(0, x0 - 1) : x1 + 1] = frame
            image[y0:y1, x0:x1] = thumbnail[y0 - top : y1 - top, x0 - left : x1 - left]


def _mark_biases(image: Pixels, scene: Scene, layout: Layout, scroll: tuple[int, int]) -> None:
    """Put a small square into each unit's lower left corner: the bias, by sign and size within its layer."""
    edge, table = max(3, layout.side // 6), _bias_colors(scene.palette)
    height, width = image.shape
    for layer, biases in enumerate(scene.network.biases):
        size = np.abs(np.nan_to_num(biases))
        level = np.rint(size / (size.max(initial=0.0) or 1.0) * (_SHADES - 1)).astype(np.int64)
        colors = table[(biases > 0).astype(np.int64), level].tolist()
        for unit, (bias, color) in enumerate(zip(biases.tolist(), colors, strict=True)):
            left, top = layout.place(layer + 1, unit)
            x, y = int(left) - scroll[0], int(top) - scroll[1] + layout.side - edge
            if bias and 0 <= x < width - edge and 0 <= y < height - edge:
                image[y : y + edge, x : x + edge] = color


@cache
def _bias_colors(palette: str) -> Pixels:
    """Return pixels (2, _SHADES): of negative and of positive biases, by size."""
    theme = PALETTES[palette]
    shares = np.linspace(0.15, 1.0, _SHADES)
    return np.array([[mix(theme.canvas, color, share) for share in shares] for color in sign_colors(theme)], np.uint32)
