"""What opening, stepping through and leaving a lesson does to the state; no window, no engine."""

from dataclasses import replace

import numpy as np
import pytest

from reluviz.app.lesson_state import UNGUESSED
from reluviz.app.lessons.stepping import (
    go_back,
    go_on,
    go_to,
    guess,
    keep_lesson,
    leave_lesson,
    open_lesson,
    take_reloaded,
    take_results,
)
from reluviz.app.received import begin_run
from reluviz.app.state import AppState, take_experiment
from reluviz.app.undoing import note_change, redo, undo
from reluviz.core.experiment import Experiment
from reluviz.core.snapshot import FOREVER
from reluviz.studio.lesson_file import find_lessons, parse_lesson, read_lesson
from tests.app.four_steps import TEXT, trained


@pytest.fixture
def lesson(tmp_path):
    return parse_lesson(TEXT, tmp_path / "four-steps.toml")


def beginning(**fields):
    state = begin_run(take_experiment(AppState(), Experiment(hidden=(4, 3), **fields)))
    return replace(state, steps_per_second=7.0, tool="line")


def test_the_first_step_sets_up_everything(lesson):
    state = open_lesson(beginning(), lesson)
    assert state.experiment == Experiment(dataset="moons", hidden=(5,), seed=3, device="cpu")
    assert (state.snapshot.step, state.snapshot.run, state.start, state.until) == (0, state.run, None, FOREVER)
    assert state.dataset.points.shape[0] == 500
    assert (state.view.coloring, state.view.bounds) == ("prediction", (-2, 2, -1, 1))
    assert (state.selected, state.view.layer, state.view.unit) == ((0, 2), 0, 2)
    assert (state.segment, state.tool, state.pins, state.show_points) == ((0, 0, 1, 1), "walk", ((0.1, 0.2),), False)
    assert (state.steps_per_second, state.lesson.step, state.lesson.entered) == (100, 0, 1)


def test_a_step_that_goes_on_keeps_run_and_weights(lesson):
    first = trained(open_lesson(beginning(), lesson), 60)
    second = go_on(first)
    assert (second.run, second.snapshot, second.until) == (first.run, first.snapshot, 80)
    assert second.experiment == first.experiment.edit(learning_rate=0.5)
    assert (second.selected, second.pins, second.tool, second.show_points) == (None, (), "move", True)


def test_the_audience_guesses_before_it_goes_on(lesson):
    state = go_to(trained(open_lesson(beginning(), lesson), 60), 1)
    assert state.lesson.is_open
    told = go_on(state)
    assert (told.lesson.step, told.lesson.guess, told.lesson.is_open) == (1, UNGUESSED, False)
    assert go_on(told).lesson.step == 2
    guessed = guess(state, 0)
    assert guessed.lesson.guess == 0
    assert guess(guessed, 1).lesson.guess == 0
    assert go_on(guessed).lesson.step == 2


def test_a_comparison_begins_and_ends(lesson):
    state = go_to(go_to(trained(open_lesson(beginning(), lesson), 60), 1), 2)
    assert [pane.experiment.activation for pane in state.panes] == [("relu",), ("tanh",), ("sin",)]
    assert [pane.snapshot.step for pane in state.panes] == [0, 0, 0]
    assert [pane.snapshot.run for pane in state.panes] == [state.run] * 3
    assert (state.setup.field, state.until) == ("activation", 0)
    alone = go_on(trained(state, 0))
    assert (alone.panes, alone.setup, alone.experiment.activation) == ((), None, ("tanh",))
    assert alone.until == 0


def test_back_is_where_the_step_was_left(lesson):
    first = trained(open_lesson(beginning(), lesson), 60)
    second = trained(go_to(first, 1), 80, 0.5)
    again = go_back(second)
    assert again.run > second.run
    assert again.snapshot.step == 60
    np.testing.assert_array_equal(again.snapshot.parameters, first.snapshot.parameters)
    np.testing.assert_array_equal(again.start.parameters, first.snapshot.parameters)
    assert again.experiment == first.experiment
    third = go_to(go_to(again, 1), 2)
    compared = trained(third, 30)
    back = go_to(go_back(compared), 2)
    assert [pane.snapshot.step for pane in back.panes] == [0, 0, 0]


def test_a_jump_ahead_begins_with_first_weights(lesson):
    state = go_to(trained(open_lesson(beginning(), lesson), 60), 3)
    assert (state.snapshot.step, state.start, state.experiment.activation) == (0, None, ("tanh",))


@pytest.mark.parametrize("by", [-1, 9])
def test_beyond_the_ends_it_says_so(lesson, by):
    state = open_lesson(beginning(), lesson)
    stayed = go_to(state, by)
    assert stayed.lesson is state.lesson
    assert "step" in stayed.message.text


