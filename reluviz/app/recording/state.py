"""Recording: what is being recorded and rendered, and the pure functions that change it."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from reluviz.studio.keys import Key

if TYPE_CHECKING:
    from reluviz.app.state import AppState

Dialog = Literal["", "film", "still"]


@dataclass(frozen=True, eq=False)
class Rendering:
    """A film on its way into a file: `frames` of `total` (0: not known yet) are written; `left` seconds, -1 unknown."""

    name: str
    frames: int = 0
    total: int = 0
    left: float = -1.0


@dataclass(frozen=True, eq=False)
class Recording:
    """`wanted` is whether a person wants to record; `running` whether a journal is being written, since `seconds`.

    `last` is the journal that was recorded last, "" for none; `recovered` says that it was interrupted. `keys` are the
    key frames set so far. `dialog` is the one that is open. `rendering` is the film being written, None for none.
    """

    wanted: bool = False
    running: bool = False
    seconds: int = 0
    last: str = ""
    recovered: bool = False
    keys: tuple[Key, ...] = ()
    dialog: Dialog = ""
    rendering: Rendering | None = None


def toggle_recording(state: "AppState") -> "AppState":
    """Begin to record, or end it."""
    return replace(state, recording=replace(state.recording, wanted=not state.recording.wanted))


def open_dialog(state: "AppState", dialog: Dialog) -> "AppState":
    """Open a dialog, or close it with ""."""
    return replace(state, recording=replace(state.recording, dialog=dialog))


def change(state: "AppState", **changes: Any) -> "AppState":
    """Return the state with changes of its recording."""
    return replace(state, recording=replace(state.recording, **changes))


def add_key(state: "AppState", key: Key) -> "AppState":
    """Add a key frame; one at the same place gives way."""
    others = tuple(other for other in state.recording.keys if (other.unit, other.at) != (key.unit, key.at))
    return change(state, keys=tuple(sorted((*others, key), key=lambda one: (one.unit, one.at))))


def elapsed_text(seconds: int) -> str:
    """Return a time as 0:07, 12:30 or 1:00:00."""
    hours, rest = divmod(max(0, seconds), 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
