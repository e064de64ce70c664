"""Written-out gradients and whole trajectories against autograd and torch.optim, float64."""

import numpy as np
import pytest
import torch
from plain_training import PlainTraining

from reluviz.core.activations import ACTIVATIONS
from reluviz.core.experiment import OPTIMIZERS, Experiment
from reluviz.engine import batches
from reluviz.engine.training import Trainer

CASES = (
    ("logistic", "2"),
    ("logistic", "3"),
    ("softmax", "2"),
    ("softmax", "3"),
    ("squared", "2"),
    ("squared", "3"),
    ("squared", "values"),
    ("hinge", "2"),
    ("hinge", "3"),
)
PENALTIES = ((0.0, 0.0), (0.003, 0.0), (0.0, 0.01), (0.003, 0.01))


def experiment(**changes) -> Experiment:
    return Experiment(**{"hidden": (6, 5), "batch_size": 10, "learning_rate": 0.005, **changes})


def assert_same_path(wanted: Experiment, dataset, steps: int = 200) -> None:
    ours = Trainer(wanted, dataset, dtype=torch.float64)
    plain = PlainTraining(wanted, dataset)
    start = ours.parameters
    ours.advance(steps)
    plain.advance(steps)
    assert np.abs(start - ours.parameters).max() > 1e-3
    np.testing.assert_allclose(ours.parameters, plain.parameters, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize(("loss", "data"), CASES)
@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_gradient_is_autograds(datasets, activation, loss, data) -> None:
    # Every activation with every loss, and with every penalty in turn.
    l1, l2 = PENALTIES[(list(ACTIVATIONS).index(activation) + CASES.index((loss, data))) % len(PENALTIES)]
    wanted = experiment(activation=activation, loss=loss, l1=l1, l2=l2, initialization="default")
    ours = Trainer(wanted, datasets[data], dtype=torch.float64)
    plain = PlainTraining(wanted, datasets[data])
    ours.advance(1)
    plain.advance(1)
    largest = np.abs(plain.gradients).max()
    assert largest > 1e-4
    np.testing.assert_allclose(ours.gradients, plain.gradients, rtol=1e-10, atol=1e-10 * largest)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_path_of_every_activation(datasets, activation, optimizer) -> None:
    assert_same_path(experiment(activation=activation, optimizer=optimizer), datasets["2"])


@pytest.mark.parametrize(("loss", "data"), CASES)
def test_path_of_every_loss(datasets, loss, data) -> None:
    assert_same_path(experiment(loss=loss, activation="leaky_relu"), datasets[data])


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize(("l1", "l2"), PENALTIES)
def test_path_of_every_penalty_and_optimizer(datasets, l1, l2, optimizer) -> None:
    assert_same_path(experiment(l1=l1, l2=l2, optimizer=optimizer, activation="prelu"), datasets["3"])


@pytest.mark.parametrize(
    ("hidden", "batch_size"), [((), 10), ((1,), 1), ((3, 7, 2, 5), 10), ((5,), 42), ((), 43), ((6, 5), 1000)]
)
def test_path_of_shapes_and_batch_sizes(datasets, hidden, batch_size) -> None:
    """43 training points: with 10 the last batch has 3, with 42 one; with 43 and 1000 every batch is full."""
    assert_same_path(experiment(hidden=hidden, batch_size=batch_size), datasets["2"])


@pytest.mark.parametrize("layer_kind", ["walsh", ("walsh", "dense"), ("dense", "walsh")])
@pytest.mark.parametrize(("loss", "data"), CASES)
def test_gradient_of_fixed_filter_banks_is_autograds(datasets, layer_kind, loss, data) -> None:
    l1, l2 = PENALTIES[CASES.index((loss, data)) % len(PENALTIES)]
    wanted = experiment(layer_kind=layer_kind, activation="prelu", loss=loss, l1=l1, l2=l2, initialization="default")
    ours = Trainer(wanted, datasets[data], dtype=torch.float64)
    plain = PlainTraining(wanted, datasets[data])
    ours.advance(1)
    plain.advance(1)
    largest = np.abs(plain.gradients).max()
    assert largest > 1e-4
    np.testing.assert_allclose(ours.gradients, plain.gradients, rtol=1e-10, atol=1e-10 * largest)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("hidden", [(1,), (8, 8), (3, 7, 2, 5)])
def test_path_of_fixed_filter_banks(datasets, hidden, optimizer) -> None:
    wanted = experiment(hidden=hidden, layer_kind="walsh", optimizer=optimizer, initialization="default", l1=0.001)
    assert_same_path(wanted, datasets["2"])


def test_path_of_mixed_activations(datasets) -> None:
    names = ("prelu", "abs", "hardsigmoid", "prelu")
    wanted = experiment(hidden=(6, 5, 4, 3), activation=names, activation_parameter=(0.1, None, None, -0.5))
    assert_same_path(wanted, datasets["values"])


def test_path_with_batches_gathered_in_blocks(datasets, monkeypatch) -> None:
    """43 points in batches of 4 are 11 batches an epoch: blocks of 3, 3, 3, 2, the last with the partial batch."""
    monkeypatch.setattr(batches, "BLOCK", 3)
    assert_same_path(experiment(batch_size=4), datasets["2"])


def test_seeds_decide_the_batches(datasets) -> None:
    paths = []
    for seed in (0, 0, 1):
        trainer = Trainer(experiment(batch_seed=seed), datasets["2"])
        trainer.advance(30)
        paths.append(trainer.parameters)
    np.testing.assert_array_equal(paths[0], paths[1])
    assert np.abs(paths[0] - paths[2]).max() > 1e-4


def test_step_passes_no_gradient(datasets) -> None:
    wanted = experiment(activation="step", l1=0.0, l2=0.0)
    trainer = Trainer(wanted, datasets["2"])
    trainer.advance(1)
    parts = wanted.layout(trainer.outputs).split(trainer.gradients)
    assert all(not part.any() for part in parts[:4])
    assert parts[4].any()
