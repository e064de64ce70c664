"""What is known of the layer that is looked at: its activation, its units on the training points, in words."""

import math

from reluviz.app.state import AppState
from reluviz.core.activations import Activation, Curve
from reluviz.core.intensity import shown_layer
from reluviz.core.layer_look import LayerLook, look_by_flow, look_by_points
from reluviz.core.response import respond


def layer_of(state: AppState) -> int:
    """Return the hidden layer that is looked at, -1 where there is none."""
    return shown_layer(state.experiment.hidden, state.view)


def activation_of(state: AppState, layer: int) -> tuple[Activation, float, Curve] | None:
    """Return a hidden layer's activation, its newest parameter and its curve."""
    if not 0 <= layer < len(state.experiment.hidden):
        return None
    row, parameter = state.experiment.layer_activations[layer]
    snapshot = state.snapshot
    if row.learned and snapshot is not None and snapshot.experiment.hidden == state.experiment.hidden:
        parameter = snapshot.network.parameters[layer]
    return row, parameter, row.curve(parameter)


def look(state: AppState, layer: int) -> LayerLook | None:
    """Return what the layer's units do on the training points: the engine's figures, or our own before the first."""
    snapshot = state.snapshot
    if snapshot is None or not 0 <= layer < len(snapshot.experiment.hidden):
        return None
    flow = state.flow
    if flow is not None and len(flow.dead_share) == len(snapshot.experiment.hidden):
        return look_by_flow(flow, layer, snapshot.experiment.hidden[layer])
    if state.dataset is None or not snapshot.network.finite:
        return None
    points = state.dataset.points[state.dataset.is_train]
    return look_by_points(snapshot.network, points, layer) if len(points) else None


def say_states(seen: LayerLook | None) -> str:
    """Return how many units pass a gradient, in words."""
    if seen is None:
        return "What the units do is known once training has begun."
    parts = [f"{seen.responsive} of {seen.units} units responsive"]
    if seen.saturated:
        parts.append(f"{seen.saturated} saturated")
    if seen.dead:
        parts.append(f"{seen.dead} dead")
    return f"{', '.join(parts)}; mean |φ′| {seen.slope_mean:.2g}."


def say_response(curve: Curve) -> str:
    """Return the bound on a curve's slope, and where it is steep, in words."""
    answer = respond(curve)
    if answer.steepest == 0:
        return "φ′ is 0 wherever it exists: no gradient passes."
    most = f"|φ′| is at most {_number(answer.steepest)}"
    quarter = _number(answer.tau * answer.steepest)
    if len(answer.intervals) > 1:
        return f"{most}, above {quarter} in {len(answer.intervals)} places within ±30."
    low, high = answer.intervals[0]
    if math.isinf(low) and math.isinf(high):
        return f"{most}, and nowhere below a quarter of that."
    if math.isinf(high):
        return f"{most}, above {quarter} where z > {_number(low)}."
    if math.isinf(low):
        return f"{most}, above {quarter} where z < {_number(high)}."
    if abs(low + high) < 1e-9:
        return f"{most}, above {quarter} inside |z| < {_number(high)}."
    return f"{most}, above {quarter} for {_number(low)} < z < {_number(high)}."


def _number(value: float) -> str:
    return f"{value:.4g}".replace("-", "\N{MINUS SIGN}")
