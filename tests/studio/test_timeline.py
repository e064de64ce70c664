"""The timeline: what it keeps within its budget, evenly, in lines that branch."""

import gc
import tracemalloc
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reluviz.core.experiment import Experiment
from reluviz.core.flow import Flow
from reluviz.core.snapshot import Snapshot
from reluviz.studio.line import Line
from reluviz.studio.timeline import BUDGET, MOST_LINES, Timeline

EXPERIMENT = Experiment(hidden=(4,))
LENGTH = EXPERIMENT.layout(1).length


def flow(layers, units):
    def table(*shape):
        return np.zeros(shape)

    hidden = layers - 1
    by_layer = [table(layers) for _ in range(4)] + [table(hidden) for _ in range(3)]
    per_unit = table(units), np.zeros(units, np.bool_)
    return Flow(512, *by_layer, *per_unit, np.zeros((hidden, 64), np.int32), table(hidden, 2))


def snapshot(step, experiment=EXPERIMENT, flowing=False, pane=0):
    length = experiment.layout(1).length
    parameters, memory = np.full(length, step, np.float32), np.zeros((2, length), np.float32)
    own = flow(len(experiment.hidden) + 1, sum(experiment.hidden)) if flowing else None
    losses = {"train_loss": 1.0 / (1 + step), "test_loss": 2.0 / (1 + step)}
    return Snapshot(1, experiment, 1, step, step / 10, parameters, memory, **losses, pane=pane, flow=own)


def filled(steps, timeline=None, **how):
    timeline = Timeline() if timeline is None else timeline
    for step in steps:
        timeline = timeline.add((snapshot(step, **how),))
    return timeline


def step_list(line):
    return line.steps.tolist()


class TestKeeping:
    def test_moments_come_back_in_order(self):
        timeline = filled([0, 3, 7, 20])
        assert len(timeline) == 4
        assert timeline.steps.tolist() == [0, 3, 7, 20]
        assert [moment[0].step for moment in timeline] == [0, 3, 7, 20]
        assert timeline[-1][0].step == 20
        assert timeline[1][0].parameters[0] == 3
        for index in (4, -5):
            with pytest.raises(IndexError):
                timeline[index]

    def test_steps_find_moments(self):
        timeline = filled([5, 10, 20])
        asked = {4: 0, 5: 0, 9.9: 0, 10: 1, 19: 1, 20: 2, 10**9: 2}
        assert {step: timeline.index_at(step) for step in asked} == asked
        with pytest.raises(IndexError):
            Timeline().index_at(0)

    def test_the_newest_step_may_come_again_but_none_before_it(self):
        timeline = filled([0, 5])
        again = replace(snapshot(5), train_loss=9.0)
        newer = timeline.add((again,))
        assert (len(newer), newer[-1][0].train_loss) == (2, 9.0)
        assert newer.nbytes == timeline.nbytes
        with pytest.raises(ValueError, match="step 4 comes after step 5"):
            timeline.add((snapshot(4),))

    def test_a_timeline_stays_what_it_was_when_others_grow_from_it(self):
        first = filled([0, 1, 2])
        one, other = filled([3, 4], first), filled([5, 6], first)
        assert step_list(first.line) == [0, 1, 2]
        assert step_list(one.line) == [0, 1, 2, 3, 4]
        assert step_list(other.line) == [0, 1, 2, 5, 6]
        assert [moment[0].step for moment in one] == [0, 1, 2, 3, 4]

    def test_networks_computed_of_a_moment_do_not_stay_with_it(self):
        timeline = filled([0, 1])
        shown = timeline[0][0]
        assert shown.network is shown.network
        assert "network" not in vars(timeline[0][0])
        assert timeline[0][0].parameters is shown.parameters
        live = snapshot(2)
        assert live.network.outputs == 1
        assert "network" not in vars(timeline.add((live,)).line[-1][0])

    def test_equal_experiments_are_one_object(self):
        timeline = filled([0]).add((snapshot(1, replace(EXPERIMENT)),)).add((snapshot(2, replace(EXPERIMENT, l2=0.1)),))
        first, second, third = (moment[0].experiment for moment in timeline)
        assert first is second
        assert third.l2 == 0.1

    def test_flow_is_the_newest_known(self):
        timeline = filled([0, 1], flowing=True)
        timeline = filled([2, 3], timeline)
        assert timeline.flow_at(3) is timeline[1][0].flow
        assert timeline.flow_at(0) is timeline[0][0].flow
        assert timeline.flow_at(0, pane=1) is None
        assert filled([0, 1]).flow_at(1) is None


