"""KeysSheet: every command with its key, made from ACTIONS."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from reluviz.app.action_set import key_text
from reluviz.app.actions import ACTIONS, MENUS
from reluviz.app.preferences.keys import keys_of
from reluviz.app.store import Store


class KeysSheet(QDialog):
    """A sheet over the window; it stands as long as `keys_shown` holds."""

    def __init__(self, store: Store, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        self._store, self._window = store, parent
        page = QWidget()
        grid = QGridLayout(page)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(2, 1)
        for menu in MENUS:
            keyed = ((row, keys_of(store.state.preferences, row)) for row in ACTIONS.values() if row.menu == menu)
            rows = [(row, keys) for row, keys in keyed if keys]
            if not rows:
                continue
            heading = QLabel(menu)
            heading.setObjectName("keysHeading")
            grid.addWidget(heading, grid.rowCount(), 0, 1, 3)
            for row, keys in rows:
                place = grid.rowCount()
                help = QLabel(row.help)
                help.setObjectName("fieldLabel")
                help.setWordWrap(True)
                for column, part in enumerate((_make_caps(keys), QLabel(row.title), help)):
                    grid.addWidget(part, place, column, Qt.AlignmentFlag.AlignTop)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(page)
        area.setAccessibleName("All keys")
        area.setAccessibleDescription("Every command with its key, by menu.")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(area)
        self.finished.connect(self._close)

    def showEvent(self, event: QShowEvent) -> None:
        """Take most of the window's room."""
        room = self._window.size()
        self.resize(min(room.width() - 40, 56 * self.fontMetrics().averageCharWidth() * 2), room.height() - 60)
        super().showEvent(event)

    def _close(self, _result: int) -> None:
        self._store.update(keys_shown=False)


def _make_caps(keys: Sequence[str]) -> QWidget:
    """Return the keys of a command, each drawn as a cap, as the palette draws them."""
    caps = QWidget()
    row = QHBoxLayout(caps)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(6)
    for key in keys:
        cap = QLabel(key_text(key))
        cap.setObjectName("keyCap")
        row.addWidget(cap)
    row.addStretch(1)
    return caps
