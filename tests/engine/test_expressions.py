"""Smooth activations in torch: every operation, every row, torch's own calls and the generic path alike."""

import numpy as np
import pytest
import torch

from reluviz.core.activations import ACTIVATIONS
from reluviz.core.expression import OPERATIONS
from reluviz.core.formula import formula_curve
from reluviz.core.smooth import Smooth
from reluviz.engine.expressions import TORCH, TorchExpression, generic_smooth, smooth_nonlinearity

ROWS = ACTIVATIONS
SMOOTH = [name for name, row in ROWS.items() if row.is_smooth]
MODULES = {
    "sigmoid": lambda _: torch.nn.Sigmoid(),
    "tanh": lambda _: torch.nn.Tanh(),
    "elu": torch.nn.ELU,
    "softplus": lambda _: torch.nn.Softplus(threshold=700),
    "gelu": lambda _: torch.nn.GELU(),
    "silu": lambda _: torch.nn.SiLU(),
    "mish": lambda _: torch.nn.Mish(),
    "sin": lambda _: torch.sin,
}
GRID = np.concatenate([np.linspace(-12, 12, 4801), [-0.0, 1e-30, -1e-30, 40.0, -40.0, -200.0, 200.0]])
FORMULAS = (
    "z*exp(-z*z)",
    "max(tanh(z), z/4)",
    "min(abs(z), 1 + sqrt(z*z + 1)) - log(2 + cos(z))",
    "sign(z) * z**2 / (1 + z**2)",
    "erf(z) + softplus(z) - sin(z)**3",
    "tanh(z)",
    "3 + 0*z + sigmoid(0*z)",
)


def run(make, curve: Smooth, z: np.ndarray, upstream: np.ndarray):
    h = torch.full((1, len(z)), 7.0, dtype=torch.from_numpy(z).dtype)
    signal = torch.from_numpy(upstream.astype(z.dtype))[None].clone()
    unit = make(curve, h, signal)
    unit.z.copy_(torch.from_numpy(z)[None])
    for call in (*unit.forward, *unit.backward):
        call()
    return h[0].numpy(), signal[0].numpy()


def test_every_operation_has_a_function() -> None:
    assert set(TORCH) == set(OPERATIONS)


@pytest.mark.parametrize("make", [smooth_nonlinearity, generic_smooth])
@pytest.mark.parametrize(
    ("name", "parameter"), [(name, ROWS[name].default) for name in SMOOTH] + [("elu", 0.3), ("elu", 2.5), ("elu", 0.0)]
)
def test_value_and_gradient_are_torchs(name: str, parameter: float, make) -> None:
    upstream = np.random.default_rng(0).normal(size=len(GRID))
    x = torch.tensor(GRID, requires_grad=True)
    value = MODULES[name](parameter)(x)
    (gradient,) = torch.autograd.grad(value, x, torch.tensor(upstream))
    curve = ROWS[name].curve(parameter)
    found, signal = run(make, curve, GRID, upstream)
    exact = make is smooth_nonlinearity and name != "mish"
    np.testing.assert_allclose(found, value.detach(), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(signal, gradient, rtol=1e-15 if exact else 1e-11, atol=1e-15 if exact else 1e-13)


@pytest.mark.parametrize("make", [smooth_nonlinearity, generic_smooth])
@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_are_what_numpy_makes_of_them(text: str, make) -> None:
    curve = formula_curve(text)
    if not isinstance(curve, Smooth):
        return
    z = np.concatenate([np.linspace(-5, 5, 2001), [0.0]])
    found, signal = run(make, curve, z, np.full(len(z), 1.5))
    np.testing.assert_allclose(found, curve.value(z), rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(signal, 1.5 * curve.derivative(z), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("text", FORMULAS)
def test_autograd_through_the_value_gives_the_derivative(text: str) -> None:
    curve = formula_curve(text)
    if not isinstance(curve, Smooth):
        return
    x = torch.linspace(-4.95, 5.05, 999, dtype=torch.float64, requires_grad=True)
    value = TorchExpression(curve.expression, x)(x)
    gradient = torch.autograd.grad(value.sum(), x, allow_unused=True)[0] if value.requires_grad else None
    expected = torch.zeros_like(x) if gradient is None else gradient
    np.testing.assert_allclose(curve.derivative(x.detach().numpy()), expected, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("name", SMOOTH)
def test_single_precision_stays_single(name: str) -> None:
    curve = ROWS[name].curve(ROWS[name].default)
    z = GRID[np.abs(GRID) < 50].astype(np.float32)
    for make in (smooth_nonlinearity, generic_smooth):
        found, signal = run(make, curve, z, np.ones(len(z)))
        assert found.dtype == np.float32
        assert signal.dtype == np.float32
        np.testing.assert_allclose(found, curve.value(z.astype(np.float64)), rtol=1e-5, atol=2e-6)
        np.testing.assert_allclose(signal, curve.derivative(z.astype(np.float64)), rtol=1e-5, atol=3e-6)


def test_a_formula_that_writes_a_row_is_computed_as_the_row() -> None:
    curve = formula_curve("tanh(z)")
    assert isinstance(curve, Smooth)
    h = torch.zeros(1, 3)
    assert smooth_nonlinearity(curve, h, torch.zeros(1, 3)).z is h
    # Nearly an ELU: another sum of a maximum and a multiple.
    other = formula_curve("max(z, 0) + 2 * tanh(z)")
    assert isinstance(other, Smooth)
    z = np.linspace(-3, 3, 31)
    np.testing.assert_allclose(run(smooth_nonlinearity, other, z, np.ones(31))[0], np.maximum(z, 0) + 2 * np.tanh(z))
