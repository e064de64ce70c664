"""SVG files of a partition: true polygons, lines and markers, as the picture of the same view shows them."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reluviz.core import lines, raster
from reluviz.core.boundary import decision_boundary
from reluviz.core.color import Pixels, to_text
from reluviz.core.coloring import COLORINGS, ring_centers
from reluviz.core.dataset import Dataset
from reluviz.core.linework import Bold, boundary_look, plan_lines, unit_line, unit_look
from reluviz.core.luts import diverging_lut, margin_luts, value_lut
from reluviz.core.markers import MARKERS, marker_radius, point_colors, point_kinds, rim_width, ring_width, shown_points
from reluviz.core.palette import PALETTES
from reluviz.core.partition import Partition
from reluviz.core.reading import Reading
from reluviz.core.view import View
from reluviz.core.whole_file import write_whole

Float = NDArray[np.float64]
Ring = list[tuple[float, float]]
OPACITY_STEPS = 32
_FEWEST_STOPS, _MOST_STOPS = 2, 24


def write_svg(
    partition: Partition,
    path: str | Path,
    view: View | None = None,
    *,
    reading: Reading | None = None,
    dataset: Dataset | None = None,
    with_test: bool = True,
) -> None:
    """Write `partition` as SVG to `path`. Raises OSError where that cannot be written, and leaves what was there.

    `view` gives size in pixels, colouring, lines and palette; its default is 900 pixels wide and shows patterns. Every
    region is one polygon; shaded predictions become linear gradients along the region's own gradient, a region where
    classes change being cut into its parts first. `dataset` adds its points.
    """
    view = default_view(partition) if view is None else view
    reading = Reading() if reading is None else reading
    write_whole(Path(path), "\n".join(svg_lines(partition, view, reading, dataset, with_test)).encode())


def default_view(partition: Partition) -> View:
    """Return the view of all of a partition, 900 pixels wide with square units."""
    xmin, xmax, ymin, ymax = partition.bounds
    height = round(900 * (ymax - ymin) / (xmax - xmin))
    return View(partition.bounds, 900, min(9000, max(1, height)), palette="light")


def svg_lines(
    partition: Partition, view: View, reading: Reading, dataset: Dataset | None, with_test: bool
) -> Iterator[str]:
    """Yield the document's lines, those of regions one by one."""
    width, height, theme = view.width, view.height, PALETTES[view.palette]
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">')
    xmin, xmax, ymin, ymax = partition.bounds
    yield f"<title>{partition.count} activation regions</title>"
    box = f"x from {xmin:.9g} to {xmax:.9g}, y from {ymin:.9g} to {ymax:.9g}."
    yield f"<desc>{escape(' '.join([COLORINGS[view.coloring].help, box, partition.message]).strip())}</desc>"
    yield f'<rect width="{width}" height="{height}" fill="{theme.canvas}"/>'
    yield f'<clipPath id="view"><rect width="{width}" height="{height}"/></clipPath>'
    yield '<g clip-path="url(#view)">'
    if partition.count:
        yield from _fills(partition, view, reading)
        if view.lines != "none":
            yield from _lines(partition, view)
        yield from _bold(unit_line(partition, view), view, unit_look(theme, view), "unit")
        if view.boundary and reading.is_classes:
            yield from _bold(decision_boundary(partition), view, boundary_look(theme), "boundary")
    if dataset is not None:
        yield from _points(dataset, view, with_test)
    yield "</g>"
    yield "</svg>"


def _fills(partition: Partition, view: View, reading: Reading) -> Iterator[str]:
    """One polygon per region; a hairline of its own colour closes the seams that viewers leave between neighbours."""
    yield '<g id="regions" stroke-width="0.4" stroke-linejoin="round">'
    corners = places_in_pixels(partition.vertices, view)
    rings = [
        [(float(x), float(y)) for x, y in corners[begin:end]]
        for begin, end in zip(partition.offsets[:-1], partition.offsets[1:], strict=True)
    ]
    if COLORINGS[view.coloring].shaded and partition.truncated_at is None:
        yield from _shaded(partition, rings, view, reading)
    else:
        for ring, color in zip(rings, COLORINGS[view.coloring].colors(partition, view), strict=True):
            yield _polygon(ring, to_text(color))
    yield "</g>"


