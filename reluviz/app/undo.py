"""History: what can be undone and done again, as a pure data structure of moments to go back to."""

from dataclasses import dataclass, replace

from reluviz.core.dataset import Dataset
from reluviz.core.experiment import Experiment
from reluviz.core.snapshot import Snapshot

DEPTH = 200
PAUSE = 0.8
"""Seconds without a change after which the next change of the same thing is a step of its own."""


@dataclass(frozen=True, eq=False)
class Moment:
    """What was there before a change. `snapshot` is None where the weights had no part in it and go on as they are.

    `label` names the change in words. Changes with one `stroke` (above 0) belong to one movement of the hand; `at` is
    when the change was made, in seconds.
    """

    label: str
    experiment: Experiment
    dataset: Dataset | None
    snapshot: Snapshot | None = None
    stroke: int = 0
    at: float = 0.0


@dataclass(frozen=True, eq=False)
class History:
    """Moments to go back to, the newest last, and those that were left by going back, the next one last."""

    past: tuple[Moment, ...] = ()
    future: tuple[Moment, ...] = ()

    def record(self, before: Moment) -> "History":
        """Return the history after a change; what was undone before it is forgotten.

        A change that goes on with the last one (the same stroke, or the same thing within PAUSE) is no step of its own.
        """
        last = self.past[-1] if self.past and not self.future else None
        if last is not None and _goes_on(last, before):
            kept = replace(last, at=before.at, snapshot=last.snapshot or before.snapshot)
            return History((*self.past[:-1], kept))
        return History((*self.past, before)[-DEPTH:])

    def undo(self, present: Moment) -> tuple["History", Moment]:
        """Return the history one step back and the moment to go to; `present` is the moment that is left."""
        target = self.past[-1]
        return History(self.past[:-1], (*self.future, _left(present, target))), target

    def redo(self, present: Moment) -> tuple["History", Moment]:
        """Return the history one step on and the moment to go to; `present` is the moment that is left."""
        target = self.future[-1]
        return History((*self.past, _left(present, target)), self.future[:-1]), target


def _goes_on(last: Moment, before: Moment) -> bool:
    if last.stroke or before.stroke:
        return last.stroke == before.stroke
    return last.label == before.label and before.at - last.at < PAUSE


def _left(present: Moment, target: Moment) -> Moment:
    """Return the moment that is left, under the name of the change, with weights only where these had a part in it."""
    snapshot = present.snapshot if target.snapshot is not None else None
    return replace(present, label=target.label, snapshot=snapshot, stroke=0)
