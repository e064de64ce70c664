import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from tests.app.shell import filled_window


@pytest.fixture
def window(store, qtbot):
    window = filled_window(qtbot, store)
    window.store = store
    return window


def double_click_title(dock):
    at = QPointF(30, dock.widget().y() / 2)
    event = QMouseEvent(
        QMouseEvent.Type.MouseButtonDblClick,
        at,
        dock.mapToGlobal(at),
        Qt.MouseButton.LeftButton,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(dock, event)


def test_a_double_click_on_a_title_swaps_panel_and_canvas(window):
    dock = window.docks["learning"]
    room = dock.widget()
    width = room.width()
    double_click_title(dock)
    assert window.store.state.hero == "learning"
    assert dock.widget().isAncestorOf(window.canvas)
    assert not dock.isAncestorOf(room)
    QApplication.processEvents()
    assert room.width() > 2 * width
    assert room.isVisible()
    assert window.canvas.isVisible()
    double_click_title(dock)
    assert window.store.state.hero == ""
    assert dock.widget() is room
    assert window.centralWidget().isAncestorOf(window.canvas)
    assert dock.windowTitle() == "Loss"


def test_another_panel_takes_the_place(window):
    rooms = {name: window.docks[name].widget() for name in ("learning", "network")}
    window.store.update(hero="learning")
    window.store.update(hero="network")
    assert window.docks["learning"].widget() is rooms["learning"]
    assert window.centralWidget().isAncestorOf(rooms["network"])
    window.store.update(hero="")
    assert window.docks["network"].widget() is rooms["network"]


def test_what_looks_inside_is_hidden_at_first_and_shown_on_demand(window):
    inside = ("network", "switchboard", "matrix", "walk")
    assert not any(window.docks[name].isVisible() for name in inside)
    window.docks["network"].toggleViewAction().trigger()
    assert window.docks["network"].isVisible()
    window.store.update(segment=(0.0, 0.0, 0.5, 0.5))
    assert window.docks["walk"].isVisible()
    window.store.update(pins=((0.0, 0.0),))
    assert window.docks["switchboard"].isVisible()


def test_commands_reach_what_is_looked_at(window):
    actions = window.actions_of.actions
    actions["pin"].trigger()
    assert "Point at the canvas" in window.store.state.message.text
    window.store.update(probe=(0.1, 0.2))
    actions["pin"].trigger()
    assert window.store.state.pins == ((0.1, 0.2),)
    actions["unpin"].trigger()
    assert window.store.state.pins == ()
    window.store.update(selected=(0, 1), hero="network")
    actions["deselect"].trigger()
    assert (window.store.state.selected, window.store.state.hero) == (None, "")
    actions["shade"].trigger()
    assert window.store.state.view.coloring == "unit"
    actions["unpin_all"].trigger()


def test_ctrl_click_on_the_canvas_pins(window, qtbot):
    viewport = window.canvas.viewport()
    middle = viewport.rect().center()
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, middle)
    assert len(window.store.state.pins) == 1
    window.canvas.grab()