def _shaded(partition: Partition, rings: list[Ring], view: View, reading: Reading) -> Iterator[str]:
    """Polygons with gradients: in each part the shown quantity is affine, so a linear gradient says it exactly."""
    maps = raster.affine_in_pixels(partition.gradients, partition.intercepts, view.bounds, view.width, view.height)
    outputs = maps.shape[1]
    if not reading.is_classes and outputs == 3:
        low, high = reading.low, reading.high
        values = np.einsum("rki,ri->rk", partition.gradients, ring_centers(partition)) + partition.intercepts
        levels = np.rint(np.clip((values - low) / (high - low), 0, 1) * 255).astype(int)
        for ring, (red, green, blue) in zip(rings, levels.tolist(), strict=True):
            yield _polygon(ring, f"#{red:02x}{green:02x}{blue:02x}")
        return
    ramps = ramps_of(view, reading, outputs)
    number = 0
    for ring, region_maps in zip(rings, maps, strict=True):
        for part, shown, lut in shaded_parts(ring, region_maps, reading, ramps):
            fill, definition = _gradient(part, shown, lut, f"g{number}")
            if definition:
                yield definition
                number += 1
            yield _polygon(part, fill)


def ramps_of(view: View, reading: Reading, outputs: int) -> list[Pixels]:
    """Return the ramps that shade a prediction: one, or one per class."""
    if not reading.is_classes:
        return [value_lut(view.palette, fills=view.fills)]
    if outputs <= 2:
        return [diverging_lut(view.palette, fills=view.fills)]
    return list(margin_luts(view.palette, outputs, fills=view.fills))


def shaded_parts(
    ring: Ring, maps: Float, reading: Reading, ramps: list[Pixels]
) -> Iterator[tuple[Ring, Float, Pixels]]:
    """Yield parts of a region with the affine map (3,) in pixels whose values 0..1 run over a ramp."""
    if not reading.is_classes:
        yield ring, (maps[0] - (0.0, 0.0, reading.low)) / (reading.high - reading.low), ramps[0]
    elif len(maps) <= 2:
        margin = maps[0] if len(maps) == 1 else maps[1] - maps[0]
        yield ring, margin / (2 * reading.reach) + (0.0, 0.0, 0.5), ramps[0]
    else:
        for first in range(len(maps)):
            won = _clip(ring, [maps[first] - other for k, other in enumerate(maps) if k != first])
            for second in range(len(maps)):
                if second == first or len(won) < 3:
                    continue
                others = [maps[second] - maps[k] for k in range(len(maps)) if k not in (first, second)]
                part = _clip(won, others)
                if len(part) >= 3:
                    yield part, (maps[first] - maps[second]) / reading.reach, ramps[first]


def _clip(ring: Ring, maps: list[Float]) -> Ring:
    """Return the part of a convex ring where every affine map (3,) is at least 0 (Sutherland and Hodgman 1974)."""
    for gx, gy, c in maps:
        if not ring:
            break
        kept: Ring = []
        values = [gx * x + gy * y + c for x, y in ring]
        for i, ((x1, y1), after) in enumerate(zip(ring, values, strict=True)):
            (x0, y0), before = ring[i - 1], values[i - 1]
            if (before >= 0) != (after >= 0):
                t = before / (before - after)
                kept.append((x0 + t * (x1 - x0), y0 + t * (y1 - y0)))
            if after >= 0:
                kept.append((x1, y1))
        ring = kept
    return ring


@dataclass(frozen=True)
class Ramp:
    """A ramp's levels across a polygon: `low` at (x0, y0) to `high` at (x1, y1); beyond 0..1 its end colours hold."""

    place: tuple[float, float, float, float]
    low: float
    high: float


