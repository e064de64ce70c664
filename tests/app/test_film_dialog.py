"""The dialogs that make films and pictures, and the process that renders."""

import sys
import time
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from reluviz.app.received import take_picture, take_snapshot
from reluviz.app.recording import order as order_module
from reluviz.app.recording.commands import add_key_frame, copy, show
from reluviz.app.recording.dialog import FilmDialog
from reluviz.app.recording.filming import Filming
from reluviz.app.recording.hosting import Host
from reluviz.app.recording.job import Job
from reluviz.app.recording.key_list import key_text
from reluviz.app.recording.order import HOW_TO_GET_VIDEO, Order, why_not, words_of
from reluviz.app.recording.preview import Previewer, PreviewRequest
from reluviz.app.recording.scenery import look_of_state
from reluviz.app.recording.still_dialog import StillDialog
from reluviz.core.errors import InputError
from reluviz.core.picture import make_picture
from reluviz.engine.trainer import train
from reluviz.studio.journal import Start
from reluviz.studio.journal_writer import JournalWriter
from reluviz.studio.keys import Key, read_keys
from reluviz.studio.video import part_of
from tests.app.shell import begun_store


@pytest.fixture
def new_store():
    store = begun_store(points=60, hidden=(6, 5), device="cpu")
    for snapshot in train(store.state.experiment, steps=6):
        if snapshot.step:
            store.apply(take_snapshot, snapshot=replace(snapshot, run=store.state.run))
    return store


@pytest.fixture
def filming(store, bare_window, tmp_path):
    filming = Filming(store, bare_window, tmp_path / "own")
    yield filming
    filming.close()


@pytest.fixture
def dialog(store, bare_window, filming, qtbot):
    dialog = FilmDialog(store, bare_window, filming)
    qtbot.addWidget(dialog)
    dialog.show()
    yield dialog
    dialog.retire()


SMALL = Order(kind="png", size="tiny", fps=10, seconds=0.7, last=6.0)


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    monkeypatch.setitem(order_module.SIZES, "tiny", ("160 × 90", (160, 90)))


def wait_for(qtbot, filming):
    qtbot.waitUntil(lambda: not filming.busy, timeout=60_000)


def test_a_history_becomes_a_film(store, filming, qtbot, tmp_path):
    assert filming.begin(SMALL, tmp_path / "frames")
    assert store.state.recording.rendering.name == "frames"
    wait_for(qtbot, filming)
    assert store.state.message.text == "Saved frames."
    files = sorted((tmp_path / "frames").iterdir())
    assert len(files) == 7
    assert len({path.read_bytes() for path in files}) == 7
    assert not list((tmp_path / "own").iterdir())


def test_training_afresh_becomes_a_film_with_its_key_frames(store, filming, qtbot, tmp_path):
    store.update(recording=replace(store.state.recording, keys=(Key("share", 0.0, {"bounds": (-0.1, 0.1, 0.0, 0.1)}),)))
    order = replace(SMALL, source="afresh", steps=6, counters=False)
    assert filming.begin(order, tmp_path / "close")
    wait_for(qtbot, filming)
    assert filming.begin(replace(order, with_keys=False), tmp_path / "wide")
    wait_for(qtbot, filming)
    close, wide = (np.asarray(Image.open(tmp_path / name / "frame-00000.png")) for name in ("close", "wide"))
    assert (close != wide).mean() > 0.2


def test_progress_is_told_and_the_window_works_meanwhile(store, filming, qtbot, tmp_path):
    seen = []
    store.changed.connect(lambda old, new: seen.append(new.recording.rendering))
    filming.begin(replace(SMALL, seconds=6.0, fps=30), tmp_path / "frames")
    wait_for(qtbot, filming)
    counted = [one.frames for one in seen if one is not None and one.total == 180]
    assert counted == sorted(counted)
    assert len(set(counted)) >= 3


