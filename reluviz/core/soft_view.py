"""SoftView: what is seen of a network that is smooth somewhere: true curves, exact lines, values on a grid.

Two kinds. *Soft boundaries*: where a unit leaves its responsive range (|phi'| falls below a quarter of its largest),
and the bent lines of piecewise-linear units. *Melted*: the lines of a melted network's choices, as strong as they are
made within 1/16 of the picture's height. Curves are exact segments up to and including the first smooth layer; behind
it they are traced through true values on a grid.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reluviz.core.activations import Curve, Pieces
from reluviz.core.contours import march
from reluviz.core.field import Array, Channels, Field, choose_step, trace_field
from reluviz.core.intensity import INTENSITIES
from reluviz.core.jets import unit_jet
from reluviz.core.melt import melt
from reluviz.core.network import Network
from reluviz.core.partition import Partition, decompose
from reluviz.core.response import respond
from reluviz.core.smooth import Smooth
from reluviz.core.stained_glass import pattern_directions
from reluviz.core.view import View

Float = NDArray[np.float64]
MAX_LEVELS = 24
MOST_OFF = 0.75  # Pixels; a traced curve further off anywhere it is checked is traced again on a finer grid.
CHECKED = 256
DECIDED_WITHIN = 1.0 / 16.0


@dataclass(frozen=True, eq=False)
class SoftView:
    """Curves in pixels (S, 4), whose they are, how strong (0..1), and the grid of values they go with."""

    network: Network
    field: Field
    segments: Float
    layers: NDArray[np.int32]
    units: NDArray[np.int32]
    strengths: NDArray[np.float32]
    statement: str


@dataclass(frozen=True)
class _Fixed:
    """A curve whatever the parameter."""

    pieces: Pieces

    def __call__(self, _: float) -> Curve:
        return self.pieces


def see_soft(network: Network, view: View, workers: int = 1) -> SoftView:
    """Return the soft boundaries of a network with at least one smooth layer."""
    marked = _marked(network)
    statement = "Soft boundaries: a unit's slope falls below a quarter of its steepest there."
    return _see(network, marked, view, None, workers, statement)


def see_melted(network: Network, view: View, workers: int = 1) -> SoftView:
    """Return what `network` melts into at view.eta. Raises `InputError` for an eta out of range."""
    soft = melt(network, view.eta)
    statement = (
        f"Melted: hard choices made soft, sigmoid(eta z) with eta = {view.eta:g} in place of a switch; a line is as"
        " strong as its choice is made within 1/16 of the picture's height."
    )
    return _see(soft, _marked(network), view, network, workers, statement)


def _see(network: Network, marked: Network, view: View, hard: Network | None, workers: int, statement: str) -> SoftView:
    first = network.first_smooth
    exact_layers = len(network.hidden) if first is None else first + 1
    exact = _exact_lines(marked, exact_layers, view)
    if exact.truncated_at is not None:
        exact_layers = exact.truncated_at
    levels = [() if layer < exact_layers else pieces.breakpoints for layer, pieces in enumerate(marked.pieces)]
    channels = _channels(network, marked, view, hard)
    step, off = choose_step(network, view.width, view.height, workers), np.inf
    while off > MOST_OFF and step:
        field = trace_field(
            network, view.bounds, view.width, view.height, levels, step=step, channels=channels, workers=workers
        )
        off = distance_off(network, field, levels)
        step = 2 if step > 2 else step - 1  # At most two more tries, for networks with very narrow bends.
    curves = field.curves
    xmin, xmax, ymin, ymax = view.bounds
    scale = np.array([view.width / (xmax - xmin), -view.height / (ymax - ymin)] * 2)
    segments = np.concatenate([(exact.edges - [xmin, ymax, xmin, ymax]) * scale, curves.segments.astype(np.float64)])
    layers = np.concatenate([exact.edge_layers, curves.layers])
    units = np.concatenate([exact.edge_units, curves.units])
    strengths = np.ones(len(segments), np.float32)
    if hard is not None:
        steepness = np.concatenate([_steepness_per_pixel(network, exact, view), curves.steepness])
        choices = np.array([isinstance(curve, Pieces) for curve in hard.curves])
        decided = np.tanh(view.eta * steepness * (0.5 * DECIDED_WITHIN * view.height))
        strengths = np.where(choices[layers], decided, 1.0).astype(np.float32)
    shown = strengths > 0.02
    if first is not None:
        every = f"every {field.step} px" if field.step > 1 else "at every pixel"
        statement += f" Values sampled {every}"
        statement += f", curves within {max(off, 0.05):.2g} px where checked." if len(curves.segments) else "."
    return SoftView(network, field, segments[shown], layers[shown], units[shown], strengths[shown], statement)


def distance_off(network: Network, field: Field, levels: Sequence[Sequence[float]]) -> float:
    """Return how far traced curves are off in pixels: the largest |z - level| / |grad z| at CHECKED middles."""
    curves = field.curves
    if not len(curves.segments):
        return 0.0
    chosen = np.unique(np.linspace(0, len(curves.segments) - 1, CHECKED).astype(np.int64))
    xmin, xmax, ymin, ymax = field.bounds
    pixel = np.array([(xmax - xmin) / field.width, (ymin - ymax) / field.height])
    middles = curves.segments[chosen].astype(np.float64).reshape(-1, 2, 2).mean(axis=1) * pixel + [xmin, ymax]
    layers, units = curves.layers[chosen], curves.units[chosen]
    jet = unit_jet(network, middles, layers, units)
    level = np.array([levels[layer][which] for layer, which in zip(layers, curves.levels[chosen], strict=True)])
    steepness = np.hypot(*(jet[:, 1:] * pixel).T)
    # Where the slope vanishes a unit only touches its level; the distance is at most the cell's then.
    return float(np.minimum(np.abs(jet[:, 0] - level) / np.maximum(steepness, 1e-300), 1.5 * field.step).max())


def _marked(network: Network) -> Network:
    """Return a piecewise-linear network whose breakpoints are the levels at which units are marked."""
    rows = []
    for row, curve in zip(network.activations, network.curves, strict=True):
        if isinstance(curve, Smooth):
            levels = sorted(respond(curve).levels, key=abs)[:MAX_LEVELS]
            ends = tuple(sorted(levels))
            count = len(ends)
            pieces = Pieces(ends, tuple(float(i) for i in range(count + 1)), (0.0,) * (count + 1), (0.0,) * count)
            row = replace(row, curve=_Fixed(pieces), parameter=None, learned=False, backward=None)
        rows.append(row)
    layers = list(zip(network.weights, network.biases, strict=True))
    return Network.create(layers, rows, network.parameters)


def _exact_lines(marked: Network, layers: int, view: View) -> Partition:
    """Decompose by the first layers alone: their lines are straight between those of the layers before."""
    readout = (np.zeros((1, marked.hidden[layers - 1])) if layers else np.zeros((1, 2)), np.zeros(1))
    parts = [*zip(marked.weights[:layers], marked.biases[:layers], strict=True), readout]
    head = Network.create(parts, marked.activations[:layers], marked.parameters[:layers])
    return decompose(head, view.bounds, view.region_budget)


def _steepness_per_pixel(network: Network, exact: Partition, view: View) -> NDArray[np.float32]:
    """Return |grad z| per pixel of each exact edge's unit, at its middle."""
    xmin, xmax, ymin, ymax = view.bounds
    middles = 0.5 * (exact.edges[:, :2] + exact.edges[:, 2:])
    slope = unit_jet(network, middles, exact.edge_layers, exact.edge_units)[:, 1:]
    pixel = np.array([(xmax - xmin) / view.width, (ymax - ymin) / view.height])
    per_pixel: NDArray[np.float32] = np.hypot(*(slope * pixel).T).astype(np.float32)
    return per_pixel


