"""Neighbours: all of them, each once, with the exact edge they share; linear regions by merging."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reluviz.core.activations import ACTIVATIONS
from reluviz.core.network import Network
from reluviz.core.partition import decompose
from tests.core.networks import random_network
from tests.oracles.small_networks import folding_network, small_network

SQUARE = (-1.0, 1.0, -1.0, 1.0)


def outline(p):
    """Return each region's perimeter, and the part of it on the sides of the box."""
    following = np.arange(1, len(p.vertices) + 1)
    following[p.offsets[1:] - 1] = p.offsets[:-1]
    length = np.hypot(*(p.vertices[following] - p.vertices).T)
    whole = np.add.reduceat(length, p.offsets[:-1])
    return whole, np.add.reduceat(np.where(p.edge_of < 0, length, 0.0), p.offsets[:-1])


def assert_shared_edges_are_the_outlines(p):
    """Every region's outline is what it shares with its neighbours and the box, no more and no less."""
    a = p.adjacency
    shared = np.hypot(*(a.segments[:, 2:] - a.segments[:, :2]).T)
    assert (shared > 0).all()
    sums = np.bincount(a.first, shared, p.count) + np.bincount(a.second, shared, p.count)
    whole, outer = outline(p)
    np.testing.assert_allclose(sums, whole - outer, atol=1e-10 * whole.max())


@pytest.mark.parametrize("name", ["relu", "abs", "hardtanh", "step", "prelu"])
@pytest.mark.parametrize("seed", range(3))
def test_shared_edges_add_up_to_outlines(name, seed):
    assert_shared_edges_are_the_outlines(decompose(random_network(name, name, width=9, seed=seed), SQUARE))


@given(seed=st.integers(0, 2**31))
@settings(max_examples=60)
def test_shared_edges_add_up_in_degenerate_networks(seed):
    assert_shared_edges_are_the_outlines(decompose(*small_network(seed)))


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "hardtanh", "abs"])
def test_neighbours_differ_exactly_in_the_unit_whose_line_parts_them(name):
    p = decompose(random_network(name, name, name, width=10), SQUARE)
    a = p.adjacency
    starts = np.cumsum([0, *p.network.hidden])
    unit = starts[p.edge_layers[a.edge]] + p.edge_units[a.edge]
    step = p.patterns[a.first].astype(int) - p.patterns[a.second]
    assert (step[np.arange(len(unit)), unit] == 1).all()
    assert (np.count_nonzero(step, axis=1) == 1).all()
    breakpoint_ = p.edge_breakpoints[a.edge]
    assert (p.patterns[a.second][np.arange(len(unit)), unit] == breakpoint_).all()


def test_f_is_continuous_across_every_shared_edge_and_jump_is_its_bend():
    p = decompose(random_network("relu", "hardtanh", "relu", width=10, outputs=2), SQUARE)
    a = p.adjacency
    for end in (a.segments[:, :2], a.segments[:, 2:]):
        one, two = (np.einsum("sok,sk->so", p.gradients[r], end) + p.intercepts[r] for r in (a.first, a.second))
        np.testing.assert_allclose(one, two, atol=1e-11)
    jump = np.linalg.norm(p.gradients[a.first] - p.gradients[a.second], axis=2).max(axis=1)
    np.testing.assert_allclose(a.jump, jump, rtol=1e-12)
    along = a.segments[:, 2:] - a.segments[:, :2]
    bend = np.einsum("sok,sk->so", p.gradients[a.first] - p.gradients[a.second], along)
    assert np.abs(bend).max() < 1e-11


def test_both_sides_of_every_shared_edge_are_the_regions_named():
    p = decompose(random_network("relu", "step", width=9, seed=2), SQUARE)
    a = p.adjacency
    along = a.segments[:, 2:] - a.segments[:, :2]
    length = np.hypot(*along.T)
    keep = length > 1e-6
    middle = (a.segments[:, :2] + a.segments[:, 2:])[keep] / 2
    left = np.column_stack([-along[:, 1], along[:, 0]])[keep] / length[keep, None] * 1e-9
    assert (p.locate(middle + left) == a.first[keep]).all()
    assert (p.locate(middle - left) == a.second[keep]).all()


def test_pairs_are_listed_once():
    a = decompose(folding_network(3), SQUARE).adjacency
    pairs = np.sort(np.column_stack([a.first, a.second]), axis=1)
    assert len(np.unique(pairs, axis=0)) == len(pairs)
    assert len(pairs) == 2 * 8 * 7  # a grid of 8 x 8 squares


def test_dead_units_bend_nothing():
    """A readout that ignores all but one unit leaves two linear regions of many."""
    network = random_network("relu", width=8, seed=1)
    readout = np.zeros((1, 8))
    readout[0, 0] = 1.0
    p = decompose(
        Network.create(
            [(network.weights[0], network.biases[0]), (readout, np.zeros(1))], network.activations, network.parameters
        ),
        SQUARE,
    )
    assert p.count > 10
    assert p.linear_count == 2
    assert sorted(np.unique(p.linear_labels)) == [0, 1]
    unit_on = p.patterns[:, 0] == 1
    assert len(np.unique(p.linear_labels[unit_on])) == 1


def test_one_map_in_two_places_stays_two_linear_regions():
    """|z| folded at both ends of the box: f = hardtanh is 0-slope at either side, with different constants; |hardtanh|
    has equal maps there, but they do not touch."""
    network = Network.create(
        [(np.array([[4.0, 0.0]]), np.zeros(1)), (np.ones((1, 1)), np.zeros(1)), (np.ones((1, 1)), np.zeros(1))],
        [ACTIVATIONS["hardtanh"], ACTIVATIONS["abs"]],
        [0.0, 0.0],
    )
    p = decompose(network, SQUARE)
    assert p.count == p.linear_count == 4
    assert len(np.unique(np.round(np.column_stack([p.gradients.reshape(-1, 2), p.intercepts]), 12), axis=0)) == 3


def test_cancelling_units_leave_one_linear_region():
    network = random_network("relu", width=6, seed=4)
    weights, biases = np.repeat(network.weights[0], 2, axis=0), np.repeat(network.biases[0], 2)
    readout = np.random.default_rng(0).normal(size=6).repeat(2) * np.tile([1.0, -1.0], 6)
    layers = [(weights, biases), (readout[None], np.ones(1))]
    p = decompose(Network.create(layers, network.activations, network.parameters), SQUARE)
    assert p.count > 6
    assert p.linear_count == 1
