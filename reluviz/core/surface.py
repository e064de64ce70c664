"""draw_surface: f over the plane as the exact faceted height field that it is, lit, turned and drawn without OpenGL."""

import math
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from reluviz.core import facets
from reluviz.core.camera import Camera, Stage, build_stage
from reluviz.core.color import Pixels, from_oklab, mix, pack, pixel, to_oklab, unpack
from reluviz.core.errors import InputError
from reluviz.core.layer_maps import unit_map
from reluviz.core.lines import measure_ink, thin_out
from reluviz.core.memory import reserve
from reluviz.core.palette import PALETTES, Palette
from reluviz.core.partition import Partition

Float = NDArray[np.float64]
Ids = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Field:
    """A function that is affine on every region, with its values' range over the box.

    maps (count, 3): value = maps[i, 0] x + maps[i, 1] y + maps[i, 2]. jumps (S,), in the order of the partition's
    adjacency: how much the gradient changes across each shared edge.
    """

    partition: Partition
    maps: Float
    low: float
    high: float
    jumps: Float

    def value(self, points: Float) -> Float:
        """Return the value (N,) at points (N, 2) by their region, nan outside the box."""
        region = self.partition.locate(points)
        values = np.einsum("ni,ni->n", self.maps[region, :2], points) + self.maps[region, 2]
        return np.where(region >= 0, values, np.nan)


@dataclass(frozen=True)
class Style:
    """How a surface is dressed: palette name, level of the translucent plane (None: none), sides of a solid block,
    strength of lines 0..1, width of lines and radius of pins in pixels.
    """

    palette: str = "dark"
    level: float | None = 0.0
    block: bool = True
    lines: float = 1.0
    line_width: float = 1.15
    pin_radius: float = 4.2


@dataclass(frozen=True, eq=False)
class Surface:
    """A drawn surface: image (H, W) uint32 0xffRRGGBB, region_ids (H, W) int32 (-1: none), row 0 on top, and the stage
    with which overlays project further points.
    """

    image: Pixels
    region_ids: Ids
    stage: Stage


@dataclass(frozen=True, eq=False)
class Pins:
    """Data to stand on a surface: points (N, 2) in the plane, colors (N,) uint32 of their heads."""

    points: Float = field(default_factory=lambda: np.zeros((0, 2)))
    colors: Pixels = field(default_factory=lambda: np.zeros(0, np.uint32))


def output_field(partition: Partition, output: int = 0) -> Field:
    """Return one output of the network as a field. Raises `InputError` for one that does not exist or is not known."""
    outputs = partition.network.outputs
    if not 0 <= output < outputs:
        raise InputError(f"output {output + 1} does not exist; allowed: 1 to {outputs}.")
    if partition.truncated_at is not None:
        raise InputError("surface: there are more regions than the budget, so f is not known on them; zoom in.")
    return _field(partition, partition.gradients[:, output], partition.intercepts[:, output])


def unit_field(partition: Partition, layer: int, unit: int) -> Field:
    """Return a hidden unit's output (after its activation) as a field; layer counts from 0."""
    return _field(partition, *unit_map(partition, layer, unit))


def natural_span(shape: Field) -> tuple[float, float]:
    """Return the values below and above which 2 % of the box lie, so that a steep corner does not flatten the rest."""
    partition = shape.partition
    centers = np.add.reduceat(partition.vertices, partition.offsets[:-1], axis=0) / np.diff(partition.offsets)[:, None]
    values = np.einsum("ri,ri->r", shape.maps[:, :2], centers) + shape.maps[:, 2]
    order = np.argsort(values)
    share = np.cumsum(partition.areas[order])
    low, high = (float(values[order[np.searchsorted(share, part * share[-1])]]) for part in (0.02, 0.98))
    # A plane over few regions has its centres near the middle; its own range is then the natural one.
    return (low, high) if high - low > 0.25 * (shape.high - shape.low) else (shape.low, shape.high)


