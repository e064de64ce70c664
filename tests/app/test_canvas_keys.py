"""The canvas by keyboard alone, and what a screen reader says of it."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit

from reluviz.app.canvas import spoken
from reluviz.app.canvas.widget import CanvasWidget
from reluviz.app.canvas_keys import CLOSER
from reluviz.app.describe import describe_state
from reluviz.app.received import begin_run
from reluviz.core.picture import make_picture
from tests.app.shell import filled_window

SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
HOME = (-1.0, 1.0, -1.0, 1.0)


@pytest.fixture
def settings():
    return dict(points=40, hidden=(5,))


@pytest.fixture
def window(store, qtbot):
    window = filled_window(qtbot, store)
    window.canvas.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is window.canvas)
    store.set(begin_run(store.state))
    return window


def draw(store):
    view = replace(store.state.view, width=200, height=200, bounds=HOME)
    store.update(view=view, picture=make_picture(store.state.snapshot, view))


def press(qtbot, key, modifier):
    qtbot.keyClick(QApplication.focusWidget(), key, modifier)


def test_arrows_with_ctrl_and_shift_move_the_view(window, store, qtbot):
    for key, axis, sign in (
        (Qt.Key.Key_Right, 0, 1),
        (Qt.Key.Key_Left, 0, -1),
        (Qt.Key.Key_Up, 2, 1),
        (Qt.Key.Key_Down, 2, -1),
    ):
        before = store.state.view.bounds
        side = min(before[1] - before[0], before[3] - before[2])
        press(qtbot, key, SHIFT | Qt.KeyboardModifier.ControlModifier)
        after = store.state.view.bounds
        assert after[axis] - before[axis] == pytest.approx(sign * side / 8)
        assert after[axis + 1] - after[axis] == pytest.approx(before[axis + 1] - before[axis])
        assert after[2 - axis] == pytest.approx(before[2 - axis])


def test_shift_and_page_keys_zoom_about_the_point_that_is_pointed_at(window, store, qtbot):
    before = store.state.view.bounds
    press(qtbot, Qt.Key.Key_PageUp, SHIFT)
    after = store.state.view.bounds
    assert after[1] - after[0] == pytest.approx(CLOSER * (before[1] - before[0]))
    assert after[0] + after[1] == pytest.approx(before[0] + before[1], abs=1e-9)
    press(qtbot, Qt.Key.Key_PageDown, SHIFT)
    assert store.state.view.bounds == pytest.approx(before)
    store.update(probe=(0.5, 0.25), probe_held=True)
    press(qtbot, Qt.Key.Key_PageUp, SHIFT)
    after = store.state.view.bounds
    share = (0.5 - before[0]) / (before[1] - before[0])
    assert (0.5 - after[0]) / (after[1] - after[0]) == pytest.approx(share)


def test_arrows_with_alt_and_shift_point_and_the_mouse_takes_over(window, store, qtbot):
    press(qtbot, Qt.Key.Key_Right, ALT | SHIFT)
    bounds = store.state.view.bounds
    middle = (bounds[0] + bounds[1]) / 2, (bounds[2] + bounds[3]) / 2
    assert store.state.probe == pytest.approx(middle)
    step = min(bounds[1] - bounds[0], bounds[3] - bounds[2]) / 40
    press(qtbot, Qt.Key.Key_Right, ALT | SHIFT)
    press(qtbot, Qt.Key.Key_Up, ALT | SHIFT)
    assert store.state.probe == pytest.approx((middle[0] + step, middle[1] + step))
    assert store.state.probe_held
    for _ in range(100):
        press(qtbot, Qt.Key.Key_Left, ALT | SHIFT)
    assert store.state.probe[0] == pytest.approx(bounds[0])
    qtbot.mouseMove(window.canvas.viewport(), window.canvas.viewport().rect().center())
    qtbot.waitUntil(lambda: not store.state.probe_held)


def test_the_pin_falls_where_keys_point(window, store, qtbot):
    press(qtbot, Qt.Key.Key_Right, ALT | SHIFT)
    press(qtbot, Qt.Key.Key_I, Qt.KeyboardModifier.NoModifier)
    assert store.state.pins == (store.state.probe,)


def test_the_place_that_keys_point_at_is_marked(window, store, qtbot):
    draw(store)
    qtbot.wait(50)
    before = window.canvas.grab().toImage()
    store.update(probe=(0.3, 0.3), probe_held=True)
    qtbot.wait(200)
    marked = window.canvas.grab().toImage()
    place = window.canvas.position_of((0.3, 0.3)).toPoint()
    # The arm to the right; which row of pixels it falls on hangs on the window's size.
    arm = [(place.x() + 6, place.y() + dy) for dy in (-1, 0, 1)]
    brightest = max(arm, key=lambda at: marked.pixelColor(*at).lightness())
    assert marked.pixelColor(*brightest).lightness() > 200
    assert marked.pixelColor(*brightest) != before.pixelColor(*brightest)


def test_text_keeps_the_keys_that_move_its_caret(window, store, qtbot):
    line = next(w for w in window.findChildren(QLineEdit) if w.accessibleName() == "Learning rate")
    line.setFocus()
    line.deselect()
    line.setCursorPosition(len(line.text()))
    bounds, step = store.state.view.bounds, store.state.until
    for modifier in (SHIFT, Qt.KeyboardModifier.ControlModifier | SHIFT, Qt.KeyboardModifier.NoModifier):
        qtbot.keyClick(line, Qt.Key.Key_Left, modifier)
        if modifier == SHIFT:
            assert line.selectedText() == line.text()[-1]
    assert (store.state.view.bounds, store.state.until) == (bounds, step)


def test_a_list_opens_by_alt_and_down(window, store, qtbot):
    box = next(w for w in window.findChildren(QComboBox) if w.accessibleName() == "Optimiser")
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Down, ALT)
    assert box.view().isVisible()
    assert store.state.probe is None
    box.hidePopup()


def test_the_canvas_is_described_but_not_more_often_than_can_be_heard(store, qtbot, monkeypatch):
    monkeypatch.setattr(spoken, "EVERY_SECONDS", 0.15)
    store.set(begin_run(store.state))
    canvas = CanvasWidget(store)
    qtbot.addWidget(canvas)
    assert canvas.accessibleName() == "Canvas"
    assert canvas.accessibleDescription() == describe_state(store.state)
    said = []
    monkeypatch.setattr(canvas, "setAccessibleDescription", said.append)
    for step in range(30):
        store.update(snapshot=replace(store.state.snapshot, step=step))
    assert said == []
    qtbot.waitUntil(lambda: len(said) > 0)
    qtbot.wait(200)
    assert len(said) == 1
    assert "Step 29" in said[0]
