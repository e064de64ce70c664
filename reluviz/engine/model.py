"""Between networks and torch modules, exactly and both ways.

In both directions weights keep their values: float32 numbers are float64 numbers.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from reluviz.core.activations import ACTIVATIONS, Activation, Pieces
from reluviz.core.errors import InputError
from reluviz.core.filter_bank import Filter, walsh_matrix
from reluviz.core.network import Network
from reluviz.core.smooth import Smooth
from reluviz.engine.expressions import TorchExpression

Row = tuple[Activation, float]
Layer = tuple[NDArray[np.float64], NDArray[np.float64]]
IGNORED = (nn.Identity, nn.Dropout, nn.AlphaDropout)


class PiecewiseLinear(nn.Module):
    """An activation that torch has no module for, computed from its pieces; its derivative at ties is theirs."""

    def __init__(self, activation: Activation, parameter: float) -> None:
        super().__init__()
        self.activation, self.parameter = activation, parameter

    def forward(self, z: Tensor) -> Tensor:
        """Return the activation at z."""
        pieces = self.activation.pieces(self.parameter)
        breakpoints, slopes, intercepts = map(z.new_tensor, (pieces.breakpoints, pieces.slopes, pieces.intercepts))
        piece = torch.bucketize(z.detach(), breakpoints)
        slope, intercept = slopes[piece], intercepts[piece]
        for breakpoint_, tie in zip(breakpoints, pieces.tie_slopes, strict=True):
            # The line of slope `tie` through the same value.
            is_tie = z.detach() == breakpoint_
            intercept = torch.where(is_tie, intercept + (slope - tie) * breakpoint_, intercept)
            slope = slope.masked_fill(is_tie, tie)
        return slope * z + intercept

    def extra_repr(self) -> str:
        """Return what `print` shows between the brackets."""
        return f"{self.activation.name}, {self.parameter:g}"


class SmoothActivation(nn.Module):
    """A smooth activation that torch has no module for, computed from its expression; autograd differentiates it."""

    def __init__(self, activation: Activation, parameter: float) -> None:
        super().__init__()
        self.activation, self.parameter = activation, parameter

    def forward(self, z: Tensor) -> Tensor:
        """Return the activation at z."""
        curve = self.activation.curve(self.parameter)
        assert isinstance(curve, Smooth)
        return TorchExpression(curve.expression, z)(z)

    def extra_repr(self) -> str:
        """Return what `print` shows between the brackets."""
        return f"{self.activation.name}, {self.parameter:g}"


class WalshHadamard(nn.Module):
    """A fixed filter bank: scale * (H x) + bias, of which scale and bias (outputs,) are learned.

    H (outputs, inputs) is `core.filter_bank.walsh_matrix`, a buffer that no state_dict holds.
    """

    matrix: Tensor

    def __init__(self, inputs: int, outputs: int, dtype: torch.dtype | None = None) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(outputs, dtype=dtype))
        self.bias = nn.Parameter(torch.zeros(outputs, dtype=dtype))
        matrix = torch.tensor(walsh_matrix(outputs, inputs), dtype=self.scale.dtype)
        self.register_buffer("matrix", matrix, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return the layer's z (..., outputs) for x (..., inputs)."""
        return self.scale * (x @ self.matrix.mT) + self.bias

    def extra_repr(self) -> str:
        """Return what `print` shows between the brackets."""
        outputs, inputs = self.matrix.shape
        return f"inputs={inputs}, outputs={outputs}"


def network_from_module(module: nn.Sequential) -> Network:
    """Return the network that `module` computes in evaluation mode.

    `module` holds Linear, WalshHadamard and activations that ACTIVATIONS has, nested Sequentials too; Identity and
    Dropout are passed over. Two Linears in a row have the identity between them; an activation that does not follow a
    Linear, or that ends the module, is given an identity matrix before or after it. Raises `InputError` naming position
    and type of the first module that cannot be used.
    """
    layers: list[Layer] = []
    rows: list[Row] = []
    walsh: set[int] = set()
    inputs = 0
    for place, child in _children(module, ""):
        if isinstance(child, nn.Linear | WalshHadamard):
            if len(rows) < len(layers):
                rows.append((ACTIVATIONS["identity"], 0.0))
            inputs = inputs or _inputs(child)
            if isinstance(child, WalshHadamard):
                walsh.add(len(layers))
            layers.append(_linear(place, child, layers))
            continue
        row = _activation(place, child)
        if not layers:
            raise InputError(f"model: module {place} is {_name(child)}; allowed first is Linear.")
        if len(rows) == len(layers):
            layers.append(_identity_layer(layers))
        rows.append(row)
    if not layers:
        raise InputError("model: it holds no Linear; allowed is a Sequential of Linear and activations.")
    if len(rows) == len(layers) or len(layers) - 1 in walsh:
        if len(rows) < len(layers):
            rows.append((ACTIVATIONS["identity"], 0.0))
        layers.append(_identity_layer(layers))
    kinds = ["walsh" if layer in walsh else "dense" for layer in range(len(layers))]
    activations, parameters = zip(*rows, strict=True) if rows else ((), ())
    return Network.create(layers, activations, parameters, kinds, inputs)


