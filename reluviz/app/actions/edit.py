"""Commands that take back changes, the tools of the canvas, and preferences."""

from functools import partial

from reluviz.app import commands, edit_commands
from reluviz.app.actions.action import Action, holds
from reluviz.app.canvas.tools import TOOLS

ROWS: tuple[Action, ...] = (
    Action(
        "undo",
        "Undo",
        "Takes back the last change of settings, data or weights; 200 changes are kept.",
        edit_commands.take_back,
        "Edit",
        keys=("Ctrl+Z",),
        icon="undo",
        why_not=lambda state: "" if state.history.past or state.lecture.past else "There is nothing to undo.",
    ),
    Action(
        "redo",
        "Redo",
        "Makes the change again that was undone last.",
        edit_commands.do_again,
        "Edit",
        keys=("Ctrl+Y", "Ctrl+Shift+Z"),
        icon="redo",
        why_not=lambda state: "" if state.history.future or state.lecture.future else "There is nothing to do again.",
    ),
    *(
        Action(
            f"tool_{row.name}",
            row.title,
            row.help,
            partial(edit_commands.take_tool, name=row.name),
            "Edit",
            1,
            row.keys,
            row.icon,
            checked=holds("tool", row.name),
            reads=("tool",),
        )
        for row in TOOLS.values()
    ),
    Action(
        "forget_edits",
        "Take back all edits of points",
        "Undoes all that was painted, moved and erased by hand, in one step.",
        edit_commands.forget_edits,
        "Edit",
        2,
        why_not=lambda state: "" if state.experiment.point_edits else "No point was painted, moved or erased.",
    ),
    Action(
        "preferences",
        "Preferences …",
        "Chooses theme, type size, colours, detail and motion, and the keys of all commands.",
        partial(commands.show_sheet, name="preferences"),
        "Edit",
        4,
        ("Ctrl+,",),
        "preferences",
    ),
)
