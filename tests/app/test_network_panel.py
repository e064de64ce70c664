import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent

from reluviz.app.action_set import needs_key
from reluviz.app.panels.network import NetworkPanel
from reluviz.app.panels.network_view import say
from reluviz.app.selection import select_unit
from reluviz.app.state import edit_weights
from reluviz.app.undoing import undo
from reluviz.core.edit_weights import set_bias
from tests.app.inside import drawn_store, redraw, shown

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def make(qtbot):
    def make(**settings):
        store = drawn_store(**settings)
        panel = shown(qtbot, NetworkPanel(store))
        qtbot.waitUntil(lambda: panel.view.diagram is not None, timeout=60_000)
        return store, panel

    return make


def place(view, column, unit):
    left, top = view.diagram.layout.place(column, unit)
    half = view.diagram.layout.side / 2
    return QPoint(round(left + half) - view.scrolled[0], round(top + half) + view.heading - view.scrolled[1])


def link_place(view, layer, unit, source):
    layout = view.diagram.layout
    (x0, y0), (x1, y1) = layout.place(layer, source), layout.place(layer + 1, unit)
    half = layout.side / 2
    return QPoint(round((x0 + x1) / 2 + half), round((y0 + y1) / 2 + half) + view.heading)


def test_thumbnails_show_where_units_are_on(make):
    store, panel = make(hidden=(4,))
    diagram = panel.view.diagram
    network = store.state.snapshot.network
    side = diagram.layout.side
    xmin, xmax, ymin, ymax = store.state.picture.view.bounds
    for unit in range(4):
        left, top = (int(v) for v in diagram.layout.place(1, unit))
        inner = diagram.image[top : top + side, left : left + side]
        at = [(r, c) for r in range(2, side // 2, 5) for c in range(2, side, 5)]
        points = np.array(
            [(xmin + (c + 0.5) / side * (xmax - xmin), ymax - (r + 0.5) / side * (ymax - ymin)) for r, c in at]
        )
        z = network.preactivations(points)[0][:, unit]
        sure = np.abs(z) > 0.05 * np.abs(z).max() + 0.02
        off = {int(inner[r, c]) for (r, c), s, v in zip(at, sure, z, strict=True) if s and v < 0}
        on = {int(inner[r, c]) for (r, c), s, v in zip(at, sure, z, strict=True) if s and v > 0}
        assert len(off) <= 1
        assert not off & on


def test_a_click_selects_and_empty_space_deselects(make, qtbot):
    store, panel = make()
    qtbot.mouseClick(panel.view.viewport(), LEFT, pos=place(panel.view, 2, 3))
    assert store.state.selected == (1, 3)
    assert (store.state.view.layer, store.state.view.unit) == (1, 3)
    assert "Layer 2, unit 4" in panel._name.text()
    qtbot.mouseClick(panel.view.viewport(), LEFT, pos=QPoint(2, panel.view.viewport().height() - 2))
    assert store.state.selected is None


def test_a_double_click_switches_a_unit_off_and_on(make, qtbot):
    store, panel = make()
    qtbot.mouseDClick(panel.view.viewport(), LEFT, pos=place(panel.view, 1, 2))
    assert store.state.experiment.ablated == ((0, 2),)
    qtbot.mouseDClick(panel.view.viewport(), LEFT, pos=place(panel.view, 1, 2))
    assert store.state.experiment.ablated == ()


def test_dragging_up_a_unit_raises_its_bias(make, qtbot):
    store, panel = make()
    before = store.state.snapshot.network.biases[0][1]
    viewport, start = panel.view.viewport(), place(panel.view, 1, 1)
    qtbot.mousePress(viewport, LEFT, pos=start)
    for up in (10, 30, 50):
        _move(panel.view, start - QPoint(0, up))
    qtbot.mouseRelease(viewport, LEFT, pos=start - QPoint(0, 50))
    assert store.state.snapshot.network.biases[0][1] == pytest.approx(before + 0.5, abs=1e-6)
    assert store.state.run > 1


def test_one_drag_is_undone_as_one(make, qtbot):
    store, panel = make()
    before = store.state.snapshot.network.flat()
    viewport, start = panel.view.viewport(), place(panel.view, 1, 1)
    qtbot.mousePress(viewport, LEFT, pos=start)
    for up in (10, 30, 50):
        _move(panel.view, start - QPoint(0, up))
    qtbot.mouseRelease(viewport, LEFT, pos=start - QPoint(0, 50))
    assert store.state.stroke == 0
    assert np.any(store.state.snapshot.network.flat() != before)
    store.apply(undo)
    assert np.array_equal(store.state.snapshot.network.flat(), before)


def test_pointing_at_a_unit_lights_its_line_and_leaving_puts_it_out(make, qtbot):
    store, panel = make()
    store.set(select_unit(store.state, (1, 0)))
    panel.view.pointed.emit((0, 2))
    assert (store.state.view.layer, store.state.view.unit) == (0, 2)
    assert store.state.selected == (1, 0)
    panel.view.pointed.emit(None)
    assert (store.state.view.layer, store.state.view.unit) == (1, 0)


def test_a_line_outside_the_view_is_said(make):
    store, panel = make(hidden=(3,))
    for bias, said in ((50.0, "on everywhere"), (-50.0, "off everywhere")):
        store.apply(edit_weights, network=set_bias(store.state.snapshot.network, 0, 1, bias))
        redraw(store)
        store.set(select_unit(store.state, (0, 1)))
        panel.redraw(store.state)
        assert "outside the view" in panel._name.text()
        assert said in panel._name.text()
    store.set(select_unit(store.state, (0, 0)))
    panel.redraw(store.state)
    assert "outside" not in panel._name.text()


def test_dragging_a_link_changes_its_weight(make, qtbot):
    store, panel = make(hidden=(2, 2))
    at = link_place(panel.view, 1, 0, 0)
    found = panel.view.found_at(QPointF(at))
    assert len(found) == 3
    layer, unit, source = found
    before = store.state.snapshot.network.weights[layer][unit, source]
    qtbot.mousePress(panel.view.viewport(), LEFT, pos=at)
    _move(panel.view, at + QPoint(0, 20))
    qtbot.mouseRelease(panel.view.viewport(), LEFT, pos=at + QPoint(0, 20))
    after = store.state.snapshot.network.weights[layer][unit, source]
    assert after == pytest.approx(before - 0.2 * max(1.0, abs(before)), abs=1e-6)
    assert "weight from" in panel._name.text()


def test_a_typed_bias_is_taken_and_nonsense_is_refused_in_words(make):
    store, panel = make()
    store.set(select_unit(store.state, (1, 0)))
    panel.redraw(store.state)
    panel._number.edited.emit({"number": -1.25})
    assert store.state.snapshot.network.biases[1][0] == -1.25
    for bad in ("much", float("inf"), 1e30):
        panel._number.edited.emit({"number": bad})
        assert store.state.message.kind == "error"
        assert store.state.snapshot.network.biases[1][0] == -1.25


def test_the_readouts_bias_can_be_read_and_changed(make, qtbot):
    store, panel = make()
    qtbot.mouseClick(panel.view.viewport(), LEFT, pos=place(panel.view, 3, 0))
    assert panel._name.text() == "Readout, bias"
    panel._number.edited.emit({"number": 0.5})
    assert store.state.snapshot.network.biases[2][0] == 0.5


def test_arrows_and_space_work_on_units(make, qtbot):
    store, panel = make()
    panel.view.setFocus()
    qtbot.keyClick(panel.view, Qt.Key.Key_Down)
    assert store.state.selected == (0, 0)
    qtbot.keyClick(panel.view, Qt.Key.Key_Down)
    qtbot.keyClick(panel.view, Qt.Key.Key_Right)
    assert store.state.selected == (1, 1)
    qtbot.keyClick(panel.view, Qt.Key.Key_Space)
    assert store.state.experiment.ablated == ((1, 1),)
    event = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier)
    assert needs_key(panel.view, event)


def test_smooth_networks_have_thumbnails_of_true_values(make):
    _, panel = make(activation=("tanh",), hidden=(3,))
    layout = panel.view.diagram.layout
    left, top = (int(v) for v in layout.place(1, 0))
    inner = panel.view.diagram.image[top : top + layout.side, left : left + layout.side]
    assert len(np.unique(inner)) > 10


def test_a_wide_network_scrolls_and_a_far_unit_is_brought_into_view(make, qtbot):
    _, panel = make(hidden=(256, 256))
    view = panel.view
    assert view.verticalScrollBar().maximum() > 0
    view.reveal((1, 255))
    bottom = view.diagram.layout.place(2, 255)[1] + view.diagram.layout.side
    assert view.scrolled[1] <= bottom <= view.scrolled[1] + view.room.height() + 8


def test_words_say_what_is_pointed_at(make):
    store, _ = make(hidden=(2,))
    network = store.state.snapshot.network
    assert say(network, (0, 1)).startswith("Layer 1, unit 2: bias")
    assert "from y" in say(network, (0, 0, 1))
    assert "Double click" not in say(network, (1, 0))


def test_the_diagram_follows_training(make, qtbot):
    store, panel = make()
    seen = panel.view.diagram
    store.apply(edit_weights, network=set_bias(store.state.snapshot.network, 0, 0, 5.0))
    redraw(store)
    qtbot.waitUntil(lambda: panel.view.diagram is not seen, timeout=20_000)
    assert panel.view.diagram.network.biases[0][0] == 5.0


def _move(view, to):
    from PySide6.QtGui import QMouseEvent

    position = QPointF(to)
    event = QMouseEvent(
        QEvent.Type.MouseMove, position, position, Qt.MouseButton.NoButton, LEFT, Qt.KeyboardModifier.NoModifier
    )
    view.mouseMoveEvent(event)
