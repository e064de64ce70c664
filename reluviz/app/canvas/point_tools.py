"""BrushTool and EraserTool: data points painted, dragged and erased while the network learns them."""

import math
import random
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QCursor, QPainter, QPen, QPixmap

from reluviz.app.canvas.tools import Point, Tool, Touch, next_stroke
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.core.errors import InputError
from reluviz.core.point_edits import add_points, erase_points, move_point

if TYPE_CHECKING:
    from reluviz.app.canvas.widget import CanvasWidget

REACH = 9.0  # Logical pixels within which a point is taken.
SPACING, STRAY = 8.0, 5.0  # Of painted points, in logical pixels: dense enough to teach, loose enough to see each.
ERASER = 13.0


class BrushTool(Tool):
    """On a point: drags it. Elsewhere: paints points of the chosen class or value."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, canvas: "CanvasWidget", store: Store) -> None:
        super().__init__(canvas, store)
        self._held: int | None = None
        self._painted: Point | None = None

    def press(self, touch: Touch) -> bool:
        """Take the point under the mouse, or paint the first one."""
        state = self.store.state
        if state.dataset is None:
            return False
        self.store.update(stroke=next_stroke(), show_points=True)
        near = points_within(state, touch.point, REACH * touch.pixel)
        self._held = near[0] if near else None
        self._painted = None
        if self._held is None:
            self._paint(touch, 0.0)
        return True

    def drag(self, touch: Touch) -> None:
        """Move the point that is held, or paint on."""
        if self._held is not None:
            state = self.store.state
            try:
                edits = move_point(state.experiment.point_edits, own_count(state), self._held, *touch.point)
            except InputError as error:
                self.store.say(str(error), "warning")
                return
            self.store.edit(point_edits=edits)
        elif self._painted is None or math.dist(self._painted, touch.point) >= SPACING * touch.pixel:
            self._paint(touch, STRAY)

    def release(self, touch: Touch) -> None:
        """Let go."""
        self._held = None
        self.store.update(stroke=0)

    def _paint(self, touch: Touch, stray: float) -> None:
        state, width = self.store.state, stray * touch.pixel
        x, y = (random.gauss(value, width) if width else value for value in touch.point)
        try:
            edits = add_points(state.experiment.point_edits, [(x, y, brush_target(state))])
        except InputError as error:
            self.store.say(str(error), "warning")
            return
        self._painted = touch.point
        self.store.edit(point_edits=edits)


class EraserTool(Tool):
    """Takes every point that it passes over."""

    def __init__(self, canvas: "CanvasWidget", store: Store) -> None:
        super().__init__(canvas, store)
        self.cursor = ring_cursor(ERASER)

    def press(self, touch: Touch) -> bool:
        """Erase what is under the mouse."""
        if self.store.state.dataset is None:
            return False
        self.store.update(stroke=next_stroke())
        self.drag(touch)
        return True

    def drag(self, touch: Touch) -> None:
        """Erase on."""
        state = self.store.state
        near = points_within(state, touch.point, ERASER * touch.pixel)
        if near:
            self.store.edit(point_edits=erase_points(state.experiment.point_edits, own_count(state), near))

    def release(self, touch: Touch) -> None:
        """Let go."""
        self.store.update(stroke=0)


def own_count(state: AppState) -> int:
    """Return how many points the data set itself has, before any edit."""
    dataset = state.dataset
    return 0 if dataset is None else len((dataset.base or dataset).points)


def points_within(state: AppState, point: Point, reach: float) -> list[int]:
    """Return the numbers of the points that are shown within reach, nearest first."""
    dataset = state.dataset
    if dataset is None or not state.show_points:
        return []
    distances = np.hypot(*(dataset.points - np.asarray(point)).T)
    if not state.show_test_points:
        distances = np.where(dataset.is_train, distances, np.inf)
    near = np.flatnonzero(distances <= reach)
    return [int(number) for number in near[np.argsort(distances[near], kind="stable")]]


def brush_target(state: AppState) -> float:
    """Return the class or value that is painted: the chosen one, as far as the data has it."""
    dataset = state.dataset
    if dataset is not None and dataset.is_classes:
        return float(min(max(0, round(state.brush)), len(dataset.classes) - 1))
    return state.brush


def ring_cursor(radius: float) -> QCursor:
    """Return a ring, dark within light, that is seen on any fill."""
    size = 2 * math.ceil(radius) + 3
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for color, width in (("#ffffff", 3.0), ("#111111", 1.2)):
        painter.setPen(QPen(QColor(color), width))
        painter.drawEllipse(pixmap.rect().toRectF().center(), radius, radius)
    painter.end()
    return QCursor(pixmap)
