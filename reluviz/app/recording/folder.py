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

    What a crash left of films' sources is removed.
    """
    try:
        left = [path for path in folder.iterdir() if path.suffix == SUFFIX and path.name.startswith(RUNNING)]
        passing = [path for path in folder.iterdir() if path.name.startswith(PASSING)]
    except OSError:
        return None
    for path in passing:
        _when_free(path, path.unlink)
    free = [path for path in left if _when_free(path)]
    if not free:
        return None
    newest = max(free, key=lambda path: path.stat().st_mtime)
    if newest.stat().st_size < 1000:  # It ended before anything was recorded.
        newest.unlink(missing_ok=True)
        return None
    return keep_as_last(newest)


def _when_free(path: Path, then: object = None) -> bool:
    """Whether no living process writes a file; `then` is called if so."""
    if path.suffix != SUFFIX:
        return False
    lock = lock_of(path)
    if not lock.tryLock(0):
        return False
    lock.unlock()
    if callable(then):
        with suppress(OSError):
            then()
    return True
