from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from reluviz.core.activations import ACTIVATIONS
from reluviz.core.experiment import Experiment
from reluviz.core.initialization import initial_parameters
from reluviz.core.network import Layout, Network

NAMES = ("identity", "relu", "shifted_relu", "leaky_relu", "prelu", "abs", "hardtanh", "relu6", "hardsigmoid", "step")


@st.composite
def networks(draw):
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    sizes = (2, *draw(st.lists(st.integers(1, 5), max_size=3)), draw(st.integers(1, 3)))
    rows = [ACTIVATIONS[draw(st.sampled_from(NAMES))] for _ in sizes[2:]]
    layers = [(random.normal(size=(o, i)), random.normal(size=o)) for i, o in pairwise(sizes)]
    return Network.create(layers, rows, [row.default for row in rows])


@given(networks())
def test_the_flat_vector_holds_everything(network):
    again = Network.from_flat(network.flat(), network.layout, network.activations, network.parameters)
    np.testing.assert_array_equal(again.flat(), network.flat())
    assert again.parameters == network.parameters
    x = np.random.default_rng(0).uniform(-2, 2, (20, 2))
    np.testing.assert_array_equal(again.forward(x), network.forward(x))


@given(networks())
def test_around_a_point_the_network_is_its_affine_map(network):
    for x in np.random.default_rng(1).uniform(-2, 2, (10, 2)):
        gradient, intercept = network.affine_map(x)
        np.testing.assert_allclose(gradient @ x + intercept, network.forward(x[None])[0], rtol=1e-12, atol=1e-12)


@given(networks())
def test_the_pattern_replaces_every_activation_by_a_line(network):
    x = np.random.default_rng(2).uniform(-2, 2, (10, 2))
    patterns = network.pattern(x)
    assert patterns.dtype == np.int8
    assert patterns.shape == (10, sum(network.hidden))
    for point, pattern in zip(x, patterns, strict=True):
        h, begin = point, 0
        for layer, (weights, biases) in enumerate(zip(network.weights, network.biases, strict=True)):
            z = weights @ h + biases
            if layer < len(network.hidden):
                piece = pattern[begin : begin + len(z)]
                begin += len(z)
                pieces = network.pieces[layer]
                h = np.array(pieces.slopes)[piece] * z + np.array(pieces.intercepts)[piece]
        np.testing.assert_allclose(z, network.forward(point[None])[0], rtol=1e-12, atol=1e-12)


def test_forward_and_gradient_are_torchs():
    torch.manual_seed(0)
    model = torch.nn.Sequential(
        torch.nn.Linear(2, 6), torch.nn.LeakyReLU(0.1), torch.nn.Linear(6, 5), torch.nn.ReLU6(), torch.nn.Linear(5, 3)
    ).double()
    state = {k: v.numpy() for k, v in model.state_dict().items()}
    layers = [(state[f"{i}.weight"], state[f"{i}.bias"]) for i in (0, 2, 4)]
    network = Network.create(layers, [ACTIVATIONS["leaky_relu"], ACTIVATIONS["relu6"]], [0.1, 0.0])
    x = np.random.default_rng(0).uniform(-5, 5, (30, 2))
    np.testing.assert_allclose(network.forward(x), model(torch.tensor(x)).detach().numpy(), rtol=1e-13, atol=1e-13)
    for point in x:
        expected = torch.autograd.functional.jacobian(model, torch.tensor(point)).numpy()
        np.testing.assert_allclose(network.affine_map(point)[0], expected, rtol=1e-12, atol=1e-13)


def test_arrays_are_copied_and_read_only():
    weights, biases = np.ones((1, 2), np.float32), np.zeros(1)
    network = Network.create([(weights, biases)], [], [])
    weights[:] = 5
    assert network.weights[0].tolist() == [[1, 1]]
    with pytest.raises(ValueError, match="read-only"):
        network.weights[0][0, 0] = 2
    assert network.hidden == ()
    assert network.outputs == 1


def test_finite_notices_every_kind_of_number():
    row = ACTIVATIONS["leaky_relu"]
    layers = [(np.ones((1, 2)), np.zeros(1)), (np.ones((1, 1)), np.zeros(1))]
    assert Network.create(layers, [row], [0.1]).finite
    assert not Network.create(layers, [row], [np.nan]).finite
    assert not Network.create([(np.full((1, 2), np.inf), np.zeros(1))], [], []).finite


def test_layout_says_where_each_part_lies():
    layout = Layout((2, 3, 1), (True,))
    assert layout.shapes == ((3, 2), (3,), (1, 3), (1,), (1,))
    assert layout.offsets == (0, 6, 9, 12, 13, 14)
    assert layout.length == 14
    flat = np.arange(14.0)
    parts = layout.split(flat)
    assert [part.shape for part in parts] == list(layout.shapes)
    parts[0][0, 0] = 99
    assert flat[0] == 99


@pytest.mark.parametrize(
    ("rule", "variance"),
    [("he", lambda i, o: 2 / i), ("xavier", lambda i, o: 2 / (i + o)), ("default", lambda i, o: 1 / (3 * i))],
)
def test_first_weights_follow_their_rule(rule, variance):
    experiment = Experiment(hidden=(256, 200), initialization=rule, init_scale=2.0, activation=("prelu", "relu"))
    flat = initial_parameters(experiment, 1)
    assert flat.dtype == np.float32
    parts = experiment.layout(1).split(flat)
    assert parts[2].var() == pytest.approx(4 * variance(256, 200), rel=0.03)
    assert (parts[1].any(), parts[3].any()) == ((True, True) if rule == "default" else (False, False))
    assert parts[6] == pytest.approx(0.25)
    np.testing.assert_array_equal(flat, initial_parameters(experiment, 1))
    assert not np.array_equal(flat, initial_parameters(experiment.edit(seed=1), 1))
