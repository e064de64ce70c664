"""RecordButton: ◉ in the top bar, red and with the time while something is recorded."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction

from reluviz.app.icons import make_icon
from reluviz.app.recording.state import elapsed_text
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.app.widgets.action_button import ActionButton
from reluviz.core.palette import PALETTES


class RecordButton(ActionButton):
    """Begins and ends a recording."""

    def __init__(self, store: Store, action: QAction) -> None:
        super().__init__(action)
        self.setObjectName("recordButton")
        self._store = store
        store.on("recording", "theme").connect(self._follow)
        self._show(store.state)

    def _follow(self, old: AppState, new: AppState) -> None:
        self._show(new)

    def _show(self, state: AppState) -> None:
        colors = PALETTES[state.theme]
        running = state.recording.running
        style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon if running else Qt.ToolButtonStyle.ToolButtonIconOnly
        self.setToolButtonStyle(style)
        self.setText(elapsed_text(state.recording.seconds) if running else self.defaultAction().text())
        self.setIcon(make_icon("stop" if running else "record", colors.error if running else colors.ink, colors.muted))
