"""read_pickle: a torch file of weights, opened only when a person insists."""

from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

import torch

from reluviz.core.errors import InputError
from reluviz.core.modelfile import network_from_state
from reluviz.core.network import Network

# A module's class and how its own number is called there.
_ACTIVATIONS: dict[type[torch.nn.Module], tuple[str, str]] = {
    torch.nn.Identity: ("identity", ""),
    torch.nn.ReLU: ("relu", ""),
    torch.nn.LeakyReLU: ("leaky_relu", "negative_slope"),
    torch.nn.PReLU: ("prelu", ""),
    torch.nn.Hardtanh: ("hardtanh", ""),
    torch.nn.ReLU6: ("relu6", ""),
    torch.nn.Hardsigmoid: ("hardsigmoid", ""),
}


def read_pickle(
    path: Path | str, activation: Sequence[str] | str = "relu", parameter: Sequence[float | None] | float | None = None
) -> Network:
    """Read a state dict or a whole torch.nn.Sequential that torch.save wrote; the latter runs what is in the file.

    A state is tried first and runs nothing (`weights_only`). A Sequential names its own activations. Raises
    `InputError` for any other content.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: {'is not a file' if path.exists() else 'there is no such file'}; allowed is a .pt.")
    try:
        content: Any = torch.load(path, map_location="cpu", weights_only=True)
    except Exception:
        content = _load_all(path)
    if isinstance(content, torch.nn.Sequential):
        activation, parameter = _activations(str(path), content)
        content = content.state_dict()
    if not isinstance(content, dict) or not all(isinstance(value, torch.Tensor) for value in content.values()):
        raise InputError(
            f"{path}: holds a {type(content).__name__}; allowed are a torch.nn.Sequential and its state dict."
        )
    state = {str(name): tensor.detach().cpu().double().numpy() for name, tensor in content.items()}
    return network_from_state(str(path), state, activation, parameter)


def _load_all(path: Path) -> Any:
    try:
        return torch.load(path, map_location="cpu", weights_only=False)
    # Unpickling runs foreign code, which may raise anything.
    except Exception as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0][:120].rstrip(".")
        raise InputError(f"{path}: is damaged or no file of torch.save ({reason}).") from None


def _activations(source: str, model: torch.nn.Sequential) -> tuple[list[str], list[float | None]]:
    """Return the activation and its number after each Linear layer but the last; none means identity."""
    names: list[str] = []
    values: list[float | None] = []
    for position, module in zip(count(), model, strict=False):
        kind = type(module)
        if kind is torch.nn.Linear:
            names.append("identity")
            values.append(None)
        elif kind not in _ACTIVATIONS or not names or names[-1] != "identity":
            allowed = ", ".join(sorted(known.__name__ for known in _ACTIVATIONS))
            raise InputError(
                f"{source}: module {position} is {kind.__name__}; allowed are Linear, each followed by one of"
                f" {allowed}."
            )
        else:
            name, attribute = _ACTIVATIONS[kind]
            if isinstance(module, torch.nn.Hardtanh) and name == "hardtanh":
                low, high = float(module.min_val), float(module.max_val)
                if (low, high) != (-1.0, 1.0):
                    raise InputError(
                        f"{source}: module {position} is a Hardtanh from {low:g} to {high:g}; allowed is -1 to 1."
                    )
            names[-1], values[-1] = name, float(getattr(module, attribute)) if attribute else None
    if names and names[-1] != "identity":
        raise InputError(f"{source}: ends in {names[-1]}; allowed is a Linear layer as the readout.")
    return names[:-1], values[:-1]
