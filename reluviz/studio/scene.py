"""Scenes: an experiment, how it is looked at and one moment of its training, to and from a file.

A .reluviz file is a zip of scene.json and, where training had begun, weights.safetensors with `parameters` (P,) and
`optimizer_state` (slots, P) in float32. A JSON file of an experiment is a scene without view and weights.
"""

import io
import json
import math
import re
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reluviz.core.coloring import COLORINGS
from reluviz.core.errors import InputError
from reluviz.core.experiment import DATASETS, OPTIMIZERS, Experiment
from reluviz.core.snapshot import Snapshot
from reluviz.core.view import HOME, SMOOTH_PICTURES, View
from reluviz.core.whole_file import write_whole

VERSION = 1
SUFFIX = ".reluviz"
MAX_BYTES = 1_000_000  # Of a JSON file, and of scene.json.
MAX_FILE = 16_000_000  # The largest network, 10 layers of 256 units, has 590,000 numbers: 7 MB with Adam's memory.
MAX_DIRECTORY = 100_000
MOST_HIDDEN = 100
ALLOWED = "allowed are a scene (.reluviz) and a JSON file of an experiment"
_DESCRIPTION, _WEIGHTS = "scene.json", "weights.safetensors"
_LOSSES = ("train_loss", "test_loss", "train_accuracy", "test_accuracy")
_LINES = ("bend", "equal", "none")
_SLOTS = {"sgd": 0, "momentum": 1, "rmsprop": 1, "adam": 2}
assert set(_SLOTS) == set(OPTIMIZERS)


@dataclass(frozen=True, eq=False)
class Scene:
    """An experiment; `view` and `snapshot` are None where a file says nothing of them.

    `hidden` names controls of the window that the scene does without; which there are, the window knows.
    """

    experiment: Experiment
    view: View | None = None
    snapshot: Snapshot | None = None
    hidden: tuple[str, ...] = ()


def read_scene(path: Path) -> Scene:
    """Read a scene; a data file that it names may lie beside it. Raises `InputError` naming file and place."""
    try:
        if path.is_dir():
            raise InputError(f"{path}: is a folder; {ALLOWED}.")
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file; {ALLOWED}.") from None
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error}).") from None
    if data.startswith(b"PK") or path.suffix.lower() == SUFFIX:
        scene = _read_zip(str(path), data)
    else:
        scene = Scene(Experiment.from_json(_text(str(path), data), str(path)))
    experiment = scene.experiment
    beside = path.parent / experiment.dataset
    if experiment.dataset not in DATASETS and beside.is_file():
        experiment = replace(experiment, dataset=str(beside))
    return replace(scene, experiment=experiment)


def write_scene(path: Path, scene: Scene) -> None:
    """Write a .reluviz file, aside first, then renamed. Equal scenes give equal files.

    A data file in the same folder is named without it, so that both can be moved together. Raises `InputError` for
    weights that are not finite, and where the file cannot be written.
    """
    from safetensors.numpy import save

    experiment, snapshot = scene.experiment, scene.snapshot
    if experiment.dataset not in DATASETS and Path(experiment.dataset).parent == path.parent:
        experiment = replace(experiment, dataset=Path(experiment.dataset).name)
    description: dict[str, Any] = {"format": "reluviz scene", "version": VERSION, "experiment": experiment.to_dict()}
    if scene.view is not None:
        description["view"] = _describe_view(scene.view)
    if scene.hidden:
        description["hidden"] = list(scene.hidden)
    members = {}
    if snapshot is not None:
        if not (np.isfinite(snapshot.parameters).all() and np.isfinite(snapshot.optimizer_state).all()):
            raise InputError(f"{path}: its weights are not finite, so they are not saved; go back to a finite moment.")
        description["snapshot"] = _describe_snapshot(snapshot)
        arrays = {"parameters": snapshot.parameters, "optimizer_state": snapshot.optimizer_state}
        members[_WEIGHTS] = save({name: np.ascontiguousarray(array) for name, array in arrays.items()})
    text = json.dumps(description, indent=2, allow_nan=False).encode()
    if len(text) > MAX_BYTES:
        raise InputError(f"{path}: the points edited by hand are too many for a scene; allowed is a megabyte.")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {_DESCRIPTION: text, **members}.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    try:
        write_whole(path, buffer.getvalue())
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror or error}).") from None


def _describe_view(view: View) -> dict[str, Any]:
    names = ("bounds", "coloring", "lines", "boundary", "layer", "unit", "smooth", "epsilon", "eta")
    return {name: getattr(view, name) for name in names}


def _describe_snapshot(snapshot: Snapshot) -> dict[str, Any]:
    losses = {name: getattr(snapshot, name) for name in _LOSSES}
    return {
        "step": snapshot.step,
        "epoch": snapshot.epoch,
        "outputs": snapshot.outputs,
        "optimizer": snapshot.experiment.optimizer,
        "optimizer_steps": snapshot.optimizer_steps,
        **{name: value if math.isfinite(value) else None for name, value in losses.items()},
    }


