"""Units switched off: in the field, in the network, in the regions, and in what is written."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reluviz.core.ablation import resting, silence, toggle
from reluviz.core.activations import ACTIVATIONS
from reluviz.core.edit_weights import edited_snapshot, set_bias
from reluviz.core.errors import InputError
from reluviz.core.experiment import Experiment
from reluviz.core.partition import decompose
from reluviz.core.picture import make_picture
from reluviz.core.snapshot import Snapshot
from reluviz.core.view import View
from tests.core.networks import random_network

SQUARE = (-1.0, 1.0, -1.0, 1.0)


def snapshot_of(experiment, seed=0):
    layout = experiment.layout(1)
    flat = np.random.default_rng(seed).normal(size=layout.length).astype(np.float32)
    flat.setflags(write=False)
    return Snapshot(1, experiment, 1, 0, 0.0, flat, np.zeros((2, layout.length), np.float32))


def forward_without(network, x, units):
    """f(x) with the outputs of `units` replaced by 0 on the way: the definition."""
    h = x
    for layer, (weights, biases) in enumerate(zip(network.weights, network.biases, strict=True)):
        z = h @ weights.T + biases
        if layer == len(network.activations):
            return z
        h = np.array(network.curves[layer].value(z))
        for l, unit in units:  # noqa: E741
            if l == layer:
                h[:, unit] = 0.0
    raise AssertionError


@given(st.integers(0, 999), st.sampled_from(sorted(ACTIVATIONS)), st.sampled_from(sorted(ACTIVATIONS)), st.data())
def test_a_silenced_network_is_one_whose_units_give_nothing(seed, first, second, data):
    network = random_network(first, second, width=5, outputs=2, seed=seed)
    units = tuple(data.draw(st.sets(st.tuples(st.integers(0, 1), st.integers(0, 4)), max_size=6)))
    x = np.random.default_rng(seed).uniform(-1, 1, (30, 2))
    np.testing.assert_allclose(silence(network, units).forward(x), forward_without(network, x, units), atol=1e-12)


@pytest.mark.parametrize("name", [name for name, row in ACTIVATIONS.items() if not row.is_smooth])
def test_a_unit_switched_off_draws_no_line_and_the_others_keep_theirs(name):
    network = random_network(name, name, width=5, seed=4)
    units = ((0, 1), (1, 3))
    partition = decompose(silence(network, units), SQUARE)
    drawn = set(zip(partition.edge_layers.tolist(), partition.edge_units.tolist(), strict=True))
    assert not drawn & set(units)
    layers = [(np.delete(network.weights[0], 1, 0), np.delete(network.biases[0], 1))]
    layers += [(np.delete(np.delete(network.weights[1], 3, 0), 1, 1), np.delete(network.biases[1], 3))]
    layers += [(np.delete(network.weights[2], 3, 1), network.biases[2])]
    without = decompose(type(network).create(layers, network.activations, network.parameters), SQUARE)
    assert partition.count == without.count
    assert partition.linear_count == without.linear_count
    kept = np.delete(np.arange(10), [1, 8])
    assert {tuple(p) for p in partition.patterns[:, kept].tolist()} == {tuple(p) for p in without.patterns.tolist()}


def test_what_rests_is_what_silence_sets_to_zero():
    network = random_network("prelu", "relu", width=4, seed=1)
    units = ((0, 2), (1, 0))
    changed = silence(network, units).flat() != network.flat()
    np.testing.assert_array_equal(changed, resting(network.layout, units))
    assert silence(network, ()) is network


def test_snapshots_show_silent_units_and_keep_their_numbers():
    experiment = Experiment(hidden=(4, 3), ablated=((1, 2), (0, 1)))
    assert experiment.ablated == ((0, 1), (1, 2))
    snapshot = snapshot_of(experiment)
    x = np.random.default_rng(0).uniform(-1, 1, (20, 2))
    full = snapshot_of(experiment.edit(ablated=())).network
    np.testing.assert_allclose(snapshot.network.forward(x), forward_without(full, x, experiment.ablated), atol=1e-12)
    rests = resting(full.layout, experiment.ablated)
    edited = edited_snapshot(snapshot, set_bias(snapshot.network, 0, 0, 3.0))
    np.testing.assert_array_equal(edited.parameters[rests], snapshot.parameters[rests])
    with pytest.raises(InputError, match="switched off; switch it on"):
        edited_snapshot(snapshot, set_bias(snapshot.network, 0, 1, 3.0))


def test_a_picture_of_the_same_weights_follows_the_switch():
    snapshot = snapshot_of(Experiment(hidden=(6, 6)))
    view = View(width=60, height=60)
    picture = make_picture(snapshot, view)
    off = Snapshot(**{**vars_of(snapshot), "experiment": snapshot.experiment.edit(ablated=((0, 0), (0, 1)))})
    silent = make_picture(off, view, previous=picture)
    assert silent.partition.count < picture.partition.count
    assert make_picture(snapshot, view, previous=silent).partition.count == picture.partition.count


def vars_of(snapshot):
    return {name: getattr(snapshot, name) for name in snapshot.__dataclass_fields__}


def test_switching_twice_is_as_before():
    units = toggle(((1, 2),), 0, 3)
    assert units == ((0, 3), (1, 2))
    assert toggle(units, 0, 3) == ((1, 2),)


def test_it_is_written_and_read_and_stays_in_its_run():
    experiment = Experiment(hidden=(4, 3), ablated=[[1, 2], [0, 1], [1, 2]])
    assert json.loads(experiment.to_json())["ablated"] == [[0, 1], [1, 2]]
    assert Experiment.from_json(experiment.to_json()) == experiment
    assert experiment.same_start(experiment.edit(ablated=()))


def test_other_widths_keep_the_units_that_are_still_there():
    experiment = Experiment(hidden=(4, 3), ablated=((0, 1), (0, 3), (1, 2)))
    assert experiment.edit(hidden=(2, 3)).ablated == ((0, 1), (1, 2))
    assert experiment.edit(hidden=(4,)).ablated == ((0, 1), (0, 3))
    assert experiment.edit(hidden=()).ablated == ()
    with pytest.raises(InputError, match="hidden"):
        experiment.edit(hidden="many")


@pytest.mark.parametrize("value", ["0:1", 3, [[0]], [[0, 1, 2]], [[0, -1]], [[0, 1.5]], [[True, 0]], [None], {"a": 1}])
def test_what_are_no_units_is_refused(value):
    with pytest.raises(InputError, match=r"ablated: .*allowed are \[layer, unit\] pairs, counted from 0"):
        Experiment(ablated=value)


@pytest.mark.parametrize("unit", [(0, 4), (2, 0), (1, 10**9)])
def test_units_that_are_not_there_are_refused(unit):
    with pytest.raises(InputError, match="ablated: there is no unit"):
        Experiment(hidden=(4, 3), ablated=[unit])
