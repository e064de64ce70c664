"""What the commands of the Time menu do: functions of the store."""

from dataclasses import replace
from functools import partial

from PySide6.QtWidgets import QApplication, QInputDialog

from reluviz.app.state import AppState, Message
from reluviz.app.store import Store
from reluviz.app.time_travel import SPEEDS
from reluviz.app.timeline.looking import (
    look_at,
    resume_here,
    set_playing,
    set_speed,
    show_now,
    step_by,
    step_to_mark,
    take_line,
    toggle_mark,
)
from reluviz.core.errors import InputError


def step_back(store: Store) -> None:
    """Show the moment before."""
    store.apply(step_by, moments=-1)


def show_first(store: Store) -> None:
    """Show the first moment."""
    store.apply(look_at, index=0)


def back_to_now(store: Store) -> None:
    """Show the newest moment; training goes on if it did before."""
    store.apply(show_now)


def play_moments(store: Store, direction: int) -> None:
    """Play moments back or forward, or hold them where they play this way already."""
    store.apply(set_playing, direction=0 if store.state.time.direction == direction else direction)


def change_speed(store: Store, by: int) -> None:
    """Play moments at the next speed up or down."""
    place = SPEEDS.index(store.state.time.speed) + by
    speed = SPEEDS[min(max(place, 0), len(SPEEDS) - 1)]
    store.apply(set_speed, speed=speed)
    store.say(f"Moments play at {speed:g} times the usual speed.")


def toggle_loop(store: Store) -> None:
    """Begin again at the end, or not."""
    store.apply(_turn_loop)


def mark(store: Store) -> None:
    """Mark the moment that is shown, or take its mark away."""
    store.apply(toggle_mark)


def jump(store: Store, direction: int) -> None:
    """Show the next mark or the one before."""
    store.apply(step_to_mark, direction=direction)


def ask_name(store: Store) -> None:
    """Let a person name the moment that is shown."""
    time = store.state.time
    known = next((mark.name for mark in time.marks if mark.step == time.step), "")
    prompt = f"Name of the moment at step {time.step:,}:"
    name, taken = QInputDialog.getText(QApplication.activeWindow(), "Name this moment", prompt, text=known)
    if taken and name.strip():
        store.apply(toggle_mark, name=name.strip()[:60])


def resume(store: Store) -> None:
    """Train on from the moment that is shown, on a line of its own."""
    store.apply(resume_here)


def exchange_lines(store: Store) -> None:
    """Go back to the line left last."""
    others = store.state.time.timeline.others
    if others:
        go_to_line(store, others[-1].number)


def go_to_line(store: Store, number: int) -> None:
    """Go back to a line that was left."""
    try:
        store.apply(partial(take_line, number=number))
    except InputError as error:
        store.say(str(error), "error")


def _turn_loop(state: AppState) -> AppState:
    on = not state.time.loop
    said = "Moments play again and again." if on else "Moments play once."
    return replace(state, time=replace(state.time, loop=on), message=Message(said))
