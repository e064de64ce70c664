"""Recordings on the disk: what goes in comes out, up to the last whole chunk, whatever became of the file."""

import math
import pickle
import signal
import struct
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reluviz.core.errors import InputError
from reluviz.core.experiment import Experiment
from reluviz.core.flow import Flow
from reluviz.engine.trainer import train
from reluviz.studio.curves import Curve
from reluviz.studio.journal import Event, Journal, Kind, Start
from reluviz.studio.journal_file import MAGIC, chunk, pack, read_places, unpack
from reluviz.studio.journal_writer import JournalWriter
from reluviz.studio.look import Look

EXPERIMENT = Experiment(points=60, hidden=(6, 5), device="cpu")


@pytest.fixture(scope="module")
def snapshots():
    return list(train(EXPERIMENT, steps=6, every=2))


def record(path, snapshots, **more):
    writer = JournalWriter(path, Start(True, 1000, 700, Look(coloring="gradient")), **more)
    for index, snapshot in enumerate(snapshots):
        writer.add_moment(0.5 * index, (snapshot,))
        writer.add_look(0.5 * index + 0.1, {"probe": [0.1 * index, 0.0]})
    writer.add_event(1.7, "key", text="Ctrl+Z")
    writer.add_event(1.8, "press", place="canvas", x=0.25, y=-0.5)
    writer.add_curves({"learning": Curve(("a", "b")).add(3, (1.0, math.nan))})
    writer.close(2.0)
    assert not writer.error
    return path


def test_what_was_recorded_is_read(tmp_path, snapshots):
    journal = Journal(record(tmp_path / "a.journal", snapshots))
    assert journal.is_whole
    assert journal.seconds == 2.0
    assert journal.start == Start(True, 1000, 700, Look(coloring="gradient"))
    assert journal.times.tolist() == [0.0, 0.5, 1.0, 1.5]
    assert journal.steps.tolist() == [0, 2, 4, 6]
    assert journal.events == [Event(1.7, "key", "Ctrl+Z"), Event(1.8, "press", "", "canvas", 0.25, -0.5)]
    for index in (3, 0, 2):
        (read,), sent = journal[index], snapshots[index]
        np.testing.assert_array_equal(read.parameters, sent.parameters)
        assert not read.parameters.flags.writeable
        assert read.experiment == sent.experiment
        for name in ("run", "step", "epoch", "outputs", "train_loss", "test_loss", "train_accuracy"):
            assert getattr(read, name) == pytest.approx(getattr(sent, name), nan_ok=True)
        np.testing.assert_array_equal(read.network.weights[0], sent.network.weights[0])
    assert journal.look_at(0.0) == Look(coloring="gradient")
    assert journal.look_at(0.65).probe == (0.1, 0.0)
    curve = journal.curves["learning"]
    assert curve.names == ("a", "b")
    np.testing.assert_array_equal(curve.values, [[1.0, math.nan]])
    journal.close()


def test_gradient_flow_and_panes_are_kept(tmp_path, snapshots):
    flow = next((one.flow for one in snapshots if one.flow is not None), None)
    if flow is None:
        zeros = {"points": 9, "unit_dead": np.zeros(11, bool), "histogram": np.ones((2, 64), np.int32)}
        sizes = {"grad_norm": 3, "weight_norm": 3, "update_ratio": 3, "signal_rms": 3, "unit_signal": 11}
        flow = Flow(
            **zeros,
            **{name: np.arange(size) / 7 for name, size in sizes.items()},
            **{name: np.ones(2) for name in ("slope_mean", "dead_share", "saturated_share")},
            histogram_range=np.ones((2, 2)),
        )
    other = replace(snapshots[1], experiment=EXPERIMENT.edit(activation=("tanh",)), pane=1)
    writer = JournalWriter(tmp_path / "a.journal", Start(True))
    writer.add_moment(0.0, (replace(snapshots[0], flow=flow), other))
    writer.close(0.1)
    one, two = moments(tmp_path / "a.journal")[0]
    for row in fields(Flow):
        np.testing.assert_array_equal(getattr(one.flow, row.name), getattr(flow, row.name))
    assert two.flow is None
    assert two.pane == 1
    assert two.experiment.activation == ("tanh",)


