"""Live: keeps the engine and the drawing thread at the state's heels, and the state at theirs.

State -> Plan -> engine; newest snapshot and view -> drawing thread -> Picture -> state. Every hand-over holds the
newest item only, so nothing queues and the window cannot lag however fast the engine is.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer

from reluviz.app.comparing import take_gauges, take_pictures
from reluviz.app.drawing import Drawing
from reluviz.app.engine_link import EngineLink
from reluviz.app.lecture.state import holds_news
from reluviz.app.pane_drawing import DrawRequest, PanesRequest
from reluviz.app.received import begin_run, take_gauge, take_picture
from reluviz.app.state import AppState, Message, is_stroke_edit
from reluviz.app.store import Store
from reluviz.app.worker import Mailbox, NewestWorker
from reluviz.core.datasets import load_dataset
from reluviz.core.errors import InputError
from reluviz.core.experiment import DATASETS
from reluviz.core.reading import value_scale

PATIENCE = 3.0  # Seconds of preparation before the status line speaks of it; a warm start takes 0.5 to 1.
TICK_MS = 500
PANE_LINES = 0.8  # Lines in the smaller pictures of a comparison, of those in the one picture.
PULL_MS = 16
"""Mean time between two snapshots taken: each costs the engine an evaluation, and most screens show sixty a
second."""
HELD_PULL_MS = 60
"""The same while weights move under the hand: what was trained goes into the next edit."""
HAND_RESTS = 0.06
"""Seconds without an edit after which the hand counts as still: until then, pictures are of edits alone."""


class Live(QObject):
    """The loop between state, engine and drawing thread. Lives in Qt's thread; needs no widget."""

    def __init__(
        self,
        store: Store,
        link: Callable[[Store, Callable[[], None]], EngineLink] = EngineLink,
        drawing: Callable[[Callable[[str, Any], None]], Drawing] = Drawing,
        parent: QObject | None = None,
    ) -> None:
        """`link` makes what talks to the engine, from a wake-up callback; `drawing` what draws, from a `put`."""
        super().__init__(parent)
        self._store = store
        self._mailbox = Mailbox(self._open, self)
        self._link = link(store, self._wake)
        self._drawing = drawing(self._mailbox.put)
        self._drawer = NewestWorker(
            "reluviz-draw",
            self._drawing.draw,
            self._fail,
            self._drawing.rest,
            may_give_way=self._drawing.is_prepared,
        )
        self._preparing_since = 0.0
        self._pictures = 0
        self._ticked = time.monotonic()
        self._stopping = False
        self._news_waits = False
        self._pulled = 0.0
        self._edited = 0.0
        self._still = QTimer(self)
        self._still.setSingleShot(True)
        self._still.timeout.connect(self._draw)
        self._puller = QTimer(self)
        self._puller.setSingleShot(True)
        self._puller.setTimerType(Qt.TimerType.PreciseTimer)
        self._puller.timeout.connect(self._pull)
        self._ticker = QTimer(self)
        self._ticker.setInterval(TICK_MS)
        self._ticker.timeout.connect(self._tick)
        store.changed.connect(self._follow)

    def start(self) -> None:
        """Start the engine process and the drawing thread."""
        self.start_engine()
        self.start_drawing()

    def start_engine(self) -> None:
        """Start the engine process: first of all, so that torch loads while Qt does."""
        self._link.start()

    def start_drawing(self) -> None:
        """Start the drawing thread with step 0, and load the kernels.

        Not before the window is painted: importing numba beside Qt's thread holds that up by half a second.
        """
        self._drawer.start()
        self._preparing_since = time.monotonic()
        self._begin()
        self._draw()
        self._ticker.start()

    def stop(self) -> None:
        """End process and threads; safe to call twice."""
        if self._stopping:
            return
        self._stopping = True
        self._ticker.stop()
        self._puller.stop()
        self._still.stop()
        self._store.changed.disconnect(self._follow)
        self._mailbox.close()
        self._link.stop()
        self._drawer.stop()
        self._drawing.close()

    @property
    def engine_pid(self) -> int | None:
        """The engine process's number in the system."""
        return self._link.pid

    def _wake(self) -> None:
        self._mailbox.put("engine", True)

    def _fail(self, error: Exception) -> None:
        self._mailbox.put("failure", error)

    def _follow(self, old: AppState, new: AppState) -> None:
        self._link.follow(old, new)
        if holds_news(old) and not holds_news(new):
            self._pull()
        if new.run != old.run or new.dataset is not old.dataset:
            self._begin()
        ended = bool(old.panes) and not new.panes
        if is_stroke_edit(old, new):
            self._edited = time.monotonic()
        if new.view != old.view or new.dataset is not old.dataset or ended:
            self._draw()
        elif not _looks_alike(old, new):
            self._draw_soon(old, new)

    def _begin(self) -> None:
        state = self._store.state
        try:
            if state.dataset is None and state.experiment.dataset in DATASETS:
                state = replace(state, dataset=load_dataset(state.experiment))
            self._store.set(begin_run(state))
        except InputError as error:
            self._store.update(message=Message(str(error), "error"))

    def _draw_soon(self, old: AppState, new: AppState) -> None:
        """Draw another snapshot: what was trained while weights move under the hand, only once the hand is still.

        A picture begun of it is one that the next edit waits for.
        """
        early = self._until_still()
        if new.stroke and new.run == old.run and early > 0.0 and not new.panes:
            if not self._still.isActive():
                self._still.start(round(1000 * early) + 1)
        else:
            self._draw()

    def _until_still(self) -> float:
        """Return the seconds until the hand counts as still; 0 and less where it does, or holds no weights."""
        return HAND_RESTS - (time.monotonic() - self._edited)

    def _draw(self) -> None:
        state = self._store.state
        self._still.stop()
        if state.snapshot is None:
            return
        held = bool(state.stroke)
        view = replace(state.view, line_width=state.view.line_width * state.pixel_ratio)
        scale = value_scale(state.dataset) if state.dataset is not None else None
        snapshots = [pane.snapshot for pane in state.panes if pane.snapshot is not None]
        if snapshots:
            view = replace(view, line_width=PANE_LINES * view.line_width)
            self._drawer.submit(PanesRequest(tuple(DrawRequest(snapshot, view, scale, held) for snapshot in snapshots)))
        else:
            self._drawer.submit(DrawRequest(state.snapshot, view, scale, held))

    def _open(self, items: dict[str, Any]) -> None:
        """Take what the threads brought, as one change of state."""
        if self._stopping:
            return
        state = self._store.state
        if "failure" in items:
            error = items["failure"]
            state = replace(state, message=Message(f"Drawing failed: {type(error).__name__}: {error}", "error"))
        if "picture" in items:
            self._pictures += 1
            state = take_picture(state, items["picture"])
        if "pictures" in items:
            self._pictures += 1
            state = take_pictures(state, items["pictures"])
        if "gauges" in items:
            state = take_gauges(state, items["gauges"])
        if "gauge" in items:
            state = take_gauge(state, items["gauge"])
        if "prepared" in items:
            state = self._end_preparation(state, items["prepared"])
        self._store.set(state)
        if "prepared" in items:
            self._draw()
        self._news_waits |= "engine" in items
        self._pull()

    def _pull(self) -> None:
        """Take the engine's news as fast as they can be drawn, and no faster.

        The engine sends the next snapshot only when one was taken, so it spends on sending what the window can show.
        """
        if holds_news(self._store.state):
            return  # Frozen: the engine trains on, and what it sends is taken when the picture moves again.
        if not self._news_waits or self._drawer.waiting or self._puller.isActive():
            return  # The next picture, or the timer, comes back here.
        pause = HELD_PULL_MS if self._until_still() > 0.0 else PULL_MS
        early = pause - 1000 * (time.monotonic() - self._pulled)
        if early > 0.5:
            self._puller.start(round(early))
            return
        self._news_waits = False
        # Late turns are made up for, half a turn at most, so that the rate is the screen's and never above it.
        self._pulled = max(self._pulled + pause / 1000, time.monotonic() - pause / 2000)
        self._link.take()

    def _end_preparation(self, state: AppState, seconds: float) -> AppState:
        self._preparing_since = 0.0
        if seconds < PATIENCE:
            return state
        text = f"Exact geometry is ready; preparing it took {seconds:.0f} s and will not be needed again."
        return replace(state, message=Message(text))

    def _tick(self) -> None:
        now = time.monotonic()
        changes: dict[str, Any] = {"pictures_per_second": self._pictures / (now - self._ticked)}
        self._pictures, self._ticked = 0, now
        waited = now - self._preparing_since
        if self._preparing_since and waited > PATIENCE and self._store.state.message.kind == "note":
            changes["message"] = Message(
                f"Preparing exact geometry, once: {waited:.0f} s. Until then, a sampled preview."
            )
        self._store.update(**changes)


def _looks_alike(old: AppState, new: AppState) -> bool:
    """Whether both states' networks give one picture: at rest the engine answers an edit with figures of it only."""
    was, now = old.snapshot, new.snapshot
    if was is now:
        return True
    return (
        was is not None
        and now is not None
        and not new.panes
        and (was.run, was.step) == (now.run, now.step)
        and was.experiment == now.experiment
        and np.array_equal(was.parameters, now.parameters)
    )
