"""PointEdits: what a hand did to the data: points added, moved and erased, as part of an experiment.

Places are in the training square's units. Moved and erased points are named by their number in the data set as it
comes; added points have a class number or a value, and are trained on.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reluviz.core.dataset import Dataset
from reluviz.core.errors import InputError

FARTHEST = 100.0
"""No hand puts a point farther out, in half sides of the square."""
MOST_ADDED = 20_000
_FIELDS = {"added": 3, "moved": 3, "erased": 1}
_HELP = 'allowed is {"added": [[x, y, class or value], ...], "moved": [[number, x, y], ...], "erased": [number, ...]}'


@dataclass(frozen=True)
class PointEdits:
    """added (x, y, target), moved (number, x, y), erased numbers; numbers count the data set's own points from 0."""

    added: tuple[tuple[float, float, float], ...] = ()
    moved: tuple[tuple[int, float, float], ...] = ()
    erased: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.moved or self.erased)

    def to_plain(self) -> dict[str, Any]:
        """Return what JSON can hold, and `read_edits` reads."""
        plain = {"added": [list(row) for row in self.added], "moved": [list(row) for row in self.moved]}
        return {name: rows for name, rows in {**plain, "erased": list(self.erased)}.items() if rows}

    def for_other_points(self) -> "PointEdits":
        """Return what stays where the data set's own points become others: the added ones."""
        return replace(self, moved=(), erased=())


NO_EDITS = PointEdits()


def read_edits(name: str, value: Any) -> PointEdits:
    """Return edits from `to_plain`'s form, each point once. Raises `InputError` naming the field.

    A `PointEdits` is taken as it is: thousands of points are not looked at again with every other change.
    """
    if isinstance(value, PointEdits):
        return value
    if value is None:
        return NO_EDITS
    if not isinstance(value, Mapping) or not set(value) <= set(_FIELDS):
        raise InputError(f"{name}: it is no set of edits; {_HELP}.")
    rows = {kind: [_row(name, row, width) for row in _list(name, value, kind)] for kind, width in _FIELDS.items()}
    if len(rows["added"]) > MOST_ADDED:
        raise InputError(f"{name}: {len(rows['added']):,} points are added; allowed are {MOST_ADDED:,}.")
    erased = {int(_index(name, row[0])) for row in rows["erased"]}
    moved = {_index(name, row[0]): (_place(name, row[1]), _place(name, row[2])) for row in rows["moved"]}
    return PointEdits(
        tuple((_place(name, x), _place(name, y), _finite(name, target)) for x, y, target in rows["added"]),
        tuple((number, *place) for number, place in sorted(moved.items()) if number not in erased),
        tuple(sorted(erased)),
    )


def apply_edits(dataset: Dataset, edits: PointEdits) -> Dataset:
    """Return `dataset` as edited; what is left of its own points comes first, in order, then the added ones.

    Equal edits of one data set give the same object. Raises `InputError` for numbers or classes it does not have, and
    where no training point would be left.
    """
    return _edited(dataset, edits) if edits else dataset


@lru_cache(maxsize=4)
def _edited(dataset: Dataset, edits: PointEdits) -> Dataset:
    count = len(dataset.points)
    beyond = [number for number in (*edits.erased, *(row[0] for row in edits.moved)) if number >= count]
    if beyond:
        raise InputError(f"point_edits: there is no point {beyond[0]}; the data set has {count}, counted from 0.")
    points = dataset.points.copy()
    if edits.moved:
        points[[row[0] for row in edits.moved]] = [row[1:] for row in edits.moved]
    kept = np.ones(count, np.bool_)
    kept[list(edits.erased)] = False
    added = np.array(edits.added, dtype=np.float64).reshape(-1, 3)
    is_train = np.concatenate([dataset.is_train[kept], np.ones(len(added), np.bool_)])
    if not is_train.any():
        raise InputError("point_edits: no training point is left; leave at least one, or paint some first.")
    result = Dataset.create(
        np.concatenate([points[kept], added[:, :2]]),
        np.concatenate([dataset.targets[kept], _targets(dataset, added[:, 2])]),
        is_train,
        dataset.classes,
        center=dataset.center,
        scale=dataset.scale,
        value_center=dataset.value_center,
        value_scale=dataset.value_scale,
        note=dataset.note,
    )
    return replace(result, base=dataset)


