"""The first weights: drawn in numpy, so that the window can show step 0 before torch is loaded."""

import numpy as np
from numpy.typing import NDArray

from reluviz.core.experiment import Experiment
from reluviz.core.filter_bank import order_of


def initial_parameters(experiment: Experiment, outputs: int) -> NDArray[np.float32]:
    """Return the flat vector (P,) float32 of first weights, the same for equal seeds on every machine.

    default: torch.nn.Linear's rule, weights and biases uniform in +-1/sqrt(inputs).
    he: weights normal with variance 2/inputs, biases zero (He et al. 2015).
    xavier: weights uniform in +-sqrt(6/(inputs+outputs)), biases zero (Glorot & Bengio 2010).
    `init_scale` multiplies weights and biases. Learned activation parameters start at their setting.
    A walsh layer's scales are drawn as weights are, times sqrt(n): its entries are +-1/sqrt(n), so that each product of
    scale and entry has the variance of a weight.
    """
    layout = experiment.layout(outputs)
    flat = np.zeros(layout.length, np.float32)
    parts = layout.split(flat)
    generator = np.random.default_rng([experiment.seed, 1])
    for layer in range(len(layout.sizes) - 1):
        weights, biases = parts[2 * layer], parts[2 * layer + 1]
        inputs, outputs = layout.sizes[layer : layer + 2]
        shape = (outputs, inputs) if layout.kinds[layer] == "dense" else (outputs,)
        weights[...], biases[...] = _draw(experiment.initialization, shape, inputs, generator)
        if layout.kinds[layer] == "walsh":
            weights *= np.sqrt(order_of(outputs, inputs))
        weights *= experiment.init_scale
        biases *= experiment.init_scale
    learned = [value for row, value in experiment.layer_activations if row.learned]
    for part, value in zip(parts[2 * (len(layout.sizes) - 1) :], learned, strict=True):
        part[...] = value
    return flat


def _draw(
    rule: str, shape: tuple[int, ...], inputs: int, generator: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    outputs = shape[0]
    if rule == "he":
        return generator.normal(0.0, np.sqrt(2.0 / inputs), shape), np.zeros(outputs)
    if rule == "xavier":
        bound = np.sqrt(6.0 / (inputs + outputs))
        return generator.uniform(-bound, bound, shape), np.zeros(outputs)
    bound = 1.0 / np.sqrt(inputs)
    return generator.uniform(-bound, bound, shape), generator.uniform(-bound, bound, outputs)
