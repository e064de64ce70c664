"""LinePlot: curves over steps, painted in pixels.

pyqtgraph paints curves under a world transform, where antialiased pens wider than 1 px are 10 to 70 times slower;
here everything is brought to pixels in numpy first, and a redraw takes about a millisecond.
"""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen

from reluviz.app.panels.strokes import DASHED, curve_of, stroke_curve
from reluviz.app.panels.ticks import linear_ticks, log_ticks, short, step_ticks
from reluviz.app.tints import faint
from reluviz.app.widgets.painted_view import PaintedView
from reluviz.core.palette import PALETTES, Palette

Float = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Line:
    """One curve: x and y (N,), nan where unknown; `label` is written in the title with the newest value.

    `mark` is written at the curve's end, where curves are told apart by a table beside the plot. `said` is the value in
    the title where it is not that of the curve.
    """

    label: str
    color: str
    x: NDArray[np.number]
    y: Float
    dashed: bool = False
    mark: str = ""
    said: float | None = None


@dataclass(frozen=True)
class Level:
    """A horizontal line to compare with."""

    label: str
    value: float


@dataclass(frozen=True, eq=False)
class Chart:
    """Everything a LinePlot shows. `low` and `high` fix the value axis where given, `until` the steps' end.

    `cursor` is the step that is looked at: values in the title are those there. `ghosts` are curves to compare with, as
    far as they lie within the axes of `lines`.
    """

    title: str = ""
    lines: tuple[Line, ...] = ()
    levels: tuple[Level, ...] = ()
    logarithmic: bool = False
    low: float | None = None
    high: float | None = None
    percent: bool = False
    empty: str = ""
    palette: Palette = field(default_factory=lambda: PALETTES["dark"])
    cursor: float | None = None
    ghosts: tuple[Line, ...] = ()
    until: float | None = None


