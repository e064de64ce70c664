"""LecturerPanel: what a lecturer keeps on the first screen: timer, notes, the next step, what the room sees."""

import time
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QMargins, Qt, QTimer
from PySide6.QtGui import QFont, QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from reluviz.app.action_set import tooltip
from reluviz.app.actions import ACTIONS, Action
from reluviz.app.lecture import commands
from reluviz.app.lecture.audience_words import lecturer_notes, lesson_words
from reluviz.app.lecture.command_button import CommandButton
from reluviz.app.lecture.counters import CAPTIONS
from reluviz.app.lecture.names import title_of
from reluviz.app.lecture.state import FIGURES
from reluviz.app.lecture.timer import LONGEST, SOON, clock_text, shown_seconds
from reluviz.app.preferences.keys import keys_of
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.app.theme import make_font
from reluviz.app.widgets.flow_layout import FlowLayout
from reluviz.app.widgets.number_field import NumberField
from reluviz.app.widgets.section import Section
from reluviz.app.widgets.switch_field import SwitchField
from reluviz.app.widgets.tool_button import ToolButton
from reluviz.core.palette import PALETTES

TICK_MS = 200
CLOCK_SIZE = 2.4
"""Of the timer's digits, as a share of the type."""
ROOM = ("audience", "freeze", "blackout", "counters")
INK = ("pen", "erase_ink", "laser", "spotlight", "undo_ink", "clear_ink")
STEP_KEYS = ("PgUp", "PgDown")
MINUTES_HELP = "Minutes that the timer counts down from; 0 counts up."
TIMER = ACTIONS["timer"]
NO_LESSON = "No lesson is open. Its notes and its next step stand here."


