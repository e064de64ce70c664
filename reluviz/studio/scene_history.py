"""The history in a scene file: the moments of one line of training as tables, and back.

history.json describes the panes and their experiments; history.safetensors holds a row per moment: `steps`, `epochs`,
`optimizer_steps`, `experiments` (numbers in the list of history.json) and `slots` (n, panes), `losses` (n, panes, 4);
for each pane k `parameters.k` (n, P) float32, `memory.k` (slots of all moments, P) float32, and of the moments that
bring their gradient flow `flow.k` (their places) and `flow.k.<name>` one table per array of `Flow`.
"""

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reluviz.core.errors import InputError
from reluviz.core.experiment import Experiment
from reluviz.core.flow import BINS, Flow
from reluviz.core.snapshot import Snapshot
from reluviz.studio.line import Line, Mark
from reluviz.studio.timeline import Timeline

HISTORY_BYTES = 24_000_000
"""How much of a history a scene is given: 900 moments of a 32-32-32 network with Adam."""
MOST_MOMENTS, MOST_PANES, MOST_MARKS, MOST_NAME = 100_000, 6, 1000, 60
MOST_EXPERIMENTS = 100_000
MOST_STEP = 2**53
_LOSSES = ("train_loss", "test_loss", "train_accuracy", "test_accuracy")
_FLOW = tuple(f.name for f in fields(Flow))
_ALLOWED = "allowed is a scene as it was saved"
Arrays = Mapping[str, NDArray[Any]]


def describe_history(timeline: Timeline, most_text: int) -> tuple[bytes, bytes]:
    """Return history.json and history.safetensors of a timeline's line, thinned until it fits HISTORY_BYTES.

    Settings changed so often that their text exceeds `most_text` bytes thin it further.
    """
    from safetensors.numpy import save

    budget = HISTORY_BYTES
    while True:
        line = timeline.within(budget).line
        numbers, changes = _experiments(line)
        marks = [{"step": mark.step, "name": mark.name} for mark in line.marks]
        text = json.dumps(
            {"panes": len(line[0]), "outputs": [one.outputs for one in line[0]], "spacing": line.spacing}
            | {"marks": marks, "experiments": changes},
            allow_nan=False,
        ).encode()
        if len(text) <= most_text or len(line) <= 2:
            return text, save(_tables(line, numbers))
        budget //= 2


def read_history(source: str, text: bytes, tables: bytes) -> Timeline:
    """Return what `describe_history` wrote. Raises `InputError` naming `source`."""
    from safetensors.numpy import load

    try:
        arrays = load(tables)
        value = json.loads(text)
    except Exception as error:  # Both raise whatever a damaged file makes them stumble over.
        reason = (str(error).splitlines() or [type(error).__name__])[0][:120].rstrip(".")
        raise InputError(f"{source}: its history is damaged ({reason}); {_ALLOWED}.") from None
    if not isinstance(value, dict):
        raise _wrong(source, "history.json")
    panes = _whole(source, value.get("panes"), "panes", 1, MOST_PANES)
    outputs = value.get("outputs")
    if not isinstance(outputs, list) or len(outputs) != panes:
        raise _wrong(source, "outputs")
    outputs = [_whole(source, one, "outputs", 1, 64) for one in outputs]
    experiments = _read_experiments(source, value.get("experiments"))
    steps = _table(source, arrays, "steps", np.int64, (None, panes))
    count = len(steps)
    if not 1 <= count <= MOST_MOMENTS or steps.min() < 0 or steps.max() > MOST_STEP:
        raise _wrong(source, "steps")
    if (np.diff(steps.max(axis=1)) <= 0).any():
        raise _wrong(source, "steps")
    columns = [
        _read_pane(source, arrays, pane, count, panes, outputs[pane], experiments, steps[:, pane])
        for pane in range(panes)
    ]
    spacing = _whole(source, value.get("spacing"), "spacing", 1, MOST_STEP)
    timeline = Timeline(line=Line(marks=_marks(source, value.get("marks"), set(steps.max(axis=1).tolist()))))
    for moment in zip(*columns, strict=True):
        timeline = timeline.add(moment)
    return replace(timeline, line=replace(timeline.line, spacing=max(spacing, timeline.line.spacing)))


