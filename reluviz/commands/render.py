"""`reluviz render`: an experiment as a picture, or as a film of its training."""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from reluviz.commands.arguments import add_bounds, add_experiment, bounds_of, parse_size, scene_of
from reluviz.core.errors import InputError
from reluviz.core.palette import PALETTES
from reluviz.core.view import View
from reluviz.studio.scene import Scene

if TYPE_CHECKING:
    from reluviz.core.coloring import Reading
    from reluviz.core.dataset import Dataset
    from reluviz.core.partition import Partition
    from reluviz.core.snapshot import Snapshot
    from reluviz.studio.film import Shot

STILLS, FILMS = (".png", ".svg", ".pdf"), (".gif", ".mp4")
ALLOWED = f"allowed are names ending in {', '.join((*STILLS, *FILMS))}, and a folder's name for PNG frames"
LINES = ("bend", "equal", "none")
MOST_FRAMES = 200_000
USUAL_STEPS = 2000
# By kind: size, frames a second, and how many frames there are at most where nothing is said.
USUAL = {".mp4": ("1280x720", 30, 300), "": ("1280x720", 30, 300), ".gif": ("900x900", 20, 90)}
STILL = ("900x900", 1, 1)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `render`."""
    from reluviz.core.coloring import COLORINGS

    add_experiment(parser)
    kinds = "a .png, .svg, .pdf, .gif or .mp4; a name without a suffix is a folder for PNG frames"
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help=kinds)
    parser.add_argument("--size", metavar="WxH", help="pixels (default 900x900, of MP4 and frames 1280x720)")
    parser.add_argument(
        "--steps",
        type=int,
        metavar="N",
        help="batches to train on, from a scene's weights on (default 2000; 0 for a still of a scene with weights)",
    )
    film = parser.add_argument_group("film")
    film.add_argument("--fps", type=int, metavar="N", help="frames a second (default 30, of a GIF 20)")
    film.add_argument("--seconds", type=float, metavar="S", help="how long the film is (default 10, a GIF 4.5)")
    film.add_argument("--every", type=int, metavar="K", help="steps from one frame to the next, instead of --seconds")
    film.add_argument("--title", default="", metavar="TEXT", help="a line at the top left of every frame")
    film.add_argument(
        "--camera", type=Path, metavar="FILE", help='JSON key frames: [{"at": 0 to 1, "bounds": [XMIN, ...]}, ...]'
    )
    film.add_argument("--counters", action="store_true", help="show step, loss, accuracy and regions in every frame")
    parser.add_argument("--coloring", choices=tuple(COLORINGS), help="what colour means")
    parser.add_argument("--lines", choices=LINES, help="how strong lines are")
    parser.add_argument("--palette", choices=tuple(PALETTES), default=View().palette, help="the colours")
    parser.add_argument("--no-boundary", action="store_true", help="leave the decision boundary out")
    parser.add_argument("--no-points", action="store_true", help="leave the data points out")
    add_bounds(parser)
    parser.set_defaults(bounds=None)


def execute(arguments: argparse.Namespace) -> int:
    """Train, draw, and write the file."""
    from reluviz.studio.film import Shot, widen

    path: Path = arguments.output
    is_film = _check_output(path)
    scene = scene_of(arguments)
    seen = scene.view or View()
    size, fps, _ = USUAL.get(path.suffix.lower(), STILL)
    width, height = parse_size(arguments.size or size)
    view = replace(
        seen,
        bounds=widen(bounds_of(arguments) if arguments.bounds else seen.bounds, width, height),
        width=width,
        height=height,
        coloring=arguments.coloring or seen.coloring,
        lines=arguments.lines or seen.lines,
        boundary=seen.boundary and not arguments.no_boundary,
        palette=arguments.palette,
        line_width=1.3 * max(1.0, min(width, height) / 900),
    )
    workers = os.cpu_count() or 1
    shot = Shot(view, not arguments.no_points, arguments.title, arguments.counters, workers=workers)
    if is_film and arguments.camera:
        from reluviz.studio.camera_path import move_camera, read_camera

        fit = partial(widen, width=width, height=height)
        shot = replace(shot, camera=move_camera(read_camera(arguments.camera), fit))
    if is_film:
        return _write_film(path, scene, shot, arguments, fps if arguments.fps is None else arguments.fps)
    usual = 0 if scene.snapshot else USUAL_STEPS
    last = _train(scene, usual if arguments.steps is None else arguments.steps)
    with _whole(path) as part:
        _STILL_WRITERS[path.suffix.lower()](part, last, shot)
    print(path)
    return 0


def _write_film(path: Path, scene: Scene, shot: "Shot", arguments: argparse.Namespace, fps: int) -> int:
    """Train and draw frame by frame; where training diverges the film ends there, and that is said."""
    from tqdm import tqdm

    from reluviz.core.datasets import load_dataset
    from reluviz.studio.film import draw_frames, spread
    from reluviz.studio.video import check_film, open_film, part_of

    size = (shot.view.width, shot.view.height)
    check_film(path, size, fps)
    moments, repeats = spread(*_length(arguments, fps, USUAL[path.suffix.lower()][2]))
    dataset = load_dataset(scene.experiment)
    from reluviz.engine.divergence import DivergenceError
    from reluviz.engine.trainer import train_to

    diverged: list[DivergenceError] = []

    def snapshots() -> Iterator["Snapshot"]:
        newest = -1
        try:
            for snapshot in train_to(scene.experiment, moments[1:], scene.snapshot):
                if snapshot.step > newest:  # After diverging, the way back is offered; a film only goes forward.
                    yield snapshot
                newest = snapshot.step
        except DivergenceError as error:
            diverged.append(error)

    try:
        with (
            open_film(path, size, fps) as film,
            tqdm(total=sum(repeats), unit="frame", disable=None, leave=False) as bar,
        ):
            for image in draw_frames(snapshots(), repeats, shot, dataset):
                film.add(image)
                bar.update()
    except KeyboardInterrupt:
        left = f"the frames so far are in {part_of(path)}" if part_of(path).exists() else "nothing is written"
        print(f"reluviz render: stopped; {left}.", file=sys.stderr)
        raise
    print(path)
    if diverged:
        raise InputError(f"{diverged[0]} {path} ends there.")
    return 0


def _length(arguments: argparse.Namespace, fps: int, usual: int) -> tuple[int, int]:
    """Return (steps, frames) of a film. Raises `InputError` where the options allow none or contradict each other."""
    steps, every, seconds = arguments.steps, arguments.every, arguments.seconds
    if steps is not None and steps < 0:
        raise InputError(f"--steps: {steps} is out of range; allowed is a whole number from 0.")
    if every is not None and every < 1:
        raise InputError(f"--every: {every} is out of range; allowed is a whole number from 1.")
    if seconds is not None and not 0 < seconds * fps <= MOST_FRAMES:
        raise InputError(f"--seconds: {seconds:g} is out of range; allowed are films of 1 to {MOST_FRAMES:,} frames.")
    if every is not None and seconds is not None:
        if steps is not None:
            raise InputError("--seconds: follows from --steps and --every; allowed are any two of the three.")
        frames = max(1, round(seconds * fps))
        return every * (frames - 1), frames
    steps = USUAL_STEPS if steps is None else steps
    if every is not None:
        # The last frame is a whole number of strides in, so that every stride is as long.
        frames = steps // every + 1
        steps = every * (frames - 1)
    else:
        frames = usual if seconds is None else max(1, round(seconds * fps))
        if seconds is None and arguments.camera is None:
            frames = min(frames, steps + 1)  # More would stand still.
    if frames > MOST_FRAMES:
        raise InputError(f"--every: {every} makes {frames:,} frames; allowed are at most {MOST_FRAMES:,}.")
    return steps, frames


def _train(scene: Scene, steps: int) -> "Snapshot":
    """Train with a progress bar and return the last moment."""
    from tqdm import tqdm

    from reluviz.engine.trainer import train

    with tqdm(total=steps, unit="step", disable=None, leave=False) as bar:
        begun = scene.snapshot.step if scene.snapshot else 0
        for snapshot in train(scene.experiment, steps=steps, every=max(1, steps // 90), start=scene.snapshot):
            bar.update(snapshot.step - begun - bar.n)
    return snapshot


def _write_png(path: Path, snapshot: "Snapshot", shot: "Shot") -> None:
    from reluviz.core.datasets import load_dataset
    from reluviz.core.png import write_png
    from reluviz.studio.film import draw_frames

    (image,) = draw_frames([snapshot], [1], shot, load_dataset(snapshot.experiment))
    write_png(image, path)


def _write_svg(path: Path, snapshot: "Snapshot", shot: "Shot") -> None:
    from reluviz.core.vector import write_svg

    partition, reading, dataset = _polygons(snapshot, shot)
    write_svg(partition, path, shot.view, reading=reading, dataset=dataset)


def _write_pdf(path: Path, snapshot: "Snapshot", shot: "Shot") -> None:
    from reluviz.core.pdf import pdf_bytes

    partition, reading, dataset = _polygons(snapshot, shot)
    data = pdf_bytes(partition, shot.view, reading, dataset, True)
    assert data is not None
    path.write_bytes(data)


def _polygons(snapshot: "Snapshot", shot: "Shot") -> "tuple[Partition, Reading, Dataset | None]":
    """Return what a vector picture is made of."""
    from reluviz.core.coloring import read_outputs, value_scale
    from reluviz.core.datasets import load_dataset
    from reluviz.core.partition import decompose

    dataset = load_dataset(snapshot.experiment)
    partition = decompose(snapshot.network, shot.view.bounds, shot.view.region_budget)
    reading = read_outputs(snapshot.experiment, value_scale(dataset))
    return partition, reading, dataset if shot.points else None


_STILL_WRITERS = {".png": _write_png, ".svg": _write_svg, ".pdf": _write_pdf}


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """Give a name beside `path` to write to, and rename it when all is written: no half file is ever left."""
    part = path.with_name(f".{path.name}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _check_output(path: Path) -> bool:
    """Return whether a film is asked for. Raises `InputError` where nothing can be written there."""
    suffix = path.suffix.lower()
    if suffix and suffix not in (*STILLS, *FILMS):
        raise InputError(f"{path}: no picture of that kind; {ALLOWED}.")
    if (suffix and path.is_dir()) or not path.absolute().parent.is_dir():
        raise InputError(f"{path}: cannot be written; allowed is a file name in a folder that exists.")
    return suffix not in STILLS
