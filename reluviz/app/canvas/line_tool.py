"""LineTool: bent lines under the hand; weights change, and everything follows."""

import math
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, QTimer

from reluviz.app.canvas.line_item import HANDLE, LineItem
from reluviz.app.canvas.tools import Point, Tool, Touch, next_stroke
from reluviz.app.reading import region_at
from reluviz.app.selection import select_unit
from reluviz.app.state import AppState, Message, edit_weights
from reluviz.app.store import Store
from reluviz.core.edit_weights import bend_through, foot_on_line, turn_line
from reluviz.core.errors import InputError
from reluviz.core.network import Network
from reluviz.core.palette import PALETTES

if TYPE_CHECKING:
    from reluviz.app.canvas.widget import CanvasWidget
    from reluviz.core.pick import Grip

REACH = 9.0  # Logical pixels within which a line is grabbed.
INSET = 0.12  # Handles stand this share of a line's length from its ends.
EDIT_MS = 8  # Least time between two edits: mice report up to 1,000 times a second.
LATE_MS = 50  # Longest time that an edit waits for the picture of the one before.
FIXED = "The direction of a Walsh-Hadamard layer's lines is fixed: it moves with its bias, and cannot be turned."
DEEPER = "A line of a deeper layer is bent by those before it: it moves with its bias, and cannot be turned."


