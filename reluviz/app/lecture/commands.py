"""What the commands of a lecture do: functions of the store."""

import time
from dataclasses import replace

from reluviz.app.lecture import state as lectures
from reluviz.app.lecture import timer as timers
from reluviz.app.store import Store


def toggle_tool(store: Store, name: str) -> None:
    """Take a tool of the lecture into the hand, or put it down."""
    lecture = store.state.lecture
    store.update(lecture=lectures.take_tool(lecture, "" if lecture.tool == name else name))


def next_color(store: Store) -> None:
    """Take the pen, in its next colour where it was in the hand already."""
    lecture = store.state.lecture
    store.update(lecture=lectures.take_color(lecture, lecture.color + (lecture.tool == "pen")))


def take_color(store: Store, index: int) -> None:
    """Take the pen in one of its colours."""
    store.update(lecture=lectures.take_color(store.state.lecture, index))


def clear_ink(store: Store) -> None:
    """Take all ink away."""
    store.update(lecture=lectures.clear(store.state.lecture))


def undo_ink(store: Store) -> None:
    """Take back the last stroke, erasure or clearing."""
    store.update(lecture=lectures.undo_ink(store.state.lecture))


def redo_ink(store: Store) -> None:
    """Do again what was taken back last."""
    store.update(lecture=lectures.redo_ink(store.state.lecture))


def holds_ink_tool(store: Store) -> bool:
    """Whether undo and redo mean ink: pen or eraser is in the hand."""
    return store.state.lecture.tool in ("pen", "erase")


def toggle_freeze(store: Store) -> None:
    """Let the picture stand still while training goes on, or move again."""
    store.apply(lectures.freeze if store.state.lecture.held is None else lectures.thaw)


def toggle_dark(store: Store) -> None:
    """Show black, or the picture again."""
    lecture = store.state.lecture
    store.update(lecture=replace(lecture, is_dark=not lecture.is_dark))


def toggle_counters(store: Store) -> None:
    """Show figures large, or not."""
    lecture = store.state.lecture
    store.update(lecture=replace(lecture, counters=not lecture.counters))


def choose_figure(store: Store, name: str, shown: bool) -> None:
    """Show one figure large, or not; at least one stays."""
    lecture = store.state.lecture
    wanted = {*lecture.figures, name} if shown else set(lecture.figures) - {name}
    if wanted:
        figures = tuple(figure for figure in lectures.FIGURES if figure in wanted)
        store.update(lecture=replace(lecture, figures=figures))


def toggle_audience(store: Store) -> None:
    """Open the audience's window, or close it."""
    store.apply(lectures.open_audience, wanted=not store.state.lecture.audience)


def switch_timer(store: Store) -> None:
    """Start the timer, or let it rest."""
    _time(store, timers.switch(store.state.lecture.timer, time.monotonic()))


def rewind_timer(store: Store) -> None:
    """Begin the timer again."""
    _time(store, timers.rewind(store.state.lecture.timer, time.monotonic()))


def count_from(store: Store, minutes: int) -> None:
    """Count down from some minutes, or up where they are 0."""
    _time(store, timers.count_from(store.state.lecture.timer, minutes))


def show_hidden(store: Store) -> None:
    """Show all controls that were hidden in this scene."""
    store.update(lecture=replace(store.state.lecture, hidden=()))


def hide(store: Store, name: str, hidden: bool) -> None:
    """Hide a control in this scene, or show it again."""
    lecture = store.state.lecture
    others = tuple(other for other in lecture.hidden if other != name)
    store.update(lecture=replace(lecture, hidden=(*others, name) if hidden else others))


def put_down(store: Store) -> bool:
    """Put down what is in the hand; return whether there was anything."""
    if not store.state.lecture.tool:
        return False
    store.update(lecture=lectures.take_tool(store.state.lecture, ""))
    return True


def _time(store: Store, timer: timers.Timer) -> None:
    store.update(lecture=replace(store.state.lecture, timer=timer))
