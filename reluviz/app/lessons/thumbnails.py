"""Thumbnailer: pictures of lessons, of networks trained as their steps say, drawn one after another in a thread."""

import hashlib
import os
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from reluviz import __version__
from reluviz.app.received import first_snapshot
from reluviz.app.settings import VARIABLE
from reluviz.app.worker import Mailbox
from reluviz.core.dataset import Dataset
from reluviz.core.datasets import load_dataset
from reluviz.core.palette import PALETTES
from reluviz.core.process import give_way
from reluviz.core.snapshot import FOREVER, Plan, Snapshot
from reluviz.core.view import View
from reluviz.engine.process import EngineProcess
from reluviz.studio.lesson import Lesson, Stage
from reluviz.studio.lesson_start import starting_snapshot

MOST_STEPS, PATIENCE_SECONDS = 3000, 30.0
POINTS, GAP, BUDGET = 220, 3, 20_000
COLUMNS = {1: 1, 2: 2, 3: 3, 4: 2, 5: 3, 6: 3}  # Panes side by side.


@dataclass(frozen=True, eq=False)
class Request:
    """One picture: `width` x `height` device pixels in the colours of `palette`."""

    lesson: Lesson
    palette: str
    width: int
    height: int

    @property
    def stage(self) -> Stage:
        """The stage of the step that stands for the lesson."""
        return self.lesson.steps[self.lesson.telling].stage

    @property
    def file(self) -> Path:
        """Where the picture is kept; another file, program or size has another one."""
        content = repr((self.stage, self.palette, self.width, self.height, __version__))
        return cache_folder() / f"{hashlib.sha256(content.encode()).hexdigest()[:24]}.png"


def cache_folder() -> Path:
    """Return where pictures of lessons are kept on this system."""
    from platformdirs import user_cache_path

    own = os.environ.get(VARIABLE)
    return (Path(own) if own else user_cache_path("reluviz", appauthor=False)) / "lessons"