class LinePlot(PaintedView):
    """Paints one Chart."""

    preferred = (18, 6)
    least = (10, 5)

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._chart = Chart()

    def show_chart(self, chart: Chart) -> None:
        """Paint `chart` from now on."""
        self._chart = chart
        said = [f"{line.label or line.mark} {short(_read(line, chart.cursor))}" for line in chart.lines]
        self.setAccessibleDescription(f"{chart.title}: {', '.join(said) or chart.empty}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint title, ticks, levels, curves and what each is, in this order."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        _Painting(painter, self._chart, QRectF(self.rect()), self.fontMetrics()).paint()
        painter.end()


class _Painting:
    """One pass of paint over one chart."""

    def __init__(self, painter: QPainter, chart: Chart, outer: QRectF, metrics: QFontMetrics) -> None:
        self.painter, self.chart, self.outer, self.metrics = painter, chart, outer, metrics
        self.height = metrics.height()
        left = metrics.horizontalAdvance("0.0000") + 6
        right = 8 + (self.height if any(line.mark for line in chart.lines) else 0)
        self.plot = outer.adjusted(left, 1.35 * self.height, -right, -1.25 * self.height)
        x_range, y_range = _x_range(chart), _y_range(chart)
        has_room = self.plot.width() >= 20 and self.plot.height() >= 10
        self.is_empty = x_range is None or y_range is None or not has_room
        self.x_range, self.y_range = x_range or (0.0, 1.0), y_range or (0.0, 1.0)

    def paint(self) -> None:
        self._paint_title()
        if self.is_empty:
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            self._text(self.outer.adjusted(8, 0, -8, 0), flags, self.chart.empty, self.chart.palette.muted)
            return
        self._paint_ticks()
        self._paint_levels()
        self._paint_ghosts()
        for line in self.chart.lines:
            self._paint_line(line)
        self._paint_marks()
        self._paint_cursor()

    def _paint_title(self) -> None:
        """Title, then each curve's name and newest value in its own colour: no legend to look up."""
        entries = [(self.chart.title, self.chart.palette.ink)] if self.chart.title else []
        for line in (line for line in self.chart.lines if line.label):
            value = _read(line, self.chart.cursor) if line.said is None else line.said
            said = f"{100 * value:.1f} %" if self.chart.percent and math.isfinite(value) else short(value)
            entries.append((f"{line.label} {said}", line.color))
        widths = [self.metrics.horizontalAdvance(text) for text, _ in entries]
        gap = 0.8 * self.height
        if sum(widths) + gap * (len(widths) - 1) > self.outer.width() - 8 and self.chart.title:
            entries, widths = entries[1:], widths[1:]  # In a narrow dock values say more than the title.
        gap = min(gap, max(6.0, (self.outer.width() - 8 - sum(widths)) / max(1, len(widths) - 1)))
        taken = sum(widths) + gap * (len(widths) - 1)
        self.painter.save()
        if taken > self.outer.width() - 8 > 0:  # Smaller type rather than a number cut in two.
            share = (self.outer.width() - 8) / taken
            self.painter.scale(share, 1.0 if share > 0.94 else share)
        x = 4.0
        align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        for (text, color), width in zip(entries, widths, strict=True):
            self._text(QRectF(x, 0, width + 2, 1.25 * self.height), align, text, color)
            x += width + gap
        self.painter.restore()

    def _paint_ticks(self) -> None:
        palette, plot = self.chart.palette, self.plot
        count = max(2, int(plot.height() / (2.2 * self.height)))
        ticks = (log_ticks if self.chart.logarithmic else linear_ticks)(*self.y_range, count)
        ticks = [tick for tick in ticks if tick > 0 or not self.chart.logarithmic]
        painter = self.painter
        painter.setPen(QPen(QColor(palette.border), 1))
        places = [(tick, self._y(np.array([tick]))[0]) for tick in ticks]
        for _, y in places:
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for tick, y in places:
            said = f"{100 * tick:.3g} %" if self.chart.percent else short(tick)
            self._text(QRectF(0, y - self.height, plot.left() - 5, 2 * self.height), right, said, palette.muted)
        columns = max(2, int(plot.width() / (4.5 * self.height)))
        for tick, said in step_ticks(*self.x_range, columns):
            width = self.metrics.horizontalAdvance(said) + 2
            left = min(self._x(np.array([tick]))[0] - width / 2, self.outer.right() - width - 2)
            box = QRectF(left, plot.bottom() + 1, width, 1.2 * self.height)
            self._text(box, Qt.AlignmentFlag.AlignCenter, said, palette.muted)

    def _paint_levels(self) -> None:
        palette, plot = self.chart.palette, self.plot
        pen = QPen(QColor(palette.muted), 1, Qt.PenStyle.DashLine)
        for level in self.chart.levels:
            if not self.y_range[0] <= level.value <= self.y_range[1]:
                continue
            y = self._y(np.array([level.value]))[0]
            self.painter.setPen(pen)
            self.painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            width, height = self.metrics.horizontalAdvance(level.label) + 2, 1.2 * self.height
            align = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            self._text(self._freest(y, width, height), align, level.label, palette.muted)

    def _freest(self, y: float, width: float, height: float) -> QRectF:
        """Return the box for a level's label, above or below it, left or right, that the curves cross least."""
        plot = self.plot
        boxes = [
            QRectF(left, top, width, height)
            for top in (y - height, y + 1)
            for left in (plot.right() - width - 2, plot.left() + 4)
            if top >= plot.top() - 2 and top + height <= plot.bottom() + 2
        ]
        if not boxes:
            return QRectF(plot.right() - width - 2, y - height, width, height)
        return min(boxes, key=self._crossed)  # The first of equals: above, at the right.

    def _crossed(self, box: QRectF) -> float:
        """Return the share of a box's width in which a curve runs through it."""
        x = np.linspace(box.left(), box.right(), 16)
        crossed = np.zeros(len(x), bool)
        for line in self.chart.lines:
            known = np.isfinite(line.y) & ((line.y > 0) | (not self.chart.logarithmic))
            if known.any():
                steps = self._x(line.x[known])
                at = np.interp(x, steps, self._y(line.y[known]), math.nan, math.nan)
                crossed |= (at > box.top() + 2) & (at < box.bottom() - 2)
        return float(crossed.mean())

    def _paint_line(self, line: Line) -> None:
        known = np.isfinite(line.y)
        if self.chart.logarithmic:
            known &= line.y > 0
        if not known.any():
            return
        x, y = thin_to_columns(self._x(line.x[known]), self._y(line.y[known]))
        color = QColor(line.color)
        stroke_curve(self.painter, curve_of(x, y), color, 1.7, DASHED if line.dashed else ())
        self.painter.setBrush(color)
        self.painter.drawEllipse(QPointF(x[-1], y[-1]), 2.2, 2.2)

    def _paint_ghosts(self) -> None:
        color = faint(self.chart.palette.muted, 0.7)
        self.painter.save()
        self.painter.setClipRect(self.plot)
        for line in self.chart.ghosts:
            known = np.isfinite(line.y) & ((line.y > 0) | (not self.chart.logarithmic))
            known &= (line.x >= self.x_range[0]) & (line.x <= self.x_range[1])
            if known.sum() > 1:
                x, y = thin_to_columns(self._x(line.x[known]), self._y(line.y[known], 9999.0))
                stroke_curve(self.painter, curve_of(x, y), color, 1.0, DASHED if line.dashed else ())
        self.painter.restore()

    def _paint_cursor(self) -> None:
        """Draw the step that is looked at, and where each curve is there."""
        cursor = self.chart.cursor
        if cursor is None or not self.x_range[0] <= cursor <= self.x_range[1]:
            return
        x = float(self._x(np.array([cursor]))[0])
        self.painter.setPen(QPen(QColor(self.chart.palette.ink), 1))
        self.painter.drawLine(QPointF(x, self.plot.top()), QPointF(x, self.plot.bottom()))
        self.painter.setPen(Qt.PenStyle.NoPen)
        for line in self.chart.lines:
            value = _read(line, cursor)
            if math.isfinite(value) and (value > 0 or not self.chart.logarithmic):
                self.painter.setBrush(QColor(line.color))
                self.painter.drawEllipse(QPointF(x, float(self._y(np.array([value]))[0])), 3.0, 3.0)
        self.painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_marks(self) -> None:
        """Write what marks each curve at its end, apart from each other where ends are close."""
        ends = []
        for line in self.chart.lines:
            known = np.isfinite(line.y) & ((line.y > 0) | (not self.chart.logarithmic))
            if line.mark and known.any():
                ends.append((float(self._y(line.y[known][-1:])[0]), line))
        gap, lowest = 0.95 * self.height, self.plot.bottom() + 0.5 * self.height
        places = [y for y, _ in sorted(ends, key=_first)]
        for index in range(1, len(places)):
            places[index] = max(places[index], places[index - 1] + gap)
        for index in range(len(places) - 1, -1, -1):
            below = lowest if index == len(places) - 1 else places[index + 1] - gap
            places[index] = min(places[index], below)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        for place, (_, line) in zip(places, sorted(ends, key=_first), strict=True):
            box = QRectF(self.plot.right() + 5, place - self.height, 3 * self.height, 2 * self.height)
            self._text(box, left, line.mark, line.color)

    def _x(self, steps: NDArray[np.number]) -> Float:
        low, high = self.x_range
        return self.plot.left() + (steps.astype(np.float64) - low) * (self.plot.width() / (high - low))

    def _y(self, values: Float, beyond: float = 1.0) -> Float:
        """Return the heights of values, at most `beyond` pixels outside the plot."""
        low, high = self.y_range
        if self.chart.logarithmic:
            low, high, values = math.log10(low), math.log10(high), np.log10(values)
        place = self.plot.bottom() - (values - low) * (self.plot.height() / (high - low))
        return np.clip(place, self.plot.top() - beyond, self.plot.bottom() + beyond)

    def _text(self, box: QRectF, flags: int, text: str, color: str) -> None:
        if text:
            self.painter.setPen(QColor(color))
            self.painter.drawText(box, int(flags), text)


def thin_to_columns(x: Float, y: Float) -> tuple[Float, Float]:
    """Return the lowest and the highest entry of every pixel column, and both ends: the same picture with less."""
    column = np.floor(x).astype(np.int64)
    starts = np.flatnonzero(np.diff(column, prepend=column[0] - 1))
    if len(x) <= 2 * len(starts):
        return x, y
    ends = np.append(starts[1:], len(x)) - 1
    order = np.lexsort((y, column))
    kept = np.unique(np.concatenate([[0, len(x) - 1], order[starts], order[ends]]))
    return x[kept], y[kept]


def _first(pair: tuple[float, Line]) -> float:
    return pair[0]


def _newest(y: Float) -> float:
    known = y[np.isfinite(y)]
    return float(known[-1]) if len(known) else math.nan


def _read(line: Line, cursor: float | None) -> float:
    """Return a curve's value at the cursor: the newest known there or before; without one, the newest."""
    if cursor is None:
        return _newest(line.y)
    return _newest(line.y[: int(np.searchsorted(line.x, cursor, side="right"))])


def _x_range(chart: Chart) -> tuple[float, float] | None:
    ends = [(float(line.x[0]), float(line.x[-1])) for line in chart.lines if len(line.x)]
    if not ends:
        return None
    low, high = min(a for a, _ in ends), max(b for _, b in ends)
    high = high if chart.until is None else max(high, chart.until)
    return low, max(high, low + 10)


def _y_range(chart: Chart) -> tuple[float, float] | None:
    """Return the range of values, a little wider, or the chart's own."""
    known = [line.y[np.isfinite(line.y) & ((line.y > 0) | (not chart.logarithmic))] for line in chart.lines]
    known = [values for values in known if len(values)]
    if not known:
        return None
    low, high = min(float(v.min()) for v in known), max(float(v.max()) for v in known)
    low = chart.low if chart.low is not None else low
    high = chart.high if chart.high is not None else high
    if chart.logarithmic:
        low = max(low, high * 1e-12)
        room = (high / low) ** 0.06 if high > low else 1.3
        return low / room, high * room
    room = 0.06 * (high - low) or max(abs(high), 1.0) * 0.1
    return (low if chart.low is not None else low - room), (high if chart.high is not None else high + room)
