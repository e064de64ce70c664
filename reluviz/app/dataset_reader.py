"""DatasetReader: reads data files in a thread of its own, so that ten million rows do not freeze the window."""

import threading
from typing import Any

from PySide6.QtCore import QObject, Signal

from reluviz.core.datasets import load_dataset
from reluviz.core.errors import InputError
from reluviz.core.experiment import Experiment
from reluviz.core.snapshot import Snapshot
from reluviz.studio.scene import Scene

Start = Snapshot | Scene | None
Request = tuple[Experiment, dict[str, Any], bool, Start]


class DatasetReader(QObject):
    """Reads one file at a time; of requests that come meanwhile only the newest is kept.

    `finished` carries the request's experiment, changes, fresh flag and start, and a Dataset or the InputError.
    """

    finished = Signal(object, object, bool, object, object)
    _read = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread: threading.Thread | None = None
        self._next: Request | None = None
        self._closed = False
        self._read.connect(self._take)

    def read(self, experiment: Experiment, changes: dict[str, Any], fresh: bool, start: Start) -> None:
        """Begin to read the experiment's data, or do so when the present reading has ended."""
        self._next = (experiment, changes, fresh, start)
        self._begin()

    def close(self) -> None:
        """Drop what is waiting and join the thread."""
        self._closed, self._next = True, None
        if self._thread is not None:
            self._thread.join()

    def _begin(self) -> None:
        if self._thread is None and self._next is not None and not self._closed:
            request, self._next = self._next, None
            self._thread = threading.Thread(target=self._work, args=(request,), name="reluviz dataset reader")
            self._thread.start()

    def _work(self, request: Request) -> None:
        result: object
        try:
            result = load_dataset(request[0])
        except InputError as error:
            result = error
        except Exception as error:  # A reader's own failure must reach the status line, not die with its thread.
            result = InputError(f"{request[0].dataset}: cannot be read ({type(error).__name__}: {error}).")
        self._read.emit(request, result)

    def _take(self, request: Request, result: object) -> None:
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self._next is None and not self._closed:
            self.finished.emit(*request, result)
        self._begin()
