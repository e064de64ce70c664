"""What a screen reader says of the canvas: the description of the state, renewed, but not too often."""

import time

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from reluviz.app.describe import describe_state
from reluviz.app.state import AppState
from reluviz.app.store import Store

EVERY_SECONDS = 2.0
FIELDS = ("snapshot", "picture", "probe", "experiment", "view", "message", "engine")


class Spoken(QObject):
    """Keeps the accessible description of a widget true to EVERY_SECONDS."""

    def __init__(self, widget: QWidget, store: Store) -> None:
        super().__init__(widget)
        self._widget, self._store = widget, store
        self._said = -EVERY_SECONDS
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.say)
        self.say()
        store.on(*FIELDS).connect(self._follow)

    def say(self) -> None:
        """Describe the state now."""
        self._said = time.monotonic()
        text = describe_state(self._store.state)
        if text != self._widget.accessibleDescription():
            self._widget.setAccessibleDescription(text)

    def _follow(self, old: AppState, new: AppState) -> None:
        if self._timer.isActive():
            return
        wait = EVERY_SECONDS - (time.monotonic() - self._said)
        self._timer.start(max(0, round(1000 * wait)))
