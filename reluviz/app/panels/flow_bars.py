"""FlowBars: one figure per layer as bars, and one cell per unit under each; layers and units are picked by a click."""

import math
from dataclasses import dataclass, field
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from reluviz.app.panels.flow_scale import FlowScale
from reluviz.app.panels.ticks import short
from reluviz.app.tints import faint
from reluviz.core.luts import value_lut
from reluviz.core.palette import PALETTES, Palette

Float = NDArray[np.float64]
GAP_FROM = 5.0  # Logical pixels of a cell, from which on cells are parted.
SMALLEST = 3.0


@dataclass(frozen=True, eq=False)
class LayerBars:
    """What FlowBars shows.

    values (layers,) on `scale`, nan where a layer has none; names per layer. hidden widths; unit_signal and unit_dead
    (units,), empty before the first figures. `flagged` layers are found to be wrong; `picked` is (layer, unit), unit
    -1 for a whole layer, layer -1 for none.
    """

    values: Float = field(default_factory=lambda: np.zeros(0))
    names: tuple[str, ...] = ()
    scale: FlowScale = field(default_factory=FlowScale)
    hidden: tuple[int, ...] = ()
    unit_signal: Float = field(default_factory=lambda: np.zeros(0))
    unit_dead: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))
    flagged: frozenset[int] = frozenset()
    picked: tuple[int, int] = (-1, -1)
    palette: Palette = field(default_factory=lambda: PALETTES["dark"])


class FlowBars(QWidget):
    """Paints LayerBars. `picked(layer, unit)` tells what was clicked; the arrow keys move between layers."""

    picked = Signal(int, int)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Figures by layer")
        self.setToolTip("Click a layer or one of its units to light its bent lines on the canvas.")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._bars = LayerBars()

    def show_bars(self, bars: LayerBars) -> None:
        """Paint `bars` from now on."""
        resized = (bars.names, bars.hidden) != (self._bars.names, self._bars.hidden)
        self._bars = bars
        said = (f"{name}: {short(value)}" for name, value in zip(bars.names, bars.values.tolist(), strict=True))
        self.setAccessibleDescription(", ".join(said))
        if resized:
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As high as all layers need."""
        rows = _Rows(self._bars, self)
        return QSize(12 * rows.line, max(round(rows.height), 2 * rows.line))

    def minimumSizeHint(self) -> QSize:
        """As high as all layers need."""
        return QSize(8 * self.fontMetrics().height(), self.sizeHint().height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Pick the layer or unit under the mouse."""
        if event.button() == Qt.MouseButton.LeftButton:
            layer, unit = _Rows(self._bars, self).at(event.position())
            if layer >= 0:
                self.picked.emit(layer, unit)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what is under the mouse."""
        layer, unit = _Rows(self._bars, self).at(event.position())
        if unit >= 0:
            index = sum(self._bars.hidden[:layer]) + unit
            dead = ", dead" if self._bars.unit_dead[index] else ""
            signal = short(float(self._bars.unit_signal[index]))
            QToolTip.showText(event.globalPosition().toPoint(), f"Unit {unit + 1}: RMS ∂L/∂z {signal}{dead}", self)
        elif QToolTip.isVisible():
            QToolTip.hideText()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the pick up, down, or along a layer's units."""
        layer, unit = self._bars.picked
        moves = {
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
        }
        move = moves.get(Qt.Key(event.key()))
        if move is None or not self._bars.hidden:
            super().keyPressEvent(event)
            return
        layer = min(max(layer + move[0], 0), len(self._bars.hidden) - 1)
        unit = -1 if move[0] else min(max(unit + move[1], 0), self._bars.hidden[layer] - 1)
        self.picked.emit(layer, unit)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint names, bars, values and units."""
        if not self._bars.names:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rows = _Rows(self._bars, self)
        _paint_ticks(painter, self._bars, rows)
        for layer in range(len(self._bars.names)):
            _paint_bar(painter, self._bars, rows, layer)
            if layer < len(self._bars.hidden) and len(self._bars.unit_signal):
                _paint_units(painter, self._bars, rows, layer)
        if self.hasFocus():
            painter.setPen(QPen(QColor(self._bars.palette.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.end()


class _Rows:
    """Where each layer's bar and units lie."""

    def __init__(self, bars: LayerBars, widget: QWidget) -> None:
        metrics = widget.fontMetrics()
        self.line = metrics.height()
        self.bars = bars
        self.left = max((metrics.horizontalAdvance(name) for name in bars.names), default=0) + 10.0
        self.value_width = metrics.horizontalAdvance("0.00000") + 4.0
        self.right = max(self.left + 20.0, widget.width() - self.value_width - 4.0)
        self.strip_width = max(20.0, widget.width() - self.left - 6.0)
        self.grids = [_grid(width, self.strip_width) for width in bars.hidden]
        self.top = 0.25 * self.line
        heights = [1.15 * self.line + self._strip(layer) + 0.35 * self.line for layer in range(len(bars.names))]
        self.tops = [self.top, *(self.top + below for below in accumulate(heights))]
        self.height = self.tops[-1]

    def bar(self, layer: int) -> QRectF:
        return QRectF(self.left, self.tops[layer] + 0.2 * self.line, self.right - self.left, 0.72 * self.line)

    def strip(self, layer: int) -> QRectF:
        columns, _, cell = self.grids[layer]
        return QRectF(self.left, self.tops[layer] + 1.15 * self.line, columns * cell, self._strip(layer))

    def at(self, point: QPointF) -> tuple[int, int]:
        """Return the layer and unit at a point, -1 for none."""
        layer = int(np.searchsorted(self.tops, point.y(), side="right")) - 1
        if not 0 <= layer < len(self.bars.names):
            return -1, -1
        if layer >= len(self.bars.hidden) or not len(self.bars.unit_signal):
            return (layer, -1) if layer < len(self.bars.hidden) else (-1, -1)
        box, (columns, rows, cell) = self.strip(layer), self.grids[layer]
        if not box.contains(point):
            return layer, -1
        column = min(columns - 1, int((point.x() - box.left()) / cell))
        row = min(rows - 1, int((point.y() - box.top()) / (box.height() / rows)))
        unit = row * columns + column
        return layer, unit if unit < self.bars.hidden[layer] else -1

    def _strip(self, layer: int) -> float:
        if layer >= len(self.bars.hidden) or not len(self.bars.unit_signal):
            return 0.0
        _, rows, cell = self.grids[layer]
        return rows * min(max(cell, SMALLEST + 1.0), 0.62 * self.line)


