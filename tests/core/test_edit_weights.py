"""Edits move what the hand holds and nothing else, and refuse what no network can bear."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reluviz.core.activations import ACTIVATIONS
from reluviz.core.edit_weights import (
    LARGEST,
    bend_through,
    edited_snapshot,
    foot_on_line,
    set_bias,
    set_weight,
    turn_line,
)
from reluviz.core.errors import InputError
from reluviz.core.experiment import Experiment
from reluviz.core.network import Network
from reluviz.core.snapshot import Snapshot
from tests.core.networks import random_network

COORDINATES = st.tuples(st.floats(-2, 2), st.floats(-2, 2))


def z_of(network, layer, unit, x):
    return network.preactivations(np.array([x]))[layer][0, unit]


def unchanged_but(before, after, layer, unit):
    """Whether all numbers are the same but those of one unit."""
    for number, (w0, w1, b0, b1) in enumerate(
        zip(before.weights, after.weights, before.biases, after.biases, strict=True)
    ):
        rest = np.arange(len(b0)) != unit if number == layer else np.ones(len(b0), bool)
        if not (np.array_equal(w0[rest], w1[rest]) and np.array_equal(b0[rest], b1[rest])):
            return False
    return True


@given(st.integers(0, 99), COORDINATES, COORDINATES, COORDINATES)
def test_a_turned_line_keeps_its_pivot_and_its_strength_and_follows_the_hand(seed, pivot, grabbed, dropped):
    network = random_network("relu", seed=seed)
    turned = turn_line(network, 1, pivot, grabbed, dropped)
    old, new = network.weights[0][1], turned.weights[0][1]
    assert np.linalg.norm(new) == pytest.approx(np.linalg.norm(old), rel=1e-12)
    assert z_of(turned, 0, 1, pivot) == pytest.approx(z_of(network, 0, 1, pivot), abs=1e-11)
    assert unchanged_but(network, turned, 0, 1)
    arms = [np.array(p) - np.array(pivot) for p in (grabbed, dropped)]
    if min(np.linalg.norm(arm) for arm in arms) > 1e-3:
        wanted = math.remainder(math.atan2(arms[1][1], arms[1][0]) - math.atan2(arms[0][1], arms[0][0]), 2 * math.pi)
        got = math.remainder(math.atan2(new[1], new[0]) - math.atan2(old[1], old[0]), 2 * math.pi)
        assert abs(math.remainder(wanted - got, 2 * math.pi)) < 1e-9


@given(
    st.integers(0, 99), COORDINATES, st.sampled_from(["relu", "hardtanh", "shifted_relu", "tanh"]), st.integers(0, 2)
)
def test_a_deep_bent_line_goes_through_the_hand(seed, point, name, layer):
    network = random_network(name, name, name, width=5, seed=seed)
    edited = bend_through(network, layer, 3, point)
    places = ACTIVATIONS[name].pieces(ACTIVATIONS[name].default).breakpoints if name != "tanh" else (0.0,)
    assert z_of(edited, layer, 3, point) == pytest.approx(places[0], abs=1e-12)
    assert all(np.array_equal(a, b) for a, b in zip(edited.weights, network.weights, strict=True))
    assert unchanged_but(network, edited, layer, 3)


def test_the_second_breakpoint_can_be_held_too():
    network = random_network("hardtanh", "hardtanh", seed=1)
    assert z_of(bend_through(network, 1, 0, (0.2, 0.1), 1), 1, 0, (0.2, 0.1)) == pytest.approx(1.0)


def test_the_foot_lies_on_the_line_and_is_the_nearest_place():
    network = random_network("shifted_relu", seed=3)
    foot = foot_on_line(network, 4, (0.3, 0.4))
    assert z_of(network, 0, 4, foot) == pytest.approx(-1.0)
    across = np.array(foot) - (0.3, 0.4)
    assert np.cross(np.append(across, 0), np.append(network.weights[0][4], 0))[2] == pytest.approx(0.0, abs=1e-12)


def test_single_numbers():
    network = random_network("relu", "relu", outputs=2, seed=2)
    edited = set_bias(set_weight(network, 2, 1, 7, 0.25), 2, 1, -4)
    assert (edited.weights[2][1, 7], edited.biases[2][1]) == (0.25, -4.0)
    assert unchanged_but(network, edited, 2, 1)
    assert np.array_equal(np.delete(edited.weights[2][1], 7), np.delete(network.weights[2][1], 7))
    assert not edited.weights[2].flags.writeable


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, 2 * LARGEST, -1e300])
def test_numbers_no_network_bears_are_refused_and_change_nothing(value):
    network = random_network("relu", "relu", seed=2)
    before = network.flat().copy()
    for edit in (lambda: set_weight(network, 0, 0, 0, value), lambda: set_bias(network, 1, 0, value)):
        with pytest.raises(InputError, match="allowed is -1,000,000 to 1,000,000"):
            edit()
    np.testing.assert_array_equal(network.flat(), before)


def test_a_drag_far_away_or_to_nowhere_is_refused():
    network = random_network("relu", "relu", seed=2)
    with pytest.raises(InputError, match="allowed"):
        bend_through(network, 0, 0, (1e9, 1e9))
    with pytest.raises(InputError, match="finite"):
        turn_line(network, 0, (0.0, 0.0), (1.0, 0.0), (math.nan, 0.0))
    with pytest.raises(InputError, match="finite"):
        bend_through(network, 1, 0, (math.inf, 0.0))


def test_units_without_a_line_and_units_that_are_not_there_are_named():
    row = ACTIVATIONS["relu"]
    flat = Network.create([(np.zeros((2, 2)), np.ones(2)), (np.ones((1, 2)), np.zeros(1))], [row], [0.0])
    with pytest.raises(InputError, match="unit 2 of layer 1 has no line: its weights are all zero"):
        turn_line(flat, 1, (0.0, 0.0), (1.0, 0.0), (0.0, 1.0))
    with pytest.raises(InputError, match="does not bend"):
        turn_line(random_network("identity"), 0, (0.0, 0.0), (1.0, 0.0), (0.0, 1.0))
    with pytest.raises(InputError, match="unit 9 of layer 1 does not exist; allowed: 1 to 8"):
        turn_line(random_network("relu"), 8, (0.0, 0.0), (1.0, 0.0), (0.0, 1.0))
    with pytest.raises(InputError, match="layer 3 does not exist; allowed: 1 to 2"):
        bend_through(random_network("relu", "relu"), 2, 0, (0.0, 0.0))
    with pytest.raises(InputError, match="number 2 does not exist"):
        bend_through(random_network("relu"), 0, 0, (0.0, 0.0), 1)
    with pytest.raises(InputError, match="input 2 does not exist; allowed: 0 to 1"):
        set_weight(random_network("relu"), 0, 0, 2, 1.0)


def test_an_edit_becomes_a_snapshot_that_says_nothing_of_losses_measured_before():
    experiment = Experiment(hidden=(4, 3), activation=("prelu",))
    layout = experiment.layout(1)
    flat = np.random.default_rng(0).normal(size=layout.length).astype(np.float32)
    snapshot = Snapshot(1, experiment, 1, 50, 2.0, flat, np.zeros((2, layout.length), np.float32), train_loss=0.5)
    edited = edited_snapshot(snapshot, set_bias(snapshot.network, 1, 2, 7.0))
    changed = np.flatnonzero(edited.parameters != snapshot.parameters)
    assert changed.tolist() == [layout.offsets[3] + 2]
    assert edited.parameters[changed[0]] == 7.0
    assert math.isnan(edited.train_loss)
    assert (edited.step, edited.optimizer_state is snapshot.optimizer_state) == (50, True)
    with pytest.raises(InputError, match="do not fit"):
        edited_snapshot(snapshot, random_network("relu", "relu"))
