"""PreferencesSheet: how everything looks, moves and is kept, and the keys of all commands."""

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QFrame, QGridLayout, QLabel, QScrollArea, QTabWidget, QVBoxLayout, QWidget

from reluviz.app.preferences.keys_page import KeysPage
from reluviz.app.preferences.rows import PREFERENCES
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.app.view_form import ViewSetting, make_plain_field
from reluviz.app.widgets.field import Field
from reluviz.app.widgets.switch_field import SwitchField

LETTERS_WIDE, LINES_HIGH = 94, 30


class PreferencesSheet(QDialog):
    """Two pages; every change is made at once, so that there is nothing to confirm. `closed` tells that it is over."""

    closed = Signal()

    def __init__(self, store: Store, window: QWidget) -> None:
        super().__init__(window)
        self._store, self._window = store, window
        self.setWindowTitle("Preferences")
        self.fields: dict[str, Field] = {}
        self.pages = QTabWidget()
        self.pages.setDocumentMode(True)
        self.pages.setAccessibleName("Pages of preferences")
        self.pages.setAccessibleDescription("Look and safety, and the keys of all commands.")
        self.pages.tabBar().setAccessibleName("Pages")
        self.pages.tabBar().setDrawBase(False)
        self.pages.addTab(self._make_look(), "Look and safety")
        self.keys = KeysPage(store)
        self.pages.addTab(self.keys, "Keys")
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 14, 14)
        column.addWidget(self.pages)
        store.on("theme", "font_scale", "view", "preferences").connect(self._follow)
        self.finished.connect(self._finish)
        self.open()

    def showEvent(self, event: QShowEvent) -> None:
        """Take the room that the pages need, within the window's."""
        room = self._window.size()
        letter, line = self.fontMetrics().averageCharWidth(), self.fontMetrics().height()
        self.resize(min(room.width() - 40, LETTERS_WIDE * letter), min(room.height() - 40, LINES_HIGH * line))
        super().showEvent(event)

    def end(self) -> None:
        """Close."""
        self.done(0)

    def _finish(self, _result: int) -> None:
        self.closed.emit()

    def _make_look(self) -> QWidget:
        page = QWidget()
        page.setObjectName("preferencesPage")
        grid = QGridLayout(page)
        grid.setContentsMargins(2, 12, 12, 4)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 2)
        for index, row in enumerate(PREFERENCES):
            field = make_plain_field(row)
            field.show_value(row.read(self._store.state))
            field.edited.connect(partial(self._edit, row))
            self.fields[row.name] = field
            if isinstance(field, SwitchField):
                grid.addWidget(field, 3 * index, 0, 1, 2)
            else:
                label = QLabel(row.label)
                label.setBuddy(field)
                grid.addWidget(label, 3 * index, 0)
                grid.addWidget(field, 3 * index, 1)
            help = QLabel(row.help)
            help.setObjectName("fieldLabel")
            help.setWordWrap(True)
            grid.addWidget(help, 3 * index + 1, 0, 1, 2)
            grid.setRowMinimumHeight(3 * index + 2, 10)
        grid.setRowStretch(3 * len(PREFERENCES), 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(page)
        area.setAccessibleName("Look and safety")
        area.setAccessibleDescription("How the window looks, moves and keeps what it shows.")
        return area

    def _edit(self, row: ViewSetting, changes: dict[str, Any]) -> None:
        self._store.set(row.change(self._store.state, changes[row.name]))
        self.fields[row.name].show_value(row.read(self._store.state))

    def _follow(self, old: AppState, new: AppState) -> None:
        for row in PREFERENCES:
            read: Callable[[AppState], Any] = row.read
            if read(old) != read(new):
                self.fields[row.name].show_value(read(new))
        self.keys.follow(old, new)
