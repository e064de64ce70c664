"""RecentMenu: the scenes opened or saved last."""

from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QMenu, QWidget

from reluviz.app import files
from reluviz.app.store import Store


class RecentMenu(QMenu):
    """Lists `AppState.recent`, newest first; made anew each time it is about to show."""

    def __init__(self, store: Store, parent: QWidget) -> None:
        super().__init__("Open recent", parent)
        self._store = store
        self.setToolTipsVisible(True)
        self.menuAction().setToolTip("Opens one of the scenes that were opened or saved last.")
        self.aboutToShow.connect(self._fill)

    def _fill(self) -> None:
        self.clear()
        for name in self._store.state.recent:
            action = self.addAction(Path(name).name.replace("&", "&&"))
            action.setToolTip(name)
            action.triggered.connect(partial(self._open, name))
        if self.isEmpty():
            self.addAction("No scene was opened or saved yet").setEnabled(False)

    def _open(self, name: str, _checked: bool = False) -> None:
        files.open_scene(self._store, Path(name))
