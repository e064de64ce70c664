"""Held: which of the network's numbers are under the hand, while all others go on training."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reluviz.core.edit_weights import with_numbers
from reluviz.core.snapshot import Snapshot


@dataclass(frozen=True, eq=False)
class Held:
    """What the hand changed in one stroke: its first run, and the places (N,) of the numbers in the flat vector."""

    stroke: int
    run: int
    places: NDArray[np.intp]


def hold(held: Held | None, stroke: int, run: int, before: Snapshot, after: Snapshot) -> Held | None:
    """Return what is held once `run` begins with the numbers of `after`; None between two strokes."""
    if not stroke:
        return None
    places = np.flatnonzero(before.parameters != after.parameters)
    if held is None or held.stroke != stroke:
        return Held(stroke, run, places)
    return replace(held, places=np.union1d(held.places, places))


def train_beside(now: Snapshot, trained: Snapshot, held: Held) -> Snapshot:
    """Return what was trained since an earlier edit of the stroke, with the numbers that are held as they are now.

    What was measured of `trained` is not of these numbers; it becomes nan.
    """
    parameters = trained.parameters.copy()
    parameters[held.places] = now.parameters[held.places]
    return replace(with_numbers(trained, parameters), run=now.run)
