"""What the room sees of the main window: freeze, black-out and large figures."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from reluviz.app.lecture import commands
from reluviz.app.lecture.counters import Counters
from reluviz.app.lecture.notice import sentence
from reluviz.app.live import Live
from reluviz.app.state import AppState, Message, pause
from reluviz.core.snapshot import Plan
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


def test_what_is_wrong_is_said_without_chrome():
    state = AppState(chrome=False, message=Message("The loss is not finite.", "error"))
    assert sentence(state) == "The loss is not finite."
    assert sentence(replace(state, chrome=True)) == ""
    assert sentence(replace(state, message=Message("Saved."))) == ""


def test_a_key_press_event_alone_is_enough(open_):
    store, window = open_
    commands.toggle_dark(store)
    event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier, "a")
    QApplication.sendEvent(window, event)
    assert not lecture_of(store).is_dark
