import numpy as np
import pytest
import torch

from reluviz.core.activations import ACTIVATIONS

PIECEWISE = [row for row in ACTIVATIONS.values() if not row.is_smooth]
# The definition by torch itself, where torch has one.
TORCH = {
    "identity": lambda z, _: z * 1.0,
    "relu": lambda z, _: torch.relu(z),
    "shifted_relu": lambda z, c: torch.nn.functional.threshold(z, c, c),
    "leaky_relu": lambda z, a: torch.nn.functional.leaky_relu(z, a),
    "prelu": lambda z, a: torch.nn.functional.prelu(z, torch.tensor([a], dtype=z.dtype)),
    "abs": lambda z, _: torch.abs(z),
    "hardtanh": lambda z, _: torch.nn.functional.hardtanh(z),
    "relu6": lambda z, _: torch.nn.functional.relu6(z),
    "hardsigmoid": lambda z, _: torch.nn.functional.hardsigmoid(z),
    "step": lambda z, _: torch.heaviside(z.detach(), torch.zeros((), dtype=z.dtype)) + 0.0 * z,
}
CASES = [
    (name, value)
    for name in TORCH
    for value in ((None,) if not ACTIVATIONS[name].parameter else (None, 0.0, -0.7, 1.5))
]


def grid(pieces):
    """A dense grid, each breakpoint, and its neighbours on both sides."""
    edges = [np.nextafter(t, side) for t in pieces.breakpoints for side in (-np.inf, np.inf)]
    return np.sort(np.concatenate([np.linspace(-9, 9, 4001), pieces.breakpoints, edges]))


@pytest.mark.parametrize(("name", "parameter"), CASES)
def test_value_and_derivative_are_torchs_everywhere_ties_included(name, parameter):
    row = ACTIVATIONS[name]
    value = row.default if parameter is None else parameter
    pieces = row.pieces(value)
    z = grid(pieces)
    x = torch.tensor(z, requires_grad=True)
    y = TORCH[name](x, value)
    y.sum().backward()
    np.testing.assert_allclose(pieces.value(z), y.detach().numpy(), rtol=0, atol=1e-15 * 9)
    # torch's own derivative of hardsigmoid is the float32 nearest to 1/6, in float64 too.
    exact = 1e-8 if name == "hardsigmoid" else 1e-15
    np.testing.assert_allclose(pieces.derivative(z), x.grad.numpy(), rtol=0, atol=exact)


@pytest.mark.parametrize(("name", "parameter"), CASES)
def test_pieces_are_consistent(name, parameter):
    row = ACTIVATIONS[name]
    pieces = row.pieces(row.default if parameter is None else parameter)
    count = len(pieces.breakpoints)
    assert len(pieces.slopes) == len(pieces.intercepts) == count + 1
    assert len(pieces.tie_slopes) == count
    assert list(pieces.breakpoints) == sorted(set(pieces.breakpoints))
    z = grid(pieces)
    index = pieces.index(z)
    assert index.dtype == np.int8
    np.testing.assert_array_equal(index, (z[:, None] > np.array(pieces.breakpoints)).sum(axis=1))


def test_infinity_keeps_a_constant_piece_constant():
    for name, left, right in (("relu", 0.0, np.inf), ("relu6", 0.0, 6.0), ("hardtanh", -1.0, 1.0), ("step", 0.0, 1.0)):
        values = ACTIVATIONS[name].pieces(0.0).value(np.array([-np.inf, np.inf]))
        assert values.tolist() == [left, right]


def test_dtype_and_shape_are_kept():
    z = np.linspace(-2, 2, 12, dtype=np.float32).reshape(3, 4)
    for row in PIECEWISE:
        pieces = row.pieces(row.default)
        assert pieces.value(z).dtype == pieces.derivative(z).dtype == np.float32
        assert pieces.value(z).shape == pieces.derivative(z).shape == (3, 4)


def test_relu_does_nothing_twice_and_x_is_two_relus():
    relu = ACTIVATIONS["relu"].pieces(0.0)
    z = np.random.default_rng(0).normal(size=1000)
    np.testing.assert_array_equal(relu.value(relu.value(z)), relu.value(z))
    np.testing.assert_array_equal(relu.value(z) - relu.value(-z), z)


def test_only_prelu_is_learned_and_parameters_hold_their_defaults():
    assert [row.name for row in ACTIVATIONS.values() if row.learned] == ["prelu"]
    for row in ACTIVATIONS.values():
        if row.parameter:
            assert row.parameter.minimum <= row.default <= row.parameter.maximum
