"""BarPlot: a small distribution as bars."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent

from reluviz.app.panels.ticks import short
from reluviz.app.widgets.painted_view import PaintedView
from reluviz.core.palette import PALETTES, Palette


@dataclass(frozen=True, eq=False)
class Bars:
    """heights (N,) in the order shown; `ticks` are (bar, text) under them, `colors` one per bar or one for all."""

    title: str = ""
    heights: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    ticks: tuple[tuple[float, str], ...] = ()
    colors: tuple[str, ...] = ()
    said: str = ""
    palette: Palette = field(default_factory=lambda: PALETTES["dark"])


class BarPlot(PaintedView):
    """Paints Bars: title with what matters in words, bars, and what stands under them."""

    preferred = (18, 6)
    least = (10, 5.2)

    def __init__(self, name: str, help: str) -> None:
        super().__init__(name)
        self.setToolTip(help)
        self._bars = Bars()

    def show_bars(self, bars: Bars) -> None:
        """Paint `bars` from now on."""
        self._bars = bars
        self.setAccessibleDescription(f"{bars.title}: {bars.said}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint; one Qt call per colour of bar, and a few of text."""
        bars, line = self._bars, self.fontMetrics().height()
        painter = QPainter(self)
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        head = QRectF(2, 0, self.width() - 4, 1.3 * line)
        metrics = self.fontMetrics()
        painter.setPen(QColor(bars.palette.ink))
        painter.drawText(head, left | Qt.AlignmentFlag.AlignVCenter, bars.title)
        room = head.width() - metrics.horizontalAdvance(bars.title) - line
        painter.setPen(QColor(bars.palette.muted))
        said = metrics.elidedText(bars.said, Qt.TextElideMode.ElideRight, max(0, round(room)))
        painter.drawText(head, right | Qt.AlignmentFlag.AlignVCenter, said)
        plot = QRectF(2, 1.5 * line, self.width() - 4, self.height() - 2.8 * line)
        count = len(bars.heights)
        if count and plot.height() > 4:
            self._paint_bars(painter, plot, count)
            self._paint_ticks(painter, plot, count, line)
        painter.end()

    def _paint_bars(self, painter: QPainter, plot: QRectF, count: int) -> None:
        bars = self._bars
        highest = float(bars.heights.max()) or 1.0
        width = plot.width() / count
        gap = min(2.0, 0.18 * width)
        rects: dict[str, list[QRectF]] = {}
        for index, height in enumerate(bars.heights.tolist()):
            if height > 0:
                # A bar of one region among thousands is still seen.
                tall = max(1.0, height / highest * plot.height())
                color = bars.colors[index % len(bars.colors)]
                rect = QRectF(plot.left() + index * width, plot.bottom() - tall, max(1.0, width - gap), tall)
                rects.setdefault(color, []).append(rect)
        painter.setPen(Qt.PenStyle.NoPen)
        for color, some in rects.items():
            painter.setBrush(QColor(color))
            painter.drawRects(some)
        painter.setPen(QColor(bars.palette.border))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())

    def _paint_ticks(self, painter: QPainter, plot: QRectF, count: int, line: int) -> None:
        painter.setPen(QColor(self._bars.palette.muted))
        reached = -1e9
        for place, text in self._bars.ticks:
            width = self.fontMetrics().horizontalAdvance(text) + 2
            x = plot.left() + (place + 0.5) / count * plot.width() - width / 2
            x = min(max(plot.left(), x), plot.right() - width)
            if x < reached + 0.4 * line:
                continue
            reached = x + width
            painter.drawText(QRectF(x, plot.bottom() + 1, width, 1.2 * line), Qt.AlignmentFlag.AlignCenter, text)


def number_ticks(count: int, most: int = 6) -> tuple[tuple[float, str], ...]:
    """Return round numbers under bars that stand for 0, 1, 2, ..."""
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000) if (count - 1) / s <= most or s == 5000)
    return tuple((float(value), f"{value:,}") for value in range(0, count, step))


def area_ticks(edges: NDArray[np.float64], most: int = 4) -> tuple[tuple[float, str], ...]:
    """Return some of a logarithmic histogram's edges, where they lie between the bars."""
    chosen = np.linspace(0, len(edges) - 1, most).round().astype(int)
    return tuple((float(i) - 0.5, short(float(edges[i]))) for i in chosen)
