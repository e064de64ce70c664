"""Weights under the hand: move or turn a unit's line, bend through a point, set a number; each edit is a new Network.

A first-layer unit's line is {x : w.x + b = t}. Moving it by d leaves w and takes w.d from b; turning it about a pivot
turns w, keeps its length and keeps w.x + b at the pivot. Deeper bent lines move by their bias. Of a walsh layer, a
unit's scale and bias can be set; the fixed sums, and with them the direction of a line, cannot.
"""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from reluviz.core.ablation import resting
from reluviz.core.activations import Pieces
from reluviz.core.errors import InputError
from reluviz.core.filter_bank import Filter
from reluviz.core.network import Network
from reluviz.core.snapshot import Snapshot

Float = NDArray[np.float64]
Point = tuple[float, float]
LARGEST = 1e6
"""No hand sets a number beyond; float32 products of eight layers of such numbers would overflow."""


def set_weight(network: Network, layer: int, unit: int, source: int, value: float) -> Network:
    """Return `network` with the weight of the link source -> unit of `layer` set; the readout is the last layer."""
    _check_unit(network, layer, unit, readout=True)
    if network.filters[layer] is not None:
        raise InputError(
            f"unit {unit + 1} of layer {layer + 1}: the links of a walsh layer are fixed; allowed are its scale, which"
            " stretches all of them, and its bias."
        )
    inputs = network.weights[layer].shape[1]
    if not 0 <= source < inputs:
        raise InputError(
            f"layer {layer + 1}, unit {unit + 1}: input {source} does not exist; allowed: 0 to {inputs - 1}."
        )
    row = network.weights[layer][unit].copy()
    row[source] = _checked(value, layer, unit, "weight")
    return _with_unit(network, layer, unit, row, float(network.biases[layer][unit]))


def set_scale(network: Network, layer: int, unit: int, value: float) -> Network:
    """Return `network` with the scale of one unit of a walsh layer set: all its links are stretched alike."""
    _check_unit(network, layer, unit)
    bank = network.filters[layer]
    if bank is None:
        raise InputError(f"unit {unit + 1} of layer {layer + 1}: a dense layer has no scales; set its weights.")
    scales = bank.scales.copy()
    scales[unit] = _checked(value, layer, unit, "scale")
    scales.setflags(write=False)
    changed = Filter(scales, bank.matrix)
    filters = (*network.filters[:layer], changed, *network.filters[layer + 1 :])
    weights = (*network.weights[:layer], changed.weights, *network.weights[layer + 1 :])
    return replace(network, weights=weights, filters=filters)


def set_bias(network: Network, layer: int, unit: int, value: float) -> Network:
    """Return `network` with one bias set; the readout is the last layer."""
    _check_unit(network, layer, unit, readout=True)
    return _with_unit(network, layer, unit, network.weights[layer][unit], _checked(value, layer, unit, "bias"))


def turn_line(network: Network, unit: int, pivot: Point, grabbed: Point, dropped: Point) -> Network:
    """Return `network` with the line of a first-layer unit turned about `pivot` as the hand goes round it.

    The angle is that from grabbed to dropped, seen from the pivot; nothing turns while either lies on the pivot. What
    the unit gives at the pivot stays, and so does the length of its weights.
    """
    row, bias = _line(network, unit)
    if network.filters[0] is not None:
        raise InputError(
            f"unit {unit + 1} of layer 1: lines of a walsh layer keep their direction, which is fixed; move it, or"
            " change its scale."
        )
    about, (ax, ay), (bx, by) = _point(pivot), _point(grabbed) - _point(pivot), _point(dropped) - _point(pivot)
    angle = math.atan2(ax * by - ay * bx, ax * bx + ay * by)
    cos, sin = math.cos(angle), math.sin(angle)
    turned = np.array([cos * row[0] - sin * row[1], sin * row[0] + cos * row[1]])
    kept = bias + float((row - turned) @ about)
    return _with_unit(network, 0, unit, turned, _checked(kept, 0, unit, "bias"))


def bend_through(network: Network, layer: int, unit: int, point: Point, breakpoint: int = 0) -> Network:
    """Return `network` with a unit's bias such that its bent line of one breakpoint passes through `point`.

    Works in every hidden layer: the earlier layers, and so the shape of the pieces before it, stay as they are.
    """
    _check_unit(network, layer, unit)
    places = _breakpoints(network, layer)
    if not 0 <= breakpoint < len(places):
        raise InputError(
            f"layer {layer + 1}: {network.activations[layer].label} has {len(places)} breakpoints;"
            f" number {breakpoint + 1} does not exist."
        )
    x = _point(point)[None]
    rest = network.preactivations(x)[layer][0, unit] - network.biases[layer][unit]
    bias = _checked(places[breakpoint] - rest, layer, unit, "bias")
    return _with_unit(network, layer, unit, network.weights[layer][unit], bias)


