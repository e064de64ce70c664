"""Action: one row of the table of commands, and the menus that they stand in."""

from collections.abc import Callable
from dataclasses import dataclass

from reluviz.app.state import AppState
from reluviz.app.store import Store

MENUS = ("File", "Edit", "Training", "Time", "Activation", "Canvas", "View", "Lessons", "Lecture", "Record", "Help")


@dataclass(frozen=True)
class Action:
    """One command.

    `help` is one sentence on what it does to the picture. `keys` are shortcuts in Qt's portable spelling, the first
    one is shown. `checked` makes it a switch and tells its position; `look` gives a title and an icon that depend on
    the state; `reads` names what both of them read: fields of AppState, or parts of these. `group` separates blocks
    within a menu; an empty `menu` is for what only a button beside a message offers. `why_not` says in a sentence why
    the command can do nothing now, ""
    where it can.
    """

    id: str
    title: str
    help: str
    run: Callable[[Store], object]
    menu: str
    group: int = 0
    keys: tuple[str, ...] = ()
    icon: str = ""
    checked: Callable[[AppState], bool] | None = None
    look: Callable[[AppState], tuple[str, str]] | None = None
    reads: tuple[str, ...] = ()
    why_not: Callable[[AppState], str] | None = None


def perform(store: Store, row: Action) -> None:
    """Do what a command does, or say why it can do nothing now."""
    reason = row.why_not(store.state) if row.why_not is not None else ""
    if reason:
        store.say(reason)
    else:
        row.run(store)


def title_of(row: Action, state: AppState) -> str:
    """Return a command's title as the state has it."""
    return row.look(state)[0] if row.look is not None else row.title


def is_on(name: str) -> Callable[[AppState], bool]:
    """Return the test whether the field `name` of the state is true."""
    return lambda state: bool(getattr(state, name))


def holds(name: str, value: object) -> Callable[[AppState], bool]:
    """Return the test whether the field `name` of the state is `value`."""
    return lambda state: bool(getattr(state, name) == value)