def _channels(network: Network, marked: Network, view: View, hard: Network | None) -> Channels:
    """Return what the view's colouring reads from the units: nothing, the pattern's phases, or shares."""
    gates = tuple(
        _gate(curve, pieces, view.eta if hard is not None and isinstance(hard.curves[layer], Pieces) else None)
        for layer, (curve, pieces) in enumerate(zip(network.curves, marked.pieces, strict=True))
    )
    if view.coloring == "active":
        spans = [max(1, len(pieces.breakpoints)) for pieces in marked.pieces]
        weights = tuple(
            np.full((1, width), 1.0 / (span * max(1, sum(network.hidden))))
            for width, span in zip(network.hidden, spans, strict=True)
        )
        return Channels(np.zeros(1), weights, gates)
    if view.coloring == "unit":
        weights = tuple(np.zeros((1, width)) for width in network.hidden)
        if 0 <= view.layer < len(weights) and 0 <= view.unit < network.hidden[view.layer]:
            weights[view.layer][0, view.unit] = 1.0 / max(1, len(marked.pieces[view.layer].breakpoints))
        return Channels(np.zeros(1), weights, gates)
    if view.coloring in ("prediction", "gradient", *INTENSITIES):
        return Channels(np.zeros(0), (), ())
    directions, offset = pattern_directions(marked)
    cuts = np.cumsum(network.hidden)[:-1]
    return Channels(offset.astype(np.float64), tuple(np.split(directions.astype(np.float64), cuts, axis=1)), gates)


