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
    (x - center) / scale, which the axes undo; `note` says in a sentence what was done to the input, if anything.
    """

    points: NDArray[np.float64]
    targets: NDArray[Any]
    is_train: NDArray[np.bool_]
    classes: tuple[str, ...] = ()
    center: tuple[float, float] = (0.0, 0.0)
    scale: tuple[float, float] = (1.0, 1.0)
    note: str = ""

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
