import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt

from reluviz.app.canvas.marks import lies_on
from reluviz.app.canvas.tools import TOOLS, Touch
from reluviz.app.canvas.walk_tool import WalkTool
from reluviz.app.panels.walk import HINT, Request, WalkPanel, follow, say_place
from reluviz.app.panels.walk_plot import say_walk
from reluviz.core.sampled_walk import sample_walk
from tests.app.inside import drawn_store, shown

SEGMENT = (-0.9, -0.4, 0.8, 0.6)


@pytest.fixture
def make(qtbot):
    def make(segment=SEGMENT, **settings):
        store = drawn_store(**settings)
        store.update(segment=segment)
        panel = shown(qtbot, WalkPanel(store))
        qtbot.waitUntil(lambda: panel._walk is not None or panel._words not in ("", HINT), timeout=20_000)
        return store, panel

    return make


def test_the_walk_is_that_of_the_network(make):
    store, panel = make()
    at = np.linspace(0, 1, 50)
    points = np.array(SEGMENT[:2]) + at[:, None] * (np.array(SEGMENT[2:]) - np.array(SEGMENT[:2]))
    assert panel._walk.value(at) == pytest.approx(store.state.snapshot.network.forward(points), abs=1e-9)
    assert "the value never jumps" in panel._said.text()


def test_pointing_at_the_plot_points_at_the_canvas(make, qtbot):
    store, panel = make()
    qtbot.mouseMove(panel.plot, QPoint(300, 100))
    panel.plot.pointed.emit(0.25)
    x, y = store.state.probe
    assert (x, y) == pytest.approx((-0.9 + 0.25 * 1.7, -0.4 + 0.25 * 1.0))
    assert lies_on(SEGMENT, (x, y))
    assert "f =" in panel._said.text()
    panel.plot.pointed.emit(None)
    assert store.state.probe is None


def test_a_click_on_a_crossing_selects_its_unit(make, qtbot):
    store, panel = make()
    crossing = panel._walk.crossings[0]
    room, _ = panel.plot._rooms()
    at = QPoint(round(room.left() + crossing.position * room.width()), 60)
    qtbot.mouseClick(panel.plot, Qt.MouseButton.LeftButton, pos=at)
    met = {(c.layer, c.unit) for c in panel._walk.crossings if abs(c.position - crossing.position) * room.width() < 8}
    assert store.state.selected in met


def test_a_smooth_network_has_true_slopes_and_no_crossings(make):
    store, panel = make(activation=("tanh",))
    assert "bends everywhere" in panel._said.text()
    walked, network = panel._walk, store.state.snapshot.network
    middle = (walked.positions[:-1] + walked.positions[1:]) / 2
    along = (walked.end - walked.start) / walked.length
    for at, slope in list(zip(middle, walked.slopes, strict=True))[::40]:
        gradient, _ = network.affine_map(walked.start + at * (walked.end - walked.start))
        assert slope == pytest.approx(gradient @ along, rel=1e-9)


def test_a_jump_is_said(make):
    _, panel = make(activation=("step",))
    assert "jumps by up to" in say_walk(panel._walk)


def test_a_segment_of_length_zero_is_refused_in_words(qapp):
    network = drawn_store().state.snapshot.network
    assert "no usable length" in follow(Request(network, (0.1, 0.1, 0.1, 0.1)))
    smooth = drawn_store(activation=("tanh",)).state.snapshot.network
    assert "no usable length" in follow(Request(smooth, (0.1, 0.1, 0.1, 0.1)))


def test_without_a_segment_there_is_a_hint_and_a_button(qtbot):
    store = drawn_store()
    panel = shown(qtbot, WalkPanel(store))
    assert panel.plot.accessibleDescription() == HINT
    qtbot.mouseClick(panel._across, Qt.MouseButton.LeftButton)
    assert store.state.segment is not None


def test_the_tool_drags_a_segment_and_its_ends(qapp):
    store = drawn_store()
    tool = WalkTool(None, store)
    assert tool.press(Touch((0.0, 0.0), 0.01))
    tool.drag(Touch((0.4, 0.2), 0.01))
    assert store.state.segment == (0.0, 0.0, 0.4, 0.2)
    tool.release(Touch((0.5, 0.2), 0.01))
    tool.press(Touch((0.02, 0.01), 0.01))
    tool.drag(Touch((-0.3, -0.3), 0.01))
    assert set(zip(store.state.segment[::2], store.state.segment[1::2], strict=True)) == {(0.5, 0.2), (-0.3, -0.3)}
    tool.press(Touch((0.9, 0.9), 0.01))
    tool.release(Touch((0.9, 0.9), 0.01))
    assert "from one point" in store.state.message.text
    assert TOOLS["walk"].keys == ("W",)


def test_places_are_said(qapp):
    network = drawn_store().state.snapshot.network
    walked = follow(Request(network, SEGMENT))
    said = say_place(walked, 0.5)
    assert said.startswith("At ")
    assert "nearest bent line: layer" in said


def test_steps_of_a_sampled_walk_join(qapp):
    network = drawn_store(activation=("tanh",)).state.snapshot.network
    walked = sample_walk(network, np.array([-1.0, 0.0]), np.array([1.0, 0.5]), 16)
    assert walked.first[1:] == pytest.approx(walked.last[:-1])
    assert walked.crossings == ()


def test_a_place_beside_a_segment_is_not_on_it():
    assert not lies_on(SEGMENT, (0.0, 0.5))
    assert not lies_on((0.0, 0.0, 1.0, 0.0), (1.5, 0.0))
    assert QPointF(0, 0) == QPointF()
