"""ExportRow: the regions as a table, or the picture as true polygons, written in a thread with progress and cancel."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMargins
from PySide6.QtWidgets import QFileDialog, QProgressBar, QPushButton, QVBoxLayout, QWidget

from reluviz.app.exporting import KINDS, Export, export_of
from reluviz.app.panels.exact_picture import exact_picture
from reluviz.app.store import Store
from reluviz.app.widgets.flow_layout import FlowLayout
from reluviz.app.worker import Mailbox


class ExportRow(QWidget):
    """A button per kind of file; while one is written, how far it is and a button that stops it."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self._export: Export | None = None
        self._mailbox = Mailbox(self._open)
        self.buttons = {name: self._make_button(name) for name in KINDS}
        self.bar = QProgressBar()
        self.bar.setAccessibleName("Export progress")
        self.bar.setRange(0, 1000)
        self.bar.setFormat("%p %")
        self.cancel = QPushButton("Cancel")
        self.cancel.setToolTip("Stops writing; nothing is left behind, and an older file stays as it was.")
        self.cancel.clicked.connect(self.stop)
        row = FlowLayout(QMargins(0, 0, 0, 0), 6, spread=False)
        for widget in (*self.buttons.values(), self.cancel):
            row.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.bar)
        self._ready = False
        self._show()
        self.destroyed.connect(self._mailbox.close)

    def set_ready(self, ready: bool) -> None:
        """Allow exports where there are regions."""
        self._ready = ready
        self._show()

    def ask(self, name: str, *_: object) -> None:
        """Let a person choose a file and write it."""
        kind, folder = KINDS[name], self._store.state.folder
        suggestion = str(Path(folder) / f"regions{kind.suffix}")
        chosen, _filter = QFileDialog.getSaveFileName(self, kind.title, suggestion, kind.filter)
        if chosen:
            path = Path(chosen)
            self.begin(name, path if path.suffix else path.with_suffix(kind.suffix))

    def begin(self, name: str, path: Path) -> None:
        """Write what is seen now to `path`."""
        state = self._store.state
        picture = exact_picture(state.picture)
        if self._export is not None or isinstance(picture, str):
            return
        self._store.set(replace(state, folder=str(path.parent)))
        self._export = export_of(name, state, picture, path, self._mailbox.put)
        self._show()
        self._export.start()

    def stop(self, *_: object) -> None:
        """Stop writing."""
        if self._export is not None:
            self._export.cancel()

    def _make_button(self, name: str) -> QPushButton:
        kind = KINDS[name]
        button = QPushButton(kind.label)
        button.setToolTip(kind.help)
        button.clicked.connect(partial(self.ask, name))
        return button

    def _show(self) -> None:
        writing = self._export is not None
        for button in self.buttons.values():
            button.setVisible(not writing)
            button.setEnabled(self._ready)
        self.cancel.setVisible(writing)
        self.bar.setVisible(writing)

    def _open(self, items: dict[str, Any]) -> None:
        if "share" in items:
            self.bar.setValue(round(1000 * items["share"]))
        if "done" in items:
            self._export = None
            self.bar.setValue(0)
            sentence, kind = items["done"]
            self._store.say(sentence, kind)
            self._show()
