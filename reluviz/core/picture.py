"""Picture: what a snapshot looks like in a view, every pixel of it; a pure function of both.

decompose -> who owns each pixel -> colours -> lines -> decision boundary, each stage timed.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from reluviz.core import lines, raster
from reluviz.core.activations import Pieces
from reluviz.core.boundary import decision_boundary
from reluviz.core.color import Pixels, pixel
from reluviz.core.coloring import COLORINGS
from reluviz.core.errors import InputError
from reluviz.core.intensity import INTENSITIES
from reluviz.core.linework import (
    Bold,
    Linework,
    boundary_look,
    is_selected,
    lay_lines,
    plan_lines,
    unit_line,
    unit_look,
)
from reluviz.core.luts import diverging_lut, margin_luts, value_lut
from reluviz.core.memory import reserve
from reluviz.core.network import Network
from reluviz.core.palette import PALETTES
from reluviz.core.partition import Partition, decompose, without_regions
from reluviz.core.reading import Reading, read_outputs
from reluviz.core.snapshot import Snapshot
from reluviz.core.soft_paint import NEED_REGIONS, field_painter
from reluviz.core.soft_view import see_melted, see_soft, soft_boundary
from reluviz.core.stand_in import SAMPLES, StandIn, decompose_stand_in
from reluviz.core.view import SMOOTH_PICTURES, View

Float = NDArray[np.float64]
Ids = NDArray[np.int32]
AFFORDABLE_WEIGHTS = 12_000_000_000


@dataclass(frozen=True, eq=False)
class Picture:
    """One drawn view of one snapshot; arrays are not to be written to.

    image (H, W) uint32 0xffRRGGBB, row 0 at ymax. region_ids (H, W) int32, the region at each pixel's centre, -1
    where there is none. boundary (S, 4) float64, the decision boundary's segments in the plane. message says in one
    sentence why the picture is partial or empty, else it is "". statement says which picture this is: exact, soft
    boundaries, epsilon-linear or melted, with its figures; scale what its colours run over and ends the two ends of
    that, where they are of INTENSITIES. partition is the exact one, the stand-in's, or without any
    region where there are none. seconds by stage: decompose, ids, colors, lines, boundary (a soft view: field, colors,
    lines, boundary).
    """

    image: Pixels
    region_ids: Ids
    partition: Partition
    snapshot: Snapshot
    view: View
    boundary: Float
    message: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    statement: str = ""
    scale: str = ""
    ends: tuple[float, float] | None = None


def affordable(network: Network, budget: int) -> int:
    """Return how many regions a picture of `network` may have: `budget`, fewer where each costs long.

    A region costs about as much as the weights it passes. At eight layers of 256 that is 110 microseconds: a quarter
    of a million of them took a minute, what this allows takes some seconds.
    """
    weights = sum(array.size for array in network.weights)
    return max(1, min(budget, AFFORDABLE_WEIGHTS // weights))


def make_picture(
    snapshot: Snapshot,
    view: View,
    dataset_scale: tuple[float, float] | None = None,
    *,
    previous: Picture | None = None,
    workers: int = 1,
) -> Picture:
    """Draw `snapshot` in `view`.

    dataset_scale is `reading.value_scale` of the data: the lowest and highest value, None for classes. Where
    `previous` shows the same snapshot in the same bounds its regions are taken over, and where the size is the same
    too, who owns which pixel: a change of colours or lines then costs only those. `workers` threads share the rows.
    """
    clock: dict[str, float] = {}
    network = snapshot.network
    reading = read_outputs(snapshot.experiment, dataset_scale)
    if view.smooth not in SMOOTH_PICTURES:
        raise InputError(f"smooth: {view.smooth!r} is unknown; allowed are {', '.join(SMOOTH_PICTURES)}.")
    is_smooth = network.first_smooth is not None
    melts = view.smooth == "melt" and any(isinstance(curve, Pieces) and curve.breakpoints for curve in network.curves)
    if network.finite and (melts or (is_smooth and view.smooth != "epsilon")):
        return _soft_picture(snapshot, view, reading, clock, workers, melts)
    with _timed(clock, "decompose"):
        reused = _reused_partition(previous, snapshot, view)
        if reused is not None and previous is not None:
            partition, statement = reused, previous.statement
        elif is_smooth:
            budget = affordable(network, view.region_budget)
            stand_in, partition = decompose_stand_in(network, view.bounds, view.epsilon, budget)
            statement = describe_stand_in(stand_in, partition)
        else:
            partition = decompose(network, view.bounds, affordable(network, view.region_budget), workers)
            statement = "Exact: every region, line and edge is computed, nothing sampled."
    with _timed(clock, "ids"):
        ids = _reused_ids(previous, partition, view)
        if ids is None:
            ids = draw_ids(partition, view, workers)
    image, boundary = draw_image(partition, ids, view, reading, clock=clock, workers=workers)
    is_whole = partition.count > 0 and partition.truncated_at is None
    scale, ends = _scale(network, view) if is_whole else ("", None)
    return Picture(image, ids, partition, snapshot, view, boundary, explain(partition), clock, statement, scale, ends)


def _scale(network: Network, view: View) -> tuple[str, tuple[float, float] | None]:
    if view.coloring not in INTENSITIES:
        return "", None
    row = INTENSITIES[view.coloring]
    ends = row.scale(network, view)
    return row.words(view, ends), ends


def _soft_picture(
    snapshot: Snapshot, view: View, reading: Reading, clock: dict[str, float], workers: int, melts: bool
) -> Picture:
    """Draw what has no regions: a field of values, true curves and exact lines."""
    network, theme = snapshot.network, PALETTES[view.palette]
    with _timed(clock, "field"):
        seen = (see_melted if melts else see_soft)(network, view, workers)
    image = reserve((view.height, view.width), np.uint32)
    with _timed(clock, "colors"):
        _in_bands(field_painter(image, seen.network, seen.field, view, reading), view.height, workers)
    with _timed(clock, "lines"):
        if view.lines != "none" and len(seen.segments):
            work = lay_lines(seen.segments, seen.layers, seen.strengths, view, is_equal=True)
            _in_bands(_stroker(image, work), view.height, workers)
        selected = seen.segments[is_selected(seen.layers, seen.units, view)]
        if len(selected):
            _in_bands(_bold_pixels(image, selected, view, unit_look(theme, view)), view.height, workers)
    boundary = np.zeros((0, 4))
    with _timed(clock, "boundary"):
        if view.boundary and reading.is_classes:
            boundary = soft_boundary(seen.field)
            if len(boundary):
                _in_bands(_bold(image, boundary, view, boundary_look(theme)), view.height, workers)
    statement = seen.statement
    if view.coloring in NEED_REGIONS:
        statement += " There are no regions to colour so; their units' states are shown."
    ids = np.full(image.shape, -1, np.int32)
    partition = without_regions(network, view.bounds, "A smooth network has no linear regions.", finite=True)
    scale, ends = _scale(seen.network, view)
    return Picture(image, ids, partition, snapshot, view, boundary, "", clock, statement, scale, ends)


def describe_stand_in(stand_in: StandIn, partition: Partition) -> str:
    """Return the sentence on an epsilon-linear picture: epsilon, how many regions, the largest deviation found."""
    if not partition.finite:
        return ""
    deviation = stand_in.deviation()
    asked = ""
    if stand_in.epsilon > stand_in.asked:
        asked = f", as {stand_in.asked:g} would be over the budget"
    return (
        f"Epsilon-linear: {partition.count:,} exact regions of a stand-in whose activations are within"
        f" {stand_in.epsilon:g} of the true ones{asked}; the largest deviation of f at {SAMPLES * SAMPLES:,} points"
        f" is {deviation:.2g}."
    )


def explain(partition: Partition) -> str:
    """Return the sentence that says why a picture is partial or empty, "" where it is whole."""
    if not partition.finite:
        return partition.message or "There are no regions to show: the weights are not finite."
    if partition.truncated_at is None:
        return ""
    layers = partition.truncated_at
    shown = f"the first {layers} layers" if layers != 1 else "the first layer"
    return f"There are more regions than the budget; the picture shows {partition.count:,} of {shown} only: zoom in."


def draw_ids(partition: Partition, view: View, workers: int = 1) -> Ids:
    """Return the region at each pixel's centre, (height, width) int32, -1 everywhere where there are no regions."""
    ids = reserve((view.height, view.width), np.int32)
    if partition.count == 0:
        ids.fill(-1)
        return ids

    def fill(begin: int, end: int) -> None:
        raster.fill_ids(ids, partition.vertices, partition.offsets, view.bounds, begin, end)

    _in_bands(fill, view.height, workers)
    return ids


