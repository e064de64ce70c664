"""Hand: what mouse or stylus do with the lecture's tools: positions in the window become changes of the state."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF

from reluviz.app.lecture import state as lectures
from reluviz.app.lecture.ink import ERASER, is_hit, simplified
from reluviz.app.lecture.places import Places
from reluviz.app.store import Store


class Hand:
    """Draws, erases or points, as the tool says, between press and release."""

    def __init__(self, store: Store, places: Places) -> None:
        self._store, self._places = store, places
        self._erasing = False
        self._has_erased = False

    def press(self, position: QPointF, rubs: bool = False) -> None:
        """Begin at a position; `rubs` erases whatever tool is in the hand."""
        tool = self._store.state.lecture.tool
        if rubs or tool == "erase":
            self._erasing, self._has_erased = True, False
            self._erase(position)
        elif tool == "pen":
            self._change(lectures.begin_stroke(self._store.state.lecture, self._places.spot(position)))
        else:
            self._point(position)

    def move(self, position: QPointF) -> None:
        """Go on to a position."""
        lecture = self._store.state.lecture
        if self._erasing:
            self._erase(position)
        elif lecture.drawing is not None:
            part = self._places.part(lecture.drawing.part)
            if part is not None:
                self._change(lectures.go_on(lecture, part.to_point(position)))
        elif lecture.tool in ("laser", "spotlight"):
            self._point(position)

    def release(self) -> None:
        """Let go; of a stroke as many points stay as its shape needs."""
        self._erasing = False
        drawing = self._store.state.lecture.drawing
        if drawing is None:
            return
        part = self._places.part(drawing.part)
        points = drawing.points
        if part is not None and len(points) > 2:
            kept = simplified(part.to_pixels(points))
            points = tuple(points[index] for index in kept.tolist())
        self._change(lectures.end_stroke(self._store.state.lecture, points))

    def leave(self) -> None:
        """Point nowhere."""
        if self._store.state.lecture.pointer is not None:
            self._change(replace(self._store.state.lecture, pointer=None))

    def _point(self, position: QPointF) -> None:
        self._change(replace(self._store.state.lecture, pointer=self._places.spot(position)))

    def _erase(self, position: QPointF) -> None:
        lecture = self._store.state.lecture
        place = np.array([position.x(), position.y()])
        hit = []
        for stroke in lecture.strokes:
            part = self._places.part(stroke.part)
            if part is not None and is_hit(part.to_pixels(stroke.points), place, ERASER):
                hit.append(stroke)
        if hit:
            self._change(lectures.erase(lecture, tuple(hit), self._has_erased))
            self._has_erased = True

    def _change(self, lecture: lectures.Lecture) -> None:
        if lecture is not self._store.state.lecture:
            self._store.update(lecture=lecture)
