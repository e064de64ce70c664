"""The oracle: the same training by torch's own modules, autograd, losses and torch.optim. Slow and independent."""

from functools import partial

import numpy as np
import torch
from torch import nn

from reluviz.core.dataset import Dataset
from reluviz.core.experiment import Experiment
from reluviz.core.initialization import initial_parameters
from reluviz.core.objective import output_count, resolve_loss


def make_dataset(kind: str, points: int = 60, train: int = 43) -> Dataset:
    """`kind` is a number of classes, or "values" for three values per point."""
    generator = np.random.default_rng(7)
    x = generator.uniform(-1, 1, (points, 2))
    is_train = np.arange(points) < train
    if kind == "values":
        return Dataset(x, generator.normal(size=(points, 3)), is_train)
    classes = int(kind)
    labels = (np.floor((np.arctan2(x[:, 1], x[:, 0]) / np.pi + 1) / 2 * classes)).astype(np.int64) % classes
    return Dataset(x, labels, is_train, tuple(f"class {i}" for i in range(classes)))


class Function(nn.Module):
    def __init__(self, function) -> None:
        super().__init__()
        self.forward = function


class FixedSums(nn.Module):
    """A walsh layer as a torch user writes it: Hadamard's matrix, its rows sorted by changes of sign."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        size = 1
        while size < max(inputs, outputs):
            size *= 2
        signs = [[(-1.0) ** bin(i & j).count("1") for j in range(size)] for i in range(size)]
        rows = torch.tensor(signs, dtype=torch.float64)
        changes = (rows.diff(dim=1) != 0).sum(1)
        self.sums = rows[changes.argsort()][:outputs, :inputs] / size**0.5
        self.weight = nn.Parameter(torch.zeros(outputs, dtype=torch.float64))
        self.bias = nn.Parameter(torch.zeros(outputs, dtype=torch.float64))

    def forward(self, h):
        return self.weight * (h @ self.sums.T) + self.bias


class StraightThrough(torch.autograd.Function):
    """A step forward; backward as if it were z for |z| <= 1."""

    @staticmethod
    def forward(context, z):
        context.save_for_backward(z)
        return (z > 0).to(z)

    @staticmethod
    def backward(context, signal):
        (z,) = context.saved_tensors
        return signal * (z.abs() <= 1)


MODULES = {
    "relu": lambda _: nn.ReLU(),
    "shifted_relu": lambda c: nn.Threshold(c, c),
    "leaky_relu": nn.LeakyReLU,
    "prelu": lambda a: nn.PReLU(init=a, dtype=torch.float64),
    "abs": lambda _: Function(torch.abs),
    "hardtanh": lambda _: nn.Hardtanh(),
    "relu6": lambda _: nn.ReLU6(),
    # torch.nn.Hardsigmoid's backward multiplies by 1/6 rounded to float32, in float64 too.
    "hardsigmoid": lambda _: Function(lambda z: torch.clamp(z / 6 + 0.5, 0, 1)),
    "step": lambda _: Function(lambda z: (z > 0).to(z) + 0.0 * z),
    "step_ste": lambda _: Function(StraightThrough.apply),
    "identity": lambda _: nn.Identity(),
    "sigmoid": lambda _: nn.Sigmoid(),
    "tanh": lambda _: nn.Tanh(),
    "elu": nn.ELU,
    "softplus": lambda _: nn.Softplus(threshold=700),
    "gelu": lambda _: nn.GELU(),
    "silu": lambda _: nn.SiLU(),
    "mish": lambda _: nn.Mish(),
    "sin": lambda _: Function(torch.sin),
}


LINEAR = (nn.Linear, FixedSums)


def loss_function(name: str, dataset: Dataset, outputs: int):
    """Return (function of outputs and targets, targets) by torch's own losses where it has them."""
    targets = torch.tensor(dataset.targets)
    if name == "softmax":
        return nn.CrossEntropyLoss(), targets
    if dataset.is_classes:
        targets = targets[:, None] == torch.arange(outputs) if outputs > 1 else targets[:, None] == 1
        targets = targets.double()
    if name == "logistic":
        return nn.BCEWithLogitsLoss(), targets
    signs = 2 * targets - 1 if dataset.is_classes else targets
    if name == "squared":
        return nn.MSELoss(), signs
    return lambda z, t: torch.relu(1 - z * t).mean(), signs


class PlainTraining:
    """A training loop as a torch user writes it, float64."""

    def __init__(self, experiment: Experiment, dataset: Dataset) -> None:
        self.experiment, self.dataset = experiment, dataset
        name = resolve_loss(experiment.loss, dataset)
        outputs = output_count(name, dataset)
        self.layout = experiment.layout(outputs)
        sizes = self.layout.sizes
        modules = []
        for layer in range(len(sizes) - 1):
            is_walsh = self.layout.kinds[layer] == "walsh"
            linear = FixedSums if is_walsh else partial(nn.Linear, dtype=torch.float64)
            modules.append(linear(sizes[layer], sizes[layer + 1]))
            if layer < len(experiment.hidden):
                row, value = experiment.layer_activations[layer]
                modules.append(MODULES[row.name](value))
        self.module = nn.Sequential(*modules)
        self.loss, self.targets = loss_function(name, dataset, outputs)
        self.points = torch.tensor(dataset.points)
        self.load(initial_parameters(experiment, outputs))
        self.optimizer = self.new_optimizer()
        self.step = 0

    def parts(self) -> list[torch.Tensor]:
        linear = [p for m in self.module if isinstance(m, LINEAR) for p in (m.weight, m.bias)]
        return linear + [m.weight for m in self.module if isinstance(m, nn.PReLU)]

    def load(self, flat) -> None:
        with torch.no_grad():
            for part, value in zip(self.parts(), self.layout.split(flat), strict=True):
                part.copy_(torch.tensor(value))

    @property
    def parameters(self):
        return np.concatenate([part.detach().numpy().ravel() for part in self.parts()])

    @property
    def gradients(self):
        grads = [part.grad if part.grad is not None else torch.zeros_like(part) for part in self.parts()]
        return np.concatenate([grad.numpy().ravel() for grad in grads])

    def new_optimizer(self) -> torch.optim.Optimizer:
        parts, rate = self.parts(), self.experiment.learning_rate
        return {
            "sgd": lambda: torch.optim.SGD(parts, lr=rate),
            "momentum": lambda: torch.optim.SGD(parts, lr=rate, momentum=0.9),
            "rmsprop": lambda: torch.optim.RMSprop(parts, lr=rate),
            "adam": lambda: torch.optim.Adam(parts, lr=rate),
        }[self.experiment.optimizer]()

    def batch(self, step: int):
        train = np.flatnonzero(self.dataset.is_train)
        size = min(self.experiment.batch_size, len(train))
        per_epoch = -(-len(train) // size)
        epoch, place = divmod(step, per_epoch)
        order = np.random.default_rng([self.experiment.batch_seed, epoch]).permutation(len(train))
        return train if per_epoch == 1 else train[order[place * size : (place + 1) * size]]

    def advance(self, steps: int) -> None:
        for _ in range(steps):
            chosen = self.batch(self.step)
            self.optimizer.zero_grad()
            loss = self.loss(self.module(self.points[chosen]), self.targets[chosen])
            weights = [m.weight for m in self.module if isinstance(m, LINEAR)]
            for weight in weights:
                loss = loss + self.experiment.l1 * weight.abs().sum() + self.experiment.l2 / 2 * weight.square().sum()
            loss.backward()
            self.optimizer.step()
            self.step += 1
