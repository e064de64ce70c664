"""What is said about a moment's gradient flow, and from which figures on."""

from dataclasses import replace

import numpy as np
import pytest

from reluviz.core.experiment import SETTINGS, Experiment
from reluviz.core.findings import THRESHOLDS, Finding, findings
from reluviz.core.flow import BINS, Flow
from reluviz.core.snapshot import Snapshot

DEEP = Experiment(hidden=(16,) * 7)


def calm(layers: int) -> Flow:
    hidden = layers - 1
    return Flow(
        points=100,
        grad_norm=np.full(layers, 0.5),
        weight_norm=np.ones(layers),
        update_ratio=np.full(layers, 1e-3),
        signal_rms=np.full(layers, 0.1),
        slope_mean=np.full(hidden, 0.5),
        dead_share=np.full(hidden, 0.1),
        saturated_share=np.full(hidden, 0.2),
        unit_signal=np.full(16 * hidden, 0.1),
        unit_dead=np.zeros(16 * hidden, np.bool_),
        histogram=np.zeros((hidden, BINS), np.int32),
        histogram_range=np.zeros((hidden, 2)),
    )


def found(experiment: Experiment = DEEP, **changed) -> tuple[Finding, ...]:
    flow = replace(calm(len(experiment.hidden) + 1), **changed)
    snapshot = Snapshot(0, experiment, 1, 5, 0.0, np.zeros(0, np.float32), np.zeros((0, 0), np.float32), flow=flow)
    return findings(snapshot)


def per_layer(value: float, at: int, rest: float, layers: int = 8) -> np.ndarray:
    values = np.full(layers, rest)
    values[at] = value
    return values


def test_nothing_to_say() -> None:
    assert found() == ()
    assert found(Experiment(hidden=())) == ()
    assert found(update_ratio=np.full(8, np.nan)) == ()
    assert found(grad_norm=np.zeros(8)) == ()
    quiet = Snapshot(0, DEEP, 1, 5, 0.0, np.zeros(0, np.float32), np.zeros((0, 0), np.float32))
    assert findings(quiet) == ()


@pytest.mark.parametrize(
    ("changed", "kind", "layer", "sentence"),
    [
        (
            {"grad_norm": per_layer(1e-7, 0, 0.5)},
            "vanishing",
            0,
            "Layer 1 gets 2e-07 of the gradient of layer 8.",
        ),
        (
            {"grad_norm": per_layer(1500.0, 2, 0.5)},
            "exploding",
            2,
            "Layer 3 gets 3,000 times the gradient of layer 8.",
        ),
        (
            {"dead_share": per_layer(0.75, 1, 0.0, 7)},
            "dead",
            1,
            "Layer 2: 12 of 16 units are dead; no point's gradient passes through them.",
        ),
        (
            {"saturated_share": per_layer(1.0, 6, 0.0, 7)},
            "saturated",
            6,
            "Layer 7: 16 of 16 units are saturated, flat on more than 95 % of the points.",
        ),
        (
            {"update_ratio": per_layer(0.25, 7, 0.01)},
            "leaping",
            7,
            "One step moves the weights of layer 8 by 25% of their size.",
        ),
    ],
)
def test_one_sentence_for_each(changed, kind, layer, sentence) -> None:
    (one,) = found(**changed)
    assert (one.kind, one.layer, one.sentence) == (kind, layer, sentence)
    assert one.control in SETTINGS
    assert one.advice.endswith(".")


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("vanishing", lambda value: {"grad_norm": per_layer(value, 3, 1.0)}),
        ("exploding", lambda value: {"grad_norm": per_layer(value, 3, 1.0)}),
        ("leaping", lambda value: {"update_ratio": per_layer(value, 3, 0.0)}),
        ("dead", lambda value: {"dead_share": per_layer(value, 3, 0.0, 7)}),
        ("saturated", lambda value: {"saturated_share": per_layer(value, 3, 0.0, 7)}),
    ],
)
def test_from_the_threshold_on(name, change) -> None:
    value, inward = THRESHOLDS[name].value, 1.01 if name == "vanishing" else 0.99
    assert [one.kind for one in found(**change(value))] == [name]
    assert found(**change(value * inward)) == ()
    assert THRESHOLDS[name].reason.endswith(".")


def test_a_step_is_said_to_block_not_to_be_dead() -> None:
    step = DEEP.edit(activation=("relu", "step", *["relu"] * 5))
    zeros = np.array([0.0, 0.0, *[0.5] * 6])
    (one,) = found(step, grad_norm=zeros, dead_share=per_layer(1.0, 1, 0.0, 7))
    assert (one.kind, one.layer) == ("blocked", 1)
    assert one.sentence == "Layer 2: Step has slope 0 everywhere, so no weight below it learns."
    assert found(DEEP.edit(activation="step_ste")) == ()
