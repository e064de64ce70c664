"""Curves: what was measured over the steps of a run, kept small however long training goes on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

CAPACITY = 4096
Number = TypeVar("Number", np.int64, np.float64)


@dataclass(frozen=True, eq=False)
class Curve:
    """Values at increasing steps; read-only arrays steps (N,) int64 and values (N, K) float64, nan where unknown.

    Beyond CAPACITY entries, the curve is thinned to evenly spaced steps; `spacing` is the least distance in steps
    between kept entries. The newest entry is always there. Copying the arrays on every `add` costs 30 us at most.
    """

    names: tuple[str, ...]
    steps: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    values: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 0)))
    spacing: int = 1

    def __len__(self) -> int:
        return len(self.steps)

    def add(self, step: int, values: Sequence[float]) -> "Curve":
        """Return the curve with `values` (K,) at `step`; entries at `step` and after it are dropped first."""
        kept = self.before(step)
        count = len(kept)
        # The newest entry gives way while it is closer to the one before it than the spacing.
        if count >= 2 and kept.steps[-1] - kept.steps[-2] < kept.spacing:
            count -= 1
        row = np.asarray(values, dtype=np.float64).reshape(1, len(self.names))
        steps = np.append(kept.steps[:count], np.int64(step))
        table = np.concatenate([kept.values[:count].reshape(count, len(self.names)), row])
        return replace(kept, steps=_frozen(steps), values=_frozen(table))._thinned()

    def with_values(self, steps: NDArray[np.int64], values: NDArray[np.float64]) -> "Curve":
        """Return a curve of the same names with `values` (N, K) at increasing `steps` (N,)."""
        table = np.array(values, np.float64).reshape(len(steps), len(self.names))
        return replace(self, steps=_frozen(np.array(steps, np.int64)), values=_frozen(table))._thinned()

    def before(self, step: int) -> "Curve":
        """Return the entries before `step`."""
        count = int(np.searchsorted(self.steps, step, side="left"))
        return self if count == len(self) else replace(self, steps=self.steps[:count], values=self.values[:count])

    def column(self, name: str) -> NDArray[np.float64]:
        """Return one named column (N,)."""
        return self.values[:, self.names.index(name)] if len(self) else np.zeros(0)

    def after(self, past: "Curve") -> "Curve":
        """Return these entries, and those of `past` that come before the first of them."""
        past = past.before(int(self.steps[0])) if len(self) else past
        tables = [part.values.reshape(len(part), len(self.names)) for part in (past, self)]
        steps = np.concatenate([past.steps, self.steps])
        return replace(self, spacing=max(past.spacing, self.spacing)).with_values(steps, np.concatenate(tables))

    def _thinned(self) -> "Curve":
        if len(self) <= CAPACITY:
            return self
        span = int(self.steps[-1] - self.steps[0])
        spacing = max(2 * self.spacing, -(-2 * span // CAPACITY))
        bucket = (self.steps - self.steps[0]) // spacing
        keep = np.append(np.flatnonzero(np.diff(bucket, prepend=-1)), len(self) - 1)
        keep = np.unique(keep)
        return replace(
            self, steps=_frozen(self.steps[keep]), values=_frozen(self.values[keep]), spacing=spacing
        )._thinned()


@dataclass(frozen=True, eq=False)
class Curves:
    """What the window plots over time.

    `learning` by snapshot: losses and accuracies. `regions` and `linear` by picture: how many activation regions and
    linear regions were in view; linear ones are counted less often, because merging needs the neighbours. `stand_in`:
    how many regions the stand-in of a smooth network had.
    """

    learning: Curve = Curve(("train_loss", "test_loss", "train_accuracy", "test_accuracy"))
    regions: Curve = Curve(("regions",))
    linear: Curve = Curve(("linear",))
    stand_in: Curve = Curve(("regions",))

    def count(self, step: int, regions: int, of_stand_in: bool) -> "Curves":
        """Return the curves with a number of regions at `step`, the network's own or those of its stand-in."""
        if of_stand_in:
            return replace(self, stand_in=self.stand_in.add(step, (regions,)))
        return replace(self, regions=self.regions.add(step, (regions,)))

    def before(self, step: int) -> "Curves":
        """Return all curves with the entries before `step` only."""
        return self._each(lambda curve, _: curve.before(step), self)

    def after(self, past: "Curves") -> "Curves":
        """Return these curves after those of `past`."""
        return self._each(Curve.after, past)

    def _each(self, change: Callable[[Curve, Curve], Curve], other: "Curves") -> "Curves":
        names = [field.name for field in fields(self)]
        return Curves(**{name: change(getattr(self, name), getattr(other, name)) for name in names})


def _frozen(array: NDArray[Number]) -> NDArray[Number]:
    array.setflags(write=False)
    return array
