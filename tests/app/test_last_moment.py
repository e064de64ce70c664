"""What a window showed when it was closed, and how the next one goes on from it."""

import json
from dataclasses import replace

import numpy as np
import pytest

from reluviz.app.actions import ACTIONS, perform
from reluviz.app.comparing import open_setup, start_comparison
from reluviz.app.received import begin_run, take_snapshot
from reluviz.app.recovery import last as module
from reluviz.app.recovery.copies import HISTORY_BYTES, bounded, scene_of
from reluviz.app.recovery.last import LastMoment, go_on, keep_last, read_last
from reluviz.app.state import AppState, pause, take_experiment
from reluviz.app.store import Store
from reluviz.app.timeline.looking import look_at
from reluviz.app.undoing import redo, undo
from reluviz.core.experiment import OPTIMIZERS, Experiment
from reluviz.core.snapshot import FOREVER
from reluviz.engine.trainer import train
from reluviz.studio.scene import read_scene
from tests.app.shell import make_store
from tests.app.test_start import run

SMALL = {"dataset": "xor", "hidden": (4, 3), "points": 40, "device": "cpu"}


def trained(store, steps=60, every=3):
    for moment in train(store.state.experiment, steps=steps, every=every):
        store.apply(take_snapshot, snapshot=replace(moment, run=store.state.run))
    return store


def closed(store, path):
    thread = keep_last(path, store.state)
    if thread is not None:
        thread.join()


def reopened(path, playing=True, **fields):
    experiment = Experiment(**{**SMALL, **fields})
    scene, complaint = read_last(path, experiment)
    assert complaint == ""
    assert scene is not None
    return Store(go_on(take_experiment(AppState(), experiment), scene, playing)), scene


@pytest.fixture
def path(tmp_path):
    return tmp_path / "recovery" / "last.reluviz"


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_closed_and_opened_again_trains_as_if_never_closed(qtbot, path, optimizer):
    store = trained(make_store(**SMALL, optimizer=optimizer), steps=20, every=20)
    closed(store, path)
    again, _ = reopened(path, optimizer=optimizer)
    assert again.state.step == 20
    assert again.state.plan.start is again.state.start
    straight = list(train(store.state.experiment, steps=50, every=50))[-1]
    on = list(train(again.state.experiment, steps=30, every=30, start=again.state.plan.start))[-1]
    np.testing.assert_array_equal(on.parameters, straight.parameters)


def test_it_says_where_it_goes_on_and_both_undo_and_reset_begin_again(qtbot, path):
    closed(trained(make_store(**SMALL)), path)
    again, _ = reopened(path)
    assert again.state.playing
    assert again.state.message.text == (
        "Going on from step 60, where the window was closed; undo and Reset begin again at step 0."
    )
    assert ACTIONS[again.state.message.action].id == "reset"
    first = list(train(Experiment(**SMALL), steps=0))[-1]
    undone = undo(again.state)
    assert (undone.step, undone.playing) == (0, True)
    np.testing.assert_array_equal(undone.snapshot.parameters, first.parameters)
    assert redo(undone).step == 60
    perform(again, ACTIONS["reset"])
    again.set(begin_run(again.state))
    assert again.state.step == 0
    np.testing.assert_array_equal(again.state.snapshot.parameters, first.parameters)


def test_what_was_paused_stays_paused(qtbot, path):
    store = trained(make_store(**SMALL))
    store.apply(pause)
    closed(store, path)
    again, _ = reopened(path, playing=False)
    assert not again.state.playing
    assert again.state.message.text.startswith("This is step 60, where the window was closed, paused as it was;")


def test_nothing_trained_yet_is_nothing_to_speak_of(qtbot, path):
    store = make_store(**SMALL)
    store.set(begin_run(store.state))
    closed(store, path)
    again, _ = reopened(path, playing=False)
    assert (again.state.step, again.state.until, again.state.message.text) == (0, FOREVER, "")
    assert again.state.history.past == ()


def test_the_moments_before_come_once_the_window_stands(qtbot, path):
    store = trained(make_store(**SMALL))
    closed(store, path)
    again, scene = reopened(path)
    assert scene.timeline is None
    assert len(again.state.time.timeline) == 1
    on = list(train(again.state.experiment, steps=6, every=3, start=scene.snapshot))
    returning = LastMoment(again, path, scene, True)
    returning.start()
    for moment in on:
        again.apply(take_snapshot, snapshot=replace(moment, run=again.state.run))
    qtbot.waitUntil(lambda: len(again.state.time.timeline) > 3)
    assert again.state.time.timeline.steps.tolist() == [*range(0, 61, 3), 63, 66]
    assert again.state.curves.learning.steps.tolist() == [*range(0, 61, 3), 63, 66]
    straight = list(train(again.state.experiment, steps=66, every=3))
    np.testing.assert_array_equal(again.state.curves.learning.column("train_loss"), [m.train_loss for m in straight])
    again.apply(look_at, index=1)
    assert again.state.snapshot.step == 3
    np.testing.assert_array_equal(again.state.snapshot.parameters, straight[1].parameters)
    returning.close()