def draw_image(
    partition: Partition,
    ids: Ids,
    view: View,
    reading: Reading,
    *,
    clock: dict[str, float] | None = None,
    workers: int = 1,
) -> tuple[Pixels, Float]:
    """Return the image (H, W) and the decision boundary's segments of a decomposed view."""
    clock = {} if clock is None else clock
    image = reserve((view.height, view.width), np.uint32)
    theme = PALETTES[view.palette]
    if partition.count == 0:
        image.fill(pixel(theme.canvas))
        return image, np.zeros((0, 4))
    with _timed(clock, "colors"):
        _in_bands(_painter(image, ids, partition, view, reading), view.height, workers)
    with _timed(clock, "lines"):
        if view.lines != "none":
            _in_bands(_liner(image, partition, view), view.height, workers)
        selected = unit_line(partition, view)
        if len(selected):
            _in_bands(_bold(image, selected, view, unit_look(theme, view)), view.height, workers)
    with _timed(clock, "boundary"):
        boundary = np.zeros((0, 4))
        if view.boundary and reading.is_classes:
            boundary = decision_boundary(partition)
            if len(boundary):
                _in_bands(_bold(image, boundary, view, boundary_look(theme)), view.height, workers)
    return image, boundary


def _painter(image: Pixels, ids: Ids, partition: Partition, view: View, reading: Reading) -> Callable[[int, int], None]:
    coloring = COLORINGS[view.coloring]
    if not coloring.shaded or partition.truncated_at is not None:
        colors = coloring.colors(partition, view)
        return lambda begin, end: raster.paint_flat(image, ids, colors, begin, end)
    maps = raster.affine_in_pixels(partition.gradients, partition.intercepts, view.bounds, view.width, view.height)
    outputs = maps.shape[1]
    if reading.is_classes and outputs > 2:
        scores = _single(maps / reading.reach)
        luts = margin_luts(view.palette, outputs, fills=view.fills)
        return lambda begin, end: raster.paint_classes(image, ids, scores, luts, begin, end)
    if not reading.is_classes and outputs == 3:
        maps[..., 2] -= reading.low
        channels = _single(maps / (reading.high - reading.low))
        return lambda begin, end: raster.paint_rgb(image, ids, channels, begin, end)
    if reading.is_classes:
        margin = maps[:, 1] - maps[:, 0] if outputs == 2 else maps[:, 0]
        level, lut = margin / (2 * reading.reach), diverging_lut(view.palette, fills=view.fills)
        level[:, 2] += 0.5
    else:
        level, lut = maps[:, 0] / (reading.high - reading.low), value_lut(view.palette, fills=view.fills)
        level[:, 2] -= reading.low / (reading.high - reading.low)
    shades = _single(level)
    return lambda begin, end: raster.paint_scalar(image, ids, shades, lut, begin, end)


