"""`reluviz render`: an experiment or a recording as a picture, or as a film."""

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reluviz.commands.arguments import add_bounds, add_experiment, bounds_of, parse_size, scene_of
from reluviz.core.errors import InputError
from reluviz.core.palette import PALETTES
from reluviz.studio.look import LINES, Look, look_of
from reluviz.studio.scene import Scene

if TYPE_CHECKING:
    from reluviz.core.dataset import Dataset
    from reluviz.core.partition import Partition
    from reluviz.core.reading import Reading
    from reluviz.core.snapshot import Snapshot

STILLS, FILMS = (".png", ".svg", ".pdf"), (".gif", ".mp4")
ALLOWED = f"allowed are names ending in {', '.join((*STILLS, *FILMS))}, and a folder's name for PNG frames"
FILMED = ("canvas", "panels", "window")
USUAL_STEPS = 2000
# By kind: size, frames a second, and how many frames there are at most where nothing is said.
USUAL = {".mp4": ("1280x720", 30, 300), "": ("1280x720", 30, 300), ".gif": ("900x900", 20, 90)}
STILL = ("900x900", 1, 1)
SOURCE = "a .reluviz, a JSON file of an experiment, or a recording (.journal); options change it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `render`."""
    from reluviz.core.coloring import COLORINGS

    add_experiment(parser, SOURCE)
    kinds = "a .png, .svg, .pdf, .gif or .mp4; a name without a suffix is a folder for PNG frames"
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help=kinds)
    parser.add_argument("--size", metavar="WxH", help="pixels (default 900x900, of MP4 and frames 1280x720)")
    parser.add_argument(
        "--steps",
        type=int,
        metavar="N",
        help="batches to train on, from a scene's weights on (default 2000; 0 for a still of a scene with weights; a"
        " film of a scene with a history is of that)",
    )
    _add_film(parser.add_argument_group("film"))
    parser.add_argument("--coloring", choices=tuple(COLORINGS), help="what colour means")
    parser.add_argument("--lines", choices=LINES, help="how strong lines are")
    parser.add_argument("--palette", choices=tuple(PALETTES), help="the colours (default dark, or as recorded)")
    parser.add_argument("--no-boundary", action="store_true", help="leave the decision boundary out")
    parser.add_argument("--no-points", action="store_true", help="leave the data points out")
    add_bounds(parser)
    parser.set_defaults(bounds=None)


def _add_film(film: "argparse._ArgumentGroup") -> None:
    film.add_argument("--film", choices=FILMED, default="canvas", help="what is filmed (default canvas)")
    film.add_argument("--panels", metavar="NAME,...", help="the panels beside the canvas, of --film panels")
    film.add_argument("--fps", type=int, metavar="N", help="frames a second (default 30, of a GIF 20)")
    film.add_argument("--seconds", type=float, metavar="S", help="how long the film is (default 10, a GIF 4.5)")
    film.add_argument("--every", type=int, metavar="K", help="steps from one frame to the next, instead of --seconds")
    film.add_argument("--first-step", type=int, metavar="N", help="of a history, where the film begins")
    film.add_argument("--last-step", type=int, metavar="N", help="of a history, where the film ends")
    film.add_argument("--from-second", type=float, default=0.0, metavar="S", help="of a recording, where it begins")
    film.add_argument("--to-second", type=float, metavar="S", help="of a recording, where it ends")
    film.add_argument("--speed", type=float, default=1.0, metavar="X", help="of a recording, how many times as fast")
    film.add_argument("--title", metavar="TEXT", help="a line at the top left of every frame")
    film.add_argument(
        "--keys",
        "--camera",
        type=Path,
        metavar="FILE",
        help='key frames of camera and settings as JSON: {"version": 1, "keys": [{"step": N, "bounds": [...],'
        ' "fade": S}, ...]}; what is a choice fades in over S seconds (default 0.4, 0 cuts)',
    )
    film.add_argument("--counters", action="store_true", help="show step, loss, accuracy and regions in every frame")
    film.add_argument("--key-cast", action="store_true", help="show the keys that were pressed in a recording")
    film.add_argument("--ripples", action="store_true", help="show where was clicked in a recording")
    film.add_argument("--progress", action="store_true", help="print `frame N OF` lines for a program that waits")


