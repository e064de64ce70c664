"""KeyList: the key frames of the film that is planned."""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from reluviz.app.recording.scenery import look_of_state
from reluviz.app.recording.state import add_key, change
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.app.widgets.choice import Choice
from reluviz.app.widgets.tool_button import ToolButton
from reluviz.core.coloring import COLORINGS
from reluviz.core.errors import InputError
from reluviz.core.whole_file import write_whole
from reluviz.studio.keys import EASINGS, FADE, SETTINGS, Key, keys_to_json, read_keys
from reluviz.studio.look import Look

EASING_WORDS = {"ease": "gently", "linear": "evenly", "hold": "at once"}
assert set(EASING_WORDS) == set(EASINGS)
FADES = (0.0, 0.2, FADE, 1.0, 2.0)
FILTER = "Key frames (*.json)"
_LEFT_OUT = ("palette", "title", "counters")


class KeyList(QWidget):
    """Two rows per key frame: where, how it fades in and goes on, and a button that takes it away; what it says below.

    `place` returns unit and place of the frame that is shown.
    """

    def __init__(self, store: Store, place: Callable[[], tuple[str, float]]) -> None:
        super().__init__()
        self._store, self._place = store, place
        heading = QLabel("Key frames of camera and settings")
        heading.setObjectName("readoutCaption")
        self.add = _button("Add key frame here", "Holds how the canvas looks now at the frame shown.", self.add_here)
        self.open = _button("Open …", "Reads key frames from a file.", self._ask_open)
        self.save = _button(
            "Save …", "Writes the key frames to a file, for `reluviz render --keys` too.", self._ask_save
        )
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for button in (self.add, self.open, self.save):
            buttons.addWidget(button)
        buttons.addStretch(1)
        self._rows = QGridLayout()
        self._rows.setHorizontalSpacing(8)
        self._rows.setVerticalSpacing(3)
        self._rows.setColumnStretch(0, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(heading)
        column.addLayout(self._rows)
        column.addLayout(buttons)

    def add_here(self, *_: object) -> None:
        """Add a key frame with the look of now at the frame shown."""
        self._store.apply(add_key, key=key_of(self._store.state, *self._place()))

    def show_keys(self, keys: tuple[Key, ...]) -> None:
        """Show one row per key frame."""
        while (item := self._rows.takeAt(0)) is not None:
            gone = item.widget()
            if gone is not None:
                gone.hide()
                gone.deleteLater()
        before: Mapping[str, Any] = {}
        for row, key in enumerate(keys):
            where = QLabel(place_text(key))
            says = QLabel(key_text(key, before))
            says.setObjectName("fieldLabel")
            says.setWordWrap(True)
            easing = Choice()
            for name, words in EASING_WORDS.items():
                easing.addItem(words, name)
            easing.setCurrentIndex(easing.findData(key.easing))
            easing.setAccessibleName(f"How the film goes on from {place_text(key)}")
            easing.setToolTip("How the film goes on from here to the next key frame.")
            easing.activated.connect(partial(self._ease, row, easing))
            fade = Choice()
            for seconds in sorted({*FADES, key.fade}):
                fade.addItem(fade_text(seconds), seconds)
            fade.setCurrentIndex(fade.findData(key.fade))
            fade.setAccessibleName(f"How choices come in at {place_text(key)}")
            fade.setToolTip("How long a choice, such as a colouring or a theme, fades in before this key frame.")
            fade.activated.connect(partial(self._fade, row, fade))
            away = ToolButton("minus", "Remove", f"Takes the key frame at {place_text(key)} away.", 1.2)
            away.clicked.connect(partial(self._remove, row))
            for column, widget in enumerate((where, fade, easing, away)):
                self._rows.addWidget(widget, 2 * row, column)
            self._rows.addWidget(says, 2 * row + 1, 0, 1, self._rows.columnCount())
            before = {**before, **key.values}
        self.save.setEnabled(bool(keys))

    def _ease(self, row: int, control: Choice, index: int) -> None:
        self._change(row, easing=control.itemData(index))

    def _fade(self, row: int, control: Choice, index: int) -> None:
        self._change(row, fade=control.itemData(index))

    def _change(self, row: int, **values: Any) -> None:
        keys = self._store.state.recording.keys
        self._store.apply(change, keys=(*keys[:row], replace(keys[row], **values), *keys[row + 1 :]))

    def _remove(self, row: int, *_: object) -> None:
        keys = self._store.state.recording.keys
        self._store.apply(change, keys=(*keys[:row], *keys[row + 1 :]))

    def _ask_open(self, *_: object) -> None:
        name, _filter = QFileDialog.getOpenFileName(self, "Open key frames", self._store.state.folder, FILTER)
        if name:
            self.open_file(Path(name))

    def _ask_save(self, *_: object) -> None:
        suggestion = str(Path(self._store.state.folder) / "keys.json")
        name, _filter = QFileDialog.getSaveFileName(self, "Save key frames", suggestion, FILTER)
        if name:
            self.save_file(Path(name))

    def open_file(self, path: Path) -> None:
        """Take the key frames of a file, or say why not."""
        try:
            self._store.apply(change, keys=read_keys(path))
        except InputError as error:
            self._store.say(str(error), "error")

    def save_file(self, path: Path) -> None:
        """Write the key frames, or say why not."""
        try:
            write_whole(path, keys_to_json(self._store.state.recording.keys).encode())
        except OSError as error:
            self._store.say(f"{path.name}: cannot be written ({error.strerror or error}).", "error")
        else:
            self._store.say(f"Saved {path.name}.")


def key_of(state: AppState, unit: str, at: float) -> Key:
    """Return the key frame of how the canvas looks now."""
    look = look_of_state(state)
    values = {name: getattr(look, name) for name in SETTINGS if name not in _LEFT_OUT}
    return Key(unit, at, values)


def fade_text(seconds: float) -> str:
    """Return in words how long choices take to come in."""
    return f"in {seconds:g} s" if seconds else "cut"


def place_text(key: Key) -> str:
    """Return in words where a key frame stands."""
    return {"step": f"step {key.at:,.0f}", "time": f"{key.at:g} s", "share": f"{100 * key.at:g} %"}[key.unit]


def key_text(key: Key, before: Mapping[str, Any]) -> str:
    """Return in words what a key frame changes of those before it."""
    usual = {row.name: row.default for row in fields(Look)}
    words = []
    for name, value in key.values.items():
        if value == before.get(name, usual.get(name)):
            continue
        if name == "bounds":
            words.append(
                f"{value[1] - value[0]:.3g} wide at ({(value[0] + value[1]) / 2:.2g}, {sum(value[2:]) / 2:.2g})"
            )
        elif name == "coloring":
            words.append(COLORINGS[value].label.lower())
        elif isinstance(value, bool):
            words.append(f"{name.replace('_', ' ')} {'on' if value else 'off'}")
        elif name not in ("layer", "unit"):
            words.append(f"{name.replace('_', ' ')} {value:.3g}" if isinstance(value, float) else f"{name} {value}")
    return ", ".join(words) or "as before"


def _button(text: str, help: str, call: Callable[..., None]) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(help)
    button.setAutoDefault(False)
    button.clicked.connect(call)
    return button
