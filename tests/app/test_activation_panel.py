"""The activation panel: curves, histogram, shares, composing."""

import math
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from reluviz.app.layer_reading import activation_of, layer_of, look, say_response, say_states
from reluviz.app.panels.activation import (
    ActivationPanel,
    compose_chart,
    composed_name,
    layer_names,
    live_chart,
    say_composed,
    say_reading,
)
from reluviz.app.received import begin_run, take_snapshot
from reluviz.app.state import AppState, take_experiment
from reluviz.app.store import Store
from reluviz.core.activations import ACTIVATIONS
from reluviz.core.experiment import Experiment
from reluviz.core.formula import formula_curve
from reluviz.core.response import compose
from tests.flowing import flowing


def state_of(**settings):
    return begin_run(take_experiment(AppState(run=1), Experiment(**({"hidden": (6, 5)} | settings))))


def curve_of(name):
    return ACTIVATIONS[name].curve(ACTIVATIONS[name].default)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("sigmoid", "|φ′| is at most 0.25, above 0.0625 inside |z| < 2.634."),
        ("tanh", "|φ′| is at most 1, above 0.25 inside |z| < 1.317."),
        ("relu", "|φ′| is at most 1, above 0.25 where z > 0."),
        ("abs", "|φ′| is at most 1, and nowhere below a quarter of that."),
        ("step", "φ′ is 0 wherever it exists: no gradient passes."),
        ("relu6", "|φ′| is at most 1, above 0.25 for 0 < z < 6."),
    ],
)
def test_bounds_are_read_off_the_curve(name, said):
    assert say_response(curve_of(name)) == said


def test_a_curve_that_repeats_is_steep_in_many_places():
    assert "places within ±30" in say_response(curve_of("sin"))
    assert "where z < 0" in say_response(formula_curve("min(z, 0)"))


def test_the_chart_shows_the_curve_over_what_the_units_see():
    state = state_of(activation="tanh")
    seen = look(state, 0)
    chart = live_chart(curve_of("tanh"), seen, state)
    assert chart.value == pytest.approx(np.tanh(chart.z))
    assert chart.slope == pytest.approx(1 - np.tanh(chart.z) ** 2)
    assert chart.marks == pytest.approx((-1.3169578969, 1.3169578969))
    assert chart.top == (1.0, "φ′ ≤ 1")
    assert chart.bars is seen.counts
    assert chart.z[0] <= -4
    assert chart.z[-1] >= 4


def test_the_engines_figures_are_taken_once_they_are_there():
    state = state_of(points=80)
    ours = look(state, 1)
    snapshot = flowing(state.experiment, 40)
    state = take_snapshot(state, replace(snapshot, run=state.run))
    told = look(state, 1)
    assert told.counts.sum() != 0
    assert told.counts.tolist() == snapshot.flow.histogram[1].tolist()
    assert ours.counts.tolist() != told.counts.tolist()
    between = take_snapshot(state, replace(snapshot, run=state.run, step=41, flow=None))
    assert between.flow is snapshot.flow  # The newest one holds until the next.
    assert f"{told.responsive} of 5 units responsive" in say_states(told)


@pytest.mark.parametrize("times", [1, 2, 7, 20])
@pytest.mark.parametrize("name", ["sigmoid", "relu", "sin"])
def test_composing_is_the_chain_rule(name, times):
    state = replace(state_of(), compositions=times)
    chart = compose_chart(curve_of(name), state)
    value, slope = compose(curve_of(name), times, chart.z)
    assert np.array_equal(chart.value, value)
    assert np.array_equal(chart.slope, slope)
    assert f"{np.abs(slope).max():.3g}".replace("-", "\N{MINUS SIGN}") in say_composed(chart, times)


def test_composing_what_overflows_is_said_not_crashed():
    chart = compose_chart(formula_curve("9 + z*z"), replace(state_of(), compositions=20))
    assert say_composed(chart, 20)
    assert math.isfinite(chart.low)
    assert composed_name(1) == "φ"
    assert composed_name(12) == "φ¹²"


def test_values_under_the_mouse():
    curve = curve_of("sigmoid")
    assert say_reading(curve, 0, math.nan, None) == "Point at the curve to read it."
    assert say_reading(curve, 0, 0.0, None) == "z = 0: φ = 0.5, slope 0.25"
    assert say_reading(curve, 2, 0.0, None) == "z = 0: φ² = 0.622, slope 0.0588"
    state = state_of()
    seen = look(state, 0)
    assert "100 % of the units' z lie below" in say_reading(curve, 0, seen.high + 1, seen)


@pytest.fixture
def panel(qtbot):
    store = Store(state_of(activation=("tanh", "relu")))
    panel = ActivationPanel(store)
    qtbot.addWidget(panel)
    panel.resize(260, 420)
    panel.show()
    yield panel, store
    store.close()


def test_the_layer_is_the_one_that_is_looked_at(panel, qtbot):
    widget, store = panel
    assert layer_names(store.state) == {"0": "Layer 1: 6 × Tanh", "1": "Layer 2: 5 × ReLU"}
    assert "z| < 1.317" in widget._bounds.text()
    widget.layer.list.activated.emit(1)
    assert (store.state.view.layer, layer_of(store.state)) == (1, 1)
    qtbot.waitUntil(lambda: "z > 0" in widget._bounds.text())
    assert activation_of(store.state, 1)[0].name == "relu"


def test_tabs_and_slider_compose(panel, qtbot):
    widget, store = panel
    widget.tabs.setCurrentIndex(1)
    assert store.state.compositions == 3
    qtbot.waitUntil(widget.times.isVisible)
    widget.times.edited.emit({"times": 7})
    assert store.state.compositions == 7
    widget.times.edited.emit({"times": 99})
    assert store.state.compositions == 7
    qtbot.waitUntil(lambda: "7 activations in a row" in widget._bounds.text())
    assert not widget._bar.isVisible()
    widget.tabs.setCurrentIndex(0)
    assert store.state.compositions == 0
    qtbot.waitUntil(widget._bar.isVisible)
    assert "responsive" in widget._bar.accessibleDescription()


def test_the_mouse_reads_the_curve(panel, qtbot):
    widget, _ = panel
    plot = widget._plot
    qtbot.mouseMove(plot, QPoint(plot.width() // 2, plot.height() // 2))
    qtbot.waitUntil(lambda: widget._reading.text().startswith("z = "))
    assert "units' z lie below" in widget._reading.text()


def test_without_hidden_layers_it_says_so(panel, qtbot):
    widget, store = panel
    assert store.edit(hidden=(), activation=("tanh",))
    store.set(begin_run(store.state))
    qtbot.waitUntil(lambda: not widget._plot.isVisible())
    assert "no activation" in widget._shares.text()
    assert layer_of(store.state) == -1


def test_tabs_are_reached_by_the_keyboard(panel, qtbot):
    widget, store = panel
    widget.tabs.setFocus()
    qtbot.keyClick(widget.tabs, Qt.Key.Key_Right)
    assert store.state.compositions == 3
