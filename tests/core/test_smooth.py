"""Every activation of the table against torch's own module: forward, autograd and twice, grid and breakpoints."""

import math
import pickle
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from reluviz.core.activations import ACTIVATIONS, Activation, Pieces
from reluviz.core.errors import InputError
from reluviz.core.formula import formula_curve
from reluviz.core.network import Network
from reluviz.core.smooth import Smooth

ROWS = ACTIVATIONS
MODULES: dict[str, Callable[[float], Callable[[torch.Tensor], torch.Tensor]]] = {
    "identity": lambda _: nn.Identity(),
    "relu": lambda _: nn.ReLU(),
    "shifted_relu": lambda c: nn.Threshold(c, c),
    "leaky_relu": lambda slope: nn.LeakyReLU(slope),
    "prelu": lambda slope: nn.PReLU(init=slope).double(),
    "abs": lambda _: torch.abs,
    "hardtanh": lambda _: nn.Hardtanh(),
    "relu6": lambda _: nn.ReLU6(),
    "hardsigmoid": lambda _: nn.Hardsigmoid(),
    "sigmoid": lambda _: nn.Sigmoid(),
    "tanh": lambda _: nn.Tanh(),
    "elu": lambda alpha: nn.ELU(alpha),
    # torch's default threshold replaces softplus by z beyond 20, off by 2e-9.
    "softplus": lambda _: nn.Softplus(threshold=700),
    "gelu": lambda _: nn.GELU(),
    "silu": lambda _: nn.SiLU(),
    "mish": lambda _: nn.Mish(),
    "sin": lambda _: torch.sin,
}
SMOOTH = [name for name, row in ROWS.items() if row.is_smooth]
PARAMETERS = {
    "shifted_relu": (-1.0, 0.0, 4.5),
    "leaky_relu": (0.01, 0.3),
    "prelu": (0.25, -0.5),
    "elu": (1.0, 0.3, 2.5),
}
CASES = [(name, value) for name in MODULES for value in PARAMETERS.get(name, (ROWS[name].default,))]


def places(row: Activation, parameter: float) -> np.ndarray:
    """A dense grid, the breakpoints, and the floats beside them."""
    curve = row.curve(parameter)
    special = np.array(curve.breakpoints if isinstance(curve, Pieces) else [0.0, 2.5, -2.5])
    beside = [special, np.nextafter(special, -np.inf), np.nextafter(special, np.inf)]
    return np.concatenate([np.linspace(-12, 12, 24_001), *beside, [-100.0, 100.0]])


def test_every_row_has_a_module_or_is_a_step() -> None:
    assert set(MODULES) | {"step", "step_ste"} == set(ROWS)


@pytest.mark.parametrize(("name", "parameter"), CASES)
def test_value_and_derivative_are_torchs(name: str, parameter: float) -> None:
    row = ROWS[name]
    z = places(row, parameter)
    x = torch.tensor(z, requires_grad=True)
    value = MODULES[name](parameter)(x)
    (slope,) = torch.autograd.grad(value.sum(), x)
    curve = row.curve(parameter)
    np.testing.assert_allclose(curve.value(z), value.detach(), rtol=1e-12, atol=1e-14)
    # torch keeps hard sigmoid's 1/6 in single precision.
    np.testing.assert_allclose(curve.derivative(z), slope, rtol=1e-7 if name == "hardsigmoid" else 1e-11, atol=1e-13)


@pytest.mark.parametrize("name", SMOOTH)
def test_second_derivative_is_autograds(name: str) -> None:
    curve = ROWS[name].curve(ROWS[name].default)
    z = np.linspace(-9, 9, 4000)
    x = torch.tensor(z, requires_grad=True)
    (first,) = torch.autograd.grad(MODULES[name](ROWS[name].default)(x).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x)
    np.testing.assert_allclose(curve.second_derivative(z), second, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("name", ["step", "step_ste"])
def test_steps_jump_after_zero_and_have_no_slope(name: str) -> None:
    pieces = ROWS[name].pieces(0.0)
    z = np.array([-1.0, 0.0, 5e-324, 1.0])
    np.testing.assert_array_equal(pieces.value(z), torch.heaviside(torch.tensor(z), torch.tensor(0.0).double()))
    assert not pieces.derivative(z).any()


def test_straight_through_trains_with_slope_one_inside_one() -> None:
    row = ROWS["step_ste"]
    assert row.backward is not None
    slope = row.backward(0.0).derivative(np.array([-1.001, -1.0, 0.0, 0.5, 1.0, 1.001]))
    np.testing.assert_array_equal(slope, [0, 1, 1, 1, 1, 0])
    assert all(other.backward is None for name, other in ROWS.items() if name != "step_ste")


@pytest.mark.parametrize("name", SMOOTH)
def test_single_precision_stays_near(name: str) -> None:
    curve = ROWS[name].curve(ROWS[name].default)
    z = np.linspace(-20, 20, 4001)
    single = curve.value(z.astype(np.float32))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, curve.value(z), rtol=1e-5, atol=4e-6)


