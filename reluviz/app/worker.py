"""Threads that work on the newest request only, and the mailbox that brings what they made to Qt's thread."""

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar
from weakref import WeakSet

from PySide6.QtCore import QObject, Qt, Signal

from reluviz.core.process import give_way

Request = TypeVar("Request")
WORKERS: "WeakSet[NewestWorker[Any]]" = WeakSet()
"""All workers there are: who films a window waits until none is busy."""


class NewestWorker(Generic[Request]):
    """One plain Python thread that calls `work(request)` for the newest request; older ones it never saw are dropped.

    Nothing queues, so it cannot lag. An exception in `work` goes to `fail` and the thread lives on. `rest`, where
    given, is called once after `pause_seconds` without a new request. The thread gives way to the window's once
    `may_give_way` is true: threads and processes that it starts would inherit that.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[Request], None],
        fail: Callable[[Exception], None],
        rest: Callable[[], None] | None = None,
        pause_seconds: float = 0.15,
        may_give_way: Callable[[], bool] = lambda: True,
    ) -> None:
        self._may_give_way = may_give_way
        self._work, self._fail, self._rest, self._pause = work, fail, rest, pause_seconds
        self._newest: Request | None = None
        self._working = self._stopping = False
        self._condition = threading.Condition()
        # A daemon, so that a kernel still compiling cannot hold a closed window's process open.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        WORKERS.add(self)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def submit(self, request: Request) -> None:
        """Make `request` the newest one. From any thread; returns at once."""
        with self._condition:
            self._newest = request
            self._condition.notify()

    @property
    def waiting(self) -> bool:
        """Whether the newest request was not begun yet."""
        return self._newest is not None

    @property
    def busy(self) -> bool:
        """Whether a request waits or is worked on: not where the thread was never started, or has ended."""
        return self._thread.is_alive() and (self._newest is not None or self._working)

    def stop(self, timeout: float = 5.0) -> None:
        """End the thread after the request in hand, waiting at most `timeout` seconds."""
        with self._condition:
            self._stopping = True
            self._condition.notify()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _run(self) -> None:
        rested, gave_way = True, False
        while True:
            if not gave_way and self._may_give_way():
                give_way()
                gave_way = True
            with self._condition:
                if self._newest is None and not self._stopping:
                    self._condition.wait(None if rested else self._pause)
                if self._stopping:
                    return
                self._working = self._newest is not None
                request, self._newest = self._newest, None
            try:
                if request is not None:
                    rested = self._rest is None
                    self._work(request)
                elif not rested and self._rest is not None:
                    rested = True
                    self._rest()
            except Exception as error:
                self._fail(error)
            finally:
                self._working = False


class Mailbox(QObject):
    """Named slots that hold the newest item each; threads put, Qt's thread takes.

    However much is put, at most one wake-up waits in Qt's event queue: a signal per item would let the window lag
    behind by seconds when items come faster than it draws.
    """

    _filled = Signal()

    def __init__(self, opened: Callable[[dict[str, Any]], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._opened = opened
        self._items: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._closed = False
        self._filled.connect(self._open, Qt.ConnectionType.QueuedConnection)

    def put(self, name: str, item: Any) -> None:
        """Leave the newest `item` under `name`. From any thread; returns at once."""
        with self._lock:
            if self._closed:
                return
            waiting = bool(self._items)
            self._items[name] = item
            if not waiting:
                self._filled.emit()

    def close(self) -> None:
        """Take nothing more, so that a thread still running cannot reach a window that is gone."""
        with self._lock:
            self._closed = True
            self._items = {}

    def _open(self) -> None:
        with self._lock:
            items, self._items = self._items, {}
        if items:
            self._opened(items)
