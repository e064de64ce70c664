"""The timeline in the window: a hand drags over the past, and all that is seen follows."""

import os
import signal
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QInputDialog

from reluviz.app.comparing import open_setup, start_comparison, take_snapshots
from reluviz.app.files import HISTORIES, SCENES, ask_save, open_scene, save_scene
from reluviz.app.live import Live
from reluviz.app.panels.learning import learning_charts
from reluviz.app.received import begin_run
from reluviz.app.settings import Settings
from reluviz.app.start import Options, _first_state
from reluviz.app.state import AppState, edit_experiment, take_experiment, take_theme
from reluviz.app.store import Store
from reluviz.app.theme import apply_theme, load_fonts
from reluviz.app.time_travel import SPAN_SECONDS
from reluviz.app.timeline.looking import drop_line, look_at, resume_here, set_playing, set_speed, show_now, toggle_mark
from reluviz.app.timeline.opening import open_saved
from reluviz.app.timeline.player import advance
from reluviz.app.timeline.strip_picture import draw_strip, make_frame
from reluviz.app.window import Window
from reluviz.core.errors import InputError
from reluviz.core.experiment import Experiment
from reluviz.core.palette import PALETTES
from reluviz.core.picture import make_picture
from reluviz.core.view import View
from reluviz.engine.trainer import train
from reluviz.studio.comparison import Setup
from reluviz.studio.scene import read_scene

EXPERIMENT = Experiment(hidden=(6, 6), points=80, device="cpu")


def filled_store(steps=range(5, 105, 5), experiment=EXPERIMENT):
    """Return a store that has heard of so many steps."""
    store = Store(begin_run(take_experiment(AppState(run=1), experiment)))
    for step in steps:
        hear(store, step)
    return store


def hear(store, step, loss=1.0):
    def take(state):
        panes = tuple(pane.snapshot for pane in state.panes) or (state.snapshot,)
        return take_snapshots(
            state,
            tuple(
                replace(
                    one, step=step, parameters=one.parameters + np.float32(0.02), train_loss=loss / (step + pane + 1)
                )
                for pane, one in enumerate(panes)
            ),
        )

    store.apply(take)


@pytest.fixture
def store(qtbot):
    store = filled_store()
    yield store
    store.close()


@pytest.fixture
def window(store, qtbot, qapp):
    load_fonts()
    apply_theme(qapp, "dark", 1.0)
    window = Window(store)
    qtbot.addWidget(window)
    window.resize(1280, 720)
    window.show()
    qtbot.waitExposed(window)
    window.canvas.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    window.canvas.setFocus()
    return window


