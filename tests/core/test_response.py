"""Responsive ranges, compositions and unit states against closed forms and plain counting."""

import math

import numpy as np
import pytest

from reluviz.core.activations import ACTIVATIONS, Curve
from reluviz.core.flow import network_states, unit_states
from reluviz.core.formula import formula_curve
from reluviz.core.network import Network
from reluviz.core.response import compose, respond

ROWS = ACTIVATIONS
INF = math.inf


def curve(name: str, parameter: float | None = None) -> Curve:
    return ROWS[name].curve(ROWS[name].default if parameter is None else parameter)


TANH = math.acosh(2)  # 1 - tanh^2 = 1/4.
SIGMOID = 2 * math.acosh(2)  # s (1 - s) = 1/16.
EDGE_OF_COS = math.acos(0.25)


@pytest.mark.parametrize(
    ("name", "steepest", "intervals"),
    [
        ("tanh", 1.0, [(-TANH, TANH)]),
        ("sigmoid", 0.25, [(-SIGMOID, SIGMOID)]),
        ("softplus", 1.0, [(-math.log(3), INF)]),
        ("elu", 1.0, [(-math.log(4), INF)]),
        ("relu", 1.0, [(0.0, INF)]),
        ("shifted_relu", 1.0, [(-1.0, INF)]),
        ("leaky_relu", 1.0, [(0.0, INF)]),
        ("abs", 1.0, [(-INF, INF)]),
        ("identity", 1.0, [(-INF, INF)]),
        ("hardtanh", 1.0, [(-1.0, 1.0)]),
        ("hardsigmoid", 1 / 6, [(-3.0, 3.0)]),
        ("relu6", 1.0, [(0.0, 6.0)]),
        ("step", 0.0, []),
    ],
)
def test_responsive_ranges_in_closed_form(name: str, steepest: float, intervals: list[tuple[float, float]]) -> None:
    response = respond(curve(name))
    # The softplus reaches 1 - 1e-13 at 30.
    assert response.steepest == pytest.approx(steepest, rel=1e-12)
    np.testing.assert_allclose(np.reshape(response.intervals, (-1, 2)), np.reshape(intervals, (-1, 2)), atol=1e-11)
    assert response.levels == tuple(end for pair in response.intervals for end in pair if math.isfinite(end))


def test_the_sine_leaves_its_range_every_half_turn() -> None:
    levels = np.array(respond(curve("sin")).levels)
    expected = np.sort([side * EDGE_OF_COS + k * math.pi for k in range(-12, 13) for side in (-1, 1)])
    np.testing.assert_allclose(levels, expected[np.abs(expected) < 30], atol=1e-10)


@pytest.mark.parametrize("name", ["gelu", "silu", "mish"])
def test_range_ends_are_where_the_slope_is_a_quarter_of_the_steepest(name: str) -> None:
    function = curve(name)
    response = respond(function)
    z = np.linspace(-30, 30, 3_000_001)
    slope = np.abs(function.derivative(z))
    assert response.steepest == pytest.approx(slope.max(), rel=1e-10)
    np.testing.assert_array_equal(response.contains(z), slope >= response.steepest / 4)
    np.testing.assert_allclose(np.abs(function.derivative(np.array(response.levels))), response.steepest / 4, rtol=1e-9)


def test_tau_moves_the_ends() -> None:
    assert respond(curve("tanh"), 0.5).levels == pytest.approx((-math.acosh(2**0.5), math.acosh(2**0.5)), abs=1e-11)
    assert respond(curve("leaky_relu", 0.3)).intervals == ((-INF, INF),)


def test_composition_is_what_lessons_quote() -> None:
    value, slope = compose(curve("sigmoid"), 10, np.array([1.0]))
    x = 1.0
    product = 1.0
    for _ in range(10):
        s = 1 / (1 + math.exp(-x))
        product *= s * (1 - s)
        x = s
    assert value[0] == pytest.approx(x, rel=1e-14)
    assert slope[0] == pytest.approx(product, rel=1e-12)
    assert slope[0] == pytest.approx(2.8e-7, rel=0.02)
    assert compose(curve("tanh"), 10, np.array([1.0]))[1][0] == pytest.approx(0.041, abs=5e-4)


