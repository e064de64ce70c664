"""Each layer's written-out activation against its Pieces: values, derivatives, ties, the generic path."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from reluviz.core.activations import ACTIVATIONS, Pieces
from reluviz.engine.activations import generic, learned_generic, learned_nonlinearity, nonlinearity

PIECEWISE = [name for name, row in ACTIVATIONS.items() if not getattr(row, "is_smooth", False)]
GRID = np.concatenate([np.linspace(-8, 8, 161), [-0.0, 1e-30, -1e-30, 1e30, -1e30]])


def run(make, pieces: Pieces, z: np.ndarray):
    """Return (value, derivative) of a layer of one unit over the points z."""
    h, signal = torch.full((1, len(z)), 7.0, dtype=torch.from_numpy(z).dtype), torch.ones(1, len(z))
    signal = signal.to(h)
    unit = make(pieces, h, signal)
    unit.z.copy_(torch.tensor(z)[None])
    for call in (*unit.forward, *unit.backward):
        call()
    return h[0].numpy(), signal[0].numpy()


def points_for(pieces: Pieces, dtype) -> np.ndarray:
    edges = np.array(pieces.breakpoints, dtype)
    return np.concatenate([GRID.astype(dtype), edges, np.nextafter(edges, np.inf), np.nextafter(edges, -np.inf)])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("make", [nonlinearity, generic])
@pytest.mark.parametrize(
    ("name", "parameter"),
    [
        (name, value)
        for name in PIECEWISE
        for value in (None, -1.5, 0.0, 0.3)
        if value is None or ACTIVATIONS[name].parameter
    ],
)
def test_row(name, parameter, make, dtype) -> None:
    row = ACTIVATIONS[name]
    pieces = row.pieces(row.default if parameter is None else parameter)
    z = points_for(pieces, dtype)
    value, derivative = run(make, pieces, z)
    np.testing.assert_allclose(value, pieces.value(z), rtol=4 * np.finfo(dtype).eps, atol=4 * np.finfo(dtype).eps)
    np.testing.assert_array_equal(derivative, pieces.derivative(z))


@st.composite
def any_pieces(draw) -> Pieces:
    """Any breakpoints, slopes and ties, jumps included."""
    number = st.integers(-24, 24).map(lambda k: k / 8)
    count = draw(st.integers(0, 4))
    edges = tuple(sorted(draw(st.sets(number, min_size=count, max_size=count))))
    several = [tuple(draw(st.lists(number, min_size=n, max_size=n))) for n in (count + 1, count + 1, count)]
    return Pieces(edges, *several)


@given(any_pieces())
def test_any_pieces(pieces) -> None:
    """Whatever shape a recogniser may take it for."""
    z = points_for(pieces, np.float64)
    value, derivative = run(nonlinearity, pieces, z)
    np.testing.assert_allclose(value, pieces.value(z), rtol=1e-15, atol=1e-14)
    np.testing.assert_array_equal(derivative, pieces.derivative(z))


@given(
    kind=st.sampled_from(["relu", "shifted_relu", "leaky_relu", "abs", "hardtanh", "relu6", "hardsigmoid", "step"]),
    part=st.sampled_from(["breakpoints", "slopes", "intercepts", "tie_slopes"]),
    place=st.integers(0, 2),
    change=st.sampled_from([-1.0, -0.5, 0.25, 1.0]),
)
def test_a_row_changed_in_one_number_is_not_taken_for_the_row(kind, part, place, change) -> None:
    row = ACTIVATIONS[kind].pieces(ACTIVATIONS[kind].default)
    values = {name: list(getattr(row, name)) for name in ("breakpoints", "slopes", "intercepts", "tie_slopes")}
    values[part][place % len(values[part])] += change
    values["breakpoints"].sort()
    pieces = Pieces(*(tuple(value) for value in values.values()))
    z = points_for(pieces, np.float64)
    value, derivative = run(nonlinearity, pieces, z)
    np.testing.assert_allclose(value, pieces.value(z), rtol=1e-15, atol=1e-14)
    np.testing.assert_allclose(derivative, pieces.derivative(z), rtol=1e-15)


def bent(parameter: float) -> Pieces:
    """Three pieces, whose slopes and intercepts follow the parameter."""
    return Pieces(
        (-1.0, 0.5),
        (0.5 + parameter, 1.0 - 2 * parameter, parameter),
        (parameter, -0.25, 1.0 + 3 * parameter),
        (2 * parameter, 0.75),
    )


@pytest.mark.parametrize("make", ["chosen", "generic"])
@pytest.mark.parametrize("pieces", [ACTIVATIONS["prelu"].pieces, bent])
@pytest.mark.parametrize("parameter", [-0.7, 0.0, 0.25])
def test_learned(pieces, parameter, make) -> None:
    """The parameter's gradient is the difference quotient, exact as the value is linear in it."""
    z = points_for(pieces(parameter), np.float64)
    z = z[np.abs(z) < 100]
    generator = np.random.default_rng(3)
    upstream = generator.normal(size=len(z))
    value = torch.tensor([parameter], dtype=torch.float64)
    gradient = torch.zeros(1, dtype=torch.float64)
    h, signal = torch.zeros(1, len(z), dtype=torch.float64), torch.tensor(upstream)[None].clone()
    if make == "chosen":
        unit = learned_nonlinearity(pieces, value, gradient, h, signal)
    else:
        base, moved = pieces(0.0), pieces(1.0)
        names = ("slopes", "intercepts", "tie_slopes")
        parts = [tuple(b - a for a, b in zip(getattr(base, n), getattr(moved, n), strict=True)) for n in names]
        unit = learned_generic(base, Pieces(base.breakpoints, *parts), value, gradient, h, signal)
    unit.z.copy_(torch.tensor(z)[None])
    for call in (*unit.forward, *unit.backward):
        call()
    np.testing.assert_allclose(h[0].numpy(), pieces(parameter).value(z), rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(signal[0].numpy(), upstream * pieces(parameter).derivative(z), rtol=1e-13, atol=1e-14)
    difference = (pieces(parameter + 1).value(z) - pieces(parameter).value(z)) @ upstream
    np.testing.assert_allclose(gradient.item(), difference, rtol=1e-11)


def test_a_learned_parameter_cannot_move_breakpoints() -> None:
    buffer = torch.zeros(1, 4)
    with pytest.raises(ValueError, match="breakpoints"):
        learned_nonlinearity(ACTIVATIONS["shifted_relu"].pieces, torch.zeros(1), torch.zeros(1), buffer, buffer)
