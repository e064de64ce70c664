"""The command that brings back what a crashed window showed."""

from pathlib import Path

from reluviz.app import files
from reluviz.app.recovery.state import Recovery
from reluviz.app.state import Message
from reluviz.app.store import Store


def restore(store: Store) -> None:
    """Show what the copy holds, paused at its moment; the file stays until newer ones take its place."""
    recovery = store.state.recovery
    folder, recent = store.state.folder, store.state.recent
    if files.open_scene(store, Path(recovery.path)):
        text = f"Restored {recovery.words}."
        store.update(folder=folder, recent=recent, recovery=Recovery(), message=Message(text))
