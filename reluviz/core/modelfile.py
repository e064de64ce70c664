"""read_network: weights from a .npz or .safetensors file, nothing of which is ever run."""

import re
import zipfile
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reluviz.core.errors import InputError
from reluviz.core.filter_bank import walsh_matrix
from reluviz.core.formula import activation_named
from reluviz.core.network import Network

MAX_NUMBERS = 20_000_000
MAX_UNITS = 4_096  # Of a walsh layer, whose matrix is made and not read.
SUFFIXES = (".npz", ".safetensors")
PICKLE_SUFFIXES = (".pt", ".pth", ".pkl", ".pickle", ".bin", ".ckpt")
ALLOWED = "allowed are .npz (W0, b0, W1, b1, ...) and .safetensors (the state of a torch.nn.Sequential)"

Array = NDArray[Any]


def read_network(
    path: Path | str, activation: Sequence[str] | str = "relu", parameter: Sequence[float | None] | float | None = None
) -> Network:
    """Read a network with two inputs; the file holds no activations, so they are given: one, or one a hidden layer.

    .npz holds W0, b0, W1, b1, ... with W (units, inputs), and S1 (units,) beside W1 where layer 1 is a fixed filter
    bank of these scales; .safetensors the state of a torch.nn.Sequential, whose PReLU slopes and scales are recognised.
    Raises `InputError` for anything else, and for pickles with the reason.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix in PICKLE_SUFFIXES:
        raise InputError(
            f"{path}: is a pickle, and opening one may run any program hidden in it; save the weights by"
            " safetensors.torch.save_file(model.state_dict(), ...), or insist by --unsafe-pickle if you trust it."
        )
    if suffix not in SUFFIXES:
        raise InputError(f"{path}: {suffix or 'no suffix'} is no kind of weights file; {ALLOWED}.")
    if not path.is_file():
        raise InputError(f"{path}: {'is not a file' if path.exists() else 'there is no such file'}; {ALLOWED}.")
    try:
        state = _read_npz(path) if suffix == ".npz" else _read_safetensors(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error}).") from None
    return network_from_state(str(path), state, activation, parameter)


def network_from_state(
    source: str,
    state: Mapping[str, Array],
    activation: Sequence[str] | str = "relu",
    parameter: Sequence[float | None] | float | None = None,
) -> Network:
    """Build a network from named arrays: `<index>.weight` and `<index>.bias`, a learned slope of PReLU among them.

    `<index>.scale` are those of a walsh layer; weights beside must be what they amount to.
    """
    layers, slopes, scales = _layers(source, state)
    _check_chain(source, layers)
    kinds = ["walsh" if layer in scales else "dense" for layer in range(len(layers))]
    hidden = len(layers) - 1
    names = _each(source, "activation", [activation] if isinstance(activation, str) else activation, hidden)
    one = parameter is None or isinstance(parameter, int | float)
    values = _each(source, "activation parameter", [parameter] if one else parameter, hidden)
    for layer, slope in slopes.items():
        names[layer], values[layer] = "prelu", slope
    rows = [activation_named(name) for name in names]
    for row, value in zip(rows, values, strict=True):
        number = row.default if value is None else value
        limits = row.parameter
        if isinstance(number, str) or (limits and not limits.minimum <= number <= limits.maximum):
            allowed = f"{limits.minimum:g} to {limits.maximum:g}" if limits else "a number"
            raise InputError(f"activation parameter: {number!r} cannot be used for {row.name}; allowed is {allowed}.")
    defaults = [row.default if value is None else float(value) for row, value in zip(rows, values, strict=True)]
    given = [(scales.get(layer, weights), biases) for layer, (_, weights, biases) in enumerate(layers)]
    return Network.create(given, rows, defaults, kinds)


def _each(source: str, what: str, given: Any, hidden: int) -> list[Any]:
    items = list(given)
    if len(items) not in (1, hidden):
        raise InputError(
            f"{source}: {len(items)} entries of {what} do not fit {hidden} hidden layers;"
            " allowed is one for all or one per layer."
        )
    return items * hidden if len(items) == 1 else items


Layer = tuple[str, Array, Array]


def _layers(source: str, state: Mapping[str, Array]) -> tuple[list[Layer], dict[int, float], dict[int, Array]]:
    """Return (name, weights, biases) in order, the slopes of PReLU by hidden layer, and the scales of walsh layers."""
    layers: list[Layer] = []
    slopes: dict[int, float] = {}
    scales: dict[int, Array] = {}
    for name, parts in _in_order(source, state):
        weights, biases = parts.get("weight"), parts.get("bias")
        if "scale" in parts:
            scales[len(layers)] = _finite(source, f"{name}scale", parts["scale"])
            weights = _stretched(source, name, parts["scale"], weights, len(layers[-1][2]) if layers else 2)
        if weights is None:
            raise InputError(f"{source}: {name}bias has no {name}weight beside it.")
        if weights.ndim == 2:
            zeros = np.zeros(weights.shape[0])
            layers.append((name, weights, zeros if biases is None else biases))
        elif weights.ndim == 1 and biases is None and layers and len(layers) - 1 not in slopes:
            if not (weights.size and (weights == weights[0]).all()):
                raise InputError(
                    f"{source}: {name}weight holds {weights.size} slopes of PReLU; allowed is one per layer."
                )
            slopes[len(layers) - 1] = _finite(source, f"{name}weight", weights)[0]
        else:
            raise InputError(
                f"{source}: {name}weight has {weights.ndim} dimensions (shape {weights.shape});"
                " allowed are Linear layers, whose weights have two, and PReLU."
            )
    if not layers:
        raise InputError(f"{source}: holds no layer; {ALLOWED}.")
    if len(layers) - 1 in slopes:
        raise InputError(f"{source}: the last layer is a PReLU; allowed is a Linear layer as the readout.")
    if len(layers) - 1 in scales:
        raise InputError(f"{source}: the last layer is a walsh layer; allowed is a Linear layer as the readout.")
    return layers, slopes, scales


def _stretched(source: str, name: str, scales: Array, weights: Array | None, inputs: int) -> Array:
    """Return the weights that a walsh layer's scales amount to; those given beside must be the same."""
    if scales.ndim != 1 or not 0 < len(scales) <= MAX_UNITS or not 0 < inputs <= MAX_UNITS:
        raise InputError(
            f"{source}: {name}scale has shape {scales.shape} for {inputs} inputs; allowed is (units,), up to"
            f" {MAX_UNITS:,} of both."
        )
    wanted: Array = scales[:, None] * walsh_matrix(len(scales), inputs)
    if weights is None:
        return wanted
    if weights.shape != wanted.shape or not np.allclose(weights, wanted, rtol=1e-4, atol=1e-12):
        raise InputError(
            f"{source}: {name}weight is not what {name}scale amounts to, scales times the Walsh-Hadamard matrix;"
            " leave one of them out."
        )
    return wanted


