"""LockStep: several experiments trained side by side, step for step, on the same batches."""

import math
from collections.abc import Sequence
from itertools import groupby

from reluviz.core.dataset import Dataset
from reluviz.core.experiment import Experiment
from reluviz.core.snapshot import Plan, Snapshot
from reluviz.engine.activations import Call
from reluviz.engine.divergence import DivergenceError, Guard
from reluviz.engine.stack import Stack, stacking_key
from reluviz.engine.training import Trainer, outputs_of

LONG = 50_000_000  # `Trainer.work` of a step of some 5 ms.


class LockStep:
    """Trainers that take each step together; those of one shape as one batched model.

    Where numbers of one of several stop being finite, it freezes at its last good state and the others go on. A
    single one raises `DivergenceError`, as several do when none is left.
    """

    def __init__(self, trainers: Sequence[Trainer]) -> None:
        self._guards = [Guard(one) for one in trainers]
        self._frozen: dict[int, DivergenceError] = {}
        self._parts: list[Trainer | Stack] = []
        self._arrange()

    @property
    def trainers(self) -> tuple[Trainer, ...]:
        """All panes' trainers, in the plan's order."""
        return tuple(guard.trainer for guard in self._guards)

    @property
    def step(self) -> int:
        """The step that the panes in training are at."""
        return max(guard.trainer.step for guard in self._live() or self._guards)

    @property
    def frozen(self) -> tuple[DivergenceError, ...]:
        """What stopped each of the frozen panes, the newest last."""
        return tuple(self._frozen.values())

    def first_alone(self) -> "LockStep":
        """Return the first pane without the others; it goes on where it is."""
        return LockStep(self.trainers[:1])

    def fits(self, experiments: Sequence[Experiment], datasets: Sequence[Dataset]) -> bool:
        """Whether the present weights of all panes can go on with these settings."""
        if len(experiments) != len(self._guards):
            return False
        wanted = zip(self.trainers, experiments, datasets, strict=True)
        return all(one.fits(experiment, dataset) for one, experiment, dataset in wanted)

    def change(self, experiments: Sequence[Experiment], datasets: Sequence[Dataset]) -> None:
        """Change settings of all panes, where `fits`; if one cannot be changed (for want of memory), none is."""
        before = [(guard.trainer.experiment, guard.trainer.dataset) for guard in self._guards]
        try:
            self._set([*zip(experiments, datasets, strict=True)])
        except Exception:
            self._set(before)
            self._arrange()
            raise
        for pane, error in self._frozen.items():
            error.snapshot = self._guards[pane].trainer.snapshot()
        self._arrange()

    def begins_again(self, plan: Plan, datasets: Sequence[Dataset]) -> bool:
        """Take the numbers that `plan` starts from, where nothing else of it is new; return whether that was so.

        Under the hand an edit comes every few milliseconds, and making new trainers would take as long.
        """
        wanted = [(plan.experiment, plan.start), *zip(plan.variants, plan.variant_starts, strict=False)]
        main = self.trainers[0]
        if plan.run == main.run or self._frozen or not len(wanted) == len(datasets) == len(self._guards):
            return False
        for one, (experiment, start), dataset in zip(self.trainers, wanted, datasets, strict=True):
            if experiment != one.experiment or dataset is not one.dataset or start is None or not _serves(start, one):
                return False
        for guard, (_, start) in zip(self._guards, wanted, strict=True):
            assert start is not None
            guard.begin_again(start, plan.run)
        for one in self.trainers[1:]:
            one.begin_at(main.step, main.epoch)
        self._arrange()
        return True

    def _set(self, wanted: Sequence[tuple[Experiment, Dataset]]) -> None:
        for guard, (experiment, dataset) in zip(self._guards, wanted, strict=True):
            if experiment != guard.trainer.experiment or dataset is not guard.trainer.dataset:
                guard.change(experiment, dataset)

    def advance(self, steps: int, look: Call | None = None) -> None:
        """Train `steps` steps. Raises `DivergenceError` when no pane is left.

        A long step calls `look` before each operation; what that raises ends training between two steps. Of networks
        of several shapes the first ones' step does, and the others follow it.
        """
        while True:
            for guard in self._live():
                if not guard.until_check:
                    self._guarded(guard)
            if steps <= 0:
                return
            stretch = min(steps, *(guard.until_check for guard in self._live()))
            if look is not None and max(guard.trainer.work for guard in self._live()) > LONG:
                first, *others = self._parts
                for _ in range(stretch):
                    first.advance_one(look)
                    for part in others:
                        part.advance(1)
            else:
                for part in self._parts:
                    part.advance(stretch)
            steps -= stretch

    def snapshots(self, steps_per_second: float = math.nan, with_flow: bool = False) -> tuple[Snapshot, ...]:
        """Return one moment of all panes, a frozen one's last. Raises `DivergenceError` when no pane is left."""
        found: list[Snapshot] = []
        for pane, guard in enumerate(self._guards):
            try:
                if pane not in self._frozen:
                    found.append(guard.snapshot(steps_per_second, with_flow))
                    continue
            except DivergenceError as error:
                self._freeze(error)
            found.append(self._frozen[pane].snapshot)
        return tuple(found)

    def _live(self) -> list[Guard]:
        return [guard for guard in self._guards if guard.trainer.pane not in self._frozen]

    def _guarded(self, guard: Guard) -> None:
        try:
            guard.check()
        except DivergenceError as error:
            self._freeze(error)

    def _freeze(self, error: DivergenceError) -> None:
        if len(self._live()) == 1:
            raise error
        self._frozen[error.snapshot.pane] = error
        self._arrange()

    def _arrange(self) -> None:
        """Stack the trainers that can be."""
        live = sorted((guard.trainer for guard in self._live()), key=lambda one: repr(stacking_key(one)))
        groups = [list(members) for _, members in groupby(live, key=stacking_key)]
        self._parts = [Stack(group) if len(group) > 1 else group[0] for group in groups]


def begin(plan: Plan, datasets: Sequence[Dataset], device: str) -> LockStep:
    """Return the plan's experiments, each at its first weights or where the plan's starts say.

    A variant without a start of its own takes the main one's weights where it would begin with the same ones, else
    those of its own rule and seed; it counts steps with the others in either case.
    """
    main = Trainer(plan.experiment, datasets[0], plan.start, plan.run, device)
    trainers = [main]
    for pane, (experiment, dataset) in enumerate(zip(plan.variants, datasets[1:], strict=True), 1):
        start = _own_start(plan, pane) or _shared_start(plan, experiment, dataset)
        one = Trainer(experiment, dataset, start, plan.run, device, pane=pane)
        one.begin_at(main.step, main.epoch)
        trainers.append(one)
    return LockStep(trainers)


def _serves(start: Snapshot, trainer: Trainer) -> bool:
    layout = trainer.weights.layout
    return start.experiment.layout(start.outputs) == layout and len(start.parameters) == layout.length


def _own_start(plan: Plan, pane: int) -> Snapshot | None:
    return plan.variant_starts[pane - 1] if pane <= len(plan.variant_starts) else None


def _shared_start(plan: Plan, experiment: Experiment, dataset: Dataset) -> Snapshot | None:
    start = plan.start
    is_same = start and experiment.same_start(start.experiment) and outputs_of(experiment, dataset) == start.outputs
    return start if is_same else None
