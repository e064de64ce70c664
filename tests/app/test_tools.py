"""Lines and points under the hand, with the mouse on a real canvas; drawing is done here, in step with the test."""

import time
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from reluviz.app.canvas.line_drag import LineDrag
from reluviz.app.canvas.line_tool import DEEPER, EDIT_MS, outside_sentence
from reluviz.app.canvas.point_tools import brush_target, points_within
from reluviz.app.canvas.tool_bar import SMOOTH_HINT, hint
from reluviz.app.canvas.tools import TOOLS
from reluviz.app.canvas.widget import CanvasWidget
from reluviz.app.received import begin_run, take_picture, take_snapshot
from reluviz.app.selection import select_unit
from reluviz.app.state import AppState, edit_weights, restart, take_experiment
from reluviz.app.store import Store
from reluviz.app.undoing import undo
from reluviz.core.edit_weights import LARGEST, set_bias
from reluviz.core.experiment import Experiment
from reluviz.core.network import Network
from reluviz.core.pick import curve_in, nearest_curve
from reluviz.core.picture import make_picture
from reluviz.core.view import HOME

pytestmark = pytest.mark.qt_log_ignore("not accepted by receiving widget")


def draw(store):
    state = store.state
    store.set(take_picture(state, make_picture(state.snapshot, state.view)))


def state_of(**settings):
    settings = {"hidden": (5, 4), "points": 40, "dataset": "moons"} | settings
    state = begin_run(take_experiment(AppState(run=1), Experiment(**settings)))
    network = state.snapshot.network
    for layer, width in enumerate(network.hidden):  # Lines through one point are told apart by nobody.
        for unit in range(width):
            network = set_bias(network, layer, unit, 0.3 * np.sin(3.1 * unit + layer))
    parameters = network.flat().astype(np.float32)
    parameters.setflags(write=False)
    return replace(state, snapshot=replace(state.snapshot, parameters=parameters))


@pytest.fixture
def canvas(qtbot):
    widgets = []

    def make(**settings):
        store = Store(state_of(**settings))
        widget = CanvasWidget(store)
        qtbot.addWidget(widget)
        widget.resize(600, 560)
        widget.show()
        qtbot.waitExposed(widget)
        draw(store)
        widgets.append(widget)
        return store, widget

    return make


def at(canvas, x, y):
    return canvas.position_of((x, y)).toPoint()


def pixel(canvas):
    return (canvas.box.bounds[1] - canvas.box.bounds[0]) / canvas.box.rect().width()


def drag(canvas, begin, moves, modifier=Qt.KeyboardModifier.NoModifier, each=None):
    viewport, last = canvas.viewport(), begin
    QTest.mouseMove(viewport, begin)
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, modifier, begin)
    for last in moves:
        QTest.mouseMove(viewport, last)
        QTest.qWait(10)
        if each is not None:
            each()
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, modifier, last)


def longest_edge(partition, layer):
    edges = np.flatnonzero(partition.edge_layers == layer)
    lengths = np.hypot(*(partition.edges[edges, 2:] - partition.edges[edges, :2]).T)
    edge = edges[np.argmax(lengths)]
    return int(partition.edge_units[edge]), partition.edges[edge].reshape(2, 2).mean(axis=0)


def test_a_line_follows_the_hand_and_is_undone_as_one_step(canvas):
    store, widget = canvas()
    store.update(tool="line")
    unit, place = longest_edge(store.state.picture.partition, 0)
    before = store.state.snapshot
    begin = at(widget, *place)
    drag(widget, begin, [begin + QPoint(3 * k, 2 * k) for k in range(1, 8)], each=lambda: draw(store))
    after, target = store.state.snapshot.network, place + np.array([21.0, -14.0]) * pixel(widget)
    assert store.state.selected == (0, unit)
    assert np.array_equal(after.weights[0], before.network.weights[0])
    z = after.preactivations(target[None])[0][0, unit]
    assert abs(z) / np.hypot(*after.weights[0][unit]) < 2.5 * pixel(widget)
    others = np.arange(5) != unit
    assert np.array_equal(after.biases[0][others], before.network.biases[0][others])
    assert len(store.state.history.past) == 1
    assert store.state.stroke == 0
    assert store.state.view.bounds == pytest.approx(widget.box.bounds)
    store.apply(undo)
    assert np.array_equal(store.state.snapshot.parameters, before.parameters)


