"""EngineLink: hands plans to the engine process, takes what it sends, and starts it again when it dies."""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal, Protocol

from PySide6.QtCore import QObject, QTimer

from reluviz.app.comparing import rest_panes, take_snapshots
from reluviz.app.received import lose_engine, report_divergence
from reluviz.app.state import AppState, Message, is_stroke_edit, variants_of
from reluviz.app.store import Store
from reluviz.app.timeline.keeping import look_again
from reluviz.app.timeline.looking import show_now
from reluviz.core.snapshot import Plan
from reluviz.engine.process import EngineProcess, News

RETRY_MS = (0, 250, 1000, 2000)
"""Waits before each new start while no snapshot comes between two deaths; after these, starting is given up."""
HELD_MS = 60
"""Least time between two plans while weights move under the hand: training goes on between two of them. Given every
edit, the engine did little but begin again, took a third of a processor and trained some hundred steps a second."""


class Engine(Protocol):
    """What is needed of `EngineProcess`; tests bring their own."""

    @property
    def pid(self) -> int | None:
        """The process's number in the system."""

    def start(self) -> None:
        """Start a process."""

    def submit(self, plan: Plan) -> None:
        """Make `plan` the newest one."""

    def ask_cost(self) -> None:
        """Have the cost of every activation measured."""

    def take(self) -> News | None:
        """Return what is new, or None."""

    def stop(self) -> None:
        """End the process."""


class EngineLink(QObject):
    """Keeps one engine process alive and at the state's heels. Lives in Qt's thread."""

    def __init__(
        self,
        store: Store,
        wake: Callable[[], None],
        engine: Callable[[Callable[[], None]], Engine] = EngineProcess,
    ) -> None:
        super().__init__()
        self._store = store
        self._engine = engine(wake)
        self._deaths = 0
        self._running = False
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self.start)
        self._owed = False
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._hand_over_owed)

    @property
    def pid(self) -> int | None:
        """The process's number in the system, None before `start`."""
        return self._engine.pid

    def start(self) -> None:
        """Start a process and tell it the newest plan."""
        self._running = True
        self._engine.start()
        self._engine.submit(self._store.state.plan)

    def stop(self) -> None:
        """End the process."""
        self._running = False
        self._again.stop()
        self._pause.stop()
        self._engine.stop()

    def follow(self, old: AppState, new: AppState) -> None:
        """Hand over the plan where it changed; of edits under the hand, now and then the newest."""
        names = ("experiment", "run", "until", "steps_per_second", "start")
        same = all(getattr(old, name) is getattr(new, name) for name in names) and variants_of(old) == variants_of(new)
        same = same and bool(old.stroke) == bool(new.stroke)
        if self._running and not same:
            if is_stroke_edit(old, new):
                self._hand_over_soon()
            else:
                self._hand_over()
        if self._running and new.costs_asked != old.costs_asked:
            self._engine.ask_cost()

    def _hand_over(self) -> None:
        self._owed = False
        self._engine.submit(self._store.state.plan)

    def _hand_over_soon(self) -> None:
        self._owed = True
        if not self._pause.isActive():
            self._hand_over_owed()

    def _hand_over_owed(self) -> None:
        if self._running and self._owed:
            self._hand_over()
            self._pause.start(HELD_MS)

    def take(self) -> None:
        """Take what the engine sent, as one change of state."""
        news = self._engine.take()
        if news is None:
            return
        before = self._store.state
        state = show_now(before)  # News are about the newest moment, whichever is shown.
        if news.ready and state.engine == "starting":
            state = replace(state, engine="ready")
        if news.snapshot is not None:
            self._deaths = 0
            state = take_snapshots(state, news.snapshots or (news.snapshot,))
        if news.frozen:
            state = rest_panes(state, news.frozen)
        if news.cost:
            state = replace(state, cost=news.cost)
        if news.note or news.error:
            kind: Literal["note", "error"] = "error" if news.error else "note"
            state = replace(state, message=Message(news.error or news.note, kind))
        if news.diverged is not None:
            state = report_divergence(state, news.diverged)
        if news.lost:
            state = self._lose(state, news.lost)
        self._store.set(look_again(before, state))

    def _lose(self, state: AppState, sentence: str) -> AppState:
        self._running = False
        self._deaths += 1
        if self._deaths > len(RETRY_MS):
            again = f"It ended {self._deaths} times in a row and is not started again; `reluviz doctor` may tell why."
            return replace(state, engine="lost", message=Message(f"{sentence} {again}", "error"))
        self._again.start(RETRY_MS[self._deaths - 1])
        return lose_engine(state, sentence)
