"""FlowMeter: figures of gradient flow, by-products of the trainer's own forward and backward pass."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from reluviz.core.flow import BINS, FEWEST, Flow
from reluviz.core.response import TAU, respond
from reluviz.engine.chain_rule import ChainRule, Row
from reluviz.engine.losses import Loss
from reluviz.engine.optimizers import Optimizer
from reluviz.engine.weights import FlatWeights

POINTS = 512
WIDTH = 4.0  # A histogram reaches this many standard deviations from the mean, so that one outlier does not fill it.


class FlowMeter:
    """Runs the calls that train `weights` on fixed points, into buffers of its own, and reads what passed.

    table (points, inputs + 1 + outputs) holds the points' inputs, a one, and their targets.
    """

    def __init__(self, weights: FlatWeights, rows: Sequence[Row], loss: Loss, table: Tensor, inputs: int) -> None:
        self._rows = tuple(rows)
        # Of its own, so that the newest step's gradients stay.
        kind = weights.values.device, weights.values.dtype
        self._weights = FlatWeights(weights.layout, *kind, weights.values, filters=weights.filters)
        chain_rule = ChainRule(self._weights, self._rows, loss, keeps_z=True)
        columns = table.t().contiguous()
        self._points = columns.shape[1]
        self._buffers = chain_rule.buffers(self._points)
        self._calls = chain_rule.gradient(columns[: inputs + 1], columns[inputs + 1 :])

    def measure(self, optimizer: Optimizer) -> Flow | None:
        """Return this moment's figures, None where they are not finite."""
        for call in self._calls:
            call()
        gradients = _norms(self._weights.own_gradients)
        units = [_unit_rms(signal) for signal in self._buffers.signals]
        if not np.isfinite(np.concatenate([gradients, *units])).all():
            return None
        weights = _norms(self._weights.own)
        ratio = np.full(len(weights), np.nan)
        if optimizer.steps:
            updates = _norms(self._weights.views(optimizer.newest_update())[0])
            ratio = np.divide(updates, weights, out=ratio, where=weights > 0)
        slopes = [self._slope(layer) for layer in range(len(self._rows))]
        responsive = [self._responsive_share(layer, slope) for layer, slope in enumerate(slopes)]
        dead = [~slope.any(dim=1).numpy() for slope in slopes]
        histograms = [_histogram(unit.z) for unit in self._buffers.nonlinearities]
        return Flow(
            points=self._points,
            grad_norm=gradients,
            weight_norm=weights,
            update_ratio=ratio,
            signal_rms=np.array([np.sqrt(np.square(rms).mean()) for rms in units]),
            slope_mean=np.array([slope.mean(dtype=torch.float64).item() for slope in slopes]),
            dead_share=np.array([is_dead.mean() for is_dead in dead]),
            saturated_share=np.array([(~d & (r < FEWEST)).mean() for d, r in zip(dead, responsive, strict=True)]),
            unit_signal=np.concatenate([*units[:-1], np.empty(0)]),
            unit_dead=np.concatenate([*dead, np.empty(0, np.bool_)]),
            histogram=np.array([counts for counts, _ in histograms], np.int32).reshape(-1, BINS),
            histogram_range=np.array([ends for _, ends in histograms], np.float64).reshape(-1, 2),
        )

    def _slope(self, layer: int) -> Tensor:
        """Return |phi'(z)| (units, points), as training has it: what becomes of a gradient of ones."""
        signal = self._buffers.signals[layer]
        signal.fill_(1.0)
        for call in self._buffers.nonlinearities[layer].backward:
            call()
        return signal.abs().cpu()

    def _responsive_share(self, layer: int, slope: Tensor) -> NDArray[np.float64]:
        activation, parameter = self._rows[layer]
        learned = self._weights.learned[layer]
        value = parameter if learned is None else float(learned)
        steepest = respond((activation.backward or activation.curve)(value)).steepest
        share: NDArray[np.float64] = ((slope >= TAU * steepest) & (slope > 0)).mean(dim=1, dtype=torch.float64).numpy()
        return share


def _norms(matrices: Sequence[Tensor]) -> NDArray[np.float64]:
    """Return each layer's norm without the biases, of a walsh layer that of its scales.

    In double, as squares below 1e-38 are lost in single.
    """
    weights = (matrix[:, :-1].cpu().reshape(-1) for matrix in matrices)
    return np.array([torch.linalg.vector_norm(part, dtype=torch.float64).item() for part in weights])


def _unit_rms(signal: Tensor) -> NDArray[np.float64]:
    norms: NDArray[np.float64] = torch.linalg.vector_norm(signal.cpu(), dim=1, dtype=torch.float64).numpy()
    norms /= math.sqrt(signal.shape[1])
    return norms


def _histogram(z: Tensor) -> tuple[NDArray[np.int32], tuple[float, float]]:
    flat = z.cpu().reshape(-1)
    mean = flat.mean().item()
    # Twenty times faster than torch.std, and exact enough for the ends of a range.
    reach = WIDTH * math.sqrt(max(0.0, torch.dot(flat, flat).item() / len(flat) - mean * mean))
    low, high = (end.item() for end in torch.aminmax(flat))
    low, high = max(low, mean - reach), min(high, mean + reach)
    if not high > low:  # All alike.
        low, high = low - 0.5, low + 0.5
    counts: NDArray[np.int32] = torch.histc(flat, BINS, low, high).to(torch.int32).numpy()
    return counts, (low, high)
