"""StillDialog: a picture of what the canvas shows, at any size."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from reluviz.app.exporting import Export
from reluviz.app.recording.state import open_dialog
from reluviz.app.recording.still import KINDS, MOST_SIDE, StillOrder, copy_picture, export_still, why_not
from reluviz.app.store import Store
from reluviz.app.widgets.choice import Choice
from reluviz.app.worker import Mailbox
from reluviz.studio.look import LONGEST_TITLE

SCALES = (1, 2, 3, 4)
SIZES = {
    "window": "As the canvas",
    "1920x1080": "1920 × 1080 (full HD)",
    "3840x2160": "3840 × 2160 (4K)",
    "2000x2000": "2000 × 2000 (square)",
    "own": "Own size",
}


class StillDialog(QDialog):
    """Chooses kind and size; writes in a thread, and says what became of it."""

    def __init__(self, store: Store, window: QWidget) -> None:
        super().__init__(window)
        self.setWindowTitle("Save the picture")
        self._store = store
        self._export: Export | None = None
        self._mailbox = Mailbox(self._open, self)
        self._size, self._scale = "window", 2
        self.order = StillOrder()
        self.kind = self._list("Format", KINDS, "SVG and PDF hold every region as a polygon; PNG holds pixels.")
        self.size_list = self._list("Size", SIZES, "The size of the picture.")
        self.scale = self._list("Scale", {s: f"{s} ×" for s in SCALES}, "How many times as many pixels each way.")
        self.width_box, self.height_box = self._number("Width"), self._number("Height")
        self.title = QLineEdit()
        self.title.setMaxLength(LONGEST_TITLE)
        self.title.setPlaceholderText("none")
        self.title.setAccessibleName("Title")
        self.title.textEdited.connect(partial(self._take, "title"))
        self.points = QCheckBox("Data points")
        self.counters = QCheckBox("Counters")
        self.points.toggled.connect(partial(self._take, "points"))
        self.counters.toggled.connect(partial(self._take, "counters"))
        self.note = QLabel()
        self.note.setObjectName("facts")
        self.note.setWordWrap(True)
        self.save = QPushButton("Save …")
        self.save.setObjectName("primary")
        self.save.clicked.connect(self.ask)
        self.copy = QPushButton("Copy")
        self.copy.setToolTip("Puts the picture on the clipboard, as large as it is on the screen.")
        self.copy.clicked.connect(self._copy)
        self._lay_out()
        self._show()
        self.finished.connect(self._finish)

    def ask(self, *_: object) -> None:
        """Let a person choose a file and write the picture."""
        kind = self.order.kind
        suggestion = str(Path(self._store.state.folder) / f"regions.{kind}")
        chosen, _filter = QFileDialog.getSaveFileName(self, "Save the picture", suggestion, f"Pictures (*.{kind})")
        if chosen:
            path = Path(chosen)
            self.begin(path if path.suffix.lower() == f".{kind}" else Path(f"{chosen}.{kind}"))

    def begin(self, path: Path) -> None:
        """Write the picture to `path`."""
        if self._export is None and self._store.state.snapshot is not None:
            self._store.update(folder=str(path.parent))
            self._export = export_still(self._store.state, self.order, path, self._mailbox.put)
            self.save.setEnabled(False)
            self.note.setText(f"Writing {path.name} …")
            self._export.start()

    def retire(self) -> None:
        """Stop what is being written."""
        self._mailbox.close()
        if self._export is not None:
            self._export.cancel()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing is a change of the state, too."""
        self.reject()
        event.accept()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        self._labels = {}
        for row, (name, control) in enumerate(
            (
                *(("Format", self.kind), ("Size", self.size_list), ("Scale", self.scale), ("Width", self.width_box)),
                *(("Height", self.height_box), ("Title", self.title), ("", self.points), ("", self.counters)),
            )
        ):
            label = QLabel(name)
            label.setObjectName("fieldLabel")
            label.setBuddy(control)
            self._labels[control] = label
            grid.addWidget(label, row, 0)
            grid.addWidget(control, row, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        close = QPushButton("Close")
        close.clicked.connect(self.reject)
        for button in (self.copy, self.save, close):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        page = QVBoxLayout(self)
        page.setContentsMargins(16, 14, 16, 14)
        page.setSpacing(12)
        page.addLayout(grid)
        page.addWidget(self.note)
        page.addStretch(1)
        page.addLayout(buttons)
        self.setMinimumWidth(32 * self.fontMetrics().averageCharWidth())

    def _list(self, label: str, choices: Any, help: str) -> Choice:
        control = Choice()
        for choice, text in choices.items():
            control.addItem(text, choice)
        control.setAccessibleName(label)
        control.setToolTip(help)
        control.activated.connect(self._choose)
        return control

    def _number(self, label: str) -> QSpinBox:
        box = QSpinBox()
        box.setRange(16, MOST_SIDE)
        box.setSuffix(" pixels")
        box.setGroupSeparatorShown(True)
        box.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        box.setAccessibleName(label)
        box.valueChanged.connect(partial(self._take, label.lower()))
        return box

    def _choose(self, _index: int) -> None:
        self.order = replace(self.order, kind=self.kind.currentData())
        self._size, self._scale = self.size_list.currentData(), self.scale.currentData()
        self._show()

    def _take(self, name: str, value: Any) -> None:
        if value != getattr(self.order, name):
            self.order = replace(self.order, **{name: value})
            self._show()

    def _show(self) -> None:
        view = self._store.state.view
        if self._size == "window":
            self.order = replace(self.order, width=view.width * self._scale, height=view.height * self._scale)
        elif self._size != "own":
            width, height = map(int, self._size.split("x"))
            self.order = replace(self.order, width=width, height=height)
        self.kind.setCurrentIndex(self.kind.findData(self.order.kind))
        self.size_list.setCurrentIndex(self.size_list.findData(self._size))
        self.scale.setCurrentIndex(self.scale.findData(self._scale))
        for box, value in ((self.width_box, self.order.width), (self.height_box, self.order.height)):
            box.setValue(value)
            self._reveal(box, self._size == "own")
        self._reveal(self.scale, self._size == "window")
        pixels = self.order.kind == "png"
        self._reveal(self.title, pixels)
        self.counters.setVisible(pixels)
        self.points.setChecked(self.order.points)
        self.counters.setChecked(self.order.counters)
        reason = why_not(self.order)
        self.note.setText(reason or f"{self.order.width:,} × {self.order.height:,} pixels.")
        self.save.setEnabled(not reason and self._export is None)

    def _reveal(self, control: QWidget, shown: bool) -> None:
        control.setVisible(shown)
        self._labels[control].setVisible(shown)

    def _copy(self, *_: object) -> None:
        copy_picture(self._store)
        self.note.setText(self._store.state.message.text)

    def _open(self, items: dict[str, Any]) -> None:
        if "done" in items:
            self._export = None
            sentence, kind = items["done"]
            self._store.say(sentence, kind)
            self._show()
            self.note.setText(sentence)

    def _finish(self, _result: int) -> None:
        self._store.apply(open_dialog, dialog="")
