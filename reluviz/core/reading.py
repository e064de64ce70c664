"""Reading: what a network's outputs mean, class scores or values."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from reluviz.core.dataset import Dataset
    from reluviz.core.experiment import Experiment


@dataclass(frozen=True)
class Reading:
    """What the outputs mean: class scores, or values.

    softness is the margin between two scores at which a class is likely rather than sure; colours end at a margin of
    `reach`. low and high are the values at the two ends of the colour scale.
    """

    is_classes: bool = True
    softness: float = 2.0
    low: float = -1.0
    high: float = 1.0

    @property
    def reach(self) -> float:
        """The margin beyond which a class's colour no longer changes."""
        return MARGIN_REACH * self.softness


MARGIN_REACH = 40.0
"""In softnesses: trained networks are sure by far, and the shading should still show how far."""


def value_scale(dataset: "Dataset") -> tuple[float, float] | None:
    """Return the lowest and highest target of data with values, or None for classes."""
    if dataset.is_classes or len(dataset.targets) == 0:
        return None
    low, high = float(np.min(dataset.targets)), float(np.max(dataset.targets))
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def read_outputs(experiment: "Experiment", scale: tuple[float, float] | None) -> Reading:
    """Return what an experiment's outputs mean; `scale` as from `value_scale`."""
    from reluviz.core.experiment import DATASETS_OF_VALUES

    if scale is not None:
        return Reading(False, low=scale[0], high=scale[1])
    if experiment.dataset in DATASETS_OF_VALUES:
        return Reading(False)
    # tanh(margin / 2) = 2 sigmoid(margin) - 1: how sure a logistic output is. Other losses aim at margins near 1.
    return Reading(True, softness=2.0 if experiment.loss in ("auto", "logistic", "softmax") else 0.7)
