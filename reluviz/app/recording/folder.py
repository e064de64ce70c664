"""Where recordings lie: one that is being written, and the one that was recorded last."""

import os
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QLockFile

from reluviz.app.settings import VARIABLE
from reluviz.studio.journal import SUFFIX

LAST = f"last{SUFFIX}"
RUNNING = "running-"
PASSING = "history-"
LEAST_BYTES = 1000  # Of a recording; below, it ended before anything was recorded.


def recordings_folder() -> Path:
    """Return the folder of recordings on this system, which may not be there yet."""
    from platformdirs import user_data_path

    folder = os.environ.get(VARIABLE)
    return (Path(folder) if folder else user_data_path("reluviz", appauthor=False)) / "recordings"


def lock_of(path: Path) -> QLockFile:
    """Return the lock that the process which writes a recording holds."""
    lock = QLockFile(str(path.with_suffix(".lock")))
    lock.setStaleLockTime(0)  # A recording may last: only a process that is gone leaves a stale lock.
    return lock


def last_recording(folder: Path) -> Path | None:
    """Return the recording made last, None where there is none."""
    path = folder / LAST
    return path if path.is_file() else None


def keep_as_last(path: Path) -> Path:
    """Make a recording the last one; where that cannot be it keeps its name."""
    try:
        os.replace(path, path.with_name(LAST))
    except OSError:
        return path
    return path.with_name(LAST)


def recover(folder: Path) -> Path | None:
    """Return the newest recording that a crash cut off, made the last one; None where there is none.

    Older ones would take its place at the next start: they are removed, and what a crash left of films' sources.
    """
    try:
        names = list(folder.iterdir())
    except OSError:
        return None
    for path in names:
        if path.name.startswith(PASSING) and _is_free(folder / path.name.split(".")[0]):
            _remove(path)
    free = [path for path in names if path.suffix == SUFFIX and path.name.startswith(RUNNING) and _is_free(path)]
    try:
        free.sort(key=lambda path: path.stat().st_mtime)
        whole = [path for path in free if path.stat().st_size >= LEAST_BYTES]
    except OSError:  # Another window that starts has just taken one.
        return None
    for path in free:
        if path not in whole[-1:]:
            _remove(path)
    return keep_as_last(whole[-1]) if whole else None


def _is_free(path: Path) -> bool:
    """Whether no living process writes a file."""
    lock = lock_of(path)
    if not lock.tryLock(0):
        return False
    lock.unlock()
    return True


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)