def place_of(strip, step):
    return QPoint(round(float(strip.frame().x(step))), strip.height() // 2)


def press(qtbot, window, key, modifier=Qt.KeyboardModifier.NoModifier):
    qtbot.keyClick(QApplication.focusWidget() or window, key, modifier)


class TestStrip:
    def test_a_press_and_a_drag_show_the_moments_under_the_mouse(self, store, window, qtbot):
        strip = window.timeline.strip
        qtbot.mousePress(strip, Qt.MouseButton.LeftButton, pos=place_of(strip, 50))
        assert store.state.snapshot.step == 50
        qtbot.mouseMove(strip, place_of(strip, 20))
        assert store.state.snapshot.step == 20
        qtbot.mouseMove(strip, QPoint(strip.width() + 500, 5))
        assert store.state.time.moment is None
        qtbot.mouseMove(strip, QPoint(-500, 5))
        assert store.state.snapshot.step == 0
        qtbot.mouseRelease(strip, Qt.MouseButton.LeftButton, pos=place_of(strip, 20))
        qtbot.mouseMove(strip, place_of(strip, 70))
        assert store.state.snapshot.step == 0

    def test_a_mark_takes_a_hand_that_comes_close(self, store, window, qtbot):
        store.apply(look_at, index=10)
        store.apply(toggle_mark)
        store.apply(show_now)
        strip = window.timeline.strip
        qtbot.mousePress(strip, Qt.MouseButton.LeftButton, pos=place_of(strip, 50) + QPoint(4, 0))
        assert store.state.snapshot.step == 50
        qtbot.mouseRelease(strip, Qt.MouseButton.LeftButton, pos=place_of(strip, 50))

    def test_it_is_a_slider_to_keys_and_to_screen_readers(self, store, window, qtbot):
        strip = window.timeline.strip
        assert strip.accessibleName() == "Timeline"
        assert (strip.minimum(), strip.maximum(), strip.value()) == (0, 20, 20)
        strip.setFocus()
        qtbot.keyClick(strip, Qt.Key.Key_Left)
        qtbot.keyClick(strip, Qt.Key.Key_Left)
        assert store.state.snapshot.step == 90
        assert strip.value() == 18
        assert "step 90 of 100" in strip.accessibleDescription()
        strip.triggerAction(strip.SliderAction.SliderPageStepSub)
        assert store.state.snapshot.step == 85
        strip.triggerAction(strip.SliderAction.SliderToMinimum)
        assert store.state.snapshot.step == 0

    def test_the_picture_behind_the_handle_is_drawn_seldom(self, store, window, qtbot, monkeypatch):
        from reluviz.app.timeline import strip as module

        strip = window.timeline.strip
        qtbot.waitUntil(lambda: not strip._timer.isActive())
        drawn = []

        def counted(*arguments):
            drawn.append(1)
            return draw_strip(*arguments)

        monkeypatch.setattr(module, "draw_strip", counted)
        for index in (3, 7, 12, 2, 9):
            store.apply(look_at, index=index)
            strip.grab()
        assert len(drawn) <= 1
        store.apply(show_now)
        drawn.clear()
        for step in range(200, 230):
            hear(store, step)
            strip.grab()
        assert len(drawn) <= 2
        qtbot.waitUntil(lambda: not strip._timer.isActive())
        strip.grab()
        assert strip._frame.high == 229

    @pytest.mark.parametrize("theme", list(PALETTES))
    def test_everything_it_shows_is_there(self, store, window, theme, qtbot):
        """The handle, marks and the line that was left change the picture where they are."""
        store.apply(take_theme, name=theme)
        font, ratio = window.timeline.strip.font(), 1.0

        def drawn():
            frame = make_frame(store.state, 600, 30, 16)
            return draw_strip(store.state, frame, font, ratio).toImage(), frame

        plain, frame = drawn()
        store.apply(look_at, index=10)
        store.apply(toggle_mark)
        store.apply(show_now)
        marked, _ = drawn()
        x = round(float(frame.x(50)))
        assert changed_columns(plain, marked) <= set(range(x - 1, x + 12))
        assert x in changed_columns(plain, marked)
        store.apply(look_at, index=15)
        store.apply(resume_here)
        for step in range(76, 101):
            hear(store, step, loss=1.5)
        branched, _ = drawn()
        store.apply(drop_line, number=1)
        alone, _ = drawn()
        assert any(column > frame.x(80) for column in changed_columns(branched, alone))

    @pytest.mark.parametrize("steps", [[], [5], [10**9, 2 * 10**9]])
    def test_few_moments_and_far_ones(self, qtbot, steps):
        store = filled_store(steps)
        frame = make_frame(store.state, 300, 25, 15)
        assert frame.low < frame.high
        assert not draw_strip(store.state, frame, QApplication.font(), 2.0).isNull()
        for x in (-10.0, 0.0, 150.0, 400.0):
            assert frame.low <= frame.step_at(x) <= frame.high
        store.close()

    def test_an_empty_timeline_can_be_shown_and_clicked(self, qtbot):
        store = Store(AppState())
        window = Window(store)
        qtbot.addWidget(window)
        window.show()
        strip = window.timeline.strip
        qtbot.mousePress(strip, Qt.MouseButton.LeftButton, pos=QPoint(40, 5))
        qtbot.mouseMove(strip, QPoint(60, 5))
        qtbot.mouseRelease(strip, Qt.MouseButton.LeftButton, pos=QPoint(60, 5))
        strip.triggerAction(strip.SliderAction.SliderToMinimum)
        assert store.state.time.moment is None
        store.close()


def changed_columns(one, other):
    def pixels(image):
        return np.array(image.constBits()).reshape(image.height(), -1, 4)

    return set(np.flatnonzero((pixels(one) != pixels(other)).any(axis=(0, 2))).tolist())


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
            actions[name].trigger()
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


class TestFiles:
    def test_a_scene_saved_with_its_past_can_be_scrubbed_again(self, store, tmp_path):
        store.apply(look_at, index=4)
        store.apply(toggle_mark)
        path = tmp_path / "a.reluviz"
        assert save_scene(store, path, with_history=True)
        other = filled_store([1, 2], Experiment(hidden=(3,)))
        assert open_scene(other, path)
        state = other.state
        assert state.time.timeline.steps.tolist() == [0, *range(5, 105, 5)]
        assert [mark.step for mark in state.time.marks] == [20]
        assert (state.snapshot.step, state.until) == (100, 0)
        assert state.curves.learning.steps.tolist() == [0, *range(5, 105, 5)]
        assert [line.steps.tolist() for line in state.time.timeline.others] == [[0, 1, 2]]
        other.apply(look_at, index=3)
        assert other.state.snapshot.step == 15
        hear_one = other.state.snapshot.parameters
        assert np.array_equal(hear_one, store.state.time.timeline[3][0].parameters)
        other.close()

    def test_a_comparison_comes_back_with_its_panes(self, store, tmp_path):
        store.apply(open_setup)
        store.apply(start_comparison)
        store.apply(begin_run)
        for step in (3, 6, 9):
            hear(store, step)
        path = tmp_path / "a.reluviz"
        assert save_scene(store, path, with_history=True)
        other = filled_store([1, 2])
        assert open_scene(other, path)
        state = other.state
        assert state.setup == store.state.setup
        assert [pane.snapshot.step for pane in state.panes] == [9] * 4
        assert [start.step for start in state.plan.variant_starts] == [9] * 3
        other.apply(look_at, index=1)
        assert [pane.snapshot.step for pane in other.state.panes] == [3] * 4
        assert len({tuple(pane.experiment.activation) for pane in other.state.panes}) == 4
        other.close()

    @pytest.mark.parametrize(("kind", "moments"), [(SCENES, None), (HISTORIES, 21)])
    def test_the_dialog_asks_whether_the_past_is_saved(self, store, tmp_path, monkeypatch, kind, moments):
        path = tmp_path / "a.reluviz"
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), kind))
        ask_save(store)
        timeline = read_scene(path).timeline
        assert (timeline is None) if moments is None else (len(timeline) == moments)

    def test_a_window_started_with_a_scene_has_its_past(self, store, tmp_path, qapp):
        save_scene(store, tmp_path / "a.reluviz", with_history=True)
        options = Options(scene=read_scene(tmp_path / "a.reluviz"))
        begun = Store(_first_state(options, Settings(), options.scene.experiment, ""))
        assert begun.state.time.timeline.steps.tolist() == store.state.time.timeline.steps.tolist()
        assert begun.state.snapshot.step == 100
        begun.close()

    def test_networks_that_do_not_fit_the_data_are_refused(self, store, tmp_path):
        save_scene(store, tmp_path / "a.reluviz", with_history=True)
        scene = read_scene(tmp_path / "a.reluviz")
        other = replace(scene.snapshot, pane=1, outputs=3)
        wrong = replace(scene, setup=Setup("l2", (0.0, 0.0)), beside=(other,), timeline=None)
        with pytest.raises(InputError, match="The saved weights have 3 outputs"):
            open_saved(store.state, wrong)

    def test_a_moment_of_the_past_is_saved_as_it_is_seen(self, store, tmp_path):
        store.apply(look_at, index=4)
        assert save_scene(store, tmp_path / "a.reluviz")
        assert "at step 20" in store.state.message.text
        other = filled_store([1])
        assert open_scene(other, tmp_path / "a.reluviz")
        assert other.state.snapshot.step == 20
        other.close()