def test_cancel_leaves_no_file_and_the_old_one_as_it_was(store, filming, qtbot, tmp_path):
    pytest.importorskip("av", reason="PyAV comes with reluviz[video]")
    path = tmp_path / "a.mp4"
    path.write_text("old")
    filming.begin(replace(SMALL, kind="mp4", seconds=600.0, fps=30), path)
    qtbot.waitUntil(lambda: (store.state.recording.rendering or replace_none()).frames > 5, timeout=60_000)
    assert part_of(path).exists()
    filming.cancel()
    wait_for(qtbot, filming)
    assert store.state.message.text == "Stopped; a.mp4 was not written."
    assert path.read_text() == "old"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.mp4", "own"]
    assert not list((tmp_path / "own").iterdir())


def replace_none():
    from reluviz.app.recording.state import Rendering

    return Rendering("")


def test_closing_the_window_ends_the_film(store, bare_window, qtbot, tmp_path):
    filming = Filming(store, bare_window, tmp_path / "own")
    filming.begin(replace(SMALL, source="afresh", seconds=600.0, fps=30), tmp_path / "frames")
    filming.close()
    assert not (tmp_path / "frames").exists()
    assert not list((tmp_path / "own").iterdir())


@pytest.mark.parametrize(
    ("order", "says"),
    [
        (replace(SMALL, first=5.0, last=2.0), "The end lies before the beginning."),
        (replace(SMALL, filmed="panels", panels=()), "Choose a panel to stand beside the canvas."),
        (replace(SMALL, seconds=6000.0, fps=60), "A film has at most 200,000 frames"),
    ],
)
def test_what_cannot_be_filmed_is_said(store, filming, tmp_path, order, says):
    assert not filming.begin(order, tmp_path / "frames")
    assert store.state.message.text.startswith(says)
    assert store.state.recording.rendering is None


def test_a_folder_that_is_gone_or_full_is_said_before(store, filming, tmp_path):
    assert not filming.begin(SMALL, tmp_path / "none" / "frames")
    assert "its folder is not there" in store.state.message.text
    (tmp_path / "frames").mkdir()
    (tmp_path / "frames" / "mine.txt").write_text("kept")
    assert not filming.begin(SMALL, tmp_path / "frames")
    assert "frames need a new folder" in store.state.message.text
    assert (tmp_path / "frames" / "mine.txt").read_text() == "kept"


def test_a_recording_that_is_damaged_ends_in_a_sentence(store, filming, qtbot, tmp_path):
    (tmp_path / "last.journal").write_bytes(b"nothing")
    store.update(recording=replace(store.state.recording, last=str(tmp_path / "last.journal")))
    filming.begin(replace(SMALL, source="recording", last=1.0), tmp_path / "frames")
    wait_for(qtbot, filming)
    assert store.state.message.kind == "error"
    assert "is no recording of this version" in store.state.message.text
    assert not (tmp_path / "frames").exists()


