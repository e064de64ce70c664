"""Store: holds the newest AppState and tells views what became of it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from reluviz.app.state import AppState


class Store(QObject):
    """The one place where the window's state lives. Used from Qt's thread only."""

    changed = Signal(object, object)

    def __init__(self, state: AppState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state

    @property
    def state(self) -> AppState:
        """The newest state."""
        return self._state

    def update(self, **changes: Any) -> None:
        """Replace fields and emit `changed(old, new)`."""
        self.set(replace(self._state, **changes))

    def apply(self, change: Callable[..., AppState], **arguments: Any) -> None:
        """Replace the state by `change(state, **arguments)`."""
        self.set(change(self._state, **arguments))

    def set(self, state: AppState) -> None:
        """Make `state` the newest one and emit `changed(old, new)` where it differs."""
        old, self._state = self._state, state
        if old is not state:
            self.changed.emit(old, state)
