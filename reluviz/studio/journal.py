"""Journal: a recording on the disk: moments of training, changes of the look, clicks and keys, with their times.

Films are drawn from it, so that no frame depends on how fast the screen was. What is in it is data only.
"""

import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reluviz.core.errors import InputError
from reluviz.core.experiment import Experiment
from reluviz.core.flow import BINS, Flow
from reluviz.core.snapshot import Snapshot
from reluviz.studio.curves import Curve
from reluviz.studio.handwriting import Handwriting
from reluviz.studio.journal_file import Arrays, Place, pack, read_payload, read_places, unpack
from reluviz.studio.look import Look, take_plain

VERSION = 1
SUFFIX = ".journal"
MOST_PANES = 6
_LOSSES = ("train_loss", "test_loss", "train_accuracy", "test_accuracy", "steps_per_second")
_FLOW = tuple(row.name for row in fields(Flow) if row.name != "points")


class Kind(IntEnum):
    """What a chunk holds."""

    START = 1
    EXPERIMENT = 2
    MOMENT = 3
    LOOK = 4
    EVENT = 5
    CURVES = 6
    END = 7


@dataclass(frozen=True)
class Event:
    """A key or a click at a time in seconds.

    kind is "key" (text is its name, such as Ctrl+Z) or "press". `place` names what was clicked: "canvas" with a point
    of the plane, else a part of the window with shares 0..1 of its width and height.
    """

    at: float
    kind: str
    text: str = ""
    place: str = ""
    x: float = 0.0
    y: float = 0.0


@dataclass(frozen=True)
class Start:
    """How a recording began. `live`: its times are those of a clock; else steps alone order its moments.

    width and height are the window's in device-independent pixels.
    """

    live: bool
    width: int = 1280
    height: int = 720
    look: Look = field(default_factory=Look)


def encode_start(start: Start) -> bytes:
    """Return the first chunk's payload."""
    size = {"width": start.width, "height": start.height}
    return pack({"version": VERSION, "live": start.live, **size, "look": start.look.to_plain()})


def encode_moment(at: float, snapshots: tuple[Snapshot, ...], experiments: tuple[int, ...]) -> bytes:
    """Return a moment of all panes; experiments are numbers of those written before."""
    panes, arrays = [], {}
    for index, (snapshot, experiment) in enumerate(zip(snapshots, experiments, strict=True)):
        values = {name: getattr(snapshot, name) for name in ("run", "outputs", "step", "epoch", "device", *_LOSSES)}
        panes.append(values | {"experiment": experiment})
        arrays[f"{index}.parameters"] = snapshot.parameters
        if snapshot.flow is not None:
            panes[-1]["points"] = snapshot.flow.points
            arrays |= {f"{index}.{name}": getattr(snapshot.flow, name) for name in _FLOW}
    return pack({"at": at, "panes": panes}, arrays)


def encode_curves(curves: Mapping[str, Curve]) -> bytes:
    """Return what was measured before the recording began."""
    described = {name: {"names": curve.names, "spacing": curve.spacing} for name, curve in curves.items()}
    arrays: Arrays = {}
    for name, curve in curves.items():
        arrays[f"{name}.steps"] = curve.steps
        arrays[f"{name}.values"] = curve.values.reshape(len(curve), len(curve.names))
    return pack({"curves": described}, arrays)


