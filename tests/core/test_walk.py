"""The line walk against rational arithmetic, the network itself, and the regions it passes."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reluviz.core.activations import ACTIVATIONS
from reluviz.core.errors import InputError
from reluviz.core.network import Network
from reluviz.core.partition import decompose
from reluviz.core.walk import walk
from tests.core.networks import random_network

PIECEWISE = [name for name, row in ACTIVATIONS.items() if not row.is_smooth]


def exact_crossings(network, start, end):
    """Return {(position, layer, unit, breakpoint, rising)} in rational arithmetic: cut, follow, compare pieces."""
    intervals = [
        (
            Fraction(0),
            Fraction(1),
            [(Fraction(q) - Fraction(p), Fraction(p)) for p, q in zip(start, end, strict=True)],
            (),
        )
    ]
    for layer, pieces in enumerate(network.pieces):
        following = []
        for low, high, maps, pattern in intervals:
            rows = [[Fraction(w) for w in row] for row in network.weights[layer].tolist()]
            sums = [
                (
                    sum(w * m[0] for w, m in zip(row, maps, strict=True)),
                    sum(w * m[1] for w, m in zip(row, maps, strict=True)) + Fraction(b),
                )
                for row, b in zip(rows, network.biases[layer].tolist(), strict=True)
            ]
            cuts = {low, high}
            for rate, constant in sums:
                for place in pieces.breakpoints:
                    if rate != 0 and low < (t := (Fraction(place) - constant) / rate) < high:
                        cuts.add(t)
            ordered = sorted(cuts)
            for a, b in pairwise(ordered):
                middle = (a + b) / 2
                index = [sum(Fraction(t) < rate * middle + c for t in pieces.breakpoints) for rate, c in sums]
                after = [
                    (Fraction(pieces.slopes[i]) * rate, Fraction(pieces.slopes[i]) * c + Fraction(pieces.intercepts[i]))
                    for i, (rate, c) in zip(index, sums, strict=True)
                ]
                following.append((a, b, after, pattern + tuple((layer, u, i) for u, i in enumerate(index))))
        intervals = following
    found = set()
    for (_, at, _, before), (_, _, _, after) in pairwise(intervals):
        for (layer, unit, i), (_, _, j) in zip(before, after, strict=True):
            found |= {(at, layer, unit, k, j > i) for k in range(min(i, j), max(i, j))}
    return found


def assert_equals_exact(network, start, end):
    truth = sorted(exact_crossings(network, start, end), key=lambda c: (c[0], c[1], c[2], c[3]))
    found = sorted(
        ((c.position, c.layer, c.unit, c.breakpoint, c.rising) for c in walk(network, start, end).crossings),
        key=lambda c: (round(c[0], 11), c[1], c[2], c[3]),
    )
    truth = sorted(truth, key=lambda c: (round(float(c[0]), 11), c[1], c[2], c[3]))
    assert [c[1:] for c in found] == [c[1:] for c in truth]
    np.testing.assert_allclose([c[0] for c in found], [float(c[0]) for c in truth], rtol=0, atol=1e-11)


@pytest.mark.parametrize("name", PIECEWISE)
@pytest.mark.parametrize("seed", range(4))
def test_crossings_are_those_of_rational_arithmetic(name, seed):
    network = random_network(name, PIECEWISE[seed % len(PIECEWISE)], name, width=4, seed=seed)
    start, end = np.random.default_rng(seed).uniform(-1.5, 1.5, (2, 2))
    assert_equals_exact(network, start, end)


@given(st.lists(st.integers(-2, 2), min_size=24, max_size=24), st.sampled_from(PIECEWISE))
def test_ties_of_small_whole_numbers(numbers, name):
    """Equal, opposite, dead and parallel units, crossings in one place, segments along a line."""
    w = np.array(numbers, dtype=np.float64)
    row = ACTIVATIONS[name]
    layers = [(w[:6].reshape(3, 2), w[6:9]), (w[9:18].reshape(3, 3), w[18:21]), (w[21:24].reshape(1, 3), np.zeros(1))]
    network = Network.create(layers, [row, row], [row.default] * 2)
    assert_equals_exact(network, np.array([-1.0, -1.0]), np.array([1.0, 0.5]))
    assert_equals_exact(network, np.array([-1.0, 0.0]), np.array([1.0, 0.0]))


@given(st.integers(0, 10**6), st.sampled_from(PIECEWISE), st.sampled_from(PIECEWISE))
def test_values_slopes_and_patterns_are_the_networks(seed, first, second):
    network = random_network(first, second, width=8, outputs=2, seed=seed)
    start, end = np.random.default_rng(seed).uniform(-1, 1, (2, 2))
    path = walk(network, start, end)
    middle = (path.positions[1:] + path.positions[:-1]) / 2
    points = start + middle[:, None] * (end - start)
    scale = 1 + np.abs(network.forward(points)).max()
    np.testing.assert_allclose(path.value(middle), network.forward(points), atol=1e-11 * scale)
    direction = (end - start) / np.linalg.norm(end - start)
    for slope, pattern, point, width in zip(path.slopes, path.patterns, points, np.diff(path.positions), strict=True):
        if width > 1e-9:
            np.testing.assert_array_equal(pattern, network.pattern(point[None])[0])
            np.testing.assert_allclose(slope, network.affine_map(point)[0] @ direction, atol=1e-10 * scale)
    if not {"step", "step_ste"} & {first, second}:
        np.testing.assert_allclose(path.first[1:], path.last[:-1], atol=1e-11 * scale)


def test_it_passes_the_regions_of_the_partition_one_after_the_other():
    network = random_network("relu", "relu", "relu", width=16, seed=2)
    partition = decompose(network, (-1.0, 1.0, -1.0, 1.0))
    path = walk(network, (-0.95, -0.9), (0.97, 0.8))
    middle = (path.positions[1:] + path.positions[:-1]) / 2
    regions = partition.locate(path.start + middle[:, None] * (path.end - path.start))
    np.testing.assert_array_equal(partition.patterns[regions], path.patterns)
    assert len(regions) > 20
    assert (np.diff(regions) != 0).all()
    for crossing in path.crossings:
        point = path.start + crossing.position * (path.end - path.start)
        assert abs(network.preactivations(point[None])[crossing.layer][0, crossing.unit]) < 1e-12


def test_a_slope_jumps_only_where_a_crossing_is_named():
    path = walk(random_network("relu", "relu", width=6, seed=9), (-1.0, -0.3), (1.0, 0.4))
    places = {crossing.position for crossing in path.crossings}
    assert places == set(path.positions[1:-1].tolist())
    assert (np.diff(path.positions) > 0).all()


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ((0.5, 0.5), (0.5, 0.5), "no usable length"),
        ((np.nan, 0.0), (1.0, 0.0), "not finite"),
        ((0.0, 0.0), (np.inf, 0.0), "not finite"),
        ((-1e308, -1e308), (1e308, 1e308), "no usable length"),
    ],
)
def test_segments_that_cannot_be_walked_are_refused_in_words(start, end, words):
    with pytest.raises(InputError, match=words), np.errstate(over="ignore"):
        walk(random_network("relu"), start, end)


def test_networks_that_cannot_be_walked_are_refused_in_words():
    broken = random_network("relu")
    weights = broken.weights[0].copy()
    weights[0, 0] = np.inf
    infinite = Network.create(
        [(weights, broken.biases[0]), (broken.weights[1], broken.biases[1])], broken.activations, [0.0]
    )
    with pytest.raises(InputError, match="not finite"):
        walk(infinite, (0.0, 0.0), (1.0, 1.0))
    with pytest.raises(InputError, match="smooth"):
        walk(random_network("tanh"), (0.0, 0.0), (1.0, 1.0))
