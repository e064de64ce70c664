"""What is said of one pane of a comparison: above its canvas and in the table; pure functions and COLUMNS."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reluviz.app.figures import NONE, count_text, loss_text, share_text
from reluviz.app.forms import CHOICE_LABELS
from reluviz.app.panes import Pane
from reluviz.core.experiment import Experiment
from reluviz.core.network import Network
from reluviz.studio.comparison import pane_label
from reluviz.studio.curves import Curve

Series = tuple[NDArray[np.int64], NDArray[np.float64]]


@dataclass(frozen=True)
class Column:
    """One figure of the table. `text` is a cell, `widest` the widest one expected, `series` its values over the run."""

    name: str
    title: str
    help: str
    widest: str
    text: Callable[[Pane], str]
    series: Callable[[Pane], Series]
    logarithmic: bool = False
    percent: bool = False


def pane_title(field: str, experiment: Experiment) -> str:
    """Return what tells one pane from the others, in the words of the forms."""
    value = getattr(experiment, field)
    if isinstance(value, str):
        return CHOICE_LABELS.get(value, value.capitalize())
    return pane_label(field, experiment)


def say_pane(pane: Pane, probe: tuple[float, float] | None) -> tuple[str, bool]:
    """Return what a pane shows in words, and whether that is a warning; at a probed point, f there comes first."""
    if pane.picture is None or pane.snapshot is None:
        return "", False
    if pane.rest:
        return pane.rest, True
    if pane.picture.message:
        return pane.picture.message, pane.picture.partition is not None
    parts = [regions_words(pane)]
    accuracy = accuracy_of(pane)
    if not math.isnan(accuracy):
        parts.append(share_text(accuracy))
    if probe is not None:
        parts.insert(0, value_words(pane.snapshot.network, probe))
    return " \N{MIDDLE DOT} ".join(part for part in parts if part), False


def value_words(network: Network, point: tuple[float, float]) -> str:
    """Return f at a point: its value, or the largest output of several."""
    with np.errstate(all="ignore"):
        values = network.forward(np.array([point]))[0]
    if len(values) == 1:
        return f"f = {values[0]:.3g}".replace("-", "\N{MINUS SIGN}")
    best = int(np.argmax(values))
    return f"f\N{SUBSCRIPT ONE}..f{len(values)}: largest is {best + 1}, {values[best]:.3g}"


def regions_words(pane: Pane) -> str:
    """Return how many regions a pane's picture has and of which kind."""
    picture, gauge = pane.picture, pane.gauge
    assert picture is not None
    count = picture.partition.count if picture.partition is not None else 0
    if count and pane.experiment.is_smooth:
        return f"{count:,} \N{GREEK SMALL LETTER EPSILON}-regions"
    if count:
        return f"{count:,} region{'s' if count != 1 else ''}"
    if pane.experiment.is_smooth and gauge is not None and gauge.regions >= 0:
        return f"soft, {gauge.regions:,} \N{GREEK SMALL LETTER EPSILON}-regions{_coarser(pane)}"
    return "soft boundaries" if pane.experiment.is_smooth else ""


def _coarser(pane: Pane) -> str:
    """Return the epsilon of a pane's stand-in where that asked for would have had too many regions."""
    gauge, picture = pane.gauge, pane.picture
    if gauge is None or picture is None or gauge.epsilon <= picture.view.epsilon or picture.partition is None:
        return ""
    return "" if picture.partition.count else f" = {gauge.epsilon:g}"


def accuracy_of(pane: Pane) -> float:
    """Return the newest accuracy on test points, on training points where there are no others."""
    if pane.snapshot is None:
        return math.nan
    test = pane.snapshot.test_accuracy
    return pane.snapshot.train_accuracy if math.isnan(test) else test


def _loss(name: str) -> Callable[[Pane], str]:
    return lambda pane: NONE if pane.snapshot is None else _short_loss(getattr(pane.snapshot, name))


def _short_loss(value: float) -> str:
    """Return a loss on two digits where it is small, as 8.7e-9."""
    if 0 < value < 0.001:
        mantissa, exponent = f"{value:.1e}".split("e")
        return f"{mantissa}e{int(exponent)}"
    return loss_text(value)


def _of_curve(read: Callable[[Pane], Curve], name: str) -> Callable[[Pane], Series]:
    def series(pane: Pane) -> Series:
        curve = read(pane)
        return curve.steps, curve.column(name)

    return series


def _learning(pane: Pane) -> Curve:
    return pane.curves.learning


def _tracks(pane: Pane) -> Curve:
    return pane.tracks


