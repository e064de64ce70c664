"""What the room sees: freeze, black-out, large figures, and the audience's window."""

from dataclasses import fields, replace

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from reluviz.app.comparing import open_setup, take_pictures
from reluviz.app.lecture import commands
from reluviz.app.lecture.audience import cells_for, fitted
from reluviz.app.lecture.audience_words import large_figures, lecturer_notes, lesson_words
from reluviz.app.lecture.counters import Counters
from reluviz.app.lecture.notice import sentence
from reluviz.app.lecture.screens import free_screen
from reluviz.app.live import Live
from reluviz.app.received import take_snapshot
from reluviz.app.state import AppState, Message, pause
from reluviz.core.picture import make_picture
from reluviz.core.snapshot import Plan
from tests.app.inside import redraw
from tests.app.lecturing import lecture_of, open_window

pytestmark = pytest.mark.qt_log_ignore("not accepted by receiving widget")


@pytest.fixture
def open_(qtbot, qapp):
    store, window = open_window(qtbot, qapp)
    yield store, window
    commands.put_down(store)
    window.lecture.blackout.show_dark(False)
    if store.state.lecture.audience:
        commands.toggle_audience(store)


def learn(store, step):
    """Bring a later moment with its picture, as the engine and the drawing thread do."""
    snapshot = replace(store.state.snapshot, step=step, train_loss=0.5, train_accuracy=0.75, test_accuracy=0.5)
    store.set(take_snapshot(store.state, snapshot))
    redraw(store)


class CountingLink:
    """An engine whose news are counted when they are taken."""

    def __init__(self, store, wake):
        self.wake, self.taken, self.plans = wake, 0, []

    def take(self):
        self.taken += 1

    def follow(self, old, new):
        names = ("experiment", "run", "until", "steps_per_second", "start")
        if any(getattr(old, name) is not getattr(new, name) for name in names):
            self.plans.append(new.plan)

    def start(self):
        pass

    stop = start


def test_a_frozen_window_takes_no_news_and_the_engine_trains_on(open_, qtbot):
    store, _ = open_
    made = []
    live = Live(store, link=lambda *arguments: made.append(CountingLink(*arguments)) or made[0])
    (link,) = made
    try:
        link.wake()
        qtbot.waitUntil(lambda: link.taken == 1)
        commands.toggle_freeze(store)
        link.wake()
        qtbot.wait(80)
        assert link.taken == 1
        assert link.plans == []  # Nothing else is asked of the engine.
        assert isinstance(store.state.plan, Plan)
        assert store.state.playing
        commands.toggle_freeze(store)
        qtbot.waitUntil(lambda: link.taken == 2)
    finally:
        live.stop()


def test_frozen_says_so_and_a_command_to_the_training_ends_it(open_, qtbot):
    store, window = open_
    learn(store, 1234)
    commands.toggle_freeze(store)
    qtbot.waitUntil(window.lecture.notice.isVisible)
    assert window.lecture.notice.text() == (
        "Frozen at step 1,234: training goes on unseen. Shift+F lets it move again."
    )
    store.apply(pause)
    assert lecture_of(store).held is None
    qtbot.waitUntil(window.lecture.notice.isHidden)


def test_black_until_any_key_and_no_command_runs(open_, qtbot):
    store, window = open_
    window.activateWindow()
    window.canvas.setFocus()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    for key in (Qt.Key.Key_R, Qt.Key.Key_B, Qt.Key.Key_PageDown, Qt.Key.Key_Space):
        commands.toggle_dark(store)
        assert window.lecture.blackout.isVisible()
        pixel = window.grab().toImage().pixelColor(QPoint(600, 300))
        assert pixel.value() == 0
        run, until = store.state.run, store.state.until
        qtbot.keyClick(window.canvas, Qt.Key.Key_Shift)
        assert lecture_of(store).is_dark  # A modifier alone is half a key.
        qtbot.keyClick(window.canvas, key)
        assert not lecture_of(store).is_dark
        assert window.lecture.blackout.isHidden()
        assert (store.state.run, store.state.until) == (run, until)


def test_black_until_any_click(open_, qtbot):
    store, window = open_
    commands.toggle_dark(store)
    playing = store.state.playing
    place = window.transport.mapTo(window, QPoint(100, 18))
    QTest.mouseClick(window.childAt(place), Qt.MouseButton.LeftButton)
    assert not lecture_of(store).is_dark
    assert store.state.playing == playing


def test_the_remote_s_keys_call_commands(open_, qtbot):
    store, window = open_
    window.activateWindow()
    window.canvas.setFocus()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    qtbot.keyClick(window.canvas, Qt.Key.Key_Period)
    assert lecture_of(store).is_dark
    qtbot.keyClick(window.canvas, Qt.Key.Key_Period)
    assert not lecture_of(store).is_dark
    qtbot.keyClick(window.canvas, Qt.Key.Key_F5)
    assert store.state.fullscreen
    qtbot.keyClick(window.canvas, Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
    assert not store.state.fullscreen


def test_large_figures_are_those_chosen(open_, qtbot):
    store, window = open_
    learn(store, 12_400)
    commands.choose_figure(store, "train_loss", False)
    commands.toggle_counters(store)
    qtbot.waitUntil(lambda: bool(window.lecture.figures))
    (counters,) = window.lecture.figures
    assert counters.isVisible()
    assert counters.texts == {
        "step": "12,400",
        "accuracy": "50.0 %",
        "regions": f"{store.state.picture.partition.count}",
    }
    part = window.lecture.places.part("plane:0")
    assert part.rect.contains(counters.geometry())
    assert counters.height() > 0.11 * part.rect.height()
    learn(store, 12_401)
    qtbot.waitUntil(lambda: counters.texts["step"] == "12,401")
    commands.toggle_counters(store)
    qtbot.waitUntil(counters.isHidden)


def test_one_figure_stays_at_least(open_):
    store, _ = open_
    for name in lecture_of(store).figures:
        commands.choose_figure(store, name, False)
    assert len(lecture_of(store).figures) == 1
    commands.choose_figure(store, "step", True)
    assert "step" in lecture_of(store).figures


def test_figures_are_drawn_when_they_change_and_not_with_the_canvas(open_, qtbot):
    store, window = open_
    commands.toggle_counters(store)
    qtbot.waitUntil(lambda: bool(window.lecture.figures))
    (counters,) = window.lecture.figures
    drawn = []
    draw, counters._draw = counters._draw, lambda *arguments: drawn.append(1) or draw(*arguments)
    for _ in range(20):
        learn(store, 0)
        window.grab()
    qtbot.wait(150)
    assert len(drawn) <= 1  # The loss came; then nothing differed.


def test_figures_fit_a_small_room(qtbot):
    counters = Counters(None)
    qtbot.addWidget(counters)
    texts = {"step": "12,345,678", "train_loss": "1.23e-05", "accuracy": "100.0 %", "regions": "123,456"}
    for width, height in ((300, 500), (900, 200), (1800, 1000)):
        counters.show_figures(texts, "dark", QSize(width, height))
        assert counters.width() <= width
        assert counters.height() <= 0.5 * height


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


def test_what_is_wrong_is_said_without_chrome():
    state = AppState(chrome=False, message=Message("The loss is not finite.", "error"))
    assert sentence(state) == "The loss is not finite."
    assert sentence(replace(state, chrome=True)) == ""
    assert sentence(replace(state, message=Message("Saved."))) == ""


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


def test_a_key_press_event_alone_is_enough(open_):
    store, window = open_
    commands.toggle_dark(store)
    event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier, "a")
    QApplication.sendEvent(window, event)
    assert not lecture_of(store).is_dark