def _field(partition: Partition, gradients: Float, intercepts: Float) -> Field:
    if partition.count == 0:
        raise InputError("surface: there are no regions to show; the weights are not finite or too large.")
    maps = np.column_stack([gradients, intercepts])
    per_entry = np.repeat(maps, np.diff(partition.offsets), axis=0)
    values = np.einsum("vi,vi->v", per_entry[:, :2], partition.vertices) + per_entry[:, 2]
    shared = partition.adjacency
    change = gradients[shared.first] - gradients[shared.second]
    return Field(partition, maps, float(values.min()), float(values.max()), np.hypot(change[:, 0], change[:, 1]))


def draw_surface(
    shape: Field,
    colors: Pixels,
    camera: Camera,
    width: int,
    height: int,
    *,
    style: Style | None = None,
    pins: Pins | None = None,
    span: tuple[float, float] | None = None,
) -> Surface:
    """Draw a field with region colours (count,) as a camera sees it.

    span (low, high) are the values that stand at the lowest and highest place, `natural_span` if absent: hold it still
    while training, so that heights can be compared from picture to picture.
    """
    style = Style() if style is None else style
    theme, partition = PALETTES[style.palette], shape.partition
    low, high = natural_span(shape) if span is None else span
    stage = build_stage(camera, partition.bounds, low, high, width, height)
    base = min(shape.low, low) - 0.10 * max(high - low, 1e-300)
    rings = facets.project_rings(partition.vertices, partition.offsets, shape.maps, stage.as_array())
    feet, heads, heads_colors = _place_pins(shape, stage, Pins() if pins is None else pins)
    image, picked = (reserve((height, width), kind) for kind in (np.uint32, np.int32))
    np.copyto(image, _backdrop(style.palette, width, height))
    picked.fill(-1)
    # Half of a picture and more is wall; work is done only where something stands before it.
    ends = [_corners(stage, partition, value) for value in (base, style.level) if value is not None]
    rows, columns = _occupied(np.concatenate([rings, *ends, feet, heads]), style, width, height)
    part = np.ascontiguousarray(image[rows, columns])
    if part.size:
        lines, alphas = _edge_lines(shape, stage, style, width, height)
        aside = np.array([columns.start, rows.start, 0.0])
        moved = stage.moved(columns.start, rows.start)
        level = _level_plane(moved, partition, style.level, len(part))
        picked[rows, columns], depth = _draw_body(part, shape, colors, rings - aside, moved, style, base, level)
        _draw_lines(part, depth, lines - np.tile(aside, 2), alphas, moved, partition, style, level)
        rim, stem = pixel(theme.halo), pixel(theme.ink)
        facets.draw_pins(part, depth, feet - aside, heads - aside, heads_colors, rim, stem, style.pin_radius)
        image[rows, columns] = part
    return Surface(image, picked, stage)


def _occupied(places: Float, style: Style, width: int, height: int) -> tuple[slice, slice]:
    """Return the rows and columns of the picture that hold all places (N, 3); empty where none is in sight."""
    margin = math.ceil(max(style.pin_radius, style.line_width) + 2.0)

    def ends(along: Float, most: int) -> slice:
        # A number too large for the screen may be infinite by now.
        low, high = np.clip(np.nan_to_num([along.min() - margin, along.max() + margin]), 0, most)
        return slice(int(low), math.ceil(high))

    return ends(places[:, 1], height), ends(places[:, 0], width)


def _draw_body(
    image: Pixels,
    shape: Field,
    colors: Pixels,
    rings: Float,
    stage: Stage,
    style: Style,
    base: float,
    level: tuple[Float, Float],
) -> tuple[Ids, NDArray[np.float32]]:
    """Draw facets, the block's sides and the plane; return the region seen at each pixel and the samples' depths."""
    theme, partition, numbers = PALETTES[style.palette], shape.partition, stage.as_array()
    height, width = image.shape
    planes = facets.depth_planes(shape.maps, numbers)
    samples = facets.SAMPLES
    ids, depth = (reserve((height * samples, width * samples), kind) for kind in (np.int32, np.float32))
    ids.fill(-1)
    depth.fill(facets.FAR)
    facets.fill_facets(ids, depth, rings, partition.offsets, planes)
    if style.block:
        facets.fill_sides(
            ids, depth, partition.vertices, partition.offsets, partition.edge_of, shape.maps, numbers, base
        )
    picked = reserve((height, width), np.int32)
    lit = _light(shape, colors, stage, planes, theme)
    sheet, line = pixel(theme.accent), pixel(theme.boundary)
    facets.resolve(image, picked, ids, depth, lit, planes, *level, sheet, _opacity(theme), line, 0.85)
    return picked, depth


