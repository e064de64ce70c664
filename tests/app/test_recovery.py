"""What comes back after a crash: with a real window, really killed."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from reluviz.app.actions import ACTIONS, perform
from reluviz.app.comparing import open_setup, start_comparison
from reluviz.app.received import begin_run, lose_engine, take_snapshot
from reluviz.app.recovery.copies import scene_of
from reluviz.app.recovery.keeper import Keeper, recovery_folder
from reluviz.app.recovery.state import RESTORE, Recovery
from reluviz.app.state import Message
from reluviz.app.timeline.looking import look_at
from reluviz.core.experiment import Experiment
from reluviz.engine.trainer import train
from reluviz.studio.recovery import left
from reluviz.studio.scene import Scene, read_scene, write_scene
from tests.app.shell import make_store

SMALL = {"dataset": "xor", "hidden": (4,), "points": 40, "device": "cpu"}
WINDOW = """
import sys
from reluviz.app.recovery import keeper
keeper.EVERY_MS = 150
from reluviz.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def store(qtbot):
    store = make_store(**SMALL)
    yield store
    store.close()


@pytest.fixture
def keeper(store, tmp_path):
    keeper = Keeper(store, tmp_path / "recovery")
    yield keeper
    keeper.end()


def trained(steps=5, **fields):
    return list(train(Experiment(**{**SMALL, **fields}), steps=steps))[-1]


def copies(folder):
    return sorted(folder.glob("window-*.reluviz"))


def reach(store, snapshot):
    store.update(snapshot=replace(snapshot, run=store.state.run))


def test_what_is_shown_is_kept_while_it_changes(store, keeper, tmp_path, qtbot):
    keeper.start()
    snapshot = trained()
    reach(store, snapshot)
    keeper.keep()
    qtbot.waitUntil(lambda: len(copies(tmp_path / "recovery")) == 1)
    path = copies(tmp_path / "recovery")[0]
    kept = read_scene(path)
    np.testing.assert_array_equal(kept.snapshot.parameters, snapshot.parameters)
    np.testing.assert_array_equal(kept.snapshot.optimizer_state, snapshot.optimizer_state)
    assert kept.experiment == store.state.experiment
    before = path.stat().st_mtime_ns
    keeper.keep()
    keeper._worker.stop()
    assert path.stat().st_mtime_ns == before  # Nothing changed, so nothing was written.


def test_a_lost_engine_writes_a_copy_at_once(store, keeper, tmp_path, qtbot):
    keeper.start()
    reach(store, trained())
    assert not copies(tmp_path / "recovery")
    store.apply(lose_engine, sentence="The engine ended.")
    qtbot.waitUntil(lambda: len(copies(tmp_path / "recovery")) == 1)


def test_the_end_of_a_window_leaves_nothing(store, keeper, tmp_path, qtbot):
    keeper.start()
    reach(store, trained())
    keeper.keep()
    qtbot.waitUntil(lambda: len(copies(tmp_path / "recovery")) == 1)
    keeper.end()
    assert list((tmp_path / "recovery").iterdir()) == []


def test_nobody_who_wants_no_copy_has_one(store, keeper, tmp_path, qtbot):
    keeper.start()
    reach(store, trained())
    keeper.keep()
    qtbot.waitUntil(lambda: len(copies(tmp_path / "recovery")) == 1)
    store.update(preferences=replace(store.state.preferences, autosave=False))
    assert not copies(tmp_path / "recovery")
    reach(store, trained(6))
    keeper.keep()
    keeper._worker.stop()
    assert not copies(tmp_path / "recovery")


def test_weights_that_are_not_finite_leave_the_last_good_copy(store, keeper, tmp_path, qtbot):
    keeper.start()
    good = trained()
    reach(store, good)
    keeper.keep()
    qtbot.waitUntil(lambda: len(copies(tmp_path / "recovery")) == 1)
    reach(store, replace(good, step=6, parameters=np.full_like(good.parameters, np.nan)))
    keeper.keep()
    keeper._worker.stop()
    assert read_scene(copies(tmp_path / "recovery")[0]).snapshot.step == good.step
    assert store.state.message.kind == "note"


