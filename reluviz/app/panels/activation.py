"""Activation panel: a layer's activation and its slope over what its units see, and what composing it does."""

import math
from dataclasses import replace
from functools import partial
from typing import ClassVar

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QTabBar, QVBoxLayout

from reluviz.app.layer_reading import activation_of, layer_of, look, say_response, say_states
from reluviz.app.panels.curve_plot import CurveChart, CurvePlot, Float
from reluviz.app.panels.live_panel import LivePanel
from reluviz.app.panels.share_bar import Part, ShareBar
from reluviz.app.smooth_choices import change_layer, layer_choices, read_layer
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.app.widgets.choice_field import ChoiceField
from reluviz.app.widgets.number_field import NumberField
from reluviz.app.widgets.scale import Scale
from reluviz.core.activations import Curve
from reluviz.core.layer_look import LayerLook
from reluviz.core.palette import PALETTES
from reluviz.core.response import compose, respond

SAMPLES = 601
MOST_TIMES, FIRST_TIMES = 20, 3
REACH = 4.0  # At least so far on both sides of 0.
MOST_REACH = 12.0  # At most: further out a histogram would leave the curve a corner.
NO_LAYER = "A network without hidden layers has no activation."


class ActivationPanel(LivePanel):
    """The curve of the layer that is looked at over its histogram, or the same curve composed with itself."""

    watches: ClassVar[tuple[str, ...]] = ("experiment", "flow", "view", "snapshot", "compositions", "dataset")

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._z = math.nan
        self.tabs = QTabBar()
        self.tabs.setAccessibleName("What is shown of the activation")
        self.tabs.addTab("Live")
        self.tabs.addTab("Compose")
        self.tabs.setTabToolTip(0, "The activation over what the layer's units see on the training points.")
        self.tabs.setTabToolTip(1, "The activation applied to itself again and again, as through a deep network.")
        self.tabs.setDrawBase(False)
        self.tabs.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.tabs.currentChanged.connect(self._turn)
        self.layer = ChoiceField("layer", "Layer", "The hidden layer whose activation is shown.", {})
        self.layer.edited.connect(self._choose_layer)
        self.times = NumberField(
            "times",
            "Times composed",
            "How often the activation is applied to itself, 1 to 20.",
            Scale(1, MOST_TIMES, whole=True),
            True,
            digits=3,
        )
        self.times.edited.connect(self._choose_times)
        self._plot = CurvePlot("Activation and its slope")
        self._plot.pointed.connect(self._point)
        self._reading, self._shares, self._bounds = QLabel(), QLabel(), QLabel()
        self._bar = ShareBar("Responsive, saturated and dead units")
        self._bar.setToolTip(HELP)
        for label, name in (
            (self._reading, "Values under the mouse"),
            (self._shares, "Units that pass a gradient"),
            (self._bounds, "Bounds of the slope"),
        ):
            label.setAccessibleName(name)
            label.setWordWrap(True)
        self._shares.setToolTip(HELP)
        self._bounds.setObjectName("fieldLabel")
        top = QHBoxLayout()
        top.addWidget(self.tabs)
        top.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 2, 8, 6)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self.layer)
        column.addWidget(self.times)
        column.addWidget(self._plot, 1)
        for widget in (self._reading, self._bar, self._shares, self._bounds):
            column.addWidget(widget)
        self.redraw(store.state)

    def redraw(self, state: AppState) -> None:
        """Show `state`'s layer."""
        composes = state.compositions > 0
        self.tabs.setCurrentIndex(1 if composes else 0)
        self.layer.set_choices(layer_names(state))
        self.layer.show_value(read_layer(state))
        self.layer.setVisible(len(state.experiment.hidden) > 1)
        self.times.setVisible(composes)
        self.times.show_value(max(1, state.compositions))
        layer = layer_of(state)
        shown = activation_of(state, layer)
        for widget in (self._plot, self._reading, self._bounds):
            widget.setVisible(shown is not None)
        seen = look(state, layer)
        self._bar.setVisible(shown is not None and not composes and seen is not None)
        self._shares.setVisible(shown is None or not composes)
        if shown is None:
            self._shares.setText(NO_LAYER)
            return
        curve = shown[2]
        chart = compose_chart(curve, state) if composes else live_chart(curve, seen, state)
        self._plot.show_chart(chart)
        self._plot.setAccessibleDescription(f"{shown[0].label}, {shown[0].formula}. {say_response(curve)}")
        self._reading.setText(say_reading(curve, state.compositions, self._z, seen))
        self._shares.setText(say_states(seen))
        self._bounds.setText(say_composed(chart, state.compositions) if composes else say_response(curve))
        if seen is not None:
            self._bar.show_parts(state_parts(seen, state.theme))

    def _point(self, z: float) -> None:
        self._z = z
        self.redraw(self._store.state)

    def _turn(self, index: int) -> None:
        composes = self._store.state.compositions > 0
        if (index == 1) != composes:
            self._store.update(compositions=FIRST_TIMES if index == 1 else 0)

    def _choose_layer(self, changes: dict[str, str]) -> None:
        self._store.apply(partial(change_layer, layer=changes["layer"]))

    def _choose_times(self, changes: dict[str, object]) -> None:
        times = changes["times"]
        if isinstance(times, int) and 1 <= times <= MOST_TIMES:
            self._store.update(compositions=times)
        self.times.show_value(self._store.state.compositions)


