"""Timeline: every moment of training that a memory budget has room for, in lines that branch from each other."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from reluviz.core.experiment import Experiment
from reluviz.core.flow import Flow
from reluviz.core.snapshot import Snapshot
from reluviz.studio.line import Line, Mark, Moment, size_of, step_of

BUDGET = 256_000_000
MOST_LINES = 12
"""Lines kept beside the one that is trained on; a slider of widths begins a line with every move."""
ROOM_LEFT = 0.75  # Of the budget, after thinning: moments come one by one, and thinning looks at all of them.
LEFT_SHARE = 0.25  # Of the budget, what lines that were left may keep once it is full.
EXPERIMENT_BYTES, POINT_BYTES = 3000, 200
"""What an experiment takes, and each point edited by hand, measured with tracemalloc."""


@dataclass(frozen=True, eq=False)
class Timeline:
    """The moments of the line that is trained on, and the lines that were left for it.

    A moment is one Snapshot per pane. `line` is the one trained on, `others` those left, the one left first coming
    first. `nbytes` counts the arrays of all lines, each shared one once, with what Python takes besides; where it
    exceeds `budget`, lines left are thinned, oldest first, then this one, evenly over the steps: the spacing doubles
    until enough room is left. First and newest moments and marks stay; lines left without a mark go when nothing else
    helps.
    """

    budget: int = BUDGET
    line: Line = field(default_factory=Line)
    others: tuple[Line, ...] = ()
    nbytes: int = 0
    _limit: int = 0

    def __len__(self) -> int:
        return len(self.line)

    def __getitem__(self, index: int) -> Moment:
        """Return a moment. Raises IndexError.

        The snapshots are fresh ones over the same arrays: what is computed of one and kept with it (its network, twice
        the size of its weights) does not stay in memory with the timeline.
        """
        return tuple(map(replace, self.line[index]))

    def __iter__(self) -> Iterator[Moment]:
        return (self[index] for index in range(len(self)))

    @property
    def steps(self) -> NDArray[np.int64]:
        """The step of each moment (n,), increasing."""
        return self.line.steps

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The marks of the line that is trained on, by step."""
        return self.line.marks

    def index_at(self, step: float) -> int:
        """Return the newest moment at or before `step`, the first where none is. Raises IndexError where empty."""
        return self.line.index_at(step)

    def flow_at(self, index: int, pane: int = 0) -> Flow | None:
        """Return the gradient flow known at a moment: its own, or the newest one before it."""
        for place in range(index, max(-1, index - 64), -1):
            moment = self.line[place]
            if pane >= len(moment):
                return None
            if moment[pane].flow is not None:
                return moment[pane].flow
        return None

    def add(self, moment: Moment) -> "Timeline":
        """Return the timeline with `moment` as the newest; one at the newest step takes its place.

        Raises ValueError for a step before the newest one; that needs `begin` or `branch`.
        """
        stored = _stored(moment, self.line.tip)
        line = self.line.add(stored)
        taken = size_of(stored) + _new_experiments(stored, self.line.tip)
        if self.line.tip is not None and len(line) == len(self.line):
            taken -= size_of(self.line.tip)
        return replace(self, line=line, nbytes=self.nbytes + taken)._fitted()

    def begin(self, moment: Moment) -> "Timeline":
        """Leave the line and begin another one with `moment`."""
        line = Line(self._next_number()).add(_stored(moment, None))
        return self._changed(line, self._left(self.line))

    def branch(self, number: int, index: int, moment: Moment, pane: int = 0) -> "Timeline":
        """Leave the line, and begin another one with `moment` after those before `index` of the line `number`.

        Where `moment` is of one pane and those before it of several, these show `pane` alone. Raises KeyError where
        there is no such line.
        """
        origin = self.find_line(number)
        prefix = origin.until(index)
        if any(len(one) != len(moment) for one in prefix):
            prefix = _with_pane(prefix, pane) if len(moment) == 1 else Line()
        step = int(origin.steps[index]) if index < len(origin) else int(origin.steps[-1])
        here = tuple(mark for mark in origin.marks if mark.step == step_of(moment))
        marks = (*prefix.marks, *here)
        prefix = replace(prefix, number=self._next_number(), origin=number, forked_at=step, marks=marks)
        line = prefix.add(_stored(moment, prefix.tip))
        return self._changed(line, self._left(self.line))

    def switch(self, number: int) -> "Timeline":
        """Leave the line and go on with the line `number`. Raises KeyError where there is none."""
        if number == self.line.number:
            return self
        line = self.find_line(number)
        others = tuple(other for other in self._left(self.line) if other.number != number)
        return self._changed(line, others)

    def drop(self, number: int) -> "Timeline":
        """Forget a line that was left."""
        return self._changed(self.line, tuple(other for other in self.others if other.number != number))

    def find_line(self, number: int) -> Line:
        """Return a line by its number. Raises KeyError where there is none."""
        for line in (self.line, *self.others):
            if line.number == number:
                return line
        raise KeyError(number)

    def find(self, snapshot: Snapshot) -> tuple[int, int, int] | None:
        """Return line, index and pane of the moment with these very weights, the line trained on first."""
        for line in (self.line, *reversed(self.others)):
            if len(line):
                index = line.index_at(snapshot.step)
                for pane, one in enumerate(line[index]):
                    if one.parameters is snapshot.parameters:
                        return line.number, index, pane
        return None

    def mark(self, index: int, name: str) -> "Timeline":
        """Return the timeline with the moment at `index` of the line marked. Raises IndexError where there is none."""
        return replace(self, line=self.line.marked(index, name))

    def unmark(self, step: int) -> "Timeline":
        """Return the timeline without the mark at `step`."""
        return replace(self, line=self.line.unmarked(step))

    def adopt(self, line: Line) -> "Timeline":
        """Leave the line, and go on with one that comes from elsewhere, under a number of its own."""
        return self._changed(replace(line, number=self._next_number(), origin=0, forked_at=0), self._left(self.line))

    def after(self, past: Line) -> "Timeline":
        """Return the timeline with the moments of `past` that come before the first of this line put before it."""
        if not len(self.line):
            return self
        joined = past.until(int(np.searchsorted(past.steps, self.line.steps[0])))
        joined = replace(joined, marks=(*joined.marks, *self.line.marks), spacing=max(past.spacing, self.line.spacing))
        for moment in self.line:
            joined = joined.add(_stored(moment, joined.tip))
        own = self.line
        return self._changed(
            replace(joined, number=own.number, origin=own.origin, forked_at=own.forked_at), self.others
        )

    def map(self, change: Callable[[Snapshot], Snapshot]) -> "Timeline":
        """Return the timeline of this line alone, with each of its snapshots changed."""
        result = Timeline(self.budget, Line(marks=self.line.marks))
        for moment in self.line:
            result = result.add(tuple(map(change, moment)))
        return replace(result, line=replace(result.line, spacing=max(result.line.spacing, self.line.spacing)))

    def within(self, budget: int) -> "Timeline":
        """Return the line trained on alone, thinned evenly to `budget` bytes: what is written to a file."""
        line = self.line.thinned_to(budget)
        return Timeline(self.budget, line, (), _count(line))

    def _next_number(self) -> int:
        return 1 + max(line.number for line in (self.line, *self.others))

    def _left(self, line: Line) -> tuple[Line, ...]:
        """Return the lines left, with `line` as the newest; one of a single moment without a mark is worth nothing."""
        others = tuple(other for other in self.others if other.number != line.number)
        if len(line) > 1 or line.marks:
            others = (*others, line)
        while len(others) > MOST_LINES:
            # Those without marks first; among these, what was hardly trained at all before what is old.
            worth = [(bool(other.marks), len(other) >= 30) for other in others]
            index = worth.index(min(worth))
            others = (*others[:index], *others[index + 1 :])
        return others

    def _changed(self, line: Line, others: tuple[Line, ...]) -> "Timeline":
        return replace(self, line=line, others=others, nbytes=_count(line, *others), _limit=0)._fitted()

    def _fitted(self) -> "Timeline":
        """Return the timeline within its budget, thinned where it was not."""
        if self.nbytes <= max(self.budget, self._limit):
            return self
        others = self._fewer_left(ROOM_LEFT * self.budget)
        beside = _count(self.line, *others) - _count(self.line) if others else 0
        line = self.line.thinned_to(ROOM_LEFT * self.budget - beside)
        taken = _count(line, *others)
        # Where marks or lone giants leave no room, the next look comes when a quarter more is there.
        return replace(self, line=line, others=tuple(others), nbytes=taken, _limit=round(1.25 * taken))

    def _fewer_left(self, room: float) -> list[Line]:
        """Return the lines that were left, thinned, oldest first, until all lines take at most `room` bytes.

        They need not become smaller than LEFT_SHARE of the budget together; where thinning does not do it, those
        without a mark go.
        """
        others = list(self.others)
        most = LEFT_SHARE * self.budget
        for index in range(len(others)):
            if _count(self.line, *others) <= room:
                return others
            others[index] = others[index].thinned_to(most / len(others))
        while _count(*others) > most and _count(self.line, *others) > room:
            unmarked = [other for other in others if not other.marks]
            if not unmarked:
                break
            others.remove(unmarked[0])
        return others


