"""Commands that record, film and save pictures."""

from functools import partial

from reluviz.app.actions.action import Action
from reluviz.app.recording import commands
from reluviz.app.state import AppState


def _record_look(state: AppState) -> tuple[str, str]:
    return ("Stop recording", "stop") if state.recording.wanted else ("Record", "record")


ROWS: tuple[Action, ...] = (
    Action(
        "record",
        "Record",
        "Records what is seen and done, to be rendered as a film at any size; a second time ends it.",
        commands.record,
        "Record",
        0,
        ("G",),
        checked=lambda state: state.recording.wanted,
        look=_record_look,
        reads=("recording",),
    ),
    Action(
        "film",
        "Make a film …",
        "Renders the history, the last recording or a new training as MP4, GIF or PNG frames.",
        partial(commands.show, dialog="film"),
        "Record",
        0,
        ("Ctrl+G",),
        icon="film",
    ),
    Action(
        "add_key_frame",
        "Add key frame here",
        "Holds how the canvas looks now at the step shown, for the camera of the next film.",
        commands.add_key_frame,
        "Record",
        0,
        ("Shift+G",),
    ),
    Action(
        "still",
        "Save the picture …",
        "Writes what the canvas shows as PNG at any size, or as SVG or PDF with true polygons.",
        partial(commands.show, dialog="still"),
        "Record",
        1,
        ("Ctrl+Shift+E",),
        icon="picture",
    ),
    Action(
        "copy_picture",
        "Copy the picture",
        "Puts what the canvas shows on the clipboard.",
        commands.copy,
        "Record",
        1,
        ("Ctrl+C",),
    ),
)
