"""The bar of the timeline and its keys: looking back, playing, going on from there."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QInputDialog

from reluviz.app.actions import ACTIONS, perform
from reluviz.app.panels.learning import learning_charts
from reluviz.app.time_travel import SPAN_SECONDS
from reluviz.app.timeline.looking import look_at, resume_here, set_playing, set_speed, toggle_mark
from reluviz.app.timeline.player import advance
from tests.app.timelines import filled_store, hear, place_of


@pytest.fixture
def new_store():
    return filled_store()


def press(qtbot, window, key, modifier=Qt.KeyboardModifier.NoModifier):
    qtbot.keyClick(QApplication.focusWidget() or window, key, modifier)


class TestKeys:
    def test_keys_step_mark_and_return(self, store, window, qtbot):
        for _ in range(3):
            press(qtbot, window, Qt.Key.Key_Left)
        assert store.state.snapshot.step == 85
        press(qtbot, window, Qt.Key.Key_M)
        press(qtbot, window, Qt.Key.Key_Right)
        assert store.state.snapshot.step == 90
        assert store.state.until == 0
        press(qtbot, window, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
        assert store.state.snapshot.step == 85
        press(qtbot, window, Qt.Key.Key_Home)
        assert store.state.snapshot.step == 0
        press(qtbot, window, Qt.Key.Key_End)
        assert store.state.time.moment is None
        press(qtbot, window, Qt.Key.Key_Right)
        assert store.state.until == 101

    def test_space_goes_on_from_what_is_seen_and_says_so(self, store, window, qtbot):
        play = window.actions_of.actions["play"]
        press(qtbot, window, Qt.Key.Key_Left)
        assert play.text() == "Resume from here"
        assert window.timeline.resume.isVisible()
        press(qtbot, window, Qt.Key.Key_Space)
        assert store.state.plan.start.step == 95
        assert store.state.playing
        assert play.text() == "Pause"
        assert not window.timeline.resume.isVisible()
        press(qtbot, window, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
        assert store.state.plan.start.step == 100
        assert store.state.time.timeline.line.number == 1

    def test_commands_that_can_do_nothing_say_why(self, store, window):
        actions = window.actions_of.actions
        for name, said in (
            ("now", "newest moment already"),
            ("mark_after", "No moment is marked"),
            ("line_before", "only this line"),
        ):
            assert not actions[name].isEnabled()
            assert said in actions[name].toolTip()
            perform(store, ACTIONS[name])
            assert said in store.state.message.text
        assert store.state.time.moment is None

    def test_a_moment_is_named(self, store, window, monkeypatch):
        monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("  The fold  ", True))
        window.actions_of.actions["name_mark"].trigger()
        assert [mark.name for mark in store.state.time.marks] == ["The fold"]


class TestBar:
    def test_the_status_line_says_what_is_seen(self, store, window):
        store.apply(look_at, index=4)
        window.status_line._refresh()
        assert window.status_line.text.text().startswith("Looking at step 20 of 100; training rests.")
        assert "Resting" in window.status_line.facts.text()

    def test_its_strip_keeps_its_width_when_a_look_begins(self, store, window, qtbot):
        width = window.timeline.strip.width()
        store.apply(look_at, index=4)
        qtbot.wait(20)
        assert window.timeline.strip.width() == width
        window.timeline.now.click()
        assert store.state.time.moment is None

    def test_marks_and_lines_are_in_its_menu(self, store, window):
        menu = window.timeline.menu
        menu.fill()
        assert [action.isEnabled() for action in menu.actions() if not action.isSeparator()] == [False, False]
        store.apply(look_at, index=4)
        store.apply(toggle_mark)
        store.apply(resume_here)
        hear(store, 30)
        menu.fill()
        marks, lines = (action.menu() for action in menu.actions() if not action.isSeparator())
        assert marks.title() == "Mark 1, step 20"
        assert lines.title() == "Line 1: from its own beginning, up to step 100, train loss 0.00990"
        marks.actions()[0].trigger()
        assert store.state.snapshot.step == 20
        lines.actions()[0].trigger()
        assert store.state.snapshot.step == 100
        menu.fill()
        lines = [action.menu() for action in menu.actions() if not action.isSeparator()][-1]
        assert "left line 1 at step 20" in lines.title()
        lines.actions()[1].trigger()
        assert store.state.time.timeline.others == ()

    def test_charts_have_a_cursor_and_the_line_left_as_a_ghost(self, store):
        store.apply(look_at, index=4)
        loss, accuracy = learning_charts(store.state)
        assert (loss.cursor, accuracy.cursor) == (20.0, 20.0)
        assert loss.ghosts == ()
        store.apply(resume_here)
        hear(store, 30)
        loss, _ = learning_charts(store.state)
        assert loss.cursor is None
        assert [ghost.x[-1] for ghost in loss.ghosts] == [100]

    def test_the_speed_is_chosen(self, store, window):
        window.timeline.speed.setCurrentIndex(6)
        window.timeline.speed.activated.emit(6)
        assert store.state.time.speed == 16.0
        window.actions_of.actions["slower"].trigger()
        assert store.state.time.speed == 8.0
        assert window.timeline.speed.currentText() == "8\N{MULTIPLICATION SIGN}"

    def test_it_is_hidden_with_all_else(self, store, window):
        store.update(chrome=False)
        assert not window.timeline.isVisible()
        store.update(chrome=True)
        assert window.timeline.isVisible()


class TestPlaying:
    def test_moments_play_evenly_in_steps(self):
        store = filled_store([1, 2, 3, 4, 50, 100])
        store.apply(look_at, index=0)
        store.apply(set_playing, direction=1)
        time = store.state.time
        step, seen = 0.0, []
        while True:
            step, index = advance(time, step, SPAN_SECONDS / 100)
            time = replace(time, moment=index)
            if index == len(time.timeline) - 1:
                break
            seen.append(int(time.timeline.steps[index]))
        assert seen.count(4) >= 45
        assert seen.count(50) >= 49
        assert advance(replace(time, speed=4.0), 10.0, 1.0)[0] == pytest.approx(10 + 4 * 100 / SPAN_SECONDS)
        store.close()

    def test_it_ends_at_the_ends_or_begins_again(self):
        store = filled_store()
        store.apply(look_at, index=3)
        store.apply(set_playing, direction=-1)
        time = store.state.time
        assert advance(time, 15.0, 100.0) == (0.0, 0)
        assert advance(replace(time, moment=0), 0.0, 1.0)[1] is None
        assert advance(replace(time, loop=True), 1.0, 1.0) == (100.0, 19)
        forward = replace(time, direction=1)
        assert advance(forward, 99.0, 100.0)[1] == 20
        assert advance(replace(forward, loop=True), 99.0, 100.0) == (0.0, 0)
        store.close()

    def test_the_window_plays_back_and_forward_and_rests_at_now(self, store, window, qtbot):
        store.apply(set_speed, speed=16.0)
        window.actions_of.actions["play_back"].trigger()
        assert window.actions_of.actions["play_back"].text() == "Hold"
        qtbot.waitUntil(lambda: store.state.snapshot.step == 0 and store.state.time.direction == 0, timeout=8000)
        window.actions_of.actions["play_past"].trigger()
        qtbot.waitUntil(lambda: store.state.time.moment is None, timeout=8000)
        assert (store.state.time.direction, store.state.until) == (0, 0)

    def test_a_hand_on_the_strip_holds_what_plays(self, store, window, qtbot):
        window.actions_of.actions["play_past"].trigger()
        strip = window.timeline.strip
        qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=place_of(strip, 50))
        assert (store.state.time.direction, store.state.snapshot.step) == (0, 50)
