"""Dataset: the points an experiment trains and tests on."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Dataset:
    """Points in the square [-1, 1]^2 (a little beyond where noise strays) with labels or values; read-only arrays.

    points (N, 2) float64. targets: labels (N,) int64 in 0..len(classes)-1, or values (N, K) float64. is_train
    (N,) bool. classes are the labels' names, empty for values. Points of a file are moved into the square by
    (x - center) / scale, which the axes undo, and values by (v - value_center) / value_scale; `note` says in a
    sentence what was done to the input, if anything. `base` is the data set as it came, where a hand edited it.
    """

    points: NDArray[np.float64]
    targets: NDArray[Any]
    is_train: NDArray[np.bool_]
    classes: tuple[str, ...] = ()
    center: tuple[float, float] = (0.0, 0.0)
    scale: tuple[float, float] = (1.0, 1.0)
    value_center: float = 0.0
    value_scale: float = 1.0
    note: str = ""
    base: "Dataset | None" = None

    @classmethod
    def create(
        cls,
        points: NDArray[np.float64],
        targets: NDArray[Any],
        is_train: NDArray[np.bool_],
        classes: tuple[str, ...] = (),
        **more: Any,
    ) -> "Dataset":
        """Build a dataset from arrays nobody else writes to: they are made read-only, not copied."""
        for array in (points, targets, is_train):
            array.setflags(write=False)
        return cls(points, targets, is_train, classes, **more)

    @property
    def is_classes(self) -> bool:
        """Whether the targets are class labels."""
        return bool(self.classes)

    @property
    def target_width(self) -> int:
        """The number of classes, or of values per point."""
        return len(self.classes) if self.classes else self.targets.shape[1]

    @property
    def train_count(self) -> int:
        """The number of training points."""
        return int(self.is_train.sum())


def split(labels: NDArray[np.int64], train_share: float, order: NDArray[np.int64] | None = None) -> NDArray[np.bool_]:
    """Return which points (N,) to train on: of each label's n points the share, rounded up, evenly over their order.

    order (N,) is the sequence in which points are dealt out, their own if absent. Where labels follow one another
    in turn, more points keep the side that the others are on.
    """
    order = np.arange(len(labels), dtype=np.int64) if order is None else order
    # Ranks within each label, in dealing order: a stable sort brings labels together and keeps that order.
    sorted_ = order[np.argsort(labels[order], kind="stable")]
    _, first = np.unique(labels[sorted_], return_index=True)
    sizes = np.diff([*first, len(labels)])
    rank = np.arange(len(labels)) - np.repeat(first, sizes)
    result = np.zeros(len(labels), np.bool_)
    # 0.7 * 10 is a little above 7 in binary; the small number keeps rounding up from making 8 of it.
    result[sorted_] = np.ceil((rank + 1) * train_share - 1e-9) > np.ceil(rank * train_share - 1e-9)
    return result
