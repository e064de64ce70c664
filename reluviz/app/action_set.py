"""ActionSet: ACTIONS as QActions that follow the state; menus are built from them."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from reluviz.app.actions import ACTIONS, MENUS, Action, perform
from reluviz.app.icons import make_icon
from reluviz.app.preferences.keys import keys_of
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.core.palette import PALETTES

# Keys that a focused control needs for itself, so that the keyboard alone can work it.
_ARROWS = {Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down}
OWN_KEYS: dict[type[QWidget], set[Qt.Key]] = {
    QAbstractButton: {Qt.Key.Key_Space, *_ARROWS},
    QAbstractSlider: _ARROWS,
    QComboBox: {Qt.Key.Key_Space, *_ARROWS},
    QAbstractItemView: _ARROWS,
}
# In text these move the caret, with Shift the end of what is selected, with Ctrl by words.
TEXTS = (QLineEdit, QTextEdit, QPlainTextEdit, QAbstractSpinBox)
_OF_TEXT = {*_ARROWS, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Home, Qt.Key.Key_End}

TIME = "Time"
JUDGED = ("history", "lecture", "lesson", "pins", "recovery", "experiment", "panes")
"""What tells, besides the moments kept, whether a command can do anything now."""


class ActionSet(QObject):
    """One QAction per row of ACTIONS, added to `window` so that its shortcuts work everywhere in it."""

    def __init__(self, store: Store, window: QWidget) -> None:
        super().__init__(window)
        self._store = store
        self.actions = {row.id: self._make(row, window) for row in ACTIONS.values()}
        self._checked: dict[str, bool] = {}
        self._looks: dict[str, tuple[str, str]] = {}
        self._reasons = {row.id: "" for row in ACTIONS.values() if row.why_not is not None}
        self._restyle(store.state)
        for row in ACTIONS.values():
            self._show(row, store.state)
        self._judge(None, store.state)
        for reads, rows in rows_by_reads().items():
            store.on(*reads).connect(_Rows(rows, self._show, self).follow)
        store.on(*JUDGED).connect(self._judge)
        store.on("time.moment", "time.has_past", "time.marks", "time.timeline.others").connect(self._judge_time)
        store.on("theme", "preferences").connect(self._follow)

    def make_menus(self, parent: QWidget) -> list[QMenu]:
        """Return one menu per name of MENUS, group after group, table order within."""
        menus = []
        for name in MENUS:
            menu = QMenu(f"&{name}", parent)
            menu.setToolTipsVisible(True)
            rows = sorted((row for row in ACTIONS.values() if row.menu == name), key=lambda row: row.group)
            for before, row in zip((None, *rows), rows, strict=False):
                if before is not None and before.group != row.group:
                    menu.addSeparator()
                menu.addAction(self.actions[row.id])
            menus.append(menu)
        return menus

    def answer(self, event: QKeyEvent) -> bool:
        """Say why the command of a key can do nothing now: Qt passes the keys of disabled ones on to the window."""
        pressed = QKeySequence(event.keyCombination())
        for name, reason in self._reasons.items():
            if reason and pressed in self.actions[name].shortcuts():
                perform(self._store, ACTIONS[name])
                return True
        return False

    def _judge(self, _old: AppState | None, new: AppState) -> None:
        for name in self._reasons:
            self._enable(ACTIONS[name], new)

    def _judge_time(self, _old: AppState, new: AppState) -> None:
        """Judge what hangs on the moments kept."""
        for name in self._reasons:
            if ACTIONS[name].menu == TIME:
                self._enable(ACTIONS[name], new)

    def _enable(self, row: Action, state: AppState) -> None:
        """Grey out a command that can do nothing now; pointing at it says why."""
        reason = row.why_not(state) if row.why_not is not None else ""
        if reason != self._reasons[row.id]:
            self._reasons[row.id] = reason
            self.actions[row.id].setEnabled(not reason)
            self._show_look(row, state)

    def _make(self, row: Action, window: QWidget) -> QAction:
        action = QAction(row.title, window)
        action.setObjectName(row.id)
        action.setCheckable(row.checked is not None)
        action.setAutoRepeat(row.id in ("step", "step_back", "larger", "smaller"))
        if row.id == "quit":
            action.setMenuRole(QAction.MenuRole.QuitRole)
        action.triggered.connect(partial(self._run, row))
        window.addAction(action)
        return action

    def _run(self, row: Action, _checked: bool = False) -> None:
        perform(self._store, row)
        if row.checked is not None:  # Qt has flipped the mark already; the state decides.
            self.actions[row.id].setChecked(row.checked(self._store.state))

    def _follow(self, old: AppState, new: AppState) -> None:
        if (old.theme, old.preferences.keys) != (new.theme, new.preferences.keys):
            self._restyle(new)

    def _restyle(self, state: AppState) -> None:
        """Show all commands in the theme's colours, and with their keys."""
        for row in ACTIONS.values():
            self.actions[row.id].setShortcuts([QKeySequence(key) for key in keys_of(state.preferences, row)])
            self._show_look(row, state)

    def _show(self, row: Action, state: AppState) -> None:
        """Show a command's mark, title and icon where they differ from those that are shown."""
        if row.checked is not None:
            checked = row.checked(state)
            if self._checked.get(row.id) != checked:
                self._checked[row.id] = checked
                self.actions[row.id].setChecked(checked)
        if row.look is not None and row.look(state) != self._looks.get(row.id):
            self._show_look(row, state)

    def _show_look(self, row: Action, state: AppState) -> None:
        look = row.look(state) if row.look is not None else (row.title, row.icon)
        self._looks[row.id] = look
        (title, icon), action, colors = look, self.actions[row.id], PALETTES[state.theme]
        action.setText(title)
        action.setToolTip(tooltip(row, title, keys_of(state.preferences, row), self._reasons.get(row.id, "")))
        if icon:
            action.setIcon(make_icon(icon, colors.ink, colors.muted))


