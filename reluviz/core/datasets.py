"""load_dataset: the points an experiment asks for, built in or from a file."""

import difflib
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reluviz.core.bitmap import Bitmap, is_bitmap, read_bitmap
from reluviz.core.dataset import Dataset, split
from reluviz.core.errors import InputError
from reluviz.core.experiment import Experiment
from reluviz.core.point_edits import apply_edits
from reluviz.core.shapes import SHAPES, draw_shape
from reluviz.core.table import Table, read_table

Stamp = tuple[int, int]


def load_dataset(experiment: Experiment) -> Dataset:
    """Return the experiment's points; equal inputs (and an unchanged file) return the same object.

    Of a CSV file every row is a point as it stands: `points` and `noise` say nothing there. Of an image, `points`
    pixels are drawn. The experiment's own edits are made. Raises `InputError` for a bad file or edits that do not fit.
    """
    return apply_edits(_load(experiment), experiment.point_edits)


def _load(e: Experiment) -> Dataset:
    """Return the points as they come."""
    if e.dataset in SHAPES:
        return _drawn(e.dataset, e.points, e.noise, e.train_share, e.data_seed)
    path = Path(e.dataset).expanduser()
    stamp = _stamp(path, e.dataset)
    if is_bitmap(path):
        return _pixels(path, stamp, e.points, e.noise, e.train_share, e.data_seed)
    return _rows(path, stamp, e.train_share, e.data_seed)


def _stamp(path: Path, name: str) -> Stamp:
    try:
        status = path.stat()
    except (OSError, ValueError):
        if "." not in name and "/" not in name and "\\" not in name:
            close = difflib.get_close_matches(name, SHAPES, 1)
            hint = f"did you mean {close[0]}?" if close else f"allowed are {', '.join(SHAPES)}, or a path."
            raise InputError(f"dataset: {name!r} is unknown; {hint}") from None
        raise InputError(f"{path}: there is no such file; allowed are a CSV file and an image.") from None
    return status.st_mtime_ns, status.st_size


@lru_cache(maxsize=16)
def _drawn(name: str, points: int, noise: float, train_share: float, seed: int) -> Dataset:
    return draw_shape(SHAPES[name], points, noise, train_share, seed)


@lru_cache(maxsize=2)
def _table(path: Path, stamp: Stamp) -> Table:
    return read_table(path)


@lru_cache(maxsize=2)
def _bitmap(path: Path, stamp: Stamp) -> Bitmap:
    return read_bitmap(path)


@lru_cache(maxsize=4)
def _rows(path: Path, stamp: Stamp, train_share: float, seed: int) -> Dataset:
    table = _table(path, stamp)
    center, scale = _square(table.points)
    points = (table.points - center) / scale
    notes = [table.note]
    targets, value_center, value_scale = table.targets, 0.0, 1.0
    if not table.classes:
        targets, value_center, value_scale = _unit(table.targets)
        if value_scale != 1.0:
            notes.append(f"Values are shown and learned as (value - {value_center:g}) / {value_scale:g}.")
    labels = table.targets if table.classes else np.zeros(len(points), np.int64)
    order = np.random.default_rng([seed, 5]).permutation(len(points))
    return Dataset.create(
        points,
        targets.copy(),
        split(labels, train_share, order),
        table.classes,
        center=(float(center[0]), float(center[1])),
        scale=(float(scale[0]), float(scale[1])),
        value_center=value_center,
        value_scale=value_scale,
        note=" ".join(note for note in notes if note),
    )


def _square(points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (center, scale) that bring points into [-1, 1]^2; (0, 1) for points that already fill it."""
    if 0.5 <= np.abs(points).max() <= 1.25:
        return np.zeros(2), np.ones(2)
    low, high = points.min(axis=0), points.max(axis=0)
    # Halves first: the sum of two huge numbers would overflow. A constant column stays in the middle.
    center, scale = low / 2 + high / 2, high / 2 - low / 2
    return center, np.where(scale > 0, scale, 1.0)


def _unit(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], float, float]:
    """Return values brought into [-1, 1], with center and scale; values about that size stay as they are."""
    if 0.1 <= np.abs(values).max() <= 2.0:
        return values, 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    center, scale = low / 2 + high / 2, high / 2 - low / 2 or 1.0
    return (values - center) / scale, center, scale


@lru_cache(maxsize=4)
def _pixels(path: Path, stamp: Stamp, points: int, noise: float, train_share: float, seed: int) -> Dataset:
    """Draw pixels of an image: their centres, the longer side being [-1, 1], and their values with noise."""
    values = _bitmap(path, stamp).values
    height, width, channels = values.shape
    u = np.random.default_rng([seed, 2]).random((points, 2))
    row, column = (u[:, 1] * height).astype(np.int64), (u[:, 0] * width).astype(np.int64)
    half = max(width, height) / 2
    xy = np.stack([(column + 0.5 - width / 2) / half, (height / 2 - row - 0.5) / half], axis=1)
    stray = noise / 2 * np.random.default_rng([seed, 4]).standard_normal((points, channels))
    return Dataset.create(xy, values[row, column] + stray, split(np.zeros(points, np.int64), train_share))
