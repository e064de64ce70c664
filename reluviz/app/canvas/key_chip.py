"""KeyChip: what the colours of the canvas stand for, in its lower left corner."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from reluviz.app.state import AppState
from reluviz.app.theme import make_font
from reluviz.app.tints import faint
from reluviz.core.color_key import ColorKey, color_key, compass_wheel
from reluviz.core.palette import PALETTES, Palette
from reluviz.core.reading import read_outputs, value_scale

COVER = 0.85  # How much of the picture it hides: words stay readable, and it is seen to lie upon something.
RAMP_WIDTH = 11.0  # In line heights.


class KeyChip(QWidget):
    """Paints one ColorKey; mice go through it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.key: ColorKey | None = None
        self._palette = PALETTES["dark"]
        self._type = make_font(1.0)
        self.hide()

    def style_as(self, palette: Palette, scale: float) -> None:
        """Take the theme's colours and a size of type."""
        self._palette, self._type = palette, make_font(scale)
        self._fit()

    def show_key(self, key: ColorKey | None) -> None:
        """Show a key from now on; whoever holds the chip places it."""
        if key != self.key:
            self.key = key
            self.setAccessibleName(f"What colours mean. {key.words()}" if key is not None else "")
            self._fit()

    def sizeHint(self) -> QSize:
        """Return the room that title and colours need."""
        key, metrics = self.key, QFontMetricsF(self._type)
        if key is None:
            return QSize(0, 0)
        line = metrics.height()
        lines = key.title.split("\n")
        width = max(metrics.horizontalAdvance(text) for text in lines)
        height = line * len(lines)
        if key.ramp:
            ticks = sum(metrics.horizontalAdvance(tick) + line for tick in key.ticks)
            width, height = max(width, ticks, RAMP_WIDTH * line), height + 1.9 * line
        elif key.swatches:
            width = max(width, sum(1.7 * line + metrics.horizontalAdvance(name) for _, name in key.swatches))
            height += 1.3 * line
        elif key.is_compass:
            width, height = width + 3.2 * line, max(height, 2.6 * line)
        return QSize(round(width + 1.1 * line), round(height + 0.7 * line))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the chip."""
        key = self.key
        if key is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faint(self._palette.surface, COVER))
        painter.drawRoundedRect(QRectF(self.rect()), 4, 4)
        painter.setFont(self._type)
        line = QFontMetricsF(self._type).height()
        inside = QRectF(self.rect()).adjusted(0.55 * line, 0.35 * line, -0.55 * line, -0.35 * line)
        if key.is_compass:
            self._paint_compass(painter, inside, line)
        else:
            below = self._write(painter, inside, key.title, line)
            if key.ramp:
                self._paint_ramp(painter, QRectF(inside.left(), below, inside.width(), line), key)
            elif key.swatches:
                self._paint_swatches(painter, QPointF(inside.left(), below + 0.15 * line), key, line)
        painter.end()

    def _fit(self) -> None:
        self.resize(self.sizeHint())
        self.update()

    def _write(self, painter: QPainter, room: QRectF, text: str, line: float) -> float:
        """Write lines of text from the top of `room`; return where they end."""
        painter.setPen(QColor(self._palette.ink))
        lines = text.split("\n")
        for index, said in enumerate(lines):
            row = QRectF(room.left(), room.top() + index * line, room.width(), line)
            painter.drawText(row, _LEFT, said)
        return room.top() + len(lines) * line

    def _paint_ramp(self, painter: QPainter, room: QRectF, key: ColorKey) -> None:
        line = room.height()
        bar = QRectF(room.left(), room.top() + 0.2 * line, room.width(), 0.55 * line)
        gradient = QLinearGradient(bar.topLeft(), bar.topRight())
        for index, color in enumerate(key.ramp):
            gradient.setColorAt(index / (len(key.ramp) - 1), QColor(color & 0xFFFFFF))
        painter.setPen(QColor(self._palette.border))
        painter.setBrush(gradient)
        painter.drawRoundedRect(bar.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)
        painter.setPen(QColor(self._palette.ink))
        last = len(key.ticks) - 1
        for index, tick in enumerate(key.ticks):
            align = _LEFT if index == 0 else _RIGHT if index == last else _CENTER
            painter.drawText(QRectF(bar.left(), bar.bottom() + 0.1 * line, bar.width(), line), align, tick)

    def _paint_swatches(self, painter: QPainter, at: QPointF, key: ColorKey, line: float) -> None:
        x, metrics = at.x(), QFontMetricsF(self._type)
        for color, name in key.swatches:
            painter.setPen(QColor(self._palette.border))
            painter.setBrush(QColor(color & 0xFFFFFF))
            painter.drawRoundedRect(QRectF(x, at.y() + 0.2 * line, 0.75 * line, 0.75 * line), 2, 2)
            painter.setPen(QColor(self._palette.ink))
            width = metrics.horizontalAdvance(name) + 1
            painter.drawText(QRectF(x + line, at.y(), width, 1.15 * line), _LEFT, name)
            x += 1.7 * line + width

    def _paint_compass(self, painter: QPainter, room: QRectF, line: float) -> None:
        assert self.key is not None
        side = 2.6 * line
        wheel = compass_wheel(self._palette.name, round(side * self.devicePixelRatioF()))
        height, width = wheel.shape
        image = QImage(wheel.tobytes(), width, height, 4 * width, QImage.Format.Format_ARGB32)
        painter.drawImage(QRectF(room.left(), room.center().y() - side / 2, side, side), image)
        rows = len(self.key.title.split("\n"))
        top = room.center().y() - rows * line / 2
        self._write(painter, QRectF(room.left() + side + 0.6 * line, top, room.width(), line), self.key.title, line)


_MIDDLE = int(Qt.AlignmentFlag.AlignVCenter)
_LEFT, _RIGHT = _MIDDLE | int(Qt.AlignmentFlag.AlignLeft), _MIDDLE | int(Qt.AlignmentFlag.AlignRight)
_CENTER = _MIDDLE | int(Qt.AlignmentFlag.AlignHCenter)


def key_of(state: AppState) -> ColorKey | None:
    """Return what the colours of the picture that is shown stand for, None where they have no order."""
    picture, dataset = state.picture, state.dataset
    if picture is None or picture.partition is None or picture.message:
        return None
    snapshot, view = picture.snapshot, picture.view
    scale = value_scale(dataset) if dataset is not None else None
    classes = tuple(dataset.classes) if dataset is not None and dataset.is_classes else ()
    reading = read_outputs(snapshot.experiment, scale)
    is_soft = picture.partition.count == 0
    return color_key(snapshot.network, view, reading, classes, picture.ends, is_soft)
