from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt

from reluviz.app.panels.matrix import SMOOTH, MatrixMaker, MatrixPanel, Request, say_matrix
from reluviz.core.coloring import COLORINGS
from reluviz.core.picture import make_picture
from tests.app.inside import drawn_store, shown


def request(store, columns="points", order="similarity", rows="layer"):
    state = store.state
    return Request(state.picture, state.dataset, columns, order, rows, (300, 120), 1.0, "dark")


@pytest.fixture
def panel(qtbot):
    store = drawn_store()
    panel = shown(qtbot, MatrixPanel(store))
    qtbot.waitUntil(lambda: panel._made is not None, timeout=60_000)
    panel.store = store
    return panel


def test_cells_are_the_networks_pieces(panel, qtbot):
    store = panel.store
    points = store.state.dataset.points[store.state.dataset.is_train]
    patterns = store.state.snapshot.network.pattern(points)
    made, room = panel._made, panel.view.room
    for x, y in [(5, 5), (200, 60), (400, 150)]:
        layer, unit, column = panel.view.cell_at(QPointF(panel.view.margin + x, y))
        piece = patterns[column, (0, 6)[layer] + unit]
        row = y * made.image.shape[0] // room.height()
        level = int(made.image[row, x * made.image.shape[1] // room.width()] & 0xFF)
        assert (level > 60) == bool(piece)


def test_a_click_pins_the_point_and_selects_the_unit(panel, qtbot):
    store = panel.store
    at = QPoint(panel.view.margin + 120, 40)
    layer, unit, column = panel.view.cell_at(QPointF(at))
    qtbot.mouseClick(panel.view, Qt.MouseButton.LeftButton, pos=at)
    assert store.state.selected == (layer, unit)
    train = store.state.dataset.points[store.state.dataset.is_train]
    assert store.state.pins == (tuple(train[column].tolist()),)


def test_a_click_on_a_regions_column_pins_a_point_inside_it(panel, qtbot):
    store = panel.store
    panel.columns.setCurrentIndex(1)
    qtbot.waitUntil(lambda: panel._made.columns_are == "region", timeout=60_000)
    at = QPoint(panel.view.margin + 90, 40)
    region = panel.view.cell_at(QPointF(at))[2]
    qtbot.mouseClick(panel.view, Qt.MouseButton.LeftButton, pos=at)
    assert store.state.picture.partition.locate(np.array(store.state.pins))[0] == region


def test_words_count_zeros_and_dead_units(qapp):
    store = drawn_store()
    network = store.state.snapshot.network
    points = store.state.dataset.points[store.state.dataset.is_train]
    made = MatrixMaker().make(request(store))
    zeros = np.concatenate([np.maximum(z, 0) == 0 for z in network.preactivations(points)[:-1]], axis=1).mean()
    said = say_matrix(made.matrix, "point")
    assert f"{100 * zeros:.1f} % of all outputs are exactly 0" in said
    assert f"{int(made.matrix.dead.sum())} units dead" in said


def test_classes_stand_together_where_there_are_any(qapp):
    store = drawn_store()
    made = MatrixMaker().make(request(store, order="class"))
    labels = store.state.dataset.targets[store.state.dataset.is_train][made.matrix.columns]
    assert (np.diff(labels) >= 0).all()
    values = MatrixMaker().make(request(drawn_store(dataset="ripple"), order="class"))
    assert len(values.matrix.columns) > 0


def test_smooth_networks_have_no_patterns(qtbot):
    panel = shown(qtbot, MatrixPanel(drawn_store(activation=("tanh",))))
    assert panel.view.accessibleDescription() == SMOOTH


def test_broken_weights_and_too_many_regions_are_said(qapp):
    store = drawn_store()
    state = store.state
    cut = make_picture(state.snapshot, replace(state.view, region_budget=3))
    asked = replace(request(store, "regions"), picture=cut)
    assert "zoom in" in MatrixMaker().make(asked)
    broken = replace(state.snapshot, parameters=np.full_like(state.snapshot.parameters, np.inf))
    assert "not finite" in MatrixMaker().make(replace(request(store), picture=make_picture(broken, state.view)))


def test_a_large_matrix_says_what_it_leaves_out(qapp):
    store = drawn_store(hidden=(256,) * 8, points=20_000)
    made = MatrixMaker().make(request(store))
    assert made.image.shape == (120, 300)
    assert "every" in made.matrix.note or made.matrix.pieces.size <= 32_000_000


def test_distance_from_the_pin_is_a_colouring(qapp):
    state = drawn_store().state
    partition, network = state.picture.partition, state.snapshot.network
    pin = (0.1, 0.2)
    view = replace(state.view, coloring="hamming", pin=pin)
    colors = COLORINGS["hamming"].colors(partition, view)
    distance = (partition.patterns != network.pattern(np.array([pin]))[0]).sum(axis=1)
    assert len(set(colors[distance == 0].tolist())) <= 1
    assert len(set(colors.tolist())) == len(set(distance.tolist()))
    unpinned = COLORINGS["hamming"].colors(partition, replace(view, pin=None))
    assert len(set(unpinned.tolist())) == 1


def test_places_are_held_while_weights_move_a_little_and_given_up_when_all_changes(qapp):
    store, maker = drawn_store(hidden=(20, 20)), MatrixMaker()
    first = maker.make(request(store)).matrix
    state, held, alone = store.state, 0, 0
    for seed in range(8):
        noise = np.random.default_rng(seed).normal(0, 0.003, len(state.snapshot.parameters)).astype(np.float32)
        moved = replace(state.snapshot, parameters=state.snapshot.parameters + noise)
        asked = replace(request(store), picture=make_picture(moved, state.view))
        held += np.array_equal(maker.make(asked).matrix.columns, first.columns)
        alone += np.array_equal(MatrixMaker().make(asked).matrix.columns, first.columns)
    assert held == 8 > alone
    other = replace(state.snapshot, parameters=np.roll(state.snapshot.parameters, 3))
    asked = replace(request(store), picture=make_picture(other, state.view))
    assert np.array_equal(maker.make(asked).matrix.columns, MatrixMaker().make(asked).matrix.columns)
    again = maker.make(request(store, rows="similarity")).matrix
    assert np.array_equal(again.rows, MatrixMaker().make(request(store, rows="similarity")).matrix.rows)
