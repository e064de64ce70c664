"""The gradient of the loss by a network's weights, in numpy: the chain rule written out, as in training."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reluviz.core.dataset import Dataset
from reluviz.core.network import Network
from reluviz.core.objective import resolve_loss

Float = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Gradients:
    """dL/dW per layer (outputs, inputs) and dL/db (outputs,), readout last; signals[l] (N, width) is dL/dz per point.

    L is the mean over the points; where there are several outputs, over the outputs too (softmax apart).
    """

    weights: tuple[Float, ...]
    biases: tuple[Float, ...]
    signals: tuple[Float, ...]

    @property
    def norms(self) -> Float:
        """The Frobenius norm of dL/dW of each layer."""
        return np.array([np.linalg.norm(w) for w in self.weights])


def loss_gradients(network: Network, x: Float, targets: NDArray[np.generic], loss: str) -> Gradients:
    """Return the gradients at points x (N, 2); targets are labels (N,) or values (N, K), loss a resolved name.

    Straight-through activations pass the slope that training passes.
    """
    z = network.preactivations(x)
    signal = output_signal(z[-1], targets, loss)
    weights, biases, signals = [], [], []
    for layer in range(len(z) - 1, -1, -1):
        h = x if layer == 0 else network.curves[layer - 1].value(z[layer - 1])
        weights.append(signal.T @ h)
        biases.append(signal.sum(axis=0))
        signals.append(signal)
        if layer:
            row = network.activations[layer - 1]
            curve = row.backward(network.parameters[layer - 1]) if row.backward else network.curves[layer - 1]
            signal = (signal @ network.weights[layer]) * curve.derivative(z[layer - 1])
    return Gradients(tuple(weights[::-1]), tuple(biases[::-1]), tuple(signals[::-1]))


def data_gradients(network: Network, dataset: Dataset, loss: str) -> Gradients:
    """Return the gradients on the training points; `loss` as an experiment names it."""
    chosen = dataset.is_train
    return loss_gradients(network, dataset.points[chosen], dataset.targets[chosen], resolve_loss(loss, dataset))


def output_signal(z: Float, targets: NDArray[np.generic], loss: str) -> Float:
    """Return dL/dz (N, outputs) of the mean loss."""
    count, outputs = z.shape
    is_classes = targets.ndim == 1
    if is_classes:
        labels = targets.astype(np.int64)
        ones = labels[:, None].astype(np.float64) if outputs == 1 else np.eye(outputs)[labels]
    else:
        ones = targets.astype(np.float64)
    signs = 2.0 * ones - 1.0 if is_classes else ones
    pull: Float
    if loss == "softmax":
        pull = (softmax(z) - ones) * outputs
    elif loss == "logistic":
        # sigmoid(z) - t for t in {0, 1}, without the rounding that a difference of near numbers brings.
        pull = -signs * np.exp(-np.logaddexp(0.0, signs * z))
    elif loss == "hinge":
        pull = -signs * (1.0 - z * signs > 0)
    else:
        pull = 2.0 * (z - signs)
    pull /= count * outputs
    return pull


def softmax(z: Float) -> Float:
    """Return exp(z) over its sum, row by row."""
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    result: Float = powers / powers.sum(axis=1, keepdims=True)
    return result
