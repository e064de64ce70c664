"""Transport: the bar on top, with what drives training and the figures it brings."""

import math
from typing import Literal, cast

from PySide6.QtCore import QEvent, QMargins, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from reluviz.app.action_set import ActionSet
from reluviz.app.figures import REGIONS_HELP, has_accuracy, readouts, regions_help, speed_text
from reluviz.app.recording.record_button import RecordButton
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.app.turns import wait_ms
from reluviz.app.widgets.action_button import ActionButton
from reluviz.app.widgets.choice import Choice
from reluviz.app.widgets.field import Slider
from reluviz.app.widgets.flow_layout import FlowLayout, share_rows
from reluviz.app.widgets.readout import Readout
from reluviz.app.widgets.scale import TICKS, Scale
from reluviz.app.widgets.tool_button import ToolButton

REFRESH_MS = 80  # Twelve times a second: faster figures cannot be read.
SPEED = Scale(1.0, 30_000.0, logarithmic=True, whole=True)
READOUTS = (
    ("step", "step", "12,345,678", "Batches trained since this run began."),
    ("epoch", "epoch", "123,456", "How often every training point was seen."),
    ("train_loss", "train loss", "0.00e-00", "Mean loss over the training points."),
    ("test_loss", "test loss", "0.00e-00", "Mean loss over the points that only test."),
    ("accuracy", "accuracy", "100.0 %", "Share of test points that are told right (of training points without any)."),
    ("regions", "regions", "123,456", REGIONS_HELP),
)
YIELDING = ("epoch", "test_loss")  # In this order, where that saves a row: on a projector's 1280 pixels, at 200 %.
MARGIN, SPACING = 10, 10
FIGURE_GAP = 16


