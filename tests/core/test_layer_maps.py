"""What layers are on each region, against torch's forward inside the region."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from reluviz.core.activations import ACTIVATIONS
from reluviz.core.errors import InputError
from reluviz.core.layer_maps import maps_of_regions, project_layer, unit_map
from reluviz.core.partition import decompose
from tests.core.networks import random_network

SQUARE = (-1.0, 1.0, -1.0, 1.0)
TORCH = {
    "relu": torch.relu,
    "abs": torch.abs,
    "hardtanh": torch.nn.functional.hardtanh,
    "relu6": torch.nn.functional.relu6,
    "step": lambda z: (z > 0).double(),
    "shifted_relu": lambda z: torch.clamp(z, min=-1.0),
    "leaky_relu": lambda z: torch.nn.functional.leaky_relu(z, 0.01),
}


def torch_layers(network, x):
    """Return z and h of every hidden layer at points (N, 2)."""
    h, result = torch.tensor(x), []
    for weights, biases, row in zip(network.weights, network.biases, network.activations, strict=False):
        z = h @ torch.tensor(weights).T + torch.tensor(biases)
        h = TORCH[row.name](z)
        result.append((z.numpy(), h.numpy()))
    return result


def centers(partition):
    return np.add.reduceat(partition.vertices, partition.offsets[:-1], axis=0) / np.diff(partition.offsets)[:, None]


@given(st.integers(0, 10**6), st.sampled_from(sorted(TORCH)), st.sampled_from(sorted(TORCH)), st.integers(1, 3))
def test_maps_of_a_layer_are_torchs_forward_at_the_middle_of_each_region(seed, first, second, layer):
    network = random_network(first, second, "relu", width=6, seed=seed)
    partition = decompose(network, SQUARE)
    directions = np.random.default_rng(seed).normal(size=(2, 6))
    middle = centers(partition)
    gradients, intercepts = project_layer(partition, layer, directions)
    found = np.einsum("rki,ri->rk", gradients, middle) + intercepts
    np.testing.assert_allclose(found, torch_layers(network, middle)[layer - 1][1] @ directions.T, atol=1e-9)


def test_layer_zero_is_the_plane():
    partition = decompose(random_network("relu"), SQUARE)
    gradients, intercepts = project_layer(partition, 0, np.eye(2))
    assert (gradients == np.eye(2)).all()
    assert not intercepts.any()


@pytest.mark.parametrize("name", sorted(TORCH))
def test_all_units_at_once_in_single_precision(name):
    network = random_network(name, name, name, width=7, seed=8)
    partition = decompose(network, SQUARE)
    middle = np.column_stack([centers(partition), np.ones(partition.count)])
    for maps, (z, _) in zip(
        maps_of_regions(network, partition.patterns), torch_layers(network, middle[:, :2]), strict=True
    ):
        np.testing.assert_allclose(np.einsum("rin,ri->rn", maps, middle), z, rtol=2e-5, atol=2e-5)


def test_one_unit():
    network = random_network("relu", "hardtanh", seed=4)
    partition = decompose(network, SQUARE)
    middle = centers(partition)
    gradients, intercepts = unit_map(partition, 1, 3)
    found = np.einsum("ri,ri->r", gradients, middle) + intercepts
    np.testing.assert_allclose(found, torch_layers(network, middle)[1][1][:, 3], atol=1e-12)


def test_layers_and_units_that_are_not_there_or_not_known():
    network = random_network("relu", "relu", seed=4)
    partition = decompose(network, SQUARE)
    with pytest.raises(InputError, match="allowed is 0"):
        project_layer(partition, 3, np.eye(8))
    with pytest.raises(InputError, match="unit 9 of layer 2 does not exist"):
        unit_map(partition, 1, 8)
    cut_short = decompose(network, SQUARE, budget=40)
    assert cut_short.truncated_at == 1
    project_layer(cut_short, 1, np.eye(8))
    with pytest.raises(InputError, match="layers that were decomposed"):
        project_layer(cut_short, 2, np.eye(8))


def test_every_activation_of_the_table_with_exact_pieces_is_covered_or_like_one_that_is():
    exact = {name for name, row in ACTIVATIONS.items() if not row.is_smooth}
    assert exact - set(TORCH) <= {"prelu", "identity", "hardsigmoid", "step_ste"}