def test_smooth_rows_have_no_pieces_and_say_so() -> None:
    for row in ACTIVATIONS.values():
        if row.is_smooth:
            with pytest.raises(InputError, match=f"{row.name} is smooth and has no exact linear pieces"):
                row.pieces(row.default)
        assert pickle.loads(pickle.dumps(row)).name == row.name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("max(tanh(z), 0.5)", [(math.atanh(0.5), 0.75, 0.0)]),
        ("max(z, 0) * sin(z)", []),
        ("z * sign(z - 2)", [(2.0, 2.0, 4.0)]),
        ("abs(z) + z*z", [(0.0, 2.0, 0.0)]),
        ("abs(z**2 - 2)", [(-(2**0.5), 2 * 8**0.5, 0.0), (2**0.5, 2 * 8**0.5, 0.0)]),
        ("exp(-abs(z))", [(0.0, -2.0, 0.0)]),
        ("tanh(50*z) + 0*abs(z)", []),
        ("max(tanh(40*z), -2)", []),
    ],
)
def test_kinks_are_found_where_they_are(text: str, expected: list[tuple[float, float, float]]) -> None:
    curve = formula_curve(text)
    assert isinstance(curve, Smooth)
    found = [(kink.at, kink.slope_jump, kink.value_jump) for kink in curve.kinks]
    np.testing.assert_allclose(np.reshape(found, (-1, 3)), np.reshape(expected, (-1, 3)), atol=1e-9)


def test_kinks_of_the_table() -> None:
    for name, row in ACTIVATIONS.items():
        if row.is_smooth:
            assert row.curve(row.default).kinks == (), name
    ((kink),) = ROWS["elu"].curve(3.0).kinks
    np.testing.assert_allclose((kink.at, kink.slope_jump, kink.value_jump), (0.0, -2.0, 0.0), atol=1e-9)


@pytest.mark.parametrize("names", [("tanh", "gelu"), ("relu", "silu"), ("elu", "hardtanh"), ("sin", "prelu")])
def test_network_equals_torch_and_its_tangent_map_equals_autograd(names: tuple[str, str]) -> None:
    generator = np.random.default_rng(5)
    layers = [(generator.normal(size=(m, n)), generator.normal(size=m)) for n, m in ((2, 7), (7, 5), (5, 3))]
    rows = [ROWS[name] for name in names]
    network = Network.create(layers, rows, [row.default for row in rows])
    modules = [MODULES[row.name](row.default) for row in rows]

    def forward(x: torch.Tensor) -> torch.Tensor:
        for (weights, biases), module in zip(layers, [*modules, lambda z: z], strict=True):
            x = module(x @ torch.tensor(weights).T + torch.tensor(biases))
        return x

    points = generator.normal(size=(20, 2))
    np.testing.assert_allclose(network.forward(points), forward(torch.tensor(points)).detach(), rtol=1e-11)
    for point in points:
        gradient, intercept = network.affine_map(point)
        jacobian = torch.autograd.functional.jacobian(forward, torch.tensor(point))
        np.testing.assert_allclose(gradient, jacobian, rtol=1e-9, atol=1e-11)
        np.testing.assert_allclose(gradient @ point + intercept, network.forward(point[None])[0], rtol=1e-9, atol=1e-11)
    smooth = [layer for layer, row in enumerate(rows) if row.is_smooth]
    assert network.first_smooth == smooth[0]
    with pytest.raises(InputError, match="no exact linear pieces"):
        network.pattern(points)


def test_a_piecewise_linear_network_has_no_smooth_layer() -> None:
    network = Network.create([(np.eye(2), np.zeros(2)), (np.eye(2), np.zeros(2))], [ROWS["relu"]], [0.0])
    assert network.first_smooth is None
    assert network.curves == network.pieces
