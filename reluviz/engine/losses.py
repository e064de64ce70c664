"""LOSSES: what training makes small, with its gradient written out.

Conventions, those of torch.nn's losses with reduction="mean": a loss is the mean over the points of the batch and,
where there are several outputs, over the outputs too (softmax has one value per point). z and targets are
(outputs, points); for several networks at once z and its gradient are (networks, outputs, points), each network's
gradient that of its own loss.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from reluviz.core.dataset import Dataset
from reluviz.engine.activations import Call

Float = NDArray[np.float64]


@dataclass(frozen=True)
class Loss:
    """One row of LOSSES.

    `targets(dataset, outputs)` gives (N, outputs). `gradient(z, targets, signal)` returns the calls that fill
    `signal` with dL/dz. `values(z, targets)` returns each point's loss (points,).
    """

    name: str
    targets: Callable[[Dataset, int], Float]
    gradient: Callable[[Tensor, Tensor, Tensor], tuple[Call, ...]]
    values: Callable[[Tensor, Tensor], Tensor]


def _indicators(dataset: Dataset, outputs: int) -> Float:
    """0 and 1: the label itself for one output, else a row of the identity."""
    if outputs == 1:
        column: Float = dataset.targets.astype(np.float64)[:, None]
        return column
    rows: Float = np.eye(outputs)[dataset.targets]
    return rows


def _signs(dataset: Dataset, outputs: int) -> Float:
    """-1 and +1 for classes; values as they are."""
    values: Float = dataset.targets.astype(np.float64)
    return 2.0 * _indicators(dataset, outputs) - 1.0 if dataset.is_classes else values


def _scale(signal: Tensor, factor: float) -> Call:
    return partial(signal.mul_, torch.tensor(factor, dtype=signal.dtype, device=signal.device))


def _logistic_gradient(z: Tensor, targets: Tensor, signal: Tensor) -> tuple[Call, ...]:
    return (
        partial(torch.sigmoid, z, out=signal),
        partial(signal.sub_, targets),
        _scale(signal, 1.0 / z.shape[-2:].numel()),
    )


def _logistic_values(z: Tensor, targets: Tensor) -> Tensor:
    """log(1 + exp(z)) - y z, as in torch.nn.BCEWithLogitsLoss; several outputs are trained one against the rest."""
    return (z.clamp(min=0) - z * targets + torch.log1p(torch.exp(-z.abs()))).mean(0)


def _softmax_gradient(z: Tensor, targets: Tensor, signal: Tensor) -> tuple[Call, ...]:
    return (
        partial(torch.softmax, z, -2, out=signal),
        partial(signal.sub_, targets),
        _scale(signal, 1.0 / z.shape[-1]),
    )


def _softmax_values(z: Tensor, targets: Tensor) -> Tensor:
    """The log of sum exp(z) less z of the true class, as in torch.nn.CrossEntropyLoss."""
    return torch.logsumexp(z, 0) - (z * targets).sum(0)


def _squared_gradient(z: Tensor, targets: Tensor, signal: Tensor) -> tuple[Call, ...]:
    return (partial(torch.sub, z, targets, out=signal), _scale(signal, 2.0 / z.shape[-2:].numel()))


def _squared_values(z: Tensor, targets: Tensor) -> Tensor:
    """(z - t)^2 without a half, as in torch.nn.MSELoss; classes have t = -1 or +1."""
    return (z - targets).square().mean(0)


def _hinge_gradient(z: Tensor, targets: Tensor, signal: Tensor) -> tuple[Call, ...]:
    zero, one = (torch.tensor(value, dtype=z.dtype, device=z.device) for value in (0.0, 1.0))
    return (
        partial(torch.mul, z, targets, out=signal),
        partial(torch.sub, one, signal, out=signal),
        partial(torch.gt, signal, zero, out=signal),
        partial(signal.mul_, targets),
        _scale(signal, -1.0 / z.shape[-2:].numel()),
    )


def _hinge_values(z: Tensor, targets: Tensor) -> Tensor:
    """max(0, 1 - t z) with t = -1 or +1; its derivative at a margin of exactly 1 is 0."""
    return torch.relu(1.0 - z * targets).mean(0)


_ROWS = (
    Loss("logistic", _indicators, _logistic_gradient, _logistic_values),
    Loss("softmax", _indicators, _softmax_gradient, _softmax_values),
    Loss("squared", _signs, _squared_gradient, _squared_values),
    Loss("hinge", _signs, _hinge_gradient, _hinge_values),
)

LOSSES: dict[str, Loss] = {row.name: row for row in _ROWS}