def test_a_place_that_cannot_be_written_is_said_once_and_stops_nothing(store, tmp_path, qtbot):
    (tmp_path / "file").write_text("in the way")
    keeper = Keeper(store, tmp_path / "file")
    keeper.start()
    qtbot.waitUntil(lambda: "cannot be kept in case of a crash" in store.state.message.text)
    assert store.state.message.text.count("\n") == 0
    store.say("")
    reach(store, trained())
    keeper.keep()
    keeper._worker.stop()
    qtbot.wait(20)
    assert store.state.message.text == ""
    keeper.end()


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full")
def test_a_full_disk_is_one_sentence(store, keeper, tmp_path, qtbot, monkeypatch):
    from reluviz.studio import scene

    def full(path, data):
        with open("/dev/full", "wb") as file:
            file.write(data)

    monkeypatch.setattr(scene, "write_whole", full)
    keeper.start()
    reach(store, trained())
    keeper.keep()
    qtbot.waitUntil(lambda: "No space left on device" in store.state.message.text)
    assert store.state.message.kind == "warning"


def leave(folder, snapshot, name="left-1-aa.reluviz"):
    folder.mkdir(exist_ok=True)
    write_scene(folder / name, Scene(snapshot.experiment, None, snapshot))


def test_what_was_left_is_offered_in_words_and_comes_back(store, keeper, tmp_path, qtbot):
    snapshot = trained(7, hidden=(5, 3), dataset="circle")
    leave(tmp_path / "recovery", snapshot, "window-1-aa.reluviz")
    keeper.start()
    qtbot.waitUntil(lambda: store.state.message.action == RESTORE)
    said = store.state.message.text
    assert said.startswith(
        "The window before this one ended unexpectedly. It showed circle, 5-3 hidden units at step 7, "
    )
    assert ACTIONS[RESTORE].why_not(store.state) == ""
    perform(store, ACTIONS[RESTORE])
    assert store.state.experiment == snapshot.experiment
    assert store.state.snapshot.step == 7
    np.testing.assert_array_equal(store.state.snapshot.parameters, snapshot.parameters)
    assert not store.state.playing
    assert store.state.recent == ()
    assert ACTIONS[RESTORE].why_not(store.state).startswith("No window has ended unexpectedly")


def test_a_recording_cut_off_with_the_window_is_offered_beside_its_copy(store, keeper, tmp_path, qtbot):
    leave(tmp_path / "recovery", trained(), "window-1-aa.reluviz")
    text = Message("A recording was interrupted.", "warning", "film")
    store.update(recording=replace(store.state.recording, recovered=True), message=text)
    keeper.start()
    qtbot.waitUntil(lambda: store.state.message.action == RESTORE)
    assert store.state.message.text.endswith("Its recording is kept, too: make a film of it whenever you like.")


def test_what_was_offered_before_is_not_pressed_on_anyone_but_stays_in_the_menu(store, keeper, tmp_path, qtbot):
    leave(tmp_path / "recovery", trained())
    keeper.start()
    qtbot.waitUntil(lambda: bool(store.state.recovery.path))
    assert store.state.message.text == ""


def test_damaged_copies_are_passed_over(store, keeper, tmp_path, qtbot):
    leave(tmp_path / "recovery", trained(3))
    os.utime(tmp_path / "recovery" / "left-1-aa.reluviz", (1, 1))
    (tmp_path / "recovery" / "window-9-bb.reluviz").write_bytes(b"PK half")
    keeper.start()
    qtbot.waitUntil(lambda: bool(store.state.recovery.path))
    assert "at step 3, kept at" in store.state.recovery.words


def test_the_newest_moment_is_kept_whichever_is_looked_at(store):
    moments = list(train(Experiment(**SMALL), steps=9, every=3))
    for moment in moments:
        store.apply(take_snapshot, snapshot=replace(moment, run=store.state.run))
    store.apply(look_at, index=1)
    assert store.state.snapshot.step == 3
    scene = scene_of(store.state)
    assert scene.snapshot.step == 9
    assert scene.timeline.steps.tolist() == [0, 3, 6, 9]


