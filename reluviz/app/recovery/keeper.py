"""Keeper: writes what is shown aside while it changes, and offers what a window that crashed left behind."""

import os
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer

from reluviz.app.recovery.copies import bounded, is_finite, scene_of
from reluviz.app.recovery.state import RESTORE, Recovery
from reluviz.app.recovery.words import offer, say_copy
from reluviz.app.settings import VARIABLE
from reluviz.app.state import AppState, Message
from reluviz.app.store import Store
from reluviz.app.worker import Mailbox, NewestWorker
from reluviz.core.errors import InputError
from reluviz.studio.recovery import Claim, adopt, claim, left
from reluviz.studio.scene import Scene, read_scene, write_scene

EVERY_MS = 30_000
CONTENTS = ("experiment", "snapshot", "view")
"""Fields whose change makes a new copy due."""


def recovery_folder() -> Path:
    """Return where copies lie on this system."""
    from platformdirs import user_state_path

    folder = os.environ.get(VARIABLE)
    return (Path(folder) if folder else user_state_path("reluviz", appauthor=False)) / "recovery"


class Search:
    """The request to look for what was left, without anything to write yet."""


class Keeper(QObject):
    """Files are written and read in a thread of its own: the largest network takes a third of a second."""

    def __init__(self, store: Store, folder: Path) -> None:
        super().__init__()
        self._store, self._folder = store, folder
        self._claim: Claim | None = None
        self._changed = self._complained = False
        self._mailbox = Mailbox(self._open, self)
        self._worker: NewestWorker[Scene | Search] = NewestWorker("reluviz-keep", self._work, self._fail)
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.keep)

    def start(self) -> None:
        """Look for what was left, and begin to keep what is shown."""
        self._worker.start()
        self._worker.submit(Search())
        self._store.on(*CONTENTS, "engine", "preferences").connect(self._follow)
        self._timer.start()

    def keep(self) -> None:
        """Write a copy, if something changed since the last one."""
        state = self._store.state
        if not (self._changed and state.preferences.autosave):
            return
        scene = scene_of(state)
        if is_finite(scene):  # Else the last finite moment stays in the copy.
            self._changed = False
            self._worker.submit(scene)

    def end(self) -> None:
        """End where nothing went wrong: no copy stays. Safe to call twice."""
        self.stop()
        if self._claim is not None:
            self._claim.release()
            self._claim = None

    def stop(self) -> None:
        """End the thread, and leave the copy."""
        self._timer.stop()
        self._mailbox.close()
        self._worker.stop()

    def _follow(self, old: AppState, new: AppState) -> None:
        self._changed = self._changed or any(getattr(old, name) is not getattr(new, name) for name in CONTENTS)
        if new.engine == "lost" and old.engine != "lost":
            self.keep()
        if old.preferences.autosave and not new.preferences.autosave and self._claim is not None:
            self._claim.path.unlink(missing_ok=True)

    def _work(self, wanted: Scene | Search) -> None:
        """In the thread: look for what was left the first time, write a copy else."""
        if self._claim is None:
            self._claim = claim(self._folder)
            self._mailbox.put("found", self._find())
        if isinstance(wanted, Scene):
            write_scene(self._claim.path, bounded(wanted))

    def _find(self) -> tuple[Recovery, bool]:
        """Return what can be restored, and whether it was found just now."""
        new = adopt(self._folder)
        for path in left(self._folder):
            try:
                scene = read_scene(path, with_history=False)
                saved = datetime.fromtimestamp(path.stat().st_mtime)
            except (InputError, OSError):
                continue  # Damaged, or written by a newer version: an older copy may do.
            return Recovery(str(path), say_copy(scene, saved, datetime.now())), new is not None
        return Recovery(), False

    def _fail(self, error: Exception) -> None:
        self._mailbox.put("failed", error)

    def _open(self, items: dict[str, Any]) -> None:
        if "found" in items:
            recovery, is_new = items["found"]
            self._store.update(recovery=recovery)
            if is_new and self._store.state.message.kind != "error":
                text = offer(recovery.words, self._store.state.recording.recovered)
                self._store.update(message=Message(text, "warning", RESTORE))
        if "failed" in items and not self._complained:
            self._complained = True  # Said once; the next half minute would say the same.
            error = items["failed"]
            reason = getattr(error, "strerror", None) or str(error)
            self._store.say(f"What is shown cannot be kept in case of a crash ({reason.rstrip('.')}).", "warning")
