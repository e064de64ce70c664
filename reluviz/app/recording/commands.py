"""What the commands of recording do: functions of the store."""

from reluviz.app.recording.state import Dialog, add_key, open_dialog, toggle_recording
from reluviz.app.store import Store


def record(store: Store) -> None:
    """Begin to record, or end it and offer the film."""
    store.apply(toggle_recording)


def show(store: Store, dialog: Dialog) -> None:
    """Open a dialog; asked for again, it comes to the front by being made anew."""
    if store.state.recording.dialog == dialog:
        store.apply(open_dialog, dialog="")
    store.apply(open_dialog, dialog=dialog)


def add_key_frame(store: Store) -> None:
    """Add a key frame at the step that is shown."""
    from reluviz.app.recording.key_list import key_of

    step = store.state.snapshot.step if store.state.snapshot is not None else 0
    store.apply(add_key, key=key_of(store.state, "step", float(step)))
    count = len(store.state.recording.keys)
    store.say(f"Key frame at step {step:,}; there {'is 1' if count == 1 else f'are {count}'} for the next film.")


def copy(store: Store) -> None:
    """Copy the picture."""
    from reluviz.app.recording.still import copy_picture

    copy_picture(store)
