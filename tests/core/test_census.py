import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reluviz.core import census
from reluviz.core.partition import decompose
from tests.core.networks import random_network
from tests.oracles.small_networks import folding_network

SQUARE = (-1.0, 1.0, -1.0, 1.0)


@pytest.mark.parametrize(("lines", "regions"), [(0, 1), (1, 2), (2, 4), (3, 7), (4, 11), (10, 56)])
def test_lazy_caterer_numbers(lines, regions):
    assert census.zaslavsky(lines) == regions


def test_zaslavsky_in_other_dimensions():
    assert census.zaslavsky(5, inputs=1) == 6
    assert census.zaslavsky(3, inputs=3) == 8
    assert census.zaslavsky(2, inputs=2, breakpoints=2) == 9  # two pairs of parallel lines


@pytest.mark.parametrize(("name", "breakpoints"), [("relu", 1), ("hardtanh", 2), ("relu6", 2)])
def test_zaslavsky_is_reached_where_all_lines_meet_in_view(name, breakpoints):
    p = decompose(random_network(name, width=5, seed=2), (-1e3, 1e3, -1e3, 1e3))
    assert p.count == census.zaslavsky(5, breakpoints=breakpoints)


def brute_serra(hidden, inputs):
    total = 0
    for js in itertools.product(*(range(width + 1) for width in hidden)):
        dimension = inputs
        product = 1
        for width, j in zip(hidden, js, strict=True):
            if j > min(dimension, width):
                product = 0
                break
            product *= math.comb(width, j)
            dimension = min(dimension, width - j)
        total += product
    return total


@given(st.lists(st.integers(1, 5), min_size=1, max_size=4), st.integers(1, 3))
def test_serra_is_the_sum_it_is_defined_as(hidden, inputs):
    assert census.serra_upper(hidden, inputs) == brute_serra(hidden, inputs)


@given(st.lists(st.integers(1, 256), min_size=1, max_size=8))
def test_bounds_are_ordered(hidden):
    assert 1 <= census.montufar_lower(hidden) <= census.serra_upper(hidden) <= census.raghu(hidden)
    assert census.serra_lower(hidden) <= census.serra_upper(hidden)


def test_bounds_do_not_overflow():
    assert census.raghu([256] * 8) == (1 + 256 + 256 * 255 // 2) ** 8
    assert census.raghu([256] * 8) > 2**100


def test_known_values():
    assert census.raghu([4, 4]) == 121
    assert census.montufar_lower([4, 4]) == 4 * 11
    assert census.serra_lower([6, 6]) == 16 * 22
    assert census.montufar_lower([1, 8]) == 1
    assert census.serra_upper([3]) == 7
    assert census.hanin_rolnick([16, 16]) == 512.0
    assert census.hanin_rolnick([16, 16], breakpoints=[2, 1]) == 48**2 / 2
    for bound in (census.raghu, census.montufar_lower, census.serra_lower, census.serra_upper, census.hanin_rolnick):
        assert bound([]) == 1


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", ["relu", "leaky_relu", "hardtanh", "step"])
def test_no_decomposition_exceeds_its_bounds(name, seed):
    p = decompose(random_network(name, name, width=6, seed=seed), (-4.0, 4.0, -4.0, 4.0))
    breakpoints = [len(pieces.breakpoints) for pieces in p.network.pieces]
    assert p.count <= census.raghu(p.network.hidden, breakpoints=breakpoints)
    if name == "relu":
        assert p.linear_count <= census.serra_upper(p.network.hidden)


def test_summary_adds_up():
    p = decompose(random_network("relu", "relu", width=8), SQUARE)
    s = census.summary(p)
    assert s.regions == p.count == s.by_active.sum()
    assert s.linear_regions == p.linear_count
    assert s.area_by_active.sum() == pytest.approx(1.0)
    assert s.lines_by_layer.sum() == p.count - 1
    grid = np.stack(np.meshgrid(*[np.linspace(-1, 1, 301)] * 2), axis=-1).reshape(-1, 2)
    seen = p.network.pattern(grid) > 0
    assert not seen[:, s.dead_in_view].any()
    assert seen[:, s.always_in_view].all()


@pytest.mark.parametrize("name", ["relu", "hardtanh"])
def test_active_units_of_many_regions_are_counted_each(name):
    p = decompose(random_network(name, name, name, width=24), (-2.0, 2.0, -2.0, 2.0))
    assert p.count > 1000  # More than are counted at a time, and no multiple of it.
    s = census.summary(p)
    active = [sum(piece > 0 for piece in pattern) for pattern in p.patterns.tolist()]
    assert s.by_active.tolist() == np.bincount(active, minlength=73).tolist()
    assert s.area_by_active == pytest.approx(np.bincount(active, p.areas, 73) / p.areas.sum())
    pieces = p.patterns.T.tolist()
    assert s.dead_in_view.tolist() == [set(unit) == {0} for unit in pieces]
    assert s.always_in_view.tolist() == [len(set(unit)) == 1 and unit[0] > 0 for unit in pieces]


def test_summary_of_folds():
    s = census.summary(decompose(folding_network(2), SQUARE))
    np.testing.assert_allclose([s.smallest_area, s.median_area, s.largest_area], 0.25, rtol=1e-12)
    assert s.dead_in_view.sum() == 0


def test_summary_without_regions():
    p = decompose(random_network("relu", "relu", width=3, gain=np.inf), SQUARE)
    s = census.summary(p)
    assert p.count == s.regions == s.linear_regions == s.by_active.sum() == 0
    assert not s.dead_in_view.any()


def test_neighbours_and_areas_are_all_counted():
    partition = decompose(random_network("relu", "relu", width=7, seed=5), (-1.0, 1.0, -1.0, 1.0))
    degrees = census.neighbour_counts(partition)
    shared = partition.adjacency
    assert degrees.sum() == partition.count
    assert (np.arange(len(degrees)) * degrees).sum() == 2 * len(shared.first)
    for region in (0, partition.count // 2):
        own = int(((shared.first == region) | (shared.second == region)).sum())
        assert degrees[own] > 0
    counts, edges = census.area_histogram(partition, 9)
    assert counts.sum() == partition.count
    assert edges[0] <= partition.areas.min()
    assert edges[-1] >= partition.areas.max()
    in_last = (partition.areas >= edges[-2]).sum()
    assert counts[-1] == in_last


def test_one_region_has_no_neighbour_and_one_area():
    partition = decompose(random_network(width=3), (-1.0, 1.0, -1.0, 1.0))
    assert census.neighbour_counts(partition).tolist() == [1]
    assert census.area_histogram(partition)[0].sum() == 1
