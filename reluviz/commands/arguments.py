"""Options that several commands share: every field of an experiment, bounds, sizes."""

import argparse
import json
import math
import re
import sys
from pathlib import Path
from typing import Any

from reluviz.core.errors import InputError
from reluviz.core.experiment import SETTINGS, Experiment
from reluviz.core.field_text import value_of
from reluviz.core.point_edits import PointEdits
from reluviz.core.setting import Setting
from reluviz.core.view import HOME, Bounds
from reluviz.studio.scene import Scene, read_scene

_METAVARS = {
    "int": "N",
    "float": "X",
    "widths": "N,N,...",
    "kinds": "NAME,...",
    "activations": "NAME,...",
    "parameters": "X,...",
    "units": "LAYER:UNIT,...",
    "edits": "JSON",
}
MAX_SIDE = 16_384


SCENE_HELP = "a .reluviz or a JSON file of an experiment; options change it"


def add_experiment(parser: argparse.ArgumentParser, help: str = SCENE_HELP) -> None:
    """Add SCENE and an option for every field of an experiment."""
    parser.add_argument("scene", nargs="?", metavar="SCENE", help=help)
    groups: dict[str, Any] = {}
    default = Experiment()
    for name, setting in SETTINGS.items():
        if setting.group not in groups:
            groups[setting.group] = parser.add_argument_group(setting.group.lower())
        groups[setting.group].add_argument(
            f"--{name.replace('_', '-')}",
            metavar=_METAVARS.get(setting.kind, "NAME"),
            help=f"{setting.help} {_allowed(setting)}(default {_shown(getattr(default, name))})".replace("%", "%%"),
        )


def names_scene(arguments: argparse.Namespace) -> bool:
    """Whether a scene or a field of one was given."""
    return bool(arguments.scene) or any(getattr(arguments, name) is not None for name in SETTINGS)


def scene_of(arguments: argparse.Namespace) -> Scene:
    """Return the scene with the given options put in. Raises `InputError` naming the field.

    Its weights stay where the options leave the network and its first weights as they are; its history and what it
    compares, where no option changes the experiment.
    """
    base = read_scene(Path(arguments.scene)) if arguments.scene else Scene(Experiment())
    given = {name: getattr(arguments, name) for name in SETTINGS if getattr(arguments, name) is not None}
    experiment = base.experiment.edit(**{name: value_of(name, text, SETTINGS[name]) for name, text in given.items()})
    if not given:
        return base
    stays = experiment.same_start(base.experiment)
    return Scene(experiment, base.view, base.snapshot if stays else None)


def add_bounds(parser: argparse.ArgumentParser) -> None:
    """Add --bounds."""
    parser.add_argument(
        "--bounds",
        nargs=4,
        type=float,
        default=HOME,
        metavar=("XMIN", "XMAX", "YMIN", "YMAX"),
        help=f"the rectangle looked at (default {' '.join(f'{side:g}' for side in HOME)})",
    )


def bounds_of(arguments: argparse.Namespace) -> Bounds:
    """Return the rectangle. Raises `InputError` where it has no inside."""
    xmin, xmax, ymin, ymax = arguments.bounds
    if not (all(math.isfinite(side) for side in arguments.bounds) and xmin < xmax and ymin < ymax):
        raise InputError(
            f"--bounds: {' '.join(f'{side:g}' for side in arguments.bounds)} has no inside;"
            " allowed are four finite numbers, XMIN < XMAX and YMIN < YMAX."
        )
    return xmin, xmax, ymin, ymax


def parse_size(text: str) -> tuple[int, int]:
    """Return (width, height) of a text such as 1280x720. Raises `InputError`."""
    match = re.fullmatch(r"(\d{1,5})[x×](\d{1,5})", text)
    sides = (int(match[1]), int(match[2])) if match else (0, 0)
    if not all(16 <= side <= MAX_SIDE for side in sides):
        raise InputError(f"--size: {text!r} is no size; allowed is WIDTHxHEIGHT, each from 16 to {MAX_SIDE:,}.")
    return sides


def print_json(value: Any) -> None:
    """Print JSON to stdout; numbers that are not finite, which JSON does not know, become null."""
    json.dump(plain(value), sys.stdout, indent=2, allow_nan=False)
    print()


def plain(value: Any) -> Any:
    """Return `value` with tuples as lists and numbers that are not finite as None."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _allowed(setting: Setting) -> str:
    if setting.choices:
        more = ", a path" if setting.kind == "dataset" else ""
        return f"[{', '.join(setting.choices)}{more}] "
    if math.isinf(setting.maximum):
        return ""
    return f"[{setting.minimum:g} to {setting.maximum:.10g}] "


def _shown(value: Any) -> str:
    if not value and isinstance(value, tuple | PointEdits):
        return "none"
    if isinstance(value, tuple):
        return ",".join("default" if item is None else str(item) for item in value)
    return str(value)
