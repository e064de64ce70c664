"""Changes to an experiment's hidden layers, with activations and parameters kept in step."""

from dataclasses import dataclass
from typing import Any

from reluviz.core.experiment import Experiment
from reluviz.core.setting import MAX_LAYERS

NEW_WIDTH = 8  # The first hidden layer of a network that has none.


@dataclass(frozen=True)
class Layer:
    """One hidden layer as a person sees it; `parameter` None means the activation's default."""

    width: int
    activation: str
    parameter: float | None
    kind: str = "dense"


def layers_of(experiment: Experiment) -> list[Layer]:
    """Return the hidden layers, first one first."""
    count = len(experiment.hidden)
    names = experiment.activation * count if len(experiment.activation) == 1 else experiment.activation
    values = experiment.activation_parameter
    values = values * count if len(values) == 1 else values
    parts = experiment.hidden, names[:count], values[:count], experiment.layer_kinds
    return [Layer(*layer) for layer in zip(*parts, strict=True)]


def is_uniform(experiment: Experiment) -> bool:
    """Whether one activation and one kind are meant for all layers, however many there are."""
    return len(experiment.activation) == 1 and len(experiment.layer_kind) == 1


def changes_for(layers: list[Layer], uniform: bool, experiment: Experiment) -> dict[str, Any]:
    """Return the fields that make these layers; `uniform` keeps one kind, activation and parameter for all."""
    if uniform:
        return {
            "hidden": tuple(layer.width for layer in layers),
            "layer_kind": experiment.layer_kind[:1],
            "activation": experiment.activation[:1],
            "activation_parameter": experiment.activation_parameter[:1],
        }
    return {
        "hidden": tuple(layer.width for layer in layers),
        "layer_kind": tuple(layer.kind for layer in layers) or experiment.layer_kind[:1],
        "activation": tuple(layer.activation for layer in layers) or experiment.activation[:1],
        "activation_parameter": tuple(layer.parameter for layer in layers) or (None,),
    }


def add_layer(experiment: Experiment) -> dict[str, Any]:
    """Put another layer like the last one before the readout; nothing changes at the greatest number of layers."""
    layers = layers_of(experiment)
    if len(layers) < MAX_LAYERS:
        layers.append(layers[-1] if layers else Layer(NEW_WIDTH, experiment.activation[0], None))
    return changes_for(layers, is_uniform(experiment), experiment)


def remove_layer(experiment: Experiment) -> dict[str, Any]:
    """Take the last hidden layer away, where there is one."""
    return changes_for(layers_of(experiment)[:-1], is_uniform(experiment), experiment)


def change_layer(experiment: Experiment, index: int, **changes: Any) -> dict[str, Any]:
    """Change one layer's width, kind, activation or parameter; a new activation takes its default parameter."""
    layers = layers_of(experiment)
    if "activation" in changes:
        changes.setdefault("parameter", None)
    layers[index] = Layer(**{**vars(layers[index]), **changes})
    return changes_for(layers, is_uniform(experiment) and "width" in changes, experiment)


def change_all(experiment: Experiment, **changes: Any) -> dict[str, Any]:
    """Give all layers one activation, one parameter or one kind."""
    if "kind" in changes:
        return {"layer_kind": (changes["kind"],)}
    name = changes.get("activation", experiment.activation[0])
    return {"activation": (name,), "activation_parameter": (changes.get("parameter"),)}


def split(experiment: Experiment) -> dict[str, Any]:
    """Let each layer have an activation of its own, the same one at first."""
    return changes_for(layers_of(experiment), False, experiment)


def join(experiment: Experiment) -> dict[str, Any]:
    """Give all layers the kind and the activation of the first."""
    return {
        "layer_kind": experiment.layer_kind[:1],
        "activation": experiment.activation[:1],
        "activation_parameter": experiment.activation_parameter[:1],
    }
