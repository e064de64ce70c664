"""CheckMark: whether a number lies where it was promised, told by shape and colour."""

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from reluviz.core.palette import PALETTES, Palette

SAID = {"passed": "as promised", "failed": "not as promised", "waiting": "still training", "shown": "measured", "": ""}


class CheckMark(QWidget):
    """A tick, a cross, three dots while training is not far enough, or a ring where nothing is judged."""

    def __init__(self) -> None:
        super().__init__()
        self._state, self._theme = "", "dark"

    def show_mark(self, state: str, theme: str) -> None:
        """Show one of SAID."""
        if (state, theme) != (self._state, self._theme):
            self._state, self._theme = state, theme
            self.setAccessibleName(SAID[state])
            self.setToolTip(SAID[state].capitalize())
            self.update()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the size of type."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            side = round(1.5 * self.fontMetrics().height())
            self.setFixedSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the mark."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        colors, box = PALETTES[self._theme], QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self._state == "passed":
            paint_tick(painter, box, passed_color(colors))
        elif self._state == "failed":
            paint_cross(painter, box, QColor(colors.error))
        else:
            _paint_open(painter, box, QColor(colors.muted), dots=self._state != "shown")
        painter.end()


def passed_color(colors: Palette) -> QColor:
    """Return the green of colour-blind-safe palettes that stands out on this theme."""
    return QColor(colors.classes[2])


def paint_tick(painter: QPainter, box: QRectF, color: QColor) -> None:
    """Paint a tick on a disc."""
    path = _disc(painter, box, color)
    side = box.width()
    path.moveTo(box.left() + 0.27 * side, box.top() + 0.53 * side)
    path.lineTo(box.left() + 0.44 * side, box.top() + 0.69 * side)
    path.lineTo(box.left() + 0.74 * side, box.top() + 0.34 * side)
    painter.drawPath(path)


def paint_cross(painter: QPainter, box: QRectF, color: QColor) -> None:
    """Paint a cross on a disc."""
    path = _disc(painter, box, color)
    low, high = 0.33 * box.width(), 0.67 * box.width()
    for start, end in (((low, low), (high, high)), ((high, low), (low, high))):
        path.moveTo(box.topLeft() + QPointF(*start))
        path.lineTo(box.topLeft() + QPointF(*end))
    painter.drawPath(path)


def _disc(painter: QPainter, box: QRectF, color: QColor) -> QPainterPath:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawEllipse(box)
    # What is cut into the disc stands out on light and dark colours alike.
    ink = QColor("#ffffff") if _is_dark(color) else QColor("#101418")
    cap, join = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
    painter.setPen(QPen(ink, max(1.6, 0.12 * box.width()), Qt.PenStyle.SolidLine, cap, join))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    return QPainterPath()


def _is_dark(color: QColor) -> bool:
    return 0.299 * color.redF() + 0.587 * color.greenF() + 0.114 * color.blueF() < 0.5


def _paint_open(painter: QPainter, box: QRectF, color: QColor, dots: bool) -> None:
    painter.setPen(QPen(color, max(1.4, 0.08 * box.width())))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(box.adjusted(1, 1, -1, -1))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    radius = 0.07 * box.width()
    for place in (-1, 0, 1) if dots else (0,):
        center = box.center() + QPointF(0.22 * place * box.width(), 0)
        painter.drawEllipse(center, radius * math.sqrt(1 if dots else 2), radius * math.sqrt(1 if dots else 2))