def test_training_goes_on_under_the_hand(canvas):
    """What the engine brought meanwhile is kept: the edit is one of the newest snapshot."""
    store, widget = canvas()
    store.update(tool="line")
    unit, place = longest_edge(store.state.picture.partition, 0)
    begin = at(widget, *place)

    def train():
        state = store.state
        parameters = state.snapshot.parameters.copy()
        parameters[-1] += 1.0
        store.set(take_snapshot(state, replace(state.snapshot, step=state.snapshot.step + 1, parameters=parameters)))

    last = float(store.state.snapshot.parameters[-1])
    drag(widget, begin, [begin + QPoint(4 * k, 0) for k in range(1, 6)], each=train)
    snapshot = store.state.snapshot
    assert snapshot.parameters[-1] == pytest.approx(last + 5.0)
    assert snapshot.step == 5
    target = place + np.array([20.0, 0.0]) * pixel(widget)
    z = snapshot.network.preactivations(target[None])[0][0, unit]
    assert abs(z) / np.hypot(*snapshot.network.weights[0][unit]) < 2.5 * pixel(widget)


def test_an_edit_waits_for_the_picture_of_the_one_before(canvas):
    """Edits that outran their pictures kept the window's thread from showing any."""
    store, widget = canvas()
    store.update(tool="line")
    _, place = longest_edge(store.state.picture.partition, 0)
    begin, shown = at(widget, *place), []
    seen = {store.state.run}
    store.changed.connect(lambda _old, new: seen.add(new.run))
    QTest.mouseMove(widget.viewport(), begin)
    QTest.mousePress(widget.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, begin)
    for k in range(1, 31):
        QTest.mouseMove(widget.viewport(), begin + QPoint(k, 0))
        if k % 10 == 0:
            QTest.qWait(EDIT_MS + 5)
            draw(store)
            QTest.qWait(EDIT_MS + 5)
            shown.append(store.state.run)
    QTest.mouseRelease(widget.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, begin)
    assert len(set(shown)) == 3
    assert len(seen) <= 12  # Of 30 moves: one edit a picture, and those that waited LATE_MS on a slow machine.


def test_pictures_are_shown_while_newer_edits_come(canvas):
    """Each edit is a run of its own: the picture of the one before is still shown, that of another training is not."""
    store, _ = canvas()
    before = make_picture(store.state.snapshot, store.state.view)
    for bias in (0.1, 0.2, 0.3):
        store.apply(edit_weights, network=set_bias(store.state.snapshot.network, 0, 1, bias))
        if bias == 0.1:
            first = make_picture(store.state.snapshot, store.state.view)
    assert take_picture(store.state, first).picture is first
    afresh = begin_run(restart(store.state))
    assert take_picture(afresh, first) is afresh
    again = edit_weights(afresh, set_bias(afresh.snapshot.network, 0, 1, 0.5))
    assert take_picture(again, first) is again
    assert take_picture(again, before) is again


def test_the_measuring_hand_counts_from_the_mouse_to_the_paint(canvas, qtbot):
    store, widget = canvas(hidden=(5,))
    hand = LineDrag(widget, store)
    hand.start()
    weights = store.state.snapshot.network.weights[0]
    qtbot.waitUntil(lambda: len(hand._waiting) > 5, timeout=30_000)
    assert hand.seconds == []  # Nothing was drawn yet.
    waited = time.perf_counter() - hand._waiting[0]
    draw(store)
    qtbot.waitUntil(lambda: len(hand.seconds) > 0, timeout=30_000)
    seen = len(hand.seconds)
    assert max(hand.seconds) >= waited
    hand.stop()
    assert len(hand.seconds) >= seen
    p50, p95 = hand.percentiles()
    assert 0 < p50 <= p95 <= 1000 * max(hand.seconds)
    assert np.array_equal(store.state.snapshot.network.weights[0], weights)
    assert store.state.stroke == 0
    assert len(store.state.history.past) == 1


def test_a_deeper_line_moves_by_its_bias(canvas):
    store, widget = canvas()
    store.update(tool="line")
    unit, place = longest_edge(store.state.picture.partition, 1)
    before = store.state.snapshot.network
    begin = at(widget, *place)
    drag(widget, begin, [begin + QPoint(2 * k, 3 * k) for k in range(1, 6)], Qt.KeyboardModifier.ShiftModifier)
    after = store.state.snapshot.network
    assert store.state.message.text == DEEPER
    changed = np.flatnonzero(after.flat() != before.flat())
    assert changed.tolist() == [after.layout.offsets[3] + unit]
    target = place + np.array([10.0, -15.0]) * pixel(widget)
    across, up = np.eye(2) * pixel(widget)
    z = after.preactivations(np.stack([target, target + across, target + up]))[1][:, unit]
    assert abs(z[0]) <= 3.0 * np.hypot(z[1] - z[0], z[2] - z[0])