def test_leaving_brings_back_what_was_there_and_undo_the_lesson(lesson):
    before = trained(replace(beginning(), until=0), 33)
    state = before
    for change in (lambda s: open_lesson(s, lesson), lambda s: trained(s, 60), lambda s: go_to(s, 1)):
        state = note_change(state, change(state), 0.0)
        assert not state.history.past
    left = note_change(state, leave_lesson(state), 0.0)
    for name in ("experiment", "dataset", "until", "steps_per_second", "tool", "setup", "pins", "selected"):
        assert getattr(left, name) == getattr(before, name), name
    assert left.view == before.view
    assert left.snapshot.step == 33
    np.testing.assert_array_equal(left.snapshot.parameters, before.snapshot.parameters)
    assert left.lesson.lesson is None
    assert left.message.action == "undo"
    there = undo(left)
    assert there.experiment == state.experiment
    np.testing.assert_array_equal(there.snapshot.parameters, state.snapshot.parameters)
    again = redo(there)
    np.testing.assert_array_equal(again.snapshot.parameters, before.snapshot.parameters)


def test_leaving_brings_back_a_comparison(lesson):
    from reluviz.app.comparing import open_setup, start_comparison

    before = trained(begin_run(start_comparison(open_setup(beginning()))), 20)
    left = leave_lesson(go_to(trained(open_lesson(before, lesson), 60), 2))
    assert [pane.experiment for pane in left.panes] == [pane.experiment for pane in before.panes]
    assert [pane.snapshot.step for pane in left.panes] == [20] * len(before.panes)
    assert left.setup == before.setup


def test_keeping_the_network_and_undo_of_that(lesson):
    before = trained(beginning(), 33)
    state = trained(open_lesson(before, lesson), 60)
    kept = keep_lesson(state)
    assert (kept.lesson.lesson, kept.experiment, kept.snapshot) == (None, state.experiment, state.snapshot)
    back = undo(kept)
    assert back.experiment == before.experiment
    np.testing.assert_array_equal(back.snapshot.parameters, before.snapshot.parameters)


def test_a_lesson_seen_to_its_end_is_done(lesson):
    state = open_lesson(beginning(), lesson)
    assert state.lesson.done == ()
    state = go_to(state, 3)
    assert state.lesson.done == ("four-steps",)
    again = open_lesson(leave_lesson(state), lesson)
    assert (again.lesson.done, again.lesson.step) == (("four-steps",), 0)


def test_another_lesson_keeps_what_was_there_before_the_first(lesson):
    before = beginning()
    state = open_lesson(open_lesson(before, lesson), read_lesson(find_lessons()[0]))
    assert leave_lesson(state).experiment == before.experiment


def test_a_changed_file_is_shown_at_the_present_step(lesson, tmp_path):
    state = go_to(trained(open_lesson(beginning(), lesson), 60), 1)
    changed = take_reloaded(
        state, parse_lesson(TEXT.replace("Second goes", "Now it goes"), tmp_path / "four-steps.toml")
    )
    assert (changed.lesson.step, changed.lesson.current.text) == (1, "Now it goes on.")
    short = parse_lesson(TEXT[: TEXT.index('[[steps]]\ntext = "Third')], tmp_path / "four-steps.toml")
    assert take_reloaded(go_to(state, 3), short).lesson.step == 1
    assert leave_lesson(changed).experiment == beginning().experiment


def test_results_of_another_step_come_too_late(lesson):
    state = open_lesson(beginning(), lesson)
    assert take_results(state, state.lesson.entered - 1, ("old",)) is state
    assert take_results(state, state.lesson.entered, ("new",)).lesson.results == ("new",)


def test_the_compensating_step_is_the_same_function():
    """Lesson 1, steps 2 and 3: other weights, the same network."""
    state = open_lesson(beginning(), read_lesson(find_lessons()[0]))
    state = trained(go_to(state, 1), 400, 0.1)
    moved = go_on(guess(state, 2))
    assert moved.lesson.step == 2
    assert not np.array_equal(moved.snapshot.parameters, state.snapshot.parameters)
    x = np.random.default_rng(0).uniform(-1, 1, (50, 2))
    np.testing.assert_allclose(moved.snapshot.network.forward(x), state.snapshot.network.forward(x), atol=1e-5)


@pytest.mark.parametrize("path", find_lessons(), ids=lambda path: path.stem)
def test_every_lesson_goes_from_step_to_step_and_back(path):
    lesson = read_lesson(path)
    before = beginning()
    state = open_lesson(before, lesson)
    for number, step in enumerate(lesson.steps):
        assert state.lesson.step == number
        assert state.experiment == step.stage.experiment
        assert [pane.experiment for pane in state.panes] == list(step.stage.experiments if step.stage.compare else ())
        moments = [pane.snapshot for pane in state.panes] or [state.snapshot]
        assert all(moment is not None and moment.run == state.run for moment in moments)
        assert all(moment.network.finite for moment in moments)
        state = trained(state, state.step + 40, 0.01)
        if number + 1 < len(lesson.steps):
            state = go_to(state, number + 1)
    for number in reversed(range(len(lesson.steps) - 1)):
        state = go_back(state)
        assert state.lesson.step == number
        assert state.experiment == lesson.steps[number].stage.experiment
    assert leave_lesson(state).experiment == before.experiment
