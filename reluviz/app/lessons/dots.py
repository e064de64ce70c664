"""Dots: the steps of a lesson as dots that can be clicked; the present one is long."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from reluviz.core.palette import PALETTES

PITCH, ENDS = 1.15, 1.2  # From dot to dot in lines of type; both ends together in dots.
CLOSEST = 0.55  # What may be left of that in a narrow card.


class Dots(QWidget):
    """`picked(step)` asks for a step, counted from 0."""

    picked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._count, self._at, self._theme = 0, 0, "dark"
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip("Goes to a step.")

    def show_steps(self, count: int, at: int, theme: str) -> None:
        """Show the place `at` among `count` steps."""
        if (count, at, theme) != (self._count, self._at, self._theme):
            self._count, self._at, self._theme = count, at, theme
            self.setAccessibleName(f"Step {at + 1} of {count}")
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        """Return the room of the dots."""
        line = self.fontMetrics().height()
        return QSize(round((self._count + ENDS) * PITCH * line), round(1.6 * line))

    def minimumSizeHint(self) -> QSize:
        """Dots may stand closer."""
        return QSize(round(CLOSEST * self.sizeHint().width()), self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        """Follow the size of type."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.updateGeometry()

    @property
    def _pitch(self) -> float:
        return min(PITCH * self.fontMetrics().height(), self.width() / (self._count + ENDS))

    def _centers(self) -> list[QPointF]:
        left = (self.width() - (self._count - 1) * self._pitch) / 2
        return [QPointF(left + index * self._pitch, self.height() / 2) for index in range(self._count)]

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Go to the step whose dot is nearest."""
        if self._count and event.button() == Qt.MouseButton.LeftButton:
            places = [abs(center.x() - event.position().x()) for center in self._centers()]
            self.picked.emit(places.index(min(places)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the dots."""
        colors = PALETTES[self._theme]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(Qt.PenStyle.NoPen)
        radius = 0.2 * self._pitch
        for index, center in enumerate(self._centers()):
            painter.setBrush(QColor(colors.accent if index == self._at else colors.muted))
            half = 1.9 * radius if index == self._at else radius
            size = 1.15 * radius if index == self._at else radius
            box = QRectF(center.x() - half, center.y() - size, 2 * half, 2 * size)
            painter.drawRoundedRect(box, size, size)
        painter.end()
