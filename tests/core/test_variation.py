"""Total variation against the rational oracle, autograd, dense sums, closed forms and the edge sums of stand-ins."""

import math
from fractions import Fraction

import numpy as np
import pytest
import torch

from reluviz.core.jets import bending, unit_sensitivity
from reluviz.core.network import Network
from reluviz.core.partition import decompose
from reluviz.core.stand_in import decompose_stand_in
from reluviz.core.variation import (
    edge_variation,
    hessian_density,
    network_variation,
    nuclear_norm,
    partition_variation,
    piece_kinks,
    region_density,
)
from tests.core.networks import ROWS, SMOOTH_NAMES, random_network
from tests.oracles.rational import _edges_by_line, exact_regions
from tests.oracles.small_networks import small_network

BOX = (-1.0, 1.0, -0.75, 1.25)


def exact_edge_sum(network: Network, box: tuple[float, float, float, float]) -> float:
    """The edge sum in rational arithmetic but for the last square roots; infinite where f jumps."""
    regions = exact_regions(network, box)
    terms = []
    for line, edges in _edges_by_line([region.polygon for region in regions]).items():
        for k, (i, low, high) in enumerate(edges):
            for j, other_low, other_high in edges[:k]:
                begin, end = max(low, other_low), min(high, other_high)
                if i == j or begin >= end:
                    continue
                vertical = line[0] == "x"
                x, y = (line[1], begin) if vertical else (begin, line[0] * begin + line[1])
                stretch = 1.0 if vertical else math.sqrt(1 + line[0] ** 2)
                for (ax, ay, a), (bx, by, b) in zip(regions[i].maps, regions[j].maps, strict=True):
                    # Hard sigmoid's 1/6, rounded to a float, makes jumps of 1e-17.
                    if abs((ax - bx) * x + (ay - by) * y + (a - b)) > 1e-12:
                        return math.inf
                    terms.append(float(end - begin) * stretch * math.sqrt((ax - bx) ** 2 + (ay - by) ** 2))
    return math.fsum(terms)


@pytest.mark.parametrize("seed", range(80))
def test_edges_sum_to_what_rational_arithmetic_says(seed: int) -> None:
    network, box = small_network(seed)
    found = partition_variation(decompose(network, box))
    assert found.is_exact
    expected = exact_edge_sum(network, box)
    assert found.value == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert found.by_unit == found.value


def test_oracles_line_is_a_fraction() -> None:
    network, box = small_network(0)
    assert all(
        isinstance(line[1], Fraction) for line in _edges_by_line([r.polygon for r in exact_regions(network, box)])
    )


def test_one_relu_bends_along_its_line_by_its_slope() -> None:
    network = Network.create(
        [(np.array([[3.0, 4.0]]), np.zeros(1)), (np.array([[2.0]]), np.zeros(1))], [ROWS["relu"]], [0.0]
    )
    # The line 3 x + 4 y = 0 crosses the box [-1, 1]^2 over a length of 2 * sqrt(1 + 9/16) = 2.5; |grad| jumps by 10.
    assert partition_variation(decompose(network, (-1.0, 1.0, -1.0, 1.0))).value == pytest.approx(25.0, rel=1e-13)


@pytest.mark.parametrize("names", [("tanh", "gelu"), ("silu", "relu"), ("sin", "mish", "softplus"), ("elu", "sigmoid")])
def test_hessian_is_autograds(names: tuple[str, ...]) -> None:
    from tests.core.test_smooth import MODULES

    network = random_network(*names, width=6, outputs=3)
    modules = [MODULES[row.name](row.default) for row in network.activations]

    def output(x: torch.Tensor, index: int) -> torch.Tensor:
        for layer, (weights, biases) in enumerate(zip(network.weights, network.biases, strict=True)):
            x = torch.tensor(np.array(weights)) @ x + torch.tensor(np.array(biases))
            x = modules[layer](x) if layer < len(modules) else x
        return x[index]

    points = np.random.default_rng(3).uniform(-1, 1, (9, 2))
    found = bending(network, points)
    for i, point in enumerate(points):
        for o in range(3):
            hessian = torch.autograd.functional.hessian(lambda x, o=o: output(x, o), torch.tensor(point)).numpy()
            np.testing.assert_allclose(found.hessian[i, o], hessian[[0, 0, 1], [0, 1, 1]], rtol=1e-9, atol=1e-11)
            nuclear = np.abs(np.linalg.eigvalsh(hessian)).sum()
            assert nuclear_norm(found.hessian)[i, o] == pytest.approx(nuclear, rel=1e-9, abs=1e-12)
            assert found.by_unit[i, o] >= nuclear - 1e-12


