"""Checks of activations themselves: slopes, what composing does, and where a network's sums fall on the curve."""

import time

import numpy as np
from numpy.typing import NDArray

from reluviz.core.activations import ACTIVATIONS, Curve
from reluviz.core.flow import network_states
from reluviz.core.response import compose, respond
from reluviz.studio.lesson_checks.check import Evidence, Measure, Measured, Option
from reluviz.studio.lesson_checks.gradients import softmax

Float = NDArray[np.float64]
NAMES = tuple(ACTIVATIONS)


def _curve(name: str) -> Curve:
    row = ACTIVATIONS[name]
    return row.curve(row.default)


def _sums(evidence: Evidence, layer: int) -> Float:
    """Return the pre-activations (N, units) of one hidden layer, counted from 1, or of all (0), on training points."""
    found = evidence.network.preactivations(evidence.points)[:-1]
    return found[layer - 1] if 0 < layer <= len(found) else np.concatenate(found, axis=1)


def steepest_slope(_: Evidence, activation: str) -> Measured:
    """Find the largest |phi'| numerically."""
    found = respond(_curve(activation))
    return Measured(found.steepest, f"the largest slope of {ACTIVATIONS[activation].label}, searched from -30 to 30")


def slope_edge(_: Evidence, activation: str, level: float) -> Measured:
    """Find the largest |z| at which |phi'| still reaches `level`, by halving."""
    curve = _curve(activation)
    steepest = respond(curve).steepest
    if level >= steepest:
        return Measured(0.0, f"{ACTIVATIONS[activation].label} is never steeper than {steepest:.4g}")
    ends = respond(curve, level / steepest).levels
    words = f"from there on {ACTIVATIONS[activation].label} is flatter than {level:g}"
    return Measured(max(map(abs, ends), default=np.inf), words)


def inputs_inside(evidence: Evidence, level: float, layer: int) -> Measured:
    """Return the share of pre-activations at which the layers' own |phi'| exceeds `level`."""
    network = evidence.network
    sums = network.preactivations(evidence.points)[:-1]
    chosen = [layer - 1] if 0 < layer <= len(sums) else range(len(sums))
    steep = np.concatenate([(np.abs(network.curves[i].derivative(sums[i])) > level).ravel() for i in chosen])
    words = f"{steep.sum():,} of {steep.size:,} sums of units and training points"
    return Measured(float(steep.mean()) if steep.size else np.nan, words)


def slope_distance(evidence: Evidence) -> Measured:
    """Return how far the slopes that units have on the data are from {0, 1}, at most."""
    network = evidence.network
    sums = network.preactivations(evidence.points)[:-1]
    slopes = [curve.derivative(z).ravel() for curve, z in zip(network.curves, sums, strict=True)]
    every = np.concatenate(slopes)
    kinds = np.unique(every)
    shown = ", ".join(f"{value:.3g}" for value in kinds[:4])
    words = f"{len(kinds):,} different slopes among {every.size:,}: {shown}{', ...' if len(kinds) > 4 else ''}"
    return Measured(float(np.minimum(np.abs(every), np.abs(every - 1.0)).max()), words)


def cost_ratio(evidence: Evidence, activation: str, against: str) -> Measured:
    """Time both activations and their slopes in numpy, by turns, on this network's own sums; the ratio of medians."""
    z = np.resize(_sums(evidence, 0).ravel(), 65_536)
    calls = {name: _PLAIN[name] for name in dict.fromkeys((activation, against))}
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(15):
        for name, call in calls.items():
            begin = time.perf_counter()
            call(z)
            seconds[name].append(time.perf_counter() - begin)
    quarters = {name: np.quantile(times[2:], (0.25, 0.5, 0.75)) / z.size * 1e9 for name, times in seconds.items()}
    words = "; ".join(
        f"{ACTIVATIONS[name].label} {middle:.2f} ns (half between {low:.2f} and {high:.2f})"
        for name, (low, middle, high) in quarters.items()
    )
    return Measured(float(quarters[activation][1] / quarters[against][1]), f"{words}, value and slope in numpy")


def _relu(z: Float) -> tuple[Float, Float]:
    return np.maximum(z, 0.0), (z > 0).astype(np.float64)


def _sigmoid(z: Float) -> tuple[Float, Float]:
    s = 1.0 / (1.0 + np.exp(-z))
    return s, s * (1.0 - s)


def _tanh(z: Float) -> tuple[Float, Float]:
    t = np.tanh(z)
    return t, 1.0 - t * t


def _leaky(z: Float) -> tuple[Float, Float]:
    return np.where(z > 0, z, 0.01 * z), np.where(z > 0, 1.0, 0.01)


_PLAIN = {"relu": _relu, "sigmoid": _sigmoid, "tanh": _tanh, "leaky_relu": _leaky}


def repeat_gap(evidence: Evidence, activation: str, layer: int) -> Measured:
    """Count the sums of the network at which applying the activation twice gives other bits than once."""
    z = _sums(evidence, layer)
    curve = _curve(activation)
    once = curve.value(z)
    differ = int(np.count_nonzero(curve.value(once) != once))
    return Measured(
        differ, f"of {z.size:,} sums in this network, {ACTIVATIONS[activation].label} applied once and twice"
    )


def chained_slope(evidence: Evidence, activation: str, times: int, at: float) -> Measured:
    """Return the derivative at `at` of the activation composed with itself `times` times, by the chain rule."""
    _, slope = compose(_curve(activation), times, np.array([at]))
    return Measured(float(slope[0]), f"{ACTIVATIONS[activation].label} {times} times in a row, at {at:g}")


