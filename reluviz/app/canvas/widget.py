"""CanvasWidget: the plane with its regions, axes and data; what is seen, and where the mouse is."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QGraphicsGridLayout, QGraphicsView, QLabel

from reluviz.app.canvas.axes import DataAxis
from reluviz.app.canvas.hand import Hand
from reluviz.app.canvas.image_item import OutlineItem, PictureItem
from reluviz.app.canvas.key_chip import KeyChip, key_of
from reluviz.app.canvas.marks import FIELDS as MARKED
from reluviz.app.canvas.marks import MarksItem, Pinning
from reluviz.app.canvas.navigation import framed, is_closest
from reluviz.app.canvas.plane import PlaneBox
from reluviz.app.canvas.point_size import point_diameter
from reluviz.app.canvas.points import DataPoints
from reluviz.app.canvas.spoken import Spoken
from reluviz.app.canvas.tool_bar import ToolBar
from reluviz.app.figures import picture_title
from reluviz.app.reading import region_at, ring_of
from reluviz.app.state import AppState, Message
from reluviz.app.store import Store
from reluviz.app.theme import make_font
from reluviz.core.palette import PALETTES
from reluviz.core.view import HOME, Bounds

if TYPE_CHECKING:
    from reluviz.app.preview import Preview
    from reluviz.core.picture import Picture

TITLE_MS = 120  # Faster than eight times a second, a number is a flicker.
MARGIN = 10
LOOKS = ("dataset", "theme", "font_scale", "show_points", "show_test_points")
CLOSEST = Message("This is as close as 64-bit numbers can tell points apart.")


class CanvasWidget(pg.GraphicsView):  # type: ignore[misc]  # pyqtgraph has no types.
    """Shows `state.picture`; writes the rectangle in view to `state.view` and the point under the mouse to `probe`."""

    has_frame: ClassVar[bool] = True  # Whether axes and a title stand around and on the picture.
    follows: ClassVar[tuple[str, ...]] = ("picture", "view", "probe", "stroke", *LOOKS, *MARKED)

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.setAccessibleName("Canvas")
        self.viewport().setAccessibleName("Canvas")
        if self.has_frame:
            self._spoken = Spoken(self, store)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.viewport().setAutoFillBackground(False)  # It fills itself; Qt's fill below it was a second one.
        self.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)  # A background kept as a picture is drawn every time.
        self.setMinimumSize(240, 240)
        self._store = store
        self.box = PlaneBox()
        self._left, self._bottom = DataAxis("left"), DataAxis("bottom")
        self.picture_item, self.outline, self.points = (
            PictureItem(self.box),
            OutlineItem(self.box),
            DataPoints(self.box),
        )
        self.box.addItem(self.points)
        self.marks = MarksItem(self.box)
        self._title = QLabel(self.viewport())
        self._title.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._title_timer = QTimer(self)
        self._title_timer.setSingleShot(True)
        self._title_timer.setInterval(TITLE_MS)
        self._title_timer.timeout.connect(self._show_title)
        self._lay_out()
        if self.has_frame:
            self._key = KeyChip(self.viewport())
            self.hand = Hand(self, store)
            self._pinning = Pinning(self, store)
            self.tool_bar = ToolBar(store, self.viewport(), self._place_tools)
        self._restyle(store.state)
        self._follow(AppState(), store.state)
        self.box.wanted.connect(self._want)
        self.box.sigResized.connect(self._fit)
        store.on(*self.follows).connect(self._follow)

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Fill what the picture leaves free: below it, a large picture's background cost as much as the picture."""
        if not self.picture_item.hides(QRectF(rect)):
            super().drawBackground(painter, rect)

    def picture_of(self, state: AppState) -> "Picture | Preview | None":
        """Return what this canvas shows of a state."""
        return state.picture

    def point_share(self) -> float:
        """Return the size of markers as a share of that in the main window."""
        return 1.0

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Lay out at once, so that no frame shows the old size."""
        super().resizeEvent(event)
        if hasattr(self, "_grid"):
            self._grid.activate()
            self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        """Take the view's size back from whatever was shown meanwhile."""
        super().showEvent(event)
        self._fit()

    def close(self) -> bool:
        """Close as any widget: pyqtgraph's own close takes the viewport away, and Qt crashes on its children."""
        return QGraphicsView.close(self)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Probe the point under the mouse; not by pyqtgraph's signal, which leaves out moves that are fast."""
        self.probe(event.position())
        super().mouseMoveEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show everything."""
        if event.button() == Qt.MouseButton.LeftButton and self.point_at(event.position()) is not None:
            self._want(HOME)
            event.accept()
        else:
            super().mouseDoubleClickEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the point under the mouse."""
        super().leaveEvent(event)
        if not self._store.state.probe_held:
            self._store.update(probe=None)

    def _lay_out(self) -> None:
        self._grid = QGraphicsGridLayout()
        self._grid.setSpacing(0)
        self._grid.addItem(self.box, 0, 1)
        if self.has_frame:
            self._grid.setContentsMargins(2, MARGIN, MARGIN, 2)
            self._grid.addItem(self._left, 0, 0)
            self._grid.addItem(self._bottom, 1, 1)
        else:
            self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretchFactor(1, 1)
        self._grid.setRowStretchFactor(0, 1)
        self.centralWidget.setLayout(self._grid)
        for axis in (self._left, self._bottom):
            if self.has_frame:
                axis.linkToView(self.box)
            axis.setZValue(-200)

    def _follow(self, old: AppState, new: AppState) -> None:
        if (new.theme, new.font_scale) != (old.theme, old.font_scale):
            self._restyle(new)
        if new.dataset is not old.dataset:
            self._show_units(new)
        if any(getattr(new, name) is not getattr(old, name) for name in LOOKS) or new.view.fills != old.view.fills:
            self._show_points(new)
        if new.view.bounds != self.box.bounds:
            self._fit()
        self.marks.show_state(new)
        picture, is_new = self.picture_of(new), self.picture_of(new) is not self.picture_of(old)
        if is_new and picture is not None:
            self.picture_item.show_picture(picture.image, picture.view.bounds)
        if is_new or new.probe != old.probe or new.stroke != old.stroke:
            # What moves under the hand is the line; the region under it would flicker.
            ring = None if new.stroke else ring_of(picture, region_at(picture, new.probe))
            self.outline.show_ring(ring)
            if self.has_frame and not self._title_timer.isActive():
                self._title_timer.start()

    def _want(self, bounds: Bounds) -> None:
        self._store.update(view=replace(self._store.state.view, bounds=bounds))
        if is_closest(self.box.bounds):
            self._store.update(message=CLOSEST)
        elif self._store.state.message is CLOSEST:
            self._store.update(message=Message())

    def _fit(self, *_: object) -> None:
        """Show the wanted bounds with square units, and tell the state what is in view in device pixels."""
        rect = self.box.rect()
        if rect.width() < 1 or rect.height() < 1 or not self.isVisible():
            return
        ratio = self.devicePixelRatioF()
        view = self._store.state.view
        width, height = round(rect.width() * ratio), round(rect.height() * ratio)
        bounds = framed(view.bounds, width, height)
        self.box.show_bounds(bounds)
        self._place_tools()
        fitted = replace(view, bounds=bounds, width=width, height=height)
        if (fitted, ratio) != (view, self._store.state.pixel_ratio):
            self._store.update(view=fitted, pixel_ratio=ratio)

    def probe(self, position: QPointF) -> None:
        """Say in the state which point of the plane is under a position of the viewport."""
        self._store.update(probe=self.point_at(position), probe_held=False)

    def point_at(self, position: QPointF) -> tuple[float, float] | None:
        """Return the point of the plane under a position of the viewport, None beside the plane."""
        inside = self.box.mapFromScene(self.mapToScene(position.toPoint()))
        # The centre of the pixel that the mouse is on: where the picture knows its region exactly.
        return self.box.to_plane(inside + QPointF(0.5, 0.5)) if self.box.rect().contains(inside) else None

    def position_of(self, point: Sequence[float]) -> QPointF:
        """Return the position of the viewport that shows a point of the plane, in whole logical pixels."""
        return QPointF(self.mapFromScene(self.box.mapToScene(self.box.place(point))))

    def _restyle(self, state: AppState) -> None:
        palette = PALETTES[state.theme]
        self.setBackground(QColor(palette.canvas))
        font = make_font(0.92 * state.font_scale)
        for axis in (self._left, self._bottom):
            axis.style_as(palette, font)
        self.outline.set_colors(palette.ink, palette.halo)
        self._title.setFont(make_font(state.font_scale, QFont.Weight.Medium))
        fill = QColor(palette.surface)
        self._title.setStyleSheet(
            f"color: {palette.ink}; background: rgba({fill.red()}, {fill.green()}, {fill.blue()}, 215);"
            "border-radius: 4px; padding: 3px 8px;"
        )
        if self.has_frame:
            self._key.style_as(palette, 0.9 * state.font_scale)
        self._place_title()

    def _show_units(self, state: AppState) -> None:
        dataset = state.dataset
        center, scale = (dataset.center, dataset.scale) if dataset else ((0.0, 0.0), (1.0, 1.0))
        self._bottom.set_units(center[0], scale[0])
        self._left.set_units(center[1], scale[1])

    def _show_points(self, state: AppState) -> None:
        self.points.setVisible(state.show_points and state.dataset is not None)
        if state.dataset is not None and state.show_points:
            size = self.point_share() * point_diameter(state.theme, state.font_scale)
            self.points.show_data(state.dataset, PALETTES[state.theme], size, state.show_test_points, state.view.fills)

    def _show_title(self) -> None:
        state = self._store.state
        self._key.show_key(key_of(state))
        text = describe(state)
        if text != self._title.text():
            self._title.setText(text)
        self._place_title()

    def _place_tools(self) -> None:
        if hasattr(self, "tool_bar"):
            corner = self.box.mapToScene(self.box.rect().topRight())
            self.tool_bar.setVisible(self._has_tools())
            self.tool_bar.move(round(corner.x()) - 8 - self.tool_bar.width(), round(corner.y()) + 8)
        self._place_title()

    def _has_tools(self) -> bool:
        """Whether the tools stand on the picture: in a dock they would hide it."""
        if not hasattr(self, "tool_bar"):
            return False
        return self._store.state.chrome and self.box.rect().width() > 1.6 * self.tool_bar.width()

    def _place_title(self) -> None:
        self._title.setVisible(bool(self._title.text()))
        self._title.setWordWrap(False)
        self._title.adjustSize()
        room = round(self.box.rect().width()) - 20
        if self._title.width() > room > 0:
            self._title.setWordWrap(True)
            self._title.resize(room, self._title.heightForWidth(room))
        corner = self.box.mapToScene(self.box.rect().topLeft())
        left, top = round(corner.x()) + 10, round(corner.y()) + 10
        if self._has_tools() and left + self._title.width() > self.tool_bar.x() - 8:
            top += self.tool_bar.height() + 4  # In a narrow canvas the words stand below the tools.
        self._title.move(left, top)
        if self.has_frame:
            corner = self.box.mapToScene(self.box.rect().bottomLeft())
            is_roomy = room > 1.8 * self._key.width() and self.box.rect().height() > 4 * self._key.height()
            self._key.setVisible(self._key.key is not None and is_roomy)
            self._key.move(round(corner.x()) + 10, round(corner.y()) - 10 - self._key.height())


def describe(state: AppState) -> str:
    """Return what is seen, in words."""
    picture = state.picture
    if picture is None:
        return ""
    if picture.partition is None or picture.message:
        return picture.message
    return picture_title(picture).partition("\n")[0] if key_of(state) is not None else picture_title(picture)
