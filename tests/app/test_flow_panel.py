"""The gradient flow panel: scales, bars, units, the map over time, findings and what they point at."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor

from reluviz.app.forms import SettingsColumn
from reluviz.app.panels.flow import (
    HEALTHY,
    FlowPanel,
    found_in,
    layer_bars,
    layer_map,
    layer_titles,
    say_findings,
    scale_of,
)
from reluviz.app.panels.flow_bars import FlowBars, LayerBars, _Rows, unit_pixels
from reluviz.app.panels.flow_map import FlowMap, LayerMap, map_pixels
from reluviz.app.panels.flow_scale import FlowScale, fit_scale
from reluviz.app.received import begin_run, take_snapshot
from reluviz.app.state import AppState, take_experiment
from reluviz.app.store import Store
from reluviz.core.experiment import Experiment
from reluviz.core.flow_quantities import QUANTITIES
from reluviz.core.luts import value_lut
from reluviz.core.palette import PALETTES
from tests.flowing import flowing


def state_of(**settings):
    return begin_run(take_experiment(AppState(run=1), Experiment(**({"hidden": (6, 5), "points": 80} | settings))))


def flown(state, steps=(20, 40)):
    for step in steps:
        state = take_snapshot(state, flowing(state.experiment, step, run=state.run))
    return state


# --- scales ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [([0.002, 0.5], 1e-3, 1.0), ([3.0], 1e-2, 10.0), ([2e-9, 0.3, np.nan, 0.0], 1e-9, 1.0), ([1e-40, 1.0], 1e-14, 1.0)],
)
def test_scales_hold_their_values_in_whole_decades(values, low, high):
    scale = fit_scale(np.array(values), False)
    assert (scale.low, scale.high) == pytest.approx((low, high))
    levels = scale.level(np.array([v for v in values if v > 0]))
    assert ((levels >= 0) & (levels <= 1)).all()
    assert all(scale.low <= tick * 1.0001 and tick <= scale.high * 1.0001 for tick in scale.ticks(5))


def test_scales_without_anything_and_of_shares():
    assert fit_scale(np.array([0.0, np.nan]), False) == FlowScale()
    share = fit_scale(np.array([0.3]), True)
    assert share.level(np.array([0.0, 0.25, 1.0])).tolist() == [0, 0.25, 1]
    assert share.say(0.254) == "25 %"
    assert FlowScale().say(2e-7) == "2e-7"
    assert FlowScale().say(0.0) == "0"
    assert FlowScale().say(np.nan) == "\N{EN DASH}"


# --- what is shown ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_bars_and_map_show_the_flow(quantity):
    state = replace(flown(state_of()), flow_quantity=quantity)
    scale = scale_of(state)
    bars = layer_bars(state, scale, ())
    wanted = QUANTITIES[quantity].read(state.flow)
    assert bars.values[: len(wanted)].tolist() == wanted.tolist()
    assert np.isnan(bars.values[len(wanted) :]).all()
    assert bars.names == ("1", "2", "out")
    assert bars.hidden == (6, 5)
    shown = layer_map(state, scale)
    assert shown.steps.tolist() == [20, 40]
    assert np.array_equal(shown.table[-1], bars.values, equal_nan=True)


def test_map_columns_show_the_newest_moment_before_them():
    table = np.array([[1e-3, 1.0], [1.0, np.nan], [0.0, 1.0]])
    shown = LayerMap(np.array([0, 10, 90]), table, ("1", "out"), FlowScale(1e-3, 1.0), -1, PALETTES["dark"])
    pixels = map_pixels(shown, 90)
    lut = value_lut("dark")
    assert (pixels[0, :10] == lut[0]).all()
    assert (pixels[0, 10:] == lut[-1]).all()
    assert (pixels[1, 10:] == QColor(PALETTES["dark"].raised).rgb()).all()
    still = map_pixels(replace(shown, steps=np.array([7]), table=table[2:]), 5)
    assert (still[0] == QColor(PALETTES["dark"].canvas).rgb()).all()


def test_units_are_coloured_by_their_signal_and_dead_ones_apart():
    bars = LayerBars(unit_signal=np.array([1.0, 1e-4, 0.0, 1e-2]), unit_dead=np.array([False, False, True, False]))
    pixels, lut = unit_pixels(bars, 0, 4), value_lut("dark")
    assert pixels[0] == lut[-1]
    assert pixels[1] == lut[0]
    assert pixels[2] == QColor(PALETTES["dark"].error).rgb()
    assert unit_pixels(bars, 3, 1)[0] == lut[round((len(lut) - 1) / 2)]


@pytest.mark.parametrize("hidden", [(6, 5), (256, 3), (1,), ()])
def test_a_click_finds_every_unit(qtbot, hidden):
    state = flown(state_of(hidden=hidden), (3,))
    widget = FlowBars()
    qtbot.addWidget(widget)
    widget.show_bars(layer_bars(state, scale_of(state), ()))
    widget.resize(210, widget.sizeHint().height())
    rows = _Rows(widget._bars, widget)
    for layer, width in enumerate(hidden):
        box, (columns, lines, cell) = rows.strip(layer), rows.grids[layer]
        assert box.right() <= 210
        for unit in range(width):
            row, column = divmod(unit, columns)
            point = QPointF(box.left() + (column + 0.5) * cell, box.top() + (row + 0.5) * box.height() / lines)
            assert rows.at(point) == (layer, unit)
        assert rows.at(rows.bar(layer).center()) == (layer, -1)
    assert rows.at(rows.bar(len(hidden)).center()) == (-1, -1)  # The readout has no bent line.
    assert not widget.grab().isNull()


# --- findings --------------------------------------------------------------------------------------------------------


def test_what_is_wrong_is_said_with_a_link_to_what_helps():
    state = flown(state_of(hidden=(8, 8, 8, 8, 8, 8), activation="sigmoid", optimizer="sgd"))
    found = found_in(state)
    assert "vanishing" in {finding.kind for finding in found}
    said = say_findings(found, state)
    assert found[0].sentence in said
    assert f"href='{found[0].control}'" in said
    well = flown(state_of(hidden=(16, 16)))
    assert found_in(well) == ()
    assert HEALTHY in say_findings((), well)
    assert say_findings((), state_of()) == "Gradient flow is shown once training has begun."


# --- the panel -------------------------------------------------------------------------------------------------------


@pytest.fixture
def panel(qtbot):
    store = Store(flown(state_of()))
    panel = FlowPanel(store)
    qtbot.addWidget(panel)
    panel.resize(240, 460)
    panel.show()
    yield panel, store
    store.close()


def test_before_training_it_says_so(qtbot):
    store = Store(state_of())
    panel = FlowPanel(store)
    qtbot.addWidget(panel)
    panel.show()
    assert "once training has begun" in panel._said.text()
    assert not panel._bars.isVisible()
    store.set(flown(store.state, (5,)))
    qtbot.waitUntil(panel._bars.isVisible)
    store.close()


def test_a_click_on_a_layer_or_unit_selects_it(panel, qtbot):
    widget, store = panel
    bars = widget._bars
    rows = _Rows(bars._bars, bars)
    columns, lines, cell = rows.grids[1]
    box = rows.strip(1)
    row, column = divmod(3, columns)
    point = QPoint(round(box.left() + (column + 0.5) * cell), round(box.top() + (row + 0.5) * box.height() / lines))
    qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=point)
    assert store.state.selected == (1, 3)
    assert (store.state.view.layer, store.state.view.unit) == (1, 3)
    qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=rows.bar(0).center().toPoint())
    assert store.state.selected is None
    assert (store.state.view.layer, store.state.view.unit) == (0, -1)
    widget.redraw(store.state)
    qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=rows.bar(0).center().toPoint())
    assert store.state.view.layer == -1  # A second click lets it go.
    shown = widget._map
    inside = shown._box()
    third = inside.height() / 3
    qtbot.mouseClick(
        shown, Qt.MouseButton.LeftButton, pos=QPoint(round(inside.center().x()), round(inside.top() + 1.5 * third))
    )
    assert store.state.view.layer == 1
    qtbot.mouseClick(
        shown, Qt.MouseButton.LeftButton, pos=QPoint(round(inside.center().x()), round(inside.top() + 2.5 * third))
    )
    assert store.state.view.layer == 1


def test_keys_move_the_pick(panel, qtbot):
    widget, store = panel
    for key, place in (
        (Qt.Key.Key_Down, (0, -1)),
        (Qt.Key.Key_Down, (1, -1)),
        (Qt.Key.Key_Right, (1, 0)),
        (Qt.Key.Key_Right, (1, 1)),
        (Qt.Key.Key_Up, (0, -1)),
    ):
        qtbot.keyClick(widget._bars, key)
        assert (store.state.view.layer, store.state.view.unit) == place
        widget.redraw(store.state)


def test_the_quantity_is_chosen(panel, qtbot):
    widget, store = panel
    box = widget.quantity.list
    box.activated.emit(box.findData("dead"))
    assert store.state.flow_quantity == "dead"
    qtbot.waitUntil(lambda: widget._bars._bars.scale.is_share)
    assert "∂L" not in box.toolTip()


def test_a_link_leads_to_the_control(qtbot, panel):
    widget, store = panel
    column = SettingsColumn(store)
    qtbot.addWidget(column)
    column.resize(260, 900)
    column.show()
    column.activateWindow()
    for name, section in (("learning_rate", "Training"), ("init_scale", "Network"), ("activation", "Network")):
        column.sections[section].fold(True)
        widget._said.linkActivated.emit(name)
        assert not column.sections[section].is_folded
        assert store.state.wanted_control == ""
        field = column.findChild(object, f"control_{name}")
        qtbot.waitUntil(
            lambda field=field: column.focusWidget() is not None and field.isAncestorOf(column.focusWidget())
        )


def test_names_of_layers():
    assert layer_titles(3) == ("1", "2", "out")
    assert layer_titles(1) == ("out",)
    assert FlowMap().sizeHint().height() > 0
