"""Marks on the canvas: pinned points, the segment of the line walk, and Ctrl+click, which pins."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from reluviz.app.canvas.box_item import BoxItem
from reluviz.app.canvas.plane import PlaneBox
from reluviz.app.selection import pin_point
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.app.theme import make_font
from reluviz.core.palette import PALETTES, Palette

if TYPE_CHECKING:
    from reluviz.app.canvas.widget import CanvasWidget

FIELDS = ("pins", "pin", "segment", "probe", "probe_held", "theme", "font_scale", "tool")
ARM = 9.0  # Of the cross where keys point, in logical pixels.


class MarksItem(BoxItem):
    """Draws pins with their numbers, the walked segment with its ends the place read on it, and where keys point."""

    def __init__(self, box: PlaneBox) -> None:
        super().__init__(box, 60)
        self._state: AppState | None = None
        self._font = QFont()

    def show_state(self, state: AppState) -> None:
        """Draw what `state` holds."""
        old = self._state
        self._state = state
        if old is None or any(getattr(old, name) is not getattr(state, name) for name in FIELDS):
            self._font = make_font(0.85 * state.font_scale, QFont.Weight.DemiBold)
            if _has_marks(state) or (old is not None and _has_marks(old)):
                self.update()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw the segment, then the pins."""
        state = self._state
        if state is None or not _has_marks(state):
            return
        palette = PALETTES[state.theme]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        if state.segment is not None:
            self._paint_segment(painter, palette, state)
        painter.setFont(self._font)
        radius = 0.75 * self._font.pixelSize()
        for index, point in enumerate(state.pins):
            place = self._box.place(point)
            is_read = index == state.pin
            painter.setPen(QPen(QColor(palette.halo), 2))
            painter.setBrush(QColor(palette.accent if is_read else palette.ink))
            painter.drawEllipse(place, radius, radius)
            painter.setPen(QColor(palette.background))
            box = QRectF(place.x() - radius, place.y() - radius, 2 * radius, 2 * radius)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(index + 1))
        if state.probe_held and state.probe is not None:
            self._paint_cross(painter, palette, self._box.place(state.probe))

    def _paint_cross(self, painter: QPainter, palette: Palette, place: QPointF) -> None:
        """Mark where keys point; the mouse marks its own place."""
        for color, width in ((palette.halo, 5.0), (palette.boundary, 1.6)):
            painter.setPen(QPen(QColor(color), width))
            for x, y in ((ARM, 0.0), (0.0, ARM)):
                painter.drawLine(place - QPointF(x, y), place - QPointF(x, y) * 0.3)
                painter.drawLine(place + QPointF(x, y) * 0.3, place + QPointF(x, y))

    def _paint_segment(self, painter: QPainter, palette: Palette, state: AppState) -> None:
        assert state.segment is not None
        start, end = self._box.place(state.segment[:2]), self._box.place(state.segment[2:])
        for color, width in ((palette.halo, 5.0), (palette.warning, 2.0)):
            painter.setPen(QPen(QColor(color), width))
            painter.drawLine(start, end)
        painter.setPen(QPen(QColor(palette.halo), 1.5))
        painter.setBrush(QColor(palette.warning))
        painter.drawEllipse(start, 5.0, 5.0)
        painter.drawRect(QRectF(end.x() - 4.5, end.y() - 4.5, 9, 9))
        if state.probe is not None and lies_on(state.segment, state.probe):
            painter.setBrush(QColor(palette.ink))
            painter.drawEllipse(self._box.place(state.probe), 6.0, 6.0)


def _has_marks(state: AppState) -> bool:
    return bool(state.pins or state.segment or state.probe_held)


class Pinning(QObject):
    """Pins the point that is clicked with Ctrl (on a Mac: Command) held, whatever tool is in the hand."""

    def __init__(self, canvas: "CanvasWidget", store: Store) -> None:
        super().__init__(canvas)
        self._canvas, self._store = canvas, store
        canvas.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the click; all else goes on."""
        if (
            isinstance(event, QMouseEvent)
            and event.type() == QEvent.Type.MouseButtonPress
            and event.button() == Qt.MouseButton.LeftButton
            and event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            point = self._canvas.point_at(event.position())
            if point is not None:
                self._store.apply(pin_point, point=point)
                return True
        return False


def lies_on(segment: tuple[float, float, float, float], point: tuple[float, float]) -> bool:
    """Whether a point lies on a segment, to a millionth of its length: the mouse's own points hardly ever do."""
    x, y = segment[2] - segment[0], segment[3] - segment[1]
    u, v = point[0] - segment[0], point[1] - segment[1]
    square = x * x + y * y
    return abs(x * v - y * u) <= 1e-6 * square and 0.0 <= x * u + y * v <= square
