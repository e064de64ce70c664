"""What the commands of lessons do: functions of the store."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QApplication, QFileDialog

from reluviz.app.lessons import stepping
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.core.errors import InputError

SHEET = "lessons"
FILES = "Lessons (*.toml)"


def toggle_browser(store: Store) -> None:
    """Show the lessons, or put them away."""
    store.update(sheet="" if store.state.sheet == SHEET else SHEET)


def ask_lesson(store: Store) -> None:
    """Let a person choose a lesson's file and begin it."""
    name, _ = QFileDialog.getOpenFileName(QApplication.activeWindow(), "Open a lesson", store.state.folder, FILES)
    if name:
        store.update(folder=str(Path(name).parent))
        begin(store, Path(name))


def begin(store: Store, path: Path) -> bool:
    """Begin the lesson of a file, or say why that cannot be."""
    from reluviz.studio.lesson_file import read_lesson  # With the checks, 0.2 s: not at start-up.

    try:
        lesson = read_lesson(path)
    except InputError as error:
        store.say(str(error), "error")
        return False
    return _apply(store, partial(stepping.open_lesson, lesson=lesson))


def begin_named(store: Store, name: str) -> bool:
    """Begin a lesson by its name, number or path, or say which there are."""
    from reluviz.studio.lesson_file import find_lesson

    try:
        path = find_lesson(name)
    except InputError as error:
        store.say(str(error), "error")
        return False
    return begin(store, path)


def read_again(store: Store) -> bool:
    """Show the present step as its file says now, or say why it cannot be read."""
    from reluviz.studio.lesson_file import read_lesson

    lesson = store.state.lesson.lesson
    if lesson is None or lesson.path is None:
        return False
    try:
        newest = read_lesson(lesson.path)
    except InputError as error:
        store.say(str(error), "error")
        return False
    return _apply(store, partial(stepping.take_reloaded, lesson=newest))


def go_on(store: Store, *_: object) -> None:
    """Tell the answer that was asked for, else go to the next step."""
    _apply(store, stepping.go_on)


def go_back(store: Store, *_: object) -> None:
    """Go to the step before."""
    _apply(store, stepping.go_back)


def go_to(store: Store, number: int) -> None:
    """Go to a step."""
    _apply(store, partial(stepping.go_to, number=number))


def guess(store: Store, choice: int) -> None:
    """Take the audience's guess."""
    store.apply(stepping.guess, choice=choice)


def leave(store: Store, *_: object) -> None:
    """Leave the lesson for what was there before it."""
    _apply(store, stepping.leave_lesson)


def keep(store: Store, *_: object) -> None:
    """Leave the lesson and go on with its network."""
    _apply(store, stepping.keep_lesson)


def toggle_notes(store: Store, *_: object) -> None:
    """Show or hide the speaker's notes."""
    lesson = store.state.lesson
    store.update(lesson=replace(lesson, notes_shown=not lesson.notes_shown))


def point_out(store: Store, *_: object) -> None:
    """Bring what is to be looked at to the front and outline it."""
    lesson = store.state.lesson
    store.update(lesson=replace(lesson, pointed=lesson.pointed + 1))


def why_not(state: AppState) -> str:
    """Return why nothing can be done to a lesson now, "" where one is open."""
    return "" if state.lesson.lesson is not None else stepping.NO_LESSON


def _apply(store: Store, change: Callable[[AppState], AppState]) -> bool:
    try:
        store.apply(change)
    except InputError as error:
        store.say(str(error), "error")
        return False
    return True
