"""MatrixView: a pattern matrix as one image; a click says which unit and which column it met."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QToolTip

from reluviz.app.widgets.painted_view import PaintedView
from reluviz.core.palette import PALETTES, Palette

if TYPE_CHECKING:
    from reluviz.core.color import Pixels
    from reluviz.core.pattern_matrix import PatternMatrix

Unit = tuple[int, int]


@dataclass(frozen=True, eq=False)
class MatrixPicture:
    """A painted matrix: image (H, W) in device pixels, the matrix, the hidden widths, and what its columns are."""

    image: "Pixels"
    matrix: "PatternMatrix"
    hidden: tuple[int, ...]
    columns_are: str = "point"
    ratio: float = 1.0


class MatrixView(PaintedView):
    """Paints a MatrixPicture. `picked` carries (layer, unit, column): the hidden unit and the number of what it met."""

    preferred = (30, 12)
    least = (10, 6)
    picked = Signal(int, int, int)
    resized = Signal()

    def __init__(self) -> None:
        super().__init__("Pattern matrix")
        self._picture: MatrixPicture | None = None
        self._words = ""
        self._selected: Unit | None = None
        self._palette: Palette = PALETTES["dark"]

    def show_picture(self, picture: MatrixPicture | None, words: str, selected: Unit | None, palette: Palette) -> None:
        """Paint `picture`, or `words` where there is none; the selected unit's row is marked."""
        self._picture, self._words, self._selected, self._palette = picture, words, selected, palette
        self.setAccessibleDescription(words)
        self.update()

    @property
    def margin(self) -> int:
        """The room on the left, in logical pixels: the layers' numbers and the marks of dead and always-on rows."""
        return self.fontMetrics().horizontalAdvance("88") + 14

    @property
    def room(self) -> QSize:
        """The room for the image, in logical pixels."""
        return QSize(max(8, self.width() - self.margin - 4), max(8, self.height()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for an image of the new size."""
        super().resizeEvent(event)
        self.resized.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the image, the layers' numbers, the marks and the selected row."""
        painter = QPainter(self)
        picture = self._picture
        if picture is None:
            painter.setPen(QColor(self._palette.muted))
            box = self.rect().adjusted(12, 4, -12, -4)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._words)
            painter.end()
            return
        height, width = picture.image.shape
        image = QImage(picture.image.data, width, height, picture.image.strides[0], QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(picture.ratio)
        room = self.room
        painter.drawImage(QRectF(self.margin, 0, room.width(), room.height()), image)
        self._paint_layers(painter, picture)
        painter.end()

    def _paint_layers(self, painter: QPainter, picture: MatrixPicture) -> None:
        palette, room = self._palette, self.room
        layer_of_row = np.repeat(np.arange(len(picture.hidden)), picture.hidden)[picture.matrix.rows]
        count = len(layer_of_row)
        if count == 0:
            return
        pitch = room.height() / count
        for kind, color in ((picture.matrix.dead, palette.warning), (picture.matrix.always_on, palette.ink)):
            rows = np.flatnonzero(kind[picture.matrix.rows]).tolist()
            if rows:
                painter.setPen(QPen(QColor(color), 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
                x = self.margin - 4
                painter.drawLines(
                    [QLineF(x, row * pitch, x, max((row + 1) * pitch - 0.5, row * pitch + 1)) for row in rows]
                )
        painter.setPen(QColor(palette.muted))
        borders = np.flatnonzero(np.diff(layer_of_row)) + 1
        starts = [0, *borders.tolist()]
        if len(starts) == len(picture.hidden):  # Only where layers stand together.
            painter.drawLines([QLineF(0, b * pitch, self.width(), b * pitch) for b in borders.tolist()])
            for start, end in zip(starts, [*starts[1:], count], strict=True):
                box = QRectF(0, start * pitch, self.margin - 8, (end - start) * pitch)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(int(layer_of_row[start]) + 1))
        if self._selected is not None and self._selected[0] < len(picture.hidden):
            index = sum(picture.hidden[: self._selected[0]]) + self._selected[1]
            row = int(np.flatnonzero(picture.matrix.rows == index)[0])
            painter.setPen(QPen(QColor(palette.accent), 2))
            painter.drawRect(QRectF(self.margin - 1, row * pitch - 1, room.width() + 2, max(3.0, pitch + 2)))

    def cell_at(self, position: QPointF) -> tuple[int, int, int] | None:
        """Return (layer, unit, column's number) at a position, None outside the matrix."""
        picture, room = self._picture, self.room
        x, y = position.x() - self.margin, position.y()
        if picture is None or not (0 <= x < room.width() and 0 <= y < room.height()) or not len(picture.matrix.columns):
            return None
        matrix = picture.matrix
        index = int(matrix.rows[int(y / room.height() * len(matrix.rows))])
        column = int(matrix.shown[matrix.columns[int(x / room.width() * len(matrix.columns))]])
        layer = int(np.searchsorted(np.cumsum(picture.hidden), index, side="right"))
        return layer, index - sum(picture.hidden[:layer]), column

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell what was clicked."""
        cell = self.cell_at(event.position())
        if cell is not None:
            self.picked.emit(*cell)

    def event(self, event: QEvent) -> bool:
        """Tell what a cell is."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            cell = self.cell_at(QPointF(event.pos()))
            if cell is None or self._picture is None:
                QToolTip.hideText()
            else:
                what = self._picture.columns_are
                said = f"Layer {cell[0] + 1}, unit {cell[1] + 1}, at {what} {cell[2] + 1:,}. A click selects both."
                QToolTip.showText(event.globalPos(), said, self)
            return True
        return super().event(event)