class _Rows(QObject):
    """Commands whose look reads the same fields of the state."""

    def __init__(self, rows: tuple[Action, ...], show: Callable[[Action, AppState], None], parent: QObject) -> None:
        super().__init__(parent)
        self._rows, self._show = rows, show

    def follow(self, _old: AppState, new: AppState) -> None:
        """Show what became of them."""
        for row in self._rows:
            self._show(row, new)


def rows_by_reads() -> dict[tuple[str, ...], tuple[Action, ...]]:
    """Return the commands that look different in different states, by what their look reads."""
    found: dict[tuple[str, ...], tuple[Action, ...]] = {}
    for row in ACTIONS.values():
        if row.reads:
            found[row.reads] = (*found.get(row.reads, ()), row)
    return found


def needs_key(widget: QWidget | None, event: QKeyEvent) -> bool:
    """Whether the focused widget works with this key itself, so that no shortcut may take it."""
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if isinstance(widget, TEXTS) and event.key() in _OF_TEXT:
        return modifiers != Qt.KeyboardModifier.AltModifier
    if isinstance(widget, QComboBox) and modifiers == Qt.KeyboardModifier.AltModifier:
        return event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down)  # These open the list.
    plain = modifiers == Qt.KeyboardModifier.NoModifier
    own = getattr(widget, "own_keys", ())
    return plain and (
        event.key() in own or any(isinstance(widget, kind) and event.key() in keys for kind, keys in OWN_KEYS.items())
    )


def tooltip(row: Action, title: str, keys: tuple[str, ...], reason: str = "") -> str:
    """Return what a pointer over the command shows: its name, the first of its keys, its sentence, or why not now."""
    key = f" ({key_text(keys[0])})" if keys else ""
    return f"{title}{key}: {reason or row.help}"


def key_text(key: str) -> str:
    """Return a shortcut as this platform writes it."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
