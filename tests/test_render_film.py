"""Films by the command line: of a recording and of a history, of the canvas and of a whole window."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from reluviz.cli import main
from reluviz.core.experiment import Experiment
from reluviz.core.view import View
from reluviz.engine.trainer import train
from reluviz.studio.journal import Start
from reluviz.studio.journal_writer import JournalWriter
from reluviz.studio.look import Look
from reluviz.studio.scene import Scene, write_scene
from reluviz.studio.timeline import Timeline
from reluviz.studio.video import part_of

EXPERIMENT = Experiment(points=60, hidden=(6, 5), device="cpu")
OPTIONS = ("--points", 60, "--hidden", "6,5", "--device", "cpu")


def write_journal(path, live=True, steps=12, every=2, seconds=0.25):
    writer = JournalWriter(path, Start(live, 800, 600, Look(palette="light")))
    for index, snapshot in enumerate(train(EXPERIMENT, steps=steps, every=every)):
        writer.add_moment(seconds * index if live else 0.0, (snapshot,))
        if live and index == 2:
            writer.add_look(0.5, {"coloring": "gradient"})
            writer.add_event(0.6, "press", place="canvas", x=0.0, y=0.0)
            writer.add_event(0.6, "press", place="window", x=0.5, y=0.1)
            writer.add_event(0.7, "key", text="Ctrl+Z")
    writer.close(seconds * steps / every if live else 0.0)
    return path


@pytest.fixture
def recording(tmp_path):
    return write_journal(tmp_path / "a.journal")


@pytest.fixture
def history(tmp_path):
    return write_journal(tmp_path / "h.journal", live=False)


def render(capsys, *words):
    """Return exit status and what was said."""
    status = main(["render", *map(str, words)])
    output = capsys.readouterr()
    return status, output.out + output.err


def frames_of(folder):
    return [np.asarray(Image.open(path).convert("RGB")).astype(int) for path in sorted(folder.iterdir())]


def digests(folder):
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())]


def test_a_recording_becomes_as_many_frames_as_it_lasted(capsys, recording, tmp_path):
    folder = tmp_path / "frames"
    assert render(capsys, recording, "-o", folder, "--size", "160x90", "--fps", "10") == (0, f"{folder}\n")
    frames = frames_of(folder)
    assert len(frames) == 15
    assert frames[0].shape == (90, 160, 3)
    assert (frames[0] != frames[14]).any()


def test_speed_and_part_of_a_recording(capsys, recording, tmp_path):
    words = ["-o", tmp_path / "fast", "--size", "160x90", "--fps", "10", "--speed", "3"]
    assert render(capsys, recording, *words)[0] == 0
    assert len(frames_of(tmp_path / "fast")) == 5
    words = ["-o", tmp_path / "part", "--size", "160x90", "--fps", "10", "--from-second", "0.5", "--to-second", "1"]
    assert render(capsys, recording, *words)[0] == 0
    assert len(frames_of(tmp_path / "part")) == 5


def test_keys_and_clicks_only_on_request(capsys, recording, tmp_path):
    words = ["--size", "160x90", "--fps", "10"]
    render(capsys, recording, "-o", tmp_path / "plain", *words)
    render(capsys, recording, "-o", tmp_path / "keys", *words, "--key-cast")
    render(capsys, recording, "-o", tmp_path / "clicks", *words, "--ripples")
    plain, keys, clicks = (frames_of(tmp_path / name) for name in ("plain", "keys", "clicks"))
    differs = [[(a != b).any() for a, b in zip(plain, other, strict=True)] for other in (keys, clicks)]
    assert [index for index, one in enumerate(differs[0]) if one] == list(range(7, 15))
    assert [index for index, one in enumerate(differs[1]) if one] == list(range(6, 12))


def test_a_history_goes_by_its_steps(capsys, history, tmp_path):
    words = ["--size", "160x90", "--fps", "10", "--seconds", "0.7", "--counters"]
    assert render(capsys, history, "-o", tmp_path / "all", *words)[0] == 0
    assert len(set(digests(tmp_path / "all"))) == 7
    assert render(capsys, history, "-o", tmp_path / "end", *words, "--first-step", "12")[0] == 0
    assert set(digests(tmp_path / "end")) == {digests(tmp_path / "all")[-1]}


def test_key_frames_move_camera_and_settings_of_a_history(capsys, history, tmp_path, write):
    keys = write(
        "keys.json",
        json.dumps(
            {
                "version": 1,
                "keys": [
                    {"step": 0, "bounds": [-1, 1, -1, 1], "title": "wide"},
                    {"step": 12, "bounds": [0, 0.1, 0, 0.1], "coloring": "gradient", "title": "close"},
                ],
            }
        ),
    )
    words = ["--size", "160x90", "--fps", "10", "--seconds", "0.7", "--keys", keys]
    assert render(capsys, history, "-o", tmp_path / "keyed", *words)[0] == 0
    still = ["--size", "160x90", "--title", "wide", "--bounds", -1, 1, -1, 1, "--fps", "10", "--seconds", "0.7"]
    assert render(capsys, history, "-o", tmp_path / "plain", *still)[0] == 0
    keyed, plain = frames_of(tmp_path / "keyed"), frames_of(tmp_path / "plain")
    np.testing.assert_array_equal(keyed[0], plain[0])
    assert (keyed[6] != plain[6]).mean() > 0.5


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--speed", "0"], "--speed: 0 is out of range; allowed is 0.01 to 1000 times as fast."),
        (["--from-second", "3", "--to-second", "1"], "--to-second: 1 lies before 3"),
        (["--film", "panels", "--panels", "nothing"], "--panels: 'nothing' is no panel; allowed are"),
        (["--keys", "none.json"], "none.json: cannot be read"),
    ],
)
def test_what_cannot_be_is_one_sentence(capsys, recording, tmp_path, words, says):
    status, text = render(capsys, recording, "-o", tmp_path / "frames", "--size", "160x90", *words)
    assert status == 2
    assert says in text
    assert text.count("\n") == 1
    assert not (tmp_path / "frames").exists()


def test_a_recording_as_a_still_is_refused(capsys, recording, tmp_path):
    status, text = render(capsys, recording, "-o", tmp_path / "a.png")
    assert status == 2
    assert "a recording is rendered as a film" in text


def test_a_damaged_recording_is_one_sentence(capsys, write, tmp_path):
    status, text = render(capsys, write("a.journal", b"no journal"), "-o", tmp_path / "frames")
    assert status == 2
    assert "is no recording of this version" in text


def run_process(*words):
    """Render in a process of its own: Qt's platform is chosen once in a process."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("QT_")}
    command = [sys.executable, "-m", "reluviz", "render", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, env=environment)


