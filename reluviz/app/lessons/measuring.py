"""Measuring: runs the checks of the present step again and again while one watches, in a thread of its own."""

import time
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer

from reluviz.app.lessons.stepping import take_results
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.app.workshop import Workshop
from reluviz.core.dataset import Dataset
from reluviz.core.snapshot import Snapshot
from reluviz.core.view import Bounds
from reluviz.studio.lesson import Check
from reluviz.studio.lesson_checks import CheckResult, Evidence, run_check

SOON_MS, PAUSE_MS, PAUSE_SHARE = 30, 300, 4.0
"""A check that takes long waits four times as long before the next, so that training and drawing go on beside it."""


@dataclass(frozen=True, eq=False)
class Request:
    """What is measured: the checks of one step in one moment per pane."""

    entered: int
    checks: tuple[Check, ...]
    moments: tuple[Snapshot, ...]
    dataset: Dataset
    bounds: Bounds
    ready: int


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a request gave, and how long that took."""

    request: Request
    results: tuple[CheckResult, ...]
    seconds: float


class Measuring(QObject):
    """Puts results into the state; those of a step that was left come too late and change nothing."""

    def __init__(self, store: Store, parent: QObject) -> None:
        super().__init__(parent)
        self._store = store
        self._asked: tuple[Snapshot, ...] = ()
        self._entered, self._pause_ms = -1, PAUSE_MS
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._ask)
        self._shop = Workshop(self, "reluviz-lesson", measure, self._take, self._fail)
        self._is_busy = False
        store.on("lesson", "snapshot", "panes", "run").connect(self._follow)
        self._follow(store.state, store.state)

    def stop(self) -> None:
        """End the thread."""
        self._timer.stop()
        self._shop.stop()

    def _follow(self, old: AppState, new: AppState) -> None:
        if new.lesson.current is None or not new.lesson.current.checks:
            return
        if new.lesson.entered != self._entered:
            # Once: begun again with every snapshot, it would never be over while training goes on.
            if new.lesson.entered != old.lesson.entered or not self._timer.isActive():
                self._timer.start(SOON_MS)
        elif not self._timer.isActive() and not self._is_busy and moments_of(new) != self._asked:
            self._timer.start(self._pause_ms)

    def _ask(self) -> None:
        state = self._store.state
        step, moments = state.lesson.current, moments_of(state)
        if step is None or not step.checks or state.dataset is None or not moments:
            return
        self._entered, self._asked, self._is_busy = state.lesson.entered, moments, True
        stage = step.stage
        self._shop.ask(
            Request(self._entered, step.checks, moments, state.dataset, stage.look.bounds, stage.training.ready)
        )

    def _take(self, outcome: Outcome) -> None:
        self._is_busy = False
        self._pause_ms = round(max(PAUSE_MS, 1000 * PAUSE_SHARE * outcome.seconds))
        state = self._store.state
        if [_seen(one) for one in outcome.results] != [_seen(one) for one in state.lesson.results]:
            self._store.apply(take_results, entered=outcome.request.entered, results=outcome.results)
        self._follow(state, self._store.state)

    def _fail(self, error: Exception) -> None:
        self._is_busy = False
        self._store.say(f"The lesson's checks cannot be measured: {error}", "error")


def measure(request: Request) -> Outcome:
    """Run the checks of a request."""
    begin = time.perf_counter()
    evidence = Evidence(request.moments, request.dataset, bounds=request.bounds)
    results = tuple(run_check(check, evidence, request.ready) for check in request.checks)
    return Outcome(request, results, time.perf_counter() - begin)


def moments_of(state: AppState) -> tuple[Snapshot, ...]:
    """Return one moment per pane of the present run, none while one of them is still to come."""
    found = tuple(pane.snapshot for pane in state.panes) or (state.snapshot,)
    moments = tuple(one for one in found if one is not None and one.run == state.run)
    return moments if len(moments) == len(found) else ()


def _seen(result: CheckResult) -> tuple[object, ...]:
    return result.measured_text, result.expected_text, result.passed, result.words, result.waiting
