"""FlowMap: one figure by layer and step, as a heat map."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from reluviz.app.panels.flow_scale import FlowScale
from reluviz.app.panels.ticks import linear_ticks, short
from reluviz.core.luts import value_lut
from reluviz.core.palette import PALETTES, Palette

Float = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LayerMap:
    """What FlowMap shows: steps (N,), table (N, layers) on `scale`, the picked layer or -1, the step looked at."""

    steps: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    table: Float = field(default_factory=lambda: np.zeros((0, 0)))
    names: tuple[str, ...] = ()
    scale: FlowScale = field(default_factory=FlowScale)
    picked: int = -1
    palette: Palette = field(default_factory=lambda: PALETTES["dark"])
    cursor: float | None = None


class FlowMap(QWidget):
    """Paints a LayerMap, the first layer on top. `picked(layer)` tells which row was clicked."""

    picked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Figures by layer over the steps")
        self.setToolTip("Each row is a layer, each column a moment of this run; click a row to light its bent lines.")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._map = LayerMap()

    def show_map(self, shown: LayerMap) -> None:
        """Paint `shown` from now on."""
        self._map = shown
        if len(shown.steps):
            ends = f"steps {shown.steps[0]:,} to {shown.steps[-1]:,}"
            self.setAccessibleDescription(f"{shown.table.shape[1]} layers over {ends}")
        self.update()

    def sizeHint(self) -> QSize:
        """Room for rows that can be told apart."""
        line = self.fontMetrics().height()
        return QSize(12 * line, round((3.2 + 0.8 * max(3, len(self._map.names))) * line))

    def minimumSizeHint(self) -> QSize:
        """Half a line per layer."""
        line = self.fontMetrics().height()
        return QSize(8 * line, round((3.2 + 0.45 * max(3, len(self._map.names))) * line))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Pick the row under the mouse."""
        box, layers = self._box(), self._map.table.shape[1]
        if event.button() == Qt.MouseButton.LeftButton and layers and box.contains(event.position()):
            self.picked.emit(min(layers - 1, int((event.position().y() - box.top()) / box.height() * layers)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the map, its steps and its scale."""
        if not len(self._map.steps):
            return
        painter = QPainter(self)
        box, shown = self._box(), self._map
        pixels = map_pixels(shown, max(1, round(box.width())))
        rows, columns = pixels.shape
        painter.drawImage(box, QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32))
        line, palette = self.fontMetrics().height(), shown.palette
        middle = Qt.AlignmentFlag.AlignVCenter
        height = box.height() / rows
        if height >= 3:
            painter.setPen(QPen(QColor(palette.surface), 1))
            lines = [
                QLineF(box.left(), box.top() + i * height, box.right(), box.top() + i * height) for i in range(1, rows)
            ]
            painter.drawLines(lines)
        stride = max(1, -(-round(0.95 * line) // max(1, round(height))))
        for row in range(0, rows, stride):
            painter.setPen(QColor(palette.ink if row == shown.picked else palette.muted))
            label = QRectF(0, box.top() + row * height, box.left() - 5, height).adjusted(0, -6, 0, 6)
            painter.drawText(label, Qt.AlignmentFlag.AlignRight | middle, shown.names[row])
        if 0 <= shown.picked < rows:
            painter.setPen(QPen(QColor(palette.ink), 1.4))
            painter.drawRect(QRectF(box.left(), box.top() + shown.picked * height, box.width(), height))
        low, high = _span(shown)
        if shown.cursor is not None and low <= shown.cursor <= high:
            x = box.left() + (shown.cursor - low) / (high - low) * box.width()
            painter.setPen(QPen(QColor(palette.canvas), 3))
            painter.drawLine(QLineF(x, box.top(), x, box.bottom()))
            painter.setPen(QPen(QColor(palette.ink), 1))
            painter.drawLine(QLineF(x, box.top() - 2, x, box.bottom() + 2))
        self._paint_steps(painter, box, line)
        self._paint_scale(painter, box, line)
        painter.end()

    def _box(self) -> QRectF:
        metrics = self.fontMetrics()
        left = max((metrics.horizontalAdvance(name) for name in self._map.names), default=0) + 10.0
        line = metrics.height()
        return QRectF(left, 1.5 * line, max(10.0, self.width() - left - 6), max(4.0, self.height() - 2.8 * line))

    def _paint_steps(self, painter: QPainter, box: QRectF, line: int) -> None:
        low, high = _span(self._map)
        painter.setPen(QColor(self._map.palette.muted))
        for tick in linear_ticks(low, high, max(2, int(box.width() / (4.5 * line)))):
            x = box.left() + (tick - low) / (high - low) * box.width()
            text = short(tick)
            width = self.fontMetrics().horizontalAdvance(text) + 2
            left = min(max(x - width / 2, 0.0), self.width() - width)
            painter.drawText(QRectF(left, box.bottom() + 1, width, 1.2 * line), Qt.AlignmentFlag.AlignCenter, text)

    def _paint_scale(self, painter: QPainter, box: QRectF, line: int) -> None:
        """Paint the colours from low to high with both ends, above the map."""
        scale, palette = self._map.scale, self._map.palette
        low, high = scale.say(scale.low), scale.say(scale.high)
        lut = value_lut(palette.name)[:: 2048 // 128].copy()
        metrics = self.fontMetrics()
        ends = metrics.horizontalAdvance(low) + 6, metrics.horizontalAdvance(high) + 6
        strip = QRectF(box.left() + ends[0], 0.45 * line, max(8.0, box.width() - sum(ends)), 0.5 * line)
        painter.drawImage(strip, QImage(lut.data, len(lut), 1, 4 * len(lut), QImage.Format.Format_RGB32))
        painter.setPen(QColor(palette.muted))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(box.left(), 0, ends[0], 1.4 * line), Qt.AlignmentFlag.AlignLeft | middle, low)
        right = QRectF(box.right() - ends[1], 0, ends[1], 1.4 * line)
        painter.drawText(right, Qt.AlignmentFlag.AlignRight | middle, high)


def _span(shown: LayerMap) -> tuple[float, float]:
    low, high = float(shown.steps[0]), float(shown.steps[-1])
    return low, max(high, low + 1)


def map_pixels(shown: LayerMap, width: int) -> NDArray[np.uint32]:
    """Return pixels (layers, width) 0xffRRGGBB: at each column the newest moment not after it."""
    low, high = _span(shown)
    at = low + (np.arange(width) + 0.5) / width * (high - low)
    rows = np.clip(np.searchsorted(shown.steps, at, side="right") - 1, 0, len(shown.steps) - 1)
    values = shown.table[rows].T
    lut = value_lut(shown.palette.name)
    level = np.nan_to_num(shown.scale.level(np.nan_to_num(values)))
    pixels = lut[np.rint(level * (len(lut) - 1)).astype(np.int64)]
    pixels[~np.isfinite(values)] = QColor(shown.palette.raised).rgb()
    if not shown.scale.is_share:
        pixels[values == 0] = QColor(shown.palette.canvas).rgb()
    return np.ascontiguousarray(pixels)