def _draw_lines(
    image: Pixels,
    depth: NDArray[np.float32],
    lines: Float,
    alphas: NDArray[np.float32],
    stage: Stage,
    partition: Partition,
    style: Style,
    level: tuple[Float, Float],
) -> None:
    """Draw the facets' edges and the border of the level plane."""
    theme = PALETTES[style.palette]
    if style.lines > 0:
        ink = pixel("#ffffff" if theme.is_dark else theme.ink)
        facets.stroke_edges(image, depth, lines, alphas, ink, style.line_width, *level, _opacity(theme))
    if style.level is not None:
        ends = _corners(stage, partition, style.level)
        border = np.concatenate([ends, np.roll(ends, -1, axis=0)], axis=1)
        strength = np.full(4, 0.6, np.float32)
        facets.stroke_edges(image, depth, border, strength, pixel(theme.accent), 1.2, np.zeros(4), level[1], 0.0)


def _opacity(theme: Palette) -> float:
    """How much of what lies behind it the level plane covers."""
    return 0.20 if theme.is_dark else 0.16


def _corners(stage: Stage, partition: Partition, height: float) -> Float:
    """Return the box's corners at one height, on the screen (4, 3), in order round it."""
    xmin, xmax, ymin, ymax = partition.bounds
    return stage.project(np.array([[xmin, ymin], [xmax, ymin], [xmax, ymax], [xmin, ymax]]), np.full(4, height))


@lru_cache(maxsize=4)
def _backdrop(palette: str, width: int, height: int) -> Pixels:
    """A quiet studio wall: the canvas colour, a little lighter (darker on white) behind the middle."""
    theme = PALETTES[palette]
    far, near = theme.canvas, mix(theme.canvas, theme.border, 0.55 if theme.is_dark else 0.28)
    rows = (np.arange(height) + 0.5 - 0.42 * height)[:, None] / (0.75 * height)
    columns = (np.arange(width) + 0.5 - 0.5 * width)[None] / (0.75 * width)
    share = np.exp(-2.2 * (rows**2 + columns**2)).astype(np.float32)
    a, b = (np.rint(unpack(np.uint32(value)) * 255) for value in (pixel(far), near))
    result = np.full((height, width), 0xFF, np.uint32)
    for channel in range(3):
        level = np.float32(a[channel] + 0.5) + share * np.float32(b[channel] - a[channel])
        result = result << np.uint32(8) | level.astype(np.uint32)
    return result


def _level_plane(stage: Stage, partition: Partition, level: float | None, height: int) -> tuple[Float, Float]:
    """Return the plane value = level as `facets.resolve` takes it: its depth (4,) and the columns it covers (H, 2)."""
    covered = np.tile([1.0, 0.0], (height, 1))
    if level is None:
        return np.zeros(4), covered
    flat = np.array([[0.0, 0.0, level]])
    plane = facets.depth_planes(flat, stage.as_array())[0]
    seen = _corners(stage, partition, level)[:, :2]
    middle = np.arange(height) + 0.5
    low, high = np.full(height, np.inf), np.full(height, -np.inf)
    for (x0, y0), (x1, y1) in zip(seen, np.roll(seen, -1, axis=0), strict=True):
        if y0 == y1:
            continue
        t = (middle - y0) / (y1 - y0)
        on = (t >= 0) & (t <= 1)
        x = x0 + (x1 - x0) * t
        low, high = np.where(on, np.minimum(low, x), low), np.where(on, np.maximum(high, x), high)
    return plane, np.column_stack([low, high])


