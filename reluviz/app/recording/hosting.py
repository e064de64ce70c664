"""Host: what recording needs for as long as a window stands: the recorder, the film being made, and the dialogs."""

from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from reluviz.app.recording.filming import Filming
from reluviz.app.recording.recorder import Recorder, record_window
from reluviz.app.state import AppState
from reluviz.app.store import Store


class Host(QObject):
    """Opens the dialog that the state asks for, and closes it; makes each when it is first wanted."""

    def __init__(self, store: Store, window: QWidget) -> None:
        super().__init__(window)
        self._store, self._window = store, window
        self.recorder: Recorder = record_window(store, window)
        self.filming = Filming(store, window)
        self.dialog: Any = None
        store.on("recording").connect(self._follow)

    def close(self) -> None:
        """End what goes on: the window closes."""
        self._shut()
        self.recorder.close()
        self.filming.close()

    def _follow(self, old: AppState, new: AppState) -> None:
        wanted = new.recording.dialog
        if wanted == old.recording.dialog:
            return
        self._shut()
        if wanted == "film":
            self._open_film(new)
        elif wanted == "still":
            from reluviz.app.recording.still_dialog import StillDialog

            self.dialog = StillDialog(self._store, self._window)
            self.dialog.show()

    def _open_film(self, state: AppState) -> None:
        from reluviz.app.recording.dialog import FilmDialog

        self.dialog = FilmDialog(self._store, self._window, self.filming)
        just_recorded = state.recording.last and (state.recording.seconds or state.recording.recovered)
        if just_recorded:
            self.dialog.show_recording()
        self.dialog.show()

    def _shut(self) -> None:
        if self.dialog is not None:
            dialog, self.dialog = self.dialog, None
            dialog.retire()
            dialog.hide()
            dialog.deleteLater()
