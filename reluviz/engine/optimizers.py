"""OPTIMIZERS: how a gradient becomes a step, with the formulas and defaults of torch.optim.

Each works in place on the flat tensors of all values and gradients at once: five calls for Adam however many layers.
"""

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from torch import Tensor


class Optimizer(ABC):
    """Updates `values` (P,) from `gradients` (P,); what it remembers is `memory` (slots, P), which starts at zero.

    `steps` counts updates since the memory began. Several networks at once have (networks, P) and
    (slots, networks, P).
    """

    slots: ClassVar[int]

    def __init__(
        self, values: Tensor, gradients: Tensor, learning_rate: float, memory: Tensor | None = None, steps: int = 0
    ) -> None:
        """Begin with an empty memory, or go on with the one given after `steps` updates."""
        self.values, self.gradients, self.learning_rate = values, gradients, learning_rate
        self.memory = values.new_zeros((self.slots, *values.shape)) if memory is None else memory
        self.continue_at(steps)

    def continue_at(self, steps: int) -> None:
        """Count on from `steps` updates."""
        self.steps = steps
        self._bind()

    def _bind(self) -> None:  # noqa: B027 - SGD needs nothing
        """Name the parts of the memory and make what else `update` needs."""

    @abstractmethod
    def update(self) -> None:
        """Take one step."""

    @abstractmethod
    def newest_update(self) -> Tensor:
        """Return what the newest step subtracted from the values, at the present learning rate."""


class SGD(Optimizer):
    """torch.optim.SGD: p -= lr g."""

    slots = 0

    def update(self) -> None:
        """Take one step."""
        self.steps += 1
        self.values.add_(self.gradients, alpha=-self.learning_rate)

    def newest_update(self) -> Tensor:
        """Return what the newest step subtracted."""
        return torch.mul(self.gradients, self.learning_rate)


class Momentum(Optimizer):
    """torch.optim.SGD with momentum 0.9: b = 0.9 b + g, p -= lr b."""

    slots = 1
    momentum = 0.9

    def _bind(self) -> None:
        (self._velocity,) = self.memory

    def update(self) -> None:
        """Take one step."""
        self.steps += 1
        torch.add(self.gradients, self._velocity, alpha=self.momentum, out=self._velocity)
        self.values.add_(self._velocity, alpha=-self.learning_rate)

    def newest_update(self) -> Tensor:
        """Return what the newest step subtracted."""
        return torch.mul(self._velocity, self.learning_rate)


class RMSprop(Optimizer):
    """torch.optim.RMSprop, alpha 0.99, eps 1e-8: s = 0.99 s + 0.01 g^2, p -= lr g / (sqrt(s) + eps)."""

    slots = 1
    alpha, eps = 0.99, 1e-8

    def _bind(self) -> None:
        (self._square,) = self.memory
        self._root = torch.empty_like(self.values)
        self._alpha, self._eps = self.values.new_tensor(self.alpha), self.values.new_tensor(self.eps)

    def update(self) -> None:
        """Take one step."""
        self.steps += 1
        gradients, square, root = self.gradients, self._square, self._root
        square.mul_(self._alpha)
        square.addcmul_(gradients, gradients, value=1.0 - self.alpha)
        torch.sqrt(square, out=root)
        root.add_(self._eps)
        self.values.addcdiv_(gradients, root, value=-self.learning_rate)

    def newest_update(self) -> Tensor:
        """Return what the newest step subtracted."""
        return torch.mul(self.gradients / (self._square.sqrt() + self.eps), self.learning_rate)


class Adam(Optimizer):
    """torch.optim.Adam, betas (0.9, 0.999), eps 1e-8, with its bias corrections."""

    slots = 2
    beta1, beta2, eps = 0.9, 0.999, 1e-8

    def _bind(self) -> None:
        # In float32 it stands still at 16.8 million steps, where the corrections have long been 1.
        self._count = torch.tensor(float(self.steps), device=self.values.device)
        self._one = torch.ones_like(self._count)
        mean, square = self.memory
        self._lists: tuple[list[Tensor], ...] = ([self.values], [self.gradients], [mean], [square], [], [self._count])

    def update(self) -> None:
        """Take one step: one call of 2 us for 2,300 numbers, where written-out operations take 8."""
        self.steps += 1
        self._count.add_(self._one)
        torch._fused_adam_(
            *self._lists,
            lr=self.learning_rate,
            beta1=self.beta1,
            beta2=self.beta2,
            weight_decay=0.0,
            eps=self.eps,
            amsgrad=False,
            maximize=False,
        )

    def newest_update(self) -> Tensor:
        """Return what the newest step subtracted."""
        mean, square = self.memory
        root = (square / (1.0 - self.beta2**self.steps)).sqrt() + self.eps
        return torch.mul(mean / root, self.learning_rate / (1.0 - self.beta1**self.steps))


OPTIMIZERS: dict[str, type[Optimizer]] = {"sgd": SGD, "momentum": Momentum, "rmsprop": RMSprop, "adam": Adam}