class LineTool(Tool):
    """Drag a line to move it; with Shift, or by a handle, a first-layer line turns."""

    cursor = Qt.CursorShape.PointingHandCursor

    def __init__(self, canvas: "CanvasWidget", store: Store) -> None:
        super().__init__(canvas, store)
        self._item = LineItem(canvas.box)
        self._lit: Grip | None = None
        self._grip: Grip | None = None
        self._pivot: Point | None = None
        self._last: Point = (0.0, 0.0)
        self._offset: Point = (0.0, 0.0)
        self._wanted: Point | None = None
        self._pause = QTimer(canvas)
        self._pause.setSingleShot(True)
        self._pause.setTimerType(Qt.TimerType.PreciseTimer)
        self._pause.timeout.connect(self._apply)
        self._edited, self._edited_at = -1, 0.0

    def hover(self, touch: Touch) -> None:
        """Light the line that a press would take."""
        state = self.store.state
        self._item.set_palette(PALETTES[state.theme])
        self._lit = grip = self._find(touch)
        if grip is None:
            self._item.show_line(None)
            return
        self._item.show_line(*self._drawn(state, grip))

    def leave(self) -> None:
        """Light nothing, and hold nothing."""
        if self._grip is not None:  # Another tool was chosen in the midst of a stroke.
            self._let_go()
        self._lit = None
        self._item.show_line(None)

    def press(self, touch: Touch) -> bool:
        """Take the line under the mouse."""
        state = self.store.state
        grip = self._find(touch)
        if grip is None or state.snapshot is None:
            return False
        self._grip, self._last, self._wanted = grip, touch.point, None
        self._offset = (touch.point[0] - grip.place[0], touch.point[1] - grip.place[1])
        self._pivot = None
        if touch.shift or self._handle_at(state, grip, touch):
            if grip.layer == 0 and state.snapshot.network.filters[0] is not None:
                self.store.say(FIXED)
            elif grip.layer == 0:
                self._pivot = self._middle(state, grip)
            else:
                self.store.say(DEEPER)
        self._item.show_line(None)  # The picture itself lights the selected unit's line, at the moment it shows.
        self.store.apply(select_unit, unit=(grip.layer, grip.unit))
        self.store.update(stroke=next_stroke())
        self.store.accompany(self._go_on)
        return True

    def drag(self, touch: Touch) -> None:
        """Let the line follow the mouse."""
        self._wanted = touch.point
        if not self._pause.isActive():
            self._apply()

    def release(self, touch: Touch) -> None:
        """Make the last move and let go."""
        self._wanted = touch.point if touch.point != self._last else None
        self._apply()
        held = self._grip is not None
        self._let_go()
        sentence = outside_sentence(self.store.state) if held else ""
        if sentence:
            self.store.say(sentence)
        self.hover(touch)

    def _let_go(self) -> None:
        self._pause.stop()
        self._grip = None
        self.store.accompany(None)
        self.store.update(stroke=0)

    def _go_on(self, old: AppState, new: AppState) -> AppState:
        """Make the next edit where the picture of the one before is there, as one change with it.

        Edits that were made faster than drawn took the window's thread from showing them. For one that is made after
        the paint the drawing thread waited 6 ms of 16.
        """
        picture = new.picture
        if picture is old.picture or picture is None or not self._pause.isActive():
            return new
        if picture.snapshot.run < self._edited:
            return new
        early = round(EDIT_MS - 1000 * (time.monotonic() - self._edited_at))
        if early > 0:
            self._pause.start(early)
            return new
        self._pause.stop()
        return self._bent(new)

    def _apply(self) -> None:
        self.store.apply(self._bent)

    def _bent(self, state: AppState) -> AppState:
        """Return the state with the line at the place that is wanted last."""
        if self._wanted is None or self._grip is None or state.snapshot is None:
            return state
        point, self._wanted = self._wanted, None
        try:
            state = edit_weights(state, self._moved(state.snapshot.network, self._grip, point))
        except InputError as error:
            state = replace(state, message=Message(str(error), "warning"))
        self._last, self._edited, self._edited_at = point, state.run, time.monotonic()
        self._pause.start(LATE_MS)
        return state

    def _moved(self, network: Network, grip: "Grip", point: Point) -> Network:
        if self._pivot is not None:
            pivot = foot_on_line(network, grip.unit, self._pivot, grip.breakpoint)
            return turn_line(network, grip.unit, pivot, self._last, point)
        target = (point[0] - self._offset[0], point[1] - self._offset[1])
        return bend_through(network, grip.layer, grip.unit, target, grip.breakpoint)

    def _find(self, touch: Touch) -> "Grip | None":
        from reluviz.core.pick import nearest_curve, nearest_line  # Loads numba: not at start-up.

        picture = self.store.state.picture
        if picture is None or picture.partition is None:
            return None
        network = picture.snapshot.network
        lit = self._lit
        if (
            lit is not None
            and lit.layer == 0
            and network.hidden
            and lit.unit < network.hidden[0]
            and self._handle_at(self.store.state, lit, touch)
        ):
            return lit
        if network.first_smooth is not None:
            grip = nearest_curve(network, touch.point)
        else:
            region = region_at(picture, touch.point)
            grip = nearest_line(picture.partition, region, touch.point) if region >= 0 else None
        return grip if grip is not None and grip.distance <= REACH * touch.pixel else None

    def _drawn(self, state: AppState, grip: "Grip") -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the line's segments (S, 4) in view and its handles (H, 2)."""
        from reluviz.core.pick import curve_in, first_line_in, unit_segments

        none, picture = np.zeros((0, 2)), state.picture
        if picture is None or picture.partition is None:
            return np.zeros((0, 4)), none
        network = picture.snapshot.network
        if grip.layer == 0:
            line = first_line_in(network, grip.unit, state.view.bounds, grip.breakpoint)
            return line, handles_of(line) if network.filters[0] is None else none
        if network.first_smooth is not None:
            return curve_in(network, grip.layer, grip.unit, state.view.bounds, grip.breakpoint), none
        return unit_segments(picture.partition, grip.layer, grip.unit), none

    def _handle_at(self, state: AppState, grip: "Grip", touch: Touch) -> bool:
        if grip.layer != 0:
            return False
        handles = self._drawn(state, grip)[1]
        return any(math.dist(handle, touch.point) <= (HANDLE + 3) * touch.pixel for handle in handles.tolist())

    def _middle(self, state: AppState, grip: "Grip") -> Point:
        line = self._drawn(state, grip)[0]
        if not len(line):
            return grip.place
        x0, y0, x1, y1 = line[0].tolist()
        return (x0 + x1) / 2, (y0 + y1) / 2


def handles_of(line: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return where a straight line (1, 4) can be turned: (2, 2), a little in from its ends; none of no line."""
    if not len(line):
        return np.zeros((0, 2))
    start, end = line[0, :2], line[0, 2:]
    return np.stack([start + INSET * (end - start), end + INSET * (start - end)])


def outside_sentence(state: AppState) -> str:
    """Return in words that the selected unit's line cannot be seen, "" where it can or nothing is selected."""
    picture, unit = state.picture, state.selected
    if picture is None or picture.partition is None or picture.partition.count == 0 or unit is None:
        return ""
    partition = picture.partition
    if ((partition.edge_layers == unit[0]) & (partition.edge_units == unit[1])).any():
        return ""
    if unit[0] == 0:
        return f"The line of unit {unit[1] + 1} of layer 1 lies outside the view: zoom out to find it."
    return f"Unit {unit[1] + 1} of layer {unit[0] + 1} bends nowhere in view: it is on, or off, everywhere."
