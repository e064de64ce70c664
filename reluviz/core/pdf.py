"""PDF files of a partition: one page, every region a true polygon, as the picture of the same view shows it.

Written by hand after ISO 32000-1 (2008): what is needed are paths, colours, axial shadings and opacities, no fonts.
"""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reluviz.core import lines, raster
from reluviz.core.boundary import decision_boundary
from reluviz.core.color import Pixels, pixel
from reluviz.core.coloring import COLORINGS, ring_centers
from reluviz.core.dataset import Dataset
from reluviz.core.linework import Bold, boundary_look, plan_lines, unit_line, unit_look
from reluviz.core.markers import MARKERS, marker_radius, point_colors, point_kinds, rim_width, ring_width, shown_points
from reluviz.core.palette import PALETTES
from reluviz.core.partition import Partition
from reluviz.core.reading import Reading
from reluviz.core.vector import (
    OPACITY_STEPS,
    Ramp,
    Ring,
    lay_ramp,
    pixel_number,
    places_in_pixels,
    ramps_of,
    shaded_parts,
)
from reluviz.core.view import View

Float = NDArray[np.float64]
POINTS_PER_PIXEL = 0.75
SEAM = 0.4
"""Width in pixels of a region's outline in its own colour: viewers leave seams between neighbours without."""
FIRST_RAMP = 5
"""The number of the first ramp's object: catalogue, pages, page and content come before."""
_SAMPLES = 1024


@dataclass
class _Resources:
    """What the page's content names: shadings by their ramp and place, opacities."""

    ramps: list[Pixels] = field(default_factory=list)
    shadings: list[str] = field(default_factory=list)
    opacities: dict[str, str] = field(default_factory=dict)

    def shading(self, lut: Pixels, ramp: Ramp) -> str:
        """Return the name of a shading: all with one ramp share its function, whose ends hold beyond 0..1."""
        index = next((i for i, known in enumerate(self.ramps) if known is lut), len(self.ramps))
        if index == len(self.ramps):
            self.ramps.append(lut)
        coordinates = " ".join(pixel_number(value) for value in ramp.place)
        self.shadings.append(
            "<</ShadingType 2/ColorSpace/DeviceRGB/Extend[true true]"
            f"/Coords[{coordinates}]/Domain[{ramp.low:.6f} {ramp.high:.6f}]/Function {FIRST_RAMP + index} 0 R>>"
        )
        return f"/S{len(self.shadings) - 1}"

    def opacity(self, value: float) -> str:
        """Return the name of an opacity."""
        text = f"{min(1.0, value):.3f}"
        return self.opacities.setdefault(text, f"/G{len(self.opacities)}")


def pdf_bytes(
    partition: Partition,
    view: View,
    reading: Reading,
    dataset: Dataset | None,
    with_test: bool,
    report: Callable[[int], bool] | None = None,
) -> bytes | None:
    """Return the file's bytes, None where `report`, called with the number of parts written so far, said to stop."""
    resources, packer, packed = _Resources(), zlib.compressobj(), bytearray()
    for number, part in enumerate(_content(partition, view, reading, dataset, with_test, resources)):
        if report is not None and number % 500 == 0 and not report(number):
            return None
        packed += packer.compress(part.encode("ascii") + b"\n")
    packed += packer.flush()
    return _assemble(view, bytes(packed), resources, f"{partition.count} activation regions")


def _content(
    partition: Partition, view: View, reading: Reading, dataset: Dataset | None, with_test: bool, use: _Resources
) -> Iterator[str]:
    width, height, theme = view.width, view.height, PALETTES[view.palette]
    # Pixels from the upper left corner, as in all other pictures.
    yield f"{POINTS_PER_PIXEL} 0 0 -{POINTS_PER_PIXEL} 0 {height * POINTS_PER_PIXEL:g} cm"
    yield f"0 0 {width} {height} re W n"
    yield f"{_rgb(pixel(theme.canvas))} rg 0 0 {width} {height} re f"
    if partition.count:
        yield from _fills(partition, view, reading, use)
        if view.lines != "none":
            yield from _lines(partition, view, use)
        yield from _bold(unit_line(partition, view), view, unit_look(theme, view), use)
        if view.boundary and reading.is_classes:
            yield from _bold(decision_boundary(partition), view, boundary_look(theme), use)
    if dataset is not None:
        yield from _points(dataset, view, with_test, use)


