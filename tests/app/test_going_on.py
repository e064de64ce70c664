"""Training that goes on from an earlier moment."""

from dataclasses import replace

import numpy as np
import pytest

from reluviz.app.received import resume_from
from reluviz.app.state import (
    advance,
    edit_weights,
    play,
    restart,
)
from reluviz.app.timeline.looking import (
    drop_line,
    look_at,
    resume_here,
    take_line,
)
from reluviz.app.undoing import redo, undo
from reluviz.core.snapshot import FOREVER
from tests.app.hands import Hand
from tests.app.shell import edit_experiment


@pytest.fixture
def hand():
    return Hand().train(10, 20, 30, 40)


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
