import os
import stat
from dataclasses import replace

import numpy as np
import pytest

from reluviz.app import files
from reluviz.app.received import take_snapshot
from reluviz.app.recent import RecentMenu
from reluviz.app.settings import settings_of, take_settings
from reluviz.app.state import AppState
from reluviz.app.window import Window
from reluviz.core.experiment import Experiment
from reluviz.engine.trainer import train
from reluviz.studio.scene import Scene, write_scene


def test_what_is_saved_opens_to_the_same_experiment(store, tmp_path):
    store.edit(dataset="moons", hidden=(3, 5), learning_rate=0.2, seed=9)
    saved = store.state.experiment
    assert files.save_experiment(store, tmp_path / "moons.json")
    assert store.state.message.text == "Saved moons.json."
    run = store.state.run
    store.edit(dataset="circle", hidden=(4,))
    assert files.open_scene(store, tmp_path / "moons.json")
    assert store.state.experiment == saved
    assert store.state.run > run
    assert store.state.folder == str(tmp_path)


def test_opening_begins_afresh_even_when_nothing_differs(store, tmp_path):
    files.save_experiment(store, tmp_path / "same.json")
    run = store.state.run
    files.open_scene(store, tmp_path / "same.json")
    assert store.state.run == run + 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "line 1, column 2 is not JSON"),
        ("[1, 2]", "holds a list"),
        ('{"learning_rat": 1}', "did you mean learning_rate?"),
        ('{"hidden": [0]}', "hidden: 0 is out of range; allowed is a whole number from 1 to 256."),
        ('{"version": 99}', "written by a newer reluviz"),
        (b"\xff\xfe\x00", "byte 0 is not UTF-8 text"),
        (" " * 1_000_001, "larger than a megabyte"),
    ],
)
def test_a_bad_experiment_says_why_and_changes_nothing(store, write, content, says):
    before = store.state.experiment
    assert not files.open_scene(store, write("bad.json", content))
    assert says in store.state.message.text
    assert "bad.json: " in store.state.message.text
    assert store.state.experiment is before


def test_a_missing_file_says_so(store, tmp_path):
    assert not files.open_scene(store, tmp_path / "none.json")
    assert "none.json: there is no such file" in store.state.message.text


def test_a_folder_that_is_none_leaves_everything(store, tmp_path):
    assert not files.save_experiment(store, tmp_path / "no" / "such" / "place.json")
    assert store.state.message.kind == "error"
    assert "place.json: cannot be written" in store.state.message.text


def test_a_write_that_fails_leaves_the_old_file_and_no_rest(tmp_path, monkeypatch):
    path = tmp_path / "kept.json"
    path.write_text("old")

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        files.write_text(path, "new")
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["kept.json"]


@pytest.mark.skipif(os.name == "nt", reason="permissions are POSIX")
def test_saved_files_have_ordinary_permissions(tmp_path):
    files.write_text(tmp_path / "one.json", "x")
    (tmp_path / "two.json").write_text("x")
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("one.json", "two.json")}
    assert len(modes) == 1


def test_a_dropped_file_goes_where_its_kind_says(store, write, qtbot):
    files.open_any(store, write("scene.json", Experiment(dataset="xor").to_json()))
    assert store.state.experiment.dataset == "xor"
    path = write("own.csv", "0,0,a\n1,1,b\n0,1,a\n")
    files.open_any(store, path)
    qtbot.waitUntil(lambda: store.state.experiment.dataset == str(path))


def test_dialogs_hand_on_what_was_chosen_and_nothing_when_cancelled(store, tmp_path, monkeypatch, qtbot):
    answers = [
        (str(tmp_path / "scene"), files.EXPERIMENTS),
        ("", ""),
        (str(tmp_path / "scene.json"), ""),
        ("", ""),
        ("", ""),
    ]
    monkeypatch.setattr(files.QFileDialog, "getSaveFileName", lambda *_: answers.pop(0))
    monkeypatch.setattr(files.QFileDialog, "getOpenFileName", lambda *_: answers.pop(0))
    files.ask_save(store)
    assert (tmp_path / "scene.json").exists()
    files.ask_save(store)
    run = store.state.run
    files.ask_open(store)
    assert store.state.run == run + 1
    files.ask_open(store)
    files.ask_data(store)
    assert store.state.run == run + 1