def _gate(curve: Curve, marks: Pieces, eta: float | None) -> Callable[[Array, Array], Array]:
    """Return a unit's state for colours, from 0 to its number of marks: its piece, softly where it is smooth.

    Melted: the sum of its choices. A bounded function: how high it is between its ends. Any other: its slope.
    """
    count = max(1, len(marks.breakpoints))
    if eta is not None:
        rate = np.float32(0.5 * eta)
        return lambda z, h: sum(
            (0.5 + 0.5 * np.tanh(rate * (z - np.float32(at))) for at in marks.breakpoints), np.zeros_like(z)
        )
    if isinstance(curve, Pieces):
        return lambda z, h: sum(((z > at).astype(z.dtype) for at in marks.breakpoints), np.zeros_like(z))
    z = np.linspace(-30, 30, 6001)
    values = curve.value(z)
    low, high = float(values.min()), float(values.max())
    if high - low < 8.0:
        scale = count / max(high - low, 1e-9)
        return lambda z, h: (h - low) * scale
    steepest = respond(curve).steepest
    return lambda z, h: np.clip(curve.derivative(z) * (count / steepest), 0.0, count)


def gradient_on_grid(field: Field) -> Float:
    """Return the leading output's gradient (R, C, 2), as `gradient_colors` means it, by differences on the grid."""
    xmin, xmax, ymin, ymax = field.bounds
    dx, dy = (xmax - xmin) * field.step / field.width, (ymin - ymax) * field.step / field.height
    outputs = field.outputs
    if len(outputs) > 1:
        leader = outputs.argmax(axis=0)[None]
        by_y, by_x = np.gradient(outputs, dy, dx, axis=(1, 2))
        factor = len(outputs) / (len(outputs) - 1)
        x, y = ((np.take_along_axis(g, leader, 0)[0] - g.mean(axis=0)) * factor for g in (by_x, by_y))
    else:
        y, x = np.gradient(outputs[0], dy, dx)
    return np.stack([x, y], axis=-1)


def soft_boundary(field: Field) -> Float:
    """Return the segments (S, 4), in the plane, on which the predicted class changes, traced through the grid."""
    outputs = field.outputs
    if len(outputs) == 1:
        margins = outputs
    elif len(outputs) == 2:
        margins = outputs[1:] - outputs[:1]
    else:
        # The largest of the others, from those before and those after.
        before = np.maximum.accumulate(outputs, axis=0)
        after = np.maximum.accumulate(outputs[::-1], axis=0)[::-1]
        others = np.concatenate([after[1:2], np.maximum(before[:-2], after[2:]), before[-2:-1]])
        margins = outputs - others
    columns, rows = field.outputs.shape[2], field.outputs.shape[1]
    flat = np.ascontiguousarray(margins.reshape(len(margins), -1))
    segments = march(flat, columns, rows, np.zeros(1, np.float32), 0, field.step)[0].astype(np.float64)
    xmin, xmax, ymin, ymax = field.bounds
    scale = np.array([(xmax - xmin) / field.width, (ymin - ymax) / field.height] * 2)
    return np.asarray(segments * scale + [xmin, ymax, xmin, ymax])
