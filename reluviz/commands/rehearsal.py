"""rehearse: go through a lesson without a window, train as each step says, and run its checks."""

from collections.abc import Iterator
from dataclasses import dataclass

from reluviz.core.datasets import load_dataset
from reluviz.core.snapshot import FOREVER, Snapshot
from reluviz.studio.lesson import Check, Lesson, Stage, Step
from reluviz.studio.lesson_checks import CheckResult, Evidence, run_check
from reluviz.studio.lesson_start import starting_snapshot


@dataclass(frozen=True, eq=False)
class Rehearsed:
    """One step gone through: `moments`, one per pane, are those that its checks were run on."""

    number: int
    step: Step
    moments: tuple[Snapshot, ...]
    results: tuple[tuple[Check, CheckResult], ...]


def rehearse(lesson: Lesson) -> Iterator[Rehearsed]:
    """Yield the steps of `lesson` one after the other, each trained as far as its checks are promised from.

    Equal files give equal moments. Raises `DivergenceError` where a step's numbers stop being finite.
    """
    current: tuple[Snapshot, ...] = ()
    for number, step in enumerate(lesson.steps, 1):
        current = _train(step.stage, current)
        dataset = load_dataset(step.stage.experiment)
        evidence = Evidence(current, dataset, bounds=step.stage.look.bounds)
        results = tuple((check, run_check(check, evidence, step.stage.training.ready)) for check in step.checks)
        yield Rehearsed(number, step, current, results)


def _train(stage: Stage, current: tuple[Snapshot, ...]) -> tuple[Snapshot, ...]:
    """Return one moment per pane: anew where the step is fresh, else on from the moments before it."""
    from reluviz.engine.trainer import train

    training = stage.training
    goal = training.ready if training.mode == "play" or training.until == FOREVER else training.until
    moments = []
    for pane, experiment in enumerate(stage.experiments):
        if training.fresh:
            begin = starting_snapshot(stage, current[0] if current else None)
        else:
            begin = current[min(pane, len(current) - 1)]
        steps = max(0, goal - (begin.step if begin else 0))
        *_, last = train(experiment, steps=steps, every=max(1, steps), start=begin)
        moments.append(last)
    return tuple(moments)