def test_the_past_waits_until_nobody_looks_back(qtbot, path):
    closed(trained(make_store(**SMALL)), path)
    again, scene = reopened(path)
    for moment in train(again.state.experiment, steps=6, every=3, start=scene.snapshot):
        again.apply(take_snapshot, snapshot=replace(moment, run=again.state.run))
    again.apply(look_at, index=1)
    returning = LastMoment(again, path, scene, True)
    returning.start()
    qtbot.waitUntil(lambda: returning._past is not None)
    assert again.state.step == 63
    assert len(again.state.time.timeline) == 3
    again.apply(look_at, index=2)
    qtbot.waitUntil(lambda: len(again.state.time.timeline) == 23)
    returning.close()


def test_the_past_of_what_was_left_is_not_pressed_on_another_run(qtbot, path):
    closed(trained(make_store(**SMALL)), path)
    again, scene = reopened(path)
    returning = LastMoment(again, path, scene, True)
    again.edit(fresh=True, seed=5)
    again.set(begin_run(again.state))
    returning.start()
    qtbot.wait(200)
    assert again.state.time.timeline.steps.tolist() == [0]
    returning.close()


def test_panes_come_back_with_their_pasts(qtbot, path):
    store = make_store(**SMALL)
    store.apply(open_setup)
    store.apply(start_comparison)
    store.set(begin_run(store.state))
    count = len(store.state.panes)
    closed(store, path)
    scene, complaint = read_last(path, store.state.experiment)
    assert complaint == ""
    again = go_on(take_experiment(AppState(), store.state.experiment), scene, True)
    assert [pane.experiment for pane in again.panes] == [pane.experiment for pane in store.state.panes]
    assert len(again.panes) == count > 1


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda data: data[: len(data) // 2], "is damaged or no scene"),
        (lambda data: b"", "is damaged or no scene"),
        (lambda data: data.replace(b"scene.json", b"other.json"), "has no scene.json"),
    ],
)
def test_a_damaged_file_is_one_sentence_and_a_fresh_start(qtbot, path, damage, says):
    closed(trained(make_store(**SMALL)), path)
    path.write_bytes(damage(path.read_bytes()))
    scene, complaint = read_last(path, Experiment(**SMALL))
    assert scene is None
    assert says in complaint
    assert complaint.endswith(". Training begins at step 0.")
    assert "\n" not in complaint


def test_a_moment_of_another_experiment_is_not_gone_on_from(qtbot, path):
    closed(trained(make_store(**SMALL)), path)
    scene, complaint = read_last(path, Experiment(**{**SMALL, "hidden": (5,)}))
    assert scene is None
    assert complaint == "The moment kept last time is of another experiment. Training begins at step 0."


def test_nobody_who_wants_none_has_one(qtbot, path):
    store = trained(make_store(**SMALL))
    closed(store, path)
    assert path.exists()
    store.update(preferences=replace(store.state.preferences, goes_on=False))
    closed(store, path)
    assert not path.exists()


def test_weights_that_are_not_finite_are_not_kept_and_no_older_ones_pass_for_them(qtbot, path):
    store = trained(make_store(**SMALL))
    closed(store, path)
    broken = replace(store.state.snapshot, step=99, parameters=np.full_like(store.state.snapshot.parameters, np.nan))
    store.apply(take_snapshot, snapshot=broken)
    closed(store, path)
    assert not path.exists()


def test_what_cannot_be_written_is_one_line_and_leaves_nothing_older(qtbot, path, capsys, monkeypatch):
    store = trained(make_store(**SMALL))
    closed(store, path)

    def full(path, scene):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "write_scene", full)
    closed(store, path)
    assert capsys.readouterr().err == (
        "reluviz: the moment shown cannot be kept for the next start (No space left on device).\n"
    )
    assert not path.exists()


