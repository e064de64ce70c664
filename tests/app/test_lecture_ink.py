"""Ink, laser and spotlight by mouse and stylus, on a real window."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QInputDevice, QPointingDevice, QTabletEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from reluviz.app import edit_commands, look_commands
from reluviz.app.canvas.navigation import zoomed
from reluviz.app.lecture import commands
from reluviz.app.lecture import state as lectures
from reluviz.app.lecture.ink import INKS
from reluviz.app.lecture.light import FADE, Trail
from tests.app.inside import redraw
from tests.app.lecturing import lecture_of, open_window

pytestmark = pytest.mark.qt_log_ignore("not accepted by receiving widget")


@pytest.fixture
def open_(qtbot, qapp):
    return open_window(qtbot)


def at(window, point):
    """Return where a point of the plane is in the window."""
    part = window.lecture.places.part("plane:0")
    return QPoint(*np.round(part.to_pixels([point])[0]).astype(int).tolist())


def draw(window, *places):
    glass = window.lecture.glass
    QTest.mousePress(glass, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, places[0])
    for place in places[1:]:
        QTest.mouseMove(glass, place)
    QTest.mouseRelease(glass, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, places[-1])


def is_inked(window, place, color):
    pixel = window.grab().toImage().pixelColor(place)
    ink = QColor(color)
    return max(abs(pixel.red() - ink.red()), abs(pixel.green() - ink.green()), abs(pixel.blue() - ink.blue())) < 40


def test_without_a_tool_the_window_is_as_always(open_):
    store, window = open_
    glass = window.lecture.glass
    assert glass.isHidden()
    assert window.lecture.ink_bar.isHidden()
    commands.toggle_tool(store, "pen")
    assert glass.isVisible()
    assert not glass.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    commands.toggle_tool(store, "pen")
    assert glass.isHidden()
    bounds = store.state.view.bounds
    QTest.mouseMove(window.canvas.viewport(), QPoint(200, 200))
    wheel(window, window.childAt(at(window, (0.0, 0.0))), at(window, (0.0, 0.0)))
    assert store.state.view.bounds != bounds


def wheel(window, widget, place):
    event = QWheelEvent(
        QPointF(widget.mapFrom(window, place)),
        QPointF(window.mapToGlobal(place)),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def test_a_stroke_lies_on_the_plane_and_moves_with_it(open_, qtbot):
    store, window = open_
    commands.take_color(store, 0)
    color = INKS["dark"][0]
    draw(window, at(window, (-0.5, 0.4)), at(window, (0.0, 0.4)), at(window, (0.5, 0.4)))
    (stroke,) = lecture_of(store).strokes
    assert stroke.part == "plane:0"
    assert np.allclose(np.array(stroke.points)[[0, -1]], [[-0.5, 0.4], [0.5, 0.4]], atol=0.01)
    point = (0.25, stroke.points[0][1])  # The mouse lies on whole pixels, the plane does not.
    place = at(window, point)
    assert is_inked(window, place, color)

    store.update(view=replace(store.state.view, bounds=zoomed(store.state.view.bounds, 0.5, 0.25, 0.8)))
    qtbot.wait(20)
    moved = at(window, point)
    assert moved != place
    assert is_inked(window, moved, color)
    assert not is_inked(window, place, color)
    assert lecture_of(store).strokes == (stroke,)


def test_a_stroke_beyond_the_canvas_is_cut_at_its_edge(open_, qtbot):
    store, window = open_
    commands.take_color(store, 1)
    draw(window, at(window, (0.0, 0.0)), at(window, (0.9, 0.0)))
    x, y = 0.45, lecture_of(store).strokes[0].points[0][1]
    store.update(view=replace(store.state.view, bounds=(x - 1e-6, x + 1e-6, y - 1e-6, y + 1e-6)))
    qtbot.wait(20)
    part = window.lecture.places.part("plane:0")
    middle = part.rect.center().toPoint()
    assert is_inked(window, middle, INKS["dark"][1])
    assert not is_inked(window, QPoint(round(part.rect.left()) - 3, middle.y()), INKS["dark"][1])


def test_ink_on_a_panel_goes_with_it(open_, qtbot):
    store, window = open_
    dock = window.docks["learning"]
    commands.take_color(store, 0)
    corner = dock.mapTo(window, QPoint(20, 40))
    draw(window, corner, corner + QPoint(60, 0))
    (stroke,) = lecture_of(store).strokes
    assert stroke.part == "dock:learning"
    assert stroke.points[0] == (20, 40)
    place = corner + QPoint(30, 0)
    assert is_inked(window, place, INKS["dark"][0])
    dock.hide()
    qtbot.wait(60)
    assert not is_inked(window, place, INKS["dark"][0])
    dock.show()
    qtbot.wait(60)
    assert is_inked(window, dock.mapTo(window, QPoint(50, 40)), INKS["dark"][0])


def test_moves_add_to_the_picture_and_do_not_draw_it_anew(open_):
    store, window = open_
    commands.toggle_tool(store, "pen")
    start = at(window, (-0.6, 0.0))
    draw(window, start, *(start + QPoint(3 * i, i % 5) for i in range(1, 100)))
    layers = window.lecture.glass.layers
    before = layers.renderings
    draw(window, start + QPoint(0, 60), *(start + QPoint(3 * i, 60 + i % 5) for i in range(1, 100)))
    redraw(store)
    window.grab()
    assert layers.renderings == before
    first, second = lecture_of(store).strokes
    assert 2 < len(first.points) <= 100
    assert 2 < len(second.points) <= 100
    commands.undo_ink(store)
    assert layers.renderings == before + 1


def update_layers(store, window):
    state, glass = store.state, window.lecture.glass
    return glass.layers.update(state.lecture, state.theme, state.font_scale, glass.size(), glass.devicePixelRatioF())


def test_a_pen_that_rests_asks_for_no_painting(open_):
    store, window = open_
    lecture = lecture_of(store)
    lecture = lectures.begin_stroke(replace(lecture, tool="pen"), lectures.Spot("plane:0", (0.0, 0.0)))
    store.update(lecture=lectures.go_on(lecture, (0.3, 0.3)))
    update_layers(store, window)
    assert update_layers(store, window).isEmpty()
    store.update(lecture=lectures.go_on(lecture_of(store), (0.4, 0.1)))
    assert update_layers(store, window).isEmpty()  # It was drawn when the state changed.


def test_a_stroke_that_went_on_unseen_is_drawn_to_its_end(open_):
    store, window = open_
    commands.take_color(store, 1)
    lecture = lectures.begin_stroke(lecture_of(store), lectures.Spot("plane:0", (-0.5, 0.0)))
    lecture = lectures.go_on(lecture, (-0.2, 0.0))
    store.update(lecture=lecture)
    store.update(lecture=lectures.end_stroke(lectures.go_on(lecture, (0.5, 0.0))))  # As between two frames of a film.
    assert is_inked(window, at(window, (0.4, 0.0)), INKS["dark"][1])


def test_the_eraser_takes_whole_strokes(open_):
    store, window = open_
    commands.toggle_tool(store, "pen")
    for y in (0.5, 0.0, -0.5):
        draw(window, at(window, (-0.5, y)), at(window, (0.5, y)))
    commands.toggle_tool(store, "erase")
    draw(window, at(window, (0.1, 0.7)), at(window, (0.1, 0.5)), at(window, (0.1, 0.2)), at(window, (0.1, 0.0)))
    (left,) = lecture_of(store).strokes
    assert left.points[0][1] == pytest.approx(-0.5, abs=0.01)
    edit_commands.take_back(store)
    assert len(lecture_of(store).strokes) == 3
    edit_commands.do_again(store)
    assert len(lecture_of(store).strokes) == 1


def test_undo_means_ink_only_while_a_pen_is_in_the_hand(open_):
    store, window = open_
    store.edit(learning_rate=0.5)
    commands.toggle_tool(store, "pen")
    draw(window, at(window, (0.0, 0.0)), at(window, (0.3, 0.3)))
    edit_commands.take_back(store)
    assert lecture_of(store).strokes == ()
    assert store.state.experiment.learning_rate == 0.5
    commands.put_down(store)
    edit_commands.take_back(store)
    assert store.state.experiment.learning_rate != 0.5


def test_escape_puts_the_tool_down_and_leaves_the_ink(open_, qtbot):
    store, window = open_
    commands.toggle_tool(store, "pen")
    draw(window, at(window, (0.0, 0.0)), at(window, (0.3, 0.3)))
    window.activateWindow()
    window.canvas.setFocus()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    qtbot.keyClick(window.canvas, Qt.Key.Key_Escape)
    assert lecture_of(store).tool == ""
    assert len(lecture_of(store).strokes) == 1
    glass = window.lecture.glass
    assert glass.isVisible()
    assert glass.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)


def test_escape_leaves_one_thing_at_a_time(open_):
    store, _ = open_
    store.update(fullscreen=True, chrome=False, selected=(0, 0))
    commands.toggle_tool(store, "laser")
    seen = []
    for _ in range(4):
        look_commands.leave(store)
        state = store.state
        seen.append((state.lecture.tool, state.selected is not None, state.chrome, state.fullscreen))
    assert seen == [
        ("", True, False, True),
        ("", False, False, True),
        ("", False, True, True),
        ("", False, True, False),
    ]


def test_the_wheel_zooms_with_ink_in_the_hand(open_):
    store, window = open_
    commands.toggle_tool(store, "pen")
    bounds = store.state.view.bounds
    wheel(window, window.lecture.glass, at(window, (0.0, 0.0)))
    assert store.state.view.bounds[1] - store.state.view.bounds[0] < bounds[1] - bounds[0]
    assert not window.lecture.glass.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)


STYLUS = QPointingDevice(
    "stylus",
    7,
    QInputDevice.DeviceType.Stylus,
    QPointingDevice.PointerType.Pen,
    QInputDevice.Capability.Position | QInputDevice.Capability.Pressure,
    1,
    1,
)
RUBBER = QPointingDevice(
    "rubber",
    8,
    QInputDevice.DeviceType.Stylus,
    QPointingDevice.PointerType.Eraser,
    QInputDevice.Capability.Position,
    1,
    1,
)


def stylus(window, kind, place, device=STYLUS):
    place = QPointF(place)
    down = kind != QEvent.Type.TabletRelease
    event = QTabletEvent(
        kind,
        device,
        place,
        QPointF(window.mapToGlobal(place.toPoint())),
        0.5 if down else 0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        Qt.KeyboardModifier.NoModifier,
        Qt.MouseButton.LeftButton,
        Qt.MouseButton.LeftButton if down else Qt.MouseButton.NoButton,
    )
    QApplication.sendEvent(window.lecture.glass, event)
    return event.isAccepted()


def test_a_stylus_draws_and_its_other_end_erases(open_):
    store, window = open_
    commands.toggle_tool(store, "pen")
    places = [QPointF(at(window, (x, 0.2))) + QPointF(0.25, 0.5) for x in (-0.4, 0.0, 0.4)]
    taken = [stylus(window, QEvent.Type.TabletPress, places[0])]
    taken += [stylus(window, QEvent.Type.TabletMove, place) for place in places[1:]]
    taken.append(stylus(window, QEvent.Type.TabletRelease, places[-1]))
    assert all(taken)  # Else Qt would make mouse events of them, and draw everything twice.
    (stroke,) = lecture_of(store).strokes
    part = window.lecture.places.part("plane:0")
    assert part.to_pixels(stroke.points)[0] == pytest.approx([places[0].x(), places[0].y()])  # Between two pixels.

    stylus(window, QEvent.Type.TabletPress, places[1] + QPointF(0, 30), RUBBER)
    assert len(lecture_of(store).strokes) == 1
    stylus(window, QEvent.Type.TabletMove, places[1], RUBBER)
    stylus(window, QEvent.Type.TabletRelease, places[1], RUBBER)
    assert lecture_of(store).strokes == ()
    assert lecture_of(store).tool == "pen"


def test_the_laser_leaves_nothing(open_):
    store, window = open_
    commands.toggle_tool(store, "laser")
    place = at(window, (0.2, -0.3))
    QTest.mouseMove(window.lecture.glass, place)
    spot = lecture_of(store).pointer
    assert spot.part == "plane:0"
    assert spot.point == pytest.approx((0.2, -0.3), abs=0.01)
    red = window.grab().toImage().pixelColor(place + QPoint(4, 0))
    assert red.red() > 200
    assert red.green() < 110
    draw(window, place, place + QPoint(50, 0))
    assert lecture_of(store).strokes == ()
    assert lecture_of(store).past == ()
    commands.put_down(store)
    assert lecture_of(store).pointer is None


def test_a_trail_fades(qapp):
    trail = Trail()
    for index in range(10):
        trail.move(QPointF(10 * index, 0), 0.05 * index)
    assert trail.rect(1.0).width() > 90
    assert trail.fade(0.45 + 0.5 * FADE)
    assert not trail.fade(0.46 + FADE)
    assert trail.rect(1.0).width() < 45  # The dot stays where the mouse is.
    trail.move(None, 9.0)
    assert trail.rect(1.0).isEmpty()


def test_the_spotlight_darkens_all_but_a_circle(open_):
    store, window = open_
    corner = window.transport.mapTo(window, QPoint(window.transport.width() // 2, 3))
    lit, before = at(window, (0.3, 0.3)), window.grab().toImage()
    commands.toggle_tool(store, "spotlight")
    QTest.mouseMove(window.lecture.glass, lit)
    after = window.grab().toImage()
    assert after.pixelColor(lit) == before.pixelColor(lit)
    assert after.pixelColor(corner).lightness() < 0.6 * before.pixelColor(corner).lightness()


def test_the_bar_of_inks_offers_every_tool(open_):
    store, window = open_
    commands.toggle_tool(store, "pen")
    bar = window.lecture.ink_bar
    assert bar.isVisible()
    bar.pens[2].click()
    assert lecture_of(store).color == 2
    assert [pen.isChecked() for pen in bar.pens] == [False, False, True]
    store.update(chrome=False)
    assert bar.isHidden()
    commands.next_color(store)
    assert lecture_of(store).color == 0


def test_a_panel_comes_to_the_front_under_the_glass(open_, qtbot):
    store, window = open_
    commands.toggle_tool(store, "pen")
    window.present("census")
    qtbot.wait(50)
    assert not window.docks["census"].visibleRegion().isEmpty()
    place = window.docks["census"].mapTo(window, QPoint(30, 60))
    assert window.childAt(place) is window.lecture.glass
