"""LessonCard: a lesson's step in large type, with what to look at, what to guess and what is measured."""

import html
from bisect import bisect_left
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from reluviz.app.lesson_state import UNGUESSED, LessonState
from reluviz.app.lessons import commands
from reluviz.app.lessons.check_view import CheckView
from reluviz.app.lessons.dots import Dots
from reluviz.app.lessons.fitting import Fit, fits
from reluviz.app.lessons.hint_button import HintButton
from reluviz.app.lessons.prediction_view import PredictionView
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.app.theme import make_font
from reluviz.app.widgets.tool_button import ToolButton
from reluviz.studio.lesson import Lesson, Step

ROOMY = 34  # Lines of type: a lower card shows its head in the first step only.


class LessonCard(QWidget):
    """Follows the lesson of the state; it is empty while none is open."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self.setObjectName("lessonCard")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Lesson")
        self.checks: list[CheckView] = []
        self.prediction: PredictionView | None = None
        self._hint: HintButton | None = None
        self._fit = Fit(1.0)
        self._shown: tuple[Lesson | None, int] = (None, -1)
        self._make_head()
        self._make_foot()
        self.page = QWidget()
        self.page.setObjectName("lessonPage")
        self._column = QVBoxLayout(self.page)
        self._column.setContentsMargins(12, 4, 10, 6)
        self.area = QScrollArea()
        self.area.setObjectName("lessonArea")
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.viewport().setAutoFillBackground(False)
        self.area.setWidget(self.page)
        self.page.setAutoFillBackground(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head)
        column.addWidget(self.area, 1)
        column.addWidget(self._foot)
        self._refit = QTimer(self)
        self._refit.setSingleShot(True)
        self._refit.timeout.connect(self._write)
        self._written_for: tuple[int, ...] = ()
        self.area.installEventFilter(self)
        self.area.verticalScrollBar().rangeChanged.connect(self._note_range)
        self._show(store.state)
        store.on("lesson", "theme").connect(self._follow)

    def _make_head(self) -> None:
        self._head = QWidget()
        self.number, self.title = QLabel(), QLabel()
        self.number.setObjectName("lessonNumber")
        self.title.setObjectName("lessonTitle")
        self.number.setWordWrap(True)
        self.title.setWordWrap(True)
        self.title.setMinimumWidth(1)
        self._head_row = QHBoxLayout()
        self._head_row.setSpacing(2)
        self._head_row.addWidget(self.number, 1)
        column = QVBoxLayout(self._head)
        column.setContentsMargins(12, 4, 8, 2)
        column.setSpacing(0)
        column.addLayout(self._head_row)
        column.addWidget(self.title)
        self._tools = self._make_tools()
        self._head_row.addWidget(self._tools)

    def _make_tools(self) -> QWidget:
        tools = QWidget()
        row = QHBoxLayout(tools)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        self.look = ToolButton("eye", "What to look at", "")
        self.look.clicked.connect(partial(_call, commands.point_out, self._store))
        notes = "Shows what is for the speaker, and the lesson's sources; the audience's window never does."
        self.notes_button = ToolButton("notes", "Speaker notes and sources", notes)
        self.notes_button.setCheckable(True)
        self.notes_button.clicked.connect(partial(_call, commands.toggle_notes, self._store))
        self._browse = browse = ToolButton("lessons", "All lessons", "Lists all lessons (L).")
        browse.clicked.connect(partial(_call, commands.toggle_browser, self._store))
        leave = ToolButton("leave", "Leave the lesson", "Goes back to what was there before the lesson.")
        leave.clicked.connect(partial(_call, commands.leave, self._store))
        for button in (self.look, self.notes_button, browse, leave):
            row.addWidget(button)
        return tools

    def _make_foot(self) -> None:
        self._foot = QWidget()
        self._foot.setObjectName("lessonFoot")
        self._foot.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.back = ToolButton("left", "Previous step", "Goes to the previous step (PageUp).", 1.5)
        self.next = QPushButton()
        self.next.setObjectName("primary")
        self.next.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.dots = Dots()
        self.back.clicked.connect(partial(_call, commands.go_back, self._store))
        self.next.clicked.connect(partial(_call, self._go_on, self._store))
        self.dots.picked.connect(partial(commands.go_to, self._store))
        self._foot_row = row = QHBoxLayout(self._foot)
        row.setContentsMargins(6, 4, 8, 5)
        row.setSpacing(3)
        row.addWidget(self.back)
        row.addWidget(self.dots, 1)
        row.addWidget(self.next)

    def _go_on(self, store: Store) -> None:
        opened = store.state.lesson
        if opened.lesson is not None and opened.step + 1 == len(opened.lesson.steps) and not opened.is_open:
            commands.leave(store)
        else:
            commands.go_on(store)

    def _follow(self, old: AppState, new: AppState) -> None:
        if old.lesson is not new.lesson or old.theme != new.theme:
            self._show(new)
        if old.lesson.guess is None and new.lesson.guess is not None and old.lesson.entered == new.lesson.entered:
            QTimer.singleShot(0, self, self._show_answer)

    def _show_answer(self) -> None:
        """Scroll to what was asked for: to the end of what is measured, but not past the question."""
        if self.prediction is not None:
            end = self._measured if self.checks else self.prediction
            bottom = end.geometry().bottom() + 8 - self.area.viewport().height()
            self.area.verticalScrollBar().setValue(min(self.prediction.y(), bottom))

    def _show(self, state: AppState) -> None:
        opened = state.lesson
        if opened.lesson is None or opened.current is None:
            return
        if (opened.lesson, opened.step) != self._shown:
            self._shown = (opened.lesson, opened.step)
            self._fill(opened.lesson, opened.current, opened.step)
        number = opened.lesson.name.partition("-")[0]
        count = len(opened.lesson.steps)
        place = f"Lesson {int(number)}" if number.isdigit() else "Lesson"
        self.number.setText(f"{place} \N{MIDDLE DOT} step {opened.step + 1} of {count}")
        self.title.setText(opened.lesson.title)
        self._place_head()
        self.dots.show_steps(count, opened.step, state.theme)
        self.back.setEnabled(opened.step > 0)
        self._name_next(opened, count)
        self._show_told(opened.guess, state.theme)
        self._show_results(opened, state.theme)
        self._notes.setVisible(opened.notes_shown)
        self.notes_button.setChecked(opened.notes_shown)

    def _show_told(self, guess: int | None, theme: str) -> None:
        """Show what is asked, or its answer and what is measured."""
        is_open = self.prediction is not None and guess is None
        if self.prediction is not None:
            self.prediction.show_guess(guess, theme, self._fit.is_short)
        if self._hint is not None:
            gives_way = self._fit.is_short and not is_open
            self._hint.setVisible(self._fit.has_hint and not gives_way)
        self._measured.setVisible(bool(self.checks) and not is_open)

    def _show_results(self, opened: LessonState, theme: str) -> None:
        for index, view in enumerate(self.checks):
            view.show_result(opened.results[index] if index < len(opened.results) else None, theme)

    def _name_next(self, opened: LessonState, count: int) -> None:
        last = opened.step + 1 == count
        text = "Answer" if opened.is_open else "Done" if last else "Next"
        help = {
            "Answer": "Tells the answer (PageDown).",
            "Done": "Leaves the lesson for what was there before it.",
            "Next": "Goes to the next step (PageDown).",
        }
        self.next.setText(text)
        self.next.setToolTip(help[text])

    def _fill(self, lesson: Lesson, step: Step, number: int) -> None:
        """Put a step's parts on the page, in place of those before."""
        while self._column.count():
            item = self._column.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        if number == 0:
            self._add(_label(lesson.question, "lessonQuestion"))
        self._text = _label("", "lessonText")
        self._text.setAccessibleName(step.text)
        self._add(self._text)
        self._hint = HintButton(step.look_at) if step.look_at else None
        self.look.setToolTip(f"{step.look_at} A click outlines it.")
        if self._hint is not None:
            self._hint.clicked.connect(partial(_call, commands.point_out, self._store))
            self._add(self._hint)
        self.prediction = PredictionView(step.prediction) if step.prediction is not None else None
        if self.prediction is not None:
            self.prediction.guessed.connect(partial(commands.guess, self._store))
            self._add(self.prediction)
        self.checks = [CheckView(check) for check in step.checks]
        self._measured = QWidget()
        self._measured.setObjectName("lessonChecks")
        self._measured.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(self._measured)
        for view in self.checks:
            column.addWidget(view)
        self._add(self._measured)
        self._column.addStretch(1)
        self._notes = _notes_of(lesson, step, number)
        self._add(self._notes)
        self.area.verticalScrollBar().setValue(0)
        self._write()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the head's room to the page of a low card."""
        super().resizeEvent(event)
        self._place_head()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Write as large as there is room: the page's changes with the head's as well."""
        if event.type() == QEvent.Type.Resize and watched is self.area:
            self._refit.start()
        return super().eventFilter(watched, event)

    def _note_range(self, _low: int, high: int) -> None:
        """Write smaller where what was measured says more than the room kept for it; once for as long words."""
        lengths = tuple(len(view.words.text()) for view in self.checks)
        if high > 0 and self._store.state.lesson.results and lengths != self._written_for:
            self._written_for = lengths
            self._refit.start()

    def _place_head(self) -> None:
        """Leave the head's room to the page of a low card, but in the first step; the buttons needed stand below."""
        low = self.height() < ROOMY * self.fontMetrics().height()
        self._head.setVisible(not low or self._store.state.lesson.step == 0)
        if low != (self._foot_row.indexOf(self._tools) >= 0):
            for button in (self._browse, self.notes_button):
                button.setVisible(not low)  # L lists the lessons, and the menu brings the notes.
            if low:
                self._foot_row.insertWidget(2, self._tools)
            else:
                self._head_row.addWidget(self._tools)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the size of type."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(self, "_refit"):
            self._refit.start()

    def _write(self) -> None:
        """Write the page with the roomiest of `fits` that needs no scrolling, even once answered."""
        opened, theme = self._store.state.lesson, self._store.state.theme
        if opened.current is None or self.page.layout() is None:
            return
        for view in self.checks:
            view.keep_room()
        pixels = make_font(self._store.state.font_scale).pixelSize()
        said = opened.current.text

        def has_room(fit: Fit) -> bool:
            self._take(fit, pixels, said)
            return max(self._height(guess, theme) for guess in (None, UNGUESSED)) <= self.area.height()

        groups = fits(pixels, self.prediction is not None, self._hint is not None)
        group = next((group for group in groups if has_room(group[-1])), groups[-1][-1:])
        first = bisect_left(group[:-1], True, key=has_room)  # A try takes 10 ms: seven at most instead of 24.
        self._take(group[first], pixels, said)
        self.look.setVisible(self._hint is not None and not self._fit.has_hint)
        self._show_told(opened.guess, theme)
        self._show_results(opened, theme)
        self._lay_out_anew()  # A layout that was asked for a height takes that for laid out.

    def _take(self, fit: Fit, pixels: int, said: str) -> None:
        """Write the page as `fit` says."""
        self._fit = fit
        if self.page.styleSheet() != fit.sheet(pixels):
            self.page.setStyleSheet(fit.sheet(pixels))
        for widget in self.page.findChildren(QWidget):
            widget.ensurePolished()  # Sizes of type are the stylesheet's.
        self._text.setText(f'<p style="{fit.style(pixels)}">{html.escape(said)}</p>')
        self._column.setSpacing(fit.spacing)
        inner = self._measured.layout()
        assert inner is not None
        inner.setSpacing(fit.spacing)
        inner.setContentsMargins(8, fit.spacing - 1, 8, fit.spacing - 1)
        if self.prediction is not None:
            self.prediction.set_close(fit.is_close)

    def _height(self, guess: int | None, theme: str) -> int:
        """Return how high the page is before (None) or after a step's answer."""
        self._show_told(guess, theme)
        layout = self.page.layout()
        assert layout is not None
        self._lay_out_anew()
        return layout.heightForWidth(self.area.viewport().width())

    def _lay_out_anew(self) -> None:
        """Let layouts ask again what each part needs, from the inside out; else they know the heights of before."""
        for part in (*self.checks, self._measured, self.prediction, self._hint, self._text):
            if part is None:
                continue
            inner = part.layout()
            if inner is not None:
                inner.invalidate()
            part.updateGeometry()

    def _add(self, widget: QWidget) -> None:
        self._column.addWidget(widget)
        widget.show()  # A layout passes over what Qt would show a moment later.


def _notes_of(lesson: Lesson, step: Step, number: int) -> QWidget:
    """Return what is for the speaker, and where the lesson's facts are from."""
    notes = QWidget()
    column = QVBoxLayout(notes)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(6)
    for text in (step.notes, *((lesson.notes, *lesson.sources) if number == 0 else ())):
        if text.strip():
            column.addWidget(_label(text.strip(), "fieldLabel"))
    return notes


def _label(text: str, name: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName(name)
    label.setWordWrap(True)
    label.setMinimumWidth(1)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return label


def _call(command: Callable[[Store], object], store: Store, *_: object) -> None:
    command(store)
