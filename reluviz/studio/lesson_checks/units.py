"""Checks of units and weights: zeros, dead units, switches, and what a forward pass leaves alone."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from reluviz.core.activations import ACTIVATIONS
from reluviz.core.flow import network_states
from reluviz.core.initialization import initial_parameters
from reluviz.core.network import Network
from reluviz.core.switchboard import read_switches, replay
from reluviz.studio.lesson_checks.check import Evidence, Measure, Measured, Option
from reluviz.studio.lesson_start import compensate

Float = NDArray[np.float64]


def _grid(evidence: Evidence, side: int = 41) -> Float:
    """Return an even grid (side * side, 2) over the view and the training points."""
    xmin, xmax, ymin, ymax = evidence.bounds
    x, y = np.meshgrid(np.linspace(xmin, xmax, side), np.linspace(ymin, ymax, side))
    return np.concatenate([np.column_stack([x.ravel(), y.ravel()]), evidence.points])


def compensation_gap(evidence: Evidence) -> Measured:
    """Return how far the network with max(c, z) is from the ReLU network with b - c and b + c W 1, relatively."""
    network = evidence.network
    row = ACTIVATIONS["relu"]
    rows = [row if old.name == "shifted_relu" else old for old in network.activations]
    parameters = [
        0.0 if old.name == "shifted_relu" else value
        for old, value in zip(network.activations, network.parameters, strict=True)
    ]
    other = Network.create(compensate(network), rows, parameters)
    x = _grid(evidence)
    one, two = network.forward(x), other.forward(x)
    size = max(1.0, float(np.abs(one).max()))
    return Measured(float(np.abs(one - two).max()) / size, f"{len(x):,} points of the view and the data")


def negative_parameters(evidence: Evidence) -> Measured:
    """Count the parameters that a forward pass changes; `words` say how many are negative before and after."""
    before = evidence.snapshot.parameters.copy()
    network = evidence.network
    flat = network.flat()
    network.forward(evidence.points)
    after = evidence.snapshot.parameters
    changed = int(np.count_nonzero(before.view(np.int32) != after.view(np.int32)))
    changed += int(np.count_nonzero(network.flat() != flat))
    low, high = int((before < 0).sum()), int((after < 0).sum())
    return Measured(changed, f"{low} of {before.size} parameters are negative before a forward pass, {high} after it")


def negative_share(evidence: Evidence) -> Measured:
    """Return the share of weights and biases that are negative."""
    values = evidence.snapshot.parameters
    return Measured(float((values < 0).mean()), f"{(values < 0).sum()} of {values.size} weights and biases")


def coordinate_gap(evidence: Evidence, coordinate: int) -> Measured:
    """Return the largest difference between f(x) and one coordinate of x, over the view and the data."""
    x = _grid(evidence)
    found = evidence.network.forward(x)[:, 0]
    return Measured(float(np.abs(found - x[:, coordinate - 1]).max()), f"{len(x):,} points of the view and the data")


def zero_share(evidence: Evidence, layer: int) -> Measured:
    """Return the share of hidden outputs that are exactly 0 on the training points."""
    outputs = _outputs(evidence, layer)
    zeros = int(np.count_nonzero(outputs == 0))
    return Measured(zeros / outputs.size, f"{zeros:,} of {outputs.size:,} outputs of units, each at every point")


def zero_weights(evidence: Evidence) -> Measured:
    """Return the share of weights that are exactly 0."""
    weights = np.concatenate([w.ravel() for w in evidence.network.weights])
    zeros = int(np.count_nonzero(weights == 0))
    return Measured(zeros / weights.size, f"{zeros:,} of {weights.size:,} weights")


def _outputs(evidence: Evidence, layer: int) -> Float:
    network = evidence.network
    sums = network.preactivations(evidence.points)[:-1]
    found = [curve.value(z) for curve, z in zip(network.curves, sums, strict=True)]
    return found[layer - 1] if 0 < layer <= len(found) else np.concatenate(found, axis=1)


def _dead(evidence: Evidence, layer: int, x: Float) -> NDArray[np.bool_]:
    flags = [state.is_dead for state in network_states(evidence.network, x)]
    return flags[layer - 1] if 0 < layer <= len(flags) else np.concatenate(flags)


def dead_units(evidence: Evidence, layer: int) -> Measured:
    """Count the units whose slope is exactly 0 on every training point."""
    dead = _dead(evidence, layer, evidence.points)
    return Measured(int(dead.sum()), f"of {dead.size} units, on {len(evidence.points):,} training points")


def dead_share(evidence: Evidence, layer: int) -> Measured:
    """Return the share of units whose slope is exactly 0 on every training point."""
    dead = _dead(evidence, layer, evidence.points)
    return Measured(float(dead.mean()), f"{dead.sum()} of {dead.size} units pass no gradient on any training point")


def dead_but_in_view(evidence: Evidence) -> Measured:
    """Count the units that are dead on the data and yet on somewhere in the view."""
    dead = _dead(evidence, 0, evidence.points)
    in_view = ~_dead(evidence, 0, _grid(evidence, 201))
    return Measured(int((dead & in_view).sum()), f"of {dead.sum()} units dead on the data, those on in the view")


def first_dead_share(evidence: Evidence, layer: int) -> Measured:
    """Return the share of units that were dead on the data before the first step of training."""
    first = _first(evidence)
    dead = _dead(first, layer, evidence.points)
    return Measured(float(dead.mean()), f"{dead.sum()} of {dead.size} units, with the weights that the seed drew")


def _first(evidence: Evidence) -> Evidence:
    snapshot = evidence.snapshot
    drawn = replace(snapshot, parameters=initial_parameters(snapshot.experiment, snapshot.outputs), step=0)
    return replace(evidence, moments=(drawn,), pane=0)


def switch_gap(evidence: Evidence) -> Measured:
    """Count the training points at which replacing each activation by its switch changes any bit of f."""
    network, points = evidence.network, evidence.points
    differ = 0
    for x in points:
        board = read_switches(network, x)
        differ += bool((replay(network, board).view(np.int64) != board.value.view(np.int64)).any())
    return Measured(differ, f"points of {len(points):,} at which a product with 0 or 1 gives another f than ReLU")


def sum_gap(evidence: Evidence) -> Measured:
    """Return how far a.x + c, the weighted sum that the switches leave, is from f(x), at most and relatively."""
    network, points = evidence.network, evidence.points
    boards = [read_switches(network, x) for x in points]
    size = max(1.0, max(float(np.abs(board.value).max()) for board in boards))
    gap = max(board.deviation for board in boards)
    return Measured(gap / size, f"largest |a\N{MIDDLE DOT}x + c - f(x)| over {len(points):,} training points")


def gradient_gap(evidence: Evidence) -> Measured:
    """Return how far a, multiplied out from the input on, is from df/dx by the chain rule from the output back."""
    network, points = evidence.network, evidence.points
    sums = network.preactivations(points)[:-1]
    # (points, outputs, width): df/dh of each layer in turn, from the last one back.
    back = np.broadcast_to(network.weights[-1], (len(points), *network.weights[-1].shape))
    for curve, z, weights in zip(network.curves[::-1], sums[::-1], network.weights[-2::-1], strict=True):
        back = (back * curve.derivative(z)[:, None, :]) @ weights
    forth = np.array([read_switches(network, x).gradient for x in points])
    size = max(1.0, float(np.abs(back).max()))
    return Measured(float(np.abs(forth - back).max()) / size, f"a against df/dx at {len(points):,} training points")


LAYER = Option(0, 0, 16, whole=True)
ROWS = (
    Measure("compensation_gap", "How far max(c, z) is from ReLU with moved biases.", compensation_gap, {}),
    Measure("negative_parameters", "Parameters that a forward pass changes.", negative_parameters, {}, "count"),
    Measure("negative_share", "Share of parameters that are negative.", negative_share, {}, "share"),
    Measure(
        "coordinate_gap",
        "Largest difference between f(x) and one coordinate of x.",
        coordinate_gap,
        {"coordinate": Option(1, 1, 2, whole=True)},
    ),
    Measure("zero_share", "Share of units' outputs that are exactly 0.", zero_share, {"layer": LAYER}, "share"),
    Measure("zero_weights", "Share of weights that are exactly 0.", zero_weights, {}, "share"),
    Measure("dead_units", "Units without any gradient on the data.", dead_units, {"layer": LAYER}, "count"),
    Measure("dead_share", "Share of units without any gradient on the data.", dead_share, {"layer": LAYER}, "share"),
    Measure("dead_but_in_view", "Units dead on the data and on in the view.", dead_but_in_view, {}, "count"),
    Measure("first_dead_share", "Share of units dead before training.", first_dead_share, {"layer": LAYER}, "share"),
    Measure("switch_gap", "Points at which switches give another f.", switch_gap, {}, "count"),
    Measure("sum_gap", "How far the effective weighted sum is from f.", sum_gap, {}),
    Measure("gradient_gap", "How far the effective weights are from the gradient of f.", gradient_gap, {}),
)