def test_two_films_of_a_window_are_equal_to_the_last_bit(recording, tmp_path):
    for name in ("one", "two"):
        words = ["--size", "800x600", "--fps", "6", "--film", "window", "--key-cast", "--ripples", "--title", "A"]
        done = run_process(recording, "-o", tmp_path / name, *words)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
    assert digests(tmp_path / "one") == digests(tmp_path / "two")
    frames = frames_of(tmp_path / "one")
    assert len(frames) == 9
    assert len(set(digests(tmp_path / "one"))) >= 7  # Six moments, and what was pressed in between.
    assert frames[0].shape == (600, 800, 3)
    assert frames[0][2, 2].min() > 200  # The light theme's bar.


def test_a_film_of_panels_has_no_bar_and_shows_the_panel(recording, tmp_path):
    words = ["--size", "800x600", "--fps", "4", "--film", "panels", "--panels", "learning", "--seconds", "0.5"]
    done = run_process(recording, "-o", tmp_path / "one", *words)
    assert done.returncode == 0, done.stderr
    first, last = frames_of(tmp_path / "one")
    panel = first[:, 600:]
    assert (panel != last[:, 600:]).any()
    assert len(np.unique(first[:40].reshape(-1, 3), axis=0)) > 50  # Regions reach the upper edge.


