"""read_pickle: a torch file of weights, opened only when a person insists."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from reluviz.core.errors import InputError
from reluviz.core.modelfile import network_from_state
from reluviz.core.network import Network
from reluviz.engine.model import network_from_module


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
    if isinstance(content, torch.nn.Module):
        return _checked(path, content)
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


def _checked(path: Path, module: torch.nn.Module) -> Network:
    try:
        network = network_from_module(module)  # type: ignore[arg-type]
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    inputs = network.weights[0].shape[1]
    if inputs != 2:
        raise InputError(f"{path}: the model has {inputs} inputs; allowed are 2, a network on the plane.")
    if not network.finite:
        raise InputError(f"{path}: the model has weights that are not finite; allowed are finite numbers.")
    return network
