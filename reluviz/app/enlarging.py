"""Enlarging: a panel changes places with the canvas, by a double click on its title, and back again."""

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QBoxLayout, QDockWidget, QMainWindow

from reluviz.app.state import AppState
from reluviz.app.store import Store

SMALL = 0.33  # Of the window's height, for the canvas while it stands in a dock below.
BACK = "Regions: double click to put them back"


class Enlarging(QObject):
    """Follows `state.hero`: the panel of that name stands in the middle, and the canvas in its dock."""

    def __init__(self, store: Store, docks: Mapping[str, QDockWidget], center: QBoxLayout, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._store, self._docks, self._center = store, docks, center
        self._shown = ""
        self._title = ""
        for dock in docks.values():
            dock.installEventFilter(self)
        store.on("hero").connect(self._follow)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take a double click on a dock's title; Qt would let the dock float."""
        if (
            event.type() == QEvent.Type.MouseButtonDblClick
            and isinstance(watched, QDockWidget)
            and isinstance(event, QMouseEvent)
            and _is_on_title(watched, event)
        ):
            name = watched.objectName()
            self._store.update(hero="" if self._store.state.hero == name else name)
            return True
        return super().eventFilter(watched, event)

    def _follow(self, old: AppState, new: AppState) -> None:
        if new.hero == self._shown:
            return
        if self._shown:
            self._swap(self._shown, self._title)
        self._shown = new.hero if new.hero in self._docks else ""
        if self._shown:
            dock = self._docks[self._shown]
            dock.setVisible(True)
            dock.raise_()
            self._title = dock.windowTitle()
            self._swap(self._shown, BACK)

    def _swap(self, name: str, title: str) -> None:
        """Let the dock's content and what stands in the middle change places."""
        dock = self._docks[name]
        item, content = self._center.itemAt(0), dock.widget()
        middle = item.widget() if item is not None else None
        if middle is None or content is None:
            return  # Nothing stands there yet.
        self._center.removeWidget(middle)
        dock.setWidget(middle)
        self._center.addWidget(content)
        for part in (middle, content):
            part.show()
        dock.setWindowTitle(title)
        if title == BACK and self._window.dockWidgetArea(dock) == Qt.DockWidgetArea.BottomDockWidgetArea:
            height = round(SMALL * self._window.height())
            self._window.resizeDocks([dock], [height], Qt.Orientation.Vertical)


def _is_on_title(dock: QDockWidget, event: QMouseEvent) -> bool:
    content = dock.widget()
    return content is not None and not dock.isFloating() and event.position().y() < content.y()
