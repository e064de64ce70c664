"""The decomposition against exact rational arithmetic: equal patterns and counts, not close ones."""

import pytest

from reluviz.core.partition import decompose
from tests.oracles.rational import exact_area, exact_linear_count, exact_regions
from tests.oracles.small_networks import SQUARE, folding_network, rescaled, small_network

NETWORKS, BATCH = 480, 30


def assert_exact(network, box, label=""):
    """Compare everything; return False, having compared nothing, where rounding decides what is a tie."""
    truth = exact_regions(network, box)
    if min(region.margin for region in truth) < 1e-14:
        return False
    partition = decompose(network, box)
    expected = {region.pattern: float(exact_area(region.polygon)) for region in truth}
    assert len(expected) == len(truth), label
    found = {tuple(pattern): area for pattern, area in zip(partition.patterns.tolist(), partition.areas, strict=True)}
    assert found.keys() == expected.keys(), label
    assert partition.count == len(truth), label
    assert partition.slivers_dropped == 0, label
    whole = (box[1] - box[0]) * (box[3] - box[2])
    worst = max(abs(found[pattern] - expected[pattern]) for pattern in expected)
    assert worst <= 1e-12 * whole, label
    assert partition.linear_count == exact_linear_count(truth), label
    return True


@pytest.mark.parametrize("start", range(0, NETWORKS, BATCH))
def test_random_small_networks_agree_exactly(start):
    compared = 0
    for seed in range(start, start + BATCH):
        network, box = small_network(seed)
        compared += assert_exact(network, box, f"seed {seed}")
    assert compared >= BATCH - 2


@pytest.mark.parametrize("start", range(0, 120, BATCH))
def test_units_of_sizes_from_1e_minus_30_to_1e30_agree_exactly(start):
    compared = 0
    for seed in range(start, start + BATCH):
        network, box = small_network(seed)
        compared += assert_exact(rescaled(network, seed), box, f"seed {seed}")
    assert compared >= BATCH - 2


@pytest.mark.parametrize("layers", [1, 2, 3, 4])
def test_folding_network_has_4_to_the_layers_regions(layers):
    network = folding_network(layers)
    assert decompose(network, SQUARE).count == 4**layers
    assert assert_exact(network, SQUARE)
