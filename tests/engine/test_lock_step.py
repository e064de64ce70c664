"""Experiments side by side: each as if alone, frozen alone, begun as the plan says."""

from dataclasses import replace

import numpy as np
import pytest

from reluviz.core.experiment import Experiment
from reluviz.core.snapshot import Plan
from reluviz.engine.divergence import STRETCH, DivergenceError
from reluviz.engine.lock_step import LockStep, begin
from reluviz.engine.training import Trainer

SMALL = Experiment(hidden=(6, 5), batch_size=10)
WILD = SMALL.edit(optimizer="sgd", learning_rate=100.0, loss="squared", hidden=(8, 8))
CALM = WILD.edit(learning_rate=0.01)
MIXED = (
    SMALL,
    SMALL.edit(hidden=(4,)),
    SMALL.edit(activation="tanh"),
    SMALL.edit(batch_size=7),
    SMALL.edit(activation="prelu", learning_rate=0.1),
    SMALL.edit(loss="hinge"),
)


def begun(experiments, dataset, **plan) -> LockStep:
    return begin(Plan(experiments[0], 1, variants=experiments[1:], **plan), [dataset] * len(experiments), "cpu")


def test_each_is_as_if_alone(datasets) -> None:
    panes = begun(MIXED, datasets["2"])
    for steps in (0, 1, 40, 700):
        panes.advance(steps)
    assert panes.step == 741
    for pane, (snapshot, experiment) in enumerate(zip(panes.snapshots(), MIXED, strict=True)):
        alone = Trainer(experiment, datasets["2"], run=1)
        alone.advance(741)
        np.testing.assert_array_equal(snapshot.parameters, alone.snapshot().parameters)
        assert (snapshot.pane, snapshot.step, snapshot.run) == (pane, 741, 1)
        assert snapshot.train_loss == alone.scores().train_loss


@pytest.mark.parametrize("experiments", [(CALM, WILD, CALM.edit(activation="tanh")), MIXED])
def test_one_freezes_and_the_others_go_on(datasets, experiments) -> None:
    wild = WILD if experiments is MIXED else experiments[1]
    experiments = (experiments[0], wild, *experiments[2:])
    panes = begun(experiments, datasets["2"])
    panes.advance(600)
    (error,) = panes.frozen
    assert str(error).startswith("Loss is not finite since step")
    snapshots = panes.snapshots()
    assert [s.step for s in snapshots] == [600, error.snapshot.step, *[600] * (len(experiments) - 2)]
    assert snapshots[1] is error.snapshot
    assert error.snapshot.step < error.step < STRETCH
    assert np.isfinite(snapshots[1].parameters).all()
    assert panes.step == 600
    for snapshot, experiment in zip(snapshots, experiments, strict=True):
        if experiment is not wild:
            alone = Trainer(experiment, datasets["2"])
            alone.advance(600)
            np.testing.assert_array_equal(snapshot.parameters, alone.snapshot().parameters)


def test_the_last_one_left_says_so(datasets) -> None:
    panes = begun((WILD, WILD.edit(seed=1)), datasets["2"])
    with pytest.raises(DivergenceError) as caught:
        panes.advance(600)
    assert {caught.value.snapshot.pane, *(error.snapshot.pane for error in panes.frozen)} == {0, 1}


def test_live_changes_reach_their_pane(datasets) -> None:
    panes = begun(MIXED, datasets["2"])
    panes.advance(30)
    changed = (*MIXED[:2], SMALL.edit(activation="gelu", optimizer="sgd"), *MIXED[3:])
    assert panes.fits(changed, [datasets["2"]] * 6)
    assert not panes.fits(changed[:5], [datasets["2"]] * 5)
    assert not panes.fits((SMALL.edit(seed=3), *changed[1:]), [datasets["2"]] * 6)
    panes.change(changed, [datasets["2"]] * 6)
    panes.advance(30)
    for snapshot, old, new in zip(panes.snapshots(), MIXED, changed, strict=True):
        alone = Trainer(old, datasets["2"])
        alone.advance(30)
        alone.change(new, datasets["2"])
        alone.advance(30)
        np.testing.assert_array_equal(snapshot.parameters, alone.snapshot().parameters)
        assert snapshot.experiment == new


