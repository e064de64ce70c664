"""Networks from torch modules and back."""

import pickle

import numpy as np
import pytest
import torch
from torch import nn

from reluviz.core.ablation import silence
from reluviz.core.activations import ACTIVATIONS
from reluviz.core.errors import InputError
from reluviz.core.modelfile import network_from_state
from reluviz.core.network import Network
from reluviz.engine.model import WalshHadamard, module_from_network, network_from_module

POINTS = np.random.default_rng(5).normal(size=(200, 2)) * 3


def evaluate(module: nn.Module) -> np.ndarray:
    with torch.no_grad():
        return module.eval().double()(torch.tensor(POINTS)).numpy()


def assert_equal(network: Network, module: nn.Module, tolerance: float = 1e-12) -> None:
    np.testing.assert_allclose(network.forward(POINTS), evaluate(module), rtol=tolerance, atol=tolerance)


MODULES = [
    nn.ReLU(),
    nn.LeakyReLU(0.2),
    nn.PReLU(init=0.3),
    nn.PReLU(7, init=-0.2),
    nn.Hardtanh(),
    nn.Hardtanh(-0.5, 2.0),
    nn.ReLU6(),
    nn.Threshold(0.0, 0.0),
    nn.Threshold(-0.4, -0.4),
    nn.Threshold(0.3, -2.0),
    nn.Identity(),
    nn.Sigmoid(),
    nn.Tanh(),
    nn.ELU(0.5),
    nn.Softplus(threshold=40),
    nn.GELU(),
    nn.SiLU(),
    nn.Mish(),
]


@pytest.mark.parametrize("activation", MODULES, ids=str)
def test_every_supported_module(activation) -> None:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(2, 7), activation, nn.Linear(7, 3, bias=False), nn.ReLU(), nn.Linear(3, 2))
    network = network_from_module(module)
    assert network.hidden == (7, 3)
    assert_equal(network, module)
    assert_equal(network, module_from_network(network))
    pickle.loads(pickle.dumps(network))


def test_hardsigmoid() -> None:
    """torch rounds 1/6 to float32."""
    module = nn.Sequential(nn.Linear(2, 7), nn.Hardsigmoid(), nn.Linear(7, 1))
    assert_equal(network_from_module(module), module, 1e-6)


@pytest.mark.parametrize("name", list(ACTIVATIONS))
def test_round_trip_of_every_activation(name) -> None:
    row = ACTIVATIONS[name]
    generator = np.random.default_rng(1)
    layers = [(generator.normal(size=shape), generator.normal(size=shape[0])) for shape in ((5, 2), (4, 5), (2, 4))]
    parameters = [row.default, 0.5 if row.parameter else 0.0]
    network = Network.create(layers, [row, row], parameters)
    module = module_from_network(network)
    assert_equal(network, module, 1e-6 if name == "hardsigmoid" else 1e-12)
    back = network_from_module(module)
    np.testing.assert_array_equal(back.flat(), network.flat())
    assert [(a.name, p) for a, p in zip(back.activations, back.parameters, strict=True)] == [
        (a.name, p) for a, p in zip(network.activations, network.parameters, strict=True)
    ]


def test_fixed_filter_banks_go_both_ways() -> None:
    generator = np.random.default_rng(2)
    shapes = ((5,), (4, 5), (7,), (1, 7))
    layers = [(generator.normal(size=shape), generator.normal(size=shape[0])) for shape in shapes]
    kinds = ("walsh", "dense", "walsh", "dense")
    network = Network.create(layers, [ACTIVATIONS["relu"]] * 3, [0.0] * 3, kinds)
    module = module_from_network(network)
    assert set(module.state_dict()) == {f"{i}.{name}" for i in (0, 4) for name in ("scale", "bias")} | {
        f"{i}.{name}" for i in (2, 6) for name in ("weight", "bias")
    }
    assert_equal(network, module)
    back = network_from_module(module)
    assert back.layout == network.layout
    np.testing.assert_array_equal(back.flat(), network.flat())
    state = {name: tensor.numpy() for name, tensor in module.state_dict().items()}
    np.testing.assert_array_equal(network_from_state("state", state).flat(), network.flat())
    silent = silence(network, ((0, 1), (1, 2)))
    assert_equal(silent, module_from_network(silent))


