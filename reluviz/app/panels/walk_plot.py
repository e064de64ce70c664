"""WalkPlot: f along a segment above its slope, with the bent lines that are crossed."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF

from reluviz.app.panels.line_plot import thin_to_columns
from reluviz.app.panels.strokes import stroke_curve
from reluviz.app.panels.ticks import linear_ticks, short
from reluviz.app.tints import faint
from reluviz.app.widgets.painted_view import PaintedView
from reluviz.core.palette import PALETTES, Palette
from reluviz.core.walk import Crossing, Walk

Float = NDArray[np.float64]
MOST_OUTPUTS = 4
NEAR = 6.0  # Pixels within which a crossing is meant.
DASHES = ((), (6.0, 3.0), (2.0, 2.0), (6.0, 3.0, 2.0, 3.0))


@dataclass(frozen=True, eq=False)
class WalkChart:
    """What a WalkPlot shows; `words` stand where there is no walk; `at` is the place read (0..1), if any."""

    walk: Walk | None = None
    words: str = ""
    at: float | None = None
    selected: tuple[int, int] | None = None
    palette: Palette = field(default_factory=lambda: PALETTES["dark"])


class WalkPlot(PaintedView):
    """Paints a WalkChart. `pointed` carries the place under the mouse, 0..1 or None; `picked` a crossing's unit."""

    preferred = (30, 13)
    least = (12, 9)
    pointed = Signal(object)
    picked = Signal(object)

    def __init__(self) -> None:
        super().__init__("Line walk")
        self.setMouseTracking(True)
        self._chart = WalkChart()

    def show_chart(self, chart: WalkChart) -> None:
        """Paint `chart` from now on."""
        self._chart = chart
        self.setAccessibleDescription(say_walk(chart.walk) if chart.walk is not None else chart.words)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint crossings, both plots and the place that is read."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        chart = self._chart
        if chart.walk is None:
            painter.setPen(QColor(chart.palette.muted))
            rect = self.rect().adjusted(12, 4, -12, -4)
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, chart.words)
        else:
            upper, lower = self._rooms()
            walk = chart.walk
            self._paint_crossings(painter, walk, upper, lower)
            ends = np.repeat(walk.positions, 2)[1:-1]
            values = np.stack([walk.first, walk.last], axis=1).reshape(-1, walk.first.shape[1])
            self._paint_plot(painter, upper, "f", ends, values)
            self._paint_plot(painter, lower, "slope", ends, np.repeat(walk.slopes, 2, axis=0))
            self._paint_axis(painter, lower, walk.length)
            if chart.at is not None:
                x = upper.left() + chart.at * upper.width()
                painter.setPen(QPen(QColor(chart.palette.ink), 1.2))
                painter.drawLine(QPointF(x, upper.top()), QPointF(x, lower.bottom()))
        painter.end()

    def _rooms(self) -> tuple[QRectF, QRectF]:
        line = self.fontMetrics().height()
        left = self.fontMetrics().horizontalAdvance("\N{MINUS SIGN}0.0000") + 8
        whole = QRectF(left, 0.3 * line, self.width() - left - 10, self.height() - 1.8 * line)
        gap = 0.5 * line
        height = (whole.height() - gap) / 2
        return (
            QRectF(whole.left(), whole.top(), whole.width(), height),
            QRectF(whole.left(), whole.top() + height + gap, whole.width(), height),
        )

    def _paint_crossings(self, painter: QPainter, walk: Walk, upper: QRectF, lower: QRectF) -> None:
        palette = self._chart.palette
        for layer in sorted({crossing.layer for crossing in walk.crossings}):
            color = faint(palette.lines[layer % len(palette.lines)], max(0.25, 0.6 - 0.08 * layer))
            painter.setPen(QPen(color, 1))
            xs = [upper.left() + c.position * upper.width() for c in walk.crossings if c.layer == layer]
            painter.drawLines([QLineF(x, upper.top(), x, lower.bottom()) for x in xs])
        chosen = [c for c in walk.crossings if (c.layer, c.unit) == self._chart.selected]
        if chosen:
            painter.setPen(QPen(QColor(palette.accent), 2.4))
            xs = [upper.left() + c.position * upper.width() for c in chosen]
            painter.drawLines([QLineF(x, upper.top(), x, lower.bottom()) for x in xs])

    def _paint_plot(self, painter: QPainter, room: QRectF, name: str, positions: Float, values: Float) -> None:
        palette, metrics = self._chart.palette, self.fontMetrics()
        low, high = float(values.min()), float(values.max())
        if low <= 0 <= high or abs(low) < 0.3 * (high - low):
            low, high = min(low, 0.0), max(high, 0.0)
        slack = 0.06 * (high - low) or max(abs(high), 1.0) * 0.1
        low, high = low - slack, high + slack

        def place(value: Float) -> Float:
            return room.bottom() - (value - low) / (high - low) * room.height()

        ticks = linear_ticks(low, high, max(2, int(room.height() / (2.0 * metrics.height()))))
        painter.setPen(QPen(QColor(palette.border), 1))
        ys = [float(place(np.array(tick))) for tick in ticks]
        painter.drawLines([QLineF(room.left(), y, room.right(), y) for y in ys])
        painter.setPen(QColor(palette.muted))
        align = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for tick, y in zip(ticks, ys, strict=True):
            painter.drawText(QRectF(0, y - metrics.height(), room.left() - 6, 2 * metrics.height()), align, short(tick))
        x = room.left() + positions * room.width()
        outputs = min(values.shape[1], MOST_OUTPUTS)
        for output in range(outputs):
            color = QColor(palette.classes[output] if outputs > 1 else palette.accent)
            xs, ys_ = thin_to_columns(x, place(values[:, output]))
            curve = QPolygonF(list(map(QPointF, xs.tolist(), ys_.tolist())))
            stroke_curve(painter, curve, color, 2.0, DASHES[output % len(DASHES)])
        painter.setPen(QColor(palette.ink))
        painter.drawText(room.adjusted(0, 2, -6, 0), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, name)

    def _paint_axis(self, painter: QPainter, room: QRectF, length: float) -> None:
        metrics = self.fontMetrics()
        painter.setPen(QColor(self._chart.palette.muted))
        for tick in linear_ticks(0.0, length, max(2, int(room.width() / (6 * metrics.height())))):
            x = room.left() + tick / length * room.width()
            width = metrics.horizontalAdvance(short(tick)) + 4
            left = min(x - width / 2, self.width() - width)
            box = QRectF(left, room.bottom() + 2, width, 1.3 * metrics.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, short(tick))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell which place is pointed at."""
        room, _ = self._rooms()
        share = (event.position().x() - room.left()) / max(1.0, room.width())
        self.pointed.emit(min(1.0, max(0.0, share)) if self._chart.walk is not None and -0.02 < share < 1.02 else None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select the unit whose line is crossed there."""
        found = self.crossing_at(event.position().x())
        if found is not None:
            self.picked.emit((found.layer, found.unit))

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        super().leaveEvent(event)
        self.pointed.emit(None)

    def crossing_at(self, x: float) -> Crossing | None:
        """Return the crossing nearest to a pixel column, None where none is near."""
        walk = self._chart.walk
        if walk is None or not walk.crossings:
            return None
        room, _ = self._rooms()
        away = [abs(room.left() + c.position * room.width() - x) for c in walk.crossings]
        best = int(np.argmin(away))
        return walk.crossings[best] if away[best] < NEAR else None


def say_walk(walk: Walk) -> str:
    """Return what a walk met, in words."""
    count = len(walk.crossings)
    pieces = len(walk.slopes)
    if not count:
        return f"Along {short(walk.length)} no bent line is crossed."
    jump = float(np.abs(walk.first[1:] - walk.last[:-1]).max(initial=0.0))
    size = float(np.abs(walk.last).max(initial=1e-300))
    value = "the value never jumps" if jump <= 1e-9 * max(size, 1.0) else f"the value jumps by up to {short(jump)}"
    lines = "bent line is" if count == 1 else "bent lines are"
    return f"{count:,} {lines} crossed, {pieces:,} straight pieces: {value}, the slope does."
