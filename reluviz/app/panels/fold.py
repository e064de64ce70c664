"""Fold panel: the square as a layer sees it, every region where the layer takes it."""

import math
import time
from collections.abc import Callable
from functools import partial
from typing import ClassVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QSpinBox, QVBoxLayout

from reluviz.app.panels.exact_picture import exact_picture
from reluviz.app.panels.fold_maker import FoldMaker, FoldRequest, Pixels
from reluviz.app.panels.live_panel import LivePanel
from reluviz.app.preferences.motion import jumps
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.app.widgets.choice import Choice
from reluviz.app.widgets.image_view import ImageView
from reluviz.app.widgets.tool_button import ToolButton
from reluviz.app.workshop import Workshop

STEPS = 100  # Slider steps from one layer to the next.
SECONDS_A_LAYER, REST = 1.6, 0.7  # Of the animation, and its rest on each layer.
FRAME_MS = 16
ZOOM_PER_NOTCH, CLOSEST = 1.16, 200.0
FILLED = 0.92  # The share of the picture's side that a whole fold fills.
AXES = (("principal", "Principal directions"), ("units", "Two units"))


class FoldPanel(LivePanel):
    """A slider from the input to the last hidden layer, and the folded plane at that depth."""

    watches: ClassVar[tuple[str, ...]] = ("picture", "dataset", "show_points", "show_test_points")

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._view = ImageView("Folded plane")
        self._view.setToolTip("Every region of the data's square where the layer takes it; wheel and drag look closer.")
        self._view.resized.connect(self._ask)
        self._view.wheeled.connect(self._zoom)
        self._view.dragged.connect(self._move)
        self.look = (0.0, 0.0, 1.0)
        maker = FoldMaker()
        self._workshop = Workshop(self, "reluviz-fold", maker.make, self._take, self._fail)
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setAccessibleName("Depth")
        self._slider.setToolTip("How deep the network has folded: from the input to its last hidden layer.")
        self._slider.setPageStep(STEPS)
        self._slider.setSingleStep(STEPS // 10)
        self._slider.valueChanged.connect(self._ask)
        self._play = ToolButton("play", "Fold", "Folds the plane layer by layer, and unfolds it again.")
        self._play.clicked.connect(self._toggle)
        self._depth = QLabel()
        self._axes = Choice()
        for name, label in AXES:
            self._axes.addItem(label, name)
        self._axes.setAccessibleName("Axes")
        self._axes.setToolTip(
            "Shows a layer by the two directions in which it spreads the data most, or by two of its units."
        )
        self._axes.activated.connect(self._ask)
        self._units = [self._make_unit(index) for index in range(2)]
        self._frames = QTimer(self)
        self._frames.setTimerType(Qt.TimerType.PreciseTimer)
        self._frames.setInterval(FRAME_MS)
        self._frames.timeout.connect(partial(self._advance, time.monotonic))
        self._since = self._from = 0.0
        top, bottom = QHBoxLayout(), QHBoxLayout()
        for widget, stretch in ((self._play, 0), (self._slider, 1), (self._depth, 0)):
            top.addWidget(widget, stretch)
        bottom.addWidget(self._axes, 1)
        for spin in self._units:
            bottom.addWidget(spin)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 4, 6, 6)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self._view, 1)
        column.addLayout(bottom)
        self.redraw(store.state)

    @property
    def layer_depth(self) -> float:
        """How deep the plane is folded: 0 the input, l the output of hidden layer l."""
        return self._slider.value() / STEPS

    def redraw(self, state: AppState) -> None:
        """Fold the newest picture."""
        layers = len(state.experiment.hidden)
        if self._slider.maximum() != layers * STEPS:
            fresh = self._slider.maximum() == 99  # Qt's own first maximum.
            self._slider.setMaximum(layers * STEPS)
            if fresh:
                self._slider.setValue(layers * STEPS)
        self._ask()

    def _make_unit(self, index: int) -> QSpinBox:
        spin = QSpinBox()
        spin.setAccessibleName(f"Unit {'across' if index == 0 else 'up'}")
        spin.setToolTip(
            f"The unit of the layer that is shown {'from left to right' if index == 0 else 'from below to above'}."
        )
        spin.setRange(1, 256)
        spin.setValue(index + 1)
        spin.valueChanged.connect(self._ask)
        return spin

    def _ask(self, *_: object) -> None:
        state = self._store.state
        layers = len(state.experiment.hidden)
        by_units = self._axes.currentData() == "units"
        widths = state.experiment.hidden
        for spin in self._units:
            spin.setVisible(by_units)
            if widths:
                spin.setMaximum(widths[min(max(0, math.ceil(self.layer_depth) - 1), layers - 1)])
        self._depth.setText(name_depth(self.layer_depth, layers))
        if not self.isVisible():
            return
        picture = exact_picture(state.picture)
        if isinstance(picture, str):
            self._view.show_sentence(picture)
            return
        shown = len(picture.partition.network.hidden)
        across, up = (spin.value() - 1 for spin in self._units)
        self._workshop.ask(
            FoldRequest(
                picture,
                min(self.layer_depth, shown),
                (across, up) if by_units else None,
                *self._view.pixel_size,
                state.dataset if state.show_points else None,
                state.show_test_points,
                state.view.line_width * state.pixel_ratio * 0.85,
                self.look,
            )
        )

    def _zoom(self, notches: float, x: float, y: float) -> None:
        """Come closer to the place under the mouse; at last the whole fold again."""
        at_x, at_y, zoom = self.look
        closer = min(CLOSEST, max(1.0, zoom * ZOOM_PER_NOTCH**notches))
        reach = (1 / zoom - 1 / closer) / FILLED
        self.look = (at_x + x * reach, at_y + y * reach, closer) if closer > 1.0 else (0.0, 0.0, 1.0)
        self._ask()

    def _move(self, dx: float, dy: float, _shift: bool) -> None:
        x, y, zoom = self.look
        unit = 1.0 / (FILLED * zoom * max(1, min(self._view.width(), self._view.height())) / 2)
        self.look = (x - dx * unit, y + dy * unit, zoom)
        self._ask()

    def _take(self, result: Pixels | str) -> None:
        if isinstance(result, str):
            self._view.show_sentence(result)
        elif not isinstance(exact_picture(self._store.state.picture), str):
            self._view.show_image(result)

    def _fail(self, error: Exception) -> None:
        self._view.show_sentence(f"The fold cannot be drawn: {error}")

    def _toggle(self) -> None:
        if self._frames.isActive():
            self._stop()
            return
        self._since = time.monotonic()
        layers = len(self._store.state.experiment.hidden)
        self._from = 0.0 if self.layer_depth >= layers else self.layer_depth
        self._frames.start()
        self._play.set_icon("pause")

    def _stop(self) -> None:
        self._frames.stop()
        self._play.set_icon("play")

    def _advance(self, clock: Callable[[], float]) -> None:
        layers = len(self._store.state.experiment.hidden)
        if not self.isVisible() or layers == 0:
            self._stop()
            return
        depth = swing(clock() - self._since, self._from, layers)
        self._slider.setValue(STEPS * round(depth) if jumps(self._store.state) else round(STEPS * depth))


def swing(seconds: float, start: float, layers: int) -> float:
    """Return the depth after so many seconds: down to the last layer and back, resting on each."""
    period = SECONDS_A_LAYER + REST
    whole, part = divmod(seconds + start * period, period)
    walked = whole + min(1.0, part / SECONDS_A_LAYER)
    there = walked % (2 * layers)
    return there if there <= layers else 2 * layers - there


def name_depth(depth: float, layers: int) -> str:
    """Return a depth in words."""
    if depth == 0:
        return "input"
    if depth == int(depth):
        return f"layer {int(depth)} of {layers}"
    below = "input" if depth < 1 else str(int(depth))
    return f"{below} → {int(depth) + 1}"
