"""What is recorded while a person works."""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget

from reluviz.app.canvas.widget import CanvasWidget
from reluviz.app.lecture.state import Spot, begin_stroke, end_stroke, go_on
from reluviz.app.received import take_snapshot
from reluviz.app.recording import recorder as recorder_module
from reluviz.app.recording.commands import record
from reluviz.app.recording.folder import LAST
from reluviz.app.recording.recorder import Recorder
from reluviz.app.recording.scenery import look_of_state
from reluviz.app.recording.state import elapsed_text
from reluviz.engine.trainer import train
from reluviz.studio.journal import Journal
from tests.app.shell import begun_store


@pytest.fixture
def new_store():
    return begun_store(points=60, hidden=(6, 5), device="cpu")


@pytest.fixture
def recorder(store, bare_window, tmp_path):
    recorder = Recorder(store, bare_window, tmp_path / "recordings")
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


def test_a_folder_that_cannot_be_is_one_sentence(store, bare_window, tmp_path):
    (tmp_path / "file").write_text("no folder")
    recorder = Recorder(store, bare_window, tmp_path / "file" / "recordings")
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


def test_keys_are_named_and_letters_of_a_text_are_not_recorded(store, bare_window, recorder, qtbot, tmp_path):
    line = QLineEdit(bare_window)
    bare_window.show()
    record(store)
    for key, modifier in (
        (Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier),
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_Control, Qt.KeyboardModifier.NoModifier),
    ):
        QTest.keyClick(bare_window, key, modifier)
    QTest.keyClicks(line, "secret")
    recorder.close()
    journal = Journal(tmp_path / "recordings" / LAST)
    journal.close()
    assert [event.text for event in journal.events] == ["Space", "Ctrl+Z", "Right"]


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


def test_a_stroke_is_recorded_point_by_point_and_grows_again(store, recorder):
    record(store)
    lecture = replace(store.state.lecture, tool="pen")
    lecture = begin_stroke(lecture, Spot("plane:0", (0.0, 0.0)))
    store.update(lecture=lecture)
    for index in range(1, 40):
        lecture = go_on(lecture, (0.01 * index, 0.0))
        store.update(lecture=lecture)
    store.update(lecture=end_stroke(lecture, ((0.0, 0.0), (0.39, 0.0))))
    record(store)
    size = Path(store.state.recording.last).stat().st_size
    journal = read(store)
    (stroke,) = journal.hand._strokes
    assert len(stroke.points) == 40
    assert stroke.times == sorted(stroke.times)
    grown = [
        len((journal.hand.drawing_at(at) or ("", 0, ()))[2]) for at in (stroke.times[0], stroke.times[-1], stroke.end)
    ]
    assert grown == [1, 40, 0]
    assert [len(points) for _, _, points in journal.look_at(journal.seconds).ink] == [2]
    journal.close()
    assert size < 40 * 150 + 12_000  # Every list anew would be 40 times 20 points.


def test_the_laser_is_recorded_with_its_times_and_looks_hold_none_of_it(store, recorder):
    record(store)
    for index in range(5):
        store.update(lecture=replace(store.state.lecture, tool="laser", pointer=Spot("plane:0", (0.1 * index, 0.2))))
    record(store)
    journal = read(store)
    light = journal.hand.light_at(journal.seconds, 1.0)
    assert (light.tool, light.trail[-1][1:]) == ("laser", ("plane:0", (0.4, 0.2)))
    assert all("pointer" not in look.window for _, look in journal._looks)
    assert journal.look_at(journal.seconds).window["pointer"] == ["plane:0", [0.4, 0.2]]
    journal.close()