def test_a_copy_brings_back_the_moments_before(store, keeper, tmp_path, qtbot):
    keeper.start()
    for moment in train(Experiment(**SMALL), steps=9, every=3):
        store.apply(take_snapshot, snapshot=replace(moment, run=store.state.run))
    keeper.keep()
    qtbot.waitUntil(lambda: len(copies(tmp_path / "recovery")) == 1)
    keeper.stop()
    other = make_store(**SMALL)
    other.update(recovery=Recovery(str(copies(tmp_path / "recovery")[0]), "all this"))
    perform(other, ACTIONS[RESTORE])
    assert other.state.time.timeline.steps.tolist() == [0, 3, 6, 9]
    assert other.state.curves.learning.steps.tolist() == [0, 3, 6, 9]


def test_what_is_compared_is_kept_as_well(store):
    store.apply(open_setup)
    store.apply(start_comparison)
    store.set(begin_run(store.state))
    scene = scene_of(store.state)
    assert scene.setup == store.state.setup
    assert len(scene.beside) == len(store.state.panes) - 1


def test_copies_lie_where_states_lie_or_beside_the_settings(monkeypatch, tmp_path):
    monkeypatch.delenv("RELUVIZ_SETTINGS", raising=False)
    assert recovery_folder().parts[-2:] == ("reluviz", "recovery")
    monkeypatch.setenv("RELUVIZ_SETTINGS", str(tmp_path))
    assert recovery_folder() == tmp_path / "recovery"


def open_window(folder, *arguments):
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "RELUVIZ_SETTINGS": str(folder)}
    return subprocess.Popen(
        [sys.executable, "-c", WINDOW, *arguments], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


def wait_for(check, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = check()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError("waited in vain")


def kept_step(folder):
    for path in copies(folder):
        scene = read_scene(path)
        if scene.snapshot is not None and scene.snapshot.step > 20:
            return path
    return None


def close(process):
    process.stderr.close()
    process.wait(20)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_window_killed_while_it_trains_is_offered_by_the_next_start_and_goes_on_exactly(tmp_path, store, qtbot):
    folder = tmp_path / "recovery"
    crashed = open_window(tmp_path, "--dataset", "moons", "--hidden", "7,5", "--device", "cpu", "--points", "60")
    other = None
    try:
        wait_for(lambda: kept_step(folder))
        os.kill(crashed.pid, signal.SIGKILL)
        close(crashed)
        path = copies(folder)[0]
        kept = read_scene(path)
        assert kept.experiment.dataset == "moons"
        assert kept.experiment.hidden == (7, 5)

        # Another window lives beside all this, and its copy is its own.
        other = open_window(tmp_path, "--dataset", "circle", "--device", "cpu")
        wait_for(lambda: left(folder))
        wait_for(lambda: len(copies(folder)) == 1)
        assert not path.exists()

        keeper = Keeper(store, folder)
        keeper.start()
        qtbot.waitUntil(lambda: bool(store.state.recovery.path), timeout=10_000)
        perform(store, ACTIONS[RESTORE])
        assert store.state.experiment == kept.experiment
        np.testing.assert_array_equal(store.state.snapshot.parameters, kept.snapshot.parameters)
        keeper.end()

        done = kept.snapshot.step
        straight = list(train(kept.experiment, steps=done + 30, every=done + 30))[-1]
        on = list(train(kept.experiment, steps=30, every=30, start=kept.snapshot))[-1]
        np.testing.assert_array_equal(on.parameters, straight.parameters)
        assert other.poll() is None
        assert len(copies(folder)) == 1
    finally:
        for process in (crashed, other):
            if process is not None and process.poll() is None:
                os.kill(process.pid, signal.SIGKILL)
                close(process)


def test_a_window_that_is_closed_leaves_no_copy(tmp_path):
    process = open_window(tmp_path, "--screenshot", str(tmp_path / "w.png"), "--after", "3", "--device", "cpu")
    wait_for(lambda: copies(tmp_path / "recovery"))
    assert process.wait(60) == 0
    process.stderr.close()
    assert [path.name for path in (tmp_path / "recovery").iterdir()] == ["last.reluviz"]  # For the next start.
    assert json.loads((tmp_path / "settings.json").read_text())["preferences"]["autosave"] is True
