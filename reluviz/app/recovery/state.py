"""Recovery: what a window that ended unexpectedly left behind."""

from dataclasses import dataclass

RESTORE = "restore"  # The row of ACTIONS that brings a copy back.


@dataclass(frozen=True)
class Recovery:
    """`path` is the copy that can be restored, "" for none; `words` say what is in it and from when."""

    path: str = ""
    words: str = ""
