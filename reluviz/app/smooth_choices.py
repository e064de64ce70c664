"""Which picture is drawn of a network, and of which layer: the choices that depend on the network itself."""

from dataclasses import replace
from functools import lru_cache
from typing import Any

from reluviz.app.state import AppState
from reluviz.core.activations import Pieces
from reluviz.core.experiment import Experiment
from reluviz.core.intensity import shown_layer

EXACT = {"soft": "Exact regions"}
SMOOTH = {"soft": "Soft boundaries", "epsilon": "\N{GREEK SMALL LETTER EPSILON}-linear regions"}
MELT = {"melt": "Melted"}


@lru_cache(maxsize=32)
def bends(experiment: Experiment) -> bool:
    """Return whether some hidden layer is piecewise linear and bends."""
    curves = [row.curve(value) for row, value in experiment.layer_activations]
    return any(isinstance(curve, Pieces) and bool(curve.breakpoints) for curve in curves)


def picture_choices(state: AppState) -> dict[str, str]:
    """Return the pictures that this network can have, by `View.smooth`."""
    experiment = state.experiment
    return (SMOOTH if experiment.is_smooth else EXACT) | (MELT if bends(experiment) else {})


def read_picture(state: AppState) -> str:
    """Return the picture that is drawn: the view's, or the network's first one where it cannot have that."""
    return state.view.smooth if state.view.smooth in picture_choices(state) else "soft"


def layer_choices(state: AppState) -> dict[str, str]:
    """Return the hidden layers by number."""
    return {str(layer): f"Layer {layer + 1}" for layer in range(len(state.experiment.hidden))}


def read_layer(state: AppState) -> str:
    """Return the layer that is looked at."""
    return str(shown_layer(state.experiment.hidden, state.view))


def change_layer(state: AppState, layer: Any) -> AppState:
    """Look at another layer; a unit selected in the old one no longer is."""
    if state.view.layer == int(layer):
        return state
    return replace(state, selected=None, view=replace(state.view, layer=int(layer), unit=-1))
