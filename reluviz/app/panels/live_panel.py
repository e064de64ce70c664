"""LivePanel: a dockable view that redraws at most so often, and only while it is seen."""

from typing import ClassVar

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from reluviz.app.state import AppState
from reluviz.app.store import Store

STROKE_MS = 160  # While something moves under the hand, which the canvas is to follow first.
REDRAW_MS = 80  # 12 times a second: numbers and curves need no more, and the canvas gets the time.


class LivePanel(QWidget):
    """Base of panels: `watches` names the fields of AppState whose change makes `redraw(state)` due."""

    watches: ClassVar[tuple[str, ...]] = ()

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._redraw)
        store.changed.connect(self._follow)

    def redraw(self, state: AppState) -> None:
        """Show `state`."""
        raise NotImplementedError

    def heightForWidth(self, width: int) -> int:
        """Return the least height: a scroll area asks for this one, and plots are to shrink before anything scrolls."""
        layout = self.layout()
        return layout.minimumHeightForWidth(width) if layout is not None and layout.hasHeightForWidth() else -1

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while hidden."""
        super().showEvent(event)
        self.redraw(self._store.state)

    def _follow(self, old: AppState, new: AppState) -> None:
        if self._timer.isActive() or not self.isVisible():
            return
        if any(getattr(old, name) is not getattr(new, name) for name in (*self.watches, "theme", "font_scale")):
            self._timer.start(STROKE_MS if new.stroke else REDRAW_MS)

    def _redraw(self) -> None:
        if self.isVisible():
            self.redraw(self._store.state)