def _targets(dataset: Dataset, values: NDArray[np.float64]) -> NDArray[Any]:
    if not dataset.is_classes:
        return np.repeat(values[:, None], dataset.target_width, axis=1)
    wrong = values[(values != np.floor(values)) | (values < 0) | (values >= len(dataset.classes))]
    if len(wrong):
        raise InputError(
            f"point_edits: {wrong[0]:g} is no class of this data set; allowed are 0 to {len(dataset.classes) - 1}."
        )
    return values.astype(np.int64)


# What a hand does, as pure functions. Numbers here count the points as they are seen, edited.


def add_points(edits: PointEdits, rows: Sequence[tuple[float, float, float]]) -> PointEdits:
    """Return `edits` with more points (x, y, target). Raises `InputError` beyond MOST_ADDED."""
    if len(edits.added) + len(rows) > MOST_ADDED:
        raise InputError(f"point_edits: no more than {MOST_ADDED:,} points can be added; erase some first.")
    return replace(edits, added=(*edits.added, *read_edits("point_edits", {"added": list(rows)}).added))


def move_point(edits: PointEdits, own_count: int, number: int, x: float, y: float) -> PointEdits:
    """Return `edits` with a seen point put elsewhere; own_count is how many points the data set itself has."""
    own = kept_numbers(edits, own_count)
    place = _place("point_edits", x), _place("point_edits", y)
    if number >= len(own):
        added = list(edits.added)
        added[number - len(own)] = (*place, added[number - len(own)][2])
        return replace(edits, added=tuple(added))
    moved = {row[0]: row for row in edits.moved} | {int(own[number]): (int(own[number]), *place)}
    return replace(edits, moved=tuple(row for _, row in sorted(moved.items())))


def erase_points(edits: PointEdits, own_count: int, numbers: Sequence[int]) -> PointEdits:
    """Return `edits` with seen points taken away."""
    own = kept_numbers(edits, own_count)
    gone = set(numbers)
    erased = {*edits.erased, *(int(own[number]) for number in gone if number < len(own))}
    return PointEdits(
        tuple(row for index, row in enumerate(edits.added) if index + len(own) not in gone),
        tuple(row for row in edits.moved if row[0] not in erased),
        tuple(sorted(erased)),
    )


def kept_numbers(edits: PointEdits, own_count: int) -> NDArray[np.int64]:
    """Return the data set's own numbers of the points that are seen first."""
    return np.delete(np.arange(own_count), list(edits.erased))


def _list(name: str, value: Mapping[str, Any], kind: str) -> list[Any]:
    items = value.get(kind, ())
    if isinstance(items, str | Mapping) or not isinstance(items, Sequence):
        raise InputError(f"{name}: {kind} is not a list; {_HELP}.")
    return list(items)


def _row(name: str, row: Any, width: int) -> list[Any]:
    items = list(row) if isinstance(row, list | tuple) else [row]
    if len(items) != width:
        raise InputError(f"{name}: {row!r} has {len(items)} entries where {width} are needed; {_HELP}.")
    return items


def _finite(name: str, value: Any) -> float:
    good = isinstance(value, int | float) and not isinstance(value, bool)
    if not good or not abs(value) <= 1e6 or not math.isfinite(value):
        raise InputError(f"{name}: {value!r} cannot be used; allowed are numbers up to a million.")
    return float(value)


def _place(name: str, value: Any) -> float:
    number = _finite(name, value)
    if abs(number) > FARTHEST:
        raise InputError(f"{name}: {number:g} is too far out; allowed is {-FARTHEST:g} to {FARTHEST:g}.")
    return number


def _index(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise InputError(f"{name}: {value!r} is no point; allowed are whole numbers, counted from 0.")
    return value
