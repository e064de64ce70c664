"""The decomposition against independent programs: regioncam's counts, torch's values and gradients."""

from itertools import pairwise

import numpy as np
import pytest

from reluviz.core.activations import ACTIVATIONS
from reluviz.core.network import Network
from reluviz.core.partition import decompose

SQUARE = (-1.0, 1.0, -1.0, 1.0)


def he_network(widths, seed, name="relu", outputs=1):
    """Weights that are float32 numbers, so that every program decomposes the same network."""
    generator = np.random.default_rng(seed)
    layers = [
        (
            generator.normal(0, np.sqrt(2 / n), (m, n)).astype(np.float32).astype(float),
            generator.normal(0, 0.5, m).astype(np.float32).astype(float),
        )
        for n, m in pairwise([2, *widths, outputs])
    ]
    row = ACTIVATIONS[name]
    return Network.create(layers, [row] * len(widths), [row.default] * len(widths))


@pytest.mark.parametrize("widths", [(8,), (16, 16), (12, 12, 12), (20, 20)])
@pytest.mark.parametrize("seed", range(4))
def test_regioncam_counts_the_same(widths, seed):
    regioncam = pytest.importorskip("regioncam")
    network = he_network(widths, seed)
    camera = regioncam.Regioncam(size=1)
    for layer, (weights, biases) in enumerate(zip(network.weights, network.biases, strict=True)):
        camera.add(regioncam.nn.Linear(weights.T.astype(np.float32).copy(), biases.astype(np.float32)))
        if layer < len(widths):
            camera.add(regioncam.nn.ReLU())
    p = decompose(network, SQUARE)
    # regioncam computes in float32, where regions below about 1e-6 of the box may be lost or split.
    unsure = np.count_nonzero(p.areas < 4e-6)
    assert abs(camera.num_faces - p.count) <= unsure
    assert unsure < 0.05 * p.count + 1


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "hardtanh", "relu6", "hardsigmoid"])
def test_torch_computes_the_same_values_and_gradients(name):
    torch = pytest.importorskip("torch")
    functions = {
        "relu": torch.relu,
        "leaky_relu": torch.nn.functional.leaky_relu,
        "hardtanh": torch.nn.functional.hardtanh,
        "relu6": torch.nn.functional.relu6,
        # torch's own hardsigmoid multiplies gradients by a float32 1/6, in float64 too.
        "hardsigmoid": lambda z: (z * (1 / 6) + 0.5).clamp(0, 1),
    }
    network = he_network((16, 16), 3, name, outputs=2)
    p = decompose(network, SQUARE)
    points = np.random.default_rng(1).uniform(-1, 1, (400, 2))
    x = torch.tensor(points, dtype=torch.float64, requires_grad=True)
    h = x
    for layer, (weights, biases) in enumerate(zip(network.weights, network.biases, strict=True)):
        h = h @ torch.tensor(weights).T + torch.tensor(biases)
        if layer < 2:
            h = functions[name](h)
    region = p.locate(points)
    f = np.einsum("nok,nk->no", p.gradients[region], points) + p.intercepts[region]
    np.testing.assert_allclose(f, h.detach().numpy(), rtol=1e-9, atol=1e-12)
    for output in range(2):
        (gradient,) = torch.autograd.grad(h[:, output].sum(), x, retain_graph=True)
        np.testing.assert_allclose(p.gradients[region, output], gradient.numpy(), rtol=1e-9, atol=1e-12)
