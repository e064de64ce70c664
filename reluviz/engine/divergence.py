"""Guard: trains in stretches, notices when numbers stop being finite, and goes back to where they were."""

import math

import numpy as np

from reluviz.core.dataset import Dataset
from reluviz.core.errors import InputError
from reluviz.core.experiment import Experiment
from reluviz.core.snapshot import Snapshot
from reluviz.engine.training import State, Trainer

STRETCH = 250  # Steps between checks: a check costs about as much as two steps of a small network.


class DivergenceError(InputError):
    """Training left the finite numbers at `step`; `snapshot` is the way back, at most 2 * STRETCH steps earlier."""

    def __init__(self, message: str, step: int, snapshot: Snapshot) -> None:
        super().__init__(message)
        self.step, self.snapshot = step, snapshot


class Guard:
    """Steps a trainer forward and keeps two recent good states."""

    def __init__(self, trainer: Trainer) -> None:
        self.trainer = trainer
        self._good: list[tuple[float, State]] = []

    def check(self) -> None:
        """Remember the present state. Raises `DivergenceError` where it is not finite, after going back."""
        loss = self.trainer.finite_loss()
        if loss is None:
            raise self._back()
        if not self._good or self._good[-1][1].step != self.trainer.step:
            self._good = [*self._good[-1:], (loss, self.trainer.save())]

    @property
    def until_check(self) -> int:
        """How many steps may be trained before the next `check` is due; 0 means now."""
        return max(0, self._good[-1][1].step + STRETCH - self.trainer.step) if self._good else 0

    def change(self, experiment: Experiment, dataset: Dataset) -> None:
        """Change the trainer's settings; states of other settings could not be replayed, so none is kept."""
        self.trainer.change(experiment, dataset)
        self._good = []

    def begin_again(self, start: Snapshot, run: int) -> None:
        """Go on from other numbers of the same settings; no state from before is kept."""
        self.trainer.begin_again(start, run)
        self._good = []

    def snapshot(self, steps_per_second: float = math.nan, with_flow: bool = False) -> Snapshot:
        """Return the present moment. Raises `DivergenceError` where it is not finite, but for the very start."""
        snapshot = self.trainer.snapshot(steps_per_second, with_flow)
        if self._good and not (math.isfinite(snapshot.train_loss) and np.isfinite(snapshot.parameters).all()):
            raise self._back()
        return snapshot

    def advance(self, steps: int) -> None:
        """Train `steps` steps and check. Raises `DivergenceError`; the trainer is then at the error's snapshot."""
        while True:
            if not self.until_check:
                self.check()
            if steps <= 0:
                return
            stretch = min(steps, self.until_check)
            self.trainer.advance(stretch)
            steps -= stretch

    def _back(self) -> DivergenceError:
        """Find the first step that is not finite, and go back to the better of the kept states.

        The newest kept state may already be on its way out, hence two, and the one with the smaller loss.
        """
        trainer, rate = self.trainer, self.trainer.experiment.learning_rate
        if not self._good:
            message = f"Loss is not finite at step {trainer.step}: the weights it starts from are too large."
            return DivergenceError(message, trainer.step, trainer.snapshot())
        newest, found = self._good[-1][1], trainer.step
        trainer.restore(newest)
        while trainer.step < found and trainer.finite_loss() is not None:
            trainer.advance(1)
        step = trainer.step
        trainer.restore(min(self._good, key=lambda good: good[0])[1])
        message = f"Loss is not finite since step {step}. The learning rate {rate:g} is the likely cause."
        return DivergenceError(message, step, trainer.snapshot())
