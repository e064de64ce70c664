"""Copies kept in case of a crash: one per running window, told apart from those that a dead window left behind.

Every window holds a lock on a file of its own as long as it lives; the system lets go of it however the window ends,
`kill -9` included. A copy whose lock can be taken was left behind. It is renamed, so that it is offered once, and the
newest few of those are kept.
"""

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

SUFFIX, LOCK = ".reluviz", ".lock"
LIVE, LEFT = "window-", "left-"
MOST_LEFT, ATTEMPTS = 5, 5


@dataclass(frozen=True)
class Claim:
    """A window's place for its copy; it holds until `release`, or until the process ends."""

    path: Path
    lock: IO[bytes]

    def release(self) -> None:
        """Take copy and lock away: there is nothing to be recovered."""
        self.path.unlink(missing_ok=True)
        self.lock.close()
        self.path.with_suffix(LOCK).unlink(missing_ok=True)


def claim(folder: Path) -> Claim:
    """Make a place for this window's copy. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for _ in range(ATTEMPTS):
        path = folder / f"{LIVE}{os.getpid()}-{secrets.token_hex(4)}{SUFFIX}"
        lock = path.with_suffix(LOCK).open("xb")
        # A window that looks for orphans may have met the lock between these two lines, and taken it away.
        if _take(lock) and path.with_suffix(LOCK).exists():
            return Claim(path, lock)
        lock.close()
        path.with_suffix(LOCK).unlink(missing_ok=True)
    raise OSError("files cannot be locked there")


def adopt(folder: Path) -> Path | None:
    """Take over what dead windows left behind; return the newest of it that was not offered before, or None.

    Copies of windows that live are not touched. Raises OSError.
    """
    found = []
    names = {path.name.removeprefix(".").split(".")[0] for path in folder.glob(f"*{LIVE}*")} if folder.is_dir() else ()
    for name in sorted(names):
        path = folder / f"{name}{SUFFIX}"
        with _orphan(path) as is_orphan:
            if is_orphan:
                found += _rename(path)
                for part in (*folder.glob(f".{name}.*.part"), path.with_suffix(LOCK)):
                    part.unlink(missing_ok=True)
    for old in left(folder)[MOST_LEFT:]:
        old.unlink(missing_ok=True)
    new = [path for path in left(folder) if path in found]
    return new[0] if new else None


def left(folder: Path) -> list[Path]:
    """Return what dead windows left, newest first."""
    return sorted(folder.glob(f"{LEFT}*{SUFFIX}"), key=lambda path: (_age(path), path.name), reverse=True)


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # Another window has just removed it.
        return 0.0


def _rename(path: Path) -> list[Path]:
    target = path.with_name(path.name.replace(LIVE, LEFT, 1))
    try:
        os.replace(path, target)
    except FileNotFoundError:
        return []  # It died before its first copy.
    return [target]


@contextmanager
def _orphan(path: Path) -> Iterator[bool]:
    """Tell whether no living process holds the lock of a copy, and hold it meanwhile, so that no other adopts it."""
    try:
        lock = path.with_suffix(LOCK).open("r+b")
    except FileNotFoundError:
        yield True
        return
    except OSError:
        yield False
        return
    with lock:
        yield _take(lock)


def _take(lock: IO[bytes]) -> bool:
    """Take an exclusive lock without waiting; it ends when the file is closed."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(lock.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
