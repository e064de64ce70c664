"""The switchboard against torch: forward, autograd, and the network rebuilt from its lamps alone."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from reluviz.core.activations import ACTIVATIONS
from reluviz.core.errors import InputError
from reluviz.core.network import Network
from reluviz.core.partition import decompose
from reluviz.core.switchboard import nearest_edge, read_switches, replay
from tests.core.networks import random_network

TORCH = {
    "relu": torch.relu,
    "leaky_relu": lambda z: torch.nn.functional.leaky_relu(z, 0.01),
    "abs": torch.abs,
    "hardtanh": torch.nn.functional.hardtanh,
    "relu6": torch.nn.functional.relu6,
    # torch's own takes 1/6 from float32 in its backward pass.
    "hardsigmoid": lambda z: torch.clamp(z / 6 + 0.5, 0, 1),
    "identity": lambda z: z,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "gelu": torch.nn.functional.gelu,
}


def degenerate_networks():
    """Dead, equal, opposite and zero units, a line through the origin, and numbers of very different size."""
    relu = ACTIVATIONS["relu"]
    first = np.array([[1.0, 0.0], [1.0, 0.0], [-1.0, 0.0], [0.0, 0.0], [0.5, -0.5]]), np.array([0, 0, 0, -1.0, 0])
    second = np.array([[1.0, -1, 0, 3, 0], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1]]), np.array([0.0, 0.0, -0.25])
    readout = np.array([[1.0, 2.0, -3.0]]), np.array([0.125])
    yield Network.create([first, second, readout], [relu, relu], [0.0, 0.0])
    small = np.array([[1e-30, 2e-30], [1e30, -1e30]]), np.array([1e-30, 1e29])
    yield Network.create([small, (np.array([[1e30, 1e-30]]), np.zeros(1))], [relu], [0.0])
    yield Network.create([(np.array([[1.0, 2.0]]), np.array([3.0]))], [], [])


def run_torch(network, x):
    """Return every layer's z and h as leaves of one graph, f last."""
    point = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    h, sums, outputs = point, [], []
    for layer, (weights, biases) in enumerate(zip(network.weights, network.biases, strict=True)):
        z = torch.tensor(weights) @ h + torch.tensor(biases)
        h = TORCH[network.activations[layer].name](z) if layer < len(network.activations) else z
        h.retain_grad()
        sums.append(z)
        outputs.append(h)
    return point, sums, outputs


@pytest.mark.parametrize("name", TORCH)
def test_every_number_is_torchs(name):
    network = random_network(name, name, name, width=9, outputs=2, seed=3)
    for x in np.random.default_rng(0).uniform(-1, 1, (5, 2)):
        board = read_switches(network, x)
        for output in range(2):
            point, sums, outputs = run_torch(network, x)
            outputs[-1][output].backward()
            np.testing.assert_allclose(board.gradient[output], point.grad, rtol=1e-12, atol=1e-13)
            for switches, z, h in zip(board.layers, sums, outputs, strict=True):
                np.testing.assert_allclose(switches.z, z.detach(), rtol=1e-12, atol=1e-13)
                np.testing.assert_allclose(switches.h, h.detach(), rtol=1e-12, atol=1e-13)
                np.testing.assert_allclose(switches.reach[output], h.grad, rtol=1e-12, atol=1e-13)
        np.testing.assert_allclose(board.value, outputs[-1].detach(), rtol=1e-12)
        np.testing.assert_allclose(board.gradient @ x + board.intercept, board.value, rtol=1e-12, atol=1e-13)
        assert board.deviation <= 1e-13 * (1 + np.abs(board.value).max())


@pytest.mark.parametrize("name", TORCH)
def test_each_layer_is_a_weighted_sum_of_the_input_and_of_its_links(name):
    network = random_network(name, "relu", name, width=7, seed=5)
    x = np.array([0.3, -0.7])
    for switches, biases in zip(read_switches(network, x).layers, network.biases, strict=True):
        np.testing.assert_allclose(switches.gradient @ x + switches.offset, switches.z, rtol=1e-12, atol=1e-13)
        arrived = switches.flow.sum(axis=1) + switches.slope * biases + switches.intercept
        np.testing.assert_allclose(arrived, switches.h, rtol=1e-12, atol=1e-13)


@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(1, 12))
def test_lamps_rebuild_a_relu_network_to_the_last_bit(seed, depth, width):
    network = random_network(*["relu"] * depth, width=width, outputs=2, seed=seed)
    for x in np.random.default_rng(seed).uniform(-2, 2, (4, 2)):
        board = read_switches(network, x)
        assert all(set(np.unique(switches.slope)) <= {0.0, 1.0} for switches in board.layers)
        assert replay(network, board).tobytes() == network.forward(x[None])[0].tobytes()


def test_degenerate_networks_on_and_off_their_lines():
    for network in degenerate_networks():
        for x in ([0.0, 0.0], [0.25, 0.0], [0.5, 0.5], [-1.0, 1.0]):
            board = read_switches(network, x)
            point, _, outputs = run_torch(network, x)
            outputs[-1][0].backward()
            np.testing.assert_array_equal(board.value, outputs[-1].detach())
            np.testing.assert_array_equal(board.gradient[0], point.grad)
            assert replay(network, board).tobytes() == board.value.tobytes()


def test_a_probe_that_is_not_finite_is_refused():
    with pytest.raises(InputError, match="not finite"):
        read_switches(random_network("relu"), [np.nan, 0.0])


def distance_to_segment(p, a, b):
    along = b - a
    t = min(1.0, max(0.0, float((p - a) @ along / (along @ along))))
    return float(np.linalg.norm(a + t * along - p))


@pytest.mark.parametrize(("names", "seed"), [(("relu", "relu"), 1), (("hardtanh", "abs"), 2), (("step", "relu"), 4)])
def test_the_nearest_edge_is_that_of_the_ring_and_leads_to_the_neighbour(names, seed):
    network = random_network(*names, width=6, seed=seed)
    partition = decompose(network, (-1.0, 1.0, -1.0, 1.0))
    starts = np.cumsum([0, *network.hidden])
    for x in np.random.default_rng(seed).uniform(-1, 1, (40, 2)):
        edge = nearest_edge(partition, x)
        ring = np.arange(partition.offsets[edge.region], partition.offsets[edge.region + 1])
        corners = partition.vertices[ring]
        distances = [
            distance_to_segment(x, a, b)
            for a, b, cut in zip(corners, np.roll(corners, -1, axis=0), partition.edge_of[ring], strict=True)
            if cut >= 0
        ]
        assert edge.distance == pytest.approx(min(distances), rel=1e-9, abs=1e-12)
        assert np.hypot(*(np.array(edge.point) - x)) == pytest.approx(edge.distance, abs=1e-12)
        here, there = network.pattern(x[None])[0], partition.patterns[edge.neighbour]
        differing = np.flatnonzero(here != there)
        layers = np.searchsorted(starts, differing, side="right") - 1
        assert set(edge.units) == set(zip(layers.tolist(), (differing - starts[layers]).tolist(), strict=True))
        assert edge.units


def test_where_nothing_bends_there_is_no_edge():
    partition = decompose(random_network("identity"), (-1.0, 1.0, -1.0, 1.0))
    assert nearest_edge(partition, [0.0, 0.0]) is None
    partition = decompose(random_network("relu"), (-1.0, 1.0, -1.0, 1.0))
    assert nearest_edge(partition, [3.0, 0.0]) is None
    assert nearest_edge(partition, [np.inf, 0.0]) is None
