"""Invariants of decompositions, over activations, depths, boxes and scales."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reluviz.core.activations import ACTIVATIONS
from reluviz.core.network import Network
from reluviz.core.partition import decompose
from tests.core.networks import random_network
from tests.oracles.invariants import assert_invariants
from tests.oracles.small_networks import small_network

SQUARE = (-1.0, 1.0, -1.0, 1.0)
PIECEWISE = sorted(name for name, row in ACTIVATIONS.items() if not row.is_smooth)


@pytest.mark.parametrize("name", PIECEWISE)
@pytest.mark.parametrize("depth", [1, 3])
def test_invariants_of_every_activation(name, depth):
    p = decompose(random_network(*[name] * depth, width=10, outputs=3, seed=depth), SQUARE)
    assert p.slivers_dropped == 0
    assert_invariants(p)


def test_generic_cuts_add_one_region_and_four_ring_entries_each():
    for seed in range(5):
        p = decompose(random_network("relu", "relu", "relu", width=16, seed=seed), SQUARE)
        assert p.count > 300
        assert len(p.vertices) == 4 * p.count
        assert len(p.edges) == p.count - 1


@given(seed=st.integers(0, 2**31))
@settings(max_examples=60)
def test_invariants_of_degenerate_networks(seed):
    network, box = small_network(seed)
    p = decompose(network, box)
    assert p.finite
    assert p.areas.sum() == pytest.approx((box[1] - box[0]) * (box[3] - box[2]), rel=1e-12)
    assert len(p.vertices) <= 4 * p.count
    assert len(p.edges) == p.count - 1
    assert len(np.unique(p.patterns, axis=0)) == p.count


@given(
    x=st.floats(-3, 3),
    y=st.floats(-3, 3),
    width=st.sampled_from([1e-9, 1e-6, 1e-3, 1.0, 1e3]),
    aspect=st.sampled_from([0.01, 1.0, 100.0]),
)
@settings(max_examples=40)
def test_invariants_of_any_window(x, y, width, aspect):
    network = random_network("relu", "hardtanh", "relu", width=8, seed=3)
    assert_invariants_of_box(network, (x, x + width, y, y + width * aspect))


def assert_invariants_of_box(network, box):
    p = decompose(network, box)
    whole = (box[1] - box[0]) * (box[3] - box[2])
    assert p.areas.sum() == pytest.approx(whole, rel=1e-9)
    middles = np.add.reduceat(p.vertices, p.offsets[:-1]) / np.diff(p.offsets)[:, None]
    large = p.areas > 1e-6 * whole
    assert (network.pattern(middles[large]) == p.patterns[large]).all()


def test_a_deep_zoom_shows_a_corner_clean():
    """In a window of 1e-9 around a crossing of two lines: four regions of about a quarter."""
    network = Network.create(
        [(np.array([[1.0, 0.3], [-0.2, 1.0]]), np.zeros(2)), (np.ones((1, 2)), np.zeros(1))],
        [ACTIVATIONS["relu"]],
        [0.0],
    )
    crossing = np.array([0.3, 0.7])
    moved = Network.create(
        [(network.weights[0], -network.weights[0] @ crossing), (network.weights[1], network.biases[1])],
        network.activations,
        [0.0],
    )
    p = decompose(moved, (0.3 - 1e-9, 0.3 + 1e-9, 0.7 - 1e-9, 0.7 + 1e-9))
    assert p.count == 4
    np.testing.assert_allclose(p.areas / 4e-18, 0.25, atol=0.08)


def test_more_room_is_found_when_arrays_are_full():
    """One layer of 60 lines through the middle of the box: first sizes of all arrays are too small."""
    angles = np.linspace(0.01, np.pi - 0.02, 60)
    first = np.column_stack([np.cos(angles), np.sin(angles)]), np.full(60, -0.9)
    network = Network.create([first, (np.ones((1, 60)), np.zeros(1))], [ACTIVATIONS["relu"]], [0.0])
    p = decompose(network, SQUARE)
    assert np.diff(p.offsets).max() > 30
    assert_invariants(p)
    assert p.count > 64 + 60 * 60 // 4


def test_the_walk_goes_on_after_every_kind_of_growth():
    from reluviz.core.packing import pack
    from reluviz.core.subdivide import DONE, subdivide

    network = random_network("relu", "relu", width=12, seed=1)
    layers = pack(network, np.zeros(2))
    whole = subdivide(layers, 2, (1.0, 1.0), 10**6, 10**4)
    grown = subdivide(layers, 2, (1.0, 1.0), 10**6, 1)
    assert whole[0] == grown[0] == DONE
    for one, other in zip(whole[2], grown[2], strict=True):
        np.testing.assert_array_equal(one, other)
