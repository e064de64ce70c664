"""Walk panel: f and its slope along a segment of the canvas, exactly, with the bent lines that are crossed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from reluviz.app.panels.live_panel import LivePanel
from reluviz.app.panels.walk_plot import WalkChart, WalkPlot, say_walk
from reluviz.app.selection import first_segment, select_unit
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.app.workshop import Workshop
from reluviz.core.errors import InputError
from reluviz.core.palette import PALETTES
from reluviz.core.walk import Walk, walk

if TYPE_CHECKING:
    from reluviz.core.network import Network

HINT = "Take the line walk into the hand (W) and drag across the canvas."
SMOOTH = "This network bends everywhere, so no single line is crossed: values and slopes are true at 240 samples."
REDRAW_MS = 33  # It follows a segment under the hand.


@dataclass(frozen=True, eq=False)
class Request:
    """What a walk follows."""

    network: "Network"
    segment: tuple[float, float, float, float]


class WalkPanel(LivePanel):
    """The plot, and below it what was met."""

    watches: ClassVar[tuple[str, ...]] = ("segment", "snapshot", "selected", "probe")
    pace_ms: ClassVar[int] = REDRAW_MS

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.plot, self._said, self._across = WalkPlot(), QLabel(), QPushButton("Walk across the view")
        self._said.setAccessibleName("Line walk in words")
        self._said.setWordWrap(True)
        self._across.setToolTip("Lays the segment across what is in view.")
        self._across.clicked.connect(self._lay_across)
        self._walk: Walk | None = None
        self._words = HINT
        self._at: float | None = None
        self._asked: tuple[object, ...] = ()
        self._shop = Workshop(self, "reluviz-walk", follow, self._take, self._fail)
        self.plot.pointed.connect(self._point)
        self.plot.picked.connect(self._pick)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 4, 6, 6)
        column.setSpacing(4)
        column.addWidget(self.plot, 1)
        row = QHBoxLayout()
        row.addWidget(self._said, 1)
        row.addWidget(self._across)
        column.addLayout(row)
        self.redraw(store.state)

    def redraw(self, state: AppState) -> None:
        """Follow the segment of `state` through its newest network."""
        if state.segment is None:
            self._walk, self._words, self._asked = None, HINT, ()
        elif state.snapshot is not None and self.isVisible() and (state.snapshot, state.segment) != self._asked:
            self._asked = (state.snapshot, state.segment)
            self._shop.ask(Request(state.snapshot.network, state.segment))
        self._show()

    def _show(self) -> None:
        state = self._store.state
        self.plot.show_chart(WalkChart(self._walk, self._words, self._at, state.selected, PALETTES[state.theme]))
        self._said.setText(self._say())

    def _say(self) -> str:
        followed = self._walk
        if followed is None:
            return "" if self._words == HINT else self._words
        if not followed.crossings and len(followed.slopes) > 1:
            return SMOOTH
        if self._at is None:
            return say_walk(followed)
        return say_place(followed, self._at)

    def _take(self, result: Walk | str) -> None:
        self._walk, self._words = (result, "") if isinstance(result, Walk) else (None, result)
        if self._store.state.segment is None:
            self._walk, self._words = None, HINT
        self._show()

    def _fail(self, error: Exception) -> None:
        self._store.say(f"The line walk failed: {error}", "error")

    def _point(self, at: float | None) -> None:
        self._at = at
        segment = self._store.state.segment
        if at is not None and segment is not None:
            x0, y0, x1, y1 = segment
            self._store.update(probe=(x0 + at * (x1 - x0), y0 + at * (y1 - y0)))
        elif at is None:
            self._store.update(probe=None)
        self._show()

    def _pick(self, unit: tuple[int, int]) -> None:
        self._store.set(select_unit(self._store.state, unit))

    def _lay_across(self) -> None:
        self._store.update(segment=first_segment(self._store.state))


def follow(request: Request) -> Walk | str:
    """Walk, or return in words why not."""
    from reluviz.core.sampled_walk import sample_walk

    start, end = np.array(request.segment[:2]), np.array(request.segment[2:])
    try:
        if request.network.first_smooth is not None:
            return sample_walk(request.network, start, end)
        return walk(request.network, start, end)
    except InputError as error:
        return str(error)


def say_place(followed: Walk, at: float) -> str:
    """Return f and its slope at a place (0..1), and the unit whose line is nearest, in words."""
    value = followed.value(np.array([at]))[0]
    piece = int(np.clip(np.searchsorted(followed.positions, at, side="left") - 1, 0, len(followed.slopes) - 1))
    numbers = ", ".join(f"{v:.4g}" for v in value[:4])
    slopes = ", ".join(f"{v:.4g}" for v in followed.slopes[piece][:4])
    said = f"At {at * followed.length:.3g}: f = {numbers}, slope {slopes}"
    if followed.crossings:
        nearest = min(followed.crossings, key=lambda crossing: abs(crossing.position - at))
        away = abs(nearest.position - at) * followed.length
        said += f"; nearest bent line: layer {nearest.layer + 1}, unit {nearest.unit + 1}, {away:.2g} away"
    return f"{said.replace('-', chr(0x2212))}."
