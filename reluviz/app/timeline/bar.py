"""TimelineBar: the strip under everything else, with what plays the past and what goes on from it."""

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStackedWidget, QToolButton, QWidget

from reluviz.app.action_set import ActionSet
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.app.time_travel import SPEEDS
from reluviz.app.timeline.lines_menu import LinesMenu
from reluviz.app.timeline.looking import look_at, set_speed
from reluviz.app.timeline.player import Player
from reluviz.app.timeline.strip import Strip
from reluviz.app.widgets.action_button import ActionButton
from reluviz.app.widgets.choice import Choice
from reluviz.app.widgets.tool_button import ToolButton

LEAST_STRIP = 16  # Lines of type that the strip keeps before words on buttons give way to icons.


class TimelineBar(QWidget):
    """Play back, step back, play on, the strip, the speed, marks and lines; and while one looks back, the ways out."""

    def __init__(self, store: Store, actions: ActionSet) -> None:
        super().__init__()
        self.setObjectName("timelineBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._store, self._actions = store, actions
        self.player = Player(store, self)
        self.strip = Strip(store)
        self.strip.looked.connect(self._look)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 10, 0)
        row.setSpacing(3)
        for name in ("play_back", "step_back", "play_past"):
            row.addWidget(ActionButton(actions.actions[name], 1.05))
        row.addSpacing(4)
        row.addWidget(self.strip, 1)
        row.addSpacing(4)
        self.speed = Choice()
        for speed in SPEEDS:
            self.speed.addItem(f"{speed:g}\N{MULTIPLICATION SIGN}", speed)
        self.speed.setAccessibleName("Speed of the past")
        self.speed.setToolTip("How fast the past plays; at 1\N{MULTIPLICATION SIGN} the whole line takes 16 seconds.")
        self.speed.activated.connect(self._choose_speed)
        row.addWidget(self.speed)
        row.addWidget(ActionButton(actions.actions["mark"], 1.05))
        self.lines = ToolButton(
            "lines", "Marks and lines", "Goes to a mark, or to a line of training that was left.", 1.3
        )
        self.menu = LinesMenu(store, self.lines)
        self.lines.setMenu(self.menu)
        self.lines.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        row.addWidget(self.lines)
        self._ends = QStackedWidget()  # One place for both, so that the strip keeps its width under a drag.
        self._kept = QLabel()
        self._kept.setObjectName("facts")
        self._kept.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._ends.addWidget(self._kept)
        self._ways_out = self._make_ways_out()
        self._ends.addWidget(self._ways_out)
        row.addWidget(self._ends)
        self._is_short: bool | None = None
        self._show(store.state)
        store.on("time.moment", "time.speed", "time.timeline.others").connect(self._follow)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take words off the buttons where the strip would become too short."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the size of type."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._is_short = None
            self._fit()

    def _make_ways_out(self) -> QWidget:
        ways = QWidget()
        row = QHBoxLayout(ways)
        row.setContentsMargins(4, 0, 0, 0)
        row.setSpacing(6)
        self.resume = QPushButton()
        self.resume.setObjectName("primary")
        self.now = QPushButton()
        for button, name in ((self.resume, "resume"), (self.now, "now")):
            action = self._actions.actions[name]
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setAccessibleName(action.text())
            button.setToolTip(action.toolTip())
            button.clicked.connect(action.trigger)
            row.addWidget(button)
        return ways

    def _fit(self) -> None:
        line = self.fontMetrics().height()
        is_short = self.width() < (LEAST_STRIP + 34) * line
        if is_short == self._is_short:
            return
        self._is_short = is_short
        self.resume.setText("Resume" if is_short else "Resume from here")
        self.now.setText("Now" if is_short else "Back to now")
        self._ends.setFixedWidth(self._ways_out.sizeHint().width())

    def _follow(self, old: AppState, new: AppState) -> None:
        is_other = (new.time.is_looking_back, new.time.speed) != (old.time.is_looking_back, old.time.speed)
        lines = new.time.timeline.others is not old.time.timeline.others
        if is_other or lines or len(new.time.timeline) // 100 != len(old.time.timeline) // 100:
            self._show(new)

    def _show(self, state: AppState) -> None:
        time = state.time
        self._ends.setCurrentIndex(1 if time.is_looking_back else 0)
        self.speed.setCurrentIndex(SPEEDS.index(time.speed))
        count = len(time.timeline.others)
        self._kept.setText(f"{count + 1} lines" if count else "")

    def _look(self, index: int) -> None:
        self._store.apply(partial(_look_still, index=index))

    def _choose_speed(self, place: int) -> None:
        self._store.apply(set_speed, speed=self.speed.itemData(place))


def _look_still(state: AppState, index: int) -> AppState:
    """Show a moment that a hand points at; what was playing stops."""
    if state.time.direction:
        state = replace(state, time=replace(state.time, direction=0))
    return look_at(state, index)
