import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from reluviz.app.panels.switch_view import lamp_levels, place_lamps, say_lamp
from reluviz.app.panels.switchboard import Reading, Request, SwitchboardPanel, read, say_edge, say_reading
from reluviz.app.selection import MOST_PINS, pin_point, read_pin
from reluviz.app.theme import apply_theme, load_fonts
from reluviz.core.switchboard import read_switches
from tests.app.inside import drawn_store, shown


@pytest.fixture
def make(qtbot):
    def make(point=(0.2, 0.1), **settings):
        store = drawn_store(**settings)
        store.set(pin_point(store.state, point))
        panel = shown(qtbot, SwitchboardPanel(store), 320, 640)
        qtbot.waitUntil(lambda: isinstance(panel._reading, Reading), timeout=60_000)
        return store, panel

    return make


def plain(text):
    return text.replace("\N{MINUS SIGN}", "-")


def test_the_whole_network_is_one_sum_with_its_numbers(make):
    store, panel = make()
    network, x = store.state.snapshot.network, np.array([0.2, 0.1])
    gradient, constant = network.affine_map(x)
    said = plain(panel.words.text())
    (a, b), c = gradient[0], constant[0]
    assert f"f = {a:.4g} x {'+' if b >= 0 else '-'} {abs(b):.4g} y {'+' if c >= 0 else '-'} {abs(c):.4g}" in said
    assert f"<b>{network.forward(x[None])[0, 0]:.4g}</b>" in said
    assert "equals the network" in said
    on = np.count_nonzero(network.pattern(x[None])[0, :6])
    assert f"Layer 1, {on} of 6 on" in said


def test_the_nearest_edge_names_its_unit_and_the_way_it_switches(make):
    store, panel = make()
    reading = panel._reading
    layer, unit = reading.edge.units[0]
    network = store.state.snapshot.network
    column = layer * 6 + unit
    step = np.array(reading.edge.point) - reading.board.x
    beyond = reading.board.x + step * (1 + 1e-6)
    here, there = network.pattern(np.stack([reading.board.x, beyond]))[:, column]
    assert here != there
    assert f"layer {layer + 1}, unit {unit + 1} ({'on' if there > here else 'off'})" in say_edge(reading)
    assert plain(f"{np.hypot(*step):.4g}") in plain(say_edge(reading))


def test_tabs_of_all_pins_have_room_beside_a_projector_s_canvas(make, qtbot, qapp):
    store, panel = make()
    load_fonts()
    apply_theme(qapp, "projector", 1.25)
    for pin in range(MOST_PINS):
        store.set(pin_point(store.state, (0.1 * pin, 0.3)))
    panel.redraw(store.state)
    panel.resize(240, 640)
    qtbot.wait(20)
    assert panel.tabs.count() == 1 + MOST_PINS
    assert panel.width() == 240
    assert panel.tabs.sizeHint().width() <= panel.tabs.width()
    assert panel.tabs.accessibleTabName(MOST_PINS) == f"Pin {MOST_PINS}"
    apply_theme(qapp, "dark", 1.0)


def test_tabs_choose_between_mouse_and_pins(make, qtbot):
    store, panel = make()
    store.set(pin_point(store.state, (-0.4, 0.3)))
    panel.redraw(store.state)
    assert [panel.tabs.tabText(i) for i in range(panel.tabs.count())] == ["Mouse", "1", "2"]
    assert panel.tabs.currentIndex() == 2
    panel.tabs.setCurrentIndex(1)
    assert store.state.pin == 0
    qtbot.waitUntil(lambda: np.array_equal(panel._reading.board.x, [0.2, 0.1]))
    qtbot.mouseClick(panel._clear, Qt.MouseButton.LeftButton)
    assert store.state.pins == ()
    panel.redraw(store.state)
    assert panel.tabs.count() == 1


def test_a_click_on_a_lamp_selects_its_unit(make, qtbot):
    store, panel = make()
    panel.view.grab()
    x, y = panel.view._places[1][4]
    qtbot.mouseClick(panel.view, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))
    assert store.state.selected == (0, 4)
    panel._show()
    assert "z<sub>5</sub>" in panel.words.text()


def test_a_point_outside_the_view_is_said_so(make):
    _, panel = make(point=(40.0, -3.0))
    assert "outside what is in view" in panel.words.text()
    assert panel._reading.edge is None
    assert "equals the network" in panel.words.text()


def test_smooth_units_are_no_switches(make):
    _, panel = make(activation=("tanh",))
    assert "no switch" in panel.words.text()
    assert "\N{ALMOST EQUAL TO}" in panel.words.text()


def test_without_a_point_there_is_a_hint(qtbot):
    store = drawn_store()
    panel = shown(qtbot, SwitchboardPanel(store))
    assert "Point at the canvas" in panel.view.accessibleDescription()
    store.set(read_pin(store.state, 3))
    assert store.state.pin is None


def test_broken_weights_are_said(qapp):
    from dataclasses import replace

    from reluviz.app.received import take_picture
    from reluviz.core.picture import make_picture

    state = drawn_store().state
    broken = np.full_like(state.snapshot.parameters, np.nan)
    state = replace(state, snapshot=replace(state.snapshot, parameters=broken))
    state = take_picture(state, make_picture(state.snapshot, state.view))
    assert "not finite" in read(Request(state.picture, (0.0, 0.0)))


def test_data_units_are_those_of_the_axes(qapp):
    from dataclasses import replace

    store = drawn_store()
    reading = read(Request(store.state.picture, (0.2, 0.1)))
    dataset = replace(store.state.dataset, center=(10.0, -5.0), scale=(2.0, 4.0))
    said = plain(say_reading(reading, None, dataset, "#888888"))
    (a, b), c = reading.board.gradient[0] / [2.0, 4.0], reading.board.intercept[0]
    moved = c - a * 10.0 + b * 5.0
    assert (
        f"f = {a:.4g} x {'+' if b >= 0 else '-'} {abs(b):.4g} y {'+' if moved >= 0 else '-'} {abs(moved):.4g}" in said
    )
    assert "(10.4, -4.6)" in said


@pytest.mark.parametrize("widths", [(2, 6, 5, 1), (2, 256, 256, 10), (2, *(256,) * 8, 1)])
def test_lamps_stand_apart_and_inside(widths):
    places, cell = place_lamps(widths, 300, 1200)
    assert [len(p) for p in places] == list(widths)
    everything = np.concatenate(places)
    assert everything.min() >= 0
    assert everything[:, 0].max() <= 300
    for layer in places:
        apart = np.abs(layer[:, None] - layer[None]).max(axis=2) + 1e9 * np.eye(len(layer))
        assert len(layer) == 1 or apart.min() >= cell - 1e-9


def test_lamps_are_dark_only_where_the_slope_is_zero(qapp):
    network = drawn_store(activation=("leaky_relu",)).state.snapshot.network
    board = read_switches(network, np.array([0.3, -0.2]))
    levels = lamp_levels(board, 0)
    assert set(np.unique(levels)) <= {1, 4}
    assert "slope" in say_lamp(board, (0, 0))
    assert say_lamp(board, (2, 0)).startswith("Readout 1")
