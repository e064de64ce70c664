"""Expressions against torch's own functions and autograd."""

import math

import numpy as np
import pytest
import torch

from reluviz.core.expression import NUMPY, ZERO, Expression, Z, add, call, constant, erf, multiply, negate

TORCH = {
    "add": torch.add,
    "subtract": torch.sub,
    "multiply": torch.mul,
    "divide": torch.div,
    "power": torch.pow,
    "maximum": torch.maximum,
    "minimum": torch.minimum,
    "abs": torch.abs,
    "exp": torch.exp,
    "expm1": torch.expm1,
    "log": torch.log,
    "sqrt": torch.sqrt,
    "sin": torch.sin,
    "cos": torch.cos,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "softplus": torch.nn.functional.softplus,
    "erf": torch.erf,
}
ONE_ARGUMENT = [
    name for name in TORCH if name not in ("add", "subtract", "multiply", "divide", "power", "maximum", "minimum")
]
GRID = np.linspace(0.013, 7.9, 5001)


@pytest.mark.parametrize("name", ONE_ARGUMENT)
def test_value_and_two_derivatives_of_each_function_are_torchs(name: str) -> None:
    expression = call(name, Z)
    z = GRID if name in ("log", "sqrt") else np.concatenate([-GRID[::-1], GRID])
    x = torch.tensor(z, requires_grad=True)
    value = TORCH[name](x)
    (first,) = torch.autograd.grad(value.sum(), x, create_graph=True)
    np.testing.assert_allclose(expression(z), value.detach(), rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(expression.derivative(z), first.detach(), rtol=1e-12, atol=1e-14)
    if first.requires_grad:
        (second,) = torch.autograd.grad(first.sum(), x)
        np.testing.assert_allclose(expression.second_derivative(z), second.numpy(force=True), rtol=1e-11, atol=1e-13)
    else:
        assert not expression.second_derivative(z).any()


@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "divide", "power", "maximum", "minimum"])
def test_each_operation_of_two_is_torchs_in_both_arguments(name: str) -> None:
    for arguments in ((call("sin", Z), call("exp", Z)), (call("exp", Z), call("tanh", Z))):
        if name == "power":
            arguments = (call("exp", arguments[0]), arguments[1])
        z = np.linspace(0.05, 2.5, 999)
        x = torch.tensor(z, requires_grad=True)
        value = TORCH[name](*(a.evaluate(x, TORCH) for a in arguments))
        (first,) = torch.autograd.grad(value.sum(), x, create_graph=True)
        (second,) = torch.autograd.grad(first.sum(), x)
        expression = call(name, *arguments)
        np.testing.assert_allclose(expression(z), value.detach(), rtol=1e-13)
        np.testing.assert_allclose(expression.derivative(z), first.detach(), rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(expression.second_derivative(z), second, rtol=1e-10, atol=1e-10)


def test_power_by_a_number_is_right_at_zero_and_below() -> None:
    z = np.array([-2.0, 0.0, 3.0])
    square = call("power", Z, constant(2))
    np.testing.assert_array_equal(square(z), [4.0, 0.0, 9.0])
    np.testing.assert_array_equal(square.derivative(z), [-4.0, 0.0, 6.0])
    np.testing.assert_array_equal(square.second_derivative(z), [2.0, 2.0, 2.0])


def test_error_function_is_the_standard_librarys() -> None:
    z = np.concatenate([np.linspace(-7, 7, 4001), [0.0, -0.0, 2.5, 30.0, -1e300, 1e-300]])
    expected = np.array([math.erf(value) for value in z])
    np.testing.assert_allclose(erf(z), expected, rtol=2e-14, atol=1e-300)
    single = erf(np.clip(z, -1e30, 1e30).astype(np.float32))
    assert single.dtype == np.float32
    assert np.abs(single - expected).max() < 5e-7


def test_sigmoid_and_softplus_saturate_without_overflow() -> None:
    z = np.array([-800.0, -40.0, 0.0, 40.0, 800.0])
    np.testing.assert_allclose(call("sigmoid", Z)(z), [0.0, math.exp(-40), 0.5, 1.0, 1.0], rtol=1e-15, atol=0)
    np.testing.assert_allclose(
        call("softplus", Z)(z), [0.0, math.exp(-40), math.log(2), 40.0, 800.0], rtol=1e-15, atol=0
    )


def test_type_and_shape_follow_z() -> None:
    for dtype in (np.float32, np.float64):
        z = np.zeros((3, 4), dtype)
        for expression in (call("erf", Z), constant(2), multiply(constant(math.pi), call("sigmoid", Z))):
            assert expression(z).dtype == dtype
            assert expression(z).shape == (3, 4)
            assert expression.derivative(z).dtype == dtype


def test_equal_parts_are_computed_once() -> None:
    calls = []

    def counted(z: np.ndarray) -> np.ndarray:
        calls.append(1)
        return np.tanh(z)

    t = call("tanh", Z)
    expression = add(multiply(t, call("tanh", Z)), multiply(call("tanh", Z), call("exp", t)))
    z = np.linspace(-1, 1, 5)
    value = expression.evaluate(z, {**NUMPY, "tanh": counted})
    np.testing.assert_allclose(value, np.tanh(z) ** 2 + np.tanh(z) * np.exp(np.tanh(z)))
    assert len(calls) == 1


def test_a_number_and_its_negative_zero_stay_apart() -> None:
    z = np.array([1.0])
    expression = add(call("divide", Z, constant(-0.0)), multiply(constant(2), call("divide", Z, constant(0.0))))
    assert np.isnan(expression(z)).all()  # -inf + inf, not inf + inf.


def test_constants_fold_and_neutral_numbers_vanish() -> None:
    assert call("exp", constant(0)) == constant(1)
    assert add(ZERO, Z) is Z
    assert multiply(constant(1), Z) is Z
    assert multiply(ZERO, call("exp", Z)) == ZERO
    assert negate(negate(Z)) == Z
    assert Expression("z").derivative == constant(1)
