"""Films: frames a second from snapshots to an MP4 at 1280 x 720, of a whole window too, and the memory of a minute."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from reluviz.bench.geometry import box_with, he_network
from reluviz.bench.timing import Figure
from reluviz.core.errors import InputError
from reluviz.core.experiment import Experiment
from reluviz.core.snapshot import Snapshot
from reluviz.studio.film import Beat, draw_frames
from reluviz.studio.journal import Start
from reluviz.studio.journal_writer import JournalWriter
from reluviz.studio.look import Look
from reluviz.studio.video import open_film

SIZE, FPS, SECONDS = (1280, 720), 30, 60
REGIONS, HIDDEN = 2_000, (40, 40)
RATE_TO_REACH, WINDOW_RATE_TO_REACH, GROWTH_TO_REACH = 30.0, 30.0, 50e6
WINDOW_MOMENTS, WINDOW_STRIDE = (
    240,
    4,
)  # Moments, and steps from one to the next: the usual start.
WARM = 10 * FPS  # Frames before memory is looked at first: until then queues and pools fill.
CODEC_ONLY = 150


def films() -> Iterator[Figure]:
    """Yield the rate of whole films and how much memory grows over a minute of one; without PyAV, how to get it."""
    from importlib.util import find_spec

    if find_spec("av") is None:
        what, note = "MP4 at 1280 x 720", 'PyAV is not here: pip install "reluviz[video]"'
        yield Figure("film_rate", what, None, "frames a second", f">= {RATE_TO_REACH:g}", None, note=note)
        return
    with tempfile.TemporaryDirectory() as folder:
        seconds, memory, regions = _write(Path(folder) / "film.mp4", FPS * SECONDS)
        encoding = _encode(Path(folder) / "codec.mp4")
    rate = FPS * SECONDS / seconds
    yield Figure(
        "film_rate",
        f"{SECONDS} s of H.264 at {SIZE[0]} x {SIZE[1]} (veryfast, crf 18), {regions:,} regions moving in every frame,"
        f" {os.cpu_count()} cores",
        rate,
        "frames a second",
        f">= {RATE_TO_REACH:g}",
        rate >= RATE_TO_REACH,
        {"encoding_alone_frames_per_second": CODEC_ONLY / encoding},
    )
    with tempfile.TemporaryDirectory() as folder:
        rate, frames = _film_window(Path(folder))
    yield Figure(
        "film_window",
        f"a film of the whole window at {SIZE[0]} x {SIZE[1]}, the usual experiment learning, {frames} frames",
        rate,
        "frames a second",
        f">= {WINDOW_RATE_TO_REACH:g}",
        rate >= WINDOW_RATE_TO_REACH,
    )
    if memory is not None:
        first, largest = memory
        yield Figure(
            "film_memory",
            f"how much more memory the end of a {SECONDS} s film takes than its tenth second",
            (largest - first) / 1e6,
            "MB",
            f"<= {GROWTH_TO_REACH / 1e6:g}",
            largest - first <= GROWTH_TO_REACH,
            {"at_most_MB": largest / 1e6},
        )


def _moments(frames: int) -> Iterator[Snapshot]:
    """Yield snapshots of a network whose every weight moves a little from frame to frame."""
    network = he_network((2, *HIDDEN, 1))
    experiment = Experiment(hidden=HIDDEN)
    weights = network.flat().astype(np.float32)
    direction = np.random.default_rng(1).normal(size=len(weights)).astype(np.float32) * np.abs(weights).mean()
    memory = np.zeros((0, len(weights)), np.float32)
    for step in range(frames):
        moved = weights + np.float32(0.05 * np.sin(step / 40)) * direction
        yield Snapshot(0, experiment, 1, step, 0.0, moved, memory, 0.5, 0.5, 0.5, 0.5)


def _write(path: Path, frames: int) -> tuple[float, tuple[float, float] | None, int]:
    """Return seconds, (memory early, largest) in bytes and the regions of a film's first frame."""
    network = he_network((2, *HIDDEN, 1))
    look = Look(bounds=box_with(network, REGIONS, SIZE[0] / SIZE[1]), counters=True, title="A film")
    beats = (Beat((snapshot,), look) for snapshot in _moments(frames))
    workers = os.cpu_count() or 1
    list(draw_frames([Beat((next(_moments(1)),), look)], SIZE, workers))  # Loads the kernels.
    early = largest = 0.0
    begin = time.perf_counter()
    with open_film(path, SIZE, FPS) as film:
        for image in draw_frames(beats, SIZE, workers):
            film.add(image)
            if film.frames >= WARM and film.frames % FPS == 0:
                size = _resident()
                early, largest = early or size, max(largest, size)
    seconds = time.perf_counter() - begin
    return seconds, (early, largest) if early else None, _count(look)


def _film_window(folder: Path) -> tuple[float, int]:
    """Return frames a second of a film of the window, from its first frame on, and how many there are."""
    from reluviz.engine.trainer import train

    source = folder / "run.journal"
    writer = JournalWriter(source, Start(True, *SIZE, Look()))
    last = WINDOW_STRIDE * WINDOW_MOMENTS
    for index, snapshot in enumerate(train(Experiment(device="cpu"), steps=last, every=WINDOW_STRIDE)):
        writer.add_moment(index / FPS, (snapshot,))
    writer.close((WINDOW_MOMENTS + 1) / FPS)
    words = ["render", source, "-o", folder / "window.mp4", "--film", "window", "--fps", FPS, "--progress"]
    words += ["--size", f"{SIZE[0]}x{SIZE[1]}"]
    command = [sys.executable, "-m", "reluviz", *map(str, words)]
    begun = frames = 0
    begin = 0.0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("frame "):
                frames = int(line.split()[1])
                begun, begin = begun or frames, begin or time.perf_counter()
    seconds = time.perf_counter() - begin
    if process.returncode or frames <= begun:
        raise InputError("a film of the window could not be made; `reluviz doctor` says what is missing.")
    return (frames - begun) / seconds, frames


def _encode(path: Path) -> float:
    """Return how long the encoder alone takes for CODEC_ONLY frames that are drawn already."""
    network = he_network((2, *HIDDEN, 1))
    look = Look(bounds=box_with(network, REGIONS, SIZE[0] / SIZE[1]))
    images = [image.copy() for image in draw_frames((Beat((one,), look) for one in _moments(30)), SIZE)]
    begin = time.perf_counter()
    with open_film(path, SIZE, FPS) as film:
        for index in range(CODEC_ONLY):
            film.add(images[index % len(images)])
    return time.perf_counter() - begin


def _count(look: Look) -> int:
    from reluviz.core.picture import make_picture

    snapshot = next(_moments(1))
    return make_picture(replace(snapshot), look.view(*SIZE)).partition.count


def _resident() -> float:
    """Return the process's memory in bytes, 0 where the system does not tell."""
    if not sys.platform.startswith("linux"):
        return 0.0
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return float(pages * os.sysconf("SC_PAGE_SIZE"))
