"""Orders by similarity, shares of zeros, dead rows, and matrices of every size."""

import tracemalloc

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from reluviz.core.errors import InputError
from reluviz.core.matrix_picture import paint_matrix
from reluviz.core.network import Network
from reluviz.core.partition import decompose
from reluviz.core.pattern_matrix import MOST_CELLS, build_matrix, hamming, point_patterns
from reluviz.core.seriation import pack_bits, path_length, similarity_order
from tests.core.networks import random_network


def steps_apart(order, vectors):
    return int(np.abs(np.diff(vectors[order].astype(int), axis=0)).sum())


@given(st.integers(0, 200), st.integers(0, 40), st.integers(1, 5), st.integers(0, 10**6))
def test_an_order_holds_everything_once_and_is_no_longer_than_the_given_one(count, width, most, seed):
    vectors = np.random.default_rng(seed).integers(0, most + 1, (count, width)).astype(np.int8)
    order = similarity_order(vectors)
    assert sorted(order.tolist()) == list(range(count))
    np.testing.assert_array_equal(order, similarity_order(vectors))
    assert path_length(pack_bits(vectors)) == steps_apart(np.arange(count), vectors)
    if count > 20 and width > 4:
        assert steps_apart(order, vectors) <= steps_apart(np.arange(count), vectors)


def test_a_shuffled_staircase_is_put_back():
    staircase = np.tri(150, 149, -1).astype(np.int8)
    shuffled = np.random.default_rng(3).permutation(150)
    order = similarity_order(staircase[shuffled])
    steps = np.diff(shuffled[order])
    assert (steps == 1).all() or (steps == -1).all()


def test_equal_patterns_stand_together_and_real_ones_come_close():
    network = random_network("relu", "relu", width=32, seed=1)
    patterns = point_patterns(network, np.random.default_rng(0).uniform(-1, 1, (3000, 2)))
    order = similarity_order(patterns)
    unique, inverse = np.unique(patterns[order], axis=0, return_inverse=True)
    assert np.count_nonzero(np.diff(inverse.ravel())) == len(unique) - 1
    assert steps_apart(order, patterns) < 0.2 * steps_apart(np.arange(len(patterns)), patterns)


def test_shares_and_dead_and_always_on_rows_are_torchs():
    network = random_network("relu", "hardtanh", "leaky_relu", width=8, seed=7)
    biases = [b.copy() for b in network.biases]
    biases[0][2], biases[0][5], biases[1][1], biases[1][4] = -50, 50, 90, -90
    network = Network.create(list(zip(network.weights, biases, strict=True)), network.activations, network.parameters)
    points = np.random.default_rng(0).uniform(-1, 1, (500, 2))
    matrix = build_matrix(network, point_patterns(network, points))
    h, zeros, slopes = torch.tensor(points), [], []
    functions = (torch.relu, torch.nn.functional.hardtanh, torch.nn.functional.leaky_relu)
    for layer, function in enumerate(functions):
        z = (h @ torch.tensor(network.weights[layer]).T + torch.tensor(network.biases[layer])).requires_grad_()
        h = function(z)
        slopes.append(torch.autograd.grad(h.sum(), z)[0].numpy())
        h = h.detach()
        zeros.append((h == 0).numpy())
    assert matrix.zero_share == pytest.approx(np.concatenate(zeros, axis=1).mean(), abs=1e-12)
    slope = np.concatenate(slopes, axis=1)
    np.testing.assert_array_equal(matrix.always_on, (slope == slope[:1]).all(axis=0) & (slope[0] != 0))
    np.testing.assert_array_equal(matrix.dead, (slope == 0).all(axis=0))
    assert matrix.dead[[2, 9, 12]].all()
    assert matrix.always_on[5]
    assert not matrix.note


