"""The public side: what may be given, what comes back, budgets, numbers that are not finite."""

import numpy as np
import pytest

import reluviz
from reluviz.core.activations import ACTIVATIONS
from reluviz.core.errors import InputError
from reluviz.core.network import Network
from reluviz.core.partition import decompose, linear_regions
from tests.core.networks import random_network
from tests.oracles.invariants import assert_invariants

SQUARE = (-1.0, 1.0, -1.0, 1.0)
ARRAYS = [(np.array([[1.0, 0.0], [0.0, 1.0]]), np.zeros(2)), (np.array([[1.0, -1.0]]), np.array([0.5]))]


def test_two_lines_make_four_quadrants():
    p = linear_regions(ARRAYS, SQUARE)
    assert p.count == p.linear_count == 4
    assert sorted(map(tuple, p.patterns.tolist())) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    both = p.locate(np.array([[0.5, 0.5]]))[0]
    np.testing.assert_array_equal(p.gradients[both], [[1.0, -1.0]])
    np.testing.assert_array_equal(p.intercepts[both], [0.5])
    assert {tuple(edge) for edge in np.abs(p.edges).tolist()} <= {
        (0.0, 0.0, 0.0, 1.0),
        (0.0, 1.0, 0.0, 0.0),
        (0.0, 1.0, 0.0, 1.0),
        (1.0, 0.0, 0.0, 0.0),
        (0.0, 0.0, 1.0, 0.0),
        (1.0, 0.0, 1.0, 0.0),
    }
    assert_invariants(p)


def test_public_name_is_this_function():
    assert reluviz.linear_regions is linear_regions


def test_a_torch_module_gives_the_same_regions():
    torch = pytest.importorskip("torch")
    network = random_network("relu", "relu", width=6, outputs=2)
    layers = []
    for weights, biases in zip(network.weights, network.biases, strict=True):
        linear = torch.nn.Linear(*weights.shape[::-1]).double()
        with torch.no_grad():
            linear.weight.copy_(torch.tensor(weights))
            linear.bias.copy_(torch.tensor(biases))
        layers += [linear, torch.nn.ReLU()]
    p = linear_regions(torch.nn.Sequential(*layers[:-1]), SQUARE)
    q = linear_regions(network, SQUARE)
    np.testing.assert_array_equal(p.patterns, q.patterns)


@pytest.mark.parametrize("activation", ["abs", ACTIVATIONS["abs"], ["abs"], [ACTIVATIONS["abs"]]])
def test_activations_by_name_row_or_list(activation):
    p = linear_regions(ARRAYS, SQUARE, activation)
    assert p.network.activations == (ACTIVATIONS["abs"],)
    assert p.count == 4


@pytest.mark.parametrize(
    ("model", "activation", "words"),
    [
        ([], "relu", "no layer"),
        ("weights", "relu", "str"),
        ([(np.ones((3, 4)), np.ones(3))], "relu", "layer 0"),
        ([(np.ones((3, 2)), np.ones(2))], "relu", "layer 0"),
        ([ARRAYS[0], (np.ones((1, 3)), np.ones(1))], "relu", "layer 1"),
        ([1, 2], "relu", "layer 0"),
        ([("a", "b")], "relu", "layer 0"),
        (ARRAYS, "rleu", "relu"),
        (ARRAYS, ["relu", "relu"], "1 hidden"),
    ],
)
def test_what_cannot_be_used_is_named(model, activation, words):
    with pytest.raises(InputError, match=words):
        linear_regions(model, SQUARE, activation)


@pytest.mark.parametrize("bounds", [(1, -1, -1, 1), (0, 0, 0, 1), (-1, 1, np.nan, 1), (-np.inf, 1, -1, 1)])
def test_bounds_must_be_a_rectangle(bounds):
    with pytest.raises(InputError, match="Bounds"):
        linear_regions(ARRAYS, bounds)


def test_a_network_of_three_inputs_is_refused():
    network = Network.create([(np.ones((1, 3)), np.ones(1))], [], [])
    with pytest.raises(InputError, match="3 inputs"):
        decompose(network, SQUARE)