class LecturerPanel(QWidget):
    """Follows lecture and lesson; everything in it is a command that a key or a menu gives as well."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self.setAccessibleName("Lecturer")
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 4, 8, 10)
        column.setSpacing(2)
        self.hidden_section = Section("Hidden here")
        self._hidden_column = QVBoxLayout()
        self._shown_again: list[QPushButton] = []
        self._clock_color = ""
        for section in (self._make_timer(), self._make_lesson(), self._make_room(), self._make_hidden()):
            column.addWidget(section)
        column.addStretch(1)
        self._ticker = QTimer(self)
        self._ticker.setInterval(TICK_MS)
        self._ticker.timeout.connect(self._tick)
        self._show(None, store.state)
        store.on("theme", "font_scale", "lesson", "lecture", "preferences").connect(self._show)

    def showEvent(self, event: QShowEvent) -> None:
        """Show the time from now on."""
        super().showEvent(event)
        self._tick()
        self._ticker.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody sees the time."""
        super().hideEvent(event)
        self._ticker.stop()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the size of type."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(self, "clock"):
            self._style(self._store.state)

    def _make_timer(self) -> Section:
        section = Section("Timer")
        self.clock = QLabel()
        self.clock.setAccessibleName("Time")
        self.start = ToolButton("play", "Start the timer", "", 1.5)
        self.start.clicked.connect(self._switch)
        again = ToolButton("reset", "Timer from the beginning", "Begins the timer again.", 1.5)
        again.clicked.connect(partial(_run, commands.rewind_timer, self._store))
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        line.addWidget(self.clock, 1)
        line.addWidget(self.start)
        line.addWidget(again)
        section.add_wide(row)
        self.minutes = NumberField("minutes", "Countdown, min", MINUTES_HELP, None, True)
        self.minutes.edited.connect(self._count_from)
        section.add_row("Countdown, min", MINUTES_HELP, self.minutes)
        return section

    def _make_room(self) -> Section:
        section = Section("What the room sees")
        section.add_wide(_row([CommandButton(self._store, ACTIONS[name]) for name in ROOM]))
        section.add_wide(_row([CommandButton(self._store, ACTIONS[name]) for name in INK]))
        boxes = QWidget()
        flow = FlowLayout(QMargins(0, 2, 0, 0), 10, spread=False)
        boxes.setLayout(flow)
        self.figures: dict[str, SwitchField] = {}
        for name in FIGURES:
            label = CAPTIONS[name].capitalize()
            field = SwitchField(name, label, f"Shows the {CAPTIONS[name]} among the large figures.")
            field.edited.connect(self._choose_figure)
            self.figures[name] = field
            flow.addWidget(field)
        section.add_wide(boxes)
        return section

    def _make_lesson(self) -> Section:
        section = Section("Notes")
        self.heading, self.notes = _words("Lesson"), _words("Notes")
        self.next_caption, self.following = _words("Next step, heading"), _words("Next step")
        self.next_caption.setText("Next")
        self.next_caption.setObjectName("fieldLabel")
        self.following.setObjectName("fieldLabel")
        for label in (self.heading, self.notes, self.next_caption, self.following):
            section.add_wide(label)
        rows = [row for key in STEP_KEYS for row in ACTIONS.values() if key in row.keys]
        self.steps = _row([_push(self._store, row) for row in rows])
        section.add_wide(self.steps)
        return section

    def _make_hidden(self) -> Section:
        room = QWidget()
        room.setLayout(self._hidden_column)
        self._hidden_column.setContentsMargins(0, 0, 0, 0)
        self.hidden_section.add_wide(room)
        return self.hidden_section

    def _switch(self, _checked: bool = False) -> None:
        commands.switch_timer(self._store)
        self._tick()

    def _count_from(self, changes: dict[str, Any]) -> None:
        minutes = changes["minutes"]
        if isinstance(minutes, int) and 0 <= minutes <= LONGEST:
            commands.count_from(self._store, minutes)
        else:
            self._store.say(f"Countdown: {minutes} cannot be used; allowed are whole minutes from 0 to {LONGEST}.")
        self.minutes.show_value(self._store.state.lecture.timer.minutes)
        self._tick()

    def _choose_figure(self, changes: dict[str, bool]) -> None:
        for name, shown in changes.items():
            commands.choose_figure(self._store, name, shown)
            self.figures[name].show_value(name in self._store.state.lecture.figures)

    def _tick(self) -> None:
        state = self._store.state
        timer = state.lecture.timer
        seconds = shown_seconds(timer, time.monotonic())
        palette = PALETTES[state.theme]
        ends = bool(timer.minutes)
        color = palette.error if ends and seconds < 0 else palette.warning if ends and seconds < SOON else palette.ink
        text = clock_text(seconds)
        if text != self.clock.text():
            self.clock.setText(text)
        if color != self._clock_color:  # A style sheet that is set is worked through, also where it says the same.
            self._clock_color = color
            self.clock.setStyleSheet(f"color: {color};")

    def _show(self, old: AppState | None, new: AppState) -> None:
        if old is None or old.theme != new.theme or old.font_scale != new.font_scale:
            self._style(new)
        if old is None or old.lesson is not new.lesson:
            self._show_lesson(new)
        if old is not None and old.lecture is new.lecture and old.preferences is new.preferences:
            return
        lecture = new.lecture
        if old is None or old.lecture.timer is not lecture.timer or old.preferences is not new.preferences:
            running = lecture.timer.is_running
            self.start.set_icon("pause" if running else "play")
            title = "Let the timer rest" if running else "Start the timer"
            self.start.setAccessibleName(title)
            self.start.setToolTip(tooltip(TIMER, title, keys_of(new.preferences, TIMER)))
            self.minutes.show_value(lecture.timer.minutes)
            self._tick()
        for name, field in self.figures.items():
            field.show_value(name in lecture.figures)
        if old is None or old.lecture.hidden != lecture.hidden:
            self._show_hidden(lecture.hidden)

    def _show_lesson(self, state: AppState) -> None:
        heading, text = lesson_words(state)
        notes, following = lecturer_notes(state)
        self.heading.setText(heading or NO_LESSON)
        self.notes.setText(notes)
        self.notes.setVisible(bool(notes))
        self.following.setText(following or "This is the last step.")
        for part in (self.next_caption, self.following, self.steps):
            part.setVisible(bool(text))

    def _show_hidden(self, names: tuple[str, ...]) -> None:
        for button in self._shown_again:
            self._hidden_column.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._shown_again = []
        for name in names:
            button = QPushButton(f"Show {title_of(name)}")
            button.setToolTip("Shows it again in this scene.")
            button.clicked.connect(partial(self._show_again, name))
            self._hidden_column.addWidget(button)
            self._shown_again.append(button)
        self.hidden_section.setVisible(bool(names))

    def _show_again(self, name: str, _checked: bool = False) -> None:
        commands.hide(self._store, name, False)

    def _style(self, state: AppState) -> None:
        scale = state.font_scale
        self.clock.setFont(make_font(CLOCK_SIZE * scale, QFont.Weight.DemiBold))
        self.heading.setFont(make_font(scale, QFont.Weight.DemiBold))
        self.notes.setFont(make_font(1.15 * scale))


def _run(command: Any, store: Store, _checked: bool = False) -> None:
    command(store)


def _words(name: str) -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setMinimumWidth(60)  # Of itself it asks for more than a narrow dock leaves.
    label.setAccessibleName(name)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _push(store: Store, row: Action) -> QPushButton:
    button = QPushButton(row.title)
    button.setToolTip(row.help)
    button.clicked.connect(partial(_run, row.run, store))
    return button


def _row(widgets: list[Any]) -> QWidget:
    row = QWidget()
    layout = FlowLayout(QMargins(0, 0, 0, 0), 4, spread=False)
    row.setLayout(layout)
    for widget in widgets:
        layout.addWidget(widget)
    return row