def test_shift_turns_a_first_layer_line_and_keeps_its_length(canvas):
    store, widget = canvas()
    store.update(tool="line")
    unit, place = longest_edge(store.state.picture.partition, 0)
    before = store.state.snapshot.network
    begin = at(widget, *place)
    moves = [begin + QPoint(9 * k, 7 * k) for k in range(1, 7)]
    drag(widget, begin, moves, Qt.KeyboardModifier.ShiftModifier, each=lambda: draw(store))
    after = store.state.snapshot.network
    assert np.linalg.norm(after.weights[0][unit]) == pytest.approx(np.linalg.norm(before.weights[0][unit]), rel=1e-5)
    assert not np.allclose(after.weights[0][unit], before.weights[0][unit])
    assert len(store.state.history.past) == 1


def test_away_from_lines_a_drag_moves_the_view(canvas):
    store, widget = canvas(hidden=(1,))
    store.update(tool="line")
    network = store.state.snapshot.network
    (a, b), c = network.weights[0][0], network.biases[0][0]
    far = np.array([a, b]) * (0.6 - c) / (a * a + b * b)
    begin = at(widget, *far)
    before = store.state.view.bounds
    drag(widget, begin, [begin + QPoint(5 * k, 0) for k in range(1, 8)])
    assert store.state.view.bounds != before
    assert np.array_equal(store.state.snapshot.parameters, network.flat().astype(np.float32))


def test_numbers_beyond_all_bounds_are_refused_in_words(canvas):
    store, widget = canvas(hidden=(3,))
    store.update(view=replace(store.state.view, bounds=tuple(4e6 * side for side in HOME)))
    draw(store)
    store.update(tool="line")
    _, place = longest_edge(store.state.picture.partition, 0)
    before = store.state.snapshot
    begin = at(widget, *place)
    drag(widget, begin, [begin + QPoint(150, -170), begin + QPoint(190, -220)])
    assert f"{LARGEST:,.0f}" in store.state.message.text
    assert np.isfinite(store.state.snapshot.parameters).all()
    assert np.array_equal(store.state.snapshot.network.weights[0], before.network.weights[0])


def test_a_unit_that_is_switched_off_has_no_line_to_grab(canvas):
    store, widget = canvas(hidden=(1,))
    _, place = longest_edge(store.state.picture.partition, 0)
    store.edit(ablated=((0, 0),))
    store.set(replace(store.state, snapshot=replace(store.state.snapshot, experiment=store.state.experiment)))
    draw(store)
    store.update(tool="line")
    before = store.state.snapshot.parameters
    drag(widget, at(widget, *place), [at(widget, *place) + QPoint(9, 9)])
    assert np.array_equal(store.state.snapshot.parameters, before)


def test_smooth_lines_of_the_first_layer_are_dragged_too(canvas):
    store, widget = canvas(activation="tanh", hidden=(1, 3))
    store.update(tool="line")
    assert hint(store.state) == SMOOTH_HINT
    network = store.state.snapshot.network
    (a, b), c = network.weights[0][0], network.biases[0][0]
    place = -np.array([a, b]) * c / (a * a + b * b)
    begin = at(widget, *place)
    drag(widget, begin, [begin + QPoint(12, 12)])
    after = store.state.snapshot.network
    target = place + np.array([12.0, -12.0]) * pixel(widget)
    assert abs(after.preactivations(target[None])[0][0, 0]) / np.hypot(a, b) < 2.5 * pixel(widget)


def test_curves_of_deeper_smooth_layers_are_dragged_by_their_bias(canvas):
    store, widget = canvas(activation="tanh", hidden=(3, 1))
    store.update(tool="line")
    network, bounds = store.state.snapshot.network, store.state.view.bounds
    segments = curve_in(network, 1, 0, bounds)
    middles = 0.5 * (segments[:, :2] + segments[:, 2:])
    # Where the curve is farthest from the first layer's lines, which would be taken instead.
    others = [
        nearest_curve(
            Network.create(
                [*zip(network.weights[:1], network.biases[:1], strict=True), (np.zeros((1, 3)), np.zeros(1))],
                network.activations[:1],
                network.parameters[:1],
            ),
            tuple(m),
        )
        for m in middles
    ]
    place = middles[int(np.argmax([grip.distance for grip in others]))]
    begin = at(widget, *place)
    drag(widget, begin, [begin + QPoint(10, 8)])
    after = store.state.snapshot.network
    assert store.state.selected == (1, 0)
    for layer in range(3):
        assert np.array_equal(after.weights[layer], network.weights[layer])
    assert np.array_equal(after.biases[0], network.biases[0])
    assert after.biases[1][0] != network.biases[1][0]
    target = place + np.array([10.0, -8.0]) * pixel(widget)
    assert nearest_curve(after, tuple(target)).distance < 2.5 * pixel(widget)


