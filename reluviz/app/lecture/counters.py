"""Counters: chosen figures so large that the last row reads them."""

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from reluviz.app.figures import NONE
from reluviz.app.theme import make_font
from reluviz.core.palette import PALETTES

REFRESH_MS = 120  # Faster than eight times a second, a number is a flicker.
CAPTIONS = {
    "step": "steps",
    "epoch": "epochs",
    "train_loss": "training loss",
    "test_loss": "test loss",
    "accuracy": "accuracy",
    "regions": "regions",
}
SHARE = 0.085
"""Height of a figure as a share of the shorter side of what it stands on,"""
COLUMN_SHARE = 0.24
MOST_WIDTH = 0.94
"""and how much of the width all of them may take."""
SMALLEST = 9
CAPTION = 0.42
"""Size of a caption as a share of its figure's."""


class Counters(QWidget):
    """Figures in a row, or in a column where `is_column`, on a plate; as large as their room allows.

    Drawn once per change into a picture: what they stand on is painted sixty times a second.
    """

    def __init__(self, parent: QWidget, is_column: bool = False) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._is_column = is_column
        self._texts: dict[str, str] = {}
        self._waiting: tuple[dict[str, str], str, QSize] | None = None
        self._widest: dict[str, str] = {}
        self._look: tuple[str, QSize] = ("", QSize())
        self._pixmap = QPixmap()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self._take)

    @property
    def texts(self) -> dict[str, str]:
        """What is shown, by name."""
        return self._texts

    def show_figures(self, texts: dict[str, str], theme: str, room: QSize) -> None:
        """Show texts by name, within `room` logical pixels; at once where the look changes, else in time."""
        self._waiting = (texts, theme, room)
        if (theme, room) != self._look or texts.keys() != self._texts.keys():
            self._take()
        elif texts != self._texts and not self._timer.isActive():
            self._timer.start()

    def _take(self) -> None:
        if self._waiting is None:
            return
        texts, theme, room = self._waiting
        if texts.keys() != self._texts.keys():
            self._widest = {}
        self._texts, self._look = texts, (theme, room)
        for name, text in texts.items():
            if len(text) >= len(self._widest.get(name, "")):
                self._widest[name] = text
        self.setAccessibleName(", ".join(f"{CAPTIONS[name]} {text}" for name, text in texts.items()))
        self._draw(theme, room)

    def _draw(self, theme: str, room: QSize) -> None:
        palette, ratio = PALETTES[theme], self.devicePixelRatioF()
        size = max(SMALLEST, round((COLUMN_SHARE if self._is_column else SHARE) * min(room.width(), room.height())))
        big, small = fonts(size)
        while size > SMALLEST and not self._fits(big, small, room):
            size -= 1
            big, small = fonts(size)
        cells = [self._cell(name, big, small) for name in self._texts]
        figure, caption = QFontMetricsF(big), QFontMetricsF(small)
        gap, pad = 0.75 * size, (0.0 if self._is_column else 0.38 * size)
        cell_height = figure.capHeight() + 0.22 * size + caption.height()
        over = figure.ascent() - figure.capHeight()  # Digits fill only this much less of their line.
        if self._is_column:
            width = max(cells, default=0.0)
            height = len(cells) * (cell_height + gap) - gap if cells else 0.0
        else:
            width = sum(cells) + gap * max(0, len(cells) - 1)
            height = cell_height
        whole = QSize(round(width + 2 * pad) + 1, round(height + 1.7 * pad + 0.1 * size) + 1)
        self._pixmap = QPixmap(whole * ratio)
        self._pixmap.setDevicePixelRatio(ratio)
        self._pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(self._pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        if not self._is_column:
            plate = QColor(palette.surface)
            plate.setAlpha(228)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(plate)
            painter.drawRoundedRect(QRectF(0, 0, whole.width(), whole.height()), 8, 8)
        x, y = pad, max(pad, 0.1 * size)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        for (name, text), wide in zip(self._texts.items(), cells, strict=True):
            painter.setFont(big)
            painter.setPen(QColor(palette.ink))
            painter.drawText(QRectF(x, y - over, wide + size, figure.height()), left, text)
            painter.setFont(small)
            painter.setPen(QColor(palette.muted))
            below = y + figure.capHeight() + 0.22 * size
            painter.drawText(QRectF(x + 0.03 * size, below, wide + size, caption.height()), left, CAPTIONS[name])
            if self._is_column:
                y += cell_height + gap
            else:
                x += wide + gap
        painter.end()
        self.resize(whole)
        self.update()

    def _cell(self, name: str, big: QFont, small: QFont) -> float:
        """Return the width of one figure: that of the widest seen, so that nothing moves."""
        value = max(QFontMetricsF(big).horizontalAdvance(text) for text in (self._widest.get(name, NONE), NONE))
        return max(value, QFontMetricsF(small).horizontalAdvance(CAPTIONS[name]))

    def _fits(self, big: QFont, small: QFont, room: QSize) -> bool:
        cells = [self._cell(name, big, small) for name in self._texts]
        size = big.pixelSize()
        if self._is_column:
            height = len(cells) * (QFontMetricsF(big).capHeight() + QFontMetricsF(small).height() + 0.97 * size)
            return max(cells, default=0.0) <= room.width() and height <= room.height()
        return sum(cells) + 0.75 * size * max(0, len(cells) - 1) + 0.76 * size <= MOST_WIDTH * room.width()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Put the finished picture there."""
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._pixmap)
        painter.end()


def fonts(size: int) -> tuple[QFont, QFont]:
    """Return the fonts of a figure of `size` pixels and of its caption."""
    big, small = make_font(1.0, QFont.Weight.DemiBold), make_font(1.0, QFont.Weight.Medium)
    big.setPixelSize(size)
    small.setPixelSize(max(10, round(CAPTION * size)))
    return big, small