def test_no_hidden_layer_is_one_region():
    p = linear_regions([(np.array([[2.0, 3.0]]), np.array([1.0]))], (0.0, 2.0, 1.0, 2.0))
    assert p.count == p.linear_count == 1
    assert len(p.edges) == 0
    np.testing.assert_allclose(p.gradients, [[[2.0, 3.0]]])
    np.testing.assert_allclose(p.intercepts, [[1.0]])
    np.testing.assert_allclose(p.areas, 2.0)
    assert set(p.edge_of.tolist()) == {-1, -2, -3, -4}
    assert len(p.adjacency.first) == 0


def test_the_budget_stops_at_the_layers_that_fit():
    network = random_network("relu", "relu", "relu", width=24)
    by_depth = [
        decompose(
            Network.create(
                [*zip(network.weights[:k], network.biases[:k], strict=True), (np.zeros((1, 24)), np.zeros(1))],
                network.activations[:k],
                [0.0] * k,
            ),
            SQUARE,
        )
        for k in (1, 2, 3)
    ]
    counts = [p.count for p in by_depth]
    assert counts == sorted(set(counts))
    assert decompose(network, SQUARE, counts[2]).truncated_at is None
    for budget, layers in [
        (counts[2] - 1, 2),
        (counts[1], 2),
        (counts[1] - 1, 1),
        (counts[0], 1),
        (counts[0] - 1, 0),
        (1, 0),
    ]:
        p = decompose(network, SQUARE, budget)
        assert p.truncated_at == layers
        assert p.count == (counts[layers - 1] if layers else 1)
        assert p.patterns.shape == (p.count, 72)
        assert (p.patterns[:, 24 * layers :] == -1).all()
        if layers:
            np.testing.assert_array_equal(p.patterns[:, : 24 * layers], by_depth[layers - 1].patterns)
        assert np.isnan(p.gradients).all()
        assert np.isnan(p.intercepts).all()
        assert p.linear_count == -1
        assert p.areas.sum() == pytest.approx(4.0)
        assert np.isnan(p.adjacency.jump).all()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_weights_that_are_not_finite_have_no_regions(value):
    weights = ARRAYS[0][0].copy()
    weights[0, 0] = value
    p = linear_regions([(weights, np.zeros(2)), ARRAYS[1]], SQUARE)
    assert not p.finite
    assert p.count == p.linear_count == 0
    assert "not finite" in p.message
    assert p.locate(np.zeros((3, 2))).tolist() == [-1, -1, -1]
    assert len(p.adjacency.first) == 0


def test_products_that_overflow_say_so():
    network = random_network("relu", "relu", "relu", width=5)
    scaled = [(w * 1e120, b) for w, b in zip(network.weights, network.biases, strict=True)]
    p = decompose(Network.create(scaled, network.activations, network.parameters), SQUARE)
    assert not p.finite
    assert "overflow" in p.message
    large = [(w * 1e60, b * 1e60) for w, b in zip(network.weights, network.biases, strict=True)]
    assert decompose(Network.create(large, network.activations, network.parameters), SQUARE).finite


def test_locate_finds_the_region_of_every_vertex_and_corner():
    p = decompose(random_network("relu", "relu", width=12), SQUARE)
    region = p.locate(p.vertices)
    assert (region >= 0).all()
    for vertex, found in zip(p.vertices[:200], region[:200], strict=True):
        ring = p.vertices[p.offsets[found] : p.offsets[found + 1]]
        step = np.roll(ring, -1, axis=0) - ring
        side = step[:, 0] * (vertex[1] - ring[:, 1]) - step[:, 1] * (vertex[0] - ring[:, 0])
        assert side.min() > -1e-12
    assert p.locate(np.array([[-1.0, -1.0], [1.0, 1.0], [1.0 + 1e-12, 0.0]])).tolist()[2] == -1


def test_svg_is_written(tmp_path):
    p = linear_regions(ARRAYS, SQUARE)
    p.to_svg(tmp_path / "regions.svg")
    assert (tmp_path / "regions.svg").read_text(encoding="utf-8").count("<polygon") >= 4
