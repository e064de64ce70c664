"""Stack: several networks of one shape trained by one set of operations, with one more axis before."""

from collections.abc import Sequence
from functools import partial
from itertools import groupby

import torch
from torch import Tensor

from reluviz.core.network import Layout
from reluviz.core.objective import resolve_loss
from reluviz.engine.activations import Call, Nonlinearity
from reluviz.engine.chain_rule import ChainRule, Row, layer_nonlinearity
from reluviz.engine.filter_layer import Bank, own_shapes
from reluviz.engine.losses import LOSSES, Loss
from reluviz.engine.training import Trainer
from reluviz.engine.weights import FlatWeights, aligned


def stacking_key(trainer: Trainer) -> tuple[object, ...]:
    """Return what must be equal in networks that train in one stack.

    Activations, learned parameters, learning rate, optimiser, penalties and units switched off may differ.
    """
    experiment = trainer.experiment
    return (
        trainer.weights.layout.sizes,
        trainer.weights.layout.kinds,
        resolve_loss(experiment.loss, trainer.dataset),
        id(trainer.dataset),
        experiment.batch_size,
        experiment.batch_seed,
        trainer.device,
        trainer.dtype,
        trainer.position,
    )


class StackedWeights:
    """Views of `values` (networks, P), one matrix (networks, outputs, inputs + 1) per layer, and their gradients.

    torch multiplies networks one by one into matrices that are rows of something larger (8 us, not 5), so each layer's
    gradients lie on their own; `finish` puts them, then `learned_gradients` (networks, rest), into the flat tensor.
    Each network's walsh layers have calls of their own: `filters` are those of networks, in their order.
    """

    def __init__(
        self, layout: Layout, values: Tensor, gradients: Tensor, filters: Sequence[list[Tensor | None]]
    ) -> None:
        self.layout, self.values = layout, values
        own: list[Tensor] = []
        begin = 0
        for outputs, columns in own_shapes(layout):
            end = begin + outputs * columns
            own.append(values[:, begin:end].view(-1, outputs, columns))
            begin = end
        own_gradients = [torch.zeros_like(numbers) for numbers in own]
        self.matrices, self.gradient_matrices = list(own), list(own_gradients)
        self._banks: dict[int, list[Bank]] = {}
        for layer, kind in enumerate(layout.kinds):
            if kind == "walsh":
                self._add_banks(layer, [one[layer] for one in filters], own[layer], own_gradients[layer])
        self.learned_gradients = torch.zeros_like(values[:, begin:])
        parts = [*(matrix.flatten(1) for matrix in own_gradients), self.learned_gradients]
        self.finish: Call = partial(torch.cat, parts, 1, out=gradients)

    def _add_banks(self, layer: int, filters: list[Tensor | None], numbers: Tensor, gradients: Tensor) -> None:
        inputs, outputs = self.layout.sizes[layer : layer + 2]
        size = outputs * (inputs + 1)
        flat = self.values.new_zeros(2, len(filters), aligned(size))
        product, gradient = flat[..., :size].view(2, -1, outputs, inputs + 1)
        parts = zip(filters, numbers, gradients, product, gradient, strict=True)
        self._banks[layer] = [Bank(matrix, *rest) for matrix, *rest in parts if matrix is not None]
        self.matrices[layer], self.gradient_matrices[layer] = product, gradient

    def spread(self, layer: int) -> list[Call]:
        """Return the calls that fill the networks' matrices of a walsh layer, none for a dense layer."""
        return [call for bank in self._banks.get(layer, []) for call in bank.spread]

    def collect(self, layer: int) -> list[Call]:
        """Return the calls that gather the networks' gradients of a walsh layer, none for a dense layer."""
        return [call for bank in self._banks.get(layer, []) for call in bank.collect]


