"""Trainer: one network in training, step by step."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from reluviz.core.ablation import resting
from reluviz.core.dataset import Dataset
from reluviz.core.errors import InputError
from reluviz.core.experiment import Experiment
from reluviz.core.flow import Flow
from reluviz.core.initialization import initial_parameters
from reluviz.core.objective import output_count, resolve_loss
from reluviz.core.snapshot import Snapshot
from reluviz.engine.activations import Call
from reluviz.engine.adjustments import adjustments
from reluviz.engine.batches import Batches
from reluviz.engine.chain_rule import ChainRule
from reluviz.engine.evaluation import Evaluation, Scores, spread
from reluviz.engine.flow import POINTS, FlowMeter
from reluviz.engine.losses import LOSSES
from reluviz.engine.optimizers import OPTIMIZERS, Optimizer
from reluviz.engine.weights import FlatWeights


@dataclass(frozen=True, eq=False)
class State:
    """What a step changes: enough to go back to it exactly, on the trainer's device."""

    step: int
    epoch: int
    offset: int
    values: Tensor
    memory: Tensor
    optimizer_steps: int


class Trainer:
    """One network in training. Not thread-safe; small tensors of any floating `dtype` on one device.

    Without `start`, the experiment's seeds draw the first weights. L1 and L2 act on weights only (not on biases or
    learned activation parameters), as if the loss had l1 * sum|w| + l2/2 * sum w^2 added: l2 is torch's weight_decay.
    """

    def __init__(
        self,
        experiment: Experiment,
        dataset: Dataset,
        start: Snapshot | None = None,
        run: int = 0,
        device: str = "cpu",
        dtype: torch.dtype = torch.float32,
        pane: int = 0,
    ) -> None:
        self.run, self.pane, self.step = run, pane, 0
        self.device, self.dtype = torch.device(device), dtype
        self.experiment, self.dataset = experiment, dataset
        self.outputs = outputs_of(experiment, dataset)
        with torch.inference_mode():
            self._weights = FlatWeights(experiment.layout(self.outputs), self.device, dtype)
            vector = initial_parameters(experiment, self.outputs) if start is None else _parameters_of(start, self)
            self._weights.load(torch.tensor(vector), self._weights.values)
            self._optimizer = self._new_optimizer(experiment)
            self._batches, self._evaluation = self._new_work(experiment, dataset)
            if start is not None:
                self._continue(start)
            self._lay_to_rest(experiment)

    def _lay_to_rest(self, experiment: Experiment) -> None:
        """Take the numbers of units that are switched off, and what the optimiser remembers of them, out of training.

        They count as 0, which no gradient, penalty or memory then changes.
        """
        values = self._weights.values
        self._weights.silence(experiment.ablated)
        rests = torch.from_numpy(resting(self._weights.layout, experiment.ablated)).to(self.device)
        self._rests = torch.zeros_like(values, dtype=torch.bool)
        self._weights.load(rests, self._rests)
        self._resting = torch.where(self._rests, values, torch.zeros_like(values))
        values.masked_fill_(self._rests, 0.0)
        self._optimizer.memory.masked_fill_(self._rests, 0.0)

    def _all_values(self) -> Tensor:
        """Return the values with those that rest."""
        with torch.inference_mode():
            return torch.where(self._rests, self._resting, self._weights.values)

    def move(self, values: Tensor, gradients: Tensor, memory: Tensor) -> None:
        """Live in these tensors (P,), (P,) and (slots, P) from now on; nothing else changes."""
        with torch.inference_mode():
            old = self._optimizer
            for new, present in ((values, old.values), (gradients, old.gradients), (memory, old.memory)):
                new.copy_(present)
            filters = self._weights.filters
            self._weights = FlatWeights(self._weights.layout, self.device, self.dtype, values, gradients, filters)
            self._optimizer = type(old)(values, gradients, old.learning_rate, memory, old.steps)
            position = self.position
            self._batches, self._evaluation = self._new_work(self.experiment, self.dataset)
            self._batches.seek(*position)

    def begin_again(self, start: Snapshot, run: int) -> None:
        """Be what a new trainer of the same settings and data would be at `start`; only numbers are loaded.

        A new one takes some 5 ms, this 0.2. Raises `InputError`, changing nothing, where the weights do not fit.
        """
        vector = _parameters_of(start, self)
        with torch.inference_mode():
            self.run = run
            self._weights.load(torch.tensor(vector), self._weights.values)
            self._weights.gradients.zero_()
            self._optimizer.memory.zero_()
            self._optimizer.continue_at(0)
            self._continue(start)
            self._lay_to_rest(self.experiment)

    def begin_at(self, step: int, epoch: float) -> None:
        """Count on from another trainer's step and place in the data."""
        self.step = step
        self._seek(epoch)

    def follow(self, steps: int, epoch: int, offset: int) -> None:
        """Take note that `steps` steps were taken for this trainer, and where in the data that ended."""
        self.step += steps
        self._optimizer.continue_at(self._optimizer.steps + steps)
        self._batches.seek(epoch, offset)

    @property
    def weights(self) -> FlatWeights:
        """The tensors in training."""
        return self._weights

    @property
    def optimizer(self) -> Optimizer:
        """What turns gradients into steps."""
        return self._optimizer

    @property
    def position(self) -> tuple[int, int]:
        """The epoch, and how many of its points were seen."""
        return self._batches.epoch, self._batches.offset

    def _new_optimizer(self, experiment: Experiment) -> Optimizer:
        kind = OPTIMIZERS[experiment.optimizer]
        return kind(self._weights.values, self._weights.gradients, experiment.learning_rate)

    def _new_work(self, experiment: Experiment, dataset: Dataset) -> tuple[Batches, Evaluation]:
        """Build everything that depends on the data, the activations and the loss."""
        self._meter: FlowMeter | None = None
        loss = LOSSES[resolve_loss(experiment.loss, dataset)]
        chain_rule = ChainRule(self._weights, experiment.layer_activations, loss)
        targets = loss.targets(dataset, self.outputs)
        rows = np.column_stack([dataset.points, np.ones(len(dataset.points)), targets])
        table = torch.tensor(rows, dtype=self.dtype, device=self.device)
        inputs = dataset.points.shape[1]
        trained = table[torch.tensor(dataset.is_train, device=self.device)]
        batches = Batches(trained, inputs, experiment.batch_size, experiment.batch_seed, chain_rule.gradient)
        return batches, Evaluation(chain_rule, loss, table, inputs, dataset)

    def batches_for(self, prepare: Callable[[Tensor, Tensor], list[Call]]) -> Batches:
        """Return the same sequence of batches from the same position, for other calls."""
        batches = self._batches.again(prepare)
        batches.seek(*self.position)
        return batches

    def _continue(self, start: Snapshot) -> None:
        """Take over step, position and, for the same optimiser, what it remembers, if the start has it."""
        self.step = start.step
        self._seek(start.epoch)
        is_same = start.experiment.optimizer == self.experiment.optimizer
        if is_same and start.optimizer_state.shape == (self._optimizer.slots, self._weights.layout.length):
            for row, memory in zip(torch.tensor(start.optimizer_state), self._optimizer.memory, strict=True):
                self._weights.load(row, memory)
            self._optimizer.continue_at(start.optimizer_steps)

    def _seek(self, epoch: float) -> None:
        whole = math.floor(epoch)
        self._batches.seek(whole, round((epoch - whole) * self._batches.count) % self._batches.count)

    @property
    def epoch(self) -> float:
        """How many times the training points were seen."""
        return self._batches.epoch + self._batches.offset / self._batches.count

    @property
    def parameters(self) -> NDArray[np.floating]:
        """A copy of the trainable numbers (P,) in `Layout` order, in the trainer's precision."""
        return self._in_layout_order(self._all_values())

    @property
    def gradients(self) -> NDArray[np.floating]:
        """A copy of the newest step's gradient (P,) in `Layout` order, L1 and L2 included."""
        return self._in_layout_order(self._weights.gradients)

    def _in_layout_order(self, flat: Tensor) -> NDArray[np.floating]:
        with torch.inference_mode():
            vector: NDArray[np.floating] = flat[self._weights.inverse].cpu().numpy()
        return vector

    def advance(self, steps: int) -> None:
        """Train `steps` steps. Numbers may stop being finite; see `finite_loss`."""
        with torch.inference_mode():
            left, update, adjust = steps, self._optimizer.update, self.adjustments()
            while left > 0:
                batches = self._batches.take(left)
                left -= len(batches)
                for calls in batches:
                    for call in calls:
                        call()
                    for call in adjust:
                        call()
                    update()
        self.step += steps

    def advance_one(self, look: Call) -> None:
        """Train one step and call `look` before each operation of its gradient: where that raises, no step is taken."""
        position, gradients = self.position, self._weights.gradients
        with torch.inference_mode():
            before = gradients.clone()
            (calls,) = self._batches.take(1)
            try:
                for call in calls:
                    look()
                    call()
            except BaseException:
                self._batches.seek(*position)
                gradients.copy_(before)
                raise
            for call in self.adjustments():
                call()
            self._optimizer.update()
        self.step += 1

    @property
    def work(self) -> int:
        """Numbers in training times points in a batch: a step takes six operations for each."""
        return self._weights.layout.length * self._batches.batch_size

    def adjustments(self) -> list[Call]:
        """Return what is done to the loss's gradient before the optimiser sees it."""
        return adjustments(self._weights, self.experiment, self._rests)

    def change(self, experiment: Experiment, dataset: Dataset) -> None:
        """Go on with other settings and the same weights; another optimiser starts with an empty memory.

        Raises `InputError`, changing nothing, where the weights cannot serve: see `fits`.
        """
        if not self.fits(experiment, dataset):
            raise InputError("experiment: its network differs from the one in training; start a new run.")
        old, optimizer, work = self.experiment, self._optimizer, (self._batches, self._evaluation)
        with torch.inference_mode():
            # All that can fail (for want of memory) comes before anything is changed.
            if experiment.optimizer != old.optimizer:
                optimizer = self._new_optimizer(experiment)
            if dataset is not self.dataset or _plain(experiment) != _plain(old):
                work = self._new_work(experiment, dataset)
            epoch, self.experiment, self.dataset = self.epoch, experiment, dataset
            self._optimizer, (self._batches, self._evaluation) = optimizer, work
            if experiment.ablated != old.ablated:
                self._weights.values.copy_(self._all_values())
                self._lay_to_rest(experiment)
            self._optimizer.learning_rate = experiment.learning_rate
            self._seek(epoch)

    def fits(self, experiment: Experiment, dataset: Dataset) -> bool:
        """Whether the present weights can go on with these settings."""
        return self.experiment.same_start(experiment) and outputs_of(experiment, dataset) == self.outputs

    def save(self) -> State:
        """Return a copy of all that `advance` changes."""
        with torch.inference_mode():
            values, memory = self._weights.values.clone(), self._optimizer.memory.clone()
        return State(self.step, self._batches.epoch, self._batches.offset, values, memory, self._optimizer.steps)

    def restore(self, state: State) -> None:
        """Go back to what `save` returned under the same settings."""
        with torch.inference_mode():
            self._weights.values.copy_(state.values)
            self._optimizer.memory.copy_(state.memory)
        self.step = state.step
        self._optimizer.continue_at(state.optimizer_steps)
        self._batches.seek(state.epoch, state.offset)

    def scores(self) -> Scores:
        """Evaluate the present weights on training and test points, at most `evaluation.LIMIT` of each."""
        with torch.inference_mode():
            return self._evaluation.scores()

    def finite_loss(self) -> float | None:
        """Return the training loss, or None where it or any weight is not finite."""
        with torch.inference_mode():
            # A sum is finite only if all terms are; that it overflows on its own needs weights of 1e34.
            total, loss = self._weights.values.sum().item(), self.scores().train_loss
        return loss if math.isfinite(total) and math.isfinite(loss) else None

    def flow(self) -> Flow | None:
        """Return how the gradient flows now, on at most 512 training points; None where it is not finite."""
        with torch.inference_mode():
            if self._meter is None:
                loss = LOSSES[resolve_loss(self.experiment.loss, self.dataset)]
                table = self._batches.table
                chosen = table[torch.from_numpy(spread(np.ones(len(table), np.bool_), POINTS)).to(self.device)]
                inputs = self.dataset.points.shape[1]
                self._meter = FlowMeter(self._weights, self.experiment.layer_activations, loss, chosen, inputs)
            return self._meter.measure(self._optimizer)

    def snapshot(self, steps_per_second: float = math.nan, with_flow: bool = False) -> Snapshot:
        """Return this moment as float32, its arrays read-only."""
        scores = self.scores()
        with torch.inference_mode():
            rows = torch.cat([self._all_values()[None], self._optimizer.memory])
            # One copy from the device for all.
            arrays = rows[:, self._weights.inverse].to(torch.float32).cpu().numpy()
        arrays.setflags(write=False)
        return Snapshot(
            run=self.run,
            experiment=self.experiment,
            outputs=self.outputs,
            step=self.step,
            epoch=self.epoch,
            parameters=arrays[0],
            optimizer_state=arrays[1:],
            optimizer_steps=self._optimizer.steps,
            train_loss=scores.train_loss,
            test_loss=scores.test_loss,
            train_accuracy=scores.train_accuracy,
            test_accuracy=scores.test_accuracy,
            steps_per_second=steps_per_second,
            device=self.device.type,
            pane=self.pane,
            flow=self.flow() if with_flow else None,
        )


def outputs_of(experiment: Experiment, dataset: Dataset) -> int:
    """Return the readout's width. Raises `InputError` where the loss cannot serve the data."""
    return output_count(resolve_loss(experiment.loss, dataset), dataset)


def _plain(experiment: Experiment) -> Experiment:
    """Return `experiment` without the fields that a step reads anew, so that a slider need not rebuild the calls."""
    return experiment.edit(learning_rate=0.0, l1=0.0, l2=0.0, optimizer="sgd", ablated=())


def _parameters_of(start: Snapshot, trainer: Trainer) -> NDArray[np.float32]:
    layout = trainer.experiment.layout(trainer.outputs)
    if start.experiment.layout(start.outputs) != layout or len(start.parameters) != layout.length:
        sizes = "-".join(map(str, start.experiment.layout(start.outputs).sizes))
        needed = "-".join(map(str, layout.sizes))
        raise InputError(f"start: its network is {sizes}; the experiment and its data need {needed}.")
    return start.parameters
