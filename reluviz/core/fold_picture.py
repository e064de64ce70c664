"""draw_fold: a folded plane as layered translucent paper, with its bent lines and the number of layers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reluviz.core import layered_paper
from reluviz.core.color import Pixels, from_oklab, pack, pixel, to_oklab, unpack
from reluviz.core.fold import Fold
from reluviz.core.kernel import kernel
from reluviz.core.lines import measure_ink, stroke, thin_out
from reluviz.core.memory import reserve
from reluviz.core.palette import PALETTES

Float = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FoldPicture:
    """image (H, W) uint32 0xffRRGGBB, row 0 on top; overlap (H, W) float32, how many regions lie at each pixel.

    transform (scale, column of 0, row of 0): column = scale * a + transform[1], row = transform[2] - scale * b.
    """

    image: Pixels
    overlap: NDArray[np.float32]
    transform: tuple[float, float, float]

    def to_pixels(self, places: Float) -> Float:
        """Return (column, row) (N, 2) of places (N, 2) of the folded plane."""
        scale, x, y = self.transform
        return np.column_stack([places[:, 0] * scale + x, y - places[:, 1] * scale])


def draw_fold(
    folded: Fold,
    colors: Pixels,
    width: int,
    height: int,
    *,
    palette: str = "dark",
    frame: tuple[float, float, float] | None = None,
    opacity: float = 0.55,
    line_width: float = 1.15,
    lines: float = 1.0,
) -> FoldPicture:
    """Paint a fold with region colours (count,); `opacity` is that of a single layer, `lines` (0..1) their strength.

    frame (center across, center up, half side) is what fits the picture, the fold's own if absent.
    """
    theme = PALETTES[palette]
    x, y, half = folded.frame if frame is None else frame
    scale = 0.46 * min(width, height) / half
    transform = (scale, 0.5 * width - x * scale, 0.5 * height + y * scale)
    places = np.empty_like(folded.vertices)
    np.multiply(folded.vertices[:, 0], scale, out=places[:, 0])
    places[:, 0] += transform[1]
    np.multiply(folded.vertices[:, 1], -scale, out=places[:, 1])
    places[:, 1] += transform[2]
    image, overlap = reserve((height, width), np.uint32), reserve((height, width), np.float32)
    image.fill(pixel(theme.canvas))
    sums = reserve((height, width + 2, 2), np.int64)
    sums.fill(0)
    offsets = folded.partition.offsets
    layered_paper.pile_up(sums, places, offsets, paper_colors(colors, folded.turned, theme.is_dark))
    clear = (1.0 - opacity) ** (np.arange(16 * 64) / 16.0)
    layered_paper.resolve_pile(image, overlap, sums, (1.0 - clear).astype(np.float32))
    if lines > 0:
        _draw_lines(image, folded, places, palette, line_width, lines)
    return FoldPicture(image, overlap, transform)


def paper_colors(colors: Pixels, turned: NDArray[np.bool_], is_dark: bool) -> Pixels:
    """Return region colours as paper: lifted off a dark canvas, and the back of a turned region a little greyer."""
    lab = to_oklab(unpack(colors))
    lightness = lab[:, 0] * 1.16 + 0.10 if is_dark else lab[:, 0] * 0.94
    chroma = np.where(turned, 0.75, 1.25)
    lightness = np.where(turned, lightness * 0.86, lightness)
    return pack(from_oklab(np.column_stack([lightness, lab[:, 1:] * chroma[:, None]])))


def _draw_lines(image: Pixels, folded: Fold, places: Float, palette: str, line_width: float, strength: float) -> None:
    theme = PALETTES[palette]
    partition = folded.partition
    height, width = image.shape
    depth = len(theme.lines)
    segments, layers = _ring_lines(
        places, partition.vertices, partition.offsets, partition.edge_of, partition.edges, partition.edge_layers, depth
    )
    full = np.ones(len(segments), np.float32)
    ink = measure_ink(segments, layers, full, depth + 1, width, height)
    limits = np.full(depth + 1, 0.13 / line_width, np.float32)
    alphas = thin_out(segments, layers, full, ink, limits)
    alphas *= np.array([0.85, 0.7, 0.6, 0.55, 0.5, 0.5, 0.5, 0.5, 0.5], np.float32)[layers]
    alphas *= np.float32(strength * (1.0 if theme.is_dark else 0.62))
    colors = np.array([*(pixel(color) for color in theme.lines), pixel(theme.muted)], np.uint32)
    widths = np.full(depth + 1, line_width, np.float32)
    stroke(image, segments, layers, alphas, colors, widths, 0, height)


@kernel
def _ring_lines(
    places: Float,
    vertices: Float,
    offsets: NDArray[np.int64],
    edge_of: NDArray[np.int32],
    edges: Float,
    edge_layers: NDArray[np.int32],
    depth: int,
) -> tuple[Float, NDArray[np.int32]]:
    """Return the mapped lines (S, 4), each from the one side that has the higher piece, and their layers (S,).

    A cut has its higher piece on its left, as a counter-clockwise ring has its inside: on that side both run alike. The
    box's sides get the layer `depth`.
    """
    segments, layers = np.empty((len(places), 4)), np.empty(len(places), np.int32)
    count = 0
    for region in range(len(offsets) - 1):
        begin, end = offsets[region], offsets[region + 1]
        for i in range(begin, end):
            j = begin if i + 1 == end else i + 1
            edge = edge_of[i]
            if edge >= 0:
                along = (vertices[j, 0] - vertices[i, 0]) * (edges[edge, 2] - edges[edge, 0])
                along += (vertices[j, 1] - vertices[i, 1]) * (edges[edge, 3] - edges[edge, 1])
                if along <= 0.0:
                    continue
            segments[count, 0], segments[count, 1] = places[i, 0], places[i, 1]
            segments[count, 2], segments[count, 3] = places[j, 0], places[j, 1]
            layers[count] = edge_layers[edge] % depth if edge >= 0 else depth
            count += 1
    return segments[:count], layers[:count]
