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


def test_the_first_goes_on_alone(datasets) -> None:
    panes = begun(MIXED, datasets["2"])
    panes.advance(20)
    alone = panes.first_alone()
    alone.advance(20)
    (snapshot,) = alone.snapshots()
    expected = Trainer(SMALL, datasets["2"])
    expected.advance(40)
    np.testing.assert_array_equal(snapshot.parameters, expected.snapshot().parameters)
