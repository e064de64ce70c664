"""Glass: the sheet over a window that ink, laser and spotlight lie on, and what draws them by mouse and stylus."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QCursor,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPointingDevice,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QDockWidget, QWidget

from reluviz.app.lecture.hand import Hand
from reluviz.app.lecture.ink import INKS
from reluviz.app.lecture.ink_layers import InkLayers, pen_width
from reluviz.app.lecture.light import Trail, circle_of, clock, paint_spotlight
from reluviz.app.lecture.places import Places
from reluviz.app.lecture.state import Point
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.core.palette import PALETTES

FRAME_MS = 16
FOLLOWED = ("lecture", "theme", "font_scale", "view", "panes")


class Glass(QWidget):
    """Covers a whole window. It takes the mouse while a tool is in the hand, and is hidden while it is clear.

    `is_read_only` makes it the audience's: it shows, and nothing can be drawn on it.
    """

    def __init__(self, store: Store, window: QWidget, places: Places, is_read_only: bool = False) -> None:
        super().__init__(window)
        self._store, self._window, self._places, self._is_read_only = store, window, places, is_read_only
        self.setAccessibleName("Ink")
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMouseTracking(True)
        self.setTabletTracking(True)
        self.layers = InkLayers(places)
        self.hand = Hand(store, places)
        self._trail = Trail()
        self._lit = QRectF()
        self._clock: Callable[[], float] = clock
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._fade)
        window.installEventFilter(self)
        for dock in window.findChildren(QDockWidget):
            dock.installEventFilter(self)
        self.setGeometry(window.rect())
        self._show(store.state)
        store.on(*FOLLOWED).connect(self._follow)

    def retire(self) -> None:
        """Hear of no more changes."""
        self._timer.stop()
        self._store.on(*FOLLOWED).disconnect(self._follow)

    def show_trail(self, glows: Sequence[tuple[float, str, Point]]) -> None:
        """Show the laser's trail as (age in seconds, part, place there), the newest last; no clock fades it then."""
        self._clock = _standing
        self._trail.move(None, 0.0)
        for age, name, point in glows:
            part = self._places.part(name)
            if part is not None:
                self._trail.move(QPointF(*part.to_pixels([point])[0].tolist()), -age)
        before, self._lit = self._lit, self._trail.rect(max(1.0, self._store.state.font_scale))
        self.update(before.united(self._lit).toAlignedRect().adjusted(-2, -2, 2, 2))

    def refresh(self) -> None:
        """Draw ink where its parts are now."""
        state = self._store.state
        if self.isVisible():
            ratio = self.devicePixelRatioF()
            changed = self.layers.update(state.lecture, state.theme, state.font_scale, self.size(), ratio)
            if not changed.isEmpty():
                self.update(changed.toAlignedRect())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the window's size and stay on top of what is raised in it."""
        if event.type() == QEvent.Type.Resize and watched is self._window:
            self.setGeometry(self._window.rect())
            QTimer.singleShot(0, self, self.refresh)  # Once the parts of the window have their new places.
        elif isinstance(watched, QDockWidget) and event.type() in (
            QEvent.Type.ZOrderChange,
            QEvent.Type.Move,
            QEvent.Type.Resize,
            QEvent.Type.Show,
            QEvent.Type.Hide,
        ):
            if event.type() == QEvent.Type.ZOrderChange:
                QTimer.singleShot(0, self, self.raise_)  # A dock comes to the front only while it is on top itself.
            QTimer.singleShot(0, self, self.refresh)
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Put what was drawn on the window."""
        self.refresh()  # A canvas below may just have moved its plane.
        lecture = self._store.state.lecture
        painter = QPainter(self)
        if self.layers.layers is not None:
            self.layers.paint(painter, QRectF(event.rect()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        place = self._place()
        if lecture.tool == "spotlight" and place is not None:
            paint_spotlight(painter, place, QRectF(self.rect()))
        elif lecture.tool == "laser":
            self._trail.paint(painter, max(1.0, self._store.state.font_scale), self._clock())
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Put pen or eraser down."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.hand.press(event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A fast second press is one more."""
        self.mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw, erase or point."""
        self.hand.move(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Lift pen or eraser."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.hand.release()

    def tabletEvent(self, event: QTabletEvent) -> None:
        """Do with a stylus what the mouse does; its other end erases. Taken, so that no mouse events follow."""
        rubs = event.pointerType() == QPointingDevice.PointerType.Eraser
        if event.type() == QEvent.Type.TabletPress:
            self.hand.press(event.position(), rubs)
        elif event.type() == QEvent.Type.TabletMove:
            self.hand.move(event.position())
        elif event.type() == QEvent.Type.TabletRelease:
            self.hand.release()
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Hand the wheel to what lies below: the plane zooms with ink in the hand, too."""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, True)
        below = self._window.childAt(event.position().toPoint())
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, False)
        if below is None or self._is_read_only:
            return
        place = QPointF(below.mapFrom(self._window, event.position().toPoint()))
        QApplication.sendEvent(
            below,
            QWheelEvent(
                place,
                event.globalPosition(),
                event.pixelDelta(),
                event.angleDelta(),
                event.buttons(),
                event.modifiers(),
                event.phase(),
                event.inverted(),
            ),
        )

    def leaveEvent(self, event: QEvent) -> None:
        """Put the light out where the mouse has gone."""
        super().leaveEvent(event)
        if not self._is_read_only:
            self.hand.leave()

    def _follow(self, old: AppState, new: AppState) -> None:
        one, other = old.lecture, new.lecture
        if one is not other or (new.theme, new.font_scale) != (old.theme, old.font_scale):
            if one.pointer is not other.pointer or one.tool != other.tool:
                self._point(other.tool)
            self._show(new)
        elif self.isVisible() and (new.view.bounds != old.view.bounds or len(new.panes) != len(old.panes)):
            QTimer.singleShot(0, self, self.refresh)

    def _show(self, state: AppState) -> None:
        """Be there while there is something to see or to draw."""
        lecture = state.lecture
        takes = bool(lecture.tool) and not self._is_read_only
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, not takes)
        is_there = takes or bool(lecture.strokes or lecture.drawing or lecture.tool)
        if is_there and self.isHidden():
            self.raise_()
        self.setVisible(is_there)
        self.refresh()
        if takes:
            self.setCursor(make_cursor(state))

    def _place(self) -> QPointF | None:
        """Return where laser or spotlight point, None where that is not in this window."""
        spot = self._store.state.lecture.pointer
        part = self._places.part(spot.part) if spot is not None else None
        if spot is None or part is None:
            return None
        return QPointF(*part.to_pixels([spot.point])[0].tolist())

    def _point(self, tool: str) -> None:
        place = self._place()
        before = self._lit
        if tool == "laser":
            self._trail.move(place, self._clock())
            self._lit = self._trail.rect(max(1.0, self._store.state.font_scale))
            self._timer.start()
        else:
            self._trail.move(None, self._clock())
            self._lit = circle_of(place, QRectF(self.rect())) if tool == "spotlight" and place is not None else QRectF()
        if tool == "spotlight" and (before.isEmpty() != self._lit.isEmpty()):
            self.update()
        elif before.isEmpty() and self._lit.isEmpty():
            return
        else:
            self.update(before.united(self._lit).toAlignedRect().adjusted(-2, -2, 2, 2))
        if tool != "spotlight" and before.width() and not self._timer.isActive():
            self.update()

    def _fade(self) -> None:
        before = self._lit
        goes_on = self._trail.fade(self._clock())
        self._lit = self._trail.rect(max(1.0, self._store.state.font_scale))
        self.update(before.united(self._lit).toAlignedRect())
        if not goes_on:
            self._timer.stop()


def _standing() -> float:
    return 0.0


def make_cursor(state: AppState) -> QCursor:
    """Return what the mouse looks like with a tool of the lecture in the hand."""
    lecture, scale = state.lecture, max(1.0, state.font_scale)
    if lecture.tool in ("laser", "spotlight"):
        return QCursor(Qt.CursorShape.BlankCursor)
    erases = lecture.tool == "erase"
    side = 40
    pixmap = QPixmap(2 * side, 2 * side)
    pixmap.setDevicePixelRatio(2.0)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    palette = PALETTES[state.theme]
    radius = 11.0 if erases else pen_width(scale) / 2 + 1.5
    ink = QColor(palette.ink if erases else INKS[state.theme][lecture.color])
    painter.setPen(QPen(QColor(palette.halo), 3.0))
    center = QPointF(side / 2, side / 2)
    painter.drawEllipse(center, radius, radius)
    painter.setPen(QPen(ink, 1.6))
    painter.setBrush(Qt.BrushStyle.NoBrush if erases else ink)
    painter.drawEllipse(center, radius, radius)
    painter.end()
    return QCursor(pixmap, side // 2, side // 2)
