"""Filming: carries out an order: writes the source beside, lets a process render it, and tells the state how far."""

import os
import threading
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from reluviz.app.recording.folder import PASSING, lock_of, recordings_folder
from reluviz.app.recording.history import in_thread, write_history
from reluviz.app.recording.job import Job
from reluviz.app.recording.order import Order, why_not, words_of
from reluviz.app.recording.recorder import curves_of
from reluviz.app.recording.scenery import look_of_state
from reluviz.app.recording.state import Rendering, change
from reluviz.app.state import Message, MessageKind
from reluviz.app.store import Store
from reluviz.app.worker import Mailbox
from reluviz.core.errors import InputError
from reluviz.core.whole_file import write_whole
from reluviz.studio.keys import keys_to_json
from reluviz.studio.scene import Scene, write_scene


class Filming(QObject):
    """One film at a time. `told(sentence, kind)` comes when it is over."""

    told = Signal(str, str)

    def __init__(self, store: Store, window: QWidget, folder: Path | None = None) -> None:
        super().__init__(window)
        self._store, self._window = store, window
        self._folder = recordings_folder() if folder is None else folder
        self._job: Job | None = None
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()
        self._mailbox = Mailbox(self._open, self)
        self._passing: list[Path] = []
        self._lock: Any = None

    @property
    def busy(self) -> bool:
        """Whether a film is being made."""
        return self._store.state.recording.rendering is not None

    def begin(self, order: Order, path: Path) -> bool:
        """Make a film; False and a sentence where it cannot be made."""
        state = self._store.state
        reason = why_not(order) or self._unwritable(path, order)
        if self.busy or reason:
            self._store.say(reason or "A film is being written already.", "error")
            return False
        self._stopped.clear()
        base = self._folder / f"{PASSING}{os.getpid()}"
        self._passing = []
        self._store.set(change(replace(state, folder=str(path.parent)), rendering=Rendering(path.name)))
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock = lock_of(base)  # Held as long as there are files for the film, so that none takes them away.
            self._lock.tryLock(0)
            keys = self._write_keys(order, base)
            if order.source == "history":
                self._begin_history(order, path, base.with_suffix(".journal"), keys)
            else:
                self._render(order, path, self._source_of(order, base), keys)
        except (OSError, InputError) as error:
            self._end(str(error) if isinstance(error, InputError) else f"{error.filename}: {error.strerror}.", "error")
            return False
        return True

    def cancel(self) -> None:
        """Stop; nothing is left behind."""
        self._stopped.set()
        if self._job is not None:
            self._job.cancel()

    def close(self) -> None:
        """End what is going on: the window closes."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(2.0)
        if self._job is not None:
            self._job.close()
        self._mailbox.close()
        self._forget()

    def _unwritable(self, path: Path, order: Order) -> str:
        if not path.parent.is_dir():
            return f"{path}: cannot be written; its folder is not there."
        if not os.access(path.parent, os.W_OK):
            return f"{path}: cannot be written; its folder is for reading only."
        if order.kind == "png" and path.exists() and (not path.is_dir() or any(path.iterdir())):
            return f"{path}: is there already; frames need a new folder."
        return ""

    def _write_keys(self, order: Order, base: Path) -> str:
        keys = self._store.state.recording.keys
        if not keys or not order.with_keys:
            return ""
        path = base.with_suffix(".keys.json")
        write_whole(path, keys_to_json(keys).encode())
        self._passing.append(path)
        return str(path)

    def _source_of(self, order: Order, base: Path) -> str:
        if order.source == "recording":
            return self._store.state.recording.last
        path = base.with_suffix(".reluviz")
        write_scene(path, Scene(self._store.state.experiment, self._store.state.view, None))
        self._passing.append(path)
        return str(path)

    def _begin_history(self, order: Order, path: Path, source: Path, keys: str) -> None:
        state = self._store.state
        source.unlink(missing_ok=True)
        self._passing.append(source)
        look = replace(look_of_state(state), probe=None)
        size = (self._window.width(), self._window.height())
        go_on = lambda: not self._stopped.is_set()  # noqa: E731 - a question, asked in the thread

        def write() -> None:
            try:
                whole = write_history(
                    source, state.time.timeline, order.first, order.last, look, size, curves_of(state), go_on
                )
                self._mailbox.put("written", (order, path, str(source), keys) if whole else None)
            except Exception as error:  # A failure of ours must reach the status line, too.
                self._mailbox.put("failed", str(error))

        self._thread = in_thread(write)

    def _render(self, order: Order, path: Path, source: str, keys: str) -> None:
        words = words_of(order, source, keys)
        if order.source == "afresh":
            words += ["--palette", self._store.state.theme]
        job = Job(words, path, self)
        job.moved.connect(partial(self._move, path.name))
        job.ended.connect(self._end)
        self._job = job
        job.start()

    def _open(self, items: dict[str, Any]) -> None:
        if "failed" in items:
            self._end(items["failed"], "error")
        elif items["written"] is None:
            self._end("Stopped; nothing was written.", "note")
        else:
            self._render(*items["written"])

    def _move(self, name: str, frames: int, total: int, left: float) -> None:
        self._store.apply(change, rendering=Rendering(name, frames, total, left))

    def _end(self, sentence: str, kind: MessageKind) -> None:
        if self._job is not None:
            self._job.deleteLater()
            self._job = None
        self._forget()
        message = Message(sentence, kind)
        self._store.set(replace(change(self._store.state, rendering=None), message=message))
        self.told.emit(sentence, kind)

    def _forget(self) -> None:
        """Remove what was written for the process that rendered."""
        for path in self._passing:
            path.unlink(missing_ok=True)
        self._passing = []
        if self._lock is not None:
            self._lock.unlock()
            self._lock = None
