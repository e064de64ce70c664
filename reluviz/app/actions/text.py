"""Commands on text: the experiment as a line, the state in words."""

from functools import partial

from reluviz.app import commands, text_commands
from reluviz.app.actions.action import Action

ROWS: tuple[Action, ...] = (
    Action(
        "copy_text",
        "Copy as text",
        "Copies the experiment without its weights as one line: a command line that pastes back, here or in a shell.",
        text_commands.copy_text,
        "Edit",
        3,
        ("Ctrl+Shift+C",),
    ),
    Action(
        "paste_text",
        "Paste experiment",
        "Begins the experiment on the clipboard: a line that was copied as text, or JSON.",
        text_commands.paste_text,
        "Edit",
        3,
        ("Ctrl+V",),
    ),
    Action(
        "describe",
        "Describe what is shown",
        "Says in plain sentences what is learned, how far training is and what the canvas shows.",
        partial(commands.show_sheet, name="description"),
        "Help",
        1,
        ("Ctrl+I",),
    ),
)
