"""KeysPage: every command's shortcut, to be given another one."""

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from reluviz.app.action_set import key_text
from reluviz.app.actions import ACTIONS, Action
from reluviz.app.palette.search import match
from reluviz.app.preferences.keys import give_key, keys_of, reset_all_keys, reset_keys, take_keys, taken_by
from reluviz.app.preferences.state import Preferences
from reluviz.app.state import AppState
from reluviz.app.store import Store

CHOOSE = "Choose a command, then press the key that it shall have."


class KeysPage(QWidget):
    """A list of commands to choose from, and below it the key of the chosen one."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self._rows: list[Action] = []
        self.search = QLineEdit()
        self.search.setPlaceholderText("Find a command")
        self.search.setAccessibleName("Find a command")
        self.search.setClearButtonEnabled(True)
        for clear in self.search.findChildren(QToolButton):
            clear.setAccessibleName("Clear the search")
            clear.setToolTip("Lists all commands again.")
        self.search.textChanged.connect(self._list)
        self.table = QTableWidget(0, 3)
        self.table.setHorizontalHeaderLabels(["Command", "Menu", "Keys"])
        self.table.setAccessibleName("Commands and their keys")
        self.table.setAccessibleDescription("Arrow keys choose the command whose key can be changed below.")
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setTabKeyNavigation(False)
        self.table.setShowGrid(False)
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for narrow in (1, 2):
            header.setSectionResizeMode(narrow, QHeaderView.ResizeMode.ResizeToContents)
        self.table.currentCellChanged.connect(self._choose)
        self.label = QLabel()
        self.edit = QKeySequenceEdit()
        self.edit.setMaximumSequenceLength(1)
        self.edit.setAccessibleName("New key")
        self.edit.setToolTip("Press the key that the chosen command shall have.")
        for line in self.edit.findChildren(QLineEdit):
            line.setAccessibleName("New key")
            line.setPlaceholderText("Press a key")
        self.edit.keySequenceChanged.connect(self._say)
        self.give = _button("Give this key", "Gives the chosen command this key, and takes it from any other.")
        self.none = _button("No key", "Leaves the chosen command without a key.")
        self.reset = _button("Its own key", "Gives the chosen command the key that it came with.")
        self.reset_all = _button("Reset all", "Gives every command the key that it came with.")
        self.give.clicked.connect(self._give)
        self.none.clicked.connect(self._take)
        self.reset.clicked.connect(self._reset)
        self.reset_all.clicked.connect(self._reset_all)
        self.sentence = QLabel()
        self.sentence.setWordWrap(True)
        self.sentence.setObjectName("fieldLabel")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.label)
        row.addWidget(self.edit, 1)
        for button in (self.give, self.none, self.reset, self.reset_all):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 10, 0, 0)
        column.setSpacing(8)
        for part in (self.search, self.table):
            column.addWidget(part)
        column.addLayout(row)
        column.addWidget(self.sentence)
        self._list()

    @property
    def chosen(self) -> Action | None:
        """The command whose key is shown below the list."""
        index = self.table.currentRow()
        return self._rows[index] if 0 <= index < len(self._rows) else None

    def choose(self, id: str) -> None:
        """Choose a command that is listed."""
        self.table.setCurrentCell([row.id for row in self._rows].index(id), 0)

    def follow(self, old: AppState, new: AppState) -> None:
        """Show other keys where they changed."""
        if old.preferences.keys != new.preferences.keys:
            self._list()

    def _list(self) -> None:
        state, kept = self._store.state, self.chosen
        query = self.search.text()
        fits = [row for row in ACTIONS.values() if row.menu and match(query, name_of(row), row.help)]
        with QSignalBlocker(self.table):
            self._rows = fits
            self.table.setRowCount(len(fits))
            for index, row in enumerate(fits):
                keys = "   ".join(key_text(key) for key in keys_of(state.preferences, row))
                for column, text in enumerate((name_of(row), row.menu, keys)):
                    item = QTableWidgetItem(text)
                    item.setToolTip(row.help)
                    self.table.setItem(index, column, item)
        if kept in fits:
            self.choose(kept.id)
        elif fits:
            self.table.setCurrentCell(0, 0)
        self._choose()

    def _choose(self, *_: int) -> None:
        row = self.chosen
        for part in (self.edit, self.none, self.reset):
            part.setEnabled(row is not None)
        self.label.setText(f"{name_of(row)}:" if row else "")
        keys = keys_of(self._store.state.preferences, row) if row else ()
        with QSignalBlocker(self.edit):
            self.edit.setKeySequence(QKeySequence(keys[0]) if keys else QKeySequence())
        self._say()

    def _say(self, *_: object) -> None:
        row, key = self.chosen, self._key()
        self.give.setEnabled(row is not None and bool(key) and key not in keys_of(self._store.state.preferences, row))
        self.sentence.setText(say_key(self._store.state.preferences, row, key))

    def _key(self) -> str:
        return self.edit.keySequence().toString(QKeySequence.SequenceFormat.PortableText)

    def _give(self) -> None:
        row = self.chosen
        if row is not None:
            self._set(give_key(self._store.state.preferences, row, self._key()))

    def _take(self) -> None:
        row = self.chosen
        if row is not None:
            self._set(take_keys(self._store.state.preferences, row))

    def _reset(self) -> None:
        row = self.chosen
        if row is not None:
            self._set(reset_keys(self._store.state.preferences, row))

    def _reset_all(self) -> None:
        self._set(reset_all_keys(self._store.state.preferences))

    def _set(self, preferences: Preferences) -> None:
        self._store.update(preferences=preferences)


def say_key(preferences: Preferences, row: Action | None, key: str) -> str:
    """Return in a sentence what giving a key to a command would do."""
    if row is None:
        return CHOOSE
    own = keys_of(preferences, row)
    name = name_of(row)
    if not key:
        return f"{name} has no key. Press one to give it."
    if key in own:
        return f"{key_text(key)} is a key of {name}. Press another one to change that."
    holder = taken_by(preferences, key)
    if holder is None:
        return f"{key_text(key)} is free."
    return f"{key_text(key)} belongs to {name_of(holder)}. Giving it to {name} takes it from there."


def name_of(row: Action) -> str:
    """Return what a command is called, whatever it would do just now."""
    return row.title.removesuffix(" …")


def _button(text: str, help: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(help)
    button.setAutoDefault(False)
    return button
