"""The audience's window: the same pixels, nothing to touch, a screen of its own."""

from dataclasses import fields, replace

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from reluviz.app.comparing import open_setup, take_pictures
from reluviz.app.lecture import commands
from reluviz.app.lecture.audience import cells_for, fitted
from reluviz.app.lecture.audience_words import large_figures, lecturer_notes, lesson_words
from reluviz.app.lecture.notice import sentence
from reluviz.app.lecture.screens import free_screen
from reluviz.app.state import AppState
from reluviz.core.picture import make_picture
from tests.app.lecturing import learn, lecture_of, open_window

pytestmark = pytest.mark.qt_log_ignore("not accepted by receiving widget")


@pytest.fixture
def open_(qtbot, qapp):
    store, window = open_window(qtbot)
    yield store, window
    commands.put_down(store)
    window.lecture.blackout.show_dark(False)
    if store.state.lecture.audience:
        commands.toggle_audience(store)


def audience_of(window):
    assert window.lecture.audience is not None
    return window.lecture.audience


def test_the_audience_sees_the_same_pixels(open_, qtbot):
    store, window = open_
    commands.toggle_audience(store)
    audience = audience_of(window)
    qtbot.waitUntil(audience.isVisible)
    (canvas,) = audience.canvases
    assert canvas.picture_of(store.state) is store.state.picture
    assert canvas.picture_item._pixels is store.state.picture.image  # Not a copy, and not another drawing.
    learn(store, 7)
    assert canvas.picture_item._pixels is store.state.picture.image
    assert canvas.box.bounds == store.state.view.bounds
    view = store.state.view
    audience.resize(700, 500)
    qtbot.wait(30)
    assert store.state.view is view  # The audience's window asks for nothing.


def test_the_audience_cannot_be_touched(open_, qtbot):
    store, window = open_
    commands.toggle_audience(store)
    audience = audience_of(window)
    qtbot.waitUntil(audience.isVisible)
    before = store.state
    place = audience.canvases[0].geometry().center()
    for button in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
        QTest.mouseClick(audience.childAt(place) or audience, button)
    QTest.mouseMove(audience, place)
    qtbot.keyClick(audience, Qt.Key.Key_R)
    differ = {f.name for f in fields(before) if getattr(before, f.name) is not getattr(store.state, f.name)}
    assert differ <= {"probe"}  # Of the main window, which lies below the mouse as well.
    store.update(probe=None)
    for kind in (QEvent.Type.MouseMove, QEvent.Type.MouseButtonDblClick):
        canvas, at = audience.canvases[0], QPointF(50, 50)
        button = Qt.MouseButton.LeftButton
        QApplication.sendEvent(
            canvas.viewport(), QMouseEvent(kind, at, at, button, button, Qt.KeyboardModifier.NoModifier)
        )
    assert store.state.probe is None
    assert store.state.view is before.view


def test_freeze_and_black_are_the_audience_s(open_, qtbot):
    store, window = open_
    learn(store, 100)
    commands.toggle_audience(store)
    commands.toggle_counters(store)
    audience = audience_of(window)
    qtbot.waitUntil(lambda: bool(audience.figures))
    commands.toggle_freeze(store)
    held = store.state.picture
    learn(store, 200)
    assert store.state.snapshot.step == 200
    assert store.state.picture is not held
    assert audience.canvases[0].picture_item._pixels is held.image
    assert large_figures(store.state)[0]["step"] == "100"
    assert "The audience sees step 100" in sentence(store.state)
    commands.toggle_freeze(store)
    assert audience.canvases[0].picture_item._pixels is store.state.picture.image

    commands.toggle_dark(store)
    assert window.lecture.blackout.isHidden()
    assert audience.grab().toImage().pixelColor(QPoint(100, 100)).value() == 0
    assert audience.grab().toImage().pixelColor(audience.rect().center()).value() == 0
    assert sentence(store.state).startswith("The audience sees black.")
    qtbot.keyClick(audience, Qt.Key.Key_X)
    assert not lecture_of(store).is_dark
    assert audience.grab().toImage().pixelColor(audience.canvases[0].geometry().center()).value() > 0