def test_a_line_outside_the_view_is_said(canvas):
    store, widget = canvas()
    network = set_bias(store.state.snapshot.network, 0, 2, 900.0)
    snapshot = replace(store.state.snapshot, parameters=network.flat().astype(np.float32))
    store.set(select_unit(replace(store.state, snapshot=snapshot, tool="line"), (0, 2)))
    draw(store)
    assert outside_sentence(store.state) == "The line of unit 3 of layer 1 lies outside the view: zoom out to find it."
    store.update(tool="move")
    store.update(tool="line")
    assert "outside the view" in widget.tool_bar._hint.text()


def test_points_are_painted_in_one_stroke_and_taken_back(canvas):
    store, widget = canvas()
    store.update(tool="points", brush=1.0)
    begin = at(widget, 1.1, -1.1)
    before = store.state.dataset
    drag(widget, begin, [begin + QPoint(-12 * k, 0) for k in range(1, 8)])
    added = store.state.experiment.point_edits.added
    assert 6 <= len(added) <= 8
    assert all(target == 1.0 for *_, target in added)
    assert added[0][:2] == pytest.approx((1.1, -1.1), abs=2 * pixel(widget))
    assert len(store.state.dataset.points) == 40 + len(added)
    assert [row.label for row in store.state.history.past] == ["points by hand"]
    store.apply(undo)
    assert store.state.dataset is before


def test_a_point_is_dragged_and_erased(canvas):
    store, widget = canvas()
    store.update(tool="points")
    number = int(np.argmax(store.state.dataset.points[:, 0]))
    begin = at(widget, *store.state.dataset.points[number])
    held = points_within(store.state, tuple(store.state.dataset.points[number]), 9 * pixel(widget))[0]
    end = at(widget, 1.15, 1.15)
    drag(widget, begin, [begin + QPoint(5, 0), end])
    moved = store.state.dataset.points
    assert np.hypot(*(moved[held] - (1.15, 1.15))) < 2 * pixel(widget)
    assert len(store.state.experiment.point_edits.moved) == 1
    store.update(tool="erase")
    drag(widget, end, [end + QPoint(3, 3)])
    assert store.state.experiment.point_edits.erased == (held,)
    assert store.state.experiment.point_edits.moved == ()
    assert len(store.state.dataset.points) == 39
    assert len(store.state.history.past) == 2


def test_the_last_points_cannot_be_erased(canvas):
    store, widget = canvas(points=2, train_share=1.0)
    store.update(tool="erase")
    for point in store.state.dataset.points.copy():
        drag(widget, at(widget, *point), [at(widget, *point) + QPoint(1, 1)])
    assert len(store.state.dataset.points) == 1
    assert "no training point is left" in store.state.message.text


def test_values_are_painted_as_values(canvas):
    store, widget = canvas(dataset="plane")
    store.update(tool="points", brush=0.5)
    assert len(widget.tool_bar.chips) == 5
    drag(widget, at(widget, 0.0, 1.2), [at(widget, 0.0, 1.2) + QPoint(1, 0)])
    assert store.state.dataset.targets[-1, 0] == 0.5
    store.edit(dataset="moons")
    assert brush_target(store.state) in (0.0, 1.0)
    assert store.state.experiment.point_edits.added == ()


def test_the_tool_bar_follows_and_leads(canvas, qtbot):
    store, widget = canvas(dataset="blobs")
    bar = widget.tool_bar
    assert set(bar.buttons) == set(TOOLS)
    assert [name for name, button in bar.buttons.items() if button.isChecked()] == ["move"]
    qtbot.mouseClick(bar.buttons["points"], Qt.MouseButton.LeftButton)
    assert store.state.tool == "points"
    assert len(bar.chips) == len(store.state.dataset.classes)
    qtbot.mouseClick(bar.chips[2], Qt.MouseButton.LeftButton)
    assert store.state.brush == 2.0
    assert [chip.isChecked() for chip in bar.chips] == [False, False, True, False]
    for widget_ in (*bar.buttons.values(), *bar.chips):
        assert widget_.accessibleName()
        assert widget_.toolTip().endswith(".")
    store.update(chrome=False)
    assert bar.isHidden()
    assert bar.geometry().right() <= widget.viewport().width()
