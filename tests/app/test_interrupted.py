"""What of a recording outlives a crash."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from reluviz.app.recording.folder import LAST, lock_of, recover
from reluviz.app.recording.recorder import Recorder
from reluviz.app.recovery.state import RESTORE, Recovery
from reluviz.app.recovery.words import offer
from reluviz.app.state import Message
from reluviz.engine.trainer import train
from reluviz.studio.journal import Journal, Start
from reluviz.studio.journal_writer import JournalWriter
from tests.app.shell import begun_store


@pytest.fixture
def new_store():
    return begun_store(points=60, hidden=(6, 5), device="cpu")


def interrupted(folder, snapshots, name="running-20260101-120000-1.journal"):
    folder.mkdir(exist_ok=True)
    writer = JournalWriter(folder / name, Start(True))
    for index, snapshot in enumerate(snapshots):
        writer.add_moment(0.5 * index, (snapshot,))
    writer.close(9.0)
    path = folder / name
    path.write_bytes(path.read_bytes()[:-10])
    return path


def test_an_interrupted_recording_is_offered_at_the_next_start(store, bare_window, tmp_path):
    snapshots = list(train(store.state.experiment, steps=3))
    interrupted(tmp_path, snapshots)
    recorder = Recorder(store, bare_window, tmp_path)
    recorder.offer_interrupted()
    assert store.state.message.text.startswith("A recording was interrupted; what was recorded until then")
    assert store.state.message.action == "film"
    assert store.state.recording.recovered
    journal = Journal(Path(store.state.recording.last))
    assert not journal.is_whole
    assert journal.steps.tolist() == [0, 1, 2, 3]
    journal.close()


def test_a_recording_joins_the_offer_of_a_copy_that_came_first(store, bare_window, tmp_path):
    interrupted(tmp_path, list(train(store.state.experiment, steps=2)))
    store.update(recovery=Recovery("a.reluviz", "a spiral"), message=Message("It showed a spiral.", "warning", RESTORE))
    Recorder(store, bare_window, tmp_path).offer_interrupted()
    assert store.state.message.action == RESTORE
    assert store.state.message.text == offer("a spiral", True)
    assert "recording is kept" in store.state.message.text


def test_of_several_interrupted_recordings_the_newest_stays(store, tmp_path):
    snapshots = list(train(store.state.experiment, steps=3))
    for age, (name, count) in enumerate((("running-b", 4), ("running-a", 2), ("running-c", 0))):
        path = interrupted(tmp_path, snapshots[:count], f"{name}.journal")
        if not count:
            path.write_bytes(b"x")
        os.utime(path, (2_000_000_000 - 1000 * age,) * 2)
    assert recover(tmp_path) == tmp_path / LAST
    assert recover(tmp_path) is None  # What is older does not take its place.
    assert [path.name for path in tmp_path.iterdir()] == [LAST]
    journal = Journal(tmp_path / LAST)
    assert len(journal) == 4
    journal.close()


def test_a_recording_that_another_window_is_writing_is_left_alone(store, tmp_path):
    path = interrupted(tmp_path, list(train(store.state.experiment, steps=1)))
    lock = lock_of(path)
    assert lock.tryLock(0)
    words = [sys.executable, "-c", _RECOVER, str(tmp_path)]
    assert subprocess.run(words, capture_output=True, text=True).stdout == "None\n"
    lock.unlock()
    assert subprocess.run(words, capture_output=True, text=True).stdout == f"{tmp_path / LAST}\n"


_RECOVER = """
import sys
from pathlib import Path
from pathlib import Path
from reluviz.app.recording.folder import recover
print(recover(Path(sys.argv[1])))
"""


def test_what_a_crash_left_of_a_films_source_is_removed(tmp_path):
    for suffix in ("journal", "keys.json", "reluviz"):
        (tmp_path / f"history-1.{suffix}").write_bytes(b"x")
        (tmp_path / f"history-2.{suffix}").write_bytes(b"x")
    lock = lock_of(tmp_path / "history-2")
    assert lock.tryLock(0)
    assert recover(tmp_path) is None
    assert sorted(path.name for path in tmp_path.glob("history*.*n*")) == ["history-2.journal", "history-2.keys.json"]
    assert not list(tmp_path.glob("history-1*"))
    lock.unlock()
    assert recover(tmp_path / "none") is None


_RECORDING = """
import os, sys, time
from dataclasses import replace
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget
from reluviz.app.received import begin_run, take_snapshot
from reluviz.app.recording.commands import record
from reluviz.app.recording.recorder import Recorder
from reluviz.app.state import AppState, take_experiment
from reluviz.app.store import Store
from reluviz.core.experiment import Experiment
app = QApplication([])
store = Store(take_experiment(AppState(), Experiment(points=60, hidden=(6, 5), device="cpu")))
store.set(begin_run(store.state))
recorder = Recorder(store, QWidget(), Path(sys.argv[1]))
record(store)
begin = time.monotonic()
def work():
    store.apply(take_snapshot, snapshot=replace(store.state.snapshot, step=store.state.snapshot.step + 1))
    print(time.monotonic() - begin, flush=True)
timer = QTimer()
timer.timeout.connect(work)
timer.start(20)
app.exec()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX's")
def test_kill_while_recording_loses_less_than_two_seconds(tmp_path):
    words = [sys.executable, "-c", _RECORDING, str(tmp_path)]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment) as process:
        at = 0.0
        while at < 4.0:
            at = float(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
    found = recover(tmp_path)
    assert found is not None
    journal = Journal(found)
    journal.close()
    assert not journal.is_whole
    assert at - journal.seconds < 2.0
    assert journal.steps[-1] > 50
