"""Training with units switched off: as if they were not there, and as they were when they come back."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from reluviz.core.ablation import resting
from reluviz.core.datasets import load_dataset
from reluviz.core.experiment import OPTIMIZERS, Experiment
from reluviz.engine.trainer import train
from reluviz.engine.training import Trainer

BASE = Experiment(hidden=(6, 5), points=60, batch_size=15, l1=0.001, l2=0.01, device="cpu")
OFF = ((0, 2), (1, 0))


def without_units(parameters, experiment):
    """Return the numbers of the smaller network that has no such units, and its experiment."""
    sizes = [6, 5]
    for layer, _ in experiment.ablated:
        sizes[layer] -= 1
    rests = resting(experiment.layout(1), experiment.ablated)
    return parameters[~rests], experiment.edit(hidden=tuple(sizes), ablated=())


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("activation", ["relu", "hardsigmoid", "prelu", "shifted_relu"])
def test_the_rest_trains_as_a_network_without_them(optimizer, activation):
    """In double precision, with L1, L2 and the optimiser's memory; hardsigmoid(0) is not 0."""
    experiment = BASE.edit(optimizer=optimizer, activation=(activation,), ablated=OFF)
    dataset = load_dataset(experiment)
    first = Trainer(experiment, dataset).snapshot()
    small_flat, small = without_units(first.parameters, experiment)
    small_start = replace(
        first,
        experiment=small,
        parameters=small_flat,
        optimizer_state=np.zeros((len(first.optimizer_state), len(small_flat)), np.float32),
    )
    large = Trainer(experiment, dataset, first, dtype=torch.float64)
    reference = Trainer(small, dataset, small_start, dtype=torch.float64)
    large.advance(60)
    reference.advance(60)
    rests = resting(experiment.layout(1), OFF)
    np.testing.assert_allclose(large.parameters[~rests], reference.parameters, rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(large.parameters[rests], first.parameters[rests])
    assert large.scores().train_loss == pytest.approx(reference.scores().train_loss, rel=1e-9)


@pytest.mark.parametrize("kind", ["walsh", ("dense", "walsh")])
def test_fixed_sums_pass_over_what_is_switched_off(kind):
    """sigmoid(0) is not 0: against a plain training whose units give nothing, by a mask, in double precision."""
    from plain_training import FixedSums, PlainTraining

    experiment = BASE.edit(layer_kind=kind, activation="sigmoid", initialization="default", l1=0.0, l2=0.0)
    dataset = load_dataset(experiment)
    plain = PlainTraining(experiment, dataset)
    for module in plain.module:
        if isinstance(module, FixedSums) and module.sums.shape[1] == 6:
            module.sums[:, 2] = 0.0
    trainer = Trainer(experiment, dataset, dtype=torch.float64)
    trainer.change(experiment.edit(ablated=((0, 2),)), dataset)
    rests = resting(experiment.layout(1), ((0, 2),))
    trainer.advance(40)
    plain.advance(40)
    np.testing.assert_allclose(trainer.parameters[~rests], plain.parameters[~rests], rtol=1e-9, atol=1e-12)
    snapshot = trainer.snapshot(with_flow=True)
    z = snapshot.network.forward(dataset.points[dataset.is_train])[:, 0]
    signs = 2 * dataset.targets[dataset.is_train] - 1
    assert snapshot.train_loss == pytest.approx(np.log1p(np.exp(-signs * z)).mean(), rel=1e-5)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_unit_comes_back_as_it_was(optimizer):
    experiment = BASE.edit(optimizer=optimizer)
    dataset = load_dataset(experiment)
    trainer = Trainer(experiment, dataset)
    trainer.advance(20)
    before = trainer.parameters
    trainer.change(experiment.edit(ablated=OFF), dataset)
    np.testing.assert_array_equal(trainer.parameters, before)
    rests = resting(experiment.layout(1), OFF)
    trainer.advance(20)
    trainer.change(experiment.edit(ablated=OFF[:1], learning_rate=0.02), dataset)
    trainer.change(experiment, dataset)
    after = trainer.parameters
    np.testing.assert_array_equal(after[rests], before[rests])
    assert (after[~rests] != before[~rests]).mean() > 0.9
    trainer.advance(20)
    assert (trainer.parameters[rests] != before[rests]).mean() > 0.5


def test_the_snapshots_network_gives_what_the_trainer_scores():
    experiment = BASE.edit(ablated=OFF, loss="squared")
    dataset = load_dataset(experiment)
    trainer = Trainer(experiment, dataset)
    trainer.advance(30)
    snapshot = trainer.snapshot()
    outputs = snapshot.network.forward(dataset.points[dataset.is_train])[:, 0]
    trainer.change(experiment.edit(ablated=()), dataset)
    other = trainer.snapshot()
    assert not np.allclose(other.network.forward(dataset.points[dataset.is_train])[:, 0], outputs)
    assert snapshot.train_loss != pytest.approx(other.train_loss, rel=1e-3)
    np.testing.assert_array_equal(other.parameters, snapshot.parameters)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_going_on_from_a_snapshot_is_bit_for_bit_as_if_never_interrupted(optimizer):
    experiment = BASE.edit(optimizer=optimizer, ablated=OFF)
    *_, whole = train(experiment, steps=40, every=40)
    *_, half = train(experiment, steps=17, every=17)
    *_, resumed = train(experiment, steps=23, every=23, start=half)
    assert whole.parameters.tobytes() == resumed.parameters.tobytes()
    assert whole.optimizer_state.tobytes() == resumed.optimizer_state.tobytes()


def test_going_back_keeps_what_rests():
    experiment = BASE.edit(ablated=OFF)
    trainer = Trainer(experiment, load_dataset(experiment))
    trainer.advance(5)
    state, before = trainer.save(), trainer.parameters
    trainer.advance(9)
    trainer.restore(state)
    np.testing.assert_array_equal(trainer.parameters, before)
