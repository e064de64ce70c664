"""Commands that explain."""

from functools import partial

from reluviz.app import commands
from reluviz.app.actions.action import Action

ROWS: tuple[Action, ...] = (
    Action(
        "keys",
        "Keys",
        "Lists every command and its key.",
        partial(commands.toggle_state, name="keys_shown"),
        "Help",
        keys=("?", "F1"),
        icon="keys",
    ),
    Action(
        "commands",
        "All commands …",
        "Finds every command, setting, data set, panel and recent file by a few letters.",
        partial(commands.show_sheet, name="commands"),
        "Help",
        keys=("Ctrl+K",),
        icon="search",
    ),
)
