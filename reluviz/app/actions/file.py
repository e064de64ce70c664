"""Commands on files."""

from reluviz.app import files
from reluviz.app.actions.action import Action
from reluviz.app.recovery.commands import restore
from reluviz.app.recovery.state import RESTORE

ROWS: tuple[Action, ...] = (
    Action(
        "open",
        "Open …",
        "Opens a scene at the moment it was saved, or an experiment and begins it afresh.",
        files.ask_open,
        "File",
        keys=("Ctrl+O",),
        icon="open",
    ),
    Action(
        "open_data",
        "Open data …",
        "Learns points from a CSV file (x, y, label or value) or the pixels of an image.",
        files.ask_data,
        "File",
        keys=("Ctrl+D",),
        icon="file",
    ),
    Action(
        "save",
        "Save …",
        "Writes a scene with its weights, which goes on exactly where it was, or the experiment alone as JSON.",
        files.ask_save,
        "File",
        1,
        ("Ctrl+S",),
        "save",
    ),
    Action(
        RESTORE,
        "Restore what was there",
        "Shows again what a window showed that ended unexpectedly, paused where it was.",
        restore,
        "File",
        1,
        why_not=lambda state: "" if state.recovery.path else "No window has ended unexpectedly of late.",
    ),
    Action(
        "quit",
        "Quit",
        "Closes the window and keeps what it shows for the next start.",
        files.close_windows,
        "File",
        2,
        ("Ctrl+Q",),
    ),
)