def _experiments(line: Line) -> tuple[NDArray[np.int32], list[dict[str, Any]]]:
    """Return the number of each moment's experiments (n, panes), and each as what differs from the one before."""
    numbers: dict[int, int] = {}
    changes: list[dict[str, Any]] = []
    known: dict[str, Any] = {}
    for pane in range(len(line[0])):  # Pane after pane: neighbours in time differ least.
        for moment in line:
            experiment = moment[pane].experiment
            if id(experiment) not in numbers:
                numbers[id(experiment)] = len(changes)
                plain = experiment.to_dict()
                changes.append({name: item for name, item in plain.items() if name not in known or known[name] != item})
                known = plain
    table = [[numbers[id(snapshot.experiment)] for snapshot in moment] for moment in line]
    return np.array(table, np.int32), changes


def _tables(line: Line, experiments: NDArray[np.int32]) -> dict[str, NDArray[Any]]:
    moments = list(line)
    tables: dict[str, NDArray[Any]] = {"experiments": experiments}
    whole = {"steps": "step", "optimizer_steps": "optimizer_steps"}
    for name, field in whole.items():
        tables[name] = np.array([[getattr(one, field) for one in moment] for moment in moments], np.int64)
    tables["epochs"] = np.array([[one.epoch for one in moment] for moment in moments], np.float64)
    tables["losses"] = np.array([[[getattr(one, x) for x in _LOSSES] for one in moment] for moment in moments])
    tables["slots"] = np.array([[len(one.optimizer_state) for one in moment] for moment in moments], np.int32)
    for pane in range(len(moments[0])):
        column = [moment[pane] for moment in moments]
        tables[f"parameters.{pane}"] = np.stack([one.parameters for one in column])
        tables[f"memory.{pane}"] = np.concatenate([one.optimizer_state for one in column])
        flows = [(place, one.flow) for place, one in enumerate(column) if one.flow is not None]
        tables[f"flow.{pane}"] = np.array([place for place, _ in flows], np.int64)
        for name in _FLOW if flows else ():
            rows = np.stack([np.asarray(getattr(flow, name)) for _, flow in flows])
            tables[f"flow.{pane}.{name}"] = rows.astype(np.uint8) if rows.dtype == np.bool_ else rows
    return tables


def _read_experiments(source: str, changes: Any) -> list[Experiment]:
    if not isinstance(changes, list) or not 1 <= len(changes) <= MOST_EXPERIMENTS:
        raise _wrong(source, "experiments")
    known: dict[str, Any] = {}
    experiments = []
    for change in changes:
        if not isinstance(change, dict):
            raise _wrong(source, "experiments")
        known = known | change
        experiments.append(Experiment.from_dict(known, source))
    return experiments


def _read_pane(
    source: str,
    arrays: Arrays,
    pane: int,
    count: int,
    panes: int,
    outputs: int,
    experiments: list[Experiment],
    steps: NDArray[np.int64],
) -> list[Snapshot]:
    """Return one pane's snapshots, every table checked against the networks that it is of."""
    numbers = _table(source, arrays, "experiments", np.int32, (count, panes))[:, pane]
    slots = _table(source, arrays, "slots", np.int32, (count, panes))[:, pane]
    epochs = _table(source, arrays, "epochs", np.float64, (count, panes))[:, pane]
    losses = _table(source, arrays, "losses", np.float64, (count, panes, len(_LOSSES)))[:, pane]
    taken = _table(source, arrays, "optimizer_steps", np.int64, (count, panes))[:, pane]
    if numbers.min() < 0 or numbers.max() >= len(experiments) or slots.min() < 0 or slots.max() > 2:
        raise _wrong(source, "experiments")
    if not (np.isfinite(epochs).all() and epochs.min() >= 0 and taken.min() >= 0):
        raise _wrong(source, "epochs")
    own = [experiments[number] for number in numbers.tolist()]
    length = own[0].layout(outputs).length
    if any(one.layout(outputs) != own[0].layout(outputs) for one in {id(one): one for one in own}.values()):
        raise _wrong(source, "experiments")
    parameters = _table(source, arrays, f"parameters.{pane}", np.float32, (count, length))
    memory = _table(source, arrays, f"memory.{pane}", np.float32, (int(slots.sum()), length))
    if not (np.isfinite(parameters).all() and np.isfinite(memory).all()):
        raise InputError(f"{source}: its history holds a number that is not finite; allowed are finite ones.")
    flows = _read_flows(source, arrays, pane, count, own[0].hidden)
    ends = np.cumsum(slots).tolist()
    return [
        Snapshot(
            run=0,
            experiment=own[place],
            outputs=outputs,
            step=int(steps[place]),
            epoch=float(epochs[place]),
            # Rows of their own: a view would keep the whole table when the timeline is thinned.
            parameters=_own(parameters[place]),
            optimizer_state=_own(memory[ends[place] - slots[place] : ends[place]]),
            **dict(zip(_LOSSES, losses[place].tolist(), strict=True)),
            optimizer_steps=int(taken[place]),
            pane=pane,
            flow=flows.get(place),
        )
        for place in range(count)
    ]


