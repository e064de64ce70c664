"""Epsilon stand-ins of networks: near what they stand for, exact on ReLU, honest about the epsilon used."""

import numpy as np
import pytest

from reluviz.core.errors import InputError
from reluviz.core.partition import decompose
from reluviz.core.stand_in import _ranges, build_stand_in, decompose_stand_in
from tests.core.networks import SMOOTH_NAMES, random_network

BOX = (-1.0, 1.0, -0.8, 1.2)


def points(count: int = 20_000) -> np.ndarray:
    generator = np.random.default_rng(7)
    x = generator.uniform(size=(count, 2)) * [2.0, 2.0] + [-1.0, -0.8]
    corners = np.array([[-1.0, -0.8], [1.0, -0.8], [1.0, 1.2], [-1.0, 1.2]])
    return np.concatenate([x, corners])


@pytest.mark.parametrize("epsilon", [1.0, 0.1, 0.001, 1e-9])
@pytest.mark.parametrize("name", ["relu", "hardtanh", "prelu", "step_ste"])
def test_a_piecewise_linear_network_stands_for_itself_at_any_epsilon(name: str, epsilon: float) -> None:
    network = random_network(name, name)
    exact = decompose(network, BOX)
    stand_in, partition = decompose_stand_in(network, BOX, epsilon)
    assert partition.count == exact.count
    np.testing.assert_array_equal(partition.patterns, exact.patterns)
    np.testing.assert_array_equal(partition.vertices, exact.vertices)
    assert stand_in.epsilon == epsilon
    assert stand_in.deviation() == 0.0


@pytest.mark.parametrize("name", SMOOTH_NAMES)
def test_bounds_on_preactivations_hold_for_both_and_the_activations_error_is_kept_there(name: str) -> None:
    epsilon = 0.05
    network = random_network(name, "relu", name, "leaky_relu", width=6)
    stand_in = build_stand_in(network, BOX, epsilon)
    assert [surrogate is None for surrogate in stand_in.surrogates] == [False, True, False, True]
    x = points()
    original, replaced = network.preactivations(x), stand_in.network.preactivations(x)
    for layer, (low, high) in enumerate(_ranges(network, BOX, epsilon)):
        for z in (original[layer], replaced[layer]):
            assert z.min() >= low - 1e-12
            assert z.max() <= high + 1e-12
            error = np.abs(stand_in.network.curves[layer].value(z) - network.curves[layer].value(z))
            assert error.max() <= (epsilon * (1 + 1e-9) if layer in (0, 2) else 0.0)


@pytest.mark.parametrize("name", SMOOTH_NAMES)
def test_smaller_epsilon_comes_nearer_with_more_regions(name: str) -> None:
    network = random_network(name, name)
    results = [decompose_stand_in(network, BOX, epsilon) for epsilon in (0.1, 0.01, 0.001)]
    deviations = [stand_in.deviation() for stand_in, _ in results]
    counts = [partition.count for _, partition in results]
    assert [stand_in.epsilon for stand_in, _ in results] == [0.1, 0.01, 0.001]
    assert deviations[2] < deviations[0] / 20
    assert counts[0] < counts[1] < counts[2]
    # Lines grow as 1 / sqrt(epsilon), crossings as their square.
    assert 4 < counts[2] / counts[1] < 20


def test_deviation_is_that_of_the_regions_own_maps() -> None:
    network = random_network("tanh", "tanh")
    stand_in, partition = decompose_stand_in(network, BOX, 0.05)
    x = points(4000)[:-4]
    region = np.array([next(i for i in range(partition.count) if inside(partition, i, p)) for p in x[:40]])
    value = np.einsum("noi,ni->no", partition.gradients[region], x[:40]) + partition.intercepts[region]
    np.testing.assert_allclose(value, stand_in.network.forward(x[:40]), rtol=1e-9, atol=1e-9)
    error = np.abs(network.forward(x) - stand_in.network.forward(x)).max()
    assert 0.8 * error <= stand_in.deviation() <= 1.3 * error


def inside(partition: object, region: int, point: np.ndarray) -> bool:
    ring = partition.vertices[partition.offsets[region] : partition.offsets[region + 1]]
    side = np.roll(ring, -1, axis=0) - ring
    return bool((side[:, 0] * (point - ring)[:, 1] - side[:, 1] * (point - ring)[:, 0] >= 0).all())


def test_over_the_budget_a_larger_epsilon_is_used_and_said() -> None:
    network = random_network("tanh", "tanh", width=16)
    stand_in, partition = decompose_stand_in(network, BOX, 0.001, budget=2000)
    assert stand_in.asked == 0.001
    assert stand_in.epsilon > 0.001
    assert np.log2(stand_in.epsilon / 0.001) % 1 == pytest.approx(0, abs=1e-9)
    assert partition.truncated_at is None
    assert partition.count <= 2000
    finer = build_stand_in(network, BOX, stand_in.epsilon / 2)
    assert decompose(finer.network, BOX, 2000).truncated_at is not None


def test_an_epsilon_of_too_many_pieces_falls_back_too() -> None:
    stand_in, partition = decompose_stand_in(random_network("tanh", width=2), BOX, 1e-12)
    assert stand_in.asked == 1e-12
    assert 1e-12 < stand_in.epsilon < 1e-3
    assert partition.truncated_at is None


def test_piecewise_linear_layers_over_the_budget_are_truncated_not_looped() -> None:
    network = random_network("relu", "relu", "tanh", width=16)
    stand_in, partition = decompose_stand_in(network, BOX, 0.1, budget=50)
    assert partition.truncated_at is not None
    assert stand_in.epsilon > stand_in.asked


def test_deep_networks_have_wide_bounds_and_still_a_stand_in() -> None:
    network = random_network(*["gelu"] * 8, width=24)
    stand_in = build_stand_in(network, BOX, 0.05)
    assert stand_in.surrogates[-1] is not None
    assert stand_in.surrogates[-1].high > 1000
    assert np.isfinite(stand_in.deviation())


@pytest.mark.parametrize("epsilon", [0.0, -0.1, float("nan"), float("inf")])
def test_epsilon_must_be_a_positive_number(epsilon: float) -> None:
    with pytest.raises(InputError, match="allowed is a number above 0"):
        decompose_stand_in(random_network("tanh"), BOX, epsilon)


def test_a_jumping_formula_is_refused_and_infinite_weights_have_no_regions() -> None:
    with pytest.raises(InputError, match="jumps"):
        decompose_stand_in(random_network("formula:sign(z)*exp(-z*z)"), BOX, 0.1)
    network = random_network("tanh", gain=np.inf)
    stand_in, partition = decompose_stand_in(network, BOX, 0.1)
    assert not partition.finite
    assert stand_in.epsilon == 0.1