def execute(arguments: argparse.Namespace) -> int:
    """Train or read, draw, and write the file."""
    path: Path = arguments.output
    is_film = check_output(path)
    if arguments.scene and Path(arguments.scene).suffix.lower() == ".journal":
        if not is_film:
            raise InputError(f"{path}: a recording is rendered as a film; allowed are .mp4, .gif and a folder's name.")
        from reluviz.commands.render_film import film_recording

        return film_recording(Path(arguments.scene), path, arguments)
    scene = scene_of(arguments)
    if is_film:
        from reluviz.commands.render_film import film_history, film_training

        has_history = scene.timeline is not None and len(scene.timeline) > 1 and arguments.steps is None
        return (film_history if has_history else film_training)(scene, path, arguments)
    size = parse_size(arguments.size or STILL[0])
    usual = 0 if scene.snapshot else USUAL_STEPS
    last = _train(scene, usual if arguments.steps is None else arguments.steps)
    with _whole(path) as part:
        _STILL_WRITERS[path.suffix.lower()](part, last, look_for(scene, arguments), size)
    print(path)
    return 0


def look_for(scene: Scene, arguments: argparse.Namespace) -> Look:
    """Return how a scene is looked at, with what the options say."""
    look = look_of(scene.view) if scene.view else Look()
    look = Look(**{**look.to_plain(), "palette": "dark"})
    return Look(**{**look.to_plain(), **said(arguments)})


def said(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the parts of a look that options name."""
    over: dict[str, Any] = {
        name: getattr(arguments, name)
        for name in ("coloring", "lines", "palette", "title")
        if getattr(arguments, name) is not None
    }
    if arguments.bounds:
        over["bounds"] = bounds_of(arguments)
    for name, given in (("boundary", arguments.no_boundary), ("points", arguments.no_points)):
        if given:
            over[name] = False
    if arguments.counters:
        over["counters"] = True
    return over


def _train(scene: Scene, steps: int) -> "Snapshot":
    """Train with a progress bar and return the last moment."""
    from tqdm import tqdm

    from reluviz.engine.trainer import train

    with tqdm(total=steps, unit="step", disable=None, leave=False) as bar:
        begun = scene.snapshot.step if scene.snapshot else 0
        for snapshot in train(scene.experiment, steps=steps, every=max(1, steps // 90), start=scene.snapshot):
            bar.update(snapshot.step - begun - bar.n)
    return snapshot


def _write_png(path: Path, snapshot: "Snapshot", look: Look, size: tuple[int, int]) -> None:
    from reluviz.core.png import write_png
    from reluviz.studio.film import Beat, draw_frames

    (image,) = draw_frames([Beat((snapshot,), look)], size, os.cpu_count() or 1)
    write_png(image, path)


def _write_svg(path: Path, snapshot: "Snapshot", look: Look, size: tuple[int, int]) -> None:
    from reluviz.core.vector import write_svg

    partition, reading, dataset = _polygons(snapshot, look, size)
    write_svg(partition, path, look.view(*size), reading=reading, dataset=dataset)


def _write_pdf(path: Path, snapshot: "Snapshot", look: Look, size: tuple[int, int]) -> None:
    from reluviz.core.pdf import pdf_bytes

    partition, reading, dataset = _polygons(snapshot, look, size)
    data = pdf_bytes(partition, look.view(*size), reading, dataset, look.test_points)
    assert data is not None
    path.write_bytes(data)


def _polygons(snapshot: "Snapshot", look: Look, size: tuple[int, int]) -> "tuple[Partition, Reading, Dataset | None]":
    """Return what a vector picture is made of."""
    from reluviz.core.datasets import load_dataset
    from reluviz.core.partition import decompose
    from reluviz.core.reading import read_outputs, value_scale

    view = look.view(*size)
    dataset = load_dataset(snapshot.experiment)
    partition = decompose(snapshot.network, view.bounds, view.region_budget)
    reading = read_outputs(snapshot.experiment, value_scale(dataset))
    return partition, reading, dataset if look.points else None


_STILL_WRITERS = {".png": _write_png, ".svg": _write_svg, ".pdf": _write_pdf}


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """Give a name beside `path` to write to, and rename it when all is written: no half file is ever left.

    Raises `InputError` where it cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        yield part
        part.replace(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror or error}).") from None
    finally:
        part.unlink(missing_ok=True)


def check_output(path: Path) -> bool:
    """Return whether a film is asked for. Raises `InputError` where nothing can be written there."""
    suffix = path.suffix.lower()
    if suffix and suffix not in (*STILLS, *FILMS):
        raise InputError(f"{path}: no picture of that kind; {ALLOWED}.")
    if (suffix and path.is_dir()) or not path.absolute().parent.is_dir():
        raise InputError(f"{path}: cannot be written; allowed is a file name in a folder that exists.")
    return suffix not in STILLS