def test_sensitivity_is_the_jump_of_the_gradient_across_a_units_curve() -> None:
    network = random_network("tanh", "relu", "silu", width=6, outputs=2)
    generator = np.random.default_rng(1)
    found = 0
    for start in generator.uniform(-1, 1, (400, 2)):
        unit = int(generator.integers(6))
        point = start.copy()
        for _ in range(50):  # Newton's method along the gradient, to the unit's curve z = 0.
            z, gradient = second_layer(network, point, unit)
            if np.linalg.norm(gradient) < 1e-9:
                break
            point = point - z * gradient / (gradient @ gradient)
        if abs(second_layer(network, point, unit)[0]) > 1e-12 or np.abs(point).max() > 2:
            continue
        normal = gradient / np.linalg.norm(gradient)
        sides = [network.affine_map(point + side * 1e-7 * normal)[0] for side in (-1, 1)]
        jump = np.linalg.norm(sides[1] - sides[0], axis=1)
        sensitivity = unit_sensitivity(network, point[None], np.array([1], np.int32), np.array([unit], np.int32))
        np.testing.assert_allclose(sensitivity[0], jump, rtol=1e-3, atol=1e-5)
        found += 1
    assert found > 100


def second_layer(network: Network, point: np.ndarray, unit: int) -> tuple[float, np.ndarray]:
    h = np.tanh(network.weights[0] @ point + network.biases[0])
    row = network.weights[1][unit]
    return float(row @ h + network.biases[1][unit]), (row * (1 - h * h)) @ network.weights[0]


def test_a_quadratic_has_the_variation_of_its_eigenvalues() -> None:
    # f = z1^2 - 3 z2^2 with z = x: eigenvalues 2 and -6 everywhere.
    network = random_network("formula:z*z", width=2)
    network = Network.create(
        [(np.eye(2), np.zeros(2)), (np.array([[1.0, -3.0]]), np.zeros(1))], network.activations, network.parameters
    )
    found = network_variation(network, BOX)
    assert found.value == pytest.approx(8.0 * 4.0, rel=1e-12)
    assert found.by_unit == pytest.approx(8.0 * 4.0, rel=1e-12)
    network = Network.create(
        [(np.array([[1.0, 0.0], [1.0, 0.0]]), np.zeros(2)), (np.array([[1.0, -1.0]]), np.zeros(1))],
        network.activations,
        network.parameters,
    )
    cancelled = network_variation(network, BOX)
    assert cancelled.value == pytest.approx(0.0, abs=1e-12)
    assert cancelled.by_unit == pytest.approx(4.0 * 4.0, rel=1e-12)


MIXED = [(name, name) for name in SMOOTH_NAMES] + [("relu", "tanh"), ("tanh", "relu"), ("silu", "hardtanh", "gelu")]


@pytest.mark.parametrize("names", MIXED)
def test_error_covers_a_quadrature_with_9_times_the_points(names: tuple[str, ...]) -> None:
    network = random_network(*names, outputs=2)
    found, finer = network_variation(network, BOX), network_variation(network, BOX, 768)
    assert not found.is_exact
    assert abs(found.value - finer.value) <= found.error
    assert abs(found.by_unit - finer.by_unit) <= found.by_unit_error
    assert 0 < found.error < 3e-3 * found.value
    assert found.value <= found.by_unit + found.error


@pytest.mark.parametrize("names", [("relu", "relu"), ("hardtanh", "leaky_relu"), ("abs",), ("prelu", "relu6")])
def test_traced_kinks_give_the_exact_edge_sum_of_a_piecewise_linear_network(names: tuple[str, ...]) -> None:
    network = random_network(*names)
    exact = partition_variation(decompose(network, BOX)).value
    traced = network_variation(network, BOX, 512)
    assert traced.by_unit == pytest.approx(exact, rel=2e-3)
    assert traced.value == pytest.approx(exact, rel=2e-3)


@pytest.mark.parametrize("names", [("tanh",), ("tanh", "tanh"), ("gelu", "silu"), ("relu", "tanh"), ("tanh", "relu")])
def test_edge_sums_of_stand_ins_converge_to_the_bending_unit_by_unit(names: tuple[str, ...]) -> None:
    """Not to the variation itself: in the limit, overlapping bends cancel, which edges that lie apart cannot."""
    network = random_network(*names, width=6)
    limit = network_variation(network, BOX, 512)
    sums = [partition_variation(decompose_stand_in(network, BOX, e)[1]).value for e in (0.1, 0.01, 0.001, 0.0002)]
    assert abs(sums[-1] - limit.by_unit) < 0.004 * limit.by_unit
    assert abs(sums[-1] - limit.by_unit) < 0.2 * abs(sums[0] - limit.by_unit)
    assert limit.value < 0.95 * limit.by_unit