def test_an_experiment_is_written_once(tmp_path, snapshots):
    path = record(tmp_path / "a.journal", snapshots * 5)
    kinds = [place.kind for place in read_places(path)]
    assert kinds.count(Kind.EXPERIMENT) == 1
    assert kinds.count(Kind.MOMENT) == 20


def moments(path):
    journal = Journal(path)
    try:
        return [journal[index] for index in range(len(journal))]
    finally:
        journal.close()


@pytest.fixture(scope="module")
def whole(tmp_path_factory, snapshots):
    path = record(tmp_path_factory.mktemp("journal") / "a.journal", snapshots)
    ends = [place.offset + place.length for place in read_places(path)]
    return path, path.read_bytes(), ends


@given(data=st.data())
def test_cut_anywhere_it_is_read_up_to_the_last_whole_chunk(whole, data):
    path, content, ends = whole
    cut = data.draw(st.integers(0, len(content)))
    part = path.with_name("cut.journal")
    part.write_bytes(content[:cut])
    if cut < len(MAGIC):
        with pytest.raises(InputError, match="is no recording"):
            read_places(part)
        return
    kept = [end for end in ends if end <= cut]
    assert len(read_places(part)) == len(kept)
    if not any(place.kind == Kind.MOMENT for place in read_places(part)):
        with pytest.raises(InputError, match="holds no moment yet"):
            Journal(part)
        return
    journal = Journal(part)
    assert journal.is_whole == (len(kept) == len(ends))
    for index in range(len(journal)):
        assert journal[index][0].step == 2 * index
    journal.close()


@given(place=st.integers(0), bit=st.integers(0, 7))
def test_a_flipped_bit_ends_the_recording_there_and_never_more(whole, place, bit):
    path, content, ends = whole
    place %= len(content)
    damaged = bytearray(content)
    damaged[place] ^= 1 << bit
    part = path.with_name("flipped.journal")
    part.write_bytes(damaged)
    if place < len(MAGIC):
        with pytest.raises(InputError, match="is no recording"):
            Journal(part)
        return
    assert len(read_places(part)) == sum(end <= place for end in ends)
    if not any(place.kind == Kind.MOMENT for place in read_places(part)):
        with pytest.raises(InputError, match="holds no moment yet"):
            Journal(part)
        return
    journal = Journal(part)
    for index in range(len(journal)):
        assert np.isfinite(journal[index][0].parameters).all()
    journal.close()


@given(payload=st.binary(max_size=200), kind=st.integers(1, 9))
def test_whole_chunks_of_nonsense_are_one_sentence(whole, payload, kind):
    path, content, ends = whole
    part = path.with_name("nonsense.journal")
    part.write_bytes(content[: ends[3]] + chunk(kind, payload) + chunk(kind, struct.pack("<I", 2) + b"{}"))
    with suppress(InputError):  # One sentence; anything else that is raised fails the test.
        Journal(part).close()


def test_arrays_that_do_not_fit_their_network_are_refused(tmp_path, snapshots):
    writer = JournalWriter(tmp_path / "a.journal", Start(True))
    writer.add_moment(0.0, (replace(snapshots[0], parameters=snapshots[0].parameters[:-1]),))
    writer.close(0.1)
    with pytest.raises(InputError, match=r"damaged \(0.parameters is float32 \(58,\)\)"):
        Journal(tmp_path / "a.journal")


def test_nothing_pickled_is_opened(tmp_path):
    class Trap:
        def __reduce__(self):
            return (exec, ("raise SystemExit('opened')",))

    bomb = pickle.dumps(Trap())
    with pytest.raises(ValueError, match="description"):
        unpack(bomb)
    path = tmp_path / "a.journal"
    path.write_bytes(MAGIC + chunk(Kind.START, bomb))
    with pytest.raises(InputError, match="damaged"):
        Journal(path)


def test_a_huge_length_takes_no_memory(tmp_path):
    path = tmp_path / "a.journal"
    path.write_bytes(MAGIC + struct.pack("<2sBII", b"Rv", 1, 2**32 - 1, 0) + b"x" * 100)
    assert read_places(path) == []


