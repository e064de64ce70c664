"""Recorder: writes what happens to a journal for as long as `state.recording.wanted` holds."""

import os
import time
from contextlib import suppress
from dataclasses import fields, replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, QTimer
from PySide6.QtWidgets import QWidget

from reluviz.app.recording.events import EventWatch
from reluviz.app.recording.folder import RUNNING, keep_as_last, last_recording, lock_of, recordings_folder, recover
from reluviz.app.recording.scenery import changes_of, is_seen_alike, look_of_state, merge
from reluviz.app.recording.state import change
from reluviz.app.recovery.state import RESTORE
from reluviz.app.recovery.words import offer
from reluviz.app.state import AppState, Message
from reluviz.app.store import Store
from reluviz.core.snapshot import Snapshot
from reluviz.studio.curves import Curve
from reluviz.studio.journal import SUFFIX, Start
from reluviz.studio.journal_writer import JournalWriter
from reluviz.studio.look import Look

TICK_MS = 250
RENDER_FOUND = "film"


class Recorder(QObject):
    """Follows the store. A parent window gives clicks their places; its layout is part of what is recorded."""

    def __init__(self, store: Store, window: QWidget, folder: Path | None = None) -> None:
        super().__init__(window)
        self._store, self._window = store, window
        self._folder = recordings_folder() if folder is None else folder
        self._writer: JournalWriter | None = None
        self._lock: QLockFile | None = None
        self._began = 0.0
        self._look = Look()
        self._moment: tuple[Snapshot, ...] = ()
        self._watch = EventWatch(window, self._take_event)
        self._ticker = QTimer(self)
        self._ticker.setInterval(TICK_MS)
        self._ticker.timeout.connect(self._tick)
        store.changed.connect(self._follow)

    def offer_interrupted(self) -> None:
        """Say so where a recording was cut off by a crash, and offer to film it."""
        found = recover(self._folder)
        last = found or last_recording(self._folder)
        if last is None:
            return
        state = change(self._store.state, last=str(last), recovered=found is not None)
        if found is not None and not state.message.action:
            megabytes = found.stat().st_size / 1e6
            text = f"A recording was interrupted; what was recorded until then ({megabytes:.1f} MB) is there. Film it?"
            state = replace(state, message=Message(text, "warning", RENDER_FOUND))
        elif found is not None and state.message.action == RESTORE:  # Both come from one crash: one sentence has both.
            state = replace(state, message=replace(state.message, text=offer(state.recovery.words, True)))
        self._store.set(state)

    def close(self) -> None:
        """End a recording that runs; what was recorded stays."""
        if self._writer is not None:
            self._end()

    def note_layout(self) -> None:
        """Record which panels are shown, and where."""
        layout = getattr(self._window, "layout_texts", None)
        if self._writer is not None and layout is not None:
            self._note_look(replace(self._look, window=merge(self._look.window, {"docks": layout()[1]})))

    @property
    def _now(self) -> float:
        return time.monotonic() - self._began

    def _follow(self, old: AppState, new: AppState) -> None:
        if new.recording.wanted != (self._writer is not None):
            if new.recording.wanted:
                self._begin(new)
            else:
                self._end()
            return
        if self._writer is None:
            return
        self._note_moment(new)
        if not is_seen_alike(old, new):
            look = look_of_state(new)
            self._note_look(replace(look, window=merge(self._look.window, look.window)))

    def _begin(self, state: AppState) -> None:
        path = self._folder / f"{RUNNING}{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}{SUFFIX}"
        look = look_of_state(state)
        layout = getattr(self._window, "layout_texts", None)
        if layout is not None:
            look = replace(look, window=merge(look.window, {"docks": layout()[1]}))
        start = Start(True, self._window.width(), self._window.height(), look)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock = lock_of(path)
            self._lock.tryLock(0)
            self._writer = JournalWriter(path, start)
        except OSError as error:
            self._release()
            text = f"Nothing is recorded: {path.parent} cannot be written ({error.strerror or error})."
            changed = change(state, wanted=False)
            self._store.set(replace(changed, message=Message(text, "error")))
            return
        self._began, self._look, self._moment = time.monotonic(), look, ()
        self._writer.add_curves(curves_of(state))
        self._note_moment(state)
        self._watch.start()
        self._ticker.start()
        self._store.apply(change, running=True, seconds=0)

    def _end(self, sentence: str = "") -> None:
        assert self._writer is not None
        writer, self._writer = self._writer, None
        self._watch.stop()
        self._ticker.stop()
        writer.close(self._now)
        sentence = sentence or writer.error
        last = keep_as_last(writer.path) if writer.path.exists() else None
        self._release()
        state = change(
            self._store.state,
            wanted=False,
            running=False,
            last=str(last) if last else self._store.state.recording.last,
            recovered=False,
            dialog="film" if last is not None and not sentence else self._store.state.recording.dialog,
        )
        if sentence:
            state = replace(state, message=Message(sentence, "warning", RENDER_FOUND if last else ""))
        self._store.set(state)

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.unlock()
            self._lock = None

    def _tick(self) -> None:
        assert self._writer is not None
        if self._writer.error:
            self._end(self._writer.error)
        elif int(self._now) != self._store.state.recording.seconds:
            self._store.apply(change, seconds=int(self._now))

    def _note_moment(self, state: AppState) -> None:
        moment = tuple(pane.snapshot for pane in state.panes if pane.snapshot is not None)
        if not moment and state.snapshot is not None:
            moment = (state.snapshot,)
        same = len(moment) == len(self._moment) and all(a is b for a, b in zip(moment, self._moment, strict=True))
        if moment and not same and self._writer is not None:
            self._moment = moment
            self._writer.add_moment(self._now, moment)

    def _note_look(self, look: Look) -> None:
        changed = changes_of(self._look, look)
        if changed and self._writer is not None:
            self._look = look
            self._writer.add_look(self._now, changed)

    def _take_event(self, kind: str, **values: object) -> None:
        if self._writer is not None:
            self._writer.add_event(self._now, kind, **values)


def curves_of(state: AppState) -> dict[str, Curve]:
    """Return what was measured so far, by name: `learning`, `flow`, and by pane `1.learning`, `1.tracks`, ..."""
    curves = {row.name: getattr(state.curves, row.name) for row in fields(state.curves)}
    curves["flow"] = state.flows.curve
    for index, pane in enumerate(state.panes):
        curves |= {f"{index}.{row.name}": getattr(pane.curves, row.name) for row in fields(pane.curves)}
        curves |= {f"{index}.tracks": pane.tracks, f"{index}.gauges": pane.gauges}
    return curves


def record_window(store: Store, window: QWidget) -> Recorder:
    """Return the recorder of a window, following its panels."""
    recorder = Recorder(store, window)
    for dock in getattr(window, "docks", {}).values():
        dock.visibilityChanged.connect(partial(_later, recorder))
    with suppress(RuntimeError):
        recorder.offer_interrupted()
    return recorder


def _later(recorder: Recorder, _visible: bool) -> None:
    QTimer.singleShot(0, recorder, recorder.note_layout)
