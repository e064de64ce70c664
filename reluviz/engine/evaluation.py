"""Evaluation: loss and accuracy of the present weights on training and test points."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from reluviz.core.dataset import Dataset
from reluviz.engine.chain_rule import ChainRule
from reluviz.engine.losses import Loss

LIMIT = 2_000


@dataclass(frozen=True)
class Scores:
    """Mean losses without L1/L2 and shares of points put right; nan where there are none."""

    train_loss: float
    test_loss: float
    train_accuracy: float
    test_accuracy: float


class Evaluation:
    """Fixed points and calls that score the present weights.

    Of more than LIMIT training (or test) points, LIMIT are used: every (count / LIMIT)th in the data's order, always
    the same ones, so that curves do not jitter.
    """

    def __init__(self, chain_rule: ChainRule, loss: Loss, table: Tensor, inputs: int, dataset: Dataset) -> None:
        train, test = spread(dataset.is_train), spread(~dataset.is_train)
        self._train_count = len(train)
        chosen = table[torch.from_numpy(np.concatenate([train, test])).to(table.device)].t().contiguous()
        x, self._targets = chosen[: inputs + 1], chosen[inputs + 1 :]
        self._loss, self._is_classes = loss, dataset.is_classes
        buffers = chain_rule.buffers(chosen.shape[1])
        self._output = buffers.output
        self._calls = chain_rule.forward(x, buffers)

    def scores(self) -> Scores:
        """Return the present scores; one copy from the device."""
        for call in self._calls:
            call()
        z, targets = self._output, self._targets
        rows = [self._loss.values(z, targets)]
        if self._is_classes:
            right = (z > 0) == (targets > 0) if len(z) == 1 else (z.argmax(0) == targets.argmax(0))[None]
            rows.append(right[0].to(z.dtype))
        values = torch.stack(rows).cpu().numpy()
        losses = _means(values[0], self._train_count)
        shares = _means(values[1], self._train_count) if self._is_classes else (math.nan, math.nan)
        return Scores(*losses, *shares)


def spread(mask: NDArray[np.bool_], limit: int | None = None) -> NDArray[np.int64]:
    """Return the positions of True, at most `limit` (LIMIT) of them, evenly spread."""
    positions = np.flatnonzero(mask)
    count = min(len(positions), limit or LIMIT)
    return positions[np.arange(count) * len(positions) // max(count, 1)]


def _means(values: NDArray[np.floating], count: int) -> tuple[float, float]:
    """Return the mean of the first `count` values and of the others, nan for none."""
    train, test = (
        float(part.mean(dtype=np.float64)) if len(part) else math.nan for part in (values[:count], values[count:])
    )
    return train, test