def _fills(partition: Partition, view: View, reading: Reading, use: _Resources) -> Iterator[str]:
    yield f"{SEAM} w 1 j"
    corners = places_in_pixels(partition.vertices, view)
    offsets = partition.offsets.tolist()
    rings: list[Ring] = [[(float(x), float(y)) for x, y in corners[begin:end]] for begin, end in pairwise(offsets)]
    if not COLORINGS[view.coloring].shaded or partition.truncated_at is not None:
        for ring, color in zip(rings, COLORINGS[view.coloring].colors(partition, view).tolist(), strict=True):
            yield _flat(ring, color)
        return
    maps = raster.affine_in_pixels(partition.gradients, partition.intercepts, view.bounds, view.width, view.height)
    outputs = maps.shape[1]
    if not reading.is_classes and outputs == 3:
        values = np.einsum("rki,ri->rk", partition.gradients, ring_centers(partition)) + partition.intercepts
        levels = np.clip((values - reading.low) / (reading.high - reading.low), 0, 1)
        for ring, (red, green, blue) in zip(rings, np.rint(255 * levels).astype(int).tolist(), strict=True):
            yield _flat(ring, red << 16 | green << 8 | blue)
        return
    ramps = ramps_of(view, reading, outputs)
    for ring, region_maps in zip(rings, maps, strict=True):
        for part, shown, lut in shaded_parts(ring, region_maps, reading, ramps):
            laid = lay_ramp(part, shown, lut)
            if isinstance(laid, int):
                yield _flat(part, laid)
                continue
            # The seam in the middle's colour first, then the shading clipped to the polygon.
            middle = min(1.0, max(0.0, (laid.low + laid.high) / 2))
            color = int(lut[round(middle * (len(lut) - 1))])
            yield f"{_flat(part, color)} q {_path(part)} W n {use.shading(lut, laid)} sh Q"


def _lines(partition: Partition, view: View, use: _Resources) -> Iterator[str]:
    """One path per layer and step of opacity, deep layers first."""
    work = plan_lines(partition, view)
    steps = np.rint(work.opacities * OPACITY_STEPS).astype(np.int64)
    for layer in range(len(work.colors) - 1, -1, -1):
        yield f"{_rgb(pixel(work.colors[layer]))} RG"
        for step in range(1, OPACITY_STEPS + 1):
            pieces = work.segments[(work.layers == layer) & (steps == step)]
            if len(pieces):
                share = lines.narrowing(step / OPACITY_STEPS)
                width = f"{work.widths[layer] * share:.3g} w"
                yield f"q {use.opacity(step / OPACITY_STEPS / share)} gs {width} {_segments(pieces)} S Q"


def _bold(segments: Float, view: View, look: Bold, use: _Resources) -> Iterator[str]:
    if len(segments) == 0:
        return
    path = _segments(places_in_pixels(segments.reshape(-1, 2), view).reshape(-1, 4))
    core, halo = look.core_width * view.line_width, look.halo_width * view.line_width
    yield f"q 1 J {_rgb(pixel(look.halo))} RG {halo:.3g} w {use.opacity(look.halo_opacity)} gs {path} S Q"
    yield f"q 1 J {_rgb(pixel(look.core))} RG {core:.3g} w {path} S Q"


