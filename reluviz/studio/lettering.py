"""letter: a title and counters written into a frame, without Qt."""

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from reluviz.core.color import Pixels
from reluviz.core.palette import PALETTES
from reluviz.core.resources import resource

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

PLATE_OPACITY = 0.82


def letter(image: Pixels, palette: str, title: str = "", counters: tuple[tuple[str, str], ...] = ()) -> None:
    """Write into image (H, W) in place: `title` at the top left, counters (label, value) in columns at the bottom left.

    Sizes follow the frame's height: 30 pixels for a title at 720. Columns do not move while numbers change.
    """
    height, width = image.shape
    size = max(9, round(min(height, width) / 24))
    margin = size
    if title:
        plate = _title_plate(title, size, width - 2 * margin, palette)
        _lay(image, plate, margin, margin)
    if counters:
        plate = _counter_plate(counters, round(0.8 * size), width - 2 * margin, palette)
        _lay(image, plate, height - margin - plate.shape[0], margin)


@cache
def font_of(name: str, size: int) -> "FreeTypeFont":
    """Return the bundled Inter in a weight (Regular, SemiBold) and a size in pixels."""
    from PIL import ImageFont

    return ImageFont.truetype(str(resource(f"fonts/Inter-{name}.otf")), size)


@cache
def _title_plate(title: str, size: int, widest: int, palette: str) -> Pixels:
    """Return the plate (h, w) uint32 of a title; one too wide for the frame ends in dots."""
    font = font_of("SemiBold", size)
    text = title
    while text and font.getlength(text) > widest - 1.2 * size:
        text = text[:-2].rstrip("… ") + "…" if len(text) > 2 else ""
    return _plate([(text, "SemiBold", "ink", 0.0)], size, font.getlength(text), palette)


def _counter_plate(counters: tuple[tuple[str, str], ...], size: int, widest: int, palette: str) -> Pixels:
    """Return the plate of as many counters as fit, each in a column as wide as its widest number so far would be."""
    words: list[tuple[str, str, str, float]] = []
    along = 0.0
    for label, value in counters:
        # Every digit as wide as the widest, so that the next column stays where it is while numbers count.
        room = font_of("SemiBold", size).getlength(
            "".join("0" if sign.isdigit() else sign for sign in value.rjust(6, "0"))
        )
        begin = along + (1.4 * size if words else 0.0)
        after = begin + font_of("Regular", size).getlength(f"{label} ") + 0.2 * size
        if after + room > widest - 1.2 * size:
            break
        words += [(label, "Regular", "muted", begin), (value, "SemiBold", "ink", after)]
        along = after + room
    return _plate(words, size, along, palette)


def _plate(words: list[tuple[str, str, str, float]], size: int, length: float, palette: str) -> Pixels:
    """Return words (text, weight, colour, place along) on the palette's surface, (h, w) uint32 0xffRRGGBB."""
    from PIL import Image, ImageDraw

    colors, pad = PALETTES[palette], round(0.6 * size)
    plate = Image.new("RGB", (int(length) + 2 * pad + 1, round(1.9 * size)), colors.surface)
    draw = ImageDraw.Draw(plate)
    for text, weight, color, along in words:
        place = (pad + along, round(1.3 * size))
        draw.text(place, text, font=font_of(weight, size), fill=getattr(colors, color), anchor="ls")
    rgb = np.asarray(plate, dtype=np.uint32)
    return (0xFF000000 | rgb[..., 0] << 16 | rgb[..., 1] << 8 | rgb[..., 2]).astype(np.uint32)


def _lay(image: Pixels, plate: Pixels, row: int, column: int) -> None:
    """Blend a plate over the image; its lettering covers, its ground lets the regions through a little."""
    below = image[max(row, 0) : row + plate.shape[0], column : column + plate.shape[1]]
    above = plate[: below.shape[0], : below.shape[1]]
    ground = plate[0, 0]
    share = np.where(above == ground, np.uint32(round(256 * PLATE_OPACITY)), np.uint32(256))
    mixed = np.full(below.shape, 0xFF000000, np.uint32)
    for shift in (16, 8, 0):
        over, under = above >> shift & 255, below >> shift & 255
        mixed |= (over * share + under * (256 - share) >> 8) << shift
    below[...] = mixed
