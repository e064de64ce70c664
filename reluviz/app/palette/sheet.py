"""PaletteSheet: type a few letters, take what is meant."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLabel, QListView, QVBoxLayout

from reluviz.app.palette.ranking import ranked
from reluviz.app.palette.row_view import LINE, RowDelegate, RowModel, say_row
from reluviz.app.palette.rows import Row, rows_of
from reluviz.app.palette.typed import typed_rows
from reluviz.app.preferences.state import note_use
from reluviz.app.search_sheet import SearchSheet
from reluviz.app.state import AppState
from reluviz.app.store import Store

if TYPE_CHECKING:
    from reluviz.app.window import Window

WIDTH, MOST_ROWS = 100, 11  # In widths of a letter and in rows.
HINT = "Type a command, a setting and its value, a data set, an activation ..."
NOTHING = "Nothing is called that. A setting takes a value as well: learning rate 0.01."
OF_COMMANDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
STEPS = {
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Tab: 1,
    Qt.Key.Key_Backtab: -1,
    Qt.Key.Key_PageDown: 8,
    Qt.Key.Key_PageUp: -8,
}


class PaletteSheet(SearchSheet):
    """What was found below the line, and a sentence on what is chosen."""

    follows = (*SearchSheet.follows, "experiment", "tool", "view", "until", "snapshot", "panes")

    def __init__(self, store: Store, window: "Window") -> None:
        super().__init__(store, window, "Commands", HINT)
        self._taken: Row | None = None
        self.line.setAccessibleName("Search all commands")
        self.line.setAccessibleDescription("Arrow keys choose, Enter takes, Escape closes.")
        self._model, self._delegate = RowModel(), RowDelegate()
        self.list = QListView()
        self.list.setAccessibleName("What was found")
        self.list.setAccessibleDescription("The best match first; what is chosen is announced.")
        self.list.setModel(self._model)
        self.list.setItemDelegate(self._delegate)
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.clicked.connect(self._take)
        self.list.selectionModel().currentChanged.connect(self._explain)
        self.help = QLabel()
        self.help.setObjectName("fieldLabel")
        self.help.setWordWrap(True)
        self.help.setAlignment(Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self._card)
        column.setContentsMargins(10, 10, 10, 8)
        column.setSpacing(6)
        column.addWidget(self.line)
        column.addWidget(self.list, 1)
        column.addWidget(self.help)
        self._rows = self._collect()
        self._appear()

    @property
    def titles(self) -> list[str]:
        """What is listed now."""
        return [found.row.title for found in self._model.rows]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Work the list from the line, and keep the size of the window."""
        if watched is self.line and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride and not event.modifiers() & OF_COMMANDS:
                event.accept()  # Escape and letters are commands elsewhere.
                return True
            if event.type() == QEvent.Type.KeyPress:
                return self._press(event)
        if watched is self.line and event.type() == QEvent.Type.FocusOut:
            QTimer.singleShot(0, self, self._leave_if_left)
        return super().eventFilter(watched, event)

    def _finish(self) -> None:
        if self._taken is not None:
            row = self._taken
            if row.lasting:
                self._store.update(preferences=note_use(self._store.state.preferences, row.id))
            row.run(self._store)

    def _press(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            self.end()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take(self.list.currentIndex())
        elif key in STEPS:
            self._step(STEPS[key], wraps=abs(STEPS[key]) == 1)
        else:
            return False
        return True

    def _step(self, by: int, wraps: bool) -> None:
        count = self._model.rowCount()
        if count:
            wanted = self.list.currentIndex().row() + by
            self._choose(wanted % count if wraps else min(count - 1, max(0, wanted)))

    def _choose(self, row: int) -> None:
        index = self._model.index(row)
        self.list.setCurrentIndex(index)
        self.list.scrollTo(index)

    def _search(self, text: str) -> None:
        state = self._store.state
        self._model.show_rows(ranked(text, self._rows, typed_rows(text, state), state.preferences.used))
        if self._model.rowCount():
            self._choose(0)
        else:
            self.help.setText(NOTHING)
        self._fit()

    def _explain(self, index: QModelIndex, _before: QModelIndex) -> None:
        if not index.isValid():
            return
        row = self._model.rows[index.row()].row
        self.help.setText(row.why_not or row.help)
        spoken = QAccessibleAnnouncementEvent(self.line, f"{say_row(row)}. {row.why_not or row.help}")
        QAccessible.updateAccessibility(spoken)

    def _take(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        row = self._model.rows[index.row()].row
        if row.why_not:
            self.help.setText(row.why_not)
            return
        self._taken = row
        self.end()

    def _leave_if_left(self) -> None:
        """Close where something else has taken the keyboard within the window."""
        focus = QApplication.focusWidget()
        if focus is not None and focus is not self.line and not self.isHidden() and focus.window() is self.window():
            self.end()

    def _collect(self) -> list[Row]:
        return [*rows_of(self._store.state), *panel_rows(self._window)]

    def _follow(self, old: AppState, new: AppState) -> None:
        names = ("experiment", "theme", "font_scale", "tool", "view", "playing")
        if any(getattr(old, name) != getattr(new, name) for name in names):
            self._rows = self._collect()
        if (old.theme, old.font_scale) != (new.theme, new.font_scale):
            self._fit()

    def _fit(self) -> None:
        self._delegate.theme = self._store.state.theme
        room = self._window.size()
        self.resize(room)
        metrics = self.fontMetrics()
        width = min(room.width() - 40, WIDTH * metrics.averageCharWidth())
        self.help.setFixedHeight(2 * metrics.lineSpacing() + 2)
        row = round(LINE * metrics.height())
        others = self.line.sizeHint().height() + self.help.height() + 40
        top = round(0.09 * room.height())
        fitting = max(1, (room.height() - top - 20 - others) // row)  # Whole rows: half a word helps nobody.
        height = row * min(MOST_ROWS, fitting, self._model.rowCount()) + others
        self._card.setGeometry((room.width() - width) // 2, top, width, min(height, room.height() - top))


ALIASES = {"network": "diagram graph units weights", "surface": "3d height", "census": "histogram statistics"}
"""What people call a panel that has another name."""


def panel_rows(window: "Window") -> list[Row]:
    """Return one row per panel: it shows or hides it."""
    docks = {"settings": window.column_dock, **window.docks}
    return [
        Row(
            f"panel:{name}",
            dock.windowTitle(),
            dock.toolTip() or "Data, network, training and view.",
            "Panel",
            partial(_toggle_dock, name=name, window=window),
            words=f"panel dock show hide {name} {ALIASES.get(name, '')}",
            checked=dock.isVisible(),
        )
        for name, dock in docks.items()
    ]


def _toggle_dock(_store: Store, name: str, window: "Window") -> None:
    dock = window.column_dock if name == "settings" else window.docks[name]
    dock.toggleViewAction().trigger()