def _points(dataset: Dataset, view: View, with_test: bool, use: _Resources) -> Iterator[str]:
    """Training points filled with a rim, test points hollow."""
    radius, halo = marker_radius(view.width, view.height), _rgb(pixel(PALETTES[view.palette].halo))
    chosen = shown_points(dataset, with_test)
    places = places_in_pixels(dataset.points[chosen], view)
    kinds, colors = point_kinds(dataset)[chosen], point_colors(dataset, view.palette, view.fills)[chosen].tolist()
    faint = use.opacity(0.62)
    yield "1 j"
    for place, kind, color, is_train in zip(places, kinds, colors, dataset.is_train[chosen].tolist(), strict=True):
        if not (-radius <= place[0] <= view.width + radius and -radius <= place[1] <= view.height + radius):
            continue
        rim, ring = rim_width(radius), ring_width(radius)
        reach = radius + rim / 2 if is_train else radius - ring / 2
        path = _path((place + reach * MARKERS[kind].outline).tolist())
        if is_train:
            yield f"{_rgb(color)} rg {halo} RG {rim:.3g} w {path} b"
        else:
            yield f"q {faint} gs {halo} rg {path} f Q {_rgb(color)} RG {ring:.3g} w {path} s"


def _flat(ring: Ring, color: int) -> str:
    rgb = _rgb(color)
    return f"{rgb} rg {rgb} RG {_path(ring)} b"


def _path(ring: Any) -> str:
    moves = " ".join(f"{pixel_number(x)} {pixel_number(y)} l" for x, y in ring[1:])
    return f"{pixel_number(ring[0][0])} {pixel_number(ring[0][1])} m {moves} h"


def _segments(segments: Float) -> str:
    return " ".join(
        f"{pixel_number(x0)} {pixel_number(y0)} m {pixel_number(x1)} {pixel_number(y1)} l"
        for x0, y0, x1, y1 in segments.tolist()
    )


def _rgb(color: int) -> str:
    return " ".join(f"{(color >> shift & 255) / 255:.4g}" for shift in (16, 8, 0))


def _assemble(view: View, content: bytes, use: _Resources, title: str) -> bytes:
    """Return the file: catalogue, pages, page, content, ramps and shadings, table of where each object begins."""
    size = f"{view.width * POINTS_PER_PIXEL:g} {view.height * POINTS_PER_PIXEL:g}"
    first = FIRST_RAMP + len(use.ramps)
    shadings = "".join(f"/S{i} {first + i} 0 R" for i in range(len(use.shadings)))
    opacities = "".join(f"{name}<</CA {value}/ca {value}>>" for value, name in use.opacities.items())
    page = (
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {size}]/Contents 4 0 R"
        f"/Resources<</Shading<<{shadings}>>/ExtGState<<{opacities}>>>>>>"
    )
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", page.encode("ascii")]
    objects.append(_stream("/Filter/FlateDecode", content))
    objects += [_ramp(ramp) for ramp in use.ramps]
    objects += [shading.encode("ascii") for shading in use.shadings]
    objects.append(f"<</Title({title})/Producer(reluviz)>>".encode("ascii"))
    file, starts = bytearray(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(objects, 1):
        starts.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(file)
    file += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    file += b"".join(b"%010d 00000 n \n" % start for start in starts)
    file += b"trailer\n<</Size %d/Root 1 0 R/Info %d 0 R>>\n" % (len(objects) + 1, len(objects))
    file += b"startxref\n%d\n%%%%EOF\n" % table
    return bytes(file)


def _stream(entries: str, data: bytes) -> bytes:
    return f"<<{entries}/Length {len(data)}>>\nstream\n".encode("ascii") + data + b"\nendstream"


def _ramp(ramp: Pixels) -> bytes:
    """Return a ramp as a sampled function of its level 0..1."""
    picked = ramp[np.linspace(0, len(ramp) - 1, min(_SAMPLES, len(ramp))).round().astype(np.int64)]
    data = np.stack([picked >> shift & 255 for shift in (16, 8, 0)], axis=1).astype(np.uint8).tobytes()
    entries = f"/FunctionType 0/Domain[0 1]/Range[0 1 0 1 0 1]/Size[{len(picked)}]/BitsPerSample 8"
    return _stream(f"{entries}/Filter/FlateDecode", zlib.compress(data))