def _light(shape: Field, colors: Pixels, stage: Stage, planes: Float, theme: Palette) -> Pixels:
    """Return (2 * count,) pixels: every facet's colour under soft light from over the left shoulder, then its cut face.

    Half-Lambert light (Mitchell, McTaggart, Green 2006: (0.5 + 0.5 n.l)^p) leaves no facet black; lightness is changed
    in OKLab, so that a colour keeps its hue.
    """
    steep = stage.rise / stage.scale
    normal = np.column_stack([-shape.maps[:, :2] * steep, np.ones(len(shape.maps))])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    normal *= np.where(planes[:, 3] < 0, -1.0, 1.0)[:, None]
    toward = np.array([-0.66, 0.58, 0.48]) @ stage.axes
    key = 0.5 + 0.5 * np.clip(normal @ toward, -1.0, 1.0)
    half = toward + stage.axes[2]
    shine = np.clip(normal @ (half / np.linalg.norm(half)), 0.0, 1.0) ** 28
    sky = 0.5 + 0.5 * normal[:, 2]
    light = 0.78 * key**2.2 + 0.22 * sky
    lab = to_oklab(unpack(colors))
    below = planes[:, 3] < 0
    if theme.is_dark:
        # Region colours are dark glass on the canvas; as a lit body they may come forward.
        lightness = lab[:, 0] * (0.30 + 1.22 * light) + 0.02 * light + 0.14 * shine
    else:
        lightness = lab[:, 0] * (0.60 + 0.44 * light) + 0.05 * shine
    chroma = np.where(below, 0.55, 1.25 if theme.is_dark else 1.35)
    lit = np.column_stack([np.where(below, 0.7 * lightness, lightness), lab[:, 1:] * chroma[:, None]])
    side = np.column_stack([lab[:, 0] * (0.62 if theme.is_dark else 0.80), lab[:, 1:] * 0.8])
    return pack(from_oklab(np.concatenate([lit, side])))


def _edge_lines(shape: Field, stage: Stage, style: Style, width: int, height: int) -> tuple[Float, NDArray[np.float32]]:
    """Return lines (N, 6) on the screen and how strongly each shows: as f bends there, less where they crowd."""
    partition = shape.partition
    shared = partition.adjacency
    maps, ends = shape.maps[shared.first], shared.segments
    z0 = maps[:, 0] * ends[:, 0] + maps[:, 1] * ends[:, 1] + maps[:, 2]
    z1 = maps[:, 0] * ends[:, 2] + maps[:, 1] * ends[:, 3] + maps[:, 2]
    lines = np.concatenate([stage.project(ends[:, :2], z0), stage.project(ends[:, 2:], z1)], axis=1)
    largest = float(shape.jumps.max(initial=0.0))
    strengths = ((shape.jumps / largest) ** 0.6 if largest > 0 else np.zeros(len(lines))).astype(np.float32)
    flat = np.ascontiguousarray(lines[:, [0, 1, 3, 4]])
    layers = np.zeros(len(lines), np.int32)
    crowd = measure_ink(flat, layers, strengths, 1, width, height)
    limit = np.array([0.10 / style.line_width], np.float32)
    alphas = thin_out(flat, layers, strengths, crowd, limit) * np.float32(0.85 * style.lines)
    return lines, alphas


def _place_pins(shape: Field, stage: Stage, pins: Pins) -> tuple[Float, Float, Pixels]:
    """Stand each point on the field, its head a little above; return feet and heads (N, 3) on the screen and colours.

    Farthest first; those outside the box are left out.
    """
    values = shape.value(pins.points)
    inside = np.isfinite(values)
    points, values, colors = pins.points[inside], values[inside], pins.colors[inside]
    lift = 0.075 / stage.rise if stage.rise > 0 else 0.0
    feet, heads = stage.project(points, values), stage.project(points, values + lift)
    order = np.argsort(heads[:, 2], kind="stable")
    return feet[order], heads[order], colors[order]
