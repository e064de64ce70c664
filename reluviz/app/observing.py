"""observe_here: opens the real window in this process, lets a scene run and writes down what happened."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from reluviz.app import commands
from reluviz.app.canvas.line_drag import LineDrag
from reluviz.app.live import Live
from reluviz.app.measure import CANVAS, SETTLE_SECONDS, Observation, Scene
from reluviz.app.state import AppState, pause, play, take_experiment
from reluviz.app.store import Store
from reluviz.app.theme import apply_theme, load_fonts
from reluviz.app.timeline.dragging import Dragging
from reluviz.app.window import Window
from reluviz.core.snapshot import Plan
from reluviz.engine.process import EngineProcess
from reluviz.studio.comparison import make_experiments

if TYPE_CHECKING:
    from reluviz.app.canvas.widget import CanvasWidget

BEAT_MS = 16
DRAG_AFTER = 5.0  # Seconds in which all kernels are loaded, before a line is dragged.
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
        self._began, self._step = time.perf_counter(), self._store.state.step
        self._timer.start()

    def end(self) -> tuple[float, float]:
        """End counting; return pictures a second, of several panes the fewest, and steps a second."""
        self.counting = False
        self._timer.stop()
        seconds = time.perf_counter() - self._began
        return min(self.painted.values()) / seconds, (self._store.state.step - self._step) / seconds

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
    pictures, steps = observer.end()
    used = time.process_time() - used
    if scene.scrub:
        dragging.stop()
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
        steps,
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


def engine_alone(scene: Scene, seconds: float, busy: float = 0.0) -> float:
    """Return steps a second of the engine process while nobody takes pictures.

    `busy` processors of this process work meanwhile, on memory as a picture's.
    """
    engine = EngineProcess(lambda: None)
    engine.start()
    ended = threading.Event()
    for share in (min(busy, 1.0), max(0.0, busy - 1.0)):
        if share > 0.0:
            threading.Thread(target=_work, args=(share, ended), daemon=True).start()
    try:
        variants = make_experiments(scene.setup, scene.experiment)[1:] if scene.setup else ()
        plan = Plan(replace(scene.experiment), 1, variants=variants)
        engine.submit(plan)
        _newest_step(engine, lambda step: step > 0, 60)
        time.sleep(1.0)
        first, begin = _newest_step(engine, lambda step: step > 0, 60), time.perf_counter()
        time.sleep(seconds)
        _newest_step(engine, lambda step: step > first, 60)  # What waited in the mailbox is old; the next is of now.
        last = _newest_step(engine, lambda step: step > first, 60)
        return (last - first) / (time.perf_counter() - begin)
    finally:
        ended.set()
        engine.stop()


def _work(share: float, ended: threading.Event) -> None:
    """Be busy for a share of each picture's time, without Python's lock."""
    pixels = np.zeros(CANVAS, np.float32)
    while not ended.is_set():
        begin = time.perf_counter()
        while time.perf_counter() - begin < share * BEAT_MS / 1000:
            np.add(pixels, 1.0, out=pixels)
        ended.wait(max(0.0, begin + BEAT_MS / 1000 - time.perf_counter()))


def _newest_step(engine: EngineProcess, enough: Callable[[int], bool], patience: float) -> int:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        news = engine.take()
        if news is not None and news.snapshot is not None and enough(news.snapshot.step):
            return news.snapshot.step
        time.sleep(0.002)
    raise TimeoutError(f"the engine sent nothing in {patience:g} s")


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
