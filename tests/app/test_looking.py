from dataclasses import replace

import numpy as np
import pytest

from reluviz.app.comparing import end_comparison, open_setup, promote, start_comparison, take_snapshots
from reluviz.app.received import begin_run, lose_engine, report_divergence, resume_from, return_to_finite
from reluviz.app.state import (
    AppState,
    advance,
    edit_experiment,
    edit_weights,
    play,
    restart,
    take_experiment,
)
from reluviz.app.timeline.keeping import keep_time, look_again
from reluviz.app.timeline.looking import (
    drop_line,
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
from reluviz.app.undo import History
from reluviz.app.undoing import note_change, redo, undo
from reluviz.core.experiment import Experiment
from reluviz.core.snapshot import FOREVER
from reluviz.engine.process import Divergence


class Hand:
    """A state that changes as the store changes it."""

    def __init__(self, **settings):
        self.clock = 0.0
        experiment = Experiment(**{"hidden": (6, 6), **settings})
        self.state = keep_time(AppState(), begin_run(take_experiment(AppState(run=1), experiment)))
        self.state = replace(self.state, history=History())

    def do(self, change, **arguments):
        self.clock += 10
        new = keep_time(self.state, change(self.state, **arguments))
        self.state = note_change(self.state, new, self.clock)
        begun = keep_time(self.state, begin_run(self.state))  # As Live does where the run differs.
        self.state = note_change(self.state, begun, self.clock)
        return self

    def hear(self, change):
        """Take the engine's news as EngineLink does."""
        return self.do(lambda state: look_again(state, change(show_now(state))))

    def train(self, *steps):
        for step in steps:
            self.hear(lambda state, step=step: take_snapshots(state, self.moment(state, step)))
        return self

    @staticmethod
    def moment(state, step):
        seen = tuple(pane.snapshot for pane in state.panes) or (state.snapshot,)
        return tuple(
            replace(
                one,
                run=state.run,
                experiment=experiment,
                step=step,
                epoch=step / 11,
                parameters=one.parameters + np.float32(0.01 * (1 + pane)),
                train_loss=1 / (1 + step + pane),
                pane=pane,
            )
            for pane, (one, experiment) in enumerate(
                zip(seen, [p.experiment for p in state.panes] or [state.experiment], strict=True)
            )
        )

    @property
    def time(self):
        return self.state.time

    @property
    def steps(self):
        return self.time.timeline.steps.tolist()


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


class TestGoingOn:
    def test_resume_branches_with_the_very_weights_and_keeps_the_line_left(self, hand):
        hand.do(look_at, index=2)
        seen = hand.state.snapshot
        hand.do(resume_here)
        state = hand.state
        assert state.plan.start.parameters is seen.parameters
        assert state.plan.start.optimizer_state is seen.optimizer_state
        assert (state.plan.start.step, state.plan.start.epoch, state.until) == (20, seen.epoch, FOREVER)
        assert hand.steps == [0, 10, 20]
        assert [line.steps.tolist() for line in hand.time.timeline.others] == [[0, 10, 20, 30, 40]]
        assert state.curves.learning.steps.tolist() == [10, 20]
        hand.train(25, 35)
        assert hand.steps == [0, 10, 20, 25, 35]
        assert hand.time.timeline.line.origin == 1

    def test_play_goes_on_from_what_is_seen(self, hand):
        hand.do(look_at, index=1).do(play)
        assert hand.state.playing
        assert hand.state.plan.start.step == 10
        assert hand.time.moment is None
        assert "Going on from step 10" in hand.state.message.text

    def test_a_setting_changed_in_the_past_goes_on_from_there_and_can_be_undone(self, hand):
        live = hand.state
        hand.do(look_at, index=1).do(edit_experiment, learning_rate=0.5)
        assert hand.state.run == live.run + 1
        assert hand.state.plan.start.step == 10
        assert hand.state.experiment.learning_rate == 0.5
        assert not hand.state.playing
        assert hand.steps == [0, 10]
        hand.train(12).do(undo)
        assert hand.state.experiment == live.experiment
        assert hand.state.snapshot.step == 40
        assert np.array_equal(hand.state.snapshot.parameters, live.snapshot.parameters)
        assert hand.steps == [0, 10, 20, 30, 40]
        assert hand.state.curves.learning.steps.tolist() == [10, 20, 30, 40]
        assert [line.steps.tolist() for line in hand.time.timeline.others] == [[0, 10, 12]]

    def test_weights_changed_in_the_past_go_on_from_there(self, hand):
        hand.do(look_at, index=2)
        network = hand.state.snapshot.network
        moved = replace(network, biases=(network.biases[0] + 1, *network.biases[1:]))
        hand.do(edit_weights, network=moved)
        assert hand.time.moment is None
        assert hand.steps == [0, 10, 20]
        assert np.allclose(hand.state.snapshot.network.biases[0], moved.biases[0])
        assert [line.steps.tolist() for line in hand.time.timeline.others] == [[0, 10, 20, 30, 40]]
        hand.do(undo)
        assert hand.steps == [0, 10, 20, 30, 40]

    def test_weights_changed_now_stay_in_the_line(self, hand):
        network = hand.state.snapshot.network
        for _ in range(3):
            hand.do(edit_weights, network=replace(network, biases=(network.biases[0] + 1, *network.biases[1:])))
        assert hand.steps == [0, 10, 20, 30, 40]
        assert hand.time.timeline.others == ()
        assert hand.train(50).steps == [0, 10, 20, 30, 40, 50]

    def test_a_reset_begins_a_line_and_undo_returns_to_the_one_before(self, hand):
        hand.do(restart)
        assert hand.steps == [0]
        hand.train(10, 15)
        assert [line.steps.tolist() for line in hand.time.timeline.others] == [[0, 10, 20, 30, 40]]
        hand.do(undo)
        assert hand.steps == [0, 10, 20, 30, 40]
        assert hand.state.curves.learning.steps.tolist() == [10, 20, 30, 40]
        hand.do(redo)
        assert hand.steps == [0, 10, 15]

    def test_a_reset_while_one_looks_back(self, hand):
        hand.do(look_at, index=2).do(restart)
        assert hand.time.moment is None
        assert hand.steps == [0]
        assert hand.state.snapshot.step == 0

    def test_undo_while_one_looks_back_is_about_now(self, hand):
        hand.do(edit_experiment, learning_rate=0.3).train(50).do(look_at, index=1).do(undo)
        assert hand.time.moment is None
        assert hand.state.experiment.learning_rate == 0.01
        assert hand.state.snapshot.step == 50

    def test_step_trains_no_further_than_asked_from_a_moment_seen(self, hand):
        hand.do(look_at, index=1).do(advance, steps=3)
        assert hand.state.until == 13
        assert hand.state.plan.start.step == 10

    def test_a_line_left_can_be_taken_again_where_it_ended(self, hand):
        hand.do(look_at, index=2).do(resume_here).train(21, 22)
        hand.do(take_line, number=1)
        assert hand.steps == [0, 10, 20, 30, 40]
        assert hand.state.plan.start.step == 40
        assert not hand.state.playing
        hand.do(play).train(50)
        assert hand.steps == [0, 10, 20, 30, 40, 50]
        assert hand.state.curves.learning.steps.tolist() == [10, 20, 30, 40, 50]
        [other] = hand.time.timeline.others
        assert other.steps.tolist() == [0, 10, 20, 21, 22]
        hand.do(drop_line, number=other.number)
        assert hand.time.timeline.others == ()
        assert hand.do(take_line, number=77).steps == [0, 10, 20, 30, 40, 50]

    def test_other_widths_begin_a_line_that_undo_leaves_again(self, hand):
        hand.do(edit_experiment, hidden=(3,)).train(5, 9)
        assert hand.steps == [0, 5, 9]
        hand.do(undo)
        assert hand.state.experiment.hidden == (6, 6)
        assert hand.steps == [0, 10, 20, 30, 40]

    def test_a_saved_moment_begins_a_line_without_what_came_before_here(self, hand):
        start = replace(hand.state.snapshot, step=25, parameters=hand.state.snapshot.parameters + 1)
        hand.do(resume_from, start=start)
        assert hand.steps == [25]


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
