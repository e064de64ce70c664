"""Networks trained as one batched model against each one trained alone: equal, bit for bit."""

import numpy as np
import pytest
import torch
from plain_training import make_dataset

from reluviz.core.activations import ACTIVATIONS
from reluviz.core.experiment import OPTIMIZERS, Experiment
from reluviz.engine.stack import Stack, stacking_key
from reluviz.engine.training import Trainer

SMALL = Experiment(hidden=(6, 5), batch_size=10, learning_rate=0.01)


def assert_equal_paths(experiments, dataset, stretches=(1, 30, 469), dtype=torch.float32) -> None:
    alone = [Trainer(experiment, dataset, dtype=dtype) for experiment in experiments]
    together = [Trainer(experiment, dataset, dtype=dtype) for experiment in experiments]
    stack = Stack(together)
    starts = [one.parameters for one in alone]
    for steps in stretches:
        stack.advance(steps)
        for one, other in zip(alone, together, strict=True):
            one.advance(steps)
            np.testing.assert_array_equal(one.parameters, other.parameters)
            np.testing.assert_array_equal(one.gradients, other.gradients)
            assert (one.step, one.epoch, one.scores()) == (other.step, other.epoch, other.scores())
    for one, start in zip(alone, starts, strict=True):
        assert np.abs(one.parameters - start).max() > 1e-3


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
@pytest.mark.parametrize("first", range(0, len(ACTIVATIONS), 5))
def test_every_activation(datasets, first, optimizer) -> None:
    """500 steps, five different activations at a time; the last batch of an epoch has 3 points."""
    names = list(ACTIVATIONS)[first : first + 5]
    assert_equal_paths([SMALL.edit(activation=name, optimizer=optimizer) for name in names], datasets["2"])


@pytest.mark.parametrize("hidden", [(32, 32, 32), (7,), (), (17, 3)])
def test_shapes(datasets, hidden) -> None:
    base = SMALL.edit(hidden=hidden, batch_size=32)
    names = ("tanh", "relu", "gelu", "relu")
    assert_equal_paths([base.edit(activation=name, seed=i) for i, name in enumerate(names)], datasets["3"], (100,))


def test_a_different_activation_in_every_layer(datasets) -> None:
    names = (("prelu", "tanh"), ("relu", "prelu"), ("prelu", "prelu"), ("sin", "step_ste"), ("relu", "prelu"))
    assert_equal_paths([SMALL.edit(activation=pair) for pair in names], datasets["values"], (100,))


@pytest.mark.parametrize("data", ["2", "3", "values"])
def test_settings_that_may_differ(datasets, data) -> None:
    changes = (
        {},
        {"learning_rate": 0.1},
        {"l1": 0.01},
        {"l2": 0.02},
        {"ablated": ((0, 1), (1, 3))},
        {"initialization": "xavier"},
        *({"optimizer": name} for name in OPTIMIZERS),
    )
    assert_equal_paths([SMALL.edit(**change) for change in changes], datasets[data], (50,))


@pytest.mark.parametrize("kind", ["walsh", ("dense", "walsh"), ("walsh", "dense")])
def test_fixed_filter_banks_with_units_switched_off(datasets, kind) -> None:
    base = SMALL.edit(layer_kind=kind, activation=("prelu", "sigmoid"), hidden=(13, 9))
    changes = ({}, {"ablated": ((0, 2), (1, 5))}, {"l1": 0.01}, {"ablated": ((0, 1),), "optimizer": "sgd"})
    assert_equal_paths([base.edit(**change) for change in changes], datasets["3"], (1, 120))


@pytest.mark.parametrize("loss", ["logistic", "softmax", "squared", "hinge"])
def test_losses_in_double_precision(datasets, loss) -> None:
    experiments = [SMALL.edit(loss=loss, activation=name) for name in ("tanh", "relu")]
    assert_equal_paths(experiments, datasets["3"], (50,), torch.float64)


def test_what_must_be_equal_for_one_stack(datasets) -> None:
    key = stacking_key(Trainer(SMALL, datasets["2"]))
    for same in ({"activation": "prelu"}, {"learning_rate": 1.0}, {"optimizer": "sgd"}, {"loss": "logistic"}):
        assert stacking_key(Trainer(SMALL.edit(**same), datasets["2"])) == key
    for other in (
        {"hidden": (6, 6)},
        {"layer_kind": "walsh"},
        {"batch_size": 11},
        {"batch_seed": 1},
        {"loss": "hinge"},
    ):
        assert stacking_key(Trainer(SMALL.edit(**other), datasets["2"])) != key
    assert stacking_key(Trainer(SMALL, make_dataset("2"))) != key


def test_a_stacked_trainer_can_go_back_and_on_alone(datasets) -> None:
    pair = [Trainer(SMALL.edit(activation=name), datasets["2"]) for name in ("tanh", "relu")]
    stack = Stack(pair)
    stack.advance(20)
    state, untouched = pair[0].save(), pair[1].parameters
    pair[0].advance(5)
    after = pair[0].parameters
    pair[0].restore(state)
    np.testing.assert_array_equal(pair[1].parameters, untouched)
    stack.advance(5)
    np.testing.assert_array_equal(pair[0].parameters, after)


def test_a_new_stack_goes_on_where_the_old_one_was(datasets) -> None:
    experiments = [SMALL.edit(activation=name) for name in ("tanh", "relu", "abs")]
    alone, together = ([Trainer(e, datasets["2"]) for e in experiments] for _ in range(2))
    Stack(together).advance(23)
    together[2].change(experiments[2].edit(optimizer="momentum"), datasets["2"])
    Stack(together).advance(40)
    for one in alone:
        one.advance(23)
    alone[2].change(experiments[2].edit(optimizer="momentum"), datasets["2"])
    for one, other in zip(alone, together, strict=True):
        one.advance(40)
        np.testing.assert_array_equal(one.parameters, other.parameters)