def _read_flows(source: str, arrays: Arrays, pane: int, count: int, hidden: tuple[int, ...]) -> dict[int, Flow]:
    places = _table(source, arrays, f"flow.{pane}", np.int64, (None,))
    if not len(places):
        return {}
    if places.min() < 0 or places.max() >= count or len(set(places.tolist())) != len(places):
        raise _wrong(source, f"flow.{pane}")
    rows, layers, units = len(places), len(hidden) + 1, sum(hidden)
    shapes: dict[str, tuple[int, ...]] = {
        **dict.fromkeys(("grad_norm", "weight_norm", "update_ratio", "signal_rms"), (layers,)),
        **dict.fromkeys(("slope_mean", "dead_share", "saturated_share"), (layers - 1,)),
        "points": (),
        "unit_signal": (units,),
        "unit_dead": (units,),
        "histogram": (layers - 1, BINS),
        "histogram_range": (layers - 1, 2),
    }
    kinds: dict[str, type] = {"points": np.int64, "unit_dead": np.uint8, "histogram": np.int32}
    tables = {
        name: _table(source, arrays, f"flow.{pane}.{name}", kinds.get(name, np.float64), (rows, *shapes[name]))
        for name in _FLOW
    }
    tables["unit_dead"] = tables["unit_dead"].astype(np.bool_)
    flows = {}
    for at, place in enumerate(places.tolist()):
        values: dict[str, Any] = {name: _own(rows[at]) for name, rows in tables.items()}
        flows[place] = Flow(**values | {"points": int(values["points"])})
    return flows


def _marks(source: str, value: Any, steps: set[int]) -> tuple[Mark, ...]:
    if not isinstance(value, list) or len(value) > MOST_MARKS:
        raise _wrong(source, "marks")
    marks = []
    for row in value:
        if not isinstance(row, dict) or not isinstance(row.get("name"), str) or not row["name"][:MOST_NAME].strip():
            raise _wrong(source, "marks")
        step = _whole(source, row.get("step"), "marks", 0, MOST_STEP)
        if step in steps:
            marks.append(Mark(step, row["name"][:MOST_NAME]))
    unique = {mark.step: mark for mark in marks}
    return tuple(unique[step] for step in sorted(unique))


def _own(row: NDArray[Any]) -> NDArray[Any]:
    copy = np.array(row)
    copy.setflags(write=False)
    return copy


def _table(source: str, arrays: Arrays, name: str, kind: type, shape: tuple[int | None, ...]) -> NDArray[Any]:
    """Return one table; None in `shape` stands for any size."""
    array = arrays.get(name)
    fits = array is not None and array.dtype == kind and array.ndim == len(shape)
    if array is None or not fits or any(w is not None and w != h for w, h in zip(shape, array.shape, strict=True)):
        raise _wrong(source, name)
    return array


def _whole(source: str, value: Any, name: str, low: int, high: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise _wrong(source, name)
    return value


def _wrong(source: str, name: str) -> InputError:
    return InputError(f"{source}: {name} of its history cannot be used; {_ALLOWED}.")