class Journal:
    """A recording that is read. It is a sequence of moments, one snapshot per pane; the file is read as they are asked.

    times (N,) seconds and steps (N,) int64 are those of the moments. `is_whole` says whether it was ended in order.
    `hand` knows what pen and light did.
    Raises `InputError` for a file that is none, holds no moment, or says what cannot be.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.start = Start(True)
        self.events: list[Event] = []
        self.curves: dict[str, Curve] = {}
        self.hand = Handwriting()
        self.is_whole = False
        self._experiments: list[Experiment] = []
        self._looks: list[tuple[float, Look]] = []
        self._places: list[Place] = []
        self._newest: tuple[int, tuple[Snapshot, ...]] | None = None
        self._end = 0.0
        times: list[float] = []
        steps: list[int] = []
        places = read_places(path)
        self._file = path.open("rb")
        try:
            for number, place in enumerate(places):
                values, arrays = unpack(read_payload(self._file, place))
                self._take(number, place, values, arrays, times, steps)
        except InputError:
            self.close()
            raise
        except (OSError, IndexError, AttributeError, ValueError, TypeError, KeyError, OverflowError) as error:
            self.close()
            raise InputError(f"{path}: is damaged ({error or type(error).__name__}); it cannot be filmed.") from None
        if not self._places or not self._looks:
            self.close()
            raise InputError(f"{path}: holds no moment yet; record for a second at least.")
        self.times: NDArray[np.float64] = np.array(times)
        self.steps: NDArray[np.int64] = np.array(steps, np.int64)

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, index: int) -> tuple[Snapshot, ...]:
        """Return the snapshots of one moment. Raises `InputError` where the file can no longer be read."""
        if self._newest is None or self._newest[0] != index:
            try:
                values, arrays = unpack(read_payload(self._file, self._places[index]))
            except (OSError, ValueError) as error:
                reason = getattr(error, "strerror", None) or error
                raise InputError(f"{self.path}: cannot be read ({reason}).") from None
            self._newest = (index, self._moment(values, arrays))
        return self._newest[1]

    @property
    def seconds(self) -> float:
        """How long was recorded."""
        return self._end

    @property
    def experiment(self) -> Experiment:
        """The experiment that the recording began with."""
        return self._experiments[0]

    def look_at(self, at: float) -> Look:
        """Return the look at a time, the stroke that is being drawn as far as it had come."""
        index = bisect_right(self._looks, at, key=lambda item: item[0])
        look = self._looks[max(0, index - 1)][1]
        return replace(look, window={**look.window, **self.hand.window_at(at)}) if self.hand else look

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _take(
        self, number: int, place: Place, values: dict[str, Any], arrays: Arrays, times: list[float], steps: list[int]
    ) -> None:
        where = f"{self.path}: chunk {number + 1}"
        if (place.kind == Kind.START) != (number == 0):
            raise ValueError("its beginning is missing")
        match place.kind:
            case Kind.START:
                self._begin(where, values)
            case Kind.EXPERIMENT:
                self._experiments.append(Experiment.from_dict(values["experiment"], where))
            case Kind.MOMENT:
                snapshots = self._moment(values, arrays)
                times.append(self._time(values))
                steps.append(snapshots[0].step)
                self._places.append(place)
            case Kind.LOOK:
                self._look(self._time(values), values["look"], where)
            case Kind.EVENT:
                self.events.append(_event(self._time(values), values))
            case Kind.CURVES:
                self.curves = _curves(values, arrays)
            case Kind.END:
                self.is_whole = True
                self._time(values)

    def _begin(self, where: str, values: dict[str, Any]) -> None:
        if values["version"] != VERSION:
            raise InputError(f"{self.path}: was recorded by another version of reluviz; this one reads {VERSION}.")
        width, height = (min(16_384, max(64, int(values[name]))) for name in ("width", "height"))
        look = take_plain(Look(), values["look"], where)
        look = replace(look, window=self.hand.take(0.0, look.window))
        self.start = Start(bool(values["live"]), width, height, look)
        self._looks.append((0.0, look))

    def _look(self, at: float, changes: Any, where: str) -> None:
        """Take a change of the look; what pen and light did is kept beside, as looks with all of it would fill memory.

        A stroke of 600 points made 600 looks of 300 points.
        """
        old = self._looks[-1][1]
        if isinstance(changes, dict) and isinstance(changes.get("window"), dict):
            left = self.hand.take(at, changes["window"])
            changes = changes | {"window": {**old.window, **left}}
            if not left:
                changes.pop("window")
        look = take_plain(old, changes, where)
        if changes:
            self._looks.append((at, look))

    def _time(self, values: dict[str, Any]) -> float:
        """Return when something was; times never go back."""
        at = float(values["at"])
        if not 0.0 <= at <= 1e7:
            raise ValueError(f"time {at}")
        self._end = max(self._end, at)
        return self._end

    def _moment(self, values: dict[str, Any], arrays: Arrays) -> tuple[Snapshot, ...]:
        panes = values["panes"]
        if not 1 <= len(panes) <= MOST_PANES:
            raise ValueError(f"{len(panes)} panes")
        return tuple(self._snapshot(index, pane, arrays) for index, pane in enumerate(panes))

    def _snapshot(self, index: int, pane: dict[str, Any], arrays: Arrays) -> Snapshot:
        experiment = self._experiments[pane["experiment"]]
        outputs = int(pane["outputs"])
        if not 1 <= outputs <= 64:
            raise ValueError(f"{outputs} outputs")
        length = experiment.layout(outputs).length
        parameters = _array(arrays, f"{index}.parameters", np.float32, (length,))
        numbers = {name: math.nan if pane[name] is None else float(pane[name]) for name in _LOSSES}
        return Snapshot(
            run=int(pane["run"]),
            experiment=experiment,
            outputs=outputs,
            step=int(pane["step"]),
            epoch=float(pane["epoch"]),
            parameters=parameters,
            optimizer_state=np.zeros((0, length), np.float32),
            device=str(pane["device"])[:40],
            pane=index,
            flow=_flow(index, pane, arrays, experiment),
            **numbers,  # type: ignore[arg-type]
        )


def _flow(index: int, pane: dict[str, Any], arrays: Arrays, experiment: Experiment) -> Flow | None:
    if "points" not in pane:
        return None
    hidden, units = len(experiment.hidden), sum(experiment.hidden)
    layers = hidden + 1
    shapes: dict[str, tuple[Any, tuple[int, ...]]] = {
        name: (np.float64, (layers,)) for name in ("grad_norm", "weight_norm", "update_ratio", "signal_rms")
    }
    shapes |= {name: (np.float64, (hidden,)) for name in ("slope_mean", "dead_share", "saturated_share")}
    shapes |= {"unit_signal": (np.float64, (units,)), "unit_dead": (np.bool_, (units,))}
    shapes |= {"histogram": (np.int32, (hidden, BINS)), "histogram_range": (np.float64, (hidden, 2))}
    read = {name: _array(arrays, f"{index}.{name}", *shapes[name]) for name in _FLOW}
    return Flow(points=int(pane["points"]), **read)


def _array(arrays: Arrays, name: str, kind: Any, shape: tuple[int, ...]) -> NDArray[Any]:
    array = arrays[name]
    if array.dtype != kind or array.shape != shape:
        raise ValueError(f"{name} is {array.dtype} {array.shape}")
    return array


def _event(at: float, values: dict[str, Any]) -> Event:
    kind, x, y = str(values["kind"]), float(values.get("x", 0.0)), float(values.get("y", 0.0))
    if kind not in ("key", "press") or not (abs(x) <= 1e12 and abs(y) <= 1e12):
        raise ValueError(f"event {kind[:20]}")
    return Event(at, kind, str(values.get("text", ""))[:40], str(values.get("place", ""))[:200], x, y)


def _curves(values: dict[str, Any], arrays: Arrays) -> dict[str, Curve]:
    curves = {}
    for name, described in values["curves"].items():
        names, spacing = tuple(map(str, described["names"])), int(described["spacing"])
        steps, table = arrays[f"{name}.steps"], arrays[f"{name}.values"]
        if steps.dtype != np.int64 or table.dtype != np.float64 or table.shape != (len(steps), len(names)):
            raise ValueError(f"curve {name}")
        curves[name] = Curve(names, steps, table, max(1, spacing))
    return curves
