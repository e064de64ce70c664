"""LineDrag: a hand that drags a first-layer line round, to measure how soon the picture follows the mouse."""

import math
import time
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from reluviz.app.canvas.tools import Point
from reluviz.app.state import AppState
from reluviz.app.store import Store

if TYPE_CHECKING:
    from reluviz.app.canvas.widget import CanvasWidget

MOVE_MS, REACH_PIXELS = 8, 60.0  # A mouse tells its place 125 times a second.


class LineDrag(QObject):
    """Sends the canvas the events of a mouse that drags a line, until `stop`.

    `seconds` holds for each move how long it took until a picture was painted of an edit made at it or later.
    """

    def __init__(self, canvas: "CanvasWidget", store: Store) -> None:
        super().__init__()
        self._canvas, self._store = canvas, store
        self.seconds: list[float] = []
        self._waiting: list[float] = []
        self._edits: dict[int, float] = {}  # By run, when the newest move before the edit was.
        self._moved = self._began = 0.0
        self._place = QPointF()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(MOVE_MS)
        self._timer.timeout.connect(self._move)
        canvas.picture_item.after_paint.append(self._note_paint)
        store.changed.connect(self._note_edit)

    def start(self) -> None:
        """Take hold of the longest line of the first layer and begin to drag."""
        self._store.update(tool="line")
        self.seconds, self._waiting, self._edits = [], [], {}
        self._place = self._canvas.position_of(self._longest_line())
        self._send(QEvent.Type.MouseMove, self._place, held=False)
        self._send(QEvent.Type.MouseButtonPress, self._place)
        self._began = time.perf_counter()
        self._timer.start()

    def stop(self) -> None:
        """Let the line go; moves whose picture did not come count with the time until now."""
        self._timer.stop()
        now = time.perf_counter()
        self.seconds += [now - moved for moved in self._waiting]
        self._waiting = []
        self._send(QEvent.Type.MouseButtonRelease, self._place, held=False)

    def percentiles(self) -> tuple[float, float]:
        """Return the median and the 95th percentile, milliseconds."""
        p50, p95 = np.percentile(self.seconds or [math.nan], (50, 95)) * 1000
        return float(p50), float(p95)

    def _move(self) -> None:
        self._moved = time.perf_counter()
        self._waiting.append(self._moved)
        turn = 2.0 * (self._moved - self._began)
        offset = QPointF(REACH_PIXELS * math.sin(turn), REACH_PIXELS * math.sin(0.7 * turn))
        self._send(QEvent.Type.MouseMove, self._place + offset)

    def _note_edit(self, old: AppState, new: AppState) -> None:
        if new.run != old.run:
            self._edits[new.run] = self._moved

    def _note_paint(self) -> None:
        picture = self._canvas.picture_of(self._store.state)
        if picture is None:
            return
        now = time.perf_counter()
        reached = [at for edit, at in self._edits.items() if edit <= picture.snapshot.run]
        while reached and self._waiting and self._waiting[0] <= max(reached):
            self.seconds.append(now - self._waiting.pop(0))

    def _longest_line(self) -> Point:
        """Return a place on it, short of its middle, where handles that turn it are far."""
        from reluviz.core.pick import first_line_in  # Loads numba.

        picture = self._canvas.picture_of(self._store.state)
        assert picture is not None
        network = picture.snapshot.network
        lines = [first_line_in(network, unit, self._canvas.box.bounds) for unit in range(network.hidden[0])]
        ends = [line[0].tolist() for line in lines if len(line)]
        x0, y0, x1, y1 = max(ends, key=lambda end: math.dist(end[:2], end[2:]))
        return 0.6 * x0 + 0.4 * x1, 0.6 * y0 + 0.4 * y1

    def _send(self, kind: QEvent.Type, place: QPointF, held: bool = True) -> None:
        none, left = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton
        viewport = self._canvas.viewport()
        button = none if kind == QEvent.Type.MouseMove else left
        where = viewport.mapToGlobal(place)
        event = QMouseEvent(kind, place, where, button, left if held else none, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(viewport, event)