def _read_zip(source: str, data: bytes) -> Scene:
    if len(data) > MAX_FILE:
        raise InputError(f"{source}: is larger than the {MAX_FILE // 1_000_000} megabytes that a scene may have.")
    _check_directory(source, data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = _members(source, archive)
    except InputError:
        raise
    # zipfile and zlib raise whatever a damaged file makes them stumble over.
    except Exception as error:
        raise _damaged(source, error) from None
    if _DESCRIPTION not in parts:
        raise InputError(f"{source}: has no {_DESCRIPTION}, so it is no scene; {ALLOWED}.")
    return _build(source, _object(source, parts[_DESCRIPTION]), parts.get(_WEIGHTS))


def _check_directory(source: str, data: bytes) -> None:
    """Refuse a list of members that is larger than a scene's, before zipfile makes an object of every entry."""
    place = data.rfind(b"PK\x05\x06")
    if place < 0 or len(data) < place + 22:
        raise InputError(f"{source}: is damaged or no scene (its end is missing); {ALLOWED}.")
    (size,) = struct.unpack_from("<I", data, place + 12)
    if size > MAX_DIRECTORY or data[max(0, place - 20) : place].startswith(b"PK\x06\x07"):
        raise InputError(f"{source}: lists more files than a scene has; {ALLOWED}.")


def _members(source: str, archive: zipfile.ZipFile) -> dict[str, bytes]:
    """Return what is in the members that a scene has; nothing is unpacked to the disk, others are not looked at."""
    parts: dict[str, bytes] = {}
    for info in archive.infolist():
        if info.filename.startswith(("/", "\\")) or ".." in info.filename or ":" in info.filename:
            raise InputError(f"{source}: holds a path that leads out of it; {ALLOWED}.")
        if info.filename not in (_DESCRIPTION, _WEIGHTS):
            continue
        if info.filename in parts:
            raise InputError(f"{source}: holds {info.filename} twice; {ALLOWED}.")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & 1:
            raise InputError(f"{source}: {info.filename} is packed or locked in a way no scene is; {ALLOWED}.")
        limit = MAX_BYTES if info.filename == _DESCRIPTION else MAX_FILE
        with archive.open(info) as file:
            parts[info.filename] = file.read(limit + 1)  # At most that much is unpacked, whatever is declared.
        if len(parts[info.filename]) > limit:
            raise InputError(f"{source}: {info.filename} is larger than a scene's can be; allowed are {limit:,} bytes.")
    return parts


def _object(source: str, data: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(_text(source, data))
    except InputError:
        raise
    except (ValueError, RecursionError):
        raise InputError(f"{source}: {_DESCRIPTION} is not JSON; {ALLOWED}.") from None
    if not isinstance(value, dict) or value.get("format") != "reluviz scene":
        raise InputError(f"{source}: {_DESCRIPTION} does not describe a scene; {ALLOWED}.")
    version = value.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise InputError(f"{source}: version {_short(version)} is not a whole number from 1 to {VERSION}.")
    if version > VERSION:
        raise InputError(
            f"{source}: was written by a newer reluviz (version {_short(version)}); this one reads {VERSION}."
        )
    return value


def _build(source: str, value: Mapping[str, Any], weights: bytes | None) -> Scene:
    experiment = Experiment.from_dict(_part(source, value, "experiment"), source)
    view = _view(source, _part(source, value, "view")) if "view" in value else None
    hidden = _hidden(source, value.get("hidden", []))
    if "snapshot" not in value:
        return Scene(experiment, view, hidden=hidden)
    if weights is None:
        raise InputError(f"{source}: has no {_WEIGHTS}; allowed is a scene as it was saved.")
    return Scene(experiment, view, _snapshot(source, experiment, _part(source, value, "snapshot"), weights), hidden)


def _snapshot(source: str, experiment: Experiment, value: Mapping[str, Any], weights: bytes) -> Snapshot:
    from safetensors.numpy import load

    try:
        arrays = load(weights)
    except Exception as error:
        raise _damaged(source, error) from None
    outputs = _whole(source, value, "outputs", 1, 64)
    optimizer = value.get("optimizer")
    if not isinstance(optimizer, str) or optimizer not in _SLOTS:
        raise InputError(f"{source}: optimizer {_short(optimizer)} is unknown; allowed are {', '.join(OPTIMIZERS)}.")
    length = experiment.layout(outputs).length
    shapes = {"parameters": (length,), "optimizer_state": (_SLOTS[optimizer], length)}
    for name, shape in shapes.items():
        _check_array(source, name, arrays.get(name), shape)
    losses: dict[str, Any] = {name: _number(source, value, name, -1e300, 1e300, math.nan) for name in _LOSSES}
    for array in arrays.values():
        array.setflags(write=False)
    return Snapshot(
        run=0,
        experiment=experiment.edit(optimizer=optimizer),
        outputs=outputs,
        step=_whole(source, value, "step", 0, 2**53),
        epoch=_number(source, value, "epoch", 0.0, 2.0**53),
        parameters=arrays["parameters"],
        optimizer_state=arrays["optimizer_state"],
        optimizer_steps=_whole(source, value, "optimizer_steps", 0, 2**53),
        **losses,
    )


def _check_array(source: str, name: str, array: NDArray[Any] | None, shape: tuple[int, ...]) -> None:
    if array is None:
        raise InputError(f"{source}: {_WEIGHTS} has no {name}; allowed is a scene as it was saved.")
    if array.dtype != np.float32 or array.shape != shape:
        raise InputError(f"{source}: {name} is {array.dtype} {array.shape}; its network needs float32 {shape}.")
    if not np.isfinite(array).all():
        raise InputError(f"{source}: {name} holds a number that is not finite; allowed are finite ones.")


def _view(source: str, value: Mapping[str, Any]) -> View:
    usual = View()
    choices = {"coloring": tuple(COLORINGS), "lines": _LINES, "smooth": SMOOTH_PICTURES}
    for name, allowed in choices.items():
        if value.get(name, getattr(usual, name)) not in allowed:
            raise InputError(f"{source}: {name} {_short(value[name])} is unknown; allowed are {', '.join(allowed)}.")
    bounds = value.get("bounds", HOME)
    if not isinstance(bounds, list | tuple) or len(bounds) != 4:
        raise InputError(f"{source}: bounds {_short(bounds)}; allowed are four finite numbers.")
    xmin, xmax, ymin, ymax = (_number(source, {"bounds": side}, "bounds", -1e12, 1e12) for side in bounds)
    if not (xmin < xmax and ymin < ymax):
        raise InputError(f"{source}: bounds have no inside; allowed are XMIN < XMAX and YMIN < YMAX.")
    return replace(
        usual,
        **{name: value.get(name, getattr(usual, name)) for name in choices},
        bounds=(xmin, xmax, ymin, ymax),
        boundary=bool(value.get("boundary", usual.boundary)),
        layer=_whole(source, value, "layer", -1, 64, usual.layer),
        unit=_whole(source, value, "unit", -1, 4096, usual.unit),
        epsilon=_number(source, value, "epsilon", 1e-6, 10.0, usual.epsilon),
        eta=_number(source, value, "eta", 1e-6, 1e6, usual.eta),
    )


def _hidden(source: str, value: Any) -> tuple[str, ...]:
    """Return the names of hidden controls, each once."""
    if not isinstance(value, list) or len(value) > MOST_HIDDEN or not all(map(_is_name, value)):
        raise InputError(
            f"{source}: hidden {_short(value)} cannot be used; allowed is a list of at most {MOST_HIDDEN} names"
            " such as panel:census, section:data or bar:speed."
        )
    return tuple(dict.fromkeys(value))


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"(panel|section|bar):[a-z_]{1,40}", value) is not None


def _part(source: str, value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = value.get(name)
    if not isinstance(part, dict):
        raise InputError(f"{source}: {name} is missing or no object; allowed is a scene as it was saved.")
    return part


def _number(
    source: str, value: Mapping[str, Any], name: str, low: float, high: float, default: float | None = None
) -> float:
    number = value.get(name)
    if number is None and default is not None:
        return default
    if not isinstance(number, int | float) or isinstance(number, bool) or not low <= number <= high:
        raise InputError(f"{source}: {name} {_short(number)} cannot be used; allowed is a number in its range.")
    return float(number)


def _whole(source: str, value: Mapping[str, Any], name: str, low: int, high: int, default: int | None = None) -> int:
    number = value.get(name, default)
    if not isinstance(number, int) or isinstance(number, bool) or not low <= number <= high:
        raise InputError(f"{source}: {name} {_short(number)} cannot be used; allowed is a whole number from {low}.")
    return number


def _text(source: str, data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise InputError(f"{source}: is larger than a megabyte; {ALLOWED}.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{source}: byte {error.start} is not UTF-8 text; {ALLOWED}.") from None


def _damaged(source: str, error: Exception) -> InputError:
    lines = str(error).splitlines()
    reason = lines[0][:120].rstrip(".") if lines else type(error).__name__
    return InputError(f"{source}: is damaged or no scene ({reason}); {ALLOWED}.")


def _short(value: Any) -> str:
    try:
        text = repr(value)
    except ValueError:  # A whole number of thousands of digits.
        return "of that size"
    return text if len(text) <= 40 else f"{text[:37]}..."
