"""EngineProcess: the window's side of the training process. Loads no torch.

Both directions hold one item, the newest wins: a Plan that was not yet sent is replaced, and the process trains on
without sending until the window has taken the snapshot before. So nothing is ever queued and nothing lags.
"""

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

import numpy as np

from reluviz.core.cost import ActivationCost
from reluviz.core.snapshot import Plan, Snapshot

COST = "cost"
STOP_SECONDS = 0.3  # A process that is still loading torch cannot answer sooner; it holds nothing worth waiting for.


@dataclass(frozen=True, eq=False)
class Divergence:
    """Training left the finite numbers at `step`; the engine went back to `snapshot` and waits there.

    It tries again with the next plan that differs.
    """

    step: int
    sentence: str
    snapshot: Snapshot


@dataclass(frozen=True, eq=False)
class News:
    """What happened since the last `take`; each field holds the newest, or is empty.

    `snapshots` are one moment of all panes, `snapshot` is the first of them. `ready`: torch is loaded. `device` and
    `note` are sentences for the status line, `error` says in a sentence why the newest plan cannot be followed, `lost`
    that the process is gone: `start` begins a new one. `frozen` has one entry for each compared experiment that left
    the finite numbers: its snapshot stays, the others train on. `cost` answers `ask_cost`: all activations measured so
    far, in the order of ACTIVATIONS.
    """

    ready: bool = False
    snapshot: Snapshot | None = None
    snapshots: tuple[Snapshot, ...] = ()
    frozen: tuple[Divergence, ...] = ()
    device: str = ""
    note: str = ""
    error: str = ""
    diverged: Divergence | None = None
    lost: str = ""
    cost: tuple[ActivationCost, ...] = ()


class EngineProcess:
    """A training process that reconciles itself with the newest Plan.

    `wake` is called from a thread of this object when news arrive and none were waiting; answer with `take`. All
    methods belong to one thread and none blocks for long.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._line: _Line | None = None

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._line is not None and not self._line.has_ended(0.0)

    @property
    def pid(self) -> int | None:
        """The process's number in the system, None before `start`."""
        return self._line.process.pid if self._line else None

    def start(self) -> None:
        """Start the process, a new one if an earlier was lost; returns at once, `News.ready` follows."""
        self.stop()
        self._line = _Line(self._wake)

    def submit(self, plan: Plan) -> None:
        """Make `plan` what the engine is to do. It is kept for a process that still starts."""
        if self._line:
            self._line.post(plan)

    def ask_cost(self) -> None:
        """Have the cost of every activation measured on the training's device; `News.cost` follows, one after another.

        Training goes on in between. Asked again, all are measured again.
        """
        if self._line:
            self._line.ask_cost()

    def take(self) -> News | None:
        """Return what happened since the last call, None if nothing did."""
        return self._line.take() if self._line else None

    def stop(self) -> None:
        """End the process and its threads; what was not taken is dropped."""
        if self._line:
            self._line.close()
            self._line = None


class _Line:
    """One process with its connection, its two mailboxes and the two threads that serve them."""

    def __init__(self, wake: Callable[[], None]) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self._connection: Connection[Any, Any] = ours
        # A daemon is ended with the window even where nobody calls stop.
        self.process: BaseProcess = context.Process(target=serve, args=(theirs,), name="reluviz-engine", daemon=True)
        self.process.start()
        theirs.close()
        self._wake = wake
        self._reaping = threading.Lock()
        self._changed = threading.Condition()
        self._plan: Plan | None = None
        self._credit = self._closing = self._asks_cost = False
        self._news: News | None = None
        self._threads = [
            threading.Thread(target=target, name=f"reluviz-engine-{target.__name__.strip('_')}", daemon=True)
            for target in (self._read, self._write)
        ]
        for thread in self._threads:
            thread.start()

    def has_ended(self, seconds: float | None) -> bool:
        """Wait for the process to end, None as long as it takes; it leaves no zombie."""
        if not wait([self.process.sentinel], seconds):
            return False
        # Two threads that ask the system at once would leave one without the exit code.
        with self._reaping:
            self.process.join()
        return True

    def post(self, plan: Plan) -> None:
        with self._changed:
            self._plan = plan
            self._changed.notify()

    def ask_cost(self) -> None:
        with self._changed:
            self._asks_cost = True
            self._changed.notify()

    def take(self) -> News | None:
        with self._changed:
            news, self._news = self._news, None
            if news and news.snapshot:
                self._credit = True
                self._changed.notify()
        return news

    def close(self) -> None:
        with self._changed:
            self._closing = True
            self._changed.notify()
        if not self.has_ended(STOP_SECONDS):
            self.process.kill()
            self.has_ended(None)
        for thread in self._threads:
            thread.join()
        self._connection.close()
        self.process.close()

    def _write(self) -> None:
        """Send what is newest: a thread of its own, as a process that loads torch does not read for seconds."""
        with contextlib.suppress(OSError):
            while True:
                with self._changed:
                    self._changed.wait_for(lambda: self._plan or self._credit or self._asks_cost or self._closing)
                    message, closing, asks_cost = (self._plan, self._credit), self._closing, self._asks_cost
                    self._plan, self._credit, self._asks_cost = None, False, False
                if closing:
                    self._connection.send(None)
                    return
                if asks_cost:
                    self._connection.send(COST)
                self._connection.send(message)

    def _read(self) -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                self._announce(_read_only(self._connection.recv()))
        self.has_ended(None)
        with self._changed:
            closing, self._closing = self._closing, True  # The writer has nobody to write to any more.
            self._changed.notify()
        if not closing:
            self._announce({"lost": f"The training process ended unexpectedly ({_cause(self.process.exitcode)})."})

    def _announce(self, news: dict[str, Any]) -> None:
        with self._changed:
            first = self._news is None
            self._news = replace(self._news or News(), **news)
        if first:
            self._wake()


def _read_only(news: dict[str, Any]) -> dict[str, Any]:
    divergences = [told for told in (news.get("diverged"), *news.get("frozen", ())) if told]
    for snapshot in (*news.get("snapshots", ()), *(told.snapshot for told in divergences)):
        for value in (*vars(snapshot).values(), *vars(snapshot.flow or snapshot).values()):
            if isinstance(value, np.ndarray):
                value.setflags(write=False)
    return news


def _cause(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        return f"signal {-exit_code}"
    return f"exit code {exit_code}"


def serve(connection: "Connection[Any, Any]") -> None:
    """Be the training process until told to stop or the window is gone."""
    # Ctrl-C in a terminal reaches both processes; the window decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from reluviz.engine.worker import Worker

    with contextlib.suppress(EOFError, OSError):  # The window is gone.
        Worker(connection).run()
    connection.close()
    os._exit(0)  # Taking torch apart in order takes 0.2 s; there is nothing here to be put in order.