def test_a_fixed_filter_bank_learns_scale_and_bias_and_may_come_last() -> None:
    module = nn.Sequential(nn.Linear(2, 6), nn.ReLU(), WalshHadamard(6, 3))
    assert {name for name, _ in module.named_parameters()} == {"0.weight", "0.bias", "2.scale", "2.bias"}
    with torch.no_grad():
        module[2].scale.normal_()
    network = network_from_module(module)
    assert network.layout.kinds == ("dense", "walsh", "dense")
    assert_equal(network, module, 1e-6)
    with pytest.raises(InputError, match="module 2 is WalshHadamard with 5 inputs; allowed are the 6 outputs"):
        network_from_module(nn.Sequential(nn.Linear(2, 6), nn.ReLU(), WalshHadamard(5, 3)))


@pytest.mark.parametrize("name", ["abs", "step"])
def test_own_module_has_the_rows_derivative(name) -> None:
    row = ACTIVATIONS[name]
    network = Network.create([(np.ones((1, 2)), np.zeros(1)), (np.ones((1, 1)), np.zeros(1))], [row], [0.0])
    z = torch.tensor([-2.0, -0.0, 0.0, 1e-9, 3.0], dtype=torch.float64, requires_grad=True)
    value = module_from_network(network)[1](z)
    (derivative,) = torch.autograd.grad(value.sum(), z)
    np.testing.assert_array_equal(value.detach().numpy(), row.pieces(0.0).value(z.detach().numpy()))
    np.testing.assert_array_equal(derivative.numpy(), row.pieces(0.0).derivative(z.detach().numpy()))


def test_what_lies_between_linears() -> None:
    torch.manual_seed(1)
    module = nn.Sequential(
        nn.Sequential(nn.Linear(2, 4), nn.Dropout(0.5)),
        nn.Linear(4, 4),
        nn.ReLU(),
        nn.Hardtanh(0.0, 0.3),
        nn.Linear(4, 3),
        nn.LeakyReLU(),
    )
    network = network_from_module(module)
    assert [row.name for row in network.activations] == ["identity", "relu", "hardtanh", "leaky_relu"]
    assert_equal(network, module)


def test_float32_weights_keep_their_values() -> None:
    module = nn.Sequential(nn.Linear(2, 3))
    network = network_from_module(module)
    np.testing.assert_array_equal(network.weights[0].astype(np.float32), module[0].weight.detach().numpy())
    assert network.weights[0].dtype == np.float64


def unequal_prelu() -> nn.PReLU:
    module = nn.PReLU(3)
    with torch.no_grad():
        module.weight.copy_(torch.tensor([0.1, 0.2, 0.3]))
    return module


@pytest.mark.parametrize(
    ("module", "words"),
    [
        (
            nn.Sequential(nn.Linear(2, 3), nn.Softsign(), nn.Linear(3, 1)),
            ("module 1", "Softsign", "allowed", "LeakyReLU"),
        ),
        (nn.Sequential(nn.Linear(2, 3), nn.Sequential(nn.Softmax(1))), ("module 1.0", "Softmax")),
        (nn.Sequential(nn.ReLU(), nn.Linear(2, 1)), ("module 0", "ReLU", "Linear")),
        (nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(4, 1)), ("module 2", "4 inputs", "3 outputs")),
        (nn.Sequential(nn.Linear(2, 3), unequal_prelu(), nn.Linear(3, 1)), ("module 1", "PReLU", "slope")),
        (nn.Sequential(nn.Linear(2, 3), nn.GELU("tanh"), nn.Linear(3, 1)), ("module 1", "GELU", "approximate='none'")),
        (nn.Sequential(nn.Linear(2, 3), nn.Softplus(2.0), nn.Linear(3, 1)), ("module 1", "Softplus", "allowed is 1")),
        (nn.Sequential(), ("Linear",)),
        (nn.Linear(2, 3), ("Linear", "Sequential")),
    ],
)
def test_what_cannot_be_used(module, words) -> None:
    with pytest.raises(InputError) as error:
        network_from_module(module)
    assert all(word in str(error.value) for word in words)
    assert "\n" not in str(error.value)
