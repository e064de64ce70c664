"""SHEETS: what may stand over the window, one at a time, as `AppState.sheet` says."""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from reluviz.app.state import AppState
from reluviz.app.store import Store

if TYPE_CHECKING:
    from reluviz.app.window import Window

SHEETS = {
    "commands": ("reluviz.app.palette.sheet", "PaletteSheet"),
    "lessons": ("reluviz.app.lessons.browser", "LessonBrowser"),
    "description": ("reluviz.app.description_sheet", "DescriptionSheet"),
    "preferences": ("reluviz.app.preferences.sheet", "PreferencesSheet"),
}
"""Name, and the class that makes it from a store and the window: a widget with `closed`, a signal, and `end()`."""


class Sheets(QObject):
    """Makes the sheet that is wanted when it is wanted, and takes it away."""

    def __init__(self, store: Store, window: "Window") -> None:
        super().__init__(window)
        self._store, self._window = store, window
        self.sheet: Any = None
        store.on("sheet").connect(self._follow)

    def _follow(self, old: AppState, new: AppState) -> None:
        if new.sheet == old.sheet:
            return
        if self.sheet is not None:
            sheet, self.sheet = self.sheet, None
            sheet.end()
            sheet.deleteLater()
        if new.sheet:
            module, name = SHEETS[new.sheet]
            make: Callable[[Store, Window], Any] = getattr(import_module(module), name)
            self.sheet = make(self._store, self._window)
            self.sheet.closed.connect(self._close)

    def _close(self) -> None:
        self._store.update(sheet="")