def _in_order(source: str, state: Mapping[str, Array]) -> list[tuple[str, dict[str, Array]]]:
    """Group arrays by the number in their names, in the order of the numbers; W0, b0 mean 0.weight, 0.bias."""
    groups: dict[int, dict[str, Array]] = {}
    names: dict[int, str] = {}
    for key, array in state.items():
        short = re.fullmatch(r"([WbS])(\d{1,6})", key)
        match = short or re.fullmatch(r"(.*?)(\d{1,6})\.(weight|bias|scale)", key)
        if match is None:
            raise InputError(
                f"{source}: {_short(key)} belongs to no Linear layer or PReLU; allowed are names such as"
                " 0.weight and 0.bias, or W0 and b0."
            )
        index = int(match[2])
        part = {"W": "weight", "b": "bias", "S": "scale"}[match[1]] if short else match[3]
        if part in groups.setdefault(index, {}):
            raise InputError(f"{source}: {_short(key)} is the second {part} with the number {index}.")
        groups[index][part] = array
        names[index] = f"{index}." if short else f"{match[1]}{index}."
    return [(names[index], groups[index]) for index in sorted(groups)]


def _check_chain(source: str, layers: list[Layer]) -> None:
    for name, weights, biases in layers:
        _finite(source, f"{name}weight", weights)
        _finite(source, f"{name}bias", biases)
        if 0 in weights.shape or biases.shape != weights.shape[:1]:
            raise InputError(
                f"{source}: {name}bias has shape {biases.shape}, {name}weight {weights.shape};"
                " allowed are (units,) beside (units, inputs)."
            )
    name, weights, _ = layers[0]
    if weights.shape[1] != 2:
        hint = "; is it transposed?" if weights.shape[0] == 2 else "."
        raise InputError(
            f"{source}: {name}weight has shape {weights.shape}, so {weights.shape[1]} inputs;"
            f" allowed is (units, 2), a network on the plane{hint}"
        )
    for (before, first, _), (name, second, _) in pairwise(layers):
        if second.shape[1] != first.shape[0]:
            raise InputError(
                f"{source}: {name}weight has shape {second.shape}, but {before}weight gives {first.shape[0]} units;"
                f" allowed is (units, {first.shape[0]})."
            )


