"""PaneCanvas: one pane's canvas; all of them look at the same part of the plane and point at the same place."""

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from reluviz.app.canvas.box_item import BoxItem
from reluviz.app.canvas.plane import PlaneBox
from reluviz.app.canvas.point_size import pane_share
from reluviz.app.canvas.widget import CanvasWidget
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.app.tints import faint
from reluviz.core.palette import PALETTES

if TYPE_CHECKING:
    from reluviz.app.preview import Preview
    from reluviz.core.picture import Picture

LEAST = 60  # A side in logical pixels that still shows something.


class CrosshairItem(BoxItem):
    """Two lines through the point that the mouse is at in any of the panes."""

    def __init__(self, box: PlaneBox) -> None:
        super().__init__(box, 60)
        self._point: tuple[float, float] | None = None
        self._pens: tuple[QPen, QPen] = (QPen(), QPen())

    def set_colors(self, line: str, halo: str) -> None:
        """Set the lines' colour and that of the halo which keeps them visible on any fill."""
        # Cosmetic and without antialiasing: the widest lines that Qt draws fast.
        self._pens = (QPen(faint(halo, 0.6), 3), QPen(QColor(line), 1))
        self.update()

    def show_point(self, point: tuple[float, float] | None) -> None:
        """Show a point of the plane, or none."""
        if point != self._point:
            self._point = point
            self.update()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw both lines twice, halo first."""
        if self._point is None:
            return
        rect, place = self._box.rect(), self._box.place(self._point)
        if not rect.contains(place):
            return
        x, y = place.x(), place.y()
        for pen in self._pens:
            painter.setPen(pen)
            painter.drawLine(QPointF(x, rect.top()), QPointF(x, rect.bottom()))
            painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y))


class PaneCanvas(CanvasWidget):
    """Shows `state.panes[index].picture`. The first pane tells the state how large all of them are."""

    has_frame: ClassVar[bool] = False
    follows: ClassVar[tuple[str, ...]] = (*CanvasWidget.follows, "panes")

    def __init__(self, store: Store, index: int) -> None:
        self.index = index
        self.crosshair: CrosshairItem | None = None
        self._shown_share = 0.0
        super().__init__(store)
        self.setAccessibleName(f"Canvas of pane {index + 1}")
        self.setAccessibleDescription("The same part of the plane as in the other panes.")
        self.setMinimumSize(LEAST, LEAST)
        self.crosshair = CrosshairItem(self.box)
        self._restyle(store.state)

    def picture_of(self, state: AppState) -> "Picture | Preview | None":
        """Return this pane's picture."""
        return state.panes[self.index].picture if self.index < len(state.panes) else None

    def point_share(self) -> float:
        """Return the size of markers as a share of that in the one canvas: in step with the pane's own."""
        return pane_share(self.width(), self.height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Keep markers in step with the pane."""
        super().resizeEvent(event)
        if self.crosshair is not None and self.point_share() != self._shown_share:
            self._shown_share = self.point_share()
            self._show_points(self._store.state)

    def retire(self) -> None:
        """Hear of no more changes."""
        self._store.on(*self.follows).disconnect(self._follow)

    def _follow(self, old: AppState, new: AppState) -> None:
        super()._follow(old, new)
        if self.crosshair is not None and new.probe != old.probe:
            self.crosshair.show_point(new.probe)

    def _restyle(self, state: AppState) -> None:
        super()._restyle(state)
        if self.crosshair is not None:
            palette = PALETTES[state.theme]
            self.crosshair.set_colors(palette.ink, palette.halo)

    def _fit(self, *_: object) -> None:
        # Were each to frame the bounds for its own size, two sizes in the midst of a resize would chase each other.
        if self.index == 0:
            super()._fit()
        elif self.isVisible() and self.box.rect().width() >= 1 and self.box.rect().height() >= 1:
            self.box.show_bounds(self._store.state.view.bounds)
