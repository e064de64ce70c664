"""CostBars: how long each activation takes, forward and backward, as bars with whiskers."""

import math
from dataclasses import dataclass, field

from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from reluviz.app.panels.ticks import log_ticks, short
from reluviz.core.activations import ACTIVATIONS
from reluviz.core.cost import ActivationCost
from reluviz.core.palette import PALETTES, Palette


@dataclass(frozen=True)
class CostChart:
    """What CostBars shows: costs in the order to paint, and which activations are in use."""

    costs: tuple[ActivationCost, ...] = ()
    used: frozenset[str] = frozenset()
    palette: Palette = field(default_factory=lambda: PALETTES["dark"])


class CostBars(QWidget):
    """Paints a CostChart: one row per activation, forward above backward, quartiles as whiskers."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Cost of each activation")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._chart = CostChart()

    def show_chart(self, chart: CostChart) -> None:
        """Paint `chart` from now on."""
        if chart == self._chart:
            return
        self._chart = chart
        said = (f"{_label(c)}: {short(c.forward_ns)} forward, {short(c.backward_ns)} backward" for c in chart.costs)
        self.setAccessibleDescription("Nanoseconds per number. " + "; ".join(said))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As high as its rows need."""
        line = self.fontMetrics().height()
        # Room for all of them from the beginning: what is measured comes one after another.
        return QSize(14 * line, round((1.6 + 1.35 * len(ACTIVATIONS)) * line))

    def minimumSizeHint(self) -> QSize:
        """As high as its rows need."""
        return QSize(9 * self.fontMetrics().height(), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint names, bars and whiskers over a common scale from 0."""
        costs, palette = self._chart.costs, self._chart.palette
        if not costs:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = self.fontMetrics()
        line = metrics.height()
        left = min(max(metrics.horizontalAdvance(_label(cost)) for cost in costs), 0.38 * self.width()) + 8.0
        right = self.width() - metrics.horizontalAdvance("0.000") - 8.0
        low_end, high_end = ends_of(costs)
        decades = math.log10(high_end / low_end)

        def place(value: float) -> float:
            """Return where a time lies: by its logarithm, as costs are compared by factors."""
            share = math.log10(max(value, low_end) / low_end) / decades
            return left + share * max(10.0, right - left)

        bottom = 1.35 * line * len(costs)
        for tick in log_ticks(low_end, high_end, max(2, int((right - left) / (2.5 * line)))):
            x = place(tick)
            painter.setPen(QPen(QColor(palette.border), 1))
            painter.drawLine(QLineF(x, 0, x, bottom))
            painter.setPen(QColor(palette.muted))
            box = QRectF(x - 40, bottom + 2, 80, 1.3 * line)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, short(tick))
        for row, cost in enumerate(costs):
            top = 1.35 * line * row
            painter.setPen(QColor(palette.ink if cost.name in self._chart.used else palette.muted))
            label = metrics.elidedText(_label(cost), Qt.TextElideMode.ElideRight, round(left - 8))
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(2, top, left - 6, 1.2 * line), Qt.AlignmentFlag.AlignLeft | middle, label)
            both = (
                (cost.forward_ns, cost.forward_spread, palette.accent),
                (cost.backward_ns, cost.backward_spread, palette.warning),
            )
            for index, (value, (low, high), color) in enumerate(both):
                y = top + (0.16 + 0.5 * index) * line
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(color))
                painter.drawRoundedRect(QRectF(left, y, max(1.0, place(value) - left), 0.42 * line), 1.5, 1.5)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                center = y + 0.21 * line
                painter.setPen(QPen(QColor(palette.ink), 1.2))
                painter.drawLine(QLineF(place(low), center, place(high), center))
                for end in (low, high):
                    x = place(end)
                    painter.drawLine(QLineF(x, center - 0.14 * line, x, center + 0.14 * line))
            painter.setPen(QColor(palette.ink))
            said = QRectF(right + 2, top, self.width() - right - 4, 1.2 * line)
            painter.drawText(said, Qt.AlignmentFlag.AlignRight | middle, _total(cost))
        painter.end()


def _total(cost: ActivationCost) -> str:
    total = cost.forward_ns + cost.backward_ns
    return f"{total:.2f}" if total < 1 else f"{total:.2g}" if total < 100 else short(total)


def ends_of(costs: tuple[ActivationCost, ...]) -> tuple[float, float]:
    """Return the ends of the scale: the largest time and at most two decades less, where the bars begin."""
    times = [time for cost in costs for time in (*cost.forward_spread, *cost.backward_spread)]
    high = max(*times, 1e-6)
    least = min((time for time in times if time > 0), default=high)
    return max(0.8 * least, high / 100, high * 1e-6), high * 1.02


def _label(cost: ActivationCost) -> str:
    return ACTIVATIONS[cost.name].label
