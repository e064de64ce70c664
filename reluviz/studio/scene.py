"""Scenes: an experiment, how it is looked at and one moment of its training, to and from a file.

A .reluviz file is a zip of scene.json and, where training had begun, weights.safetensors with `parameters` (P,) and
`optimizer_state` (slots, P) in float32; of what is compared, `parameters.1`, `optimizer_state.1` and so on besides.
history.json and history.safetensors hold the moments before, as `scene_history` writes them. A JSON file of an
experiment is a scene without view and weights.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reluviz.core.errors import InputError
from reluviz.core.experiment import DATASETS, OPTIMIZERS, Experiment
from reluviz.core.network import Layout
from reluviz.core.snapshot import Snapshot
from reluviz.core.view import View
from reluviz.core.whole_file import write_whole
from reluviz.studio.comparison import FEWEST, MOST, VARIED, Setup
from reluviz.studio.scene_archive import (
    HISTORY,
    HISTORY_TEXT,
    LIMITS,
    MAX_FILE,
    MAX_HISTORY,
    MAX_HISTORY_TEXT,
    WEIGHTS,
    pack_members,
    read_members,
)
from reluviz.studio.scene_fields import (
    ALLOWED,
    DESCRIPTION,
    MAX_BYTES,
    describe_view,
    read_hidden,
    read_number,
    read_part,
    read_text,
    read_view,
    read_whole,
    say_damaged,
    say_short,
)
from reluviz.studio.scene_history import describe_history, read_history
from reluviz.studio.timeline import Timeline

VERSION = 2
"""Scenes with compared panes or a history; others are written as version 1, which older programs read."""
SUFFIX = ".reluviz"
_LOSSES = ("train_loss", "test_loss", "train_accuracy", "test_accuracy")
_SLOTS = {"sgd": 0, "momentum": 1, "rmsprop": 1, "adam": 2}
assert set(_SLOTS) == set(OPTIMIZERS)


@dataclass(frozen=True, eq=False)
class Scene:
    """An experiment; `view` and `snapshot` are None where a file says nothing of them.

    `hidden` names controls of the window that the scene does without; which there are, the window knows.
    `setup` says what is compared and `beside` holds the moments of the other panes, pane 1 first. `timeline` holds the
    moments before `snapshot`, of all panes, None where the file has no history.
    """

    experiment: Experiment
    view: View | None = None
    snapshot: Snapshot | None = None
    hidden: tuple[str, ...] = ()
    setup: Setup | None = None
    beside: tuple[Snapshot, ...] = ()
    timeline: Timeline | None = None


def read_scene(path: Path, with_history: bool = True) -> Scene:
    """Read a scene; a data file that it names may lie beside it. Raises `InputError` naming file and place.

    Without its history it is read in a fraction of the time.
    """
    try:
        if path.is_dir():
            raise InputError(f"{path}: is a folder; {ALLOWED}.")
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
            if len(data) > MAX_FILE and data.startswith(b"PK") and path.stat().st_size <= MAX_FILE + MAX_HISTORY:
                data += file.read(MAX_HISTORY)
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file; {ALLOWED}.") from None
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error}).") from None
    if data.startswith(b"PK") or path.suffix.lower() == SUFFIX:
        scene = _read_zip(str(path), data, with_history)
    else:
        scene = Scene(Experiment.from_json(read_text(str(path), data), str(path)))
    experiment = scene.experiment
    beside = path.parent / experiment.dataset
    if experiment.dataset not in DATASETS and beside.is_file():
        scene = _at_home(scene, experiment.dataset, str(beside))
    return scene


def _at_home(scene: Scene, name: str, path: str) -> Scene:
    """Return the scene with the data file `name` at `path` in every experiment of it."""

    def placed(snapshot: Snapshot) -> Snapshot:
        own = snapshot.experiment
        return replace(snapshot, experiment=replace(own, dataset=path)) if own.dataset == name else snapshot

    timeline = scene.timeline.map(placed) if scene.timeline is not None else None
    return replace(
        scene,
        experiment=replace(scene.experiment, dataset=path),
        snapshot=placed(scene.snapshot) if scene.snapshot is not None else None,
        beside=tuple(map(placed, scene.beside)),
        timeline=timeline,
    )


def write_scene(path: Path, scene: Scene) -> None:
    """Write a .reluviz file, aside first, then renamed. Equal scenes give equal files.

    A data file in the same folder is named without it, so that both can be moved together. Raises `InputError` for
    weights that are not finite, and where the file cannot be written.
    """
    from safetensors.numpy import save

    if scene.experiment.dataset not in DATASETS and Path(scene.experiment.dataset).parent == path.parent:
        scene = _at_home(scene, scene.experiment.dataset, Path(scene.experiment.dataset).name)
    experiment, snapshot = scene.experiment, scene.snapshot
    version = VERSION if scene.beside or scene.timeline is not None else 1
    description: dict[str, Any] = {"format": "reluviz scene", "version": version, "experiment": experiment.to_dict()}
    if scene.view is not None:
        description["view"] = describe_view(scene.view)
    if scene.hidden:
        description["hidden"] = list(scene.hidden)
    members: dict[str, bytes] = {}
    if snapshot is not None:
        shown = (snapshot, *scene.beside)
        if not all(np.isfinite(x).all() for one in shown for x in (one.parameters, one.optimizer_state)):
            raise InputError(f"{path}: its weights are not finite, so they are not saved; go back to a finite moment.")
        description["snapshot"] = _describe_snapshot(snapshot)
        if scene.setup is not None and scene.beside:
            description["comparison"] = _describe_comparison(scene.setup, scene.beside)
        arrays: dict[str, NDArray[np.float32]] = {}
        for pane, one in enumerate(shown):
            end = f".{pane}" if pane else ""
            arrays |= {f"parameters{end}": one.parameters, f"optimizer_state{end}": one.optimizer_state}
        members[WEIGHTS] = save({name: np.ascontiguousarray(array) for name, array in arrays.items()})
        if len(members[WEIGHTS]) > MAX_FILE:
            raise InputError(f"{path}: the networks compared are too large for one scene; save the first one alone.")
        if scene.timeline is not None and len(scene.timeline):
            members[HISTORY_TEXT], members[HISTORY] = describe_history(scene.timeline, MAX_HISTORY_TEXT)
    text = json.dumps(description, indent=2, allow_nan=False).encode()
    if len(text) > MAX_BYTES:
        raise InputError(f"{path}: the points edited by hand are too many for a scene; allowed is a megabyte.")
    try:
        write_whole(path, pack_members({DESCRIPTION: text, **members}))
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror or error}).") from None


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


def _describe_comparison(setup: Setup, beside: tuple[Snapshot, ...]) -> dict[str, Any]:
    panes = [{**_describe_snapshot(one), "experiment": one.experiment.to_dict()} for one in beside]
    return {"field": setup.field, "panes": panes}


def _read_zip(source: str, data: bytes, with_history: bool) -> Scene:
    parts = read_members(source, data, tuple(LIMITS) if with_history else (DESCRIPTION, WEIGHTS))
    value = _object(source, parts[DESCRIPTION])
    scene = _build(source, value, parts.get(WEIGHTS))
    if HISTORY not in parts or scene.snapshot is None:
        return scene
    timeline = read_history(source, parts.get(HISTORY_TEXT, b""), parts[HISTORY])
    if [_form(one) for one in timeline[-1]] != [_form(one) for one in (scene.snapshot, *scene.beside)]:
        raise InputError(f"{source}: its history is of other networks than the scene; {ALLOWED}.")
    return replace(scene, timeline=timeline)


def _form(snapshot: Snapshot) -> tuple[Layout, int]:
    """Return what tells whether two moments are of one kind of network."""
    return snapshot.experiment.layout(snapshot.outputs), snapshot.outputs


def _object(source: str, data: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(read_text(source, data))
    except InputError:
        raise
    except (ValueError, RecursionError):
        raise InputError(f"{source}: {DESCRIPTION} is not JSON; {ALLOWED}.") from None
    if not isinstance(value, dict) or value.get("format") != "reluviz scene":
        raise InputError(f"{source}: {DESCRIPTION} does not describe a scene; {ALLOWED}.")
    version = value.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise InputError(f"{source}: version {say_short(version)} is not a whole number from 1 to {VERSION}.")
    if version > VERSION:
        raise InputError(
            f"{source}: was written by a newer reluviz (version {say_short(version)}); this one reads {VERSION}."
        )
    return value


def _build(source: str, value: Mapping[str, Any], weights: bytes | None) -> Scene:
    experiment = Experiment.from_dict(read_part(source, value, "experiment"), source)
    view = read_view(source, read_part(source, value, "view")) if "view" in value else None
    hidden = read_hidden(source, value.get("hidden", []))
    if "snapshot" not in value:
        return Scene(experiment, view, hidden=hidden)
    if weights is None:
        raise InputError(f"{source}: has no {WEIGHTS}; allowed is a scene as it was saved.")
    arrays = _arrays(source, weights)
    snapshot = _snapshot(source, experiment, read_part(source, value, "snapshot"), arrays)
    scene = Scene(experiment, view, snapshot, hidden)
    return _compared(source, scene, read_part(source, value, "comparison"), arrays) if "comparison" in value else scene


def _compared(source: str, scene: Scene, value: Mapping[str, Any], arrays: dict[str, NDArray[Any]]) -> Scene:
    """Return the scene with what is compared with its experiment."""
    name, panes = value.get("field"), value.get("panes")
    if name not in VARIED or not isinstance(panes, list) or not FEWEST <= len(panes) + 1 <= MOST:
        raise InputError(f"{source}: what it compares cannot be used; {ALLOWED}.")
    beside = []
    for pane, row in enumerate(panes, 1):
        if not isinstance(row, dict):
            raise InputError(f"{source}: what it compares cannot be used; {ALLOWED}.")
        experiment = Experiment.from_dict(read_part(source, row, "experiment"), source)
        beside.append(replace(_snapshot(source, experiment, row, arrays, f".{pane}"), pane=pane))
    values = tuple(getattr(one, name) for one in (scene.experiment, *(one.experiment for one in beside)))
    return replace(scene, setup=Setup(name, values), beside=tuple(beside))


def _arrays(source: str, weights: bytes) -> dict[str, NDArray[Any]]:
    from safetensors.numpy import load

    try:
        arrays: dict[str, NDArray[Any]] = load(weights)
    except Exception as error:
        raise say_damaged(source, error) from None
    for array in arrays.values():
        array.setflags(write=False)
    return arrays


def _snapshot(
    source: str, experiment: Experiment, value: Mapping[str, Any], arrays: dict[str, NDArray[Any]], end: str = ""
) -> Snapshot:
    """Return a moment; the names of its arrays end in `end`."""
    outputs = read_whole(source, value, "outputs", 1, 64)
    optimizer = value.get("optimizer")
    if not isinstance(optimizer, str) or optimizer not in _SLOTS:
        raise InputError(f"{source}: optimizer {say_short(optimizer)} is unknown; allowed are {', '.join(OPTIMIZERS)}.")
    length = experiment.layout(outputs).length
    own = f"parameters{end}", f"optimizer_state{end}"
    memory, taken = arrays.get(own[1]), read_whole(source, value, "optimizer_steps", 0, 2**53)
    is_fresh = taken == 0 and memory is not None and memory.shape[:1] == (0,)  # Before the first step there is none.
    for name, shape in zip(own, ((length,), (0 if is_fresh else _SLOTS[optimizer], length)), strict=True):
        _check_array(source, name, arrays.get(name), shape)
    losses: dict[str, Any] = {name: read_number(source, value, name, -1e300, 1e300, math.nan) for name in _LOSSES}
    return Snapshot(
        run=0,
        experiment=experiment.edit(optimizer=optimizer),
        outputs=outputs,
        step=read_whole(source, value, "step", 0, 2**53),
        epoch=read_number(source, value, "epoch", 0.0, 2.0**53),
        parameters=arrays[own[0]],
        optimizer_state=arrays[own[1]],
        optimizer_steps=taken,
        **losses,
    )


def _check_array(source: str, name: str, array: NDArray[Any] | None, shape: tuple[int, ...]) -> None:
    if array is None:
        raise InputError(f"{source}: {WEIGHTS} has no {name}; allowed is a scene as it was saved.")
    if array.dtype != np.float32 or array.shape != shape:
        raise InputError(f"{source}: {name} is {array.dtype} {array.shape}; its network needs float32 {shape}.")
    if not np.isfinite(array).all():
        raise InputError(f"{source}: {name} holds a number that is not finite; allowed are finite ones.")
