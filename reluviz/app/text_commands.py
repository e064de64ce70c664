"""Commands on text: an experiment as one line to the clipboard and back."""

from PySide6.QtWidgets import QApplication

from reluviz.app.store import Store
from reluviz.core.errors import InputError
from reluviz.core.experiment import SETTINGS
from reluviz.core.one_line import from_text, to_line

MOST_SHOWN = 90


def copy_text(store: Store) -> None:
    """Put the experiment, without its weights, on the clipboard as the command line that opens it."""
    line = to_line(store.state.experiment)
    QApplication.clipboard().setText(line)
    store.say(f"Copied: {line if len(line) <= MOST_SHOWN else line[: MOST_SHOWN - 4] + ' ...'}")


def paste_text(store: Store) -> None:
    """Begin the experiment that the clipboard writes, or say why that cannot be."""
    try:
        experiment = from_text(QApplication.clipboard().text())
    except InputError as error:
        store.say(str(error), "error")
        return
    if store.edit(fresh=True, **{name: getattr(experiment, name) for name in SETTINGS}):
        store.say("Began the experiment that was on the clipboard.")