def test_orders_by_class_and_by_layer_keep_groups_together():
    network = random_network("relu", "relu", width=9, seed=2)
    points = np.random.default_rng(0).uniform(-1, 1, (300, 2))
    labels = (np.arange(300) % 3).astype(np.int64)
    patterns = point_patterns(network, points)
    matrix = build_matrix(network, patterns, labels, columns_by="class", rows_by="layer")
    assert (np.diff(labels[matrix.columns]) >= 0).all()
    assert (np.diff(matrix.rows // 9) >= 0).all()
    given_ = build_matrix(network, patterns, columns_by="given", rows_by="given")
    np.testing.assert_array_equal(given_.columns, np.arange(300))
    np.testing.assert_array_equal(given_.rows, np.arange(18))
    mixed = build_matrix(network, patterns, rows_by="similarity")
    assert sorted(mixed.rows.tolist()) == list(range(18))


def test_regions_as_columns_and_distances_from_a_pinned_one():
    network = random_network("relu", "relu", width=8, seed=2)
    partition = decompose(network, (-1.0, 1.0, -1.0, 1.0))
    matrix = build_matrix(network, partition.patterns)
    assert len(matrix.columns) == partition.count
    distance = hamming(partition.patterns, partition.patterns[3])
    assert distance[3] == 0
    assert (np.delete(distance, 3) > 0).all()
    shared = partition.adjacency
    touching = [int(b) for a, b in zip(shared.first, shared.second, strict=True) if a == 3]
    assert all(distance[region] == np.sum(partition.patterns[region] != partition.patterns[3]) for region in touching)
    with pytest.raises(InputError, match="allowed are 16"):
        hamming(partition.patterns, np.zeros(3, np.int8))


def test_2048_units_and_10000_points_fit_and_nothing_is_left_out():
    network = random_network(*["relu"] * 8, width=256, seed=1)
    points = np.random.default_rng(0).uniform(-1, 1, (10_000, 2))
    patterns = point_patterns(network, points)
    tracemalloc.start()
    matrix = build_matrix(network, patterns)
    image = paint_matrix(matrix, np.repeat(np.arange(8), 256), 900, 600)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert matrix.pieces.shape == (10_000, 2048)
    assert image.shape == (600, 900)
    assert not matrix.note
    assert peak < 300e6


def test_more_than_fits_is_thinned_evenly_and_said_in_words():
    network = random_network(*["relu"] * 4, width=256, seed=1)
    patterns = np.zeros((70_000, 1024), np.int8)
    matrix = build_matrix(network, patterns)
    assert matrix.note == "Of 70,000 columns every 3rd is shown."
    assert matrix.pieces.size <= MOST_CELLS
    np.testing.assert_array_equal(matrix.shown, np.arange(0, 70_000, 3))


def test_the_image_shows_each_cell_and_averages_where_cells_are_smaller_than_pixels():
    network = random_network("relu", width=2, seed=0)
    patterns = np.array([[0, 0], [0, 1], [1, 1]], np.int8)
    matrix = build_matrix(network, patterns, columns_by="given", rows_by="given")
    image = paint_matrix(matrix, np.zeros(2, np.int64), 9, 4)
    off, on = image[0, 0], image[3, 8]
    assert off != on
    np.testing.assert_array_equal(image[:2], np.repeat([[off, off, on]], 3, axis=1).repeat(2, axis=0))
    np.testing.assert_array_equal(image[2:], np.repeat([[off, on, on]], 3, axis=1).repeat(2, axis=0))
    half = build_matrix(network, np.repeat(np.eye(2, dtype=np.int8), 50, axis=0)[::-1], rows_by="given")
    small = paint_matrix(half, np.zeros(2, np.int64), 1, 1)
    assert small[0, 0] not in (off, on)


def test_dead_rows_are_marked_and_empty_matrices_are_drawn():
    network = random_network("relu", width=3, seed=0)
    patterns = np.array([[0, 1, 0], [0, 1, 1]], np.int8)
    image = paint_matrix(
        build_matrix(network, patterns, rows_by="given", columns_by="given"), np.zeros(3, np.int64), 2, 3
    )
    assert image[0, 0] == image[0, 1]
    assert image[0, 0] not in image[1:]
    empty = build_matrix(network, np.zeros((0, 3), np.int8))
    assert not empty.dead.any()
    assert paint_matrix(empty, np.zeros(3, np.int64), 5, 4).shape == (4, 5)
    bare = build_matrix(random_network(), np.zeros((4, 0), np.int8))
    assert paint_matrix(bare, np.zeros(0, np.int64), 5, 4).shape == (4, 5)


def test_wrong_orders_and_shapes_are_refused_in_words():
    network = random_network("relu", width=3, seed=0)
    patterns = np.zeros((4, 3), np.int8)
    with pytest.raises(InputError, match="'size' is no order; allowed are similarity, class, given"):
        build_matrix(network, patterns, columns_by="size")
    with pytest.raises(InputError, match="'class' is no order; allowed are layer, similarity, given"):
        build_matrix(network, patterns, rows_by="class")
    with pytest.raises(InputError, match=r"allowed is \(points, 3\)"):
        build_matrix(network, np.zeros((4, 2), np.int8))
    with pytest.raises(InputError, match="allowed are 4, one per point"):
        build_matrix(network, patterns, np.zeros(3, np.int64))
