"""What a person may give as a model: a Network, a torch module, or a list of weights and biases."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reluviz.core.activations import Activation
from reluviz.core.errors import InputError
from reluviz.core.formula import activation_named
from reluviz.core.network import Network

Float = NDArray[np.float64]


def as_network(model: Any, activation: str | Activation | Sequence[str | Activation]) -> Network:
    """Return `model` as a Network; see `linear_regions` for what is allowed. Raises InputError for anything else."""
    if isinstance(model, Network):
        return model
    if isinstance(model, list | tuple):
        return _network_of_arrays(model, activation)
    if hasattr(model, "state_dict"):
        # Only a person who holds a torch module already has torch loaded.
        from reluviz.engine.model import network_from_module

        network: Network = network_from_module(model)
        return network
    raise InputError(
        f"Model: a {type(model).__name__} was given; a torch.nn.Sequential, a Network or a list of (W, b) is allowed."
    )


def _network_of_arrays(layers: Sequence[Any], activation: str | Activation | Sequence[str | Activation]) -> Network:
    arrays: list[tuple[Float, Float]] = []
    inputs = 2
    for index, layer in enumerate(layers):
        try:
            weights, biases = (np.asarray(part, dtype=np.float64) for part in layer)
        except (TypeError, ValueError):
            raise InputError(f"Model: layer {index} is not a pair (W, b) of numeric arrays.") from None
        if weights.ndim != 2 or biases.shape != weights.shape[:1] or weights.shape[1] != inputs or not len(biases):
            raise InputError(
                f"Model: layer {index} has W {weights.shape} and b {biases.shape}; "
                f"W (outputs, {inputs}) and b (outputs,) are allowed."
            )
        inputs = len(biases)
        arrays.append((weights, biases))
    if not arrays:
        raise InputError("Model: the list holds no layer; at least one (W, b) is needed.")
    hidden = len(arrays) - 1
    rows = [activation] * hidden if isinstance(activation, str | Activation) else list(activation)
    if len(rows) != hidden:
        raise InputError(f"Activation: {len(rows)} entries do not fit {hidden} hidden layers; one for all or one each.")
    chosen = [activation_named(row) if isinstance(row, str) else row for row in rows]
    return Network.create(arrays, chosen, [row.default for row in chosen])