def _gauges(pane: Pane) -> Curve:
    return pane.gauges


def _accuracy_series(pane: Pane) -> Series:
    curve = pane.curves.learning
    test = curve.column("test_accuracy")
    return curve.steps, np.where(np.isnan(test), curve.column("train_accuracy"), test)


def _regions_text(pane: Pane) -> str:
    picture = pane.picture
    if picture is None or picture.partition is None:
        return NONE
    if pane.experiment.is_smooth:
        counted = picture.partition.count or (pane.gauge.regions if pane.gauge else -1)
        return f"{counted:,} (\N{GREEK SMALL LETTER EPSILON}{_coarser(pane)})" if counted > 0 else NONE
    return count_text(picture.partition.count) if picture.partition.count else NONE


def _regions_series(pane: Pane) -> Series:
    if pane.experiment.is_smooth:
        values = pane.gauges.column("regions")
        return pane.gauges.steps, np.where(values < 0, np.nan, values)
    return pane.curves.regions.steps, pane.curves.regions.column("regions")


def _bending_text(pane: Pane) -> str:
    gauge = pane.gauge
    if gauge is None or math.isnan(gauge.bending):
        return NONE
    if math.isinf(gauge.bending):
        return "\N{INFINITY}"
    said = count_text(gauge.bending) if gauge.bending >= 1000 else f"{gauge.bending:.3g}"
    return said if gauge.bending_error == 0 else f"\N{ALMOST EQUAL TO} {said}"


def _tracked_text(name: str, write: Callable[[float], str]) -> Callable[[Pane], str]:
    def text(pane: Pane) -> str:
        values = pane.tracks.column(name)
        known = values[np.isfinite(values)]
        return write(float(known[-1])) if len(known) else NONE

    return text


def _speed_text(pane: Pane) -> str:
    speed = pane.snapshot.steps_per_second if pane.snapshot else math.nan
    return count_text(speed) if math.isfinite(speed) else NONE


COLUMNS: dict[str, Column] = {
    column.name: column
    for column in (
        Column(
            "train_loss",
            "train loss",
            "Mean loss over the training points.",
            "0.00178",
            _loss("train_loss"),
            _of_curve(_learning, "train_loss"),
            logarithmic=True,
        ),
        Column(
            "test_loss",
            "test loss",
            "Mean loss over the points that only test.",
            "0.00178",
            _loss("test_loss"),
            _of_curve(_learning, "test_loss"),
            logarithmic=True,
        ),
        Column(
            "accuracy",
            "accuracy",
            "Share of test points that are told right (of training points without any).",
            "99.9 %",
            lambda pane: share_text(accuracy_of(pane)),
            _accuracy_series,
            percent=True,
        ),
        Column(
            "regions",
            "regions",
            "Activation regions in view; of a smooth network (\N{GREEK SMALL LETTER EPSILON}) those of a stand-in whose"
            " activations are within \N{GREEK SMALL LETTER EPSILON} of the true ones.",
            "12,345 (\N{GREEK SMALL LETTER EPSILON})",
            _regions_text,
            _regions_series,
        ),
        Column(
            "bending",
            "bending",
            "Hessian-Schatten total variation of f in view, how much f bends: exact from the edges, or by quadrature"
            " (\N{ALMOST EQUAL TO}) where a layer is smooth.",
            "\N{ALMOST EQUAL TO} 12,345",
            _bending_text,
            _of_curve(_gauges, "bending"),
            logarithmic=True,
        ),
        Column(
            "gradient_ratio",
            "\u2016\u2202W\u2081\u2016/\u2016\u2202W_L\u2016",
            "Gradient of the first layer's weights over that of the readout's: far below 1 it vanishes on its way.",
            "1.2e-05",
            _tracked_text("gradient_ratio", lambda value: f"{value:.2g}"),
            _of_curve(_tracks, "gradient_ratio"),
            logarithmic=True,
        ),
        Column(
            "dead",
            "dead",
            "Share of hidden units through which no training point passes a gradient.",
            "99.9 %",
            _tracked_text("dead", share_text),
            _of_curve(_tracks, "dead"),
            percent=True,
        ),
        Column(
            "saturated",
            "saturated",
            "Share of hidden units, not dead, that respond to fewer than 5 % of the training points.",
            "99.9 %",
            _tracked_text("saturated", share_text),
            _of_curve(_tracks, "saturated"),
            percent=True,
        ),
        Column(
            "steps_per_second",
            "steps/s",
            "Batches trained a second; panes in lock step share one speed.",
            "12,345",
            _speed_text,
            _of_curve(_tracks, "steps_per_second"),
        ),
    )
}
