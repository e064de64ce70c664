"""Networks as training leaves them: dead, equal and opposite units, lines through corners, edges and one point."""

import numpy as np
import pytest

from reluviz.core.activations import ACTIVATIONS
from reluviz.core.network import Network
from reluviz.core.partition import decompose
from tests.core.networks import random_network
from tests.oracles.invariants import assert_invariants

SQUARE = (-1.0, 1.0, -1.0, 1.0)


def one_layer(weights, biases, name="relu", parameter=0.0):
    weights = np.array(weights, float)
    readout = np.ones((1, len(weights))), np.zeros(1)
    return Network.create([(weights, np.array(biases, float)), readout], [ACTIVATIONS[name]], [parameter])


@pytest.mark.parametrize(
    ("weights", "biases", "count"),
    [
        ([[1, 1]], [-2], 1),  # touches a corner from outside
        ([[1, 1]], [0], 2),  # through two corners
        ([[1, 0]], [1], 1),  # along the left edge
        ([[1, 0]], [-1], 1),  # along the right edge
        ([[0, -1]], [1], 1),  # along the top edge
        ([[1, 1], [-1, -1]], [0, 0], 2),  # one line, opposite units
        ([[1, 1], [2, 2], [0.5, 0.5]], [0.5, 1, 0.25], 2),  # equal lines
        ([[1, 0], [0, 1], [1, 1]], [0, 0, 0], 6),  # three lines through one point
        ([[1, 0], [0, 1], [1, 1], [1, -1]], [0, 0, 0, 0], 8),
        ([[0, 0], [0, 0], [0, 0]], [1, 0, -1], 1),  # zero rows: on, at the breakpoint, off
        ([[1, 0], [1, 0]], [0.5, -0.5], 3),  # parallel
        ([[1e-30, 0], [0, 1e30]], [0, 0], 4),
        ([[1e-30, 1e-30], [1e30, -1e30]], [0, 0], 4),
        ([[1, 1e-13]], [0], 2),
    ],
)
def test_counts_of_one_layer(weights, biases, count):
    p = decompose(one_layer(weights, biases), SQUARE)
    assert p.count == count
    assert p.slivers_dropped == 0
    assert_invariants(p)


def test_a_constant_at_its_breakpoint_takes_the_lower_piece():
    p = decompose(one_layer([[0, 0], [1, 0]], [0, 0]), SQUARE)
    assert (p.patterns[:, 0] == 0).all()
    q = decompose(one_layer([[0, 0], [1, 0]], [1, 0], "hardtanh"), SQUARE)
    assert (q.patterns[:, 0] == 1).all()
    r = decompose(one_layer([[0, 0], [1, 0]], [-1, 0], "hardtanh"), SQUARE)
    assert (r.patterns[:, 0] == 0).all()


def test_many_lines_through_one_point():
    """24 lines through a point that no float hits exactly: 48 sectors, no sliver in between."""
    angles = np.pi * np.arange(24) / 24 + 0.01
    weights = np.column_stack([np.cos(angles), np.sin(angles)])
    p = decompose(one_layer(weights, -weights @ np.array([0.1, 0.3])), SQUARE)
    assert p.count == 48
    assert p.areas.min() > 1e-3
    assert_invariants(p)


def test_no_biases_means_sectors():
    network = random_network("relu", "relu", "relu", width=12, seed=5)
    network = Network.create(
        [(w, np.zeros(len(b))) for w, b in zip(network.weights, network.biases, strict=True)],
        network.activations,
        network.parameters,
    )
    p = decompose(network, SQUARE)
    assert p.count > 24
    nearest = np.minimum.reduceat(np.abs(p.vertices).sum(axis=1), p.offsets[:-1])
    assert (nearest < 1e-12).all()
    assert_invariants(p)


@pytest.mark.parametrize("name", ["relu", "abs", "hardtanh", "step"])
def test_equal_units_change_nothing(name):
    """Every unit twice: the same regions, patterns with every column twice."""
    network = random_network(name, name, width=7, seed=6)
    doubled, inputs = [], 1
    for layer, (weights, biases) in enumerate(zip(network.weights, network.biases, strict=True)):
        twice = 1 if layer == 2 else 2
        doubled.append(
            (np.repeat(np.repeat(weights, inputs, axis=1) / inputs, twice, axis=0), np.repeat(biases, twice))
        )
        inputs = twice
    p = decompose(network, SQUARE)
    q = decompose(Network.create(doubled, network.activations, network.parameters), SQUARE)
    assert {tuple(row) for row in np.repeat(p.patterns, 2, axis=1).tolist()} == {tuple(r) for r in q.patterns.tolist()}
    assert q.linear_count == p.linear_count
    assert_invariants(q)


def test_a_dead_layer_is_one_region():
    network = random_network("relu", "relu", "relu", width=6)
    layers = list(zip(network.weights, network.biases, strict=True))
    layers[0] = (layers[0][0], np.full(6, -1e3))
    p = decompose(Network.create(layers, network.activations, network.parameters), SQUARE)
    assert p.count == p.linear_count == 1


def test_slivers_are_counted_when_dropped():
    """Two lines 1e-13 apart: the strip between them is resolved by float64, and too thin to keep."""
    p = decompose(one_layer([[1, 0], [1, 0]], [0, 1e-13]), SQUARE)
    assert p.count == 2
    assert p.slivers_dropped == 1
    assert p.areas.sum() == pytest.approx(4.0, rel=1e-12)
    q = decompose(one_layer([[1, 0], [1, 0]], [0, 1e-11]), SQUARE)
    assert q.count == 3
    assert q.slivers_dropped == 0


def test_slopes_below_zero_and_above_one():
    for slope in (-2.0, -0.5, 1.5):
        network = random_network("prelu", "prelu", width=8, seed=3)
        p = decompose(
            Network.create(
                list(zip(network.weights, network.biases, strict=True)), network.activations, (slope, slope)
            ),
            SQUARE,
        )
        assert p.count > 20
        assert_invariants(p)
