"""Workshop: a panel's thread for what takes longer than a frame; only the newest request is worked on."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject

from reluviz.app.worker import Mailbox, NewestWorker


class Workshop:
    """Calls `make(request)` in a thread and `done(result)` in Qt's, for the newest request; older ones are dropped.

    The thread starts with the first request, so that a panel never shown costs nothing, and ends with `owner`.
    `failed` gets what `make` raised, in Qt's thread.
    """

    def __init__(
        self,
        owner: QObject,
        name: str,
        make: Callable[[Any], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._mailbox = Mailbox(self._open)
        self._make, self._done, self._failed = make, done, failed
        self._worker: NewestWorker[Any] = NewestWorker(name, self._work, self._fail)
        self._started = False
        owner.destroyed.connect(self.stop)

    def ask(self, request: Any) -> None:
        """Make `request` the newest one."""
        if not self._started:
            self._started = True
            self._worker.start()
        self._worker.submit(request)

    @property
    def busy(self) -> bool:
        """Whether a request waits that was not begun."""
        return self._worker.waiting

    def stop(self) -> None:
        """End the thread; what it still makes is dropped."""
        self._mailbox.close()
        self._worker.stop(0.5)

    def _work(self, request: Any) -> None:
        self._mailbox.put("result", self._make(request))

    def _fail(self, error: Exception) -> None:
        self._mailbox.put("error", error)

    def _open(self, items: dict[str, Any]) -> None:
        if "error" in items:
            self._failed(items["error"])
        if "result" in items:
            self._done(items["result"])
