"""`reluviz render`: an experiment as a picture, or as a short film of its training."""

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from reluviz.commands.arguments import add_bounds, add_experiment, bounds_of, experiment_of, parse_size
from reluviz.core.errors import InputError
from reluviz.core.palette import PALETTES
from reluviz.core.view import View

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from reluviz.core.experiment import Experiment
    from reluviz.core.snapshot import Snapshot

STILLS, FILMS = (".png", ".svg"), (".gif",)
LINES = ("bend", "equal", "none")
GIF_FRAMES, LAST_FRAME_MS = 90, 2000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `render`."""
    from reluviz.core.coloring import COLORINGS

    add_experiment(parser)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="a .png, .svg or .gif")
    parser.add_argument("--size", default="900x900", metavar="WxH", help="pixels (default 900x900)")
    parser.add_argument("--steps", type=int, default=2000, metavar="N", help="batches to train on (default 2000)")
    parser.add_argument(
        "--every", type=int, metavar="K", help=f"steps from one frame of a GIF to the next (N/{GIF_FRAMES})"
    )
    parser.add_argument("--fps", type=int, default=20, metavar="N", help="frames a second of a GIF (default 20)")
    parser.add_argument("--coloring", choices=tuple(COLORINGS), default=View().coloring, help="what colour means")
    parser.add_argument("--lines", choices=LINES, default=View().lines, help="how strong lines are")
    parser.add_argument("--palette", choices=tuple(PALETTES), default=View().palette, help="the colours")
    parser.add_argument("--no-boundary", action="store_true", help="leave the decision boundary out")
    parser.add_argument("--no-points", action="store_true", help="leave the data points out")
    add_bounds(parser)


def execute(arguments: argparse.Namespace) -> int:
    """Train, draw, and write the file."""
    path: Path = arguments.output
    _check_output(path)
    experiment = experiment_of(arguments)
    width, height = parse_size(arguments.size)
    if not 1 <= arguments.fps <= 50:
        raise InputError(f"--fps: {arguments.fps} is out of range; allowed is 1 to 50.")
    view = View(
        bounds_of(arguments),
        width,
        height,
        coloring=arguments.coloring,
        lines=arguments.lines,
        boundary=not arguments.no_boundary,
        palette=arguments.palette,
        line_width=1.3 * max(1.0, min(width, height) / 900),
    )
    snapshots = _snapshots(experiment, arguments.steps, path, arguments.every)
    with _whole(path) as part:
        WRITERS[path.suffix.lower()](part, snapshots, view, not arguments.no_points, arguments.fps)
    print(path)
    return 0


def _snapshots(experiment: "Experiment", steps: int, path: Path, every: int | None) -> Iterator["Snapshot"]:
    """Train with a progress bar; a still needs the end only."""
    from tqdm import tqdm

    from reluviz.engine.trainer import train

    every = max(1, steps // GIF_FRAMES) if every is None else every
    with tqdm(total=steps, unit="step", disable=None, leave=False) as bar:
        for snapshot in train(experiment, steps=steps, every=every):
            bar.update(snapshot.step - bar.n)
            if path.suffix.lower() in FILMS or snapshot.step == steps:
                yield snapshot


def _write_png(path: Path, snapshots: Iterator["Snapshot"], view: View, points: bool, fps: int) -> None:
    from reluviz.core.png import write_png

    *_, image = _images(snapshots, view, points)
    write_png(image, path)


def _write_gif(path: Path, snapshots: Iterator["Snapshot"], view: View, points: bool, fps: int) -> None:
    from PIL import Image

    # One set of 256 colours for each frame, undithered: level regions stay level.
    frames = [
        Image.frombuffer("RGB", image.shape[::-1], image.tobytes(), "raw", "BGRX", 0, 1).quantize(
            256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE
        )
        for image in _images(snapshots, view, points)
    ]
    durations = [round(1000 / fps)] * (len(frames) - 1) + [LAST_FRAME_MS]
    frames[0].save(path, format="GIF", save_all=True, append_images=frames[1:], duration=durations, loop=0)


def _write_svg(path: Path, snapshots: Iterator["Snapshot"], view: View, points: bool, fps: int) -> None:
    from reluviz.core.coloring import read_outputs, value_scale
    from reluviz.core.datasets import load_dataset
    from reluviz.core.partition import decompose
    from reluviz.core.vector import write_svg

    *_, last = snapshots
    dataset = load_dataset(last.experiment)
    partition = decompose(last.network, view.bounds, view.region_budget)
    reading = read_outputs(last.experiment, value_scale(dataset))
    write_svg(partition, path, view, reading=reading, dataset=dataset if points else None)


def _images(snapshots: Iterator["Snapshot"], view: View, points: bool) -> Iterator["NDArray[np.uint32]"]:
    from reluviz.core.coloring import value_scale
    from reluviz.core.datasets import load_dataset
    from reluviz.core.picture import make_picture
    from reluviz.core.points import draw_points

    for snapshot in snapshots:
        dataset = load_dataset(snapshot.experiment)
        image = make_picture(snapshot, view, value_scale(dataset), workers=os.cpu_count() or 1).image
        if points:
            draw_points(image, view, dataset)
        yield image


WRITERS = {".png": _write_png, ".svg": _write_svg, ".gif": _write_gif}


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """Give a name beside `path` to write to, and rename it when all is written: no half file is ever left."""
    part = path.with_name(f".{path.name}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _check_output(path: Path) -> None:
    suffix = path.suffix.lower()
    if suffix in (".mp4", ".pdf"):
        raise InputError(
            f"{path}: {suffix[1:]} comes with a later version; allowed are {', '.join((*STILLS, *FILMS))}."
        )
    if suffix not in (*STILLS, *FILMS):
        raise InputError(
            f"{path}: no picture of that kind; allowed are names ending in {', '.join((*STILLS, *FILMS))}."
        )
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise InputError(f"{path}: cannot be written; allowed is a file name in a folder that exists.")