def _finite(source: str, name: str, array: Array) -> Array:
    if array.dtype.kind not in "fiu":
        raise InputError(f"{source}: {name} holds {array.dtype}; allowed are real numbers.")
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        place = tuple(bad[0].tolist())
        raise InputError(f"{source}: {name}{list(place)} is {array[place]}; allowed are finite numbers.")
    return array


def _read_npz(path: Path) -> dict[str, Array]:
    try:
        with zipfile.ZipFile(path) as archive:
            total = 0
            result = {}
            for info in archive.infolist():
                with archive.open(info) as file:
                    total += _declared(path, info.filename, file)
                if total > MAX_NUMBERS:
                    raise InputError(f"{path}: declares {total:,} numbers; allowed are {MAX_NUMBERS:,}.")
                with archive.open(info) as file:
                    name = info.filename.removesuffix(".npy")
                    # numpy reads as many bytes as the header declares, checked above: a zip bomb finds no room.
                    result[name] = np.lib.format.read_array(file, allow_pickle=False)
            return result
    except InputError:
        raise
    # numpy and zipfile raise whatever a damaged file makes them stumble over.
    except Exception as error:
        raise InputError(f"{path}: is damaged or no .npz file ({_first_line(error)}); {ALLOWED}.") from None


def _declared(path: Path, name: str, file: Any) -> int:
    """Return how many numbers an array's header declares, before any of them is read."""
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(file)
    if dtype.hasobject:
        raise InputError(f"{path}: {_short(name)} holds Python objects, which is a pickle; allowed are numbers.")
    if dtype.kind not in "fiu" or dtype.itemsize > 16:
        raise InputError(f"{path}: {_short(name)} holds {dtype}; allowed are real numbers.")
    count = 1
    for side in shape:
        count *= int(side)
    return count


def _read_safetensors(path: Path) -> dict[str, Array]:
    from safetensors import safe_open

    try:
        with safe_open(path, framework="np") as file:
            kinds = {key: file.get_slice(key) for key in file.keys()}  # noqa: SIM118 - no mapping, has keys only.
            for key, part in kinds.items():
                if part.get_dtype() not in ("F64", "F32", "F16"):
                    raise InputError(f"{path}: {_short(key)} holds {part.get_dtype()}; allowed are F64, F32 and F16.")
            if sum(int(np.prod(part.get_shape())) for part in kinds.values()) > MAX_NUMBERS:
                raise InputError(f"{path}: holds more than the {MAX_NUMBERS:,} numbers that are allowed.")
            return {key: file.get_tensor(key) for key in kinds}
    except (InputError, OSError):
        raise
    except Exception as error:
        raise InputError(f"{path}: is damaged or no .safetensors file ({_first_line(error)}); {ALLOWED}.") from None


def _first_line(error: BaseException) -> str:
    lines = str(error).splitlines()
    return lines[0][:120].rstrip(".") if lines else type(error).__name__


def _short(text: str) -> str:
    return repr(text) if len(text) <= 40 else f"{text[:37]!r}..."


def write_npz(path: Path, network: Network) -> None:
    """Write W0, b0, W1, b1, ... in float64, as `read_network` reads them; activations are not part of the file.

    A walsh layer l has its scales as Sl beside; other programs find what they amount to in Wl.
    """
    arrays: dict[str, Any] = {}
    for index, (weights, biases) in enumerate(zip(network.weights, network.biases, strict=True)):
        arrays[f"W{index}"], arrays[f"b{index}"] = weights, biases
        bank = network.filters[index]
        if bank is not None:
            arrays[f"S{index}"] = bank.scales
    with path.open("wb") as file:
        np.savez(file, **arrays)
