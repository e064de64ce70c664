"""train, resuming, live changes, scores, divergence."""

import itertools
import math
from collections import deque
from dataclasses import replace

import numpy as np
import pytest
import torch
from plain_training import loss_function, make_dataset

from reluviz.core.dataset import Dataset
from reluviz.core.errors import InputError
from reluviz.core.experiment import LOSSES, OPTIMIZERS, Experiment
from reluviz.core.initialization import initial_parameters
from reluviz.core.objective import resolve_loss
from reluviz.engine import device, evaluation, trainer
from reluviz.engine.divergence import STRETCH, DivergenceError, Guard
from reluviz.engine.trainer import train
from reluviz.engine.training import Trainer

SMALL = Experiment(hidden=(6, 5), batch_size=10, points=80)


def test_snapshots_at_start_every_and_end() -> None:
    snapshots = list(train(SMALL, steps=25, every=10))
    assert [s.step for s in snapshots] == [0, 10, 20, 25]
    np.testing.assert_array_equal(snapshots[0].parameters, initial_parameters(SMALL, 1))
    assert snapshots[0].epoch == 0
    assert snapshots[-1].epoch == pytest.approx(4 + 10 / 56)  # 56 training points: 6 batches an epoch.
    assert all(s.device == "cpu" and s.experiment == SMALL and s.outputs == 1 for s in snapshots)
    assert snapshots[-1].train_loss < snapshots[0].train_loss
    assert [s.step for s in train(SMALL, steps=0)] == [0]
    assert [s.step for s in itertools.islice(train(SMALL), 4)] == [0, 1, 2, 3]


def test_arrays_are_read_only_and_apart() -> None:
    first, second = itertools.islice(train(SMALL), 2)
    assert not first.parameters.flags.writeable
    assert not first.optimizer_state.flags.writeable
    assert (first.parameters != second.parameters).any()
    assert first.optimizer_state.shape == (2, len(first.parameters))
    assert not first.optimizer_state.any()


def test_torch_keeps_the_callers_threads() -> None:
    threads = torch.get_num_threads()
    snapshots = train(SMALL, steps=3)
    for _ in snapshots:
        assert torch.get_num_threads() == threads


@pytest.mark.parametrize(("arguments", "word"), [({"every": 0}, "every"), ({"steps": -1}, "steps")])
def test_bad_arguments_are_refused_at_once(arguments, word) -> None:
    with pytest.raises(InputError, match=word):
        train(SMALL, **arguments)


@pytest.mark.parametrize("changes", [{}, {"batch_size": 1000}, {"activation": "prelu", "l1": 0.01, "l2": 0.01}])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_resuming_is_bit_identical(optimizer, changes) -> None:
    wanted = SMALL.edit(optimizer=optimizer, **changes)
    whole = list(train(wanted, steps=140, every=35))
    resumed = list(train(wanted, steps=70, every=35, start=whole[2]))
    for ours, theirs in zip(resumed, whole[2:], strict=True):
        np.testing.assert_array_equal(ours.parameters, theirs.parameters)
        np.testing.assert_array_equal(ours.optimizer_state, theirs.optimizer_state)
        assert (ours.step, ours.epoch, ours.optimizer_steps) == (theirs.step, theirs.epoch, theirs.optimizer_steps)
        assert (ours.train_loss, ours.test_loss) == (theirs.train_loss, theirs.test_loss)


def test_a_start_without_memory_begins_one() -> None:
    """The window draws step 0 itself, before there is an optimiser."""
    (first,) = train(SMALL, steps=0)
    bare = type(first)(0, SMALL, 1, 0, 0.0, first.parameters, np.zeros((0, len(first.parameters)), np.float32))
    resumed, whole = ([*train(SMALL, steps=20, every=20, start=s)][-1] for s in (bare, None))
    np.testing.assert_array_equal(resumed.parameters, whole.parameters)


def test_a_start_of_another_shape_is_refused() -> None:
    (other,) = train(SMALL.edit(hidden=(4,)), steps=0)
    with pytest.raises(InputError, match=r"start: its network is 2-4-1; .* need 2-6-5-1"):
        next(train(SMALL, start=other))


CHANGES = [
    {"learning_rate": 0.1},
    {"batch_size": 7},
    {"batch_size": 1000},
    {"loss": "hinge"},
    {"l1": 0.1},
    {"l2": 0.1},
    {"activation": "abs"},
    {"activation": ("relu", "hardtanh")},
    {"batch_seed": 4},
    {"optimizer": "momentum"},
]


@pytest.mark.parametrize("changes", CHANGES)
def test_live_change_equals_resuming_with_the_new_settings(datasets, changes) -> None:
    """Position in the epoch, weights, and what the optimiser remembers carry over."""
    live = Trainer(SMALL, datasets["2"])
    live.advance(33)
    before = live.snapshot()
    unchanged = Trainer(SMALL, datasets["2"], start=before)
    live.change(SMALL.edit(**changes), datasets["2"])
    np.testing.assert_array_equal(live.parameters, before.parameters)
    resumed = Trainer(SMALL.edit(**changes), datasets["2"], start=before)
    for one in (live, resumed, unchanged):
        one.advance(40)
    np.testing.assert_array_equal(live.parameters, resumed.parameters)
    assert (live.step, live.epoch) == (resumed.step, resumed.epoch)
    assert np.abs(live.parameters - unchanged.parameters).max() > 1e-6


