"""What is done to the loss's gradient before the optimiser sees it."""

from functools import partial

import torch
from torch import Tensor

from reluviz.core.experiment import Experiment
from reluviz.engine.activations import Call
from reluviz.engine.weights import FlatWeights


def adjustments(weights: FlatWeights, experiment: Experiment, rests: Tensor) -> list[Call]:
    """Return the calls that adjust `weights.gradients` in place; `rests` (P,) marks numbers that do not train.

    Units that are switched off get none; the slopes of l1 * sum|w| + l2/2 * sum w^2 (0 at w = 0) are added.
    """
    calls = list[Call]()
    if experiment.ablated:
        calls.append(partial(weights.gradients.masked_fill_, rests, 0.0))
    if experiment.l2 > 0.0:
        calls.append(partial(weights.gradients.addcmul_, weights.values, weights.is_weight, value=experiment.l2))
    if experiment.l1 > 0.0:
        signs = torch.empty_like(weights.values)
        calls.append(partial(torch.sign, weights.values, out=signs))
        calls.append(partial(weights.gradients.addcmul_, signs, weights.is_weight, value=experiment.l1))
    return calls