def _with_pane(line: Line, pane: int) -> Line:
    """Return the line with one pane of each moment."""
    alone = Line(line.number, line.spacing, line.marks)
    for moment in line:
        if pane < len(moment):
            alone = alone.add((moment[pane],))
    return alone


def _stored(moment: Moment, before: Moment | None) -> Moment:
    """Return a moment without what was computed of its snapshots; equal experiments are one object."""
    known: list[Experiment] = [snapshot.experiment for snapshot in before] if before else []
    stored = []
    for index, snapshot in enumerate(moment):
        experiment = snapshot.experiment
        if index < len(known) and known[index] == experiment:
            experiment = known[index]
        stored.append(replace(snapshot, experiment=experiment))
    return tuple(stored)


def _count(*lines: Line) -> int:
    """Return the bytes that lines take together; moments and experiments that they share count once."""
    experiments = {id(one.experiment): one.experiment for line in lines for moment in line for one in moment}
    beside = sum(map(_experiment_size, experiments.values()))
    if len(lines) == 1:
        return lines[0].nbytes + beside
    sizes: dict[int, int] = {}
    for line in sorted(lines, key=_pane_count):  # A moment of fewer panes may be part of one with more.
        sizes.update((id(moment[0]), size) for moment, size in line.sizes())
    return sum(sizes.values()) + beside


def _pane_count(line: Line) -> int:
    return len(line.tip or ())


def _new_experiments(moment: Moment, before: Moment | None) -> int:
    """Return the bytes of the experiments that a stored moment does not share with the one before it."""
    known = {id(snapshot.experiment) for snapshot in before or ()}
    new = {id(snapshot.experiment): snapshot.experiment for snapshot in moment}
    return sum(_experiment_size(experiment) for name, experiment in new.items() if name not in known)


def _experiment_size(experiment: Experiment) -> int:
    edits = experiment.point_edits
    return EXPERIMENT_BYTES + POINT_BYTES * (len(edits.added) + len(edits.moved) + len(edits.erased))
