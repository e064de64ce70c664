"""The moment that a window was closed at: kept for the next start, which goes on from it."""

import contextlib
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QObject

from reluviz.app.received import first_snapshot
from reluviz.app.recovery.copies import bounded, is_finite, scene_of
from reluviz.app.recovery.words import going_on, starting_afresh
from reluviz.app.state import AppState, Message
from reluviz.app.store import Store
from reluviz.app.timeline.opening import open_saved, take_past
from reluviz.app.undo import History, Moment
from reluviz.app.worker import Mailbox
from reluviz.core.errors import InputError
from reluviz.core.experiment import DATASETS, SETTINGS, Experiment
from reluviz.core.snapshot import FOREVER
from reluviz.studio.scene import Scene, read_scene, write_scene

NAME = "last.reluviz"
RESET = "reset"  # The row of ACTIONS that begins again.


def keep_last(path: Path, state: AppState) -> threading.Thread | None:
    """Write the newest moment with those before it, in a thread; None where there is nothing to go on from.

    The thread holds the program open until the file is whole; meanwhile the engine ends. What cannot be written is
    said on stderr, and no older moment is left to be taken for this one.
    """
    scene = scene_of(state)
    if not state.preferences.goes_on or scene.snapshot is None or not is_finite(scene):
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        return None
    thread = threading.Thread(target=_write, args=(path, scene), name="reluviz-last")
    thread.start()
    return thread


def read_last(path: Path, experiment: Experiment) -> tuple[Scene | None, str]:
    """Return what `keep_last` wrote, without the moments before, and a sentence where it cannot be used."""
    if not path.exists():
        return None, ""
    try:
        scene = read_scene(path, with_history=False)
    except InputError as error:
        return None, starting_afresh(str(error))
    if scene.snapshot is None or scene.experiment != experiment:
        return None, starting_afresh("The moment kept last time is of another experiment.")
    return scene, ""


def go_on(state: AppState, scene: Scene, playing: bool) -> AppState:
    """Show the moment of `scene` and train on from it; undo begins again. Raises `InputError` where data do not fit."""
    return _say_so(open_saved(state, scene), scene, playing)


def _say_so(state: AppState, scene: Scene, playing: bool) -> AppState:
    assert scene.snapshot is not None
    assert state.dataset is not None
    fresh = first_snapshot(state.experiment, state.dataset, state.run)
    if scene.snapshot.step == 0 and np.array_equal(fresh.parameters, scene.snapshot.parameters):
        return replace(state, until=FOREVER)  # Nothing was trained yet.
    history = History().record(Moment("going on from last time", state.experiment, state.dataset, fresh))
    message = Message(going_on(scene.snapshot.step, playing), "note", RESET)
    return replace(state, until=FOREVER if playing else 0, history=history, message=message)


class LastMoment(QObject):
    """What of the last moment comes once the window stands: points from a file, and the moments before it."""

    def __init__(self, store: Store, path: Path, scene: Scene, playing: bool) -> None:
        super().__init__()
        self._store, self._path, self._scene, self._playing = store, path, scene, playing
        self._mailbox = Mailbox(self._open, self)
        self._past: Scene | None = None
        self._reads = False
        self._refused = ""

    def start(self) -> None:
        """Follow the state until all has come."""
        self._store.changed.connect(self._follow)
        if self._scene.experiment.dataset in DATASETS:
            self._begin_to_read()

    def close(self) -> None:
        """Take nothing more."""
        self._mailbox.close()

    def _follow(self, old: AppState, new: AppState) -> None:
        if self._past is not None:
            self._take_past(new, self._past)
        elif not self._reads:
            self._look_for_points(new)

    def _look_for_points(self, state: AppState) -> None:
        """Go on once the points of a file have been read; where the weights do not fit them, begin afresh."""
        is_there = state.experiment.dataset == self._scene.experiment.dataset
        if is_there and state.start is self._scene.snapshot:
            self._begin_to_read()
            self._store.set(_say_so(state, self._scene, self._playing))
        elif is_there and self._refused:
            self._end()
            self._store.say(starting_afresh(self._refused), "warning")
        elif not self._refused and state.message.kind == "error":
            self._refused = state.message.text
            fields = {name: getattr(self._scene.experiment, name) for name in SETTINGS}
            self._store.edit(True, None, **fields)

    def _begin_to_read(self) -> None:
        self._reads = True
        threading.Thread(target=self._read, name="reluviz-past", daemon=True).start()

    def _read(self) -> None:
        """In a thread: read the moments before; where they are damaged, there are none."""
        try:
            self._mailbox.put("past", read_scene(self._path))
        except InputError:
            self.close()

    def _open(self, items: dict[str, Any]) -> None:
        self._past = items["past"]
        self._take_past(self._store.state, items["past"])

    def _take_past(self, state: AppState, scene: Scene) -> None:
        if state.time.is_looking_back or state.lesson.lesson is not None:
            return  # Once that is over: places in the timeline would shift under what is looked at.
        self._end()
        if scene.timeline is not None:
            self._store.apply(take_past, past=scene.timeline, tip=self._scene.snapshot)

    def _end(self) -> None:
        self._past = None
        self._store.changed.disconnect(self._follow)


def _write(path: Path, scene: Scene) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_scene(path, bounded(scene))
    except (InputError, OSError) as error:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        reason = getattr(error, "strerror", None) or str(error)
        print(f"reluviz: the moment shown cannot be kept for the next start ({reason.rstrip('.')}).", file=sys.stderr)