class Transport(QWidget):
    """Groups of controls and figures that wrap into rows when type is large or the window narrow.

    Figures that few miss give way where this saves a second row.
    """

    def __init__(self, store: Store, actions: ActionSet, menus: list[QMenu]) -> None:
        super().__init__()
        self.setObjectName("transport")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._store = store
        self.values: dict[str, Readout] = {}
        layout = FlowLayout(QMargins(MARGIN, 1, MARGIN, 1), SPACING)
        self.setLayout(layout)
        names = ("compare", "fit", "projector", "fullscreen", "keys")
        controls, figures = self._make_controls(actions, menus), self._make_readouts()
        buttons = [ActionButton(actions.actions[name]) for name in names]
        commands = _group([RecordButton(store, actions.actions["record"]), *buttons])
        self._parts = (controls, figures, commands)
        for part in self._parts:
            layout.addWidget(part)
        self.groups: dict[str, QWidget] = {
            "training": self._training,
            "speed": self._pace,
            "figures": figures,
            "commands": commands,
        }
        """What a scene can do without, by name; the menu always stays."""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._refresh)
        self._show_speed(store.state)
        self._refresh()
        store.on("steps_per_second", "step_unit").connect(self._follow)
        store.on("snapshot", "picture", "gauge", "dataset").connect(self._follow_figures)

    def _make_controls(self, actions: ActionSet, menus: list[QMenu]) -> QWidget:
        outer: list[QWidget] = []
        if menus:
            self.menu_button = ToolButton("menu", "Menu", "All commands.", 1.6)
            menu = QMenu(self.menu_button)
            for part in menus:
                menu.addMenu(part)
            self.menu_button.setMenu(menu)
            self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
            self.menu_button.setShortcut("F10")
            outer.append(self.menu_button)
        widgets: list[QWidget] = [ActionButton(actions.actions["reset"])]
        play = ActionButton(actions.actions["play"], 1.6)
        play.setObjectName("playButton")
        widgets.append(play)
        widgets.append(ActionButton(actions.actions["step"]))
        self.unit = Choice()
        for unit in ("batch", "epoch"):
            self.unit.addItem(unit, unit)
        self.unit.setCurrentText(self._store.state.step_unit)
        self.unit.setAccessibleName("What one step trains on")
        self.unit.setToolTip("One step is one batch, or one epoch: every training point once.")
        self.unit.activated.connect(self._choose_unit)
        widgets.append(self.unit)
        self.speed = Slider(Qt.Orientation.Horizontal)
        self.speed.setRange(0, TICKS)
        self.speed.setSingleStep(TICKS // 50)
        self.speed.setPageStep(TICKS // 10)
        self.speed.setMinimumWidth(110)
        self.speed.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.speed.setAccessibleName("Speed")
        self.speed.setToolTip("How fast training goes: from one step a second to as fast as it can.")
        self.speed.valueChanged.connect(self._choose_speed)
        self.speed_label = Readout("speed", "30,000 /s", self.speed.toolTip())
        self._training, self._pace = _group(widgets), _group([self.speed, self.speed_label], 10)
        outer.append(self._training)
        return _group([_group(outer), self._pace], 10)

    def _make_readouts(self) -> QWidget:
        for name, caption, template, help in READOUTS:
            self.values[name] = Readout(caption, template, help)
        return _group(list(self.values.values()), FIGURE_GAP)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep to one row where that can be."""
        super().resizeEvent(event)
        self._make_room()

    def event(self, event: QEvent) -> bool:
        """Follow what the groups ask for in the present type, once all of them have it."""
        if event.type() == QEvent.Type.LayoutRequest:
            QTimer.singleShot(0, self, self._make_room)
        return super().event(event)

    def _make_room(self) -> None:
        """Spare as few figures as save as many rows as can be saved."""
        inner = self.width() - 2 * MARGIN
        needs = [self.values[name].sizeHint().width() + FIGURE_GAP for name in YIELDING]
        hidden = sum(need for name, need in zip(YIELDING, needs, strict=True) if self.values[name].isHidden())
        parts = [(part, part.sizeHint().width()) for part in self._parts if not part.isHidden()]

        def rows(spared: int) -> int:
            less = hidden - sum(needs[:spared])
            widths = [wide + less if part is self.groups["figures"] else wide for part, wide in parts]
            return len(share_rows(widths, inner, SPACING))

        spared = min(range(len(YIELDING) + 1), key=rows)
        for name in YIELDING:
            if self.values[name].isHidden() != (name in YIELDING[:spared]):
                self.values[name].setVisible(name not in YIELDING[:spared])
                self.updateGeometry()  # A window asks what stands in a menu's place for its height only then.

    def _choose_unit(self, index: int) -> None:
        self._store.update(step_unit=cast(Literal["batch", "epoch"], self.unit.itemData(index)))

    def _choose_speed(self, position: int) -> None:
        self._store.update(steps_per_second=math.inf if position == TICKS else SPEED.value(position))

    def _show_speed(self, state: AppState) -> None:
        rate = state.steps_per_second
        self.speed_label.show_text(speed_text(rate))
        if math.isinf(rate):
            self.speed.setValue(TICKS)
        elif SPEED.value(self.speed.value()) != rate or self.speed.value() == TICKS:
            self.speed.setValue(min(TICKS - 1, SPEED.position(rate)))

    def _follow(self, old: AppState, new: AppState) -> None:
        if old.steps_per_second != new.steps_per_second:
            self._show_speed(new)
        if old.step_unit != new.step_unit:
            self.unit.setCurrentText(new.step_unit)

    def _follow_figures(self) -> None:
        if not self._timer.isActive():
            self._timer.start(wait_ms(REFRESH_MS))

    def _refresh(self) -> None:
        state = self._store.state
        for name, text in readouts(state).items():
            self.values[name].show_text(text)
        self.values["regions"].setToolTip(regions_help(state))
        if self.values["accuracy"].isHidden() == has_accuracy(state):
            self.values["accuracy"].setVisible(has_accuracy(state))


def _group(widgets: list[QWidget], spacing: int = 4) -> QWidget:
    group = QWidget()
    layout = QHBoxLayout(group)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    for widget in widgets:
        layout.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
    return group
