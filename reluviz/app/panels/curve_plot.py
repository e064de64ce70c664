"""CurvePlot: a function of one variable and its slope over a histogram of where its argument lies."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from reluviz.app.panels.strokes import DASHED, stroke_curve
from reluviz.app.panels.ticks import linear_ticks, short
from reluviz.app.tints import faint
from reluviz.app.widgets.painted_view import PaintedView
from reluviz.core.palette import PALETTES, Palette

Float = NDArray[np.float64]
HISTOGRAM_SHARE = 0.42  # Of the plot's height, for the fullest bin.
JUMP = 0.35  # Of the plot's height between two samples: a jump, which no line joins.


@dataclass(frozen=True, eq=False)
class CurveChart:
    """Everything a CurvePlot shows.

    z, value and slope (N,) are the curve and its derivative; bars (bins,) counts over bar_range. `marks` are places on
    the z axis that are pointed out, `top` a level that the slope never exceeds, with its label.
    """

    name: str = ""
    z: Float = field(default_factory=lambda: np.zeros(0))
    value: Float = field(default_factory=lambda: np.zeros(0))
    slope: Float = field(default_factory=lambda: np.zeros(0))
    low: float = -1.0
    high: float = 1.0
    bars: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    bar_range: tuple[float, float] = (-1.0, 1.0)
    marks: tuple[float, ...] = ()
    bands: tuple[tuple[float, float], ...] = ()
    top: tuple[float, str] | None = None
    palette: Palette = field(default_factory=lambda: PALETTES["dark"])


class CurvePlot(PaintedView):
    """Paints one CurveChart. `pointed(z)` tells the place under the mouse, nan where there is none."""

    preferred = (14, 10)
    least = (9, 6)
    pointed = Signal(float)

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.setMouseTracking(True)
        self._chart = CurveChart()
        self._cursor = math.nan

    def show_chart(self, chart: CurveChart) -> None:
        """Paint `chart` from now on."""
        self._chart = chart
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read at the mouse."""
        self._point(_Frame(self, self._chart).z_at(event.position().x()))

    def leaveEvent(self, event: QEvent) -> None:
        """Read nothing."""
        super().leaveEvent(event)
        self._point(math.nan)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint bars, axes, marks, slope, curve and cursor."""
        if not len(self._chart.z):
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _Drawing(painter, self._chart, _Frame(self, self._chart)).paint(self._cursor)
        painter.end()

    def _point(self, z: float) -> None:
        self._cursor = z
        self.pointed.emit(z)
        self.update()


class _Frame:
    """Where the plot lies in the widget, and how values become pixels."""

    def __init__(self, widget: QWidget, chart: CurveChart) -> None:
        metrics = widget.fontMetrics()
        self.line = metrics.height()
        self.metrics = metrics
        left = metrics.horizontalAdvance("\u22120.25") + 8
        self.plot = QRectF(left, 1.35 * self.line, widget.width() - left - 5, widget.height() - 2.6 * self.line)
        self.chart = chart
        self.z_low, self.z_high = (float(chart.z[0]), float(chart.z[-1])) if len(chart.z) else (-1.0, 1.0)

    def x(self, z: Float | float) -> Float:
        return self.plot.left() + (np.asarray(z) - self.z_low) * (self.plot.width() / (self.z_high - self.z_low))

    def y(self, value: Float | float) -> Float:
        span = self.chart.high - self.chart.low
        place = self.plot.bottom() - (np.asarray(value) - self.chart.low) * (self.plot.height() / span)
        return np.clip(place, self.plot.top() - 4000, self.plot.bottom() + 4000)

    def z_at(self, x: float) -> float:
        share = (x - self.plot.left()) / max(1.0, self.plot.width())
        return self.z_low + share * (self.z_high - self.z_low) if 0 <= share <= 1 else math.nan


class _Drawing:
    def __init__(self, painter: QPainter, chart: CurveChart, frame: _Frame) -> None:
        self.painter, self.chart, self.frame = painter, chart, frame
        self.colors = chart.palette

    def paint(self, cursor: float) -> None:
        self._legend()
        self.painter.save()
        self.painter.setClipRect(self.frame.plot.adjusted(-1, -1, 1, 1))
        self._bands()
        self._bars()
        self.painter.restore()
        self._axes()
        self.painter.save()
        self.painter.setClipRect(self.frame.plot.adjusted(-1, -2, 1, 2))
        self._marks()
        self._line(self.chart.slope, self.colors.warning, True)
        self._line(self.chart.value, self.colors.accent, False)
        if math.isfinite(cursor):
            self._cursor(cursor)
        self.painter.restore()

    def _legend(self) -> None:
        x = 4.0
        name = self.chart.name
        for text, color in ((name, self.colors.accent), (f"slope of {name}", self.colors.warning)):
            self._text(QRectF(x, 0, 999, 1.3 * self.frame.line), text, color)
            x += self.frame.metrics.horizontalAdvance(text) + 0.8 * self.frame.line
        if len(self.chart.bars):
            self._text(QRectF(x, 0, 999, 1.3 * self.frame.line), "units' z", self.colors.muted)

    def _bands(self) -> None:
        shade = faint(self.colors.warning, 0.07 if self.colors.is_dark else 0.09)
        for low, high in self.chart.bands:
            left, right = (
                float(self.frame.x(min(max(end, self.frame.z_low), self.frame.z_high))) for end in (low, high)
            )
            self.painter.fillRect(QRectF(left, self.frame.plot.top(), right - left, self.frame.plot.height()), shade)

    def _bars(self) -> None:
        counts = self.chart.bars
        most = int(counts.max(initial=0))
        if most == 0:
            return
        edges = self.frame.x(np.linspace(*self.chart.bar_range, len(counts) + 1))
        bottom = self.frame.plot.bottom()
        # By the root: thin tails, where units saturate, must be seen beside the fullest bin.
        heights = HISTOGRAM_SHARE * self.frame.plot.height() * np.sqrt(counts / most)
        outline = QPolygonF([QPointF(edges[0], bottom)])
        for left, right, height in zip(edges[:-1].tolist(), edges[1:].tolist(), heights.tolist(), strict=True):
            outline.append(QPointF(left, bottom - height))
            outline.append(QPointF(right, bottom - height))
        outline.append(QPointF(float(edges[-1]), bottom))
        fill = faint(self.colors.muted, 0.32 if self.colors.is_dark else 0.28)
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(fill)
        self.painter.drawPolygon(outline)
        self.painter.setBrush(Qt.BrushStyle.NoBrush)

    def _axes(self) -> None:
        frame, plot = self.frame, self.frame.plot
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for tick in linear_ticks(self.chart.low, self.chart.high, max(2, int(plot.height() / (2.2 * frame.line)))):
            y = float(frame.y(tick))
            self.painter.setPen(QPen(QColor(self.colors.muted if tick == 0 else self.colors.border), 1))
            self.painter.drawLine(QLineF(plot.left(), y, plot.right(), y))
            self._text(
                QRectF(0, y - frame.line, plot.left() - 5, 2 * frame.line), short(tick), self.colors.muted, right
            )
        for tick in linear_ticks(frame.z_low, frame.z_high, max(2, int(plot.width() / (3.2 * frame.line)))):
            x = float(frame.x(tick))
            if tick == 0:
                self.painter.setPen(QPen(QColor(self.colors.muted), 1))
                self.painter.drawLine(QLineF(x, plot.top(), x, plot.bottom()))
            box = QRectF(x - 40, plot.bottom() + 1, 80, 1.2 * frame.line)
            self._text(box, short(tick), self.colors.muted, Qt.AlignmentFlag.AlignCenter)

    def _marks(self) -> None:
        self.painter.setPen(QPen(QColor(self.colors.warning), 1, Qt.PenStyle.DotLine))
        for z in self.chart.marks:
            x = float(self.frame.x(z))
            self.painter.drawLine(QLineF(x, self.frame.plot.top(), x, self.frame.plot.bottom()))
        if self.chart.top is None:
            return
        level, label = self.chart.top
        y = float(self.frame.y(level))
        self.painter.drawLine(QLineF(self.frame.plot.left(), y, self.frame.plot.right(), y))
        above = y - 1.15 * self.frame.line
        box = QRectF(
            self.frame.plot.left() + 4, above if above > self.frame.plot.top() else y, 300, 1.15 * self.frame.line
        )
        self._text(box, label, self.colors.warning)

    def _line(self, values: Float, color: str, dashed: bool) -> None:
        known = np.isfinite(values)
        x, y = self.frame.x(self.chart.z), self.frame.y(np.where(known, values, 0.0))
        breaks = np.abs(np.diff(y)) > JUMP * self.frame.plot.height()
        breaks |= ~(known[1:] & known[:-1])
        for part in np.split(np.arange(len(x)), np.flatnonzero(breaks) + 1):
            if len(part) > 1:
                curve = QPolygonF(list(map(QPointF, x[part].tolist(), y[part].tolist())))
                stroke_curve(self.painter, curve, QColor(color), 1.5 if dashed else 2.1, DASHED if dashed else ())

    def _cursor(self, z: float) -> None:
        x = float(self.frame.x(z))
        self.painter.setPen(QPen(QColor(self.colors.ink), 1))
        self.painter.drawLine(QLineF(x, self.frame.plot.top(), x, self.frame.plot.bottom()))
        self.painter.setPen(Qt.PenStyle.NoPen)
        for values, color in ((self.chart.slope, self.colors.warning), (self.chart.value, self.colors.accent)):
            value = float(np.interp(z, self.chart.z, np.nan_to_num(values)))
            self.painter.setBrush(QColor(color))
            self.painter.drawEllipse(QPointF(x, float(self.frame.y(value))), 3.2, 3.2)
        self.painter.setBrush(Qt.BrushStyle.NoBrush)

    def _text(
        self,
        box: QRectF,
        text: str,
        color: str,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
    ) -> None:
        self.painter.setPen(QColor(color))
        self.painter.drawText(box, align, text)
