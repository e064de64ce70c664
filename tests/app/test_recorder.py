"""What is recorded while a person works, and what of it outlives a crash."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget

from reluviz.app.canvas.widget import CanvasWidget
from reluviz.app.lecture.state import Spot, Stroke
from reluviz.app.received import begin_run, take_snapshot
from reluviz.app.recording import recorder as recorder_module
from reluviz.app.recording.commands import record
from reluviz.app.recording.folder import LAST, lock_of, recover
from reluviz.app.recording.recorder import RENDER_FOUND, Recorder
from reluviz.app.recording.scenery import changes_of, look_of_state, take_look
from reluviz.app.recording.state import elapsed_text
from reluviz.app.recovery.state import RESTORE, Recovery
from reluviz.app.recovery.words import offer
from reluviz.app.state import Message, take_theme
from reluviz.engine.trainer import train
from reluviz.studio.journal import Journal, Start
from reluviz.studio.journal_writer import JournalWriter
from reluviz.studio.lesson_file import find_lesson, read_lesson
from tests.app.shell import make_store


@pytest.fixture
def store(qtbot):
    store = make_store(points=60, hidden=(6, 5), device="cpu")
    store.set(begin_run(store.state))
    yield store
    store.close()


@pytest.fixture
def window(qtbot):
    window = QWidget()
    window.resize(800, 600)
    qtbot.addWidget(window)
    return window


@pytest.fixture
def recorder(store, window, tmp_path):
    recorder = Recorder(store, window, tmp_path / "recordings")
    yield recorder
    recorder.close()


def read(store):
    return Journal(Path(store.state.recording.last))


def learn(store, steps=5):
    for snapshot in train(store.state.experiment, steps=steps):
        store.apply(take_snapshot, snapshot=replace(snapshot, run=store.state.run))


def test_moments_looks_and_their_order_are_recorded(store, recorder):
    record(store)
    assert store.state.recording.running
    learn(store)
    store.update(view=replace(store.state.view, coloring="gradient"))
    store.update(probe=(0.25, 0.5), pins=((0.0, 0.1),))
    record(store)
    recording = store.state.recording
    assert not recording.running
    assert recording.dialog == "film"
    journal = read(store)
    assert journal.is_whole
    assert journal.start.live
    assert (journal.start.width, journal.start.height) == (800, 600)
    # Step 0 was there before; the engine's own step 0 is another snapshot.
    assert journal.steps.tolist() == [0, 0, 1, 2, 3, 4, 5]
    np.testing.assert_array_equal(journal[6][0].parameters, store.state.snapshot.parameters)
    last = journal.look_at(journal.seconds)
    assert (last.coloring, last.probe, last.pins) == ("gradient", (0.25, 0.5), ((0.0, 0.1),))
    assert journal.look_at(0.0).coloring == "pattern"
    journal.close()


def test_a_snapshot_alone_makes_no_look(store, recorder, monkeypatch):
    looked = []
    monkeypatch.setattr(recorder_module, "look_of_state", lambda state: looked.append(state) or look_of_state(state))
    record(store)
    looked.clear()
    learn(store, 5)
    assert not looked
    store.update(until=store.state.step + 2)
    looked.clear()
    store.apply(take_snapshot, snapshot=replace(store.state.snapshot, step=store.state.step + 1))
    assert (len(looked), store.state.playing) == (0, True)
    store.apply(take_snapshot, snapshot=replace(store.state.snapshot, step=store.state.step + 1))
    assert (len(looked), store.state.playing) == (1, False)
    record(store)
    journal = read(store)
    assert journal.look_at(journal.seconds).window["playing"] is False
    journal.close()


def test_nothing_is_written_while_nothing_is_recorded(store, recorder, tmp_path):
    learn(store)
    assert not (tmp_path / "recordings").exists()


def test_curves_of_before_are_in_the_recording(store, recorder):
    learn(store, 4)
    record(store)
    record(store)
    journal = read(store)
    np.testing.assert_array_equal(journal.curves["learning"].steps, [0, 1, 2, 3, 4])
    journal.close()


def test_the_next_recording_takes_the_place_of_the_last(store, recorder, tmp_path):
    for steps in (2, 3):
        record(store)
        learn(store, steps)
        record(store)
    assert [path.name for path in (tmp_path / "recordings").iterdir()] == [LAST]
    journal = read(store)
    assert journal.steps[-1] == 3
    journal.close()


def test_a_folder_that_cannot_be_is_one_sentence(store, window, tmp_path):
    (tmp_path / "file").write_text("no folder")
    recorder = Recorder(store, window, tmp_path / "file" / "recordings")
    record(store)
    assert not store.state.recording.wanted
    assert store.state.message.kind == "error"
    assert store.state.message.text.startswith("Nothing is recorded: ")
    recorder.close()


def test_a_folder_gone_meanwhile_ends_it_with_a_sentence(store, recorder, qtbot, tmp_path):
    record(store)
    (tmp_path / "recordings").rename(tmp_path / "elsewhere")
    learn(store)
    qtbot.waitUntil(lambda: not store.state.recording.running, timeout=5000)
    assert "cannot be written (its folder is gone)" in store.state.message.text
    assert not store.state.recording.wanted


def test_closing_the_window_ends_the_recording_in_order(store, recorder, tmp_path):
    record(store)
    learn(store)
    recorder.close()
    journal = Journal(tmp_path / "recordings" / LAST)
    assert journal.is_whole
    journal.close()


def test_clicks_on_the_canvas_are_points_of_the_plane(store, qtbot, tmp_path):
    window = QWidget()
    canvas = CanvasWidget(store)
    button = QPushButton("One")
    button.setObjectName("one")
    layout = QVBoxLayout(window)
    layout.addWidget(canvas)
    layout.addWidget(button)
    qtbot.addWidget(window)
    window.resize(500, 500)
    window.show()
    recorder = Recorder(store, window, tmp_path)
    record(store)
    place = canvas.mapFromScene(canvas.box.mapToScene(canvas.box.rect().center()))
    QTest.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(button.width() // 4, button.height() // 2))
    recorder.close()
    journal = Journal(tmp_path / LAST)
    journal.close()
    one, other = journal.events
    assert (one.kind, one.place) == ("press", "canvas")
    xmin, xmax, ymin, ymax = store.state.view.bounds
    assert one.x == pytest.approx((xmin + xmax) / 2, abs=0.02)
    assert one.y == pytest.approx((ymin + ymax) / 2, abs=0.02)
    assert (other.place, other.x, other.y) == ("one", pytest.approx(0.25, abs=0.02), pytest.approx(0.5, abs=0.05))
    canvas.close()


def test_keys_are_named_and_letters_of_a_text_are_not_recorded(store, window, recorder, qtbot, tmp_path):
    line = QLineEdit(window)
    window.show()
    record(store)
    for key, modifier in (
        (Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier),
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_Control, Qt.KeyboardModifier.NoModifier),
    ):
        QTest.keyClick(window, key, modifier)
    QTest.keyClicks(line, "secret")
    recorder.close()
    journal = Journal(tmp_path / "recordings" / LAST)
    journal.close()
    assert [event.text for event in journal.events] == ["Space", "Ctrl+Z", "Right"]


def test_a_look_goes_into_a_state_and_comes_out_the_same(store):
    state = take_theme(store.state, "projector")
    stroke = Stroke("plane:0", 1, ((0.0, 0.1), (0.5, 0.5)))
    state = replace(
        state,
        view=replace(state.view, bounds=(-1.0, 1.0, -1.0, 1.0), smooth="epsilon", coloring="gradient", layer=1, unit=2),
        selected=(1, 2),
        pins=((0.5, 0.5),),
        pin=0,
        log_loss=False,
        segment=(0.0, 0.0, 1.0, 1.0),
        steps_per_second=200.0,
        message=Message("A sentence.", "warning"),
        lecture=replace(
            state.lecture, strokes=(stroke,), pointer=Spot("plane:0", (0.2, 0.3)), tool="laser", counters=True
        ),
    )
    look = look_of_state(state)
    again = look_of_state(take_look(store.state, look))
    assert again == look
    assert changes_of(look, again) == {}
    assert take_look(store.state, look).view.line_width == pytest.approx(2.2)


@pytest.mark.parametrize("action", [RESTORE, RENDER_FOUND])
def test_no_film_shows_what_is_offered_after_a_crash(store, action):
    look = look_of_state(replace(store.state, message=Message("It ended unexpectedly.", "warning", action)))
    assert take_look(store.state, look).message.text == ""


@pytest.mark.parametrize(
    "window",
    [
        {"selected": [9, 9]},
        {"segment": [1, 2]},
        {"font_scale": "x"},
        {"setup": ["no_field", [1]]},
        {"ink": [["plane:0", 0, [["a", 1]]]]},
        {"pointer": 3},
        {"message": ["text", "loud"]},
        {"unknown": 1},
        {"log_loss": "yes"},
    ],
)
def test_what_does_not_fit_a_window_is_left_out(store, window):
    state = store.state
    look = replace(look_of_state(state), window=window)
    assert look_of_state(take_look(state, look)).window == look_of_state(state).window


def interrupted(folder, snapshots, name="running-20260101-120000-1.journal"):
    folder.mkdir(exist_ok=True)
    writer = JournalWriter(folder / name, Start(True))
    for index, snapshot in enumerate(snapshots):
        writer.add_moment(0.5 * index, (snapshot,))
    writer.close(9.0)
    path = folder / name
    path.write_bytes(path.read_bytes()[:-10])
    return path


def test_an_interrupted_recording_is_offered_at_the_next_start(store, window, tmp_path):
    snapshots = list(train(store.state.experiment, steps=3))
    interrupted(tmp_path, snapshots)
    recorder = Recorder(store, window, tmp_path)
    recorder.offer_interrupted()
    assert store.state.message.text.startswith("A recording was interrupted; what was recorded until then")
    assert store.state.message.action == "film"
    assert store.state.recording.recovered
    journal = read(store)
    assert not journal.is_whole
    assert journal.steps.tolist() == [0, 1, 2, 3]
    journal.close()


def test_a_recording_joins_the_offer_of_a_copy_that_came_first(store, window, tmp_path):
    interrupted(tmp_path, list(train(store.state.experiment, steps=2)))
    store.update(recovery=Recovery("a.reluviz", "a spiral"), message=Message("It showed a spiral.", "warning", RESTORE))
    Recorder(store, window, tmp_path).offer_interrupted()
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


def test_recording_costs_the_window_little(store, recorder):
    snapshots = [replace(one, run=store.state.run) for one in train(store.state.experiment, steps=200)]

    def spent():
        begin = time.thread_time()
        for snapshot in snapshots:
            store.update(snapshot=snapshot)
        return time.thread_time() - begin

    spent()
    without = min(spent() for _ in range(3))
    record(store)
    assert min(spent() for _ in range(3)) < without + 200 * 1e-3  # A millisecond for each moment, of 16 for a frame.


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (7, "0:07"), (750, "12:30"), (3600, "1:00:00")])
def test_elapsed(seconds, text):
    assert elapsed_text(seconds) == text


def test_a_film_of_another_shape_shows_what_a_canvas_of_that_shape_would(store):
    view = replace(store.state.view, bounds=(-2.0, 2.0, -1.0, 1.0), width=400, height=200)
    look = look_of_state(replace(store.state, view=view))
    assert look.view(400, 200).bounds == view.bounds
    assert look.view(100, 100).bounds == (-1.0, 1.0, -1.0, 1.0)
    assert look.view(100, 200).bounds == (-1.0, 1.0, -2.0, 2.0)


def test_a_lesson_and_its_step_are_part_of_the_look(store):
    lesson = read_lesson(find_lesson("09-switches"))
    state = replace(
        store.state, lesson=replace(store.state.lesson, lesson=lesson, step=1, entered=2, guesses=((0, 1),))
    )
    look = look_of_state(state)
    taken = take_look(store.state, look).lesson
    assert (taken.lesson.title, taken.step, taken.entered, taken.guesses) == (lesson.title, 1, 2, ((0, 1),))
    assert take_look(replace(store.state, lesson=taken), look).lesson is taken
    gone = replace(look, window={"lesson": ["none.toml", 1, 2, []]})
    assert take_look(store.state, gone).lesson.lesson is None
