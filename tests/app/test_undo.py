from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reluviz.app.received import begin_run, lose_engine, return_to_finite, take_snapshot
from reluviz.app.state import AppState, edit_weights, restart, take_experiment
from reluviz.app.store import Store
from reluviz.app.undo import DEPTH, PAUSE, History, Moment
from reluviz.app.undoing import note_change, redo, undo
from reluviz.core.edit_weights import set_bias
from reluviz.core.experiment import Experiment
from reluviz.core.snapshot import FOREVER

BASE = Experiment(hidden=(4,), points=20)


def moment(value, label="a", stroke=0, at=0.0):
    return Moment(label, BASE.edit(seed=value), None, None, stroke, at)


changes = st.one_of(
    st.tuples(st.just("change"), st.sampled_from("ab"), st.integers(0, 2), st.floats(0, 2)),
    st.tuples(st.just("undo")),
    st.tuples(st.just("redo")),
)


@given(st.lists(changes, max_size=40))
def test_history_does_what_a_plain_list_of_states_does(steps):
    """The plain list holds every state reached, with a cursor; a change that goes on overwrites the newest."""
    history, states, cursor, last, now, value = History(), [0], 0, None, 0.0, 0
    for step in steps:
        if step[0] == "change":
            _, label, stroke, pause = step
            now += pause
            goes_on = last is not None and (
                (stroke and stroke == last[1]) or (not stroke and not last[1] and label == last[0] and pause < PAUSE)
            )
            history = history.record(moment(states[cursor], label, stroke, now))
            value += 1
            states = [*states[:cursor], value] if goes_on else [*states[: cursor + 1], value]
            cursor = len(states) - 1
            last = label, stroke
        elif step[0] == "undo" and history.past:
            history, target = history.undo(moment(states[cursor]))
            cursor -= 1
            assert target.experiment.seed == states[cursor]
            last = None
        elif step[0] == "redo" and history.future:
            history, target = history.redo(moment(states[cursor]))
            cursor += 1
            assert target.experiment.seed == states[cursor]
            last = None
        if last is None and history.past and not history.future:
            # What was done again may be gone on with as if it were new only by another stroke or after a pause.
            now += 2 * PAUSE
        assert len(history.past) == cursor
        assert len(history.future) == len(states) - 1 - cursor


def test_two_hundred_changes_are_kept():
    history = History()
    for number in range(DEPTH + 50):
        history = history.record(moment(number, at=float(number)))
    for number in range(DEPTH + 49, 49, -1):
        history, target = history.undo(moment(number + 1))
        assert target.experiment.seed == number
    assert not history.past
    assert len(history.future) == DEPTH


# --- on the state ----------------------------------------------------------------------------------------------------


def state_of(**settings):
    return begin_run(replace(take_experiment(AppState(run=1), BASE.edit(**settings)), run=1))


def trained(state, step):
    parameters = state.snapshot.parameters + np.float32(0.01 * step)
    return take_snapshot(state, replace(state.snapshot, step=step, run=state.run, parameters=parameters))


def changed(state, now, new):
    return note_change(state, new, now)


def test_a_weight_edit_is_undone_to_the_moment_before_it():
    before = trained(state_of(), 30)
    edited = changed(before, 1.0, edit_weights(before, set_bias(before.snapshot.network, 0, 1, 0.7)))
    later = trained(edited, 50)
    back = undo(later)
    assert np.array_equal(back.snapshot.parameters, before.snapshot.parameters)
    assert back.snapshot.step == 30
    assert back.start.parameters is back.snapshot.parameters
    assert back.snapshot.run == back.run > later.run
    assert back.until == FOREVER
    assert back.message.text == "Undone: weights."
    again = redo(back)
    assert np.array_equal(again.snapshot.parameters, later.snapshot.parameters)
    assert again.snapshot.step == 50
    assert undo(again).snapshot.step == 30


def test_a_live_setting_is_undone_and_the_weights_go_on():
    before = trained(state_of(), 10)
    faster = changed(before, 1.0, take_experiment(before, before.experiment.edit(learning_rate=0.5)))
    later = trained(faster, 60)
    back = undo(later)
    assert back.experiment == before.experiment
    assert back.run == later.run
    assert back.snapshot is later.snapshot
    assert back.message.text == "Undone: learning rate."
    assert redo(back).experiment.learning_rate == 0.5


def test_another_shape_is_undone_with_the_weights_it_had():
    before = trained(state_of(), 40)
    wider = begin_run(changed(before, 1.0, take_experiment(before, before.experiment.edit(hidden=(9, 9)))))
    back = undo(trained(wider, 5))
    assert back.experiment.hidden == (4,)
    assert back.snapshot.step == 40
    assert np.array_equal(back.snapshot.parameters, before.snapshot.parameters)
    assert redo(back).experiment.hidden == (9, 9)
    assert redo(back).snapshot.step == 5


def test_points_by_hand_are_undone_with_their_data():
    before = state_of()
    edits = {"added": [[0.1, 0.2, 1]]}
    painted = changed(before, 1.0, take_experiment(before, before.experiment.edit(point_edits=edits)))
    assert len(painted.dataset.points) == len(before.dataset.points) + 1
    assert painted.dataset.base is before.dataset
    back = undo(painted)
    assert back.dataset is before.dataset
    assert len(redo(back).dataset.points) == len(painted.dataset.points)


def test_what_a_stroke_does_is_one_step():
    state = before = state_of()
    for x in (0.1, 0.2, 0.3):
        edits = {"added": [*map(list, state.experiment.point_edits.added), [x, 0.0, 1]]}
        moved = take_experiment(replace(state, stroke=7), state.experiment.edit(point_edits=edits))
        state = note_change(state, moved, 10 * x)
    assert len(state.history.past) == 1
    assert undo(replace(state, stroke=0)).dataset is before.dataset


def test_reset_is_undone_and_an_engine_started_again_is_no_change():
    before = trained(state_of(), 20)
    back = undo(begin_run(changed(before, 1.0, restart(before))))
    assert np.array_equal(back.snapshot.parameters, before.snapshot.parameters)
    assert changed(before, 1.0, lose_engine(before, "Gone.")).history.past == ()
    slower = changed(before, 1.0, return_to_finite(before))
    assert [(row.label, row.snapshot) for row in slower.history.past] == [("learning rate", None)]
    fresh = state_of()
    assert changed(fresh, 1.0, restart(fresh)).history.past == ()


def test_nothing_to_undo_is_said():
    state = state_of()
    assert undo(state).message.text == "There is nothing to undo."
    assert redo(state).message.text == "There is nothing to do again."


def test_the_store_records_what_it_is_given():
    store = Store(state_of())
    store.edit(learning_rate=0.2)
    store.edit(noise=0.3)
    assert [row.label for row in store.state.history.past] == ["learning rate", "noise"]
    store.apply(undo)
    store.apply(undo)
    assert store.state.experiment == BASE
    store.apply(redo)
    assert store.state.experiment == BASE.edit(learning_rate=0.2)
    store.close()
