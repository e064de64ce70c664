"""LivePanel: a dockable view that redraws at most so often, and only while it is seen."""

from typing import ClassVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.app.turns import wait_ms

STROKE_MS = 160  # While something moves under the hand, which the canvas is to follow first.
HAND_MS = 20  # What follows the hand itself waits for no other view.
REDRAW_MS = 80  # 12 times a second: numbers and curves need no more, and the canvas gets the time.


class LivePanel(QWidget):
    """Base of panels: `watches` names the fields of AppState whose change makes `redraw(state)` due.

    `pace_ms` is the least time between two redraws.
    """

    watches: ClassVar[tuple[str, ...]] = ()
    pace_ms: ClassVar[int] = REDRAW_MS

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self._is_following = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._redraw)

    def redraw(self, state: AppState) -> None:
        """Show `state`."""
        raise NotImplementedError

    def pace(self, state: AppState) -> int:
        """Return the least time until the next redraw, milliseconds."""
        return max(STROKE_MS, self.pace_ms) if state.stroke else self.pace_ms

    def heightForWidth(self, width: int) -> int:
        """Return the least height: a scroll area asks for this one, and plots are to shrink before anything scrolls."""
        layout = self.layout()
        return layout.minimumHeightForWidth(width) if layout is not None and layout.hasHeightForWidth() else -1

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while hidden, and follow from now on."""
        super().showEvent(event)
        self.redraw(self._store.state)
        if not self._is_following:
            self._is_following = True
            self._store.on(*self.watches, "theme", "font_scale").connect(self._follow)

    def hideEvent(self, event: QHideEvent) -> None:
        """Follow nothing while nobody sees it."""
        super().hideEvent(event)
        if self._is_following:
            self._is_following = False
            self._store.on(*self.watches, "theme", "font_scale").disconnect(self._follow)

    def _follow(self, _old: AppState, new: AppState) -> None:
        if not self._timer.isActive():
            pace = self.pace(new)
            self._timer.start(pace if pace <= HAND_MS else wait_ms(pace))

    def _redraw(self) -> None:
        if self.isVisible():
            self.redraw(self._store.state)
