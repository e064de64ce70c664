"""Several threads return what one does, to the last bit."""

from itertools import pairwise

import numpy as np
import pytest

from reluviz.core.activations import ACTIVATIONS
from reluviz.core.network import Network
from reluviz.core.partition import decompose
from reluviz.core.shared_walk import CELLS_PER_RUN, _edge_numbers

ARRAYS = (
    "vertices", "offsets", "edge_of", "patterns", "gradients", "intercepts", "scales", "areas",
    "edges", "edge_layers", "edge_units", "edge_breakpoints",
)  # fmt: skip


def network_of(activation: str, sizes=(2, 24, 20, 16, 2), seed=0, round_to=None) -> Network:
    random = np.random.default_rng(seed)
    layers = []
    for inputs, outputs in pairwise(sizes):
        weights, biases = random.normal(0, (2 / inputs) ** 0.5, (outputs, inputs)), random.normal(0, 0.4, outputs)
        if round_to:
            weights, biases = np.rint(weights / round_to) * round_to, np.rint(biases / round_to) * round_to
        layers.append((weights, biases))
    hidden = len(sizes) - 2
    row = ACTIVATIONS[activation]
    return Network.create(layers, [row] * hidden, [row.default] * hidden)


def assert_same(one, other):
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    assert (one.slivers_dropped, one.truncated_at) == (other.slivers_dropped, other.truncated_at)


@pytest.mark.parametrize("activation", ["relu", "hardtanh", "leaky_relu", "step", "abs"])
@pytest.mark.parametrize("workers", [2, 5])
def test_any_number_of_threads_returns_the_same(activation, workers):
    network = network_of(activation)
    one = decompose(network, (-1.0, 1.2, -0.9, 1.0))
    assert one.count > 10 * CELLS_PER_RUN
    assert_same(one, decompose(network, (-1.0, 1.2, -0.9, 1.0), workers=workers))


@pytest.mark.parametrize("seed", range(4))
def test_ties_and_coincident_lines_are_no_exception(seed):
    network = network_of("relu", seed=seed, round_to=0.5)
    bounds = (-2.0, 2.0, -2.0, 2.0)
    assert_same(decompose(network, bounds), decompose(network, bounds, workers=3))


@pytest.mark.parametrize("budget", [40, 150, 250])
def test_the_budget_is_for_all_threads_together(budget):
    network = network_of("relu")
    one = decompose(network, (-1.0, 1.0, -1.0, 1.0), budget)
    assert one.truncated_at is not None
    assert_same(one, decompose(network, (-1.0, 1.0, -1.0, 1.0), budget, workers=3))


def test_edges_are_numbered_as_one_thread_meets_them():
    # One thread: first-layer edge, two deeper ones, first-layer edge, one deeper one; dealt out after the second.
    numbers = _edge_numbers([np.array([0, 1, 2, 0], np.int32), np.array([0, 0, 1], np.int32)])
    assert [number.tolist() for number in numbers] == [[0, 1, 2, 3], [0, 3, 4]]