def test_a_long_past_is_kept_within_its_bytes_evenly(qtbot):
    store = make_store(**{**SMALL, "hidden": (32, 32, 32)})
    store.set(begin_run(store.state))
    first = store.state.snapshot
    for step in range(1, 1200):
        parameters = first.parameters.copy()
        store.apply(take_snapshot, snapshot=replace(first, step=step, parameters=parameters))
    kept = bounded(scene_of(store.state)).timeline
    assert kept.nbytes <= HISTORY_BYTES
    assert len(kept) > 200
    assert set(np.diff(kept.steps[:-1])) == {kept.line.spacing}


def test_a_past_that_could_not_be_read_again_is_left_out(qtbot, path):
    store = trained(make_store(**SMALL))
    bad = replace(store.state.snapshot, step=61, parameters=np.full_like(store.state.snapshot.parameters, np.inf))
    good = replace(store.state.snapshot, step=62)
    store.apply(take_snapshot, snapshot=bad)
    store.apply(take_snapshot, snapshot=good)
    closed(store, path)
    scene = read_scene(path)
    assert (scene.snapshot.step, scene.timeline) == (62, None)


def write_points(path, labels):
    rows = [f"{x / 10},{(x * 7 % 13) / 13},{labels[x % len(labels)]}" for x in range(30)]
    path.write_text("x,y,label\n" + "\n".join(rows) + "\n")


def from_file(qtbot, tmp_path, path):
    """Close a store that learned a file, and return one that begins as a window does."""
    points = tmp_path / "points.csv"
    write_points(points, "ab")
    store = Store(AppState())
    store.edit(dataset=str(points), hidden=(4,), device="cpu")
    qtbot.waitUntil(lambda: store.state.dataset is not None and store.state.experiment.dataset == str(points))
    closed(trained(store, steps=9), path)
    experiment = store.state.experiment
    store.close()
    again = Store(take_experiment(AppState(), Experiment()))
    scene, complaint = read_last(path, experiment)
    assert complaint == ""
    return points, experiment, again, scene


def begin(again, path, scene, experiment):
    from reluviz.core.experiment import SETTINGS

    returning = LastMoment(again, path, scene, True)
    returning.start()
    again.edit(True, scene, **{name: getattr(experiment, name) for name in SETTINGS})
    return returning


def test_points_of_a_file_are_read_before_it_goes_on(qtbot, tmp_path, path):
    _, experiment, again, scene = from_file(qtbot, tmp_path, path)
    returning = begin(again, path, scene, experiment)
    qtbot.waitUntil(lambda: len(again.state.time.timeline) == 4)
    assert again.state.experiment == experiment
    assert again.state.step == 9
    assert again.state.playing
    assert again.state.message.text.startswith("Going on from step 9")
    returning.close()
    again.close()


def test_a_file_with_other_classes_than_before_begins_afresh_and_says_why(qtbot, tmp_path, path):
    points, experiment, again, scene = from_file(qtbot, tmp_path, path)
    write_points(points, "abcd")
    returning = begin(again, path, scene, experiment)
    qtbot.waitUntil(lambda: again.state.message.kind == "warning")
    assert again.state.message.text.endswith("this data and its loss need 4. Training begins at step 0.")
    assert again.state.experiment.dataset == experiment.dataset
    assert again.state.step == 0
    assert again.state.playing
    returning.close()
    again.close()


def step_in(folder):
    scene = read_scene(folder / "config" / "recovery" / "last.reluviz")
    return scene.snapshot.step, scene


def test_a_window_goes_on_where_the_one_before_was_closed(tmp_path):
    shot = ["--screenshot", str(tmp_path / "w.png"), "--after"]
    last = json.dumps({"experiment": {"dataset": "xor", "hidden": [5], "device": "cpu"}})
    status, said, _ = run(tmp_path, *shot, "4", settings=last)
    assert (status, said) == (0, [])
    first, scene = step_in(tmp_path)
    assert first > 0
    assert scene.experiment.hidden == (5,)
    status, said, saved = run(tmp_path, *shot, "3")
    assert (status, said) == (0, [])
    second, scene = step_in(tmp_path)
    assert second >= first
    assert scene.timeline.steps[0] == 0  # The moments before came with it.
    assert first in scene.timeline.steps or len(scene.timeline) > 20
    assert json.loads(saved)["experiment"]["dataset"] == "xor"

    assert run(tmp_path, "--fresh", *shot, "1")[:2] == (0, [])
    assert step_in(tmp_path)[0] == second  # Neither read nor written.
    assert run(tmp_path, "--dataset", "moons", *shot, "0.2")[:2] == (0, [])
    assert step_in(tmp_path)[1].experiment.dataset == "moons"
    assert step_in(tmp_path)[0] < second
