"""Marks over a frame: the region under the mouse, pins, rings where someone clicked, keys as caps. Without Qt."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from reluviz.core import lines, raster
from reluviz.core.color import Pixels, pixel
from reluviz.core.palette import PALETTES
from reluviz.core.picture import Picture
from reluviz.core.view import View
from reluviz.studio.lettering import font_of
from reluviz.studio.look import Ink

KEY_SECONDS, RIPPLE_SECONDS = 1.6, 0.6
FADE_SECONDS = 0.3
MOST_CAPS = 6
ARC = 4  # Straight pieces of one bend of the pen: at 4K the widest bend is off by a fifth of a pixel.
_NAMES = {
    **{"Left": "←", "Right": "→", "Up": "↑", "Down": "↓", "Return": "Enter", "PgUp": "Page ↑", "PgDown": "Page ↓"},
    **{"Meta": "Cmd", "Backspace": "⌫", "Del": "Delete"},
}
Float = NDArray[np.float64]


def draw_ring(image: Pixels, picture: Picture, point: tuple[float, float]) -> None:
    """Outline the region that holds a point of the plane, with a halo, as the window does under the mouse."""
    view, partition = picture.view, picture.partition
    xmin, xmax, ymin, ymax = view.bounds
    column = int(np.floor((point[0] - xmin) / (xmax - xmin) * view.width))
    row = int(np.floor((ymax - point[1]) / (ymax - ymin) * view.height))
    if not (0 <= column < view.width and 0 <= row < view.height) or not partition.count:
        return
    region = int(picture.region_ids[row, column])
    if region < 0:
        return
    begin, end = partition.offsets[region : region + 2]
    corners = partition.vertices[begin:end]
    segments = np.concatenate([corners, np.roll(corners, -1, axis=0)], axis=1)
    pixels = lines.project(segments, raster.to_pixels(view.bounds, view.width, view.height))
    palette, scale = PALETTES[view.palette], max(1.0, min(view.width, view.height) / 900)
    layers, opaque = np.zeros(len(pixels), np.int32), np.full(len(pixels), 1.0, np.float32)
    for color, width, opacity in ((palette.halo, 3.5, 0.75), (palette.ink, 1.5, 1.0)):
        widths = np.array([width * scale], np.float32)
        lines.stroke(
            image,
            pixels,
            layers,
            opaque * np.float32(opacity),
            np.array([pixel(color)], np.uint32),
            widths,
            0,
            len(image),
        )


def draw_pins(image: Pixels, view: View, pins: Sequence[tuple[float, float]]) -> None:
    """Draw pinned points with their numbers."""
    sx, ox, sy, oy = raster.to_pixels(view.bounds, view.width, view.height)
    palette, radius = PALETTES[view.palette], max(8.0, min(view.width, view.height) / 75)
    for number, (x, y) in enumerate(pins):
        across, down = sx * x + ox, sy * y + oy
        lay_disc(image, across, down, radius + 1.5, 0.0, pixel(palette.halo), 0.8)
        lay_disc(image, across, down, radius, 0.0, pixel(palette.ink), 1.0)
        mask = _numeral(str(number + 1), round(1.2 * radius))
        row, column = round(down - mask.shape[0] / 2), round(across - mask.shape[1] / 2)
        lay_color(image, mask, row, column, pixel(palette.background))


def draw_ink(image: Pixels, view: View, strokes: Sequence[Ink]) -> None:
    """Draw strokes of a pen over the plane, each with a rim that keeps it visible on any fill."""
    sx, ox, sy, oy = raster.to_pixels(view.bounds, view.width, view.height)
    half, rim = max(1.2, min(view.width, view.height) / 400), max(1.0, min(view.width, view.height) / 500)
    halo, reach = pixel(PALETTES[view.palette].halo), half + rim + 1.0
    for _, color, points in strokes:
        places = _smooth(np.array(points, np.float64).reshape(-1, 2) * (sx, sy) + (ox, oy))
        ends = places[1:] if len(places) > 1 else places + np.array([0.01, 0.0])
        segments = np.concatenate([places[: len(ends)], ends], axis=1)
        distances = np.full(image.shape, lines.NONE, np.uint8)
        rim_shares, ink_shares = lines.shares(reach, half + rim, 0.8), lines.shares(reach, half, 1.0)
        lines.mark_distance(distances, segments, reach, 0, len(image))
        lines.paint_distance(image, distances, halo, pixel(color), rim_shares, ink_shares, 0, len(image))


def _smooth(corners: Float) -> Float:
    """Return a polyline (N, 2) along the curve through the middles of its sides, bent towards its corners.

    The curve is the window's: quadratic Bézier arcs from middle to middle.
    """
    if len(corners) < 3:
        return corners
    middles = 0.5 * (corners[1:-1] + corners[2:])
    begins = np.concatenate([corners[:1], middles[:-1]])
    t = (np.arange(1, ARC + 1) / ARC)[None, :, None]
    arcs = (1 - t) ** 2 * begins[:, None] + 2 * t * (1 - t) * corners[1:-1, None] + t**2 * middles[:, None]
    return np.concatenate([corners[:1], arcs.reshape(-1, 2), corners[-1:]])


def draw_ripple(image: Pixels, x: float, y: float, age: float, palette: str) -> None:
    """Draw a ring around (x, y) in pixels, which grows and fades over RIPPLE_SECONDS; age in seconds."""
    share = min(1.0, max(0.0, age / RIPPLE_SECONDS))
    unit = max(6.0, min(image.shape) / 72)
    grown = 1.0 - (1.0 - share) ** 3
    radius, width = unit * (0.7 + 2.3 * grown), max(1.5, 0.3 * unit * (1.0 - 0.5 * share))
    colors = PALETTES[palette]
    opacity = 1.0 - share**2
    lay_disc(image, x, y, radius + width, radius - 2 * width, pixel(colors.halo), 0.55 * opacity)
    lay_disc(image, x, y, radius, radius - width, pixel(colors.accent), opacity)
    lay_disc(image, x, y, 0.45 * unit, 0.0, pixel(colors.accent), 0.5 * opacity)


def draw_keys(image: Pixels, palette: str, keys: Sequence[tuple[str, float]]) -> None:
    """Draw keys (name such as Ctrl+Z, age in seconds) as lettered caps at the lower right, the newest last.

    Where a frame is not broad, they stand above what counters would cover.
    """
    size = max(10, round(min(image.shape) / 26))
    groups = [(_caps(_words(name), size, palette), _fading(age)) for name, age in keys[-MOST_CAPS:]]
    gap = size
    while groups and sum(plate.shape[1] + gap for (plate, _), _ in groups) > 0.9 * image.shape[1]:
        groups.pop(0)
    high, wide = image.shape
    along = wide - round(1.2 * size) - sum(plate.shape[1] + gap for (plate, _), _ in groups) + gap
    lift = round((1.2 if wide > 1.5 * high else 4.0) * size)
    for (plate, cover), opacity in groups:
        row = high - lift - plate.shape[0]
        _mix(image, plate, cover * opacity, row, along)
        along += plate.shape[1] + gap


def _fading(age: float) -> float:
    return float(min(1.0, max(0.0, (KEY_SECONDS - age) / FADE_SECONDS)))


def _words(name: str) -> tuple[str, ...]:
    """Return the caps of a shortcut; the key + itself stands last."""
    parts = [*name[:-1].rstrip("+").split("+"), "+"] if name.endswith("+") else name.split("+")
    return tuple(_NAMES.get(part, part) for part in parts if part)


@cache
def _caps(words: tuple[str, ...], size: int, palette: str) -> tuple[Pixels, Float]:
    """Return caps side by side (h, w) 0xffRRGGBB, and how much each pixel covers."""
    from PIL import Image, ImageDraw

    colors, over = PALETTES[palette], 4  # Drawn four times as large, so that round corners are smooth.
    font = font_of("SemiBold", size * over)
    pad, high, gap = 0.62 * size * over, round(1.9 * size) * over, 0.3 * size * over
    widths = [max(high, font.getlength(word) + 2 * pad) for word in words]
    total = int(sum(widths) + gap * (len(words) - 1))
    total += -total % over
    depth = max(over, round(0.12 * size) * over)  # The side of the cap that is seen below its top.
    face, mask = Image.new("RGB", (total, high + depth), colors.border), Image.new("L", (total, high + depth), 0)
    draw, cut = ImageDraw.Draw(face), ImageDraw.Draw(mask)
    along, corner, edge = 0.0, 0.35 * size * over, max(over, 0.07 * size * over)
    for word, width in zip(words, widths, strict=True):
        cut.rounded_rectangle((along, 0, along + width - 1, high + depth - 1), corner, fill=255)
        inside = (along + edge, edge, along + width - 1 - edge, high - 1 - edge)
        draw.rounded_rectangle(inside, corner - edge, fill=colors.raised)
        draw.text((along + width / 2, 0.66 * high), word, font=font, fill=colors.ink, anchor="ms")
        along += width + gap
    small = (total // over, (high + depth) // over)
    rgb = np.asarray(face.resize(small, Image.Resampling.BOX), dtype=np.uint32)
    cover = np.asarray(mask.resize(small, Image.Resampling.BOX), dtype=np.float64) / 255.0
    return (0xFF000000 | rgb[..., 0] << 16 | rgb[..., 1] << 8 | rgb[..., 2]).astype(np.uint32), cover


@cache
def _numeral(text: str, size: int) -> Float:
    from PIL import Image, ImageDraw

    font = font_of("SemiBold", size)
    plate = Image.new("L", (int(font.getlength(text)) + 2, size + 2), 0)
    ImageDraw.Draw(plate).text((plate.width / 2, plate.height / 2), text, font=font, fill=255, anchor="mm")
    return np.asarray(plate, dtype=np.float64) / 255.0


def lay_disc(image: Pixels, x: float, y: float, outer: float, inner: float, color: int, opacity: float) -> None:
    """Blend a disc with a hole, edges smooth over a pixel."""
    height, width = image.shape
    if not (np.isfinite(x) and np.isfinite(y) and -outer < x < width + outer and -outer < y < height + outer):
        return
    top, bottom = max(0, int(y - outer - 1)), min(height, int(y + outer + 2))
    left, right = max(0, int(x - outer - 1)), min(width, int(x + outer + 2))
    rows, columns = np.arange(top, bottom)[:, None] + 0.5 - y, np.arange(left, right)[None, :] + 0.5 - x
    away = np.sqrt(rows * rows + columns * columns)
    cover = np.clip(outer - away + 0.5, 0.0, 1.0)
    if inner > 0.0:
        cover *= np.clip(away - inner + 0.5, 0.0, 1.0)
    lay_color(image, opacity * cover, top, left, color)


def lay_color(image: Pixels, cover: Float, row: int, column: int, color: int) -> None:
    """Blend a colour over the image by `cover` (h, w) in 0..1, its upper left corner at a place."""
    _mix(image, np.full(cover.shape, color | 0xFF000000, np.uint32), cover, row, column)


def _mix(image: Pixels, above: Pixels, cover: Float, row: int, column: int) -> None:
    """Blend `above` (h, w) over the image with its upper left corner at a place; what lies outside is cut off."""
    top, left = max(0, -row), max(0, -column)
    below = image[row + top : row + above.shape[0], column + left : column + above.shape[1]]
    if not below.size:
        return
    cut = (slice(top, top + below.shape[0]), slice(left, left + below.shape[1]))
    above, cover = above[cut], cover[cut]
    mixed = np.full(below.shape, 0xFF000000, np.uint32)
    for shift in (16, 8, 0):
        over, under = above >> shift & 255, below >> shift & 255
        mixed |= np.rint(over * cover + under * (1.0 - cover)).astype(np.uint32) << shift
    below[...] = mixed