class Thumbnailer:
    """`done(lesson's name, picture)` is called in Qt's thread; training runs in a process of its own, made if needed.

    A picture that cannot be had is left out.
    """

    def __init__(
        self,
        done: Callable[[str, QImage], None],
        engine: Callable[[Callable[[], None]], Any] = EngineProcess,
    ) -> None:
        self._done, self._make_engine = done, engine
        self._mailbox = Mailbox(self._open)
        self._wanted: deque[Request] = deque()
        self._condition = threading.Condition()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._engine: Any = None
        self._run = 0

    def ask(self, requests: list[Request]) -> None:
        """Draw these, instead of what was not begun of those before."""
        with self._condition:
            self._wanted = deque(requests)
            self._condition.notify()
        if self._thread is None and requests:
            self._thread = threading.Thread(target=self._work, name="reluviz-thumbnails", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the thread and its process."""
        self._mailbox.close()
        with self._condition:
            self._stopping = True
            self._condition.notify()
        if self._thread is not None:
            self._thread.join(2.0)

    def _open(self, items: dict[str, QImage]) -> None:
        for name, image in items.items():
            self._done(name, image)

    def _work(self) -> None:
        give_way()
        try:
            while not self._stopping:
                with self._condition:
                    if not self._wanted:
                        self._condition.wait()
                        continue
                    # Those that are kept come first: they cost nothing.
                    known = next((one for one in self._wanted if one.file.is_file()), self._wanted[0])
                    self._wanted.remove(known)
                try:
                    image = self._picture(known)
                except Exception:  # One lesson without its picture; the others have theirs.
                    traceback.print_exc()
                    continue
                if image is not None:
                    self._mailbox.put(known.lesson.name, image)
        finally:
            if self._engine is not None:
                self._engine.stop()

    def _picture(self, request: Request) -> QImage | None:
        kept = QImage(str(request.file))
        if not kept.isNull():
            return kept
        moments = self._train(request.stage)
        if not moments:
            return None
        image = draw(request, moments)
        _keep(image, request.file)
        return image

    def _train(self, stage: Stage) -> tuple[Snapshot, ...]:
        """Return one moment per pane, trained as far as the stage's checks want it; none where that fails."""
        training, experiments = stage.training, stage.experiments
        ends = (training.ready, training.until if training.until < FOREVER else 0)
        goal = min(MOST_STEPS, max(ends))
        start = starting_snapshot(stage, None) if training.mode != "pause" or not stage.start else None
        if goal == 0 and start is None:
            dataset = load_dataset(experiments[0])
            return tuple(first_snapshot(experiment, dataset, 0) for experiment in experiments)
        if self._engine is None:
            self._engine = self._make_engine(_sleep_on)
            self._engine.start()
        self._run += 1
        starts = tuple(start for _ in experiments[1:])
        self._engine.submit(
            Plan(experiments[0], self._run, goal, start=start, variants=experiments[1:], variant_starts=starts)
        )
        return self._wait(len(experiments), goal)

    def _wait(self, panes: int, goal: int) -> tuple[Snapshot, ...]:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline and not self._stopping:
            news = self._engine.take()
            if news is not None and (news.error or news.lost):
                return ()
            moments: tuple[Snapshot, ...] = () if news is None else news.snapshots
            of_this_run = len(moments) == panes and all(moment.run == self._run for moment in moments)
            if of_this_run and max(moment.step for moment in moments) >= goal:
                return moments
            if news is not None and news.diverged is not None and panes == 1:
                return (news.diverged.snapshot,)
            time.sleep(0.01)
        return ()


def draw(request: Request, moments: tuple[Snapshot, ...]) -> QImage:
    """Draw one picture per pane, side by side."""
    from reluviz.core.coloring import value_scale
    from reluviz.core.picture import make_picture  # With kernels: not at start-up.

    columns = COLUMNS.get(len(moments), 3)
    rows = -(-len(moments) // columns)
    width = (request.width - GAP * (columns - 1)) // columns
    height = (request.height - GAP * (rows - 1)) // rows
    view = request.stage.look.apply(
        View(width=width, height=height, palette=request.palette, region_budget=BUDGET, line_width=0.9)
    )
    view = _fitted(view, width, height)
    datasets = [load_dataset(moment.experiment) for moment in moments]
    pictures = [
        _image_of(make_picture(moment, view, value_scale(dataset)).image)
        for moment, dataset in zip(moments, datasets, strict=True)
    ]
    whole = QImage(request.width, request.height, QImage.Format.Format_RGB32)
    whole.fill(QColor(PALETTES[request.palette].border))
    painter = QPainter(whole)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    for index, (picture, dataset) in enumerate(zip(pictures, datasets, strict=True)):
        x, y = (index % columns) * (width + GAP), (index // columns) * (height + GAP)
        painter.drawImage(x, y, picture)
        if request.stage.points and dataset.is_classes:
            painter.save()
            painter.setClipRect(QRectF(x, y, width, height))
            painter.translate(x, y)
            _paint_points(painter, dataset, view)
            painter.restore()
    painter.end()
    return whole


def _image_of(pixels: NDArray[np.uint32]) -> QImage:
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape
    return QImage(pixels.data, width, height, pixels.strides[0], QImage.Format.Format_RGB32).copy()


def _fitted(view: View, width: int, height: int) -> View:
    """Return the view with room added around its bounds, so that units are square."""
    from dataclasses import replace

    xmin, xmax, ymin, ymax = view.bounds
    unit = max((xmax - xmin) / width, (ymax - ymin) / height)
    x, y, half_x, half_y = (xmin + xmax) / 2, (ymin + ymax) / 2, unit * width / 2, unit * height / 2
    return replace(view, bounds=(x - half_x, x + half_x, y - half_y, y + half_y))


def _paint_points(painter: QPainter, dataset: Dataset, view: View) -> None:
    colors = PALETTES[view.palette]
    xmin, xmax, ymin, ymax = view.bounds
    radius = max(1.2, view.height / 95)
    painter.setPen(QPen(QColor(colors.halo), 0.7))
    chosen = np.linspace(0, len(dataset.points) - 1, min(POINTS, len(dataset.points))).astype(int)
    for (x, y), target in zip(dataset.points[chosen].tolist(), dataset.targets[chosen].tolist(), strict=True):
        painter.setBrush(QColor(colors.classes[int(target) % len(colors.classes)]))
        place = QPointF((x - xmin) / (xmax - xmin) * view.width, (ymax - y) / (ymax - ymin) * view.height)
        painter.drawEllipse(place, radius, radius)


def _keep(image: QImage, path: Path) -> None:
    """Keep a picture for the next time; where that cannot be, it is drawn again."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError:
        return
    aside = path.with_suffix(f".{os.getpid()}.part")
    if image.save(str(aside), "PNG"):  # type: ignore[call-overload]
        aside.replace(path)


def _sleep_on() -> None:
    """News are looked for, not waited for."""
