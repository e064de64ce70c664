"""Counters: chosen figures so large that the last row reads them."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from reluviz.app.figures import NONE
from reluviz.app.theme import make_font
from reluviz.app.tints import faint
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
"""and how much of the width all of them may take,"""
MOST_HEIGHT = 0.25
"""and of the height."""
SMALLEST = 9
CAPTION = 0.42
"""Size of a caption as a share of its figure's,"""
UNDER, GAP, PAD = 0.22, 0.75, 0.38
"""and of the room under a figure, between two of them, and around all on their plate."""


@dataclass(frozen=True)
class Grid:
    """Figures of one size, in pixels, with their upper left corners, and what all of them take."""

    size: int
    places: tuple[tuple[float, float], ...]
    width: float
    height: float

    def fits(self, width: float, height: float) -> bool:
        """Whether there is room for it."""
        return self.width <= width and self.height <= height


class Counters(QWidget):
    """Figures on a plate in one row or two, or in one or two columns where `is_column`; as large as their room allows.

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
        grid = self._arranged(room)
        size, whole = grid.size, QSize(round(grid.width) + 1, round(grid.height) + 1)
        big, small = fonts(size)
        figure, caption = QFontMetricsF(big), QFontMetricsF(small)
        self._pixmap = QPixmap(whole * ratio)
        self._pixmap.setDevicePixelRatio(ratio)
        self._pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(self._pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        if not self._is_column:
            plate = faint(palette.surface, 0.9)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(plate)
            painter.drawRoundedRect(QRectF(0, 0, whole.width(), whole.height()), 8, 8)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        over = figure.ascent() - figure.capHeight()  # Digits fill only this much less of their line.
        for (name, text), (x, y) in zip(self._texts.items(), grid.places, strict=True):
            painter.setFont(big)
            painter.setPen(QColor(palette.ink))
            painter.drawText(QRectF(x, y - over, whole.width(), figure.height()), left, text)
            painter.setFont(small)
            painter.setPen(QColor(palette.muted))
            below = y + figure.capHeight() + UNDER * size
            painter.drawText(QRectF(x + 0.03 * size, below, whole.width(), caption.height()), left, CAPTIONS[name])
        painter.end()
        bottom = self.y() + self.height()
        self.resize(whole)
        if not self._is_column:  # A plate stands on the lower edge, whatever height its figures come to.
            self.move(self.x(), bottom - whole.height())
        self.update()

    def _arranged(self, room: QSize) -> "Grid":
        """Return the arrangement with the largest figures that fits a room."""
        share = COLUMN_SHARE if self._is_column else SHARE
        most = max(SMALLEST, round(share * min(room.width(), room.height())))
        choices = (1, 2) if self._is_column else (max(1, len(self._texts)), 2)
        wide = room.width() if self._is_column else MOST_WIDTH * room.width()
        high = room.height() if self._is_column else MOST_HEIGHT * room.height()
        best: Grid | None = None
        for columns in choices:
            size = most
            while size > SMALLEST and not self._place(size, columns).fits(wide, high):
                size -= 1
            grid = self._place(size, columns)
            if best is None or (grid.fits(wide, high), size) > (best.fits(wide, high), best.size):
                best = grid
        assert best is not None
        return best

    def _place(self, size: int, columns: int) -> "Grid":
        """Return where figures of a size stand in as many columns, each as wide as its widest."""
        big, small = fonts(size)
        cells = [self._cell(name, big, small) for name in self._texts]
        widths = [max(cells[column::columns], default=0.0) for column in range(min(columns, len(cells)))]
        height = QFontMetricsF(big).capHeight() + UNDER * size + QFontMetricsF(small).height()
        gap, pad = GAP * size, (0.0 if self._is_column else PAD * size)
        top = max(pad, 0.1 * size)
        rows = -(-len(cells) // columns)
        lefts = [pad + sum(widths[:column]) + gap * column for column in range(len(widths))]
        places = [(lefts[i % columns], top + i // columns * (height + gap)) for i in range(len(cells))]
        width = 2 * pad + sum(widths) + gap * max(0, len(widths) - 1)
        return Grid(size, tuple(places), width, top + rows * (height + gap) - gap + 0.7 * pad)

    def _cell(self, name: str, big: QFont, small: QFont) -> float:
        """Return the width of one figure: that of the widest seen, so that nothing moves."""
        value = max(QFontMetricsF(big).horizontalAdvance(text) for text in (self._widest.get(name, NONE), NONE))
        return max(value, QFontMetricsF(small).horizontalAdvance(CAPTIONS[name]))

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
