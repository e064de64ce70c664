"""observe_here: opens the real window in this process, lets a scene run and writes down what happened."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from reluviz.app import commands
from reluviz.app.canvas.line_drag import LineDrag
from reluviz.app.lecture.state import freeze, thaw
from reluviz.app.live import Live
from reluviz.app.measure import CANVAS, SETTLE_SECONDS, Observation, Scene
from reluviz.app.state import AppState, pause, play, take_experiment
from reluviz.app.store import Store
from reluviz.app.theme import apply_theme, load_fonts
from reluviz.app.timeline.dragging import Dragging
from reluviz.app.window import Window

if TYPE_CHECKING:
    from reluviz.app.canvas.widget import CanvasWidget

BEAT_MS = 16
DRAG_AFTER = 5.0  # Seconds in which all kernels are loaded, before a line is dragged.
TURN_SECONDS = 0.5
SCRUB_AFTER = 6.0  # Seconds of training before what was kept is dragged over.


class Observer(QObject):
    """Counts paints of new pictures, beats and steps while the window runs."""

    def __init__(self, store: Store, window: Window, started: float) -> None:
        super().__init__()
        self._store, self._window, self._started = store, window, started
        self.first_paint = self.first_learning_frame = float("nan")
        self.beats: list[float] = []
        self.painted: dict[int, int] = {}
        self._shown: dict[int, object] = {}
        self.counting = False
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self._beat)
        window.painted.connect(self._paint_first)

    def watch_canvas(self) -> None:
        """Count from now on what the canvas really paints."""
        self._watch(0, self._window.canvas)

    def watch_panes(self) -> None:
        """Count from now on what each of the compared panes really paints, and no longer the canvas."""
        self.painted = {}
        grid = self._window.stage.grid
        assert grid is not None
        for index, canvas in enumerate(grid.canvases):
            self._watch(index, canvas)

    def _watch(self, index: int, canvas: "CanvasWidget") -> None:
        self.painted[index] = 0

        def count() -> None:
            picture = canvas.picture_of(self._store.state)
            if picture is not self._shown.get(index) and picture is not None and picture.partition is not None:
                self._shown[index] = picture
                self.painted[index] += self.counting
                if picture.snapshot.step > 0 and np.isnan(self.first_learning_frame):
                    self.first_learning_frame = time.time() - self._started

        canvas.picture_item.after_paint.append(count)

    def begin(self) -> None:
        """Begin to count."""
        self.counting, self.painted, self.beats = True, dict.fromkeys(self.painted, 0), []
        self._began = time.perf_counter()
        self._timer.start()

    def end(self) -> float:
        """End counting; return pictures a second, of several panes the fewest."""
        self.counting = False
        self._timer.stop()
        return min(self.painted.values()) / (time.perf_counter() - self._began)

    def _beat(self) -> None:
        self.beats.append(time.perf_counter())

    def _paint_first(self) -> None:
        self.first_paint = time.time() - self._started


def observe_here(scene: Scene, seconds: float, minutes: float, started: float) -> Observation:
    """Run one scene: the window for `seconds` at full speed."""
    app = QApplication([])
    store = Store(take_experiment(AppState(), scene.experiment))
    live = Live(store)
    live.start_engine()
    load_fonts()
    apply_theme(app, store.state.theme, store.state.font_scale)
    window = Window(store)
    observer = Observer(store, window, started or time.time())  # First, as what follows the first paint takes long.
    window.painted.connect(window.fill)
    window.painted.connect(live.start_drawing)
    window.resize(1440, 900)
    window.show()
    _wait(lambda: hasattr(window, "canvas"), 30)
    observer.watch_canvas()
    _wait(lambda: not np.isnan(observer.first_learning_frame), 120)
    box = window.canvas.box.rect()
    window.resize(window.width() + CANVAS[0] - round(box.width()), window.height() + CANVAS[1] - round(box.height()))
    if scene.setup is not None:
        commands.toggle_compare(store)
        commands.set_up(store, scene.setup)
        commands.start_comparing(store)
        _wait(lambda: all(pane.picture is not None for pane in store.state.panes), 30)
        observer.watch_panes()
    _wait_seconds(SETTLE_SECONDS)
    dragging = Dragging(window.timeline.strip)
    if scene.scrub:
        _wait_seconds(SCRUB_AFTER - SETTLE_SECONDS)
        dragging.start()
    drag_ms = _drag_line(window, store, seconds) if scene.drag else ()
    observer.begin()
    used = time.process_time()
    _wait_seconds(seconds)
    pictures = observer.end()
    used = time.process_time() - used
    if scene.scrub:
        dragging.stop()
        store.apply(play)
    beside, alone = _training_share(store, seconds)
    memory, later = _memory(live), None
    if minutes:
        _wait_seconds(60 * minutes)
        later = _memory(live)
    gaps = np.diff(observer.beats) * 1000
    picture = store.state.picture
    regions = picture.partition.count if picture is not None and picture.partition is not None else 0
    view = store.state.view
    live.stop()
    window.close()
    store.close()
    _wait_seconds(0.05)
    p50, p99 = np.percentile(gaps, (50, 99))
    return Observation(
        regions,
        pictures,
        float(p50),
        float(p99),
        float(gaps.max()),
        beside,
        alone,
        observer.first_paint,
        observer.first_learning_frame,
        memory,
        later,
        (view.width, view.height),
        app.platformName(),
        used / seconds,
        drag_ms,
    )


def _drag_line(window: Window, store: Store, seconds: float) -> tuple[tuple[float, float], ...]:
    """Return the percentiles of both, and leave training as it goes."""
    _wait_seconds(DRAG_AFTER - SETTLE_SECONDS)
    drag, found = LineDrag(window.canvas, store), []
    for change in (play, pause):
        store.apply(change)
        _wait_seconds(0.5)
        drag.start()
        _wait_seconds(seconds)
        drag.stop()
        found.append(drag.percentiles())
    store.apply(play)
    return tuple(found)


def _training_share(store: Store, seconds: float) -> tuple[float, float]:
    """Return training steps a second while the window draws, and while its picture is held, in turns.

    Held, the window takes nothing and the engine trains as without one. Other users of a processor change its speed
    within seconds, so that only neighbouring turns compare.
    """
    rates: dict[bool, list[float]] = {False: [], True: []}
    news = _News(store)
    for turn in range(2 * max(1, round(seconds))):
        is_held = turn % 2 == 1
        begin = news.newest
        if is_held:
            store.apply(freeze)
        _wait_seconds(TURN_SECONDS)
        if is_held:
            store.apply(thaw)
            news.wait(2)  # The first may have waited since the picture was held.
        end = news.newest
        rates[is_held].append((end[1] - begin[1]) / (end[0] - begin[0]))
    news.close()
    return float(np.median(rates[False])), float(np.median(rates[True]))


class _News(QObject):
    """When the newest snapshot came, and its step."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store, self._count = store, 0
        self.newest = (time.perf_counter(), store.state.step)
        store.changed.connect(self._note)

    def wait(self, count: int) -> None:
        """Wait for so many more snapshots."""
        enough = self._count + count
        _wait(lambda: self._count >= enough, 60)

    def close(self) -> None:
        """Listen no more."""
        self._store.changed.disconnect(self._note)

    def _note(self, old: AppState, new: AppState) -> None:
        if new.snapshot is not old.snapshot:
            self.newest, self._count = (time.perf_counter(), new.step), self._count + 1


def _memory(live: Live) -> float | None:
    """Return the resident memory of window and engine in MB, None where the system does not tell it this way."""
    pids = ["self", str(live.engine_pid)]
    try:
        pages = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids]
    except (OSError, ValueError, IndexError):
        return None
    import resource

    return sum(pages) * resource.getpagesize() / 1e6


def _wait(done: Callable[[], bool], patience: float) -> None:
    deadline = time.monotonic() + patience
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError(f"the window did not get so far in {patience:g} s")
        _wait_seconds(0.01)


def _wait_seconds(seconds: float) -> None:
    loop = QEventLoop()  # Not the application's own: quitting that closes the windows.
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()
