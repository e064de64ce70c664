"""What the commands of the Edit menu do: functions of the store."""

from collections.abc import Callable

from reluviz.app.lecture import commands as lecture_commands
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.app.undoing import redo, undo
from reluviz.core.errors import InputError
from reluviz.core.point_edits import NO_EDITS


def take_back(store: Store) -> None:
    """Undo the last change of settings, data or weights; with pen or eraser in the hand, that of ink."""
    if lecture_commands.holds_ink_tool(store):
        lecture_commands.undo_ink(store)
        return
    _change(store, undo)


def do_again(store: Store) -> None:
    """Make the change again that was undone last; with pen or eraser in the hand, that of ink."""
    if lecture_commands.holds_ink_tool(store):
        lecture_commands.redo_ink(store)
        return
    _change(store, redo)


def take_tool(store: Store, name: str) -> None:
    """Take one of the canvas's tools into the hand."""
    store.update(tool=name)


def forget_edits(store: Store) -> None:
    """Show the data as it came."""
    store.edit(point_edits=NO_EDITS)


def _change(store: Store, change: Callable[[AppState], AppState]) -> None:
    try:
        store.apply(change)
    except InputError as error:
        store.say(str(error), "error")