def test_ink_on_the_plane_is_seen_by_the_audience_and_other_ink_is_not(open_, qtbot):
    store, window = open_
    commands.toggle_audience(store)
    audience = audience_of(window)
    qtbot.waitUntil(audience.isVisible)
    commands.take_color(store, 0)
    glass = window.lecture.glass
    part = window.lecture.places.part("plane:0")
    start, end = (QPoint(*part.to_pixels([p])[0].astype(int).tolist()) for p in ((-0.4, 0.1), (0.4, 0.1)))
    QTest.mousePress(glass, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    QTest.mouseMove(glass, end)
    there = audience.glass._places.part("plane:0")
    stroke = lecture_of(store).drawing
    place = QPoint(*there.to_pixels([(0.0, stroke.points[0][1])])[0].round().astype(int).tolist())
    assert audience.grab().toImage().pixelColor(place).name() == "#ffe45c"  # While it is drawn.
    QTest.mouseRelease(glass, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, end)
    layers = audience.glass.layers.renderings
    bar = window.transport.mapTo(window, QPoint(300, 15))
    QTest.mousePress(glass, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, bar)
    QTest.mouseRelease(glass, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, bar)
    assert audience.glass._places.part("bar") is None
    audience.grab()
    assert audience.glass.layers.renderings <= layers + 1
    commands.toggle_tool(store, "laser")
    QTest.mouseMove(glass, start)
    spot = there.to_pixels([lecture_of(store).pointer.point])[0].round().astype(int).tolist()
    red = audience.grab().toImage().pixelColor(QPoint(*spot) + QPoint(5, 0))
    assert red.red() > 200
    assert red.green() < 110


def test_a_comparison_is_seen_pane_by_pane(open_, qtbot):
    store, window = open_
    store.apply(open_setup)
    from reluviz.app.comparing import start_comparison
    from reluviz.app.received import begin_run

    store.set(begin_run(replace(start_comparison(store.state), until=0)))
    pictures = tuple(make_picture(pane.snapshot, store.state.view) for pane in store.state.panes)
    store.set(take_pictures(store.state, pictures))
    commands.toggle_audience(store)
    commands.toggle_counters(store)
    audience = audience_of(window)
    qtbot.waitUntil(audience.isVisible)
    assert len(audience.canvases) == len(store.state.panes) > 1
    assert [canvas.picture_item._pixels is p.image for canvas, p in zip(audience.canvases, pictures, strict=True)]
    assert len(large_figures(store.state)) == len(store.state.panes)
    qtbot.waitUntil(lambda: sum(c.isVisible() for c in audience.figures) == len(store.state.panes))
    audience.resize(1280, 720)
    learned = [replace(pane, snapshot=replace(pane.snapshot, step=123_456)) for pane in store.state.panes]
    store.update(panes=tuple(learned))  # Wider figures, which may need another row.
    qtbot.wait(200)
    for canvas, counters in zip(audience.canvases, audience.figures, strict=True):
        assert canvas.geometry().contains(counters.geometry())
    store.update(panes=(), setup=None)
    assert len(audience.canvases) == 1
    audience.grab()


def test_closing_the_audience_s_window_says_so_and_the_main_one_takes_it_along(open_, qtbot):
    store, window = open_
    commands.toggle_audience(store)
    audience_of(window).close()
    qtbot.waitUntil(lambda: not lecture_of(store).audience)
    assert window.lecture.audience is None
    commands.toggle_audience(store)
    audience = audience_of(window)
    window.close()
    assert not audience.isVisible()
    assert not [w for w in QApplication.topLevelWidgets() if w.isVisible()]


def test_the_lecturer_s_panel_comes_with_the_audience(open_, qtbot):
    store, window = open_
    commands.toggle_audience(store)
    qtbot.wait(50)
    assert not window.docks["lecturer"].visibleRegion().isEmpty()


def test_a_picture_fits_its_room():
    for aspect in (0.3, 1.0, 1.6, 4.0):
        rect = fitted(QRect(10, 20, 800, 600), aspect)
        assert QRect(10, 20, 800, 600).contains(rect)
        assert rect.width() / rect.height() == pytest.approx(aspect, rel=0.02)
        assert rect.width() == 800 or rect.height() == 600


@pytest.mark.parametrize("count", range(2, 7))
@pytest.mark.parametrize("aspect", [0.4, 1.0, 2.5])
def test_pictures_side_by_side_are_as_large_as_can_be(count, aspect):
    room = QRect(0, 0, 1900, 1000)
    cells = cells_for(room.size(), count, 50, aspect)
    assert len(cells) == count
    for index, cell in enumerate(cells):
        assert room.contains(cell)
        assert not any(cell.intersects(other) for other in cells[index + 1 :])
    if count == 4:
        rows = len({cell.y() for cell in cells})
        assert rows == {0.4: 1, 1.0: 1, 2.5: 2}[aspect]


def test_no_lesson_says_nothing():
    assert lesson_words(AppState()) == ("", "")
    assert lecturer_notes(AppState()) == ("", "")


class FakeScreen:
    def __init__(self, *rect):
        self._rect = rect

    def geometry(self):
        return self._rect


def test_the_free_screen_is_one_that_shows_something_else():
    desk, wall, mirror = FakeScreen(0, 0, 10, 10), FakeScreen(10, 0, 10, 10), FakeScreen(0, 0, 10, 10)
    assert free_screen(desk, [desk]) is None
    assert free_screen(desk, [desk, wall]) is wall
    assert free_screen(wall, [desk, wall]) is desk
    assert free_screen(desk, [desk, mirror]) is None
    assert free_screen(desk, [desk, mirror, wall]) is wall
    assert free_screen(None, [desk, wall]) is None
