"""Folded rings against torch's forward; axes, steps in between, and which layers of paper lie on a place."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reluviz.core.activations import ACTIVATIONS
from reluviz.core.errors import InputError
from reluviz.core.fold import blend, fold, principal_axes, unit_axes
from reluviz.core.network import Network
from reluviz.core.partition import decompose
from tests.core.networks import random_network
from tests.core.test_layer_maps import torch_layers
from tests.oracles.folded import regions_at

SQUARE = (-1.0, 1.0, -1.0, 1.0)
CONTINUOUS = ["relu", "abs", "hardtanh", "relu6", "leaky_relu", "shifted_relu"]


@given(st.integers(0, 10**6), st.sampled_from(CONTINUOUS), st.sampled_from(CONTINUOUS))
def test_corners_and_data_land_where_torch_takes_them(seed, first, second):
    network = random_network(first, second, width=5, seed=seed)
    partition = decompose(network, SQUARE)
    points = np.random.default_rng(seed).uniform(-1, 1, (20, 2))
    for layer in (1, 2):
        folded = fold(partition, layer, unit_axes(network, layer, 4, 1))
        np.testing.assert_allclose(
            folded.vertices, torch_layers(network, partition.vertices)[layer - 1][1][:, [4, 1]], atol=1e-9
        )
        np.testing.assert_allclose(
            folded.map_points(points), torch_layers(network, points)[layer - 1][1][:, [4, 1]], atol=1e-9
        )


def test_layer_zero_is_the_square_itself():
    network = random_network("relu", seed=1)
    partition = decompose(network, SQUARE)
    folded = fold(partition, 0, principal_axes(network, 0, np.zeros((3, 2))))
    np.testing.assert_array_equal(folded.vertices, partition.vertices)
    assert folded.frame == (0.0, 0.0, 1.0)
    assert not folded.turned.any()


def test_points_outside_the_box_go_nowhere():
    partition = decompose(random_network("relu"), SQUARE)
    assert np.isnan(fold(partition, 1, unit_axes(partition.network, 1, 0, 1)).map_points(np.array([[3.0, 0.0]]))).all()


def test_principal_axes_are_those_of_the_covariance():
    network = random_network("relu", "relu", width=7, seed=3)
    points = np.random.default_rng(1).uniform(-1, 1, (300, 2))
    axes = principal_axes(network, 2, points)
    h = torch_layers(network, points)[1][1]
    np.testing.assert_allclose(axes @ axes.T, np.eye(2), atol=1e-12)
    singular = np.linalg.svd(h - h.mean(axis=0), compute_uv=False)
    np.testing.assert_allclose(np.linalg.norm((h - h.mean(axis=0)) @ axes.T, axis=0), singular[:2], rtol=1e-9)


def test_axes_follow_a_reference_instead_of_flipping():
    network = random_network("relu", "relu", width=7, seed=3)
    points = np.random.default_rng(1).uniform(-1, 1, (300, 2))
    h = torch_layers(network, points)[1][1]
    axes = principal_axes(network, 2, points)
    turn = np.array([[0.6, 0.8], [0.8, -0.6]])
    np.testing.assert_allclose(principal_axes(network, 2, points, h @ (turn @ axes).T), turn @ axes, atol=1e-9)


def test_layers_with_fewer_than_two_directions():
    row = ACTIVATIONS["relu"]
    thin = Network.create([(np.ones((1, 2)), np.zeros(1)), (np.ones((1, 1)), np.zeros(1))], [row], [0.0])
    points = np.random.default_rng(1).uniform(-1, 1, (30, 2))
    np.testing.assert_allclose(principal_axes(thin, 1, points), [[1.0], [0.0]])
    dead = Network.create([(np.zeros((3, 2)), -np.ones(3)), (np.ones((1, 3)), np.zeros(1))], [row], [0.0])
    axes = principal_axes(dead, 1, points, points)
    assert not axes.any()
    folded = fold(decompose(dead, SQUARE), 1, axes)
    assert not folded.vertices.any()
    assert folded.frame == (0.0, 0.0, 1.0)


@given(st.floats(0, 1), st.integers(0, 100))
def test_a_step_in_between_is_affine_and_ends_where_it_should(share, seed):
    network = random_network("relu", "relu", width=5, seed=seed)
    partition = decompose(network, SQUARE)
    one, two = (fold(partition, layer, unit_axes(network, layer, 0, 1)) for layer in (1, 2))
    between = blend(one, two, share)
    points = np.random.default_rng(seed).uniform(-1, 1, (20, 2))

    def in_frame(folded, places):
        return (places - folded.frame[:2]) / folded.frame[2]

    expected = (1 - share) * in_frame(one, one.map_points(points)) + share * in_frame(two, two.map_points(points))
    np.testing.assert_allclose(in_frame(between, between.map_points(points)), expected, atol=1e-9)
    for i in range(partition.count):
        ring = slice(partition.offsets[i], partition.offsets[i + 1])
        mapped = partition.vertices[ring] @ between.gradients[i].T + between.intercepts[i]
        np.testing.assert_allclose(between.vertices[ring], mapped, atol=1e-9 * (1 + between.frame[2]))
    for end, goal in ((0.0, one), (1.0, two)):
        np.testing.assert_allclose(blend(one, two, end).vertices, goal.vertices, atol=1e-12 * (1 + goal.frame[2]))


def test_folds_of_different_partitions_do_not_blend():
    network = random_network("relu")
    one, two = (fold(decompose(network, SQUARE), 0, np.eye(2)) for _ in range(2))
    with pytest.raises(InputError, match="different partitions"):
        blend(one, two, 0.5)


def test_the_layers_of_paper_on_a_place_are_the_regions_that_hold_it():
    network = random_network("abs", "abs", width=3, seed=1)
    partition = decompose(network, SQUARE)
    folded = fold(partition, 2, unit_axes(network, 2, 0, 1))
    points = np.random.default_rng(0).uniform(-1, 1, (40_000, 2))
    places, owners = folded.map_points(points), partition.locate(points)
    for target in np.random.default_rng(1).uniform(-0.9, 0.9, (12, 2)):
        place = folded.map_points(target[None])[0]
        near = set(owners[np.hypot(*(places - place).T) < 3e-4].tolist())
        found = set(regions_at(folded, place))
        assert int(partition.locate(target[None])[0]) in found
        # A region much nearer than its own edge is found by sampling too.
        assert near <= found | set(_regions_with_an_edge_near(folded, place, 6e-4))
    assert len(regions_at(folded, (1e9, 1e9))) == 0


def _regions_with_an_edge_near(folded, place, reach):
    offsets = folded.partition.offsets
    for region in range(len(offsets) - 1):
        corners = folded.vertices[offsets[region] : offsets[region + 1]]
        for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            t = np.clip((place - a) @ (b - a) / max((b - a) @ (b - a), 1e-30), 0, 1)
            if np.hypot(*(a + t * (b - a) - place)) < reach:
                yield region


def test_bad_layers_axes_and_units_are_refused_in_words():
    network = random_network("relu", "relu")
    partition = decompose(network, SQUARE)
    with pytest.raises(InputError, match="allowed is 0"):
        fold(partition, 3, np.eye(2))
    with pytest.raises(InputError, match="two rows of 8"):
        fold(partition, 1, np.eye(2))
    with pytest.raises(InputError, match="two rows of 8"):
        fold(partition, 1, np.full((2, 8), np.nan))
    with pytest.raises(InputError, match="unit 9 of layer 1 does not exist; allowed: 1 to 8"):
        unit_axes(network, 1, 8, 0)
    with pytest.raises(InputError, match="layer 5 does not exist"):
        unit_axes(network, 5, 0, 0)