def test_a_change_that_fails_for_one_changes_none(datasets, monkeypatch) -> None:
    panes, untouched = (begun((SMALL, SMALL.edit(activation="tanh")), datasets["2"]) for _ in range(2))
    panes.advance(20)
    change = Trainer.change

    def fail_for_the_second(self, experiment, dataset) -> None:
        if self.pane == 1 and experiment.batch_size == 7:
            raise RuntimeError("out of memory")
        change(self, experiment, dataset)

    monkeypatch.setattr(Trainer, "change", fail_for_the_second)
    wanted = [one.experiment.edit(batch_size=7) for one in panes.trainers]
    with pytest.raises(RuntimeError, match="memory"):
        panes.change(wanted, [datasets["2"]] * 2)
    panes.advance(20)
    untouched.advance(40)
    for one, other in zip(panes.snapshots(), untouched.snapshots(), strict=True):
        assert one.experiment == other.experiment
        np.testing.assert_array_equal(one.parameters, other.parameters)


def test_first_weights_are_equal_where_shapes_are(datasets) -> None:
    experiments = (SMALL, SMALL.edit(activation="tanh"), SMALL.edit(hidden=(6, 4)), SMALL.edit(initialization="xavier"))
    first, same, other_shape, other_rule = begun(experiments, datasets["2"]).snapshots()
    np.testing.assert_array_equal(first.parameters, same.parameters)
    assert len(other_shape.parameters) < len(first.parameters)
    assert (other_rule.parameters != first.parameters).any()


def test_a_start_is_shared_where_weights_fit_and_steps_go_on(datasets) -> None:
    trained = Trainer(SMALL, datasets["2"])
    trained.advance(123)
    start = trained.snapshot()
    experiments = (SMALL, SMALL.edit(learning_rate=0.1), SMALL.edit(hidden=(4,)))
    snapshots = begun(experiments, datasets["2"], start=start).snapshots()
    np.testing.assert_array_equal(snapshots[1].parameters, start.parameters)
    assert {(s.step, s.epoch) for s in snapshots} == {(123, start.epoch)}


def test_every_pane_goes_on_from_its_own_start(datasets) -> None:
    experiments = (SMALL, SMALL.edit(activation="prelu"), SMALL.edit(hidden=(4,)))
    whole = begun(experiments, datasets["2"])
    whole.advance(33)
    starts = whole.snapshots()
    resumed = begun(experiments, datasets["2"], start=starts[0], variant_starts=starts[1:])
    for panes in (whole, resumed):
        panes.advance(50)
    for one, other in zip(whole.snapshots(), resumed.snapshots(), strict=True):
        assert replace(one, run=0).step == other.step == 83
        np.testing.assert_array_equal(one.parameters, other.parameters)


@pytest.mark.parametrize(
    "experiments",
    [
        (SMALL.edit(activation="prelu", l1=0.01),),
        (SMALL.edit(optimizer="rmsprop", ablated=((0, 1),)),),
        (SMALL, SMALL.edit(activation="tanh"), SMALL.edit(hidden=(4,)), SMALL.edit(learning_rate=0.1)),
    ],
)
def test_other_numbers_are_taken_as_new_trainers_would(datasets, experiments) -> None:
    """Bit for bit, however far each was trained before; nothing that was prepared is made anew."""
    data = [datasets["2"]] * len(experiments)
    source, panes = begun(experiments, datasets["2"]), begun(experiments, datasets["2"])
    source.advance(57)
    panes.advance(130)
    starts = source.snapshots()
    assert (np.abs(starts[0].parameters - panes.snapshots()[0].parameters)).max() > 1e-3
    plan = Plan(experiments[0], 7, start=starts[0], variants=experiments[1:], variant_starts=starts[1:])
    trainers = panes.trainers
    assert panes.begins_again(plan, data)
    assert panes.trainers == trainers
    fresh = begin(plan, data, "cpu")
    assert {(s.run, s.step, s.optimizer_steps) for s in panes.snapshots()} == {(7, 57, 57)}
    for steps in (0, 1, 300):
        panes.advance(steps)
        fresh.advance(steps)
        for one, other in zip(panes.snapshots(with_flow=True), fresh.snapshots(with_flow=True), strict=True):
            np.testing.assert_array_equal(one.parameters, other.parameters)
            np.testing.assert_array_equal(one.optimizer_state, other.optimizer_state)
            assert (one.run, one.step, one.epoch, one.optimizer_steps, one.train_loss) == (
                other.run,
                other.step,
                other.epoch,
                other.optimizer_steps,
                other.train_loss,
            )
            np.testing.assert_array_equal(one.flow.grad_norm, other.flow.grad_norm)