@pytest.fixture
def living(qtbot, qapp, no_leftovers):
    """A real window with a real engine, some tens of moments on."""
    apply_theme(qapp, "dark", 1.0)
    view = View(width=200, height=160)
    store = Store(take_experiment(AppState(view=view, steps_per_second=2000.0), EXPERIMENT))
    live = Live(store)
    window = Window(store)
    window.painted.connect(window.fill)
    window.resize(900, 700)
    window.show()
    live.start()
    qtbot.waitUntil(lambda: len(store.state.time.timeline) > 25, timeout=60_000)
    qtbot.waitUntil(
        lambda: store.state.picture is not None and store.state.picture.partition is not None, timeout=60_000
    )
    yield store, live, window
    live.stop()
    window.close()
    window.deleteLater()
    store.close()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


class TestLiving:
    def test_scrubbing_shows_that_moment_in_every_view(self, living, qtbot):
        store, _, window = living
        for index in (3, 20):
            store.apply(look_at, index=index)
            step = int(store.state.time.timeline.steps[index])
            qtbot.waitUntil(lambda step=step: store.state.picture.snapshot.step == step, timeout=20_000)
            state = store.state
            moment = state.time.timeline[index][0]
            assert np.array_equal(state.picture.snapshot.parameters, moment.parameters)
            expected = make_picture(moment, state.picture.view)
            assert np.array_equal(state.picture.image, expected.image)
            qtbot.waitUntil(lambda step=step: window.transport.values["step"].value.text() == f"{step:,}", timeout=5000)
        assert store.state.plan.until == 0

    def test_resuming_equals_headless_training_from_that_moment(self, living, qtbot):
        store, _, _ = living
        store.apply(look_at, index=12)
        seen = store.state.snapshot
        before = store.state.time.timeline
        store.apply(resume_here, until=seen.step + 37)
        qtbot.waitUntil(lambda: store.state.snapshot.step == seen.step + 37, timeout=30_000)
        *_, expected = train(EXPERIMENT, steps=37, every=37, start=seen)
        got = store.state.snapshot
        assert np.array_equal(got.parameters, expected.parameters)
        assert np.array_equal(got.optimizer_state, expected.optimizer_state)
        assert got.epoch == expected.epoch
        kept = store.state.time.timeline.find_line(before.line.number)
        assert set(before.steps.tolist()) <= set(kept.steps.tolist())

    def test_an_engine_killed_while_one_looks_back_is_started_again_at_the_newest_moment(self, living, qtbot):
        store, live, _ = living
        store.apply(look_at, index=5)
        qtbot.wait(300)
        newest, seen = store.state.time.last_step, store.state.snapshot.step
        run = store.state.run
        os.kill(live.engine_pid, signal.SIGKILL)
        qtbot.waitUntil(lambda: store.state.run > run, timeout=20_000)
        assert store.state.snapshot.step == seen
        assert store.state.time.moment is not None
        store.apply(show_now)
        assert store.state.snapshot.step >= newest
        qtbot.waitUntil(lambda: store.state.snapshot.step > newest + 5, timeout=60_000)
        assert store.state.time.timeline.others == ()

    def test_a_setting_changed_in_the_past_trains_on_from_there(self, living, qtbot):
        store, _, _ = living
        store.apply(look_at, index=8)
        seen = store.state.snapshot
        store.apply(edit_experiment, learning_rate=0.2)
        assert store.state.plan.start.step == seen.step
        store.apply(lambda state: replace(state, until=seen.step + 11))
        qtbot.waitUntil(lambda: store.state.snapshot.step == seen.step + 11, timeout=30_000)
        *_, expected = train(EXPERIMENT.edit(learning_rate=0.2), steps=11, every=11, start=seen)
        assert np.array_equal(store.state.snapshot.parameters, expected.parameters)