def _children(module: nn.Sequential, prefix: str) -> list[tuple[str, nn.Module]]:
    """Return (position, module) of all that computes; nested positions read 2.0."""
    if not isinstance(module, nn.Sequential):
        raise InputError(f"model: a {_name(module)} cannot be used; allowed is torch.nn.Sequential.")
    found: list[tuple[str, nn.Module]] = []
    for index, child in enumerate(module):
        place = f"{prefix}{index}"
        if isinstance(child, nn.Sequential):
            found += _children(child, f"{place}.")
        elif not isinstance(child, IGNORED):
            found.append((place, child))
    return found


def _name(module: object) -> str:
    return type(module).__name__


def _linear(place: str, module: nn.Linear | WalshHadamard, above: list[Layer]) -> Layer:
    """Return weights and biases, of a filter bank scales and biases."""
    weights = _array(module.weight if isinstance(module, nn.Linear) else module.scale)
    biases = np.zeros(len(weights)) if module.bias is None else _array(module.bias)
    inputs = _inputs(module)
    if above and above[-1][0].shape[0] != inputs:
        raise InputError(
            f"model: module {place} is {_name(module)} with {inputs} inputs;"
            f" allowed are the {above[-1][0].shape[0]} outputs before it."
        )
    return weights, biases


def _inputs(module: nn.Linear | WalshHadamard) -> int:
    return module.in_features if isinstance(module, nn.Linear) else module.matrix.shape[1]


def _array(tensor: Tensor) -> NDArray[np.float64]:
    array: NDArray[np.float64] = tensor.detach().to("cpu", torch.float64).numpy()
    return array


def _identity_layer(layers: list[Layer]) -> Layer:
    width = layers[-1][0].shape[0]
    return np.eye(width), np.zeros(width)


def _activation(place: str, module: nn.Module) -> Row:
    for kind, read in _READERS.items():
        if type(module) is kind:
            row = read(module)
            if row is None:
                raise InputError(f"model: module {place} is {_name(module)} with {_REFUSED[kind]}.")
            return row
    kinds: tuple[type[nn.Module], ...] = (nn.Linear, WalshHadamard, *_READERS, *IGNORED)
    names = ", ".join(kind.__name__ for kind in kinds)
    raise InputError(f"model: module {place} is {_name(module)}; allowed are {names}.")


def _prelu(module: nn.Module) -> Row | None:
    slopes = module.weight.detach().to("cpu", torch.float64)  # type: ignore[operator]
    first = float(slopes[0])
    return (ACTIVATIONS["prelu"], first) if bool((slopes == first).all()) else None


_REFUSED: dict[type[nn.Module], str] = {
    nn.PReLU: "unequal slopes; allowed is one slope per layer",
    nn.GELU: "an approximation; allowed is approximate='none'",
    nn.Softplus: "another beta; allowed is 1",
}


def _gelu(module: nn.Module) -> Row | None:
    return (ACTIVATIONS["gelu"], 0.0) if module.approximate == "none" else None


def _softplus(module: nn.Module) -> Row | None:
    """Any threshold will do: beyond it torch replaces log(1 + exp(z)) by z, at the usual 20 off by 2e-9."""
    return (ACTIVATIONS["softplus"], 0.0) if module.beta == 1 else None


def _hardtanh(module: nn.Module) -> Row:
    low, high = float(module.min_val), float(module.max_val)  # type: ignore[arg-type]
    if (low, high) == (-1.0, 1.0):
        return ACTIVATIONS["hardtanh"], 0.0
    pieces = Pieces((low, high), (0.0, 1.0, 0.0), (low, 0.0, high), (0.0, 0.0))
    return _own("hardtanh", f"min({high:g}, max({low:g}, z))", pieces)