def lay_ramp(ring: Ring, shown: Float, lut: Pixels) -> Ramp | int:
    """Return how a ramp shows an affine quantity (3,) in a polygon, or the one colour that it has there."""
    gx, gy, c = (float(v) for v in shown)
    values = [gx * x + gy * y + c for x, y in ring]
    low, high = min(values), max(values)
    first, last = (round(min(1.0, max(0.0, level)) * (len(lut) - 1)) for level in (low, high))
    if lut[first] == lut[last]:
        return int(lut[(first + last) // 2])
    steepness = gx * gx + gy * gy
    x0, y0 = ring[values.index(low)]
    x1, y1 = x0 + gx * (high - low) / steepness, y0 + gy * (high - low) / steepness
    return Ramp((x0, y0, x1, y1), low, high)


def _gradient(ring: Ring, shown: Float, lut: Pixels, name: str) -> tuple[str, str]:
    """Return a polygon's fill, and the linear gradient it names where one colour does not do."""
    ramp = lay_ramp(ring, shown, lut)
    if isinstance(ramp, int):
        return to_text(ramp), ""
    # Beyond the ramp colours hold: stops cover the part of low..high that lies on it.
    begin, end = min(1.0, max(0.0, ramp.low)), min(1.0, max(0.0, ramp.high))
    first, last = (round(level * (len(lut) - 1)) for level in (begin, end))
    seen = len(np.unique(lut[first : last + 1]))
    levels = np.linspace(begin, end, int(np.clip(seen // 6, _FEWEST_STOPS, _MOST_STOPS)))
    colors = [to_text(lut[round(level * (len(lut) - 1))]) for level in levels.tolist()]
    offsets = ((levels - ramp.low) / (ramp.high - ramp.low)).tolist()
    stops = "".join(
        f'<stop offset="{offset:.4f}" stop-color="{color}"/>' for offset, color in zip(offsets, colors, strict=True)
    )
    x0, y0, x1, y1 = ramp.place
    place = f'x1="{pixel_number(x0)}" y1="{pixel_number(y0)}" x2="{pixel_number(x1)}" y2="{pixel_number(y1)}"'
    return (
        f"url(#{name})",
        f'<linearGradient id="{name}" gradientUnits="userSpaceOnUse" {place}>{stops}</linearGradient>',
    )


def _polygon(ring: Ring, fill: str) -> str:
    points = " ".join(f"{pixel_number(x)},{pixel_number(y)}" for x, y in ring)
    return f'<polygon points="{points}" fill="{fill}" stroke="{fill}"/>'


def _lines(partition: Partition, view: View) -> Iterator[str]:
    """One path per layer and step of opacity, deep layers first."""
    work = plan_lines(partition, view)
    steps = np.rint(work.opacities * OPACITY_STEPS).astype(np.int64)
    yield '<g id="lines" fill="none">'
    for layer in range(len(work.colors) - 1, -1, -1):
        for step in range(1, OPACITY_STEPS + 1):
            pieces = work.segments[(work.layers == layer) & (steps == step)]
            if len(pieces):
                share = lines.narrowing(step / OPACITY_STEPS)
                look = f'stroke="{work.colors[layer]}" stroke-width="{work.widths[layer] * share:.3g}"'
                yield f'<path d="{_path(pieces)}" {look} stroke-opacity="{step / OPACITY_STEPS / share:.3g}"/>'
    yield "</g>"


def _bold(segments: Float, view: View, look: Bold, name: str) -> Iterator[str]:
    if len(segments) == 0:
        return
    path = _path(places_in_pixels(segments.reshape(-1, 2), view).reshape(-1, 4))
    yield f'<g id="{name}" fill="none" stroke-linecap="round">'
    width, halo = look.core_width * view.line_width, look.halo_width * view.line_width
    yield f'<path d="{path}" stroke="{look.halo}" stroke-width="{halo:.3g}" stroke-opacity="{look.halo_opacity}"/>'
    yield f'<path d="{path}" stroke="{look.core}" stroke-width="{width:.3g}"/>'
    yield "</g>"


def _path(segments: Float) -> str:
    return "".join(
        f"M{pixel_number(x0)} {pixel_number(y0)}L{pixel_number(x1)} {pixel_number(y1)}"
        for x0, y0, x1, y1 in segments.tolist()
    )


def _points(dataset: Dataset, view: View, with_test: bool) -> Iterator[str]:
    """Training points filled with a rim, test points hollow."""
    radius, halo = marker_radius(view.width, view.height), PALETTES[view.palette].halo
    chosen = shown_points(dataset, with_test)
    places = places_in_pixels(dataset.points[chosen], view)
    kinds, colors = point_kinds(dataset)[chosen], point_colors(dataset, view.palette, view.fills)[chosen]
    yield '<g id="points" stroke-linejoin="round">'
    for (x, y), kind, color, is_train in zip(places, kinds, colors, dataset.is_train[chosen], strict=True):
        if not (-radius <= x <= view.width + radius and -radius <= y <= view.height + radius):
            continue
        rim, ring = rim_width(radius), ring_width(radius)
        # A stroke lies half on each side of its outline: the rim all outside the marker, the ring all inside.
        reach = radius + rim / 2 if is_train else radius - ring / 2
        outline = " ".join(
            f"{pixel_number(x + reach * u)},{pixel_number(y + reach * v)}" for u, v in MARKERS[kind].outline
        )
        style = (
            f'fill="{to_text(color)}" stroke="{halo}" stroke-width="{rim:.3g}"'
            if is_train
            else f'fill="{halo}" fill-opacity="0.62" stroke="{to_text(color)}" stroke-width="{ring:.3g}"'
        )
        yield f'<polygon class="point" points="{outline}" {style}/>'
    yield "</g>"


def places_in_pixels(points: Float, view: View) -> Float:
    """Return (column, row) (N, 2) of points of the plane."""
    sx, ox, sy, oy = raster.to_pixels(view.bounds, view.width, view.height)
    result: Float = points * (sx, sy) + (ox, oy)
    return result


def pixel_number(value: float) -> str:
    """A pixel coordinate to a ten-thousandth of a pixel, without trailing zeros."""
    return f"{value:.4f}".rstrip("0").rstrip(".")