def test_a_process_that_cannot_start_ends_in_a_sentence(qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    job = Job([], tmp_path / "a.gif")
    with qtbot.waitSignal(job.ended, timeout=5000) as ended:
        job.start()
    assert ended.args == [f"a.gif was not written: {tmp_path / 'no-python'} cannot be started.", "error"]


def test_without_pyav_the_dialog_says_how_to_get_it(store, bare_window, filming, qtbot, monkeypatch):
    monkeypatch.setattr(order_module, "find_spec", lambda name: None)
    dialog = FilmDialog(store, bare_window, filming)
    qtbot.addWidget(dialog)
    assert dialog.order.kind == "gif"
    assert dialog.save.isEnabled()
    dialog.form._take("kind", "mp4")
    assert dialog.note.text() == HOW_TO_GET_VIDEO
    assert 'pip install "reluviz[video]"' in HOW_TO_GET_VIDEO
    assert not dialog.save.isEnabled()
    dialog.retire()


def test_the_dialog_starts_with_all_of_the_history_and_follows_it(store, dialog):
    assert dialog.order.source == "history"
    assert (dialog.order.first, dialog.order.last) == (0.0, 6.0)
    snapshot = replace(store.state.snapshot, step=9)
    store.apply(take_snapshot, snapshot=snapshot)
    assert dialog.order.last == 9.0
    dialog.form.last.setValue(4)
    store.apply(take_snapshot, snapshot=replace(snapshot, step=12))
    assert dialog.order.last == 4.0  # A person has chosen.


def test_controls_change_the_order(dialog):
    dialog.form.seconds.setValue(3.5)
    dialog.form.switches["counters"].click()
    QTest.keyClicks(dialog.form.title, "A title")
    dialog.form.kind.setCurrentIndex(1)
    dialog.form.kind.activated.emit(1)
    order = dialog.order
    assert (order.seconds, order.counters, order.title, order.kind, order.fps) == (3.5, False, "A title", "gif", 20)
    assert dialog.note.text() == "70 frames, 2 steps a second."


def test_the_preview_is_a_frame_of_the_film(dialog, qtbot):
    qtbot.waitUntil(lambda: not dialog.screen_view.frame.pixmap.isNull(), timeout=20_000)
    last = dialog.screen_view.frame.pixmap.toImage()
    assert (last.width(), last.height()) == (640, 360)
    dialog.screen_view.slider.setValue(0)
    qtbot.waitUntil(lambda: dialog.screen_view.frame.pixmap.toImage() != last, timeout=20_000)
    assert dialog.screen_view._where.text() == "step 0"


def test_a_frame_shown_does_not_read_where_its_array_was(dialog):
    pixels = np.full((9, 16), 0xFF112233, np.uint32)
    dialog.screen_view.show_frame(pixels)
    pixels[:] = 0xFFABCDEF  # As whoever gets the memory next would.
    assert dialog.screen_view.frame.pixmap.toImage().pixel(3, 3) == 0xFF112233


def test_a_key_frame_is_added_at_the_frame_shown_and_shown_in_the_list(store, dialog, tmp_path):
    dialog.screen_view.slider.setValue(500)
    store.update(view=replace(store.state.view, coloring="gradient", bounds=(-0.5, 0.5, -0.5, 0.5)))
    dialog.keys.add.click()
    (key,) = store.state.recording.keys
    assert (key.unit, key.at, key.easing) == ("step", 3.0, "ease")
    assert key.values["coloring"] == "gradient"
    dialog.keys.add.click()
    assert len(store.state.recording.keys) == 1  # One at the same place gives way.
    assert key_text(key, {}).startswith("1 wide at (0, 0), gradient")
    easing = dialog.keys._rows.itemAtPosition(0, 2).widget()
    easing.setCurrentIndex(2)
    easing.activated.emit(2)
    fade = dialog.keys._rows.itemAtPosition(0, 1).widget()
    assert fade.currentText() == "in 0.4 s"
    fade.activated.emit(0)
    assert (store.state.recording.keys[0].easing, store.state.recording.keys[0].fade) == ("hold", 0.0)
    assert dialog.keys._rows.itemAtPosition(0, 1).widget().currentText() == "cut"
    dialog.keys.save_file(tmp_path / "keys.json")
    assert read_keys(tmp_path / "keys.json") == store.state.recording.keys
    dialog.keys._rows.itemAtPosition(0, 3).widget().click()
    assert store.state.recording.keys == ()
    dialog.keys.open_file(tmp_path / "keys.json")
    assert store.state.recording.keys[0].easing == "hold"
    (tmp_path / "keys.json").write_text("{")
    dialog.keys.open_file(tmp_path / "keys.json")
    assert "holds no key frames" in store.state.message.text


def test_the_command_adds_a_key_frame_at_the_step_shown(store):
    add_key_frame(store)
    assert store.state.recording.keys[0].at == 6.0
    assert store.state.message.text == "Key frame at step 6; there is 1 for the next film."


def test_a_recording_is_offered_whole_once_its_length_is_known(store, bare_window, filming, qtbot, tmp_path):
    writer = JournalWriter(tmp_path / "last.journal", Start(True))
    writer.add_moment(0.0, (store.state.snapshot,))
    writer.close(2.5)
    store.update(recording=replace(store.state.recording, last=str(tmp_path / "last.journal")))
    dialog = FilmDialog(store, bare_window, filming)
    qtbot.addWidget(dialog)
    dialog.show_recording()
    qtbot.waitUntil(lambda: dialog.order.last == 2.5, timeout=10_000)
    assert dialog.order.seconds == 2.5
    assert dialog.note.text() == "75 frames, as fast as it was recorded."
    dialog.retire()


def test_a_preview_of_a_recording_that_is_gone_is_a_sentence(store, tmp_path):
    request = PreviewRequest(
        replace(SMALL, source="recording", last=1.0),
        0.5,
        store.state.time.timeline,
        str(tmp_path / "gone.journal"),
        (store.state.snapshot,),
        look_of_state(store.state),
        (),
    )
    with pytest.raises(InputError, match="cannot be read"):
        Previewer()(request)


def test_the_host_opens_and_closes_what_the_state_asks_for(store, bare_window, qtbot):
    host = Host(store, bare_window)
    show(store, "film")
    first = host.dialog
    assert isinstance(first, FilmDialog)
    show(store, "film")
    assert host.dialog is not first
    show(store, "still")
    assert isinstance(host.dialog, StillDialog)
    host.dialog.reject()
    assert host.dialog is None
    assert store.state.recording.dialog == ""
    host.close()


def test_words_for_the_command_line():
    order = Order(source="recording", first=1.0, last=3.5, seconds=5.0, title="T", key_cast=True, ripples=True)
    words = " ".join(words_of(order, "a.journal", "k.json"))
    assert words == (
        "a.journal --size 1280x720 --fps 30 --film canvas --seconds 5 --from-second 1 --to-second 3.5"
        " --title T --counters --key-cast --ripples --keys k.json"
    )
    assert "--key-cast" not in words_of(replace(order, source="history"), "a.journal")
    assert why_not(replace(order, kind="gif")) == ""


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_a_still_is_written_at_its_size(store, bare_window, qtbot, tmp_path, kind):
    dialog = StillDialog(store, bare_window)
    qtbot.addWidget(dialog)
    dialog.order = replace(dialog.order, kind=kind, width=300, height=200)
    path = tmp_path / f"a.{kind}"
    path.write_text("old")
    dialog.begin(path)
    qtbot.waitUntil(lambda: dialog._export is None, timeout=20_000)
    assert store.state.message.text == f"Saved a.{kind}."
    if kind == "png":
        with Image.open(path) as image:
            assert image.size == (300, 200)
    assert path.read_bytes()[:4] in (b"\x89PNG", b"<svg", b"%PDF")
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
    dialog.retire()


def test_a_still_too_large_is_refused_in_words(store, bare_window, qtbot):
    dialog = StillDialog(store, bare_window)
    qtbot.addWidget(dialog)
    dialog._size = "own"
    dialog._take("width", 16_000)
    dialog._take("height", 16_000)
    assert dialog.note.text() == "16,000 × 16,000 is 256 megapixels; allowed are 100."
    assert not dialog.save.isEnabled()
    dialog.retire()


def test_a_still_that_cannot_be_written_is_a_sentence(store, bare_window, qtbot, tmp_path):
    dialog = StillDialog(store, bare_window)
    qtbot.addWidget(dialog)
    dialog.order = replace(dialog.order, width=64, height=64)
    dialog.begin(tmp_path / "none" / "a.png")
    qtbot.waitUntil(lambda: dialog._export is None, timeout=20_000)
    assert store.state.message.kind == "error"
    assert store.state.message.text.endswith("a.png: cannot be written (No such file or directory).")
    dialog.retire()


def test_the_picture_goes_to_the_clipboard_as_large_as_it_is_seen(store):
    copy(store)
    assert store.state.message.text == "There is no picture yet to copy."
    store.update(view=replace(store.state.view, width=120, height=80))
    store.apply(take_picture, picture=make_picture(store.state.snapshot, store.state.view))
    copy(store)
    image = QApplication.clipboard().image()
    assert (image.width(), image.height()) == (120, 80)
    assert store.state.message.text == "The picture is on the clipboard, 120 × 80 pixels."


def test_the_preview_draws_in_milliseconds(store):
    request = PreviewRequest(
        replace(SMALL, size="4K", seconds=60.0, fps=60),
        0.99,
        store.state.time.timeline,
        "",
        (store.state.snapshot,),
        look_of_state(store.state),
        (),
    )
    previewer = Previewer()
    previewer(request)
    begin = time.thread_time()
    assert previewer(request).shape == (360, 640)
    assert time.thread_time() - begin < 1.0
