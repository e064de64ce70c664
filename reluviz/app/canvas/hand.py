"""Hand: gives the mouse on the canvas to the tool that is chosen."""

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QMouseEvent

from reluviz.app.canvas.tools import TOOLS, Tool, Touch
from reluviz.app.state import AppState
from reluviz.app.store import Store

if TYPE_CHECKING:
    from reluviz.app.canvas.widget import CanvasWidget

# A fast second press is one more press for a tool; only where nothing is taken hold of it means to show everything.
_PRESSES = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick)
PROBE_SECONDS = 0.05  # While something moves under the hand: the picture gets the time.


class Hand(QObject):
    """Sees the viewport's mouse events first; what the tool takes hold of does not reach the view box."""

    def __init__(self, canvas: "CanvasWidget", store: Store) -> None:
        super().__init__(canvas)
        self._canvas, self._store = canvas, store
        self._tools: dict[str, Tool] = {}
        self._holding = False
        self._probed = 0.0
        canvas.viewport().installEventFilter(self)
        store.on("tool").connect(self._follow)

    @property
    def tool(self) -> Tool:
        """The tool in the hand."""
        name = self._store.state.tool if self._store.state.tool in TOOLS else "move"
        if name not in self._tools:
            self._tools[name] = TOOLS[name].factory(self._canvas, self._store)
        return self._tools[name]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hand press, move and release to the tool; True where it works with them."""
        kind = event.type()
        if isinstance(event, QMouseEvent):
            if kind in _PRESSES and event.button() == Qt.MouseButton.LeftButton:
                return self._press(event)
            if kind == QEvent.Type.MouseMove:
                return self._move(event)
            if kind == QEvent.Type.MouseButtonRelease and self._holding and event.button() == Qt.MouseButton.LeftButton:
                self._holding = False
                self.tool.release(self._touch(event.position(), event.modifiers()))
                self._canvas.probe(event.position())
                return True
        elif kind == QEvent.Type.Leave and not self._holding:
            self.tool.leave()
        return False

    def _press(self, event: QMouseEvent) -> bool:
        if not self._inside(event.position()):
            return False
        self._holding = self.tool.press(self._touch(event.position(), event.modifiers()))
        return self._holding

    def _move(self, event: QMouseEvent) -> bool:
        touch = self._touch(event.position(), event.modifiers())
        if self._holding:
            self.tool.drag(touch)
            now = time.monotonic()
            if now - self._probed >= PROBE_SECONDS:
                self._probed = now
                self._store.update(probe=touch.point if self._inside(event.position()) else None)
            return True
        if not event.buttons() and self._inside(event.position()):
            self.tool.hover(touch)
        return False

    def _follow(self, old: AppState, new: AppState) -> None:
        if old.tool != new.tool:
            if old.tool in self._tools:
                self._tools[old.tool].leave()
            self._holding = False
            self._canvas.viewport().setCursor(self.tool.cursor)

    def _inside(self, position: QPointF) -> bool:
        return self._canvas.point_at(position) is not None

    def _touch(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> Touch:
        box = self._canvas.box
        inside = box.mapFromScene(self._canvas.mapToScene(position.toPoint())) + QPointF(0.5, 0.5)
        pixel = (box.bounds[1] - box.bounds[0]) / box.rect().width()
        return Touch(box.to_plane(inside), pixel, bool(modifiers & Qt.KeyboardModifier.ShiftModifier))