def layer_names(state: AppState) -> dict[str, str]:
    """Return the hidden layers with their units and activations."""
    rows = state.experiment.layer_activations
    widths = state.experiment.hidden
    return {
        key: f"{label}: {widths[int(key)]} × {rows[int(key)][0].label}" for key, label in layer_choices(state).items()
    }


HELP = (
    "Dead: the slope is 0 on every training point looked at, so no gradient ever passes. Saturated: on fewer than 5 %"
    " of them is the slope at least a quarter of its largest. Responsive: neither."
)


def live_chart(curve: Curve, seen: LayerLook | None, state: AppState) -> CurveChart:
    """Return the curve and its slope over the histogram of what the layer's units see."""
    low, high = (-REACH, REACH) if seen is None else (min(-REACH, seen.low), max(REACH, seen.high))
    z = np.linspace(max(low, -MOST_REACH), min(high, MOST_REACH), SAMPLES)
    answer = respond(curve)
    marks = tuple(level for level in answer.levels if z[0] < level < z[-1])
    top = (answer.steepest, f"φ′ ≤ {answer.steepest:.4g}") if answer.steepest > 0 else None
    chart = _framed("φ", z, curve.value(z), curve.derivative(z), state)
    chart = replace(chart, marks=marks, bands=answer.intervals, top=top)
    return chart if seen is None else replace(chart, bars=seen.counts, bar_range=(seen.low, seen.high))


def compose_chart(curve: Curve, state: AppState) -> CurveChart:
    """Return the curve composed with itself, and its slope by the chain rule."""
    z = np.linspace(-REACH, REACH, SAMPLES)
    with np.errstate(all="ignore"):
        value, slope = compose(curve, state.compositions, z)
    return _framed(composed_name(state.compositions), z, value, slope, state)


def composed_name(times: int) -> str:
    """Return φ with its number of times, as it is written."""
    digits = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
    return "φ" + (str(times).translate(digits) if times > 1 else "")


def _framed(name: str, z: Float, value: Float, slope: Float, state: AppState) -> CurveChart:
    """Return a chart whose value axis fits both curves, as far as they stay within reason."""
    both = np.concatenate([value, slope])
    both = both[np.isfinite(both) & (np.abs(both) <= 2 * MOST_REACH)]
    low, high = (float(both.min()), float(both.max())) if len(both) else (-1.0, 1.0)
    low, high = min(low, 0.0), max(high, 0.0)
    room = 0.07 * (high - low) or 0.5
    return CurveChart(name, z, value, slope, low - room, high + room, palette=PALETTES[state.theme])


def say_reading(curve: Curve, times: int, z: float, seen: LayerLook | None) -> str:
    """Return the values at z in words, or where to find them."""
    if math.isnan(z):
        return "Point at the curve to read it."
    with np.errstate(all="ignore"):
        value, slope = (float(part) for part in compose(curve, max(1, times), np.array(z)))
    said = f"z = {_number(z)}: {composed_name(times)} = {_number(value)}, slope {_number(slope)}"
    below = seen.share_below(z) if seen is not None and times == 0 else math.nan
    return said if math.isnan(below) else f"{said}; {100 * below:.0f} % of the units' z lie below."


def say_composed(chart: CurveChart, times: int) -> str:
    """Return what is left of a slope after so many activations."""
    known = np.abs(chart.slope[np.isfinite(chart.slope)])
    if not len(known):
        return "The values overflow."
    passed = f"{times} activations in a row" if times > 1 else "One activation"
    return (
        f"{passed} multiply a gradient by at most {_number(float(known.max()))},"
        f" typically {_number(float(np.median(known)))}, for z from −4 to 4."
    )


def state_parts(seen: LayerLook, theme: str) -> tuple[Part, ...]:
    """Return the units by state, as parts of a bar."""
    palette = PALETTES[theme]
    return (
        Part("responsive", seen.responsive, palette.accent),
        Part("saturated", seen.saturated, palette.warning),
        Part("dead", seen.dead, palette.error),
    )


def _number(value: float) -> str:
    return f"{value:.3g}".replace("-", "\N{MINUS SIGN}")
