"""Small random networks in which ties abound, and boxes that their lines meet at corners and along edges."""

from itertools import pairwise

import numpy as np

from reluviz.core.activations import ACTIVATIONS
from reluviz.core.network import Network

# Parameters that matter: slopes below 0, above 1, exactly 0 and 1; floors on either side of 0.
ROWS = [
    ("relu", 0.0),
    ("relu", 0.0),
    ("shifted_relu", -1.0),
    ("shifted_relu", 0.5),
    ("leaky_relu", 0.01),
    ("prelu", -0.5),
    ("prelu", 1.5),
    ("prelu", 0.0),
    ("prelu", 1.0),
    ("abs", 0.0),
    ("hardtanh", 0.0),
    ("relu6", 0.0),
    ("hardsigmoid", 0.0),
    ("step", 0.0),
    ("identity", 0.0),
]
SQUARE, OFF_CENTRE, SLIM = (-1.0, 1.0, -1.0, 1.0), (-0.75, 2.0, -1.25, 0.5), (0.25, 0.5, -3.0, 3.0)
BOXES = [SQUARE, SQUARE, OFF_CENTRE, SLIM]


def generic(generator, shape):
    return generator.normal(0, np.sqrt(2 / shape[-1]), shape)


def integers(generator, shape):
    return generator.integers(-2, 3, shape).astype(float)


def halves(generator, shape):
    return generator.integers(-4, 5, shape) / 2


def signs(generator, shape):
    return generator.choice([-1.0, 0.0, 1.0], shape)


DRAWS = [generic, integers, halves, signs]
HOMOGENEOUS = {"relu", "leaky_relu", "prelu", "abs", "identity"}


def small_network(seed: int) -> tuple[Network, tuple[float, float, float, float]]:
    """Draw a network of 1 to 3 hidden layers of 1 to 10 units and a box; each seed another mixture of degeneracies."""
    generator = np.random.default_rng(seed)
    draw = DRAWS[seed % len(DRAWS)]
    depth = int(generator.integers(1, 4))
    widths = generator.integers(1, 10 - 2 * depth + (depth == 1) * 3, depth).tolist()
    rows = [ROWS[i] for i in generator.integers(0, len(ROWS), depth)]
    layers = []
    for inputs, outputs in pairwise([2, *widths, int(generator.integers(1, 3))]):
        weights, biases = draw(generator, (outputs, inputs)), draw(generator, (outputs,))
        if generator.random() < 0.25:
            biases[:] = 0
        if outputs > 1 and generator.random() < 0.25:
            # Equal units, or one the negative of another.
            sign = generator.choice([-1.0, 1.0])
            weights[1], biases[1] = sign * weights[0], sign * biases[0]
        if generator.random() < 0.1:
            weights[0] = 0
        layers.append((weights, biases))
    box = BOXES[int(generator.integers(0, len(BOXES)))]
    network = Network.create(layers, [ACTIVATIONS[name] for name, _ in rows], [value for _, value in rows])
    return network, box


def rescaled(network: Network, seed: int) -> Network:
    """Multiply units by 2^-100 to 2^100 (1e30) and divide what reads them: the same function where phi(a z) = a phi(z).

    Units of other activations are left alone; each output gets a scale of its own.
    """
    generator = np.random.default_rng(seed)
    weights, biases = [w.copy() for w in network.weights], [b.copy() for b in network.biases]
    for layer, (w, b) in enumerate(zip(weights, biases, strict=True)):
        is_output = layer == len(network.activations)
        if is_output or network.activations[layer].name in HOMOGENEOUS:
            scales = 2.0 ** generator.integers(-100, 101, len(b))
            w *= scales[:, None]
            b *= scales
            if not is_output:
                weights[layer + 1] /= scales
    return Network.create(list(zip(weights, biases, strict=True)), network.activations, network.parameters)


def folding_network(layers: int) -> Network:
    """Each layer folds the square [-1, 1]^2 onto itself twice in each direction: 4^layers squares.

    Units come in pairs, so that half of all lines coincide: (|x|, |x|, |y|, |y|), then 2 * that - 1.
    """
    first = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    fold = np.array([[1.0, 1.0, 0.0, 0.0], [2.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 2.0], [0.0, 0.0, 1.0, 1.0]])
    hidden = [(first, np.zeros(4)), *[(fold, -np.ones(4))] * (layers - 1)]
    return Network.create([*hidden, (np.ones((1, 4)), np.zeros(1))], [ACTIVATIONS["abs"]] * layers, [0.0] * layers)