def _grid(units: int, width: float) -> tuple[int, int, float]:
    """Return columns, rows and the width of a cell for so many units."""
    columns = max(1, min(units, int(width / SMALLEST)))
    rows = -(-units // columns)
    columns = -(-units // rows)
    return columns, rows, min(width / columns, 16.0)


def _paint_ticks(painter: QPainter, bars: LayerBars, rows: _Rows) -> None:
    painter.setPen(QPen(QColor(bars.palette.border), 1, Qt.PenStyle.DotLine))
    for tick in bars.scale.ticks(6):
        x = rows.left + float(bars.scale.level(tick)) * (rows.right - rows.left)
        painter.drawLine(QLineF(x, rows.tops[0], x, rows.tops[-1]))


def _paint_bar(painter: QPainter, bars: LayerBars, rows: _Rows, layer: int) -> None:
    palette, box, value = bars.palette, rows.bar(layer), float(bars.values[layer])
    is_picked = layer == bars.picked[0]
    middle = Qt.AlignmentFlag.AlignVCenter
    label = QRectF(4, box.top() - 4, rows.left - 8, box.height() + 8)
    painter.setPen(QColor(palette.ink if is_picked else palette.muted))
    painter.drawText(label, Qt.AlignmentFlag.AlignLeft | middle, bars.names[layer])
    color = QColor(palette.warning if layer in bars.flagged else palette.accent)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(faint(palette.border, 0.35))
    painter.drawRoundedRect(box, 2, 2)
    if math.isfinite(value) and value > 0:
        painter.setBrush(color)
        length = max(2.0, float(bars.scale.level(value)) * box.width())
        painter.drawRoundedRect(QRectF(box.left(), box.top(), length, box.height()), 2, 2)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QColor(palette.ink))
    said = QRectF(rows.right + 4, box.top() - 4, rows.value_width, box.height() + 8)
    painter.drawText(said, Qt.AlignmentFlag.AlignRight | middle, bars.scale.say(value))


def _paint_units(painter: QPainter, bars: LayerBars, rows: _Rows, layer: int) -> None:
    begin, width = sum(bars.hidden[:layer]), bars.hidden[layer]
    columns, lines, cell = rows.grids[layer]
    box = rows.strip(layer)
    image = np.zeros(lines * columns, np.uint32)
    image[:width] = unit_pixels(bars, begin, width)
    image = np.ascontiguousarray(image.reshape(lines, columns))
    shown = QImage(image.data, columns, lines, 4 * columns, QImage.Format.Format_ARGB32)
    painter.drawImage(box, shown)
    height = box.height() / lines
    if cell >= GAP_FROM:
        painter.setPen(QPen(QColor(bars.palette.surface), 1))
        inner = [
            QLineF(box.left() + i * cell, box.top(), box.left() + i * cell, box.bottom()) for i in range(1, columns)
        ]
        painter.drawLines(inner)
    if layer == bars.picked[0] and 0 <= bars.picked[1] < width:
        row, column = divmod(bars.picked[1], columns)
        painter.setPen(QPen(QColor(bars.palette.ink), 1.6))
        painter.drawRect(QRectF(box.left() + column * cell, box.top() + row * height, cell, height))


def unit_pixels(bars: LayerBars, begin: int, width: int) -> NDArray[np.uint32]:
    """Return the colour of each unit of a layer, 0xAARRGGBB: by decades of its signal, dead ones in the error's."""
    lut = value_lut(bars.palette.name)
    signal = bars.unit_signal[begin : begin + width]
    known = bars.unit_signal[np.isfinite(bars.unit_signal) & (bars.unit_signal > 0)]
    high = float(known.max()) if len(known) else 1.0
    level = 1.0 + np.log10(np.clip(np.nan_to_num(signal), 1e-4 * high, high) / high) / 4.0
    pixels: NDArray[np.uint32] = lut[np.rint(level * (len(lut) - 1)).astype(np.int64)]
    return np.where(bars.unit_dead[begin : begin + width], np.uint32(QColor(bars.palette.error).rgb()), pixels)