def test_for_one_tanh_unit_all_three_numbers_agree() -> None:
    network = random_network("tanh", width=1, gain=30.0)
    limit = network_variation(network, BOX)
    assert limit.value == pytest.approx(limit.by_unit, rel=1e-12)
    edges = partition_variation(decompose_stand_in(network, BOX, 1e-4)[1]).value
    assert edges == pytest.approx(limit.value, rel=1e-3)


def test_a_jump_of_f_has_no_finite_variation() -> None:
    for names in (("step",), ("tanh", "step"), ("formula:sign(z) + tanh(z)",)):
        network = random_network(*names)
        found = network_variation(network, BOX)
        assert (found.value, found.error, found.by_unit) == (math.inf, 0.0, math.inf)
    assert partition_variation(decompose(random_network("step"), BOX)).value == math.inf
    # A jump outside the view is none.
    away = Network.create([(np.eye(2), np.full(2, 9.0)), (np.ones((1, 2)), np.zeros(1))], [ROWS["step"]], [0.0])
    assert partition_variation(decompose(away, BOX)).value == 0.0
    assert network_variation(away, BOX).value == 0.0


def test_an_output_that_is_zero_changes_no_edges_part() -> None:
    names = ("relu", "hardtanh")
    one = random_network(*names)
    two = Network.create(
        [
            *zip(one.weights[:-1], one.biases[:-1], strict=True),
            (np.vstack([one.weights[-1], np.zeros_like(one.weights[-1])]), np.append(one.biases[-1], 0.0)),
        ],
        [ROWS[name] for name in names],
        [ROWS[name].default for name in names],
    )
    alone, beside = (edge_variation(decompose(network, BOX)) for network in (one, two))
    assert len(alone) > 20
    np.testing.assert_allclose(alone, beside, rtol=1e-14)


def test_gradients_whose_squares_overflow_have_a_variation() -> None:
    network = Network.create(
        [(np.array([[3e100, 4e100]]), np.zeros(1)), (np.array([[2e80]]), np.zeros(1))], [ROWS["relu"]], [0.0]
    )
    assert partition_variation(decompose(network, (-1.0, 1.0, -1.0, 1.0))).value == pytest.approx(2.5e181, rel=1e-13)


def test_edges_are_not_summed_one_by_one_in_python(monkeypatch: pytest.MonkeyPatch) -> None:
    # The window waits for Python's lock: at 100,000 regions a sum of Python's own held it for 10 ms.
    partition = decompose(random_network("relu", "relu", outputs=1), BOX)
    expected = math.fsum(edge_variation(partition))
    monkeypatch.setattr(math, "fsum", None)
    assert partition_variation(partition).value == pytest.approx(expected, rel=1e-14)


def test_unknown_regions_have_an_unknown_variation() -> None:
    cut = decompose(random_network("relu", "relu", width=16), BOX, budget=40)
    assert cut.truncated_at is not None
    assert math.isnan(partition_variation(cut).value)
    assert math.isnan(network_variation(random_network("tanh", gain=math.inf), BOX).value)


def test_density_of_regions_adds_up_to_the_whole() -> None:
    partition = decompose(random_network("relu", "relu", outputs=2), BOX)
    density = region_density(partition)
    assert float(density @ partition.areas) == pytest.approx(edge_variation(partition).sum(), rel=1e-12)
    assert (density >= 0).all()


def test_density_of_a_smooth_field_is_what_the_quadrature_sums() -> None:
    network = random_network("tanh", "tanh")
    x, y = np.linspace(-1, 1, 41)[:-1] + 0.025, np.linspace(-0.75, 1.25, 61)[:-1] + 1 / 60
    density = hessian_density(network, x, y)
    assert density.shape == (60, 40)
    assert density.sum() * 0.05 / 30 == pytest.approx(network_variation(network, BOX).value, rel=5e-3)
    point = np.array([[x[7], y[31]]])
    assert density[31, 7] == pytest.approx(nuclear_norm(bending(network, point).hessian)[0, 0], rel=1e-12)


def test_kinks_of_pieces() -> None:
    (kink,) = piece_kinks(ROWS["shifted_relu"].pieces(-2.5))
    assert (kink.at, kink.slope_jump, kink.value_jump) == (-2.5, 1.0, 0.0)
    (kink,) = piece_kinks(ROWS["step"].pieces(0.0))
    assert (kink.slope_jump, kink.value_jump) == (0.0, 1.0)
    assert piece_kinks(ROWS["prelu"].pieces(1.0)) == ()
    assert [kink.slope_jump for kink in piece_kinks(ROWS["hardsigmoid"].pieces(0.0))] == pytest.approx([1 / 6, -1 / 6])
    assert all(kink.value_jump == 0 for kink in piece_kinks(ROWS["hardsigmoid"].pieces(0.0)))
