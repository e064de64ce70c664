"""FilmForm: the controls of an Order."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QGridLayout, QLabel, QLineEdit, QMenu, QPushButton, QWidget

from reluviz.app.panel import PANELS
from reluviz.app.recording.order import GIF_RATES, KINDS, RATES, SIZES, Order, Source, has_video
from reluviz.app.state import AppState
from reluviz.app.widgets.choice import Choice
from reluviz.studio.look import LONGEST_TITLE

FILMED = {
    "canvas": "The canvas",
    "panels": "The canvas and panels beside it",
    "window": "The whole window",
}
SOURCES = {
    "history": "The history of this run",
    "recording": "The last recording",
    "afresh": "Training from the start",
}
RANGES = {"first": (0.0, 2.0**53), "last": (0.0, 2.0**53), "steps": (0.0, 1e7), "seconds": (0.1, 6000.0)}
USUAL_PANELS = ("learning", "activation")


class FilmForm(QWidget):
    """Holds an order; `edited` tells that a person changed it."""

    edited = Signal()

    def __init__(self, state: AppState) -> None:
        super().__init__()
        known = tuple(panel.name for panel in PANELS)
        usual = tuple(name for name in USUAL_PANELS if name in known) or known[:1]
        self.order = Order(kind="mp4" if has_video() else "gif", panels=usual)
        self._touched = False  # Whether a person chose first and last; until then they are all there is.
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        self._labels: dict[str, QLabel] = {}
        self.source = self._list("source", "Made of", SOURCES, "Where the moments of the film come from.")
        self.first = self._number("first", "From", "Where the film begins.")
        self.last = self._number("last", "To", "Where the film ends.")
        self.steps = self._number("steps", "Steps", "How many batches are trained for the film.")
        self.seconds = self._number("seconds", "Length", "How long the film is; its speed follows.", 1)
        self.seconds.setSuffix(" s")
        self.filmed = self._list("filmed", "Shows", FILMED, "What is filmed.")
        self.panels = self._panels()
        self.kind = self._list("kind", "Format", KINDS, "MP4 plays everywhere, GIF in a page, PNG in a cutting room.")
        sizes = {name: text for name, (text, _) in SIZES.items()}
        self.size_list = self._list("size", "Size", sizes, "The film's size in pixels.")
        self.rate = self._list("fps", "Rate", {}, "Frames a second.")
        self.title = QLineEdit()
        self.title.setMaxLength(LONGEST_TITLE)
        self.title.setPlaceholderText("none")
        self.title.setAccessibleName("Title")
        self.title.setToolTip("A line at the top left of every frame.")
        self.title.textEdited.connect(partial(self._take, "title"))
        self._row("title", "Title", self.title)
        self.switches = {
            "counters": self._switch("counters", "Counters", "Shows step, regions, loss and accuracy in every frame."),
            "key_cast": self._switch("key_cast", "Keys", "Shows the keys that were pressed, as lettered caps."),
            "ripples": self._switch("ripples", "Clicks", "Shows a ring that grows where was clicked."),
        }
        self.show_sources(state)

    def show_sources(self, state: AppState) -> None:
        """Offer what there is to film."""
        timeline, last = state.time.timeline, state.recording.last
        usable = [len(timeline) > 1, bool(last), True]
        model: Any = self.source.model()
        for index, able in enumerate(usable):
            model.item(index).setEnabled(able)
        if not usable[list(SOURCES).index(self.order.source)]:
            self.order = replace(self.order, source="afresh")
        if not self._touched and self.order.source == "history":
            steps = timeline.steps
            self.order = replace(self.order, first=float(steps[0]), last=float(steps[-1]))
        self._show()

    def choose_source(self, source: Source) -> None:
        """Film a source."""
        self.order = replace(self.order, source=source)
        self._touched = False
        self._show()
        self.edited.emit()

    def take_length(self, seconds: float) -> None:
        """Film all of a recording that is so long."""
        if self.order.source == "recording":
            seconds = max(0.1, round(seconds, 1))
            self.order = replace(self.order, first=0.0, last=seconds, seconds=min(6000.0, seconds))
            self._show()
            self.edited.emit()

    def sentence(self) -> str:
        """Say in words what film it will be."""
        order = self.order
        frames = round(order.seconds * order.fps)
        speed = (order.steps if order.source == "afresh" else order.last - order.first) / max(0.1, order.seconds)
        if order.source == "recording":
            as_it_was = abs(speed - 1) < 0.03
            return f"{frames:,} frames, {'as fast' if as_it_was else f'{speed:.2g} times as fast'} as it was recorded."
        return f"{frames:,} frames, {speed:,.0f} steps a second."

    def _show(self) -> None:
        order = self.order
        rates = GIF_RATES if order.kind == "gif" else RATES
        if order.fps not in rates:
            order = self.order = replace(order, fps=rates[1])
        if [self.rate.itemData(index) for index in range(self.rate.count())] != list(rates):
            self.rate.clear()
            for rate in rates:
                self.rate.addItem(f"{rate} frames a second", rate)
        for name, control in (
            *(("source", self.source), ("filmed", self.filmed), ("kind", self.kind)),
            *(("size", self.size_list), ("fps", self.rate)),
        ):
            control.setCurrentIndex(control.findData(getattr(order, name)))
        recorded = order.source == "recording"
        for name, box in (("first", self.first), ("last", self.last)):
            box.setDecimals(1 if recorded else 0)
            box.setPrefix("second " if recorded else "step ")
            box.setValue(getattr(order, name))
        self.steps.setValue(order.steps)
        self.seconds.setValue(order.seconds)
        for name in ("first", "last"):
            self._reveal(name, order.source != "afresh")
        self._reveal("steps", order.source == "afresh")
        self._reveal("panels", order.filmed == "panels")
        for name, switch in self.switches.items():
            switch.setChecked(getattr(order, name))
            switch.setVisible(name == "counters" or recorded)
        chosen = [panel.title for panel in PANELS if panel.name in order.panels]
        self.panels.setText(", ".join(chosen) or "none")

    def _take(self, name: str, value: Any) -> None:
        if value != getattr(self.order, name):
            self.order = replace(self.order, **{name: value})
            self._show()
            self.edited.emit()

    def _choose(self, name: str, control: Choice, index: int) -> None:
        value = control.itemData(index)
        self._take(name, value)
        if name == "source":
            self.choose_source(value)

    def _count(self, name: str, value: float) -> None:
        if abs(value - getattr(self.order, name)) < 0.051:
            return  # It was shown, rounded, and not chosen.
        if name in ("first", "last"):
            self._touched = True
        self._take(name, int(value) if name == "steps" else value)

    def _toggle_panel(self, name: str, shown: bool) -> None:
        chosen = set(self.order.panels) | {name} if shown else set(self.order.panels) - {name}
        self._take("panels", tuple(panel.name for panel in PANELS if panel.name in chosen))

    def _panels(self) -> QPushButton:
        button = QPushButton()
        menu = QMenu(button)
        for panel in PANELS:
            action = menu.addAction(panel.title)
            action.setCheckable(True)
            action.setChecked(panel.name in self.order.panels)
            action.toggled.connect(partial(self._toggle_panel, panel.name))
        button.setMenu(menu)
        button.setAccessibleName("Panels")
        button.setToolTip("Which panels stand beside the canvas.")
        self._row("panels", "Panels", button)
        return button

    def _list(self, name: str, label: str, choices: Mapping[Any, str], help: str) -> Choice:
        control = Choice()
        for choice, text in choices.items():
            control.addItem(text, choice)
        control.setAccessibleName(label)
        control.setToolTip(help)
        control.activated.connect(partial(self._choose, name, control))
        self._row(name, label, control)
        return control

    def _number(self, name: str, label: str, help: str, decimals: int = 0) -> QDoubleSpinBox:
        box = QDoubleSpinBox()
        box.setMinimumHeight(QLineEdit().sizeHint().height())
        box.setDecimals(decimals)
        low, high = RANGES[name]
        box.setRange(low, high)
        box.setValue(getattr(self.order, name))
        box.setGroupSeparatorShown(True)
        box.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
        box.setKeyboardTracking(False)
        box.setAccessibleName(label)
        box.setToolTip(help)
        box.valueChanged.connect(partial(self._count, name))
        self._row(name, label, box)
        return box

    def _switch(self, name: str, label: str, help: str) -> QCheckBox:
        box = QCheckBox(label)
        box.setToolTip(help)
        box.toggled.connect(partial(self._take, name))
        self._grid.addWidget(box, self._grid.rowCount(), 1)
        return box

    def _row(self, name: str, label: str, control: QWidget) -> None:
        row = self._grid.rowCount()
        text = QLabel(label)
        text.setObjectName("fieldLabel")
        text.setBuddy(control)
        text.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._labels[name] = text
        self._grid.addWidget(text, row, 0)
        self._grid.addWidget(control, row, 1)

    def _reveal(self, name: str, shown: bool) -> None:
        self._labels[name].setVisible(shown)
        getattr(self, name).setVisible(shown)