def foot_on_line(network: Network, unit: int, point: Point, breakpoint: int = 0) -> Point:
    """Return the place on a first-layer unit's line that is nearest to `point`: a natural pivot to turn about."""
    row, bias = _line(network, unit)
    x = _point(point)
    foot = x - row * ((row @ x + bias - _breakpoints(network, 0)[breakpoint]) / (row @ row))
    return float(foot[0]), float(foot[1])


def edited_snapshot(snapshot: Snapshot, network: Network) -> Snapshot:
    """Return `snapshot` with the numbers of `network`; what was measured on the old ones becomes nan.

    Units that are switched off keep the numbers that rest. Raises `InputError` for an edit of one.
    """
    parameters = network.flat().astype(np.float32)
    if parameters.shape != snapshot.parameters.shape:
        raise InputError(
            f"weights: {len(parameters)} numbers do not fit this experiment; allowed are {len(snapshot.parameters)}."
        )
    rests = resting(network.layout, snapshot.experiment.ablated)
    if parameters[rests].any():
        raise InputError("weights: that unit is switched off; switch it on before you change it.")
    parameters[rests] = snapshot.parameters[rests]
    return with_numbers(snapshot, parameters)


def with_numbers(snapshot: Snapshot, parameters: NDArray[np.float32]) -> Snapshot:
    """Return the moment with other numbers (P,), which are made read-only; what was measured of its own becomes nan."""
    parameters.setflags(write=False)
    return replace(
        snapshot,
        parameters=parameters,
        train_loss=math.nan,
        test_loss=math.nan,
        train_accuracy=math.nan,
        test_accuracy=math.nan,
        flow=None,
    )


def _line(network: Network, unit: int) -> tuple[Float, float]:
    """Return weights (2,) and bias of a first-layer unit that has a line."""
    _check_unit(network, 0, unit)
    if not _breakpoints(network, 0):
        raise InputError(f"unit {unit + 1} of layer 1 has no line: {network.activations[0].label} does not bend.")
    row = network.weights[0][unit]
    if not row.any():
        raise InputError(f"unit {unit + 1} of layer 1 has no line: its weights are all zero; set one of them first.")
    return row, float(network.biases[0][unit])


def _breakpoints(network: Network, layer: int) -> tuple[float, ...]:
    """Return where a layer's activation bends; a smooth one has its middle, z = 0, for a line."""
    curve = network.curves[layer]
    return curve.breakpoints if isinstance(curve, Pieces) else (0.0,)


def _check_unit(network: Network, layer: int, unit: int, readout: bool = False) -> None:
    layers = len(network.weights) if readout else len(network.activations)
    if not 0 <= layer < layers:
        raise InputError(f"layer {layer + 1} does not exist; allowed: 1 to {layers}.")
    width = len(network.biases[layer])
    if not 0 <= unit < width:
        raise InputError(f"unit {unit + 1} of layer {layer + 1} does not exist; allowed: 1 to {width}.")


def _point(point: Point) -> Float:
    x = np.array(point, dtype=np.float64)
    if x.shape != (2,) or not np.isfinite(x).all():
        raise InputError("point: a coordinate is not a finite number; allowed is any point of the plane.")
    return x


def _checked(value: float, layer: int, unit: int, what: str) -> float:
    if not abs(value) <= LARGEST:
        raise InputError(
            f"unit {unit + 1} of layer {layer + 1}: {what} {value:g} cannot be used;"
            f" allowed is {-LARGEST:,.0f} to {LARGEST:,.0f}."
        )
    return float(value)


def _with_unit(network: Network, layer: int, unit: int, row: Float, bias: float) -> Network:
    """Return `network` with one unit's weights and bias replaced; all else is shared, not copied."""
    weights, biases = network.weights[layer].copy(), network.biases[layer].copy()
    weights[unit], biases[unit] = row, bias
    for array in (weights, biases):
        array.setflags(write=False)
    return replace(
        network,
        weights=(*network.weights[:layer], weights, *network.weights[layer + 1 :]),
        biases=(*network.biases[:layer], biases, *network.biases[layer + 1 :]),
    )
