"""Looking at earlier moments."""

from dataclasses import replace

import numpy as np
import pytest

from reluviz.app.comparing import end_comparison, open_setup, promote, start_comparison
from reluviz.app.received import lose_engine, report_divergence, return_to_finite
from reluviz.app.state import (
    AppState,
    play,
)
from reluviz.app.timeline.looking import (
    look_at,
    look_at_step,
    looking_sentence,
    remove_mark,
    resume_here,
    set_playing,
    set_speed,
    show_now,
    step_by,
    step_to_mark,
    take_line,
    toggle_mark,
)
from reluviz.core.snapshot import FOREVER
from reluviz.engine.process import Divergence
from tests.app.hands import Hand
from tests.app.shell import edit_experiment


@pytest.fixture
def hand():
    return Hand().train(10, 20, 30, 40)


class TestLooking:
    def test_every_moment_received_is_kept(self, hand):
        assert hand.steps == [0, 10, 20, 30, 40]
        assert hand.time.moment is None
        assert hand.time.timeline.others == ()

    def test_a_moment_stands_in_the_place_of_the_newest_and_training_rests(self, hand):
        live = hand.state
        hand.do(play).do(look_at, index=2)
        state = hand.state
        assert (state.snapshot.step, state.step, state.until, state.playing) == (20, 20, 0, False)
        assert state.snapshot.run == state.run
        assert np.array_equal(state.snapshot.parameters, live.time.timeline[2][0].parameters)
        assert (state.plan.until, state.plan.run, state.plan.experiment) == (0, live.run, live.experiment)
        assert state.curves is live.curves
        assert looking_sentence(state) == "Looking at step 20 of 40; training rests."

    def test_back_to_now_is_as_it_was(self, hand):
        hand.do(play)
        live = hand.state
        hand.do(look_at, index=1).do(look_at, index=3).do(show_now)
        assert hand.state.snapshot is live.snapshot
        assert hand.state.experiment is live.experiment
        assert hand.state.until == FOREVER
        assert hand.steps == [0, 10, 20, 30, 40]
        assert looking_sentence(hand.state) == ""

    def test_the_last_moment_is_now_and_rests(self, hand):
        hand.do(play).do(look_at, index=0).do(look_at, index=4)
        assert hand.time.moment is None
        assert hand.state.until == 0
        assert hand.state.snapshot.step == 40

    def test_steps_back_and_on(self, hand):
        hand.do(step_by, moments=-1)
        assert hand.state.snapshot.step == 30
        hand.do(step_by, moments=-9)
        assert hand.state.snapshot.step == 0
        hand.do(step_by, moments=-1)
        assert hand.state.message.text == "This is the first moment."
        hand.do(step_by, moments=1).do(step_by, moments=1)
        assert hand.state.snapshot.step == 20
        hand.do(step_by, moments=5)
        assert hand.time.moment is None

    def test_settings_of_then_are_shown_and_now_come_back(self, hand):
        hand.do(edit_experiment, activation="tanh").train(50, 60)
        assert hand.steps == [0, 10, 20, 30, 40, 50, 60]
        hand.do(look_at_step, step=35)
        assert hand.state.experiment.activation == ("relu",)
        assert hand.state.plan.experiment.activation == ("tanh",)
        hand.do(look_at_step, step=55)
        assert hand.state.experiment.activation == ("tanh",)
        hand.do(look_at, index=0).do(show_now)
        assert hand.state.experiment.activation == ("tanh",)
        assert hand.state.history.past[-1].label == "activation"
        assert len(hand.state.history.past) == 1

    def test_points_of_then_are_shown(self, hand):
        now = hand.do(edit_experiment, noise=0.2).train(50).state.dataset
        hand.do(look_at, index=1)
        assert not np.array_equal(hand.state.dataset.points, now.points)
        assert hand.do(show_now).state.dataset is now

    def test_news_that_come_while_one_looks_back_wait_at_the_end(self, hand):
        hand.do(play).do(look_at, index=1).train(45)
        assert hand.steps == [0, 10, 20, 30, 40, 45]
        assert (hand.time.moment, hand.state.snapshot.step) == (1, 10)
        assert hand.do(show_now).state.snapshot.step == 45
        assert hand.state.until == FOREVER
        assert hand.state.curves.learning.steps.tolist() == [10, 20, 30, 40, 45]

    def test_nothing_kept_or_one_moment(self):
        empty = AppState()
        for change in (look_at, look_at_step):
            assert change(empty, 3) is empty
        assert step_by(empty, -1) is empty
        assert toggle_mark(empty) is empty
        assert set_playing(empty, 1).time.direction == 0
        assert resume_here(empty) is empty
        assert show_now(empty) is empty
        one = Hand()
        one.do(step_by, moments=-1)
        assert one.time.moment is None
        assert one.state.message.text == "This is the first moment."
        assert one.do(set_playing, direction=1).time.direction == 0


