"""LineItem: lights the bent line that the hand could take, with handles where it can be turned."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from reluviz.app.canvas.box_item import BoxItem
from reluviz.app.canvas.plane import PlaneBox
from reluviz.core.palette import Palette

HANDLE = 6.0  # Radius in logical pixels.


class LineItem(BoxItem):
    """Draws segments (S, 4) of the plane twice, halo first, and handles (H, 2) as rings."""

    def __init__(self, box: PlaneBox) -> None:
        super().__init__(box, 40)
        self._segments: NDArray[np.float64] = np.zeros((0, 4))
        self._handles: NDArray[np.float64] = np.zeros((0, 2))
        self._colors = (QColor("white"), QColor("black"))

    def set_palette(self, palette: Palette) -> None:
        """Take the theme's colours."""
        self._colors = (QColor(palette.accent), QColor(palette.halo))
        self.update()

    def show_line(self, segments: NDArray[np.float64] | None, handles: NDArray[np.float64] | None = None) -> None:
        """Show a line, or nothing."""
        if segments is None and not len(self._segments) and not len(self._handles):
            return
        self._segments = np.zeros((0, 4)) if segments is None else segments
        self._handles = np.zeros((0, 2)) if handles is None else handles
        self.update()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw line and handles; some eight Qt calls."""
        if not len(self._segments) and not len(self._handles):
            return
        ink, halo = self._colors
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setClipRect(self._box.rect())
        ends = self._box.places(self._segments.reshape(-1, 2)).reshape(-1, 4)
        lines = [QLineF(*row) for row in ends.tolist()]
        for color, width in ((halo, 5.0), (ink, 2.4)):
            painter.setPen(QPen(color, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawLines(lines)
        painter.setPen(QPen(ink, 2.0))
        painter.setBrush(halo)
        for x, y in self._box.places(self._handles).tolist():
            painter.drawEllipse(QPointF(x, y), HANDLE, HANDLE)
