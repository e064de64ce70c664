"""CommandButton: a flat button for one row of ACTIONS, for panels, which know the store alone."""

from reluviz.app.action_set import tooltip
from reluviz.app.actions import Action
from reluviz.app.preferences.keys import keys_of
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.app.widgets.tool_button import ToolButton


class CommandButton(ToolButton):
    """Runs the command; a switch shows its position."""

    def __init__(self, store: Store, row: Action, size: float = 1.5) -> None:
        super().__init__(row.icon, row.title, tooltip(row, row.title, keys_of(store.state.preferences, row)), size)
        self._store, self._row = store, row
        if row.checked is not None:
            self.setCheckable(True)
            self.setChecked(row.checked(store.state))
        store.on("preferences", *row.reads).connect(self._follow)
        self.clicked.connect(self._run)

    def _run(self, _checked: bool = False) -> None:
        self._row.run(self._store)
        self._mark(self._store.state)

    def _follow(self, old: AppState, new: AppState) -> None:
        if old.preferences is not new.preferences:
            self.setToolTip(tooltip(self._row, self._row.title, keys_of(new.preferences, self._row)))
        checked = self._row.checked
        if checked is not None and checked(old) != checked(new):
            self._mark(new)

    def _mark(self, state: AppState) -> None:
        if self._row.checked is not None and self._row.checked(state) != self.isChecked():
            self.setChecked(self._row.checked(state))
