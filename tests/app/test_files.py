import os
import stat

import pytest

from reluviz.app import files
from reluviz.core.experiment import Experiment
from tests.app.shell import make_store


@pytest.fixture
def store(qtbot):
    store = make_store()
    yield store
    store.close()


def test_what_is_saved_opens_to_the_same_experiment(store, tmp_path):
    store.edit(dataset="moons", hidden=(3, 5), learning_rate=0.2, seed=9)
    saved = store.state.experiment
    assert files.save_experiment(store, tmp_path / "moons.json")
    assert store.state.message.text == "Saved moons.json."
    run = store.state.run
    store.edit(dataset="circle", hidden=(4,))
    assert files.open_experiment(store, tmp_path / "moons.json")
    assert store.state.experiment == saved
    assert store.state.run > run
    assert store.state.folder == str(tmp_path)


def test_opening_begins_afresh_even_when_nothing_differs(store, tmp_path):
    files.save_experiment(store, tmp_path / "same.json")
    run = store.state.run
    files.open_experiment(store, tmp_path / "same.json")
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
    assert not files.open_experiment(store, write("bad.json", content))
    assert says in store.state.message.text
    assert "bad.json: " in store.state.message.text
    assert store.state.experiment is before


def test_a_missing_file_says_so(store, tmp_path):
    assert not files.open_experiment(store, tmp_path / "none.json")
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
    answers = [(str(tmp_path / "scene"), ""), ("", ""), (str(tmp_path / "scene.json"), ""), ("", ""), ("", "")]
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
