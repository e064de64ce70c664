"""Stand-ins keep their stated error on a grid 100 times finer than the one they were built on."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reluviz.core.activations import ACTIVATIONS
from reluviz.core.errors import InputError
from reluviz.core.formula import formula_curve
from reluviz.core.smooth import Smooth
from reluviz.core.surrogate import MAX_PIECES, build_surrogate

SMOOTH = [name for name, row in ACTIVATIONS.items() if row.is_smooth]


def curve_of(name: str) -> Smooth:
    curve = ACTIVATIONS[name].curve(ACTIVATIONS[name].default)
    assert isinstance(curve, Smooth)
    return curve


@pytest.mark.parametrize("epsilon", [0.3, 0.03, 0.003])
@pytest.mark.parametrize("name", SMOOTH)
def test_stated_error_holds_on_a_grid_100_times_finer(name: str, epsilon: float) -> None:
    curve, low, high = curve_of(name), -7.3, 9.1
    surrogate = build_surrogate(curve, low, high, epsilon)
    z = np.linspace(low, high, 819_200)
    error = np.abs(surrogate.pieces.value(z) - curve.value(z)).max()
    assert error <= epsilon * (1 + 1e-12)
    assert surrogate.largest_error <= error * (1 + 1e-6)
    assert surrogate.largest_error > 0.8 * error
    assert error > 0.5 * epsilon or len(surrogate.pieces.slopes) == 1  # No more pieces than the error asks for.


@pytest.mark.parametrize("name", SMOOTH)
def test_stand_ins_are_continuous(name: str) -> None:
    pieces = build_surrogate(curve_of(name), -7.3, 9.1, 0.01).pieces
    ends = np.array(pieces.breakpoints)
    slopes, intercepts = np.array(pieces.slopes), np.array(pieces.intercepts)
    assert (np.diff(ends) > 0).all()
    np.testing.assert_allclose(
        slopes[:-1] * ends + intercepts[:-1], slopes[1:] * ends + intercepts[1:], rtol=0, atol=1e-12
    )


@pytest.mark.parametrize("name", SMOOTH)
def test_about_as_few_pieces_as_the_curvature_asks_for(name: str) -> None:
    """A line stays within epsilon of a parabola of curvature k over a length of 4 sqrt(epsilon / k)."""
    curve, low, high, epsilon = curve_of(name), -6.0, 6.0, 5e-4
    z = np.linspace(low, high, 200_001)
    needed = np.trapezoid(np.sqrt(np.abs(curve.second_derivative(z)) / epsilon) / 4, z)
    count = len(build_surrogate(curve, low, high, epsilon).pieces.slopes)
    assert 0.9 * needed - 2 <= count <= 1.25 * needed + 2


@pytest.mark.parametrize("name", SMOOTH)
def test_ranges_of_millions_cost_nothing_where_the_function_is_a_line_there(name: str) -> None:
    curve = curve_of(name)
    if name == "sin":
        with pytest.raises(InputError, match="needs more than 120 pieces"):
            build_surrogate(curve, -3e6, 2e6, 0.1)
        return
    surrogate = build_surrogate(curve, -3e6, 2e6, 0.01)
    near = build_surrogate(curve, -20.0, 20.0, 0.01)
    assert len(surrogate.pieces.slopes) <= len(near.pieces.slopes) + 2
    z = np.concatenate([np.linspace(-3e6, 2e6, 500_001), np.linspace(-40, 40, 500_001)])
    assert np.abs(surrogate.pieces.value(z) - curve.value(z)).max() <= 0.01 * (1 + 1e-6)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(SMOOTH),
    st.floats(-60, 60),
    st.floats(1e-3, 80),
    st.floats(-2.5, 0.5).map(lambda exponent: 10.0**exponent),
)
def test_any_range_and_epsilon_keeps_the_error(name: str, low: float, width: float, epsilon: float) -> None:
    curve = curve_of(name)
    if name == "sin" and width > 40:  # Its pieces grow with the range.
        epsilon = max(epsilon, 0.05)
    surrogate = build_surrogate(curve, low, low + width, epsilon)
    z = np.linspace(low, low + width, 100_003)
    assert np.abs(surrogate.pieces.value(z) - curve.value(z)).max() <= epsilon * (1 + 1e-9) + 1e-13 * (abs(low) + width)
    assert len(surrogate.pieces.slopes) <= MAX_PIECES


def test_kinks_of_a_formula_are_kept() -> None:
    curve = formula_curve("abs(sin(2*z)) + abs(z - 1/3)")
    assert isinstance(curve, Smooth)
    surrogate = build_surrogate(curve, -4.0, 4.0, 0.004)
    z = np.linspace(-4, 4, 1_000_003)
    assert np.abs(surrogate.pieces.value(z) - curve.value(z)).max() <= 0.004


def test_what_cannot_be_approached_says_so() -> None:
    curve = curve_of("tanh")
    for epsilon in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(InputError, match="allowed is a number above 0"):
            build_surrogate(curve, -1.0, 1.0, epsilon)
    with pytest.raises(InputError, match="larger epsilon"):
        build_surrogate(curve, -5.0, 5.0, 1e-9)
    with pytest.raises(InputError, match="low below high"):
        build_surrogate(curve, 1.0, 1.0, 0.1)
    jumping = formula_curve("sign(z) * exp(z)")
    assert isinstance(jumping, Smooth)
    with pytest.raises(InputError, match="jumps"):
        build_surrogate(jumping, -1.0, 1.0, 0.1)