def test_training_is_filmed_in_a_window_too(tmp_path):
    words = ["--steps", "4", "--seconds", "0.4", "--fps", "10", "--size", "800x600", "--film", "window"]
    done = run_process(*words, "--points", "60", "--hidden", "4", "--device", "cpu", "-o", tmp_path / "one")
    assert done.returncode == 0, done.stderr
    assert len(set(digests(tmp_path / "one"))) == 4


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX's")
def test_what_a_killed_render_wrote_can_be_played(tmp_path):
    av = pytest.importorskip("av", reason="PyAV comes with reluviz[video]")
    journal = write_journal(tmp_path / "a.journal", steps=4, every=2, seconds=60.0)
    path = tmp_path / "a.mp4"
    words = [journal, "-o", path, "--size", "320x180", "--fps", "30", "--progress"]
    command = [sys.executable, "-m", "reluviz", "render", *map(str, words)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        frames = 0
        while frames < 600:
            frames = int(process.stdout.readline().split()[1])
        process.send_signal(signal.SIGKILL)
    with av.open(str(part_of(path))) as container:
        decoded = sum(1 for _ in container.decode(video=0))
    assert frames - decoded <= 2 * 30 + 10
    assert not path.exists()


def test_memory_does_not_grow_with_the_film(tmp_path):
    psutil = pytest.importorskip("psutil")
    journal = write_journal(tmp_path / "a.journal", steps=400, every=1, seconds=0.05)
    words = [journal, "-o", tmp_path / "frames", "--size", "320x180", "--fps", "30", "--progress"]
    command = [sys.executable, "-m", "reluviz", "render", *map(str, words)]
    seen = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        own = psutil.Process(process.pid)
        for line in process.stdout:
            words = line.split()
            if words[0] == "frame" and int(words[1]) in (150, 550):
                seen.append(own.memory_info().rss)
    early, late = seen
    assert late < early + 20e6


def test_the_progress_of_a_film_whose_reader_is_gone_is_not_its_end(recording, tmp_path):
    words = [recording, "-o", tmp_path / "frames", "--size", "160x90", "--fps", "60", "--progress"]
    command = [sys.executable, "-m", "reluviz", "render", *map(str, words)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    process.stdout.close()
    process.wait(60)
    deadline = time.monotonic() + 5
    while not (tmp_path / "frames").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(list((tmp_path / "frames").iterdir())) == 90


def test_a_scene_with_a_history_is_filmed_from_that(capsys, tmp_path):
    snapshots = list(train(EXPERIMENT, steps=6))
    timeline = Timeline()
    for snapshot in snapshots[:-1]:
        timeline = timeline.add((snapshot,))
    write_scene(tmp_path / "a.reluviz", Scene(EXPERIMENT, View(), snapshots[-1], timeline=timeline))
    words = ["--size", "160x90", "--fps", "10", "--seconds", "0.7"]
    assert render(capsys, tmp_path / "a.reluviz", "-o", tmp_path / "past", *words)[0] == 0
    assert render(capsys, "-o", tmp_path / "afresh", "--steps", 6, *OPTIONS, *words)[0] == 0
    past, afresh = digests(tmp_path / "past"), digests(tmp_path / "afresh")
    assert len(set(past)) == 7
    assert past == afresh  # The very moments that training goes through.
    assert render(capsys, tmp_path / "a.reluviz", "-o", tmp_path / "on", "--steps", 6, *words)[0] == 0
    assert digests(tmp_path / "on")[0] == past[-1]


def write_compared(path):
    setup = ("activation", [["relu"], ["tanh"]])
    one, other = (list(train(EXPERIMENT.edit(activation=(name,)), steps=4, every=2)) for name in ("relu", "tanh"))
    look = Look(labels=("ReLU", "Tanh"), window={"setup": list(setup)})
    writer = JournalWriter(path, Start(True, 800, 600, look))
    for index, panes in enumerate(zip(one, other, strict=True)):
        writer.add_moment(0.2 * index, (panes[0], replace(panes[1], pane=1)))
    writer.add_event(0.4, "press", place="canvas:1", x=0.0, y=0.0)
    writer.add_moment(0.6, (replace(one[1], run=1),))  # The comparison is closed, and training begins anew.
    writer.close(0.8)
    return path


@pytest.mark.parametrize("filmed", ["canvas", "window"])
def test_a_comparison_is_filmed_and_its_end(tmp_path, filmed):
    journal = write_compared(tmp_path / "a.journal")
    words = ["--size", "800x600", "--fps", "5", "--film", filmed, "--ripples", "--counters"]
    done = run_process(journal, "-o", tmp_path / "one", *words)
    assert done.returncode == 0, done.stderr
    assert len(set(digests(tmp_path / "one"))) == 4


def test_looking_back_is_filmed_as_it_was(tmp_path):
    snapshots = list(train(EXPERIMENT, steps=6))
    writer = JournalWriter(tmp_path / "a.journal", Start(True, 800, 600, Look()))
    for index, snapshot in enumerate(snapshots):
        writer.add_moment(0.1 * index, (snapshot,))
    writer.add_look(0.7, {"window": {"past": True}})
    writer.add_moment(0.7, (replace(snapshots[2]),))
    writer.add_look(0.8, {"window": {"past": False}})
    writer.add_moment(0.8, (replace(snapshots[6]),))
    writer.close(1.0)
    words = ["--size", "800x600", "--fps", "10", "--film", "window"]
    done = run_process(tmp_path / "a.journal", "-o", tmp_path / "one", *words)
    assert done.returncode == 0, done.stderr
    frames = frames_of(tmp_path / "one")
    assert len(frames) == 10
    assert (frames[7] != frames[6]).any()
    np.testing.assert_array_equal(frames[8][100:400, 300:500], frames[6][100:400, 300:500])  # The canvas is back.


def test_curves_in_a_film_go_through_moments_that_no_frame_shows(tmp_path):
    journal = write_journal(tmp_path / "a.journal", steps=40, every=1, seconds=0.02)
    words = ["--size", "800x600", "--fps", "10", "--film", "panels", "--panels", "learning"]
    assert run_process(journal, "-o", tmp_path / "late", *words, "--from-second", "0.79").returncode == 0
    assert run_process(journal, "-o", tmp_path / "all", *words, "--fps", "50").returncode == 0
    late, whole = (frames_of(tmp_path / name)[-1] for name in ("late", "all"))
    np.testing.assert_array_equal(late[:, 560:], whole[:, 560:])