def test_a_limit_ends_the_recording_with_a_sentence_and_keeps_it(tmp_path, snapshots):
    writer = JournalWriter(tmp_path / "a.journal", Start(True), most_bytes=6_000)
    for index in range(100):
        writer.add_moment(0.1 * index, (snapshots[0],))
    writer.close(10.0)
    assert writer.error == "A recording may hold 6e-06 GB; it ends here and is kept."
    assert writer.bytes <= 6_000
    assert 1 <= len(moments(tmp_path / "a.journal")) < 100


def test_a_folder_gone_is_a_sentence_and_nothing_waits_for_ever(tmp_path, snapshots):
    folder = tmp_path / "folder"
    folder.mkdir()
    writer = JournalWriter(folder / "a.journal", Start(True))
    folder.rename(tmp_path / "elsewhere")
    writer.add_moment(0.0, (snapshots[0],))
    writer.close(1.0)
    assert writer.error.startswith("The recording cannot be written (its folder is gone)")
    writer.add_moment(2.0, (snapshots[0],))  # Too late, and no error.


_FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from reluviz.core.experiment import Experiment
from reluviz.engine.trainer import train
from reluviz.studio.journal import Journal, Start
from reluviz.studio.journal_writer import JournalWriter
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (9_000, 9_000))
writer = JournalWriter(Path(sys.argv[1]), Start(True))
(snapshot,) = train(Experiment(points=60, hidden=(6, 5), device="cpu"), steps=0)
for index in range(60):
    writer.add_moment(index / 10, (snapshot,))
writer.close(6.0)
print(writer.error)
journal = Journal(Path(sys.argv[1]))
print(len(journal) > 0)
journal.close()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a limit on file sizes is POSIX's")
def test_a_full_disk_is_one_sentence_and_what_is_there_is_kept(tmp_path):
    words = [sys.executable, "-c", _FULL_DISK, tmp_path / "a.journal"]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.stderr == ""
    sentence, kept = done.stdout.splitlines()
    assert sentence == "The recording cannot be written (File too large) and ends here; what is there can be filmed."
    assert kept == "True"


_ENDLESS = """
import sys, time
from pathlib import Path
from reluviz.core.experiment import Experiment
from reluviz.engine.trainer import train
from reluviz.studio.journal import Start
from reluviz.studio.journal_writer import JournalWriter
writer = JournalWriter(Path(sys.argv[1]), Start(True))
(snapshot,) = train(Experiment(points=60, hidden=(6, 5), device="cpu"), steps=0)
begin = time.monotonic()
while True:
    at = time.monotonic() - begin
    writer.add_moment(at, (snapshot,))
    print(at, flush=True)
    time.sleep(0.01)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX's")
def test_a_killed_recording_loses_less_than_two_seconds(tmp_path):
    path = tmp_path / "a.journal"
    with subprocess.Popen([sys.executable, "-c", _ENDLESS, path], stdout=subprocess.PIPE, text=True) as process:
        at = 0.0
        while at < 4.0:
            at = float(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
    journal = Journal(path)
    journal.close()
    assert not journal.is_whole
    assert at - journal.seconds < 2.0


def test_adding_costs_the_window_next_to_nothing(tmp_path, snapshots):
    writer = JournalWriter(tmp_path / "a.journal", Start(True))
    begin = time.thread_time()
    for index in range(500):
        writer.add_moment(0.01 * index, (snapshots[0],))
    spent = (time.thread_time() - begin) / 500
    writer.close(5.0)
    encoding = time.thread_time()
    for _ in range(50):
        pack({"at": 0.0}, {"0.parameters": snapshots[0].parameters})
    assert spent < 3 * (time.thread_time() - encoding) / 50  # It is not encoded by the one who adds.


def test_a_recording_that_cannot_begin_leaves_no_file(tmp_path, monkeypatch):
    def full(self, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(JournalWriter, "_write", full)
    with pytest.raises(OSError, match="No space"):
        JournalWriter(tmp_path / "one.journal", Start(True))
    assert not list(tmp_path.iterdir())
