"""ShareBar: parts of a whole, side by side in one bar."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget


@dataclass(frozen=True)
class Part:
    """One part: what it is, how much of it, its colour."""

    label: str
    amount: float
    color: str


class ShareBar(QWidget):
    """Paints its parts as long as their amounts; what they are is said elsewhere, and to screen readers here."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._parts: tuple[Part, ...] = ()

    def show_parts(self, parts: tuple[Part, ...]) -> None:
        """Paint `parts` from now on."""
        if parts == self._parts:
            return
        self._parts = parts
        self.setAccessibleDescription(", ".join(f"{part.amount:g} {part.label}" for part in parts))
        self.update()

    def sizeHint(self) -> QSize:
        """Half a line high."""
        return QSize(80, round(0.62 * self.fontMetrics().height()))

    def minimumSizeHint(self) -> QSize:
        """As high as it is."""
        return QSize(40, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the parts."""
        whole = sum(part.amount for part in self._parts)
        if whole <= 0:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = QPainterPath()
        outline.addRoundedRect(QRectF(self.rect()), 3, 3)
        painter.setClipPath(outline)
        painter.setPen(Qt.PenStyle.NoPen)
        x = 0.0
        for part in self._parts:
            width = self.width() * part.amount / whole
            painter.fillRect(QRectF(x, 0, width, self.height()), QColor(part.color))
            x += width
        painter.end()
