"""OPTIMIZERS: how a gradient becomes a step, with the formulas and defaults of torch.optim.

Each works in place on the flat tensors of all values and gradients at once: five calls for Adam however many layers.
"""

import math
from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from torch import Tensor


class Optimizer(ABC):
    """Updates `values` from `gradients`; what it remembers is `memory` (slots, P), which starts at zero.

    `steps` counts updates since the memory began.
    """

    slots: ClassVar[int]

    def __init__(self, values: Tensor, gradients: Tensor, learning_rate: float) -> None:
        self.values, self.gradients, self.learning_rate = values, gradients, learning_rate
        self.memory = values.new_zeros((self.slots, len(values)))
        self.steps = 0

    @abstractmethod
    def update(self) -> None:
        """Take one step."""


class SGD(Optimizer):
    """torch.optim.SGD: p -= lr g."""

    slots = 0

    def update(self) -> None:
        """Take one step."""
        self.steps += 1
        self.values.add_(self.gradients, alpha=-self.learning_rate)


class Momentum(Optimizer):
    """torch.optim.SGD with momentum 0.9: b = 0.9 b + g, p -= lr b."""

    slots = 1
    momentum = 0.9

    def __init__(self, values: Tensor, gradients: Tensor, learning_rate: float) -> None:
        super().__init__(values, gradients, learning_rate)
        (self._velocity,) = self.memory

    def update(self) -> None:
        """Take one step."""
        self.steps += 1
        torch.add(self.gradients, self._velocity, alpha=self.momentum, out=self._velocity)
        self.values.add_(self._velocity, alpha=-self.learning_rate)


class RMSprop(Optimizer):
    """torch.optim.RMSprop, alpha 0.99, eps 1e-8: s = 0.99 s + 0.01 g^2, p -= lr g / (sqrt(s) + eps)."""

    slots = 1
    alpha, eps = 0.99, 1e-8

    def __init__(self, values: Tensor, gradients: Tensor, learning_rate: float) -> None:
        super().__init__(values, gradients, learning_rate)
        (self._square,) = self.memory
        self._root = torch.empty_like(values)
        self._alpha, self._eps = values.new_tensor(self.alpha), values.new_tensor(self.eps)

    def update(self) -> None:
        """Take one step."""
        self.steps += 1
        gradients, square, root = self.gradients, self._square, self._root
        square.mul_(self._alpha)
        square.addcmul_(gradients, gradients, value=1.0 - self.alpha)
        torch.sqrt(square, out=root)
        root.add_(self._eps)
        self.values.addcdiv_(gradients, root, value=-self.learning_rate)


class Adam(Optimizer):
    """torch.optim.Adam, betas (0.9, 0.999), eps 1e-8, with its bias corrections."""

    slots = 2
    beta1, beta2, eps = 0.9, 0.999, 1e-8

    def __init__(self, values: Tensor, gradients: Tensor, learning_rate: float) -> None:
        super().__init__(values, gradients, learning_rate)
        self._mean, self._square = self.memory
        self._root = torch.empty_like(values)
        self._beta2, self._eps = values.new_tensor(self.beta2), values.new_tensor(self.eps)

    def update(self) -> None:
        """Take one step."""
        self.steps = steps = self.steps + 1
        gradients, square, root = self.gradients, self._square, self._root
        self._mean.lerp_(gradients, 1.0 - self.beta1)
        square.mul_(self._beta2)
        square.addcmul_(gradients, gradients, value=1.0 - self.beta2)
        torch.sqrt(square, out=root)
        # eps + sqrt(v) / sqrt(1 - beta2^t), in one call.
        torch.add(self._eps, root, alpha=1.0 / math.sqrt(1.0 - self.beta2**steps), out=root)
        self.values.addcdiv_(self._mean, root, value=-self.learning_rate / (1.0 - self.beta1**steps))


OPTIMIZERS: dict[str, type[Optimizer]] = {"sgd": SGD, "momentum": Momentum, "rmsprop": RMSprop, "adam": Adam}