def _threshold(module: nn.Module) -> Row:
    edge, below = float(module.threshold), float(module.value)  # type: ignore[arg-type]
    if edge == below:
        return (ACTIVATIONS["shifted_relu"], edge) if edge else (ACTIVATIONS["relu"], 0.0)
    return _own("threshold", f"z > {edge:g} ? z : {below:g}", Pieces((edge,), (0.0, 1.0), (below, 0.0), (0.0,)))


def _own(name: str, formula: str, pieces: Pieces) -> Row:
    """Return a row that ACTIVATIONS does not have."""
    return Activation(name, name.capitalize(), formula, partial(_constant, pieces)), 0.0


def _constant(pieces: Pieces, _parameter: float) -> Pieces:
    return pieces


def _plain(name: str) -> Callable[[nn.Module], Row]:
    return lambda _module: (ACTIVATIONS[name], 0.0)


_READERS: dict[type[nn.Module], Callable[..., Row | None]] = {
    nn.ReLU: _plain("relu"),
    nn.LeakyReLU: lambda module: (ACTIVATIONS["leaky_relu"], float(module.negative_slope)),
    nn.PReLU: _prelu,
    nn.Hardtanh: _hardtanh,
    nn.ReLU6: _plain("relu6"),
    nn.Hardsigmoid: _plain("hardsigmoid"),
    nn.Threshold: _threshold,
    nn.Sigmoid: _plain("sigmoid"),
    nn.Tanh: _plain("tanh"),
    nn.ELU: lambda module: (ACTIVATIONS["elu"], float(module.alpha)),
    nn.Softplus: _softplus,
    nn.GELU: _gelu,
    nn.SiLU: _plain("silu"),
    nn.Mish: _plain("mish"),
    PiecewiseLinear: lambda module: (module.activation, module.parameter),
    SmoothActivation: lambda module: (module.activation, module.parameter),
}

_WRITERS: dict[str, Callable[[float], nn.Module]] = {
    "identity": lambda _: nn.Identity(),
    "relu": lambda _: nn.ReLU(),
    "shifted_relu": lambda floor: nn.Threshold(floor, floor),
    "leaky_relu": nn.LeakyReLU,
    "prelu": lambda slope: nn.PReLU(init=slope),
    "hardtanh": lambda _: nn.Hardtanh(),
    "relu6": lambda _: nn.ReLU6(),
    "hardsigmoid": lambda _: nn.Hardsigmoid(),
    "sigmoid": lambda _: nn.Sigmoid(),
    "tanh": lambda _: nn.Tanh(),
    "elu": nn.ELU,
    # As exact as float64: beyond 40 log(1 + exp(z)) is z.
    "softplus": lambda _: nn.Softplus(threshold=40),
    "gelu": lambda _: nn.GELU(),
    "silu": lambda _: nn.SiLU(),
    "mish": lambda _: nn.Mish(),
}


def module_from_network(network: Network, dtype: torch.dtype = torch.float64) -> nn.Sequential:
    """Return a torch module that computes `network`; what torch lacks, fixed filter banks too, is computed as ours."""
    modules: list[nn.Module] = []
    for layer, (weights, biases) in enumerate(zip(network.weights, network.biases, strict=True)):
        modules.append(_product_module(weights, biases, network.filters[layer], dtype))
        if layer < len(network.activations):
            modules.append(_module(network.activations[layer], network.parameters[layer]).to(dtype))
    return nn.Sequential(*modules)


def _product_module(
    weights: NDArray[np.float64], biases: NDArray[np.float64], bank: Filter | None, dtype: torch.dtype
) -> nn.Module:
    outputs, inputs = weights.shape
    # With inputs that are switched off its matrix is no longer the fixed one.
    if bank is not None and np.array_equal(bank.matrix, walsh_matrix(outputs, inputs)):
        fixed = WalshHadamard(inputs, outputs, dtype)
        _fill(fixed.scale, bank.scales)
        _fill(fixed.bias, biases)
        return fixed
    linear = nn.Linear(inputs, outputs, dtype=dtype)
    _fill(linear.weight, weights)
    _fill(linear.bias, biases)
    return linear


def _fill(parameter: Tensor, values: NDArray[np.float64]) -> None:
    with torch.no_grad():
        parameter.copy_(torch.tensor(values))


def _module(activation: Activation, parameter: float) -> nn.Module:
    write = _WRITERS.get(activation.name) if ACTIVATIONS.get(activation.name) is activation else None
    if write:
        return write(parameter)
    is_smooth = isinstance(activation.curve(parameter), Smooth)
    return SmoothActivation(activation, parameter) if is_smooth else PiecewiseLinear(activation, parameter)