def test_another_optimizer_starts_with_an_empty_memory(datasets) -> None:
    live = Trainer(SMALL, datasets["2"])
    live.advance(10)
    live.change(SMALL.edit(optimizer="rmsprop"), datasets["2"])
    snapshot = live.snapshot()
    assert snapshot.optimizer_state.shape[0] == 1
    assert not snapshot.optimizer_state.any()
    assert snapshot.optimizer_steps == 0


def test_a_live_batch_size_goes_on_with_the_points_this_epoch_still_has(datasets) -> None:
    """43 points: 3 batches of 10, then 8 + 5, then a new epoch."""
    live = Trainer(SMALL, datasets["2"])
    live.advance(3)
    live.change(SMALL.edit(batch_size=8), datasets["2"])
    epochs = []
    for _ in range(3):
        live.advance(1)
        epochs.append(live.epoch)
    assert epochs == pytest.approx([38 / 43, 1.0, 1 + 8 / 43])


def test_live_data(datasets) -> None:
    live = Trainer(SMALL, datasets["2"])
    live.advance(10)
    weights = live.parameters
    other = make_dataset("2", points=200, train=150)
    live.change(SMALL, other)
    np.testing.assert_array_equal(live.parameters, weights)
    assert live.scores() == Trainer(SMALL, other, start=live.snapshot()).scores()
    live.advance(10)
    assert (live.parameters != weights).any()


@pytest.mark.parametrize("changes", [{"hidden": (6, 6)}, {"seed": 1}, {"loss": "softmax"}, {"activation": "prelu"}])
def test_what_needs_other_weights_is_refused_and_changes_nothing(datasets, changes) -> None:
    live, untouched = (Trainer(SMALL, datasets["2"]) for _ in range(2))
    assert not live.fits(SMALL.edit(**changes), datasets["2"])
    assert not live.fits(SMALL, datasets["3"])
    with pytest.raises(InputError, match="new run"):
        live.change(SMALL.edit(**changes), datasets["2"])
    for one in (live, untouched):
        one.advance(10)
    np.testing.assert_array_equal(live.parameters, untouched.parameters)


@pytest.mark.parametrize("data", ["2", "3", "values"])
@pytest.mark.parametrize("loss", LOSSES[1:])
def test_scores_are_torchs_losses_and_shares(datasets, loss, data) -> None:
    dataset = datasets[data]
    if data == "values" and loss != "squared":
        with pytest.raises(InputError, match="loss"):
            resolve_loss(loss, dataset)
        return
    one = Trainer(SMALL.edit(loss=loss), dataset, dtype=torch.float64)
    one.advance(20)
    scores = one.scores()
    z = torch.tensor(one.snapshot().network.forward(dataset.points))
    function, targets = loss_function(loss, dataset, one.outputs)
    for part, value, share in (
        (dataset.is_train, scores.train_loss, scores.train_accuracy),
        (~dataset.is_train, scores.test_loss, scores.test_accuracy),
    ):
        mask = torch.tensor(part)
        assert value == pytest.approx(function(z[mask], targets[mask]).item(), rel=1e-5)
        if dataset.is_classes:
            guess = (z[:, 0] > 0).long() if z.shape[1] == 1 else z.argmax(1)
            assert share == pytest.approx((guess.numpy() == dataset.targets)[part].mean())
        else:
            assert math.isnan(share)


def test_no_test_points_score_nan(datasets) -> None:
    whole = datasets["2"]
    everything = Dataset(whole.points, whole.targets, np.ones(60, bool), whole.classes)
    scores = Trainer(SMALL, everything).scores()
    assert math.isnan(scores.test_loss)
    assert math.isnan(scores.test_accuracy)
    assert math.isfinite(scores.train_loss)


def test_many_points_are_scored_by_an_even_choice(monkeypatch) -> None:
    dataset = make_dataset("2", points=100, train=60)
    monkeypatch.setattr(evaluation, "LIMIT", 20)
    scores = Trainer(SMALL, dataset, dtype=torch.float64).scores()
    chosen = Dataset(dataset.points[:60:3], dataset.targets[:60:3], np.ones(20, bool), dataset.classes)
    monkeypatch.setattr(evaluation, "LIMIT", 2_000)
    assert scores.train_loss == pytest.approx(Trainer(SMALL, chosen, dtype=torch.float64).scores().train_loss)


WILD = SMALL.edit(optimizer="sgd", learning_rate=100.0, loss="squared", hidden=(8, 8))


def first_bad_step(dataset: Dataset, wanted: Experiment) -> int:
    one = Trainer(wanted, dataset)
    while one.finite_loss() is not None:
        one.advance(1)
    return one.step


