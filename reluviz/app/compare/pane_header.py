"""PaneHeader: what tells one pane from the others, and what it shows, in one line above its canvas."""

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from reluviz.app.theme import make_font
from reluviz.app.widgets.tool_button import ToolButton
from reluviz.core.palette import PALETTES, Palette

PART = " \N{MIDDLE DOT} "


class PaneHeader(QWidget):
    """A numbered badge in the pane's colour, its label, and a sentence that gives way where room is short."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number
        self._label = self._said = ""
        self._is_warning = False
        self._palette = PALETTES["dark"]
        self._font, self._bold = self.font(), self.font()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.keep = ToolButton("promote", "Keep", "Makes this pane the main experiment and ends the comparison.", 1.05)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 2, 0)
        layout.addStretch(1)
        layout.addWidget(self.keep)

    def style_as(self, palette: Palette, scale: float) -> None:
        """Take the theme's colours and a size of type."""
        self._palette = palette
        self._font, self._bold = make_font(scale), make_font(1.04 * scale, QFont.Weight.DemiBold)
        self.setFixedHeight(round(1.75 * QFontMetrics(self._bold).height()))
        self.update()

    def show_texts(self, label: str, said: str, is_warning: bool = False) -> None:
        """Show a label and a sentence."""
        if (label, said, is_warning) == (self._label, self._said, self._is_warning):
            return
        self._label, self._said, self._is_warning = label, said, is_warning
        self.setAccessibleName(f"Pane {self._number}, {label}: {said}")
        self.setToolTip(f"{label}: {said}" if said else label)
        self.keep.setAccessibleName(f"Keep {label}")
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as it may be, as high as the type asks for."""
        return QSize(200, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint badge, label and sentence."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        bold, plain = QFontMetrics(self._bold), QFontMetrics(self._font)
        room = self.keep.x() - 6
        x = paint_badge(painter, self._number, self._palette, QRectF(6, 0, 1.2 * bold.height(), self.height()))
        x += 0.5 * bold.height()
        label = bold.elidedText(self._label, Qt.TextElideMode.ElideRight, max(0, round(room - x)))
        align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.setFont(self._bold)
        painter.setPen(QColor(self._palette.ink))
        painter.drawText(QRectF(x, 0, room - x, self.height()), align, label)
        x += bold.horizontalAdvance(label) + 0.7 * bold.height()
        said = shortened(self._said, plain.horizontalAdvance, room - x)
        said = plain.elidedText(said, Qt.TextElideMode.ElideRight, max(0, round(room - x)))
        if room - x > 2 * plain.averageCharWidth():
            painter.setFont(self._font)
            painter.setPen(QColor(self._palette.error if self._is_warning else self._palette.muted))
            painter.drawText(QRectF(x, 0, room - x, self.height()), align, said)
        painter.end()


def shortened(said: str, width_of: Callable[[str], float], room: float) -> str:
    """Return as many of the last parts of a sentence as there is room for, at least one: the count goes first."""
    while width_of(said) > room and PART in said:
        said = said.partition(PART)[2]
    return said


def pane_color(palette: Palette, index: int) -> str:
    """Return the colour of one pane in badges, table and plot."""
    return palette.lines[index % len(palette.lines)]


def paint_badge(painter: QPainter, number: int, palette: Palette, box: QRectF) -> float:
    """Paint a pane's number on a disc of its colour at the left of `box`; return where the disc ends."""
    side = min(box.width(), box.height())
    disc = QRectF(box.left(), box.center().y() - side / 2, side, side)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(pane_color(palette, number - 1)))
    painter.drawEllipse(disc)
    font = make_font(1.0, QFont.Weight.Bold)
    font.setPixelSize(max(6, round(0.68 * side)))
    painter.setFont(font)
    painter.setPen(QColor(palette.canvas))
    painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, str(number))
    return disc.right()