def _single(maps: Float) -> NDArray[np.float32]:
    """Return maps in float32, held where no sum over the pixels overflows: kernels expect finite numbers."""
    return np.clip(np.nan_to_num(maps), -1e30, 1e30).astype(np.float32)


def _liner(image: Pixels, partition: Partition, view: View) -> Callable[[int, int], None]:
    return _stroker(image, plan_lines(partition, view))


def _stroker(image: Pixels, work: Linework) -> Callable[[int, int], None]:
    colors = np.array([pixel(color) for color in work.colors], np.uint32)
    return lambda begin, end: lines.stroke(
        image, work.segments, work.layers, work.opacities, colors, work.widths, begin, end
    )


def _bold(image: Pixels, segments: Float, view: View, look: Bold) -> Callable[[int, int], None]:
    pixels = lines.project(segments, raster.to_pixels(view.bounds, view.width, view.height))
    return _bold_pixels(image, pixels, view, look)


def _bold_pixels(image: Pixels, pixels: Float, view: View, look: Bold) -> Callable[[int, int], None]:
    reach = look.halo_width * view.line_width / 2 + 0.75
    distances = np.full(image.shape, lines.NONE, np.uint8)
    halo_shares = lines.shares(reach, look.halo_width * view.line_width / 2, look.halo_opacity)
    core_shares = lines.shares(reach, look.core_width * view.line_width / 2, 1.0)
    halo, core = pixel(look.halo), pixel(look.core)

    def draw(begin: int, end: int) -> None:
        lines.mark_distance(distances, pixels, reach, begin, end)
        lines.paint_distance(image, distances, halo, core, halo_shares, core_shares, begin, end)

    return draw


def _reused_partition(previous: Picture | None, snapshot: Snapshot, view: View) -> Partition | None:
    if previous is None or previous.snapshot.parameters is not snapshot.parameters:
        return None
    if previous.view.smooth == "melt" or previous.partition.count == 0:
        return None  # It may have been a view without regions.
    decide = ["bounds", "region_budget"]
    if snapshot.network.first_smooth is not None:
        decide += ["smooth", "epsilon"]
    same = all(getattr(previous.view, name) == getattr(view, name) for name in decide)
    old, new = previous.snapshot.experiment, snapshot.experiment
    same_layers = (old.layer_activations, old.ablated) == (new.layer_activations, new.ablated)
    return previous.partition if same and same_layers else None


def _reused_ids(previous: Picture | None, partition: Partition, view: View) -> Ids | None:
    if previous is None or previous.partition is not partition:
        return None
    return previous.region_ids if previous.region_ids.shape == (view.height, view.width) else None


@contextmanager
def _timed(clock: dict[str, float], stage: str) -> Iterator[None]:
    begin = time.perf_counter()
    yield
    clock[stage] = time.perf_counter() - begin


@cache
def _pool(workers: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(workers, thread_name_prefix="picture")


def _in_bands(draw: Callable[[int, int], None], height: int, workers: int) -> None:
    """Call draw(begin, end) for bands of rows that cover the height, on `workers` threads."""
    if workers <= 1:
        draw(0, height)
        return
    cuts = [height * i // workers for i in range(workers + 1)]
    for future in [_pool(workers).submit(draw, begin, end) for begin, end in pairwise(cuts)]:
        future.result()