def cubic_excess(evidence: Evidence, layer: int) -> Measured:
    """Return the largest |tanh z - z| over |z|^3 / 3 among the network's sums."""
    z = _sums(evidence, layer).ravel()
    z = z[np.abs(z) > 1e-3]  # Below, the difference is lost in rounding.
    if not z.size:
        return Measured(np.nan, "every sum is nearer to 0 than 0.001")
    ratio = np.abs(np.tanh(z) - z) / (np.abs(z) ** 3 / 3)
    return Measured(
        float(ratio.max()), f"largest |tanh z - z| as a part of |z|\N{SUPERSCRIPT THREE}/3, {z.size:,} sums"
    )


def identity_distance(evidence: Evidence, layer: int) -> Measured:
    """Return the largest relative difference between tanh z and z among the network's sums."""
    z = _sums(evidence, layer).ravel()
    z = z[np.abs(z) > 1e-9]
    gap = np.abs(np.tanh(z) - z) / np.abs(z)
    return Measured(float(np.median(gap)) if z.size else np.nan, "median of |tanh z - z| / |z| over units and points")


def saturated_share(evidence: Evidence, level: float) -> Measured:
    """Return the share of pre-activations at which |phi'| is below `level`."""
    inside = inputs_inside(evidence, level, 0)
    return Measured(1.0 - inside.value, f"sums of units and training points where the slope is below {level:g}")


def saturated_units(evidence: Evidence) -> Measured:
    """Return the share of units that are steep on fewer than 5 % of the training points, without dead ones."""
    states = network_states(evidence.network, evidence.points)
    flags = np.concatenate([state.is_saturated for state in states])
    return Measured(float(flags.mean()), f"{flags.sum()} of {flags.size} units flat on more than 95 % of the points")


def softmax_gap(evidence: Evidence) -> Measured:
    """Return the largest difference that a ReLU after softmax makes to any probability, on the training points."""
    scores = evidence.network.forward(evidence.points)
    if scores.shape[1] == 1:  # Two classes by one number: the other class's score is 0.
        scores = np.concatenate([np.zeros_like(scores), scores], axis=1)
    shares = softmax(scores)
    gap = float(np.abs(np.maximum(shares, 0.0) - shares).max())
    return Measured(gap, f"{shares.size:,} probabilities, the least {shares.min():.2g}")


def clipped_points(evidence: Evidence) -> Measured:
    """Return the share of training points whose probabilities change when scores pass a ReLU before softmax."""
    scores = evidence.network.forward(evidence.points)
    if scores.shape[1] == 1:
        scores = np.concatenate([np.zeros_like(scores), scores], axis=1)
    before, after = softmax(scores), softmax(np.maximum(scores, 0.0))
    changed = np.abs(before - after).max(axis=1) > 1e-12
    words = f"{changed.sum():,} of {len(scores):,} points; the largest change is {np.abs(before - after).max():.2g}"
    return Measured(float(changed.mean()), words)


ACTIVATION = Option("relu", choices=NAMES)
LAYER = Option(0, 0, 16, whole=True)
ROWS = (
    Measure("steepest_slope", "The largest slope of an activation.", steepest_slope, {"activation": ACTIVATION}),
    Measure(
        "slope_edge",
        "The largest |z| at which an activation's slope still reaches a level.",
        slope_edge,
        {"activation": ACTIVATION, "level": Option(0.25, 1e-6, 1e6)},
        "exact",
    ),
    Measure(
        "inputs_inside",
        "Share of the sums of units and points at which the slope exceeds a level; layer 0 means all.",
        inputs_inside,
        {"level": Option(0.25, 0.0, 1e6), "layer": LAYER},
        "share",
    ),
    Measure("slope_distance", "How far slopes on the data are from 0 and 1, at most.", slope_distance, {}),
    Measure(
        "cost_ratio",
        "Median time of one activation over that of another, in numpy, here and now.",
        cost_ratio,
        {"activation": Option("sigmoid", choices=tuple(_PLAIN)), "against": Option("relu", choices=tuple(_PLAIN))},
    ),
    Measure(
        "repeat_gap",
        "Sums at which applying an activation twice differs from once, in any bit.",
        repeat_gap,
        {"activation": ACTIVATION, "layer": LAYER},
    ),
    Measure(
        "chained_slope",
        "The slope of an activation composed with itself.",
        chained_slope,
        {"activation": ACTIVATION, "times": Option(10, 1, 100, whole=True), "at": Option(1.0, -30.0, 30.0)},
    ),
    Measure("cubic_excess", "Largest |tanh z - z| as a part of |z|^3 / 3.", cubic_excess, {"layer": LAYER}),
    Measure(
        "identity_distance",
        "Median of |tanh z - z| / |z| over units and points.",
        identity_distance,
        {"layer": LAYER},
        "share",
    ),
    Measure(
        "saturated_share",
        "Share of the sums of units and points at which the slope is below a level.",
        saturated_share,
        {"level": Option(0.25, 0.0, 1e6)},
        "share",
    ),
    Measure("saturated_units", "Share of units flat on more than 95 % of the points.", saturated_units, {}, "share"),
    Measure("softmax_gap", "Largest difference that ReLU after softmax makes.", softmax_gap, {}),
    Measure("clipped_points", "Share of points that ReLU before softmax changes.", clipped_points, {}, "share"),
)
