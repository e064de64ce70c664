"""Melted networks: SiLU at eta 1, nearly GELU at 1.702, the hard network in the limit."""

import numpy as np
import pytest

from reluviz.core.activations import ACTIVATIONS, Pieces
from reluviz.core.errors import InputError
from reluviz.core.melt import melt, melted
from reluviz.core.smooth import Smooth
from tests.core.networks import random_network

Z = np.linspace(-9, 9, 18_001)
PIECEWISE = [name for name, row in ACTIVATIONS.items() if not row.is_smooth]


def test_relu_melts_into_silu_and_nearly_gelu() -> None:
    relu = ACTIVATIONS["relu"].pieces(0.0)
    np.testing.assert_allclose(melted(relu, 1.0).value(Z), ACTIVATIONS["silu"].curve(0.0).value(Z), rtol=1e-14)
    gap = np.abs(melted(relu, 1.702).value(Z) - ACTIVATIONS["gelu"].curve(0.0).value(Z)).max()
    assert 0.015 < gap < 0.021  # Hendrycks & Gimpel's approximation.


@pytest.mark.parametrize("name", PIECEWISE)
def test_each_activation_comes_back_as_eta_grows(name: str) -> None:
    pieces = ACTIVATIONS[name].pieces(ACTIVATIONS[name].default)
    away = np.ones(len(Z), bool)
    for at in pieces.breakpoints:
        away &= np.abs(Z - at) > 1e-3
    errors = []
    for eta in (10.0, 100.0, 1e6):
        soft = melted(pieces, eta)
        errors.append(np.abs(soft.value(Z) - pieces.value(Z))[away].max())
        assert soft.kinks == ()
    assert errors[2] < 1e-12
    assert errors[1] < 0.6
    if not any(kind in name for kind in ("step", "identity")):
        # A unit of slope jump s melts by at most 0.2785 s / eta (the maximum of z sigmoid(-z)).
        jump = np.abs(np.diff(pieces.slopes)).sum()
        assert errors[0] <= 0.2785 * jump / 10 + 1e-12
        assert errors[0] > errors[1] > errors[2]


def test_a_melted_network_nears_the_hard_one() -> None:
    network = random_network("relu", "leaky_relu", "hardtanh")
    x = np.random.default_rng(0).uniform(-1, 1, (500, 2))
    errors = [np.abs(melt(network, eta).forward(x) - network.forward(x)).max() for eta in (1, 10, 100, 1000)]
    assert errors[0] > errors[1] > errors[2] > errors[3]
    assert errors[3] < 2e-3
    assert melt(network, 10).first_smooth == 0


def test_smooth_and_straight_layers_stay() -> None:
    network = random_network("identity", "tanh", "prelu")
    soft = melt(network, 5.0)
    assert isinstance(soft.curves[0], Pieces)
    assert soft.curves[1] is network.curves[1]
    assert isinstance(soft.curves[2], Smooth)
    slope = network.parameters[2]
    z = np.array([-2.0])
    expected = slope * z + (1 - slope) * z / (1 + np.exp(10.0))
    np.testing.assert_allclose(soft.curves[2].value(z), expected, rtol=1e-12)


@pytest.mark.parametrize("eta", [0.0, -1.0, float("nan"), float("inf"), 1e7])
def test_eta_out_of_range_is_refused(eta: float) -> None:
    with pytest.raises(InputError, match=r"eta: .* allowed is a number above 0, up to 1e"):
        melt(random_network("relu"), eta)