class TestBudget:
    def test_bytes_are_counted_as_the_system_counts_them(self):
        experiment = Experiment(hidden=(32, 32, 32))
        filled([0], experiment=experiment)  # What is imported and cached the first time is no part of a timeline.
        gc.collect()
        tracemalloc.start()
        try:
            timeline = Timeline()
            for step in range(400):
                timeline = timeline.add((snapshot(step, experiment, flowing=step % 2 == 0),))
            gc.collect()
            taken = tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()
        assert timeline.nbytes == pytest.approx(taken, rel=0.06)

    def test_what_lines_share_counts_once(self):
        timeline = filled(range(100))
        branched = timeline.branch(1, 90, (snapshot(90),))
        assert len(branched) == 91
        assert branched.nbytes - timeline.nbytes < 1.5 * (timeline.nbytes / 100)

    def test_ten_thousand_snapshots_of_32_32_32_are_within_the_default_budget_evenly(self):
        experiment = Experiment(hidden=(32, 32, 32))
        length = experiment.layout(1).length
        # One zeroed array each: untouched pages take no memory, so that the test does not either.
        timeline = Timeline()
        for step in range(0, 80_000, 8):
            one = replace(
                snapshot(0, EXPERIMENT),
                step=step,
                experiment=experiment,
                parameters=np.zeros(length, np.float32),
                optimizer_state=np.zeros((2, length), np.float32),
            )
            timeline = timeline.add((one,))
        assert timeline.nbytes <= BUDGET
        assert 4000 <= len(timeline) <= 10_000
        gaps = np.diff(timeline.steps)
        assert gaps.max() <= 2 * gaps.min()
        assert timeline.steps[[0, -1]].tolist() == [0, 79_992]

    @given(
        gaps=st.lists(st.integers(1, 50), min_size=1, max_size=300),
        room=st.integers(3, 60),
        marked=st.sets(st.integers(0, 299), max_size=4),
    )
    @settings(max_examples=60)
    def test_thinning_stays_even_and_keeps_first_newest_and_marks(self, gaps, room, marked):
        steps = np.cumsum([0, *gaps]).tolist()
        budget = room * (LENGTH * 12 + 1400)
        timeline = Timeline(budget)
        marks = set()
        for place, step in enumerate(steps):
            timeline = timeline.add((snapshot(step),))
            if place in marked:
                timeline = timeline.mark(len(timeline) - 1, f"at {step}")
                marks.add(step)
        kept = timeline.steps.tolist()
        assert kept == sorted(set(kept))
        assert set(kept) <= set(steps)
        assert kept[0] == 0
        assert kept[-1] == steps[-1]
        assert marks <= set(kept)
        assert {mark.step for mark in timeline.marks} == marks
        if len(kept) > 2 + len(marks):
            assert timeline.nbytes <= max(budget, timeline._limit)
        # No two stand closer than the spacing but for marks and ends, and none that is gone was far from one kept.
        spacing = timeline.line.spacing
        plain = [step for step in kept[:-1] if step not in marks]
        assert all(b - a >= spacing for a, b in pairwise(plain))
        gone = np.array([step for step in steps if step not in set(kept)])
        if len(gone):
            before = np.array(kept)[np.searchsorted(kept, gone) - 1]
            assert (gone - before).max() < 2 * spacing

    def test_lines_left_are_thinned_before_the_one_trained_on(self):
        one = filled([0, 1]).nbytes - filled([0]).nbytes
        timeline = filled(range(200), Timeline(budget=230 * one))
        timeline = filled(range(1, 60), timeline.begin((snapshot(0),)))
        old = timeline.others[0]
        assert len(old) < 200
        assert (old.steps[0], old.steps[-1]) == (0, 199)
        assert len(timeline) == 60
        assert timeline.nbytes <= timeline.budget

    def test_marks_alone_may_exceed_the_budget_and_cost_no_time(self):
        one = filled([0]).nbytes
        timeline = Timeline(budget=10 * one // 2)
        for step in range(40):
            timeline = timeline.add((snapshot(step),))
            timeline = timeline.mark(len(timeline) - 1, "kept")
        assert timeline.steps.tolist() == list(range(40))
        assert timeline.nbytes > timeline.budget

    def test_a_moment_larger_than_the_budget_is_still_shown(self):
        timeline = filled([0, 1, 2, 3], Timeline(budget=10))
        assert timeline.steps.tolist()[0] == 0
        assert timeline.steps.tolist()[-1] == 3


class TestLines:
    def test_a_new_beginning_keeps_the_line_before(self):
        timeline = filled([1, 2], filled([0, 10, 20]).begin((snapshot(0),)))
        assert timeline.steps.tolist() == [0, 1, 2]
        assert [step_list(line) for line in timeline.others] == [[0, 10, 20]]
        assert timeline.line.number == 2

    def test_a_branch_has_the_past_of_its_line(self):
        timeline = filled([0, 10, 20, 30]).branch(1, 2, (replace(snapshot(20), train_loss=5.0),))
        assert timeline.steps.tolist() == [0, 10, 20]
        assert timeline[2][0].train_loss == 5.0
        assert (timeline.line.origin, timeline.line.forked_at) == (1, 20)
        assert timeline.find_line(1).steps.tolist() == [0, 10, 20, 30]
        assert timeline.find_line(1)[2][0].train_loss == pytest.approx(1 / 21)

    def test_switching_goes_on_with_the_other_line(self):
        timeline = filled([0, 10, 20]).branch(1, 1, (snapshot(10),))
        timeline = filled([11, 12], timeline).switch(1)
        assert timeline.steps.tolist() == [0, 10, 20]
        assert [step_list(line) for line in timeline.others] == [[0, 10, 11, 12]]
        assert timeline.switch(1) is timeline
        with pytest.raises(KeyError):
            timeline.switch(99)
        assert filled([30], timeline).steps.tolist() == [0, 10, 20, 30]

    def test_weights_are_found_where_they_are(self):
        timeline = filled([0, 10, 20])
        assert timeline.find(timeline[1][0]) == (1, 1, 0)
        assert timeline.find(snapshot(10)) is None
        branched = timeline.branch(1, 1, (snapshot(10),))
        assert branched.find(timeline[2][0]) == (1, 2, 0)
        assert Timeline().find(snapshot(0)) is None

    def test_a_pane_alone_goes_on_with_its_own_past(self):
        timeline = Timeline()
        for step in (0, 5, 10):
            timeline = timeline.add((snapshot(step), replace(snapshot(step, pane=1), train_loss=7.0)))
        alone = timeline.branch(1, 2, (snapshot(10),), pane=1)
        assert [len(moment) for moment in alone] == [1, 1, 1]
        assert [moment[0].train_loss for moment in alone][:2] == [7.0, 7.0]
        assert alone[0][0].parameters is timeline[0][1].parameters

    def test_lines_without_worth_go_first(self):
        timeline = filled(range(60))
        for _ in range(MOST_LINES + 5):
            timeline = filled([1], timeline.begin((snapshot(0),)))
        assert len(timeline.others) == MOST_LINES
        assert timeline.others[0].number == 1
        dropped = timeline.drop(1)
        assert dropped.others[0].number != 1
        assert dropped.nbytes < timeline.nbytes

    def test_one_moment_alone_is_not_kept(self):
        timeline = filled([0]).begin((snapshot(0),))
        assert timeline.others == ()

    def test_marks_belong_to_their_line(self):
        timeline = filled([0, 10, 20]).mark(1, "a").mark(2, "b").mark(1, "c")
        assert [(mark.step, mark.name) for mark in timeline.marks] == [(10, "c"), (20, "b")]
        assert [mark.step for mark in timeline.branch(1, 2, (snapshot(20),)).marks] == [10, 20]
        assert [mark.step for mark in timeline.branch(1, 2, (snapshot(15),)).marks] == [10]
        assert timeline.unmark(10).marks == timeline.marks[1:]
        with pytest.raises(IndexError):
            timeline.mark(9, "nowhere")

    def test_a_part_for_a_file_is_thinned_evenly_and_alone(self):
        timeline = filled(range(100)).begin((snapshot(0),)).switch(1)
        part = timeline.within(timeline.nbytes // 4)
        assert part.nbytes <= timeline.nbytes // 4
        assert part.steps[[0, -1]].tolist() == [0, 99]
        assert len(np.unique(np.diff(part.steps)[:-1])) == 1
        assert part.others == ()

    def test_losses_are_those_of_the_first_pane(self):
        line = filled([0, 1]).line
        assert np.allclose(line.losses, [[1, 2], [0.5, 1]])
        assert Line().losses.shape == (0, 2)
