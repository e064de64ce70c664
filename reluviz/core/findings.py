"""Findings: in words, where a gradient vanishes or explodes, units are dead or saturated, steps are too large."""

from collections.abc import Iterator
from dataclasses import dataclass

from reluviz.core.activations import Activation, Pieces
from reluviz.core.flow import Flow
from reluviz.core.snapshot import Snapshot


@dataclass(frozen=True)
class Finding:
    """One sentence about one layer (counted from 0, the readout last), and what helps.

    kind is a key of THRESHOLDS, or "blocked"; `control` is the field of the experiment that helps, `advice` how.
    """

    kind: str
    layer: int
    sentence: str
    control: str
    advice: str


@dataclass(frozen=True)
class Threshold:
    """From which value on something is worth a sentence, and why from there."""

    value: float
    reason: str


THRESHOLDS: dict[str, Threshold] = {
    "vanishing": Threshold(
        1e-3,
        "Least share of the readout's gradient that another layer gets. At first weights of ten layers ReLU has 0.2,"
        " ELU 0.3, tanh 0.6: a thousandth is far off, and under SGD that layer moves a thousand times slower.",
    ),
    "exploding": Threshold(
        1e3,
        "Most times the readout's gradient: a learning rate that moves the readout then throws that layer.",
    ),
    "leaping": Threshold(
        0.1,
        "Share of its weights' norm by which one step moves a layer. A thousandth is usual; at a tenth the layer is"
        " another one within ten steps.",
    ),
    "dead": Threshold(
        0.5,
        "Share of a layer's units through which no point's gradient passes. Some dead ReLUs are normal after training;"
        " with half of them the layer has lost half its lines.",
    ),
    "saturated": Threshold(
        0.5,
        "Share of a layer's units that answer steeply on fewer than 5 % of the points; the layer is nearly constant.",
    ),
}


def findings(snapshot: Snapshot) -> tuple[Finding, ...]:
    """Return what is wrong with this moment's gradient flow, input side first; nothing where none was measured."""
    flow = snapshot.flow
    if flow is None:
        return ()
    layers = [found for layer in range(len(snapshot.experiment.hidden)) for found in _of_units(snapshot, flow, layer)]
    return (*_of_gradients(flow), *layers, *_of_updates(flow))


def _of_gradients(flow: Flow) -> Iterator[Finding]:
    """Yield at most two: the layer with the least gradient and that with the most, against the readout's."""
    *layers, readout = flow.grad_norm.tolist()
    if not layers or not readout > 0:
        return
    low, high = layers.index(min(layers)), layers.index(max(layers))
    last = len(layers) + 1
    # A gradient of exactly 0 has its reason in the units, and is said there.
    if 0 < layers[low] <= THRESHOLDS["vanishing"].value * readout:
        sentence = f"Layer {low + 1} gets {layers[low] / readout:.1g} of the gradient of layer {last}."
        advice = "ReLU, ELU or tanh with Xavier weights hand on more of it than sigmoids do."
        yield Finding("vanishing", low, sentence, "activation", advice)
    if layers[high] >= THRESHOLDS["exploding"].value * readout:
        sentence = f"Layer {high + 1} gets {layers[high] / readout:,.0f} times the gradient of layer {last}."
        yield Finding("exploding", high, sentence, "init_scale", "Smaller first weights keep gradients in proportion.")


def _of_units(snapshot: Snapshot, flow: Flow, layer: int) -> Iterator[Finding]:
    row, parameter = snapshot.experiment.layer_activations[layer]
    width, place = snapshot.experiment.hidden[layer], f"Layer {layer + 1}"
    if _is_flat(row, parameter):
        sentence = f"{place}: {row.label} has slope 0 everywhere, so no weight below it learns."
        advice = "Its straight-through form trains as if it had a slope."
        yield Finding("blocked", layer, sentence, "activation", advice)
        return
    dead, saturated = flow.dead_share[layer], flow.saturated_share[layer]
    if dead >= THRESHOLDS["dead"].value:
        sentence = f"{place}: {round(dead * width)} of {width} units are dead; no point's gradient passes through them."
        advice = "Leaky ReLU or ELU pass some everywhere; a smaller learning rate kills fewer."
        yield Finding("dead", layer, sentence, "activation", advice)
    if saturated >= THRESHOLDS["saturated"].value:
        count = round(saturated * width)
        sentence = f"{place}: {count} of {width} units are saturated, flat on more than 95 % of the points."
        yield Finding("saturated", layer, sentence, "init_scale", "Smaller first weights begin where the slope is.")


def _is_flat(row: Activation, parameter: float) -> bool:
    curve = (row.backward or row.curve)(parameter)
    return isinstance(curve, Pieces) and not any(curve.slopes) and not any(curve.tie_slopes)


def _of_updates(flow: Flow) -> Iterator[Finding]:
    """Yield the layer that the newest step moved most, where that is too much; the first step's nan is not."""
    ratios = flow.update_ratio.tolist()
    layer = max(range(len(ratios)), key=lambda index: ratios[index])
    if ratios[layer] >= THRESHOLDS["leaping"].value:
        sentence = f"One step moves the weights of layer {layer + 1} by {ratios[layer]:.0%} of their size."
        yield Finding("leaping", layer, sentence, "learning_rate", "A smaller learning rate makes smaller steps.")
