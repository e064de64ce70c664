"""Line: the moments of one line of training, kept evenly over its steps."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from reluviz.core.flow import Flow
from reluviz.core.snapshot import Snapshot

Moment = tuple[Snapshot, ...]
SNAPSHOT_BYTES, FLOW_BYTES, ARRAY_BYTES = 900, 500, 130
"""What Python and numpy take besides the numbers, measured with tracemalloc."""
_FLOW_ARRAYS = tuple(f.name for f in fields(Flow) if f.name != "points")


@dataclass(frozen=True)
class Mark:
    """A moment that a person named; it is kept whatever becomes of its neighbours."""

    step: int
    name: str


class _Shelf:
    """Moments in order of their steps. It grows at its end only; each line that shares it sees its first so many.

    A line is one value per snapshot, 60 a second: copying 10,000 references for each took 20 us, this takes 1.
    """

    def __init__(self, moments: list[Moment], numbers: NDArray[np.int64]) -> None:
        self.moments = moments
        self.numbers = np.zeros((2, max(64, 2 * len(moments))), np.int64)  # Step and bytes of each moment.
        self.numbers[:, : len(moments)] = numbers

    def append(self, moment: Moment, step: int) -> None:
        count = len(self.moments)
        if count == self.numbers.shape[1]:
            self.numbers = np.concatenate([self.numbers, np.zeros_like(self.numbers)], axis=1)
        self.numbers[:, count] = step, size_of(moment)
        self.moments.append(moment)


@dataclass(frozen=True, eq=False)
class Line:
    """Moments at increasing steps, pane 0 first in each; a value, which `add` extends at the price of one reference.

    `spacing` is the least distance in steps between two that are kept; the first, the newest and those in `marks` are
    there whatever their distance. `number` tells lines of one timeline apart. `origin` is the line that this one left
    at the step `forked_at`, 0 for none.
    """

    number: int = 1
    spacing: int = 1
    marks: tuple[Mark, ...] = ()
    origin: int = 0
    forked_at: int = 0
    _shelf: _Shelf = field(default_factory=lambda: _Shelf([], np.zeros((2, 0), np.int64)), repr=False)
    _count: int = 0
    _tip: Moment | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return self._count + (self._tip is not None)

    def __getitem__(self, index: int) -> Moment:
        place = index + len(self) if index < 0 else index
        if place == self._count and self._tip is not None:
            return self._tip
        if not 0 <= place < self._count:
            raise IndexError(f"moment {index} of {len(self)}")
        return self._shelf.moments[place]

    def __iter__(self) -> Iterator[Moment]:
        yield from self._shelf.moments[: self._count]
        if self._tip is not None:
            yield self._tip

    @property
    def tip(self) -> Moment | None:
        """The newest moment, None where there is none."""
        return self[-1] if len(self) else None

    @cached_property
    def steps(self) -> NDArray[np.int64]:
        """The step of each moment (n,), increasing, read-only."""
        steps = self._shelf.numbers[0, : self._count]
        steps = steps.copy() if self._tip is None else np.append(steps, step_of(self._tip))
        steps.setflags(write=False)
        return steps

    @cached_property
    def losses(self) -> NDArray[np.float64]:
        """The first pane's loss on training and on test points (n, 2), nan where unknown; read-only."""
        table = np.array([(moment[0].train_loss, moment[0].test_loss) for moment in self]).reshape(-1, 2)
        table.setflags(write=False)
        return table

    def add(self, moment: Moment) -> "Line":
        """Return the line with `moment` as its newest; one at the newest step takes its place.

        The newest so far gives way where it stands closer than `spacing` to the one before it.
        Raises ValueError for a step before the newest: a line does not go back.
        """
        if self._tip is None:
            if self._count and step_of(moment) <= self._last_step:
                raise ValueError(f"step {step_of(moment)} comes after step {self._last_step}")
            return replace(self, _tip=moment)
        step, newest = step_of(moment), step_of(self._tip)
        if step < newest:
            raise ValueError(f"step {step} comes after step {newest}")
        if step == newest or not self._keeps(newest):
            return replace(self, _tip=moment)
        return replace(self._settled(), _tip=moment)

    def until(self, index: int) -> "Line":
        """Return the moments before `index`, with the marks among them."""
        settled = self if index <= self._count else self._settled()
        kept = replace(settled, _count=index, _tip=None)
        known = set(kept.steps.tolist())
        return replace(kept, marks=tuple(mark for mark in self.marks if mark.step in known))

    def thinned(self, spacing: int) -> "Line":
        """Return the line with moments at least `spacing` steps apart, but for first, newest and marks."""
        return self._with_places(self._apart(spacing), spacing)

    def _with_places(self, kept: list[int], spacing: int) -> "Line":
        shelf = _Shelf([self._shelf.moments[place] for place in kept], self._shelf.numbers[:, kept])
        return replace(self, spacing=spacing, _shelf=shelf, _count=len(kept))

    def thinned_to(self, room: float) -> "Line":
        """Return the line with its spacing doubled until it takes at most `room` bytes, or nothing more can go."""
        if self.nbytes <= room or self._count < 2:
            return self
        newest = size_of(self._tip) if self._tip is not None else 0
        steps, sizes = self._shelf.numbers[:, : self._count]
        spacing = max(self.spacing, int(np.diff(steps).min()))
        kept = self._apart(spacing)
        while spacing <= steps[-1] - steps[0]:
            spacing *= 2
            kept = self._apart(spacing)
            if newest + int(sizes[kept].sum()) <= room:
                break
        return self._with_places(kept, spacing)

    def marked(self, index: int, name: str) -> "Line":
        """Return the line with the moment at `index` marked; a mark that is there takes the new name."""
        step = int(self.steps[index])
        others = tuple(mark for mark in self.marks if mark.step != step)
        return replace(self, marks=tuple(sorted((*others, Mark(step, name)), key=lambda mark: mark.step)))

    def unmarked(self, step: int) -> "Line":
        """Return the line without the mark at `step`."""
        return replace(self, marks=tuple(mark for mark in self.marks if mark.step != step))

    def index_at(self, step: float) -> int:
        """Return the newest moment at or before `step`, the first where none is. Raises IndexError where empty."""
        if not len(self):
            raise IndexError("a line without moments")
        return max(0, int(np.searchsorted(self.steps, step, side="right")) - 1)

    @cached_property
    def nbytes(self) -> int:
        """What the moments take in bytes, without their experiments."""
        kept = int(self._shelf.numbers[1, : self._count].sum())
        return kept + (size_of(self._tip) if self._tip is not None else 0)

    def sizes(self) -> Iterator[tuple[Moment, int]]:
        """Yield each moment and its bytes."""
        yield from zip(self._shelf.moments[: self._count], self._shelf.numbers[1, : self._count].tolist(), strict=True)
        if self._tip is not None:
            yield self._tip, size_of(self._tip)

    @property
    def _last_step(self) -> int:
        return int(self._shelf.numbers[0, self._count - 1])

    def _apart(self, spacing: int) -> list[int]:
        """Return the places of moments on the shelf at least `spacing` steps apart, of the first and of marks."""
        steps = self._shelf.numbers[0, : self._count].tolist()
        chosen, place = [], 0
        while place < len(steps):
            chosen.append(place)
            place = bisect_left(steps, steps[place] + spacing, place + 1, min(len(steps), place + 1 + spacing))
        marked = {mark.step for mark in self.marks}
        if marked:
            places = (place for place, step in enumerate(steps) if step in marked)
            return sorted({*chosen, *places})
        return chosen

    def _keeps(self, step: int) -> bool:
        if not self._count or step - self._last_step >= self.spacing:
            return True
        return any(mark.step == step for mark in self.marks)

    def _settled(self) -> "Line":
        """Return the line with its newest moment on the shelf."""
        if self._tip is None:
            return self
        shelf, step = self._shelf, step_of(self._tip)
        if len(shelf.moments) != self._count:  # Another line grew on it.
            shelf = _Shelf(shelf.moments[: self._count], shelf.numbers[:, : self._count])
        shelf.append(self._tip, step)
        return replace(self, _shelf=shelf, _count=self._count + 1, _tip=None)


def step_of(moment: Moment) -> int:
    """Return a moment's step; of several panes, one may rest at an earlier one."""
    return max(snapshot.step for snapshot in moment)


def size_of(moment: Moment) -> int:
    """Return the bytes that a moment takes without its experiments, which it shares with its neighbours."""
    return sum(map(_snapshot_size, moment))


def _snapshot_size(snapshot: Snapshot) -> int:
    size = SNAPSHOT_BYTES + snapshot.parameters.nbytes + snapshot.optimizer_state.nbytes + 2 * ARRAY_BYTES
    if snapshot.flow is not None:
        arrays = sum(getattr(snapshot.flow, name).nbytes for name in _FLOW_ARRAYS)
        size += FLOW_BYTES + arrays + ARRAY_BYTES * len(_FLOW_ARRAYS)
    return size