def test_a_scene_opens_paused_at_its_moment_and_goes_on_from_it(store, tmp_path):
    (*_, moment) = train(store.state.experiment, steps=12, every=12)
    store.set(take_snapshot(store.state, replace(moment, run=store.state.run)))
    store.update(view=replace(store.state.view, coloring="gradient", bounds=(-0.5, 0.5, 0.0, 1.0)))
    assert files.save_scene(store, tmp_path / "a.reluviz")
    assert "at step 12" in store.state.message.text
    store.edit(dataset="moons", hidden=(3,))
    store.update(view=replace(store.state.view, coloring="pattern", palette="light", width=321))
    run = store.state.run
    files.open_any(store, tmp_path / "a.reluviz")
    state = store.state
    assert state.run > run
    assert (state.playing, state.step) == (False, 12)
    np.testing.assert_array_equal(state.snapshot.parameters, moment.parameters)
    np.testing.assert_array_equal(state.plan.start.optimizer_state, moment.optimizer_state)
    assert (state.view.coloring, state.view.bounds) == ("gradient", (-0.5, 0.5, 0.0, 1.0))
    assert (state.view.palette, state.view.width) == ("light", 321)
    (*_, resumed) = train(state.experiment, steps=5, every=5, start=state.plan.start)
    (*_, straight) = train(state.experiment, steps=17, every=17)
    np.testing.assert_array_equal(resumed.parameters, straight.parameters)


def test_a_scene_of_file_data_waits_for_the_data(store, write, tmp_path, qtbot):
    rows = "".join(f"{i / 20 - 1},{(i * 7 % 40) / 20 - 1},{'ab'[i % 2]}\n" for i in range(40))
    experiment = Experiment(dataset=str(write("own.csv", rows)), hidden=(4,), device="cpu")
    (*_, moment) = train(experiment, steps=6, every=6)
    write_scene(tmp_path / "own.reluviz", Scene(experiment, None, moment))
    assert files.open_scene(store, tmp_path / "own.reluviz")
    qtbot.waitUntil(lambda: store.state.step == 6)
    np.testing.assert_array_equal(store.state.plan.start.parameters, moment.parameters)


def test_a_scene_that_does_not_fit_its_data_changes_nothing(store, write, tmp_path):
    experiment = Experiment(dataset="blobs", hidden=(4,))
    (*_, moment) = train(experiment, steps=1)
    other = replace(moment, experiment=experiment.edit(dataset="spiral"))
    write_scene(tmp_path / "a.reluviz", Scene(other.experiment, None, other))
    before = store.state.experiment
    assert not files.open_scene(store, tmp_path / "a.reluviz")
    assert store.state.experiment is before
    assert "The saved weights have" in store.state.message.text
    assert not files.open_scene(store, write("b.reluviz", b"PK"))
    assert "b.reluviz: is damaged or no scene" in store.state.message.text


def test_a_scene_that_cannot_be_written_says_so(store, tmp_path):
    assert not files.save_scene(store, tmp_path / "no" / "a.reluviz")
    assert "a.reluviz: cannot be written (No such file or directory)." in store.state.message.text


def test_what_was_opened_or_saved_last_is_offered(store, tmp_path, qtbot):
    window = Window(store)
    qtbot.addWidget(window)
    menu = window.findChild(RecentMenu)
    menu.aboutToShow.emit()
    assert [action.isEnabled() for action in menu.actions()] == [False]
    for index in range(10):
        assert files.save_scene(store, tmp_path / f"{index}.reluviz")
    files.open_scene(store, tmp_path / "4.reluviz")
    files.open_scene(store, tmp_path / "none.reluviz")
    menu.aboutToShow.emit()
    assert [action.text() for action in menu.actions()] == [f"{i}.reluviz" for i in (4, 9, 8, 7, 6, 5, 3, 2)]
    assert take_settings(AppState(), settings_of(store.state, "", "", ())).recent == store.state.recent
    run = store.state.run
    menu.actions()[1].trigger()
    assert store.state.run > run
    assert store.state.recent[0] == str(tmp_path / "9.reluviz")