def test_divergence_names_the_first_bad_step_and_goes_back(datasets) -> None:
    bad = first_bad_step(datasets["2"], WILD)
    assert 0 < bad < STRETCH
    guard = Guard(Trainer(WILD, datasets["2"]))
    with pytest.raises(DivergenceError) as caught:
        guard.advance(1000)
    error = caught.value
    assert error.step == bad
    assert str(error) == f"Loss is not finite since step {bad}. The learning rate 100 is the likely cause."
    assert error.snapshot.step == guard.trainer.step < bad
    assert np.isfinite(error.snapshot.parameters).all()
    np.testing.assert_array_equal(guard.trainer.parameters, error.snapshot.parameters)


def test_late_divergence_goes_back_a_bounded_way(datasets) -> None:
    """A learning rate that becomes wild at step 1,300."""
    guard = Guard(Trainer(SMALL.edit(loss="squared", optimizer="sgd"), datasets["2"]))
    guard.advance(1300)
    guard.change(SMALL.edit(loss="squared", optimizer="sgd", learning_rate=50.0), datasets["2"])
    with pytest.raises(DivergenceError) as caught:
        guard.advance(5000)
    assert 1300 < caught.value.step < 1300 + STRETCH
    assert caught.value.snapshot.step == guard.trainer.step == 1300
    assert caught.value.snapshot.train_loss < 2


def test_of_two_kept_states_the_better_is_the_way_back(datasets) -> None:
    """The newest may be finite and already lost: here its weights are blown up on purpose."""
    guard = Guard(Trainer(SMALL.edit(optimizer="sgd", loss="squared", activation="identity"), datasets["2"]))
    guard.advance(STRETCH)
    state = guard.trainer.save()
    guard.trainer.restore(replace(state, step=STRETCH + 1, values=state.values * 1e6))
    guard.check()
    with pytest.raises(DivergenceError) as caught:
        guard.advance(1000)
    assert STRETCH + 1 < caught.value.step <= 2 * STRETCH + 1
    assert caught.value.snapshot.step == STRETCH


def test_a_guarded_path_is_the_path(datasets) -> None:
    guarded, plain = Trainer(SMALL, datasets["2"]), Trainer(SMALL, datasets["2"])
    guard = Guard(guarded)
    for steps in (1, 3, 300, 700):
        guard.advance(steps)
        plain.advance(steps)
        np.testing.assert_array_equal(guarded.parameters, plain.parameters)
    assert guarded.step == plain.step == 1004


def test_a_start_that_is_not_finite_says_so(datasets) -> None:
    huge = SMALL.edit(init_scale=100.0, hidden=(256,) * 8, loss="squared", activation="identity")
    one = Trainer(huge, datasets["values"])
    assert one.finite_loss() is None
    with pytest.raises(DivergenceError, match="not finite at step 0: the weights it starts from are too large"):
        Guard(one).advance(1)


def test_train_yields_the_way_back_then_raises(monkeypatch, datasets) -> None:
    monkeypatch.setattr(trainer, "load_dataset", lambda _: datasets["2"])
    seen, snapshots = [], train(WILD, steps=1000)
    with pytest.raises(DivergenceError, match="Loss is not finite since step") as caught:
        deque(map(seen.append, snapshots))
    assert seen[-1] is caught.value.snapshot
    assert seen[0].step == 0
    assert all(np.isfinite(s.parameters).all() and math.isfinite(s.train_loss) for s in seen)


def test_devices(monkeypatch, datasets) -> None:
    monkeypatch.setattr(device, "available_devices", lambda: ("cpu",))
    name, why = device.choose_device(SMALL, datasets["2"])
    assert name == "cpu"
    assert why == "auto: CPU, as torch finds no CUDA or MPS device here."
    assert device.choose_device(SMALL.edit(device="cpu"), datasets["2"]) == ("cpu", "Training on CPU.")
    with pytest.raises(InputError, match=r"device: 'cuda' is not on this machine; allowed are auto, cpu\."):
        device.choose_device(SMALL.edit(device="cuda"), datasets["2"])


def test_auto_takes_the_faster_device(monkeypatch, datasets) -> None:
    rates = {"cpu": 9300.0, "cuda": 3000.0}
    monkeypatch.setattr(device, "available_devices", lambda: tuple(rates))
    monkeypatch.setattr(device, "_measure", lambda experiment, dataset, name: rates[name])
    assert device.choose_device(SMALL, datasets["2"]) == (
        "cpu",
        "auto: CPU, 3.1 x faster here than CUDA for this network.",
    )
    rates["cuda"] = 18600.0
    assert device.choose_device(SMALL, datasets["2"])[0] == "cuda"


def test_auto_really_measures(datasets, monkeypatch) -> None:
    monkeypatch.setattr(device, "SECONDS", 0.01)
    assert device._measure(SMALL, datasets["2"], "cpu") > 0
    assert device._measure(SMALL, datasets["2"], "meta") == 0.0