def test_relu_of_relu_is_relu_bit_for_bit() -> None:
    z = np.random.default_rng(0).normal(size=1000)
    once, twenty = compose(curve("relu"), 1, z), compose(curve("relu"), 20, z)
    np.testing.assert_array_equal(once[0], twenty[0])
    np.testing.assert_array_equal(once[1], twenty[1])
    zero = compose(curve("relu"), 0, z)
    np.testing.assert_array_equal(zero[0], z)
    np.testing.assert_array_equal(zero[1], np.ones(1000))


def test_derivative_of_a_composition_is_the_difference_quotients_limit() -> None:
    z, h = np.linspace(-2, 2, 101), 1e-5
    for function in (curve("mish"), curve("sin"), formula_curve("z*exp(-z*z)")):
        slope = compose(function, 7, z)[1]
        quotient = (compose(function, 7, z + h)[0] - compose(function, 7, z - h)[0]) / (2 * h)
        np.testing.assert_allclose(slope, quotient, atol=1e-8)


def test_unit_states_count_as_defined() -> None:
    z = np.zeros((100, 5))
    z[:, 0] = -1.0  # ReLU: never on.
    z[:, 1] = np.where(np.arange(100) < 4, 1.0, -1.0)  # On for 4 %.
    z[:, 2] = np.where(np.arange(100) < 5, 1.0, -1.0)  # On for 5 %.
    z[:, 3] = 1.0
    z[:, 4] = 0.0  # At ReLU's kink the derivative is 0: dead.
    states = unit_states(curve("relu"), z)
    np.testing.assert_array_equal(states.is_dead, [True, False, False, False, True])
    np.testing.assert_array_equal(states.is_saturated, [False, True, False, False, False])
    np.testing.assert_allclose(states.responsive, [0, 0.04, 0.05, 1, 0])
    np.testing.assert_allclose(states.mean_slope, [0, 0.04, 0.05, 1, 0])
    assert (states.dead_share, states.saturated_share) == (0.4, 0.2)


def test_saturation_of_tanh_is_not_death() -> None:
    z = np.column_stack([np.full(50, 5.0), np.full(50, 1.31), np.full(50, 1.32), np.full(50, 400.0)])
    states = unit_states(curve("tanh"), z)
    np.testing.assert_array_equal(states.is_saturated, [True, False, True, False])
    np.testing.assert_array_equal(states.is_dead, [False, False, False, True])  # 1 - tanh(400)^2 is exactly 0.


def test_steps_are_dead_and_slow_slopes_are_not() -> None:
    z = np.random.default_rng(1).normal(size=(64, 3))
    assert unit_states(curve("step"), z).dead_share == 1.0
    assert unit_states(curve("leaky_relu"), -np.abs(z)).saturated_share == 1.0
    states = unit_states(curve("identity"), z)
    assert (states.dead_share, states.saturated_share) == (0.0, 0.0)


def test_states_of_a_network_are_those_of_its_layers() -> None:
    generator = np.random.default_rng(2)
    layers = [(generator.normal(size=(m, n)), generator.normal(size=m)) for n, m in ((2, 6), (6, 4), (4, 1))]
    network = Network.create(layers, [ROWS["relu"], ROWS["tanh"]], [0.0, 0.0])
    x = generator.normal(size=(30, 2))
    h = x @ layers[0][0].T + layers[0][1]
    states = network_states(network, x)
    np.testing.assert_array_equal(states[0].is_dead, (h <= 0).all(axis=0))
    z = np.maximum(h, 0) @ layers[1][0].T + layers[1][1]
    np.testing.assert_allclose(states[1].responsive, (np.abs(z) <= TANH).mean(axis=0))
