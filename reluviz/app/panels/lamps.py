"""Lamps: an activation pattern, one lamp per hidden unit, one row per layer."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent

from reluviz.app.widgets.painted_view import PaintedView
from reluviz.core.palette import PALETTES, Palette

LARGEST, SMALLEST = 15, 3  # A lamp with its gap, in logical pixels: 10 layers of 256 units still fit a dock.


@dataclass(frozen=True, eq=False)
class Lamps:
    """What is lit: pattern (units,) int8, piece by unit; hidden widths; how many pieces each layer has."""

    pattern: NDArray[np.int8] | None = None
    hidden: tuple[int, ...] = ()
    pieces: tuple[int, ...] = ()
    palette: Palette = PALETTES["dark"]


class LampsView(PaintedView):
    """Paints Lamps as one image, so that 2,560 lamps cost as little as two."""

    preferred = (14, 6)
    least = (8, 3)

    def __init__(self) -> None:
        super().__init__("Activation pattern")
        self._lamps = Lamps()

    def show_lamps(self, lamps: Lamps) -> None:
        """Paint `lamps` from now on."""
        if _same(lamps, self._lamps):
            return
        self._lamps = lamps
        self.setAccessibleDescription(describe(lamps))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint each layer's name and its lamps."""
        if not self._lamps.hidden:
            return
        painter = QPainter(self)
        ratio = self.devicePixelRatioF()
        label = self.fontMetrics().horizontalAdvance("8 ") + 4
        cell, columns = fit_cells(self._lamps.hidden, self.width() - label, self.height())
        pixels, tops = paint_lamps(self._lamps, round(cell * ratio), columns)
        height, width = pixels.shape
        image = QImage(pixels.data, width, height, pixels.strides[0], QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(ratio)
        painter.drawImage(QPointF(label, 0), image)
        painter.setPen(QColor(self._lamps.palette.muted))
        for layer, top in enumerate(tops):
            box = QRectF(0, top / ratio, label - 4, max(cell, self.fontMetrics().height()))
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, str(layer + 1))
        painter.end()


def _same(one: Lamps, other: Lamps) -> bool:
    if (one.hidden, one.pieces, one.palette) != (other.hidden, other.pieces, other.palette):
        return False
    if one.pattern is None or other.pattern is None:
        return one.pattern is other.pattern
    return np.array_equal(one.pattern, other.pattern)


def describe(lamps: Lamps) -> str:
    """Return the pattern in words, for screen readers."""
    if lamps.pattern is None:
        return "No region under the mouse."
    parts, begin = [], 0
    for layer, width in enumerate(lamps.hidden):
        lit = int((lamps.pattern[begin : begin + width] > 0).sum())
        parts.append(f"layer {layer + 1}: {lit} of {width} on")
        begin += width
    return ", ".join(parts)


def fit_cells(hidden: tuple[int, ...], width: int, height: int) -> tuple[int, int]:
    """Return the lamps' size in logical pixels and how many stand side by side, so that all fit into the box."""
    for cell in range(LARGEST, SMALLEST, -1):
        columns = max(1, width // cell)
        rows = sum(-(-units // columns) for units in hidden)
        if rows * cell + (len(hidden) - 1) * (cell // 2 + 1) <= height:
            return cell, columns
    return SMALLEST, max(1, width // SMALLEST)


def paint_lamps(lamps: Lamps, cell: int, columns: int) -> tuple[NDArray[np.uint32], list[int]]:
    """Return pixels (H, W) 0xAARRGGBB, colours times alpha, and each layer's first row of pixels."""
    rows = [-(-units // columns) for units in lamps.hidden]
    gap = cell // 2 + 1
    width = min(columns, max(lamps.hidden, default=1)) * cell
    canvas = np.zeros((sum(rows) * cell + gap * (len(rows) - 1), width, 4))
    shape = _disc(cell)[:, None, :, None]
    tops, top, begin = [], 0, 0
    for layer, units in enumerate(lamps.hidden):
        table = _shades(lamps, layer)
        piece = np.full(units, -1) if lamps.pattern is None else lamps.pattern[begin : begin + units]
        for row in range(rows[layer]):
            shades = table[piece[row * columns : (row + 1) * columns]]
            strip = canvas[top + row * cell : top + (row + 1) * cell, : len(shades) * cell]
            strip.reshape(cell, len(shades), cell, 4)[:] = shape * shades[None, :, None, :]
        tops.append(top)
        top += rows[layer] * cell + gap
        begin += units
    red, green, blue, alpha = np.moveaxis(canvas.astype(np.uint32), -1, 0)
    return np.ascontiguousarray(alpha << 24 | red << 16 | green << 8 | blue), tops


def _disc(cell: int) -> NDArray[np.float64]:
    """Return the coverage (cell, cell) of a disc with a little gap around it."""
    at = np.arange(cell) + 0.5 - cell / 2
    distance = np.hypot(at[None, :], at[:, None])
    cover: NDArray[np.float64] = np.clip((cell / 2 - max(0.5, 0.1 * cell)) - distance + 0.5, 0.0, 1.0)
    return cover


def _shades(lamps: Lamps, layer: int) -> NDArray[np.float64]:
    """Return the RGBA of each piece (pieces + 1, 4), dark to lit; the last is for what is not known (-1)."""
    palette = lamps.palette
    dark, lit = QColor(palette.border), QColor(palette.lines[layer % len(palette.lines)])
    count = lamps.pieces[layer]
    low, high = (np.array(color.getRgb(), dtype=np.float64) for color in (dark, lit))
    share = np.linspace(0.0, 1.0, count)[:, None] if count > 1 else np.ones((1, 1))
    unknown = np.array([QColor(palette.raised).getRgb()], dtype=np.float64)
    return np.concatenate([low + (high - low) * share, unknown])