class StackedChainRule(ChainRule):
    """`ChainRule` for networks of one shape; each keeps its own activations.

    networks are the views of each one's own row, rows[i] its activations.
    """

    def __init__(
        self, weights: StackedWeights, networks: Sequence[FlatWeights], rows: Sequence[tuple[Row, ...]], loss: Loss
    ) -> None:
        super().__init__(networks[0], rows[0], loss)
        self._weights: StackedWeights = weights
        self._networks, self._network_rows = networks, rows

    def _new(self, features: int, points: int) -> Tensor:
        networks, size = len(self._networks), features * points
        flat = self._weights.values.new_empty((networks, aligned(size)))
        return flat[:, :size].view(networks, features, points)

    def _nonlinearity(self, layer: int, h: Tensor, signal: Tensor) -> Nonlinearity:
        # Of its own, as torch multiplies one by one where the result has gaps (the rows of ones): 7 us, not 4.
        z = self._new(*h.shape[1:])
        forward: list[Call] = []
        backward: list[Call] = []
        for _, members in groupby(range(len(self._networks)), key=partial(self._likeness, layer)):
            chosen = list(members)
            # A single one without the axis, as its learned parameter asks for.
            place = slice(chosen[0], chosen[-1] + 1) if len(chosen) > 1 else chosen[0]
            row, (value, gradient) = self._network_rows[chosen[0]][layer], self._learned(layer, chosen[0])
            unit = layer_nonlinearity(row, value, gradient, h[place], signal[place], z[place])
            forward += unit.forward
            backward += unit.backward
        return Nonlinearity(z, tuple(forward), tuple(backward))

    def _learned(self, layer: int, index: int) -> tuple[Tensor | None, Tensor | None]:
        """Return a learned parameter and where its gradient goes."""
        network = self._networks[index]
        place = sum(network.layout.learned[:layer])
        return network.learned[layer], self._weights.learned_gradients[index, place : place + 1]

    def _likeness(self, layer: int, index: int) -> tuple[object, ...]:
        """Neighbours for which this is equal share one set of calls; a learned parameter is one network's own."""
        activation, parameter = self._network_rows[index][layer]
        return activation.name, parameter, index if activation.learned else -1

    def gradient(self, x: Tensor, targets: Tensor) -> list[Call]:
        """Return the calls of one forward and backward pass of all networks for one fixed batch."""
        return [*super().gradient(x.expand(len(self._networks), -1, -1), targets), self._weights.finish]


class Stack:
    """Trainers of equal `stacking_key`, moved into common tensors; each remains a trainer of its own.

    `advance` trains all at once. Any trainer may be read, saved and restored in between; after a change of its
    settings the stack must be made anew.
    """

    def __init__(self, trainers: Sequence[Trainer]) -> None:
        # Equal neighbours share calls: first those that share the optimiser's, which are most.
        self.trainers = tuple(sorted(trainers, key=lambda one: (repr(_update_rule(one)), _activations(one))))
        first, length = self.trainers[0], max(len(one.weights.values) for one in self.trainers)
        with torch.inference_mode():
            values, gradients = (first.weights.values.new_zeros(len(self.trainers), length) for _ in range(2))
            self._update: list[Call] = []
            begin = 0
            for _, members in groupby(self.trainers, key=_update_rule):
                chosen = list(members)
                self._update.append(_move(chosen, values[begin:][: len(chosen)], gradients[begin:][: len(chosen)]))
                begin += len(chosen)
            chain_rule = StackedChainRule(
                StackedWeights(first.weights.layout, values, gradients, [one.weights.filters for one in self.trainers]),
                [one.weights for one in self.trainers],
                [one.experiment.layer_activations for one in self.trainers],
                LOSSES[resolve_loss(first.experiment.loss, first.dataset)],
            )
            self._batches = first.batches_for(chain_rule.gradient)
            adjustments = [call for one in self.trainers for call in one.adjustments()]
            self._finish = (*adjustments, *self._update)

    def advance_one(self, look: Call) -> None:
        """Train one step and call `look` before each operation of its gradient: where that raises, no step is taken."""
        self._find_position()
        with torch.inference_mode():
            (calls,) = self._batches.take(1)
            # The last call hands the gradients over; until then nothing of the trainers has changed.
            for call in calls:
                look()
                call()
            for call in self._finish:
                call()
        self._count(1)

    def advance(self, steps: int) -> None:
        """Train all networks `steps` steps. Numbers may stop being finite."""
        finish = self._finish
        self._find_position()
        with torch.inference_mode():
            left = steps
            while left > 0:
                batches = self._batches.take(left)
                left -= len(batches)
                for calls in batches:
                    for call in calls:
                        call()
                    for call in finish:
                        call()
        self._count(steps)

    def _find_position(self) -> None:
        position = self.trainers[0].position
        if position != (self._batches.epoch, self._batches.offset):
            self._batches.seek(*position)

    def _count(self, steps: int) -> None:
        for one in self.trainers:
            one.follow(steps, self._batches.epoch, self._batches.offset)


def _update_rule(trainer: Trainer) -> tuple[object, ...]:
    optimizer = trainer.optimizer
    return type(optimizer).__name__, optimizer.learning_rate, optimizer.steps


def _activations(trainer: Trainer) -> list[tuple[str, float]]:
    return [(activation.name, parameter) for activation, parameter in trainer.experiment.layer_activations]


def _move(trainers: Sequence[Trainer], values: Tensor, gradients: Tensor) -> Call:
    """Move trainers of equal optimisers into the rows of these tensors, and return the call that updates all."""
    old = trainers[0].optimizer
    memory = values.new_zeros((old.slots, *values.shape))
    common = type(old)(values, gradients, old.learning_rate, memory, old.steps)
    for index, one in enumerate(trainers):
        length = len(one.weights.values)
        one.move(values[index, :length], gradients[index, :length], memory[:, index, :length])
    return common.update