class TestTrouble:
    def test_a_lost_engine_stays_in_the_line(self, hand):
        hand.do(lose_engine, sentence="It ended.").train(50)
        assert hand.steps == [0, 10, 20, 30, 40, 50]
        assert hand.time.timeline.others == ()

    def test_an_engine_lost_while_one_looks_back(self, hand):
        hand.do(play).do(look_at, index=1)
        hand.hear(lambda state: lose_engine(state, "It ended."))
        assert (hand.time.moment, hand.state.snapshot.step) == (1, 10)
        assert hand.state.snapshot.run == hand.state.run
        assert hand.state.plan.start.step == 40
        assert "goes on from step 40" in hand.state.message.text
        hand.do(show_now)
        assert (hand.state.snapshot.step, hand.state.until) == (40, FOREVER)
        assert hand.train(50).steps == [0, 10, 20, 30, 40, 50]

    def test_a_diverged_run_can_be_looked_at_and_left(self, hand):
        last = replace(hand.state.snapshot, step=44)
        hand.hear(lambda state: report_divergence(state, Divergence(45, "Loss is not finite since step 45.", last)))
        hand.do(look_at, index=1)
        assert hand.state.snapshot.step == 10
        hand.do(lambda state: return_to_finite(show_now(state)))
        assert hand.state.experiment.learning_rate == pytest.approx(0.001)
        assert hand.steps == [0, 10, 20, 30, 40, 44]
        assert hand.time.timeline.others == ()

    def test_divergence_told_while_one_looks_back(self, hand):
        hand.do(play).do(look_at, index=2)
        last = hand.time.now.snapshot
        hand.hear(lambda state: report_divergence(state, Divergence(45, "Loss is not finite since step 45.", last)))
        assert hand.state.snapshot.step == 20
        assert "Back to step 40" in hand.state.message.text
        assert hand.do(show_now).state.until == 0


class TestPanes:
    @pytest.fixture
    def panes(self):
        return Hand().do(open_setup).do(start_comparison).train(10, 20, 30)

    def test_all_panes_show_the_moment(self, panes):
        panes.do(look_at, index=1)
        assert [pane.snapshot.step for pane in panes.state.panes] == [10] * 4
        assert [pane.snapshot.pane for pane in panes.state.panes] == [0, 1, 2, 3]
        assert [pane.curves.learning.steps.tolist() for pane in panes.state.panes] == [[10]] * 4
        assert len(panes.state.plan.variants) == 3
        panes.do(show_now)
        assert [pane.snapshot.step for pane in panes.state.panes] == [30] * 4
        assert [pane.curves.learning.steps.tolist() for pane in panes.state.panes] == [[10, 20, 30]] * 4

    def test_all_panes_go_on_from_the_moment(self, panes):
        panes.do(look_at, index=1)
        seen = [pane.snapshot.parameters for pane in panes.state.panes]
        panes.do(resume_here)
        plan = panes.state.plan
        assert plan.start.parameters is seen[0]
        assert [one.parameters for one in plan.variant_starts] == seen[1:]
        assert [one.step for one in plan.variant_starts] == [10] * 3
        panes.train(15)
        assert panes.steps == [0, 10, 15]
        assert [len(moment) for moment in panes.time.timeline] == [4, 4, 4]

    def test_a_comparison_that_ends_goes_on_with_the_first_pane(self, panes):
        panes.do(end_comparison).train(40)
        assert panes.steps == [0, 10, 20, 30, 40]
        assert [len(moment) for moment in panes.time.timeline] == [1] * 5
        number = panes.time.timeline.others[-1].number
        panes.do(take_line, number=number)
        assert len(panes.state.panes) == 4
        assert panes.state.setup is not None
        assert [pane.snapshot.step for pane in panes.state.panes] == [30] * 4

    def test_a_promoted_pane_brings_its_past(self, panes):
        second = [moment[1].parameters for moment in panes.time.timeline]
        panes.do(promote, index=1).train(40)
        assert panes.steps == [0, 10, 20, 30, 40]
        assert all(a[0].parameters is b for a, b in zip(panes.time.timeline, second, strict=False))


class TestMarksAndPlay:
    def test_marks_are_set_named_and_jumped_to(self, hand):
        hand.do(look_at, index=1).do(toggle_mark).do(look_at, index=3).do(toggle_mark, name="folds")
        assert [(mark.step, mark.name) for mark in hand.time.marks] == [(10, "Mark 1"), (30, "folds")]
        assert looking_sentence(hand.state) == "Looking at step 30 of 40 (folds); training rests."
        hand.do(step_to_mark, direction=-1)
        assert hand.state.snapshot.step == 10
        hand.do(step_to_mark, direction=-1)
        assert "no mark before" in hand.state.message.text
        hand.do(step_to_mark, direction=1)
        assert hand.state.snapshot.step == 30
        hand.do(toggle_mark)
        assert [mark.step for mark in hand.time.marks] == [10]
        hand.do(remove_mark, step=10)
        assert hand.time.marks == ()

    def test_marks_come_along_on_a_branch(self, hand):
        hand.do(look_at, index=1).do(toggle_mark).do(look_at, index=3).do(toggle_mark)
        hand.do(look_at, index=2).do(resume_here)
        assert [mark.step for mark in hand.time.marks] == [10]

    def test_playing_begins_at_the_other_end(self, hand):
        assert hand.do(set_playing, direction=1).state.snapshot.step == 0
        assert hand.time.direction == 1
        hand.do(show_now)
        assert hand.time.direction == 0
        hand.do(set_playing, direction=-1)
        assert hand.state.snapshot.step == 30
        hand.do(set_playing, direction=0)
        assert (hand.time.direction, hand.state.snapshot.step) == (0, 30)

    def test_speeds_are_a_few(self, hand):
        assert hand.do(set_speed, speed=3.1).time.speed == 4.0
        assert hand.do(set_speed, speed=1e9).time.speed == 16.0
