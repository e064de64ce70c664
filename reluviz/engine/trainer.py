"""Headless training: an iterator of snapshots."""

import itertools
import math
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise

import torch

from reluviz.core.datasets import load_dataset
from reluviz.core.errors import InputError
from reluviz.core.experiment import Experiment
from reluviz.core.snapshot import Snapshot
from reluviz.engine.device import choose_device
from reluviz.engine.divergence import DivergenceError, Guard
from reluviz.engine.training import Trainer


def train(
    experiment: Experiment, steps: int | None = None, every: int = 1, start: Snapshot | None = None
) -> Iterator[Snapshot]:
    """Train without a window and yield snapshots: the start, then every `every` steps, then the last.

    `steps` counts from the start; None goes on for ever. From a `start` of an earlier run it goes on as if never
    interrupted: on the CPU, with equal settings, bit for bit. Raises `InputError` for data, device, `steps`, `every`
    or a start that cannot be used, and `DivergenceError` when numbers stop being finite, after yielding the snapshot
    to go back to.
    """
    if every < 1:
        raise InputError(f"every: {every} is out of range; allowed is a whole number from 1.")
    if steps is not None and steps < 0:
        raise InputError(f"steps: {steps} is out of range; allowed is a whole number from 0.")
    return _snapshots(experiment, _even_stretches(steps, every), start)


def train_to(experiment: Experiment, moments: Sequence[int], start: Snapshot | None = None) -> Iterator[Snapshot]:
    """Train without a window and yield the start, then a snapshot at each of `moments`: increasing steps past it.

    Otherwise like `train`. Raises `InputError` for moments that do not increase from 1 on, too.
    """
    if any(later <= earlier for earlier, later in pairwise((0, *moments))):
        raise InputError("moments: steps do not increase; allowed are increasing whole numbers from 1.")
    return _snapshots(experiment, (later - earlier for earlier, later in pairwise((0, *moments))), start)


def _even_stretches(steps: int | None, every: int) -> Iterator[int]:
    for done in itertools.count(0, every):
        stretch = every if steps is None else min(every, steps - done)
        if stretch <= 0:
            return
        yield stretch


def _snapshots(experiment: Experiment, stretches: Iterable[int], start: Snapshot | None) -> Iterator[Snapshot]:
    dataset = load_dataset(experiment)
    device, _ = choose_device(experiment, dataset)
    trainer = Trainer(experiment, dataset, start, device=device)
    guard, rate = Guard(trainer), Rate()
    yield guard.snapshot()
    for stretch in stretches:
        begin = time.perf_counter()
        try:
            with one_thread():
                guard.advance(stretch)
            snapshot = guard.snapshot(rate.update(stretch, time.perf_counter() - begin))
        except DivergenceError as error:
            yield error.snapshot
            raise
        yield snapshot


class Rate:
    """A smoothed recent rate: the mean over about the last half second."""

    def __init__(self) -> None:
        self._steps, self._seconds = 0.0, 0.0

    def update(self, steps: int, seconds: float) -> float:
        """Take in `steps` done in `seconds` and return steps per second."""
        keep = math.exp(-seconds / 0.5)
        self._steps, self._seconds = self._steps * keep + steps, self._seconds * keep + seconds
        return self._steps / self._seconds if self._seconds > 0.0 else math.nan


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep torch to one thread: small products gain nothing from more, and the other cores draw."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
