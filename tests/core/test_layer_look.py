import numpy as np
import pytest

from reluviz.core.datasets import load_dataset
from reluviz.core.experiment import Experiment
from reluviz.core.flow import BINS, network_states
from reluviz.core.flow_quantities import QUANTITIES
from reluviz.core.layer_look import look_by_flow, look_by_points
from tests.core.networks import random_network
from tests.flowing import flowing


@pytest.mark.parametrize("names", [("relu", "tanh"), ("step", "sigmoid")])
def test_a_look_counts_every_value_once_and_every_unit_once(names):
    network = random_network(*names, width=12, seed=2)
    x = np.random.default_rng(0).uniform(-1, 1, (400, 2))
    for layer in range(2):
        seen = look_by_points(network, x, layer)
        z = network.preactivations(x)[layer]
        assert seen.counts.sum() == z.size
        assert (seen.low, seen.high) == (z.min(), z.max())
        states = network_states(network, x)[layer]
        assert (seen.dead, seen.saturated) == (states.is_dead.sum(), states.is_saturated.sum())
        assert seen.dead + seen.saturated + seen.responsive == seen.units == 12
        assert seen.slope_mean == pytest.approx(np.abs(network.curves[layer].derivative(z)).mean())
        assert seen.share_below(float(np.median(z))) == pytest.approx(0.5, abs=0.03)
        assert (seen.share_below(seen.low), seen.share_below(seen.high)) == (0, 1)


def test_at_most_512_points_are_looked_at():
    network = random_network("relu", width=3)
    x = np.random.default_rng(0).uniform(-1, 1, (5000, 2))
    assert look_by_points(network, x, 0).counts.sum() == 512 * 3
    assert look_by_points(network, x[:1], 0).counts.sum() == 3


def test_the_engines_figures_and_our_own_agree():
    experiment = Experiment(hidden=(9, 7), activation=("relu", "tanh"), points=200)
    snapshot = flowing(experiment, 60)
    dataset = load_dataset(experiment)
    for layer, units in enumerate(experiment.hidden):
        told = look_by_flow(snapshot.flow, layer, units)
        own = look_by_points(snapshot.network, dataset.points[dataset.is_train], layer)
        assert len(told.counts) == BINS
        assert (told.units, told.dead, told.saturated) == (units, own.dead, own.saturated)
        assert told.slope_mean == pytest.approx(own.slope_mean, rel=1e-5)
        assert told.low >= own.low - 1e-5
        assert told.high <= own.high + 1e-5


def test_quantities_are_read_from_a_flow():
    snapshot = flowing(Experiment(hidden=(5, 4, 3), points=60), 5)
    flow = snapshot.flow
    for name, row in QUANTITIES.items():
        values = row.read(flow)
        assert len(values) == (3 if name in ("slope", "dead", "saturated") else 4)
        assert np.isfinite(values).all()
    assert QUANTITIES["relative"].read(flow) == pytest.approx(flow.grad_norm / flow.weight_norm)
