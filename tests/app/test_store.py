import threading

import numpy as np

from reluviz.app import dataset_reader
from reluviz.core.dataset import Dataset
from tests.app.shell import make_store


def rows(*lines):
    return "\n".join(lines) + "\n"


POINTS = rows("x,y,label", "0,0,a", "1,1,b", "0,1,a", "1,0,b", "2,2,a", "3,1,b")
VALUES = rows("x,y,value", "0,0,0.5", "1,1,1.25", "0,1,0.75", "1,0,-2.5", "2,2,3.5", "3,1,4.25")


def test_edit_changes_the_experiment_and_tells(store, qtbot):
    with qtbot.waitSignal(store.changed) as told:
        assert store.edit(learning_rate=0.3)
    old, new = told.args
    assert (old.experiment.learning_rate, new.experiment.learning_rate) == (0.01, 0.3)


def test_a_bad_edit_says_why_and_changes_nothing_else(store):
    before = store.state
    assert not store.edit(learning_rate="fast")
    assert store.state.experiment is before.experiment
    assert store.state.message.kind == "error"
    assert "'fast' cannot be used; allowed is a number from 0 to 100" in store.state.message.text


def test_fresh_begins_one_run_not_two(store):
    run = store.state.run
    store.edit(fresh=True, learning_rate=0.3)
    assert store.state.run == run + 1
    store.edit(fresh=True, seed=8)
    assert store.state.run == run + 2


def test_setting_the_same_state_tells_nobody(store, qtbot):
    with qtbot.assertNotEmitted(store.changed):
        store.set(store.state)


def test_a_file_is_read_in_another_thread(store, qtbot, write, monkeypatch):
    path = write("points.csv", POINTS)
    threads = []
    real = dataset_reader.load_dataset
    monkeypatch.setattr(
        dataset_reader, "load_dataset", lambda e: (threads.append(threading.current_thread()), real(e))[1]
    )
    store.edit(dataset=str(path))
    assert "Reading points.csv" in store.state.message.text
    assert store.state.experiment.dataset == "spiral"
    qtbot.waitUntil(lambda: store.state.experiment.dataset == str(path))
    assert len(store.state.dataset.points) == 6
    assert threads[0] is not threading.main_thread()
    assert store.state.message.text == ""


def test_values_from_a_file_turn_the_loss_to_auto(store, qtbot, write):
    store.edit(loss="hinge")
    run = store.state.run
    path = write("values.csv", VALUES)
    store.edit(dataset=str(path))
    qtbot.waitUntil(lambda: store.state.experiment.dataset == str(path))
    assert not store.state.dataset.is_classes
    assert store.state.experiment.loss == "auto"
    assert store.state.run == run  # One output before and after: the weights stay.


def test_a_bad_file_says_why_and_the_data_stays(store, qtbot, write):
    before = store.state
    store.edit(dataset=str(write("bad.csv", rows("x,y,label", "0,zero,a", "1,1,b"))))
    qtbot.waitUntil(lambda: store.state.message.kind == "error")
    assert "bad.csv" in store.state.message.text
    assert store.state.experiment is before.experiment
    assert store.state.dataset is before.dataset


def test_a_reader_that_breaks_says_so(store, qtbot, monkeypatch):
    def broken(_):
        raise MemoryError("none left")

    monkeypatch.setattr(dataset_reader, "load_dataset", broken)
    store.edit(dataset="enormous.csv")
    qtbot.waitUntil(lambda: store.state.message.kind == "error")
    assert store.state.message.text == "enormous.csv: cannot be read (MemoryError: none left)."


def test_of_several_files_only_the_newest_is_shown(store, qtbot, monkeypatch):
    started, go = threading.Event(), threading.Event()
    read = []

    def slow(experiment):
        read.append(experiment.dataset)
        started.set()
        go.wait(5)
        return Dataset(np.zeros((4, 2)), np.array([0, 1, 0, 1]), np.ones(4, bool), ("a", "b"))

    monkeypatch.setattr(dataset_reader, "load_dataset", slow)
    store.edit(dataset="one.csv")
    started.wait(5)
    store.edit(dataset="two.csv")
    store.edit(dataset="three.csv")
    go.set()
    qtbot.waitUntil(lambda: store.state.experiment.dataset == "three.csv")
    assert read == ["one.csv", "three.csv"]


def test_a_setting_changed_while_reading_is_kept(store, qtbot, monkeypatch, write):
    path = write("points.csv", POINTS)
    started, go = threading.Event(), threading.Event()
    real = dataset_reader.load_dataset

    def slow(experiment):
        started.set()
        go.wait(5)
        return real(experiment)

    monkeypatch.setattr(dataset_reader, "load_dataset", slow)
    store.edit(dataset=str(path))
    started.wait(5)
    store.edit(learning_rate=0.7, train_share=0.5)
    go.set()
    qtbot.waitUntil(lambda: store.state.experiment.dataset == str(path))
    assert store.state.experiment.learning_rate == 0.7
    assert store.state.experiment.train_share == 0.5
    assert store.state.dataset is real(store.state.experiment)
    assert store.state.dataset is not real(store.state.experiment.edit(train_share=0.7))


def test_closing_waits_for_the_reader(qtbot, monkeypatch):
    ended = []

    def slow(_):
        threading.Event().wait(0.2)
        ended.append(True)
        raise MemoryError

    store = make_store()
    monkeypatch.setattr(dataset_reader, "load_dataset", slow)
    store.edit(dataset="slow.csv")
    store.close()
    assert ended == [True]