def test_a_start_of_another_optimiser_brings_no_memory(datasets) -> None:
    panes, other = (begun((SMALL.edit(optimizer=name),), datasets["2"]) for name in ("adam", "momentum"))
    panes.advance(20)
    other.advance(40)
    plan = Plan(panes.trainers[0].experiment, 2, start=other.snapshots()[0])
    assert panes.begins_again(plan, [datasets["2"]])
    (snapshot,) = panes.snapshots()
    assert snapshot.optimizer_steps == 0
    assert not snapshot.optimizer_state.any()


def test_what_is_new_needs_new_trainers(datasets) -> None:
    panes = begun((SMALL, SMALL.edit(activation="tanh")), datasets["2"])
    panes.advance(20)
    starts = panes.snapshots()
    plan = Plan(SMALL, 2, start=starts[0], variants=(SMALL.edit(activation="tanh"),), variant_starts=starts[1:])
    data = [datasets["2"]] * 2
    wider = begun((SMALL.edit(hidden=(7, 5)),), datasets["2"]).snapshots()[0]
    for other in (
        replace(plan, run=1),
        replace(plan, start=None),
        replace(plan, start=wider),
        replace(plan, variant_starts=()),
        replace(plan, variant_starts=(None,)),
        replace(plan, experiment=SMALL.edit(learning_rate=0.5)),
        replace(plan, variants=(), variant_starts=()),
    ):
        assert not panes.begins_again(other, data[: 1 + len(other.variants)])
    assert not panes.begins_again(plan, [datasets["2"], datasets["3"]])
    np.testing.assert_array_equal(panes.snapshots()[0].parameters, starts[0].parameters)
    assert panes.snapshots()[0].run == 1
    assert panes.begins_again(plan, data)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("names", [("relu",), ("relu", "tanh"), ("relu", "tanh", "abs")])
def test_a_long_step_that_is_given_up_leaves_no_trace(datasets, monkeypatch, names, optimizer) -> None:
    """Wherever it is given up: what follows is bit for bit what it would have been."""
    monkeypatch.setattr("reluviz.engine.lock_step.LONG", 0)
    base = SMALL.edit(optimizer=optimizer, l1=0.01)
    # The third has another shape and trains as a part of its own.
    experiments = tuple(base.edit(activation=name, hidden=(6, 5) if name != "abs" else (4,)) for name in names)
    panes, expected = begun(experiments, datasets["2"]), begun(experiments, datasets["2"])

    class Enough(Exception):
        pass

    operations = 0
    for patience in (0, 1, 3, 7):
        left = patience

        def look() -> None:
            nonlocal left, operations
            operations += 1
            if left == 0:
                raise Enough
            left -= 1

        step, before = panes.step, [(one.parameters, one.gradients) for one in panes.trainers]
        with pytest.raises(Enough):
            panes.advance(1, look)
        assert panes.step == step
        for one, (parameters, gradients) in zip(panes.trainers, before, strict=True):
            np.testing.assert_array_equal(one.parameters, parameters)
            np.testing.assert_array_equal(one.gradients, gradients)
        panes.advance(9)
        expected.advance(9)
        for one, other in zip(panes.trainers, expected.trainers, strict=True):
            assert (one.step, one.epoch) == (other.step, other.epoch)
            np.testing.assert_array_equal(one.parameters, other.parameters)
    assert operations == 1 + 2 + 4 + 8


def test_short_steps_are_not_looked_into(datasets) -> None:
    panes = begun((SMALL,), datasets["2"])

    def look() -> None:
        raise AssertionError

    panes.advance(50, look)
    assert panes.step == 50


def test_the_first_goes_on_alone(datasets) -> None:
    panes = begun(MIXED, datasets["2"])
    panes.advance(20)
    alone = panes.first_alone()
    alone.advance(20)
    (snapshot,) = alone.snapshots()
    expected = Trainer(SMALL, datasets["2"])
    expected.advance(40)
    np.testing.assert_array_equal(snapshot.parameters, expected.snapshot().parameters)
