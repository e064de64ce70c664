"""Store: holds the newest AppState and tells views what became of it."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, SignalInstance

from reluviz.app.dataset_reader import DatasetReader
from reluviz.app.received import resume_from
from reluviz.app.state import AppState, Message, MessageKind, restart, same_base, same_data, take_experiment
from reluviz.app.telling import Telling
from reluviz.app.timeline.keeping import keep_time
from reluviz.app.timeline.opening import open_saved
from reluviz.app.undoing import note_change
from reluviz.core.dataset import Dataset
from reluviz.core.errors import InputError
from reluviz.core.experiment import DATASETS, Experiment
from reluviz.core.snapshot import Snapshot
from reluviz.studio.scene import Scene


class Store(QObject):
    """The one place where the window's state lives. Used from Qt's thread only.

    `changed(old, new)` tells of every change; it is for the few who follow everything. Views follow the fields that
    they show by `on`.
    """

    changed = Signal(object, object)

    def __init__(self, state: AppState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = keep_time(state, state)
        self._is_telling = False
        self._telling = Telling(self)
        self._companion: Callable[[AppState, AppState], AppState] | None = None
        self._reader = DatasetReader(self)
        self._reader.finished.connect(self._take_read)

    @property
    def state(self) -> AppState:
        """The newest state."""
        return self._state

    def on(self, *names: str) -> SignalInstance:
        """Return the signal `(old, new)` of changes that concern one of `names`: fields of AppState, or parts of these.

        It is one signal for one set of names, so that who connected can disconnect by the same call. Raises
        `LookupError` at once where there is no such field, or no such part in the state as it is.
        """
        return self._telling.asked(names, self._state).told

    def update(self, **changes: Any) -> None:
        """Replace fields and tell of it."""
        self.set(replace(self._state, **changes))

    def apply(self, change: Callable[..., AppState], **arguments: Any) -> None:
        """Replace the state by `change(state, **arguments)`."""
        self.set(change(self._state, **arguments))

    def set(self, state: AppState) -> None:
        """Make `state` the newest one and tell of it: first `changed`, then those of whom `on` a field differs.

        A view that changes the state while it is told of a change is heard after all views have been told: every
        view sees the same sequence of states, and none is handed an older state last.
        """
        if self._companion is not None:
            state = self._companion(self._state, state)
        kept = keep_time(self._state, state)
        told, self._state = self._state, note_change(self._state, kept, time.monotonic())
        if self._is_telling:
            return
        self._is_telling = True
        try:
            while told is not self._state:
                old, told = told, self._state
                self.changed.emit(old, told)
                self._telling.tell(old, told)
        finally:
            self._is_telling = False

    def accompany(self, companion: Callable[[AppState, AppState], AppState] | None) -> None:
        """Have `companion(old, new)` say what each change becomes, so that what follows from it is told with it."""
        self._companion = companion

    def say(self, text: str, kind: MessageKind = "note") -> None:
        """Put one sentence on the status line."""
        self.update(message=Message(text, kind))

    def edit(self, fresh: bool = False, start: Snapshot | Scene | None = None, **changes: Any) -> bool:
        """Change settings of the experiment; return False and say why where that cannot be, leaving all as it was.

        Built-in data is drawn at once. A file is read in another thread and the change is made when it has been
        read. `fresh` begins a new run in any case, from `start` where given: a moment, or a scene with its past.
        """
        try:
            experiment = self._state.experiment.edit(**changes)
            if self._needs_reading(experiment):
                self._reader.read(experiment, changes, fresh, start)
                self.say(f"Reading {Path(experiment.dataset).name} ...")
            else:
                self._take(experiment, None, fresh, start)
        except InputError as error:
            self.say(str(error), "error")
            return False
        return True

    def close(self) -> None:
        """Wait for the reading thread, if there is one."""
        self._reader.close()

    def _needs_reading(self, experiment: Experiment) -> bool:
        known = self._state.dataset is not None and same_base(self._state.experiment, experiment)
        return experiment.dataset not in DATASETS and not known

    def _take(
        self, experiment: Experiment, dataset: Dataset | None, fresh: bool, start: Snapshot | Scene | None
    ) -> None:
        state = take_experiment(self._state, experiment, dataset)
        if isinstance(start, Scene):
            state = open_saved(state, start)
        elif start is not None:
            state = resume_from(state, start)
        self.set(restart(state) if fresh and state.run == self._state.run else state)

    def _take_read(
        self,
        read: Experiment,
        changes: dict[str, Any],
        fresh: bool,
        start: Snapshot | Scene | None,
        result: Dataset | Exception,
    ) -> None:
        if isinstance(result, Exception):
            self.say(str(result), "error")
            return
        try:
            experiment = self._state.experiment.edit(**changes)
            if same_data(read, experiment):
                self._take(experiment, result, fresh, start)
            else:  # Another data field was changed while the file was read.
                self.edit(fresh, start, **changes)
        except InputError as error:
            self.say(str(error), "error")
