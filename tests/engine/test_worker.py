"""The training process's own loop, run in a thread so that its surroundings can be made to fail."""

import multiprocessing
import threading
from dataclasses import replace

import numpy as np
import pytest
import torch

from reluviz.core.activations import ACTIVATIONS
from reluviz.core.experiment import Experiment
from reluviz.core.snapshot import FOREVER, Plan
from reluviz.engine import worker
from reluviz.engine.lock_step import LockStep
from reluviz.engine.process import COST
from reluviz.engine.trainer import train

SMALL = Experiment(hidden=(6, 5), batch_size=10, points=80)


class Line:
    """The window's end of the connection; takes each snapshot at once."""

    def __init__(self, connection) -> None:
        self.connection = connection

    def submit(self, plan: Plan) -> None:
        self.connection.send((plan, True))

    def until(self, name: str, wanted=lambda value: True):
        """Receive until the news `name` is as wanted, and return it."""
        while self.connection.poll(60):
            news = self.connection.recv()
            if "snapshot" in news:
                self.connection.send((None, True))
            if name in news and wanted(news[name]):
                return news[name]
        raise TimeoutError(name)


@pytest.fixture
def line():
    threads = torch.get_num_threads()
    ours, theirs = multiprocessing.Pipe()
    thread = threading.Thread(target=worker.Worker(theirs).run)
    thread.start()
    yield Line(ours)
    ours.send(None)
    thread.join(60)
    assert not thread.is_alive()
    ours.close()
    theirs.close()
    torch.set_num_threads(threads)


def out_of_memory(*_arguments):
    raise RuntimeError("CUDA out of memory. Tried to allocate 20 MiB.\nSee the documentation.\n  at line 3")


SENTENCE = "Training stopped: CUDA out of memory. Tried to allocate 20 MiB."


def test_no_memory_for_a_new_run(line, monkeypatch, capfd) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("reluviz.engine.lock_step.Trainer", out_of_memory)
        line.submit(Plan(SMALL, run=1, until=10))
        assert line.until("error") == SENTENCE
    line.submit(Plan(SMALL, run=2, until=10))
    assert line.until("snapshot", lambda s: s.step == 10).run == 2
    assert "out_of_memory" in capfd.readouterr().err  # The traceback is for the terminal.


def test_no_memory_for_a_live_change_keeps_what_was(line, monkeypatch, capfd) -> None:
    line.submit(Plan(SMALL, run=1, until=10))
    before = line.until("snapshot", lambda s: s.step == 10)
    with monkeypatch.context() as patch:
        patch.setattr("reluviz.engine.training.Batches", out_of_memory)
        line.submit(Plan(SMALL.edit(optimizer="sgd", batch_size=64), run=1, until=10))
        assert line.until("error") == SENTENCE
    line.submit(Plan(SMALL, run=1, until=11))
    after = line.until("snapshot", lambda s: s.step == 11)
    assert (after.experiment, after.optimizer_steps) == (before.experiment, 11)


def test_a_failing_step_ends_the_training_not_the_process(line, monkeypatch, capfd) -> None:
    line.submit(Plan(SMALL, run=1, until=10))
    line.until("snapshot", lambda s: s.step == 10)
    with monkeypatch.context() as patch:
        patch.setattr(LockStep, "advance", out_of_memory)
        line.submit(Plan(SMALL, run=1, until=20))
        assert line.until("error") == SENTENCE
    line.submit(Plan(SMALL, run=2, until=10))
    assert line.until("snapshot", lambda s: s.run == 2 and s.step == 10).step == 10


def test_another_device_goes_on_with_the_same_numbers(line, monkeypatch) -> None:
    monkeypatch.setattr(worker, "choose_device", lambda experiment, _: ("cpu", f"Asked for {experiment.device}."))
    line.submit(Plan(SMALL, run=1, until=33))
    before = line.until("snapshot", lambda s: s.step == 33)
    line.submit(Plan(SMALL.edit(device="cpu"), run=1, until=33))
    assert line.until("device") == "Asked for cpu."
    moved = line.until("snapshot", lambda s: s.experiment.device == "cpu")
    assert (moved.step, moved.epoch, moved.optimizer_steps) == (33, before.epoch, 33)
    np.testing.assert_array_equal(moved.parameters, before.parameters)
    np.testing.assert_array_equal(moved.optimizer_state, before.optimizer_state)


def test_data_is_read_again_only_where_it_changed(line, monkeypatch) -> None:
    read = []
    load = worker.load_dataset
    monkeypatch.setattr(worker, "load_dataset", lambda experiment: read.append(experiment.noise) or load(experiment))
    for noise, rate in ((0.1, 0.01), (0.1, 0.02), (0.2, 0.02), (0.2, 0.03)):
        wanted = SMALL.edit(noise=noise, learning_rate=rate)
        line.submit(Plan(wanted, run=1, until=5))
        line.until("snapshot", lambda s, wanted=wanted: s.experiment == wanted and s.step == 5)
    assert read == [0.1, 0.2]


def test_an_equal_plan_changes_nothing(line) -> None:
    plan = Plan(SMALL, run=1, until=10)
    line.submit(plan)
    line.until("snapshot", lambda s: s.step == 10)
    line.submit(replace(plan))
    line.submit(replace(plan, until=12))
    assert line.until("snapshot").step == 12


def test_numbers_under_the_hand_reach_the_trainer_that_is_there(line, monkeypatch) -> None:
    line.submit(Plan(SMALL, run=1, until=25))
    moment = line.until("snapshot", lambda s: s.step == 25)
    with monkeypatch.context() as patch:
        patch.setattr("reluviz.engine.lock_step.Trainer", out_of_memory)  # A new one could not be made.
        for run in range(2, 8):
            parameters = moment.parameters.copy()
            parameters[0] += 0.1 * run
            edited = replace(moment, parameters=parameters, train_loss=float("nan"))
            line.submit(Plan(SMALL, run=run, until=0, start=edited))
        seen = line.until("snapshot", lambda s: s.run == 7)
    np.testing.assert_array_equal(seen.parameters, edited.parameters)
    assert (seen.step, seen.optimizer_steps) == (25, 25)
    assert np.isfinite(seen.train_loss)
    assert seen.flow is not None
    line.submit(Plan(SMALL, run=7, until=60, start=edited))
    went_on = line.until("snapshot", lambda s: s.step == 60)
    (*_, expected) = train(SMALL, steps=35, every=35, start=edited)
    np.testing.assert_array_equal(went_on.parameters, expected.parameters)


def test_a_long_step_gives_way_to_a_newer_plan(line, monkeypatch) -> None:
    monkeypatch.setattr("reluviz.engine.lock_step.LONG", 0)
    operation, entered, goes_on = worker.Worker._look, threading.Event(), threading.Event()

    def look(self) -> None:
        if self._panes.step == 20:  # In the middle of this step the window asks for something else.
            entered.set()
            assert goes_on.wait(60)
        operation(self)

    monkeypatch.setattr(worker.Worker, "_look", look)
    line.submit(Plan(SMALL, run=1, until=FOREVER))
    assert entered.wait(60)
    line.submit(Plan(SMALL, run=1, until=0))
    goes_on.set()
    rest = line.until("snapshot", lambda s: s.flow is not None and s.step == 20)
    (*_, expected) = train(SMALL, steps=20, every=20)
    np.testing.assert_array_equal(rest.parameters, expected.parameters)
    line.submit(Plan(SMALL, run=1, until=45))
    went_on = line.until("snapshot", lambda s: s.step == 45)
    (*_, expected) = train(SMALL, steps=45, every=45)
    np.testing.assert_array_equal(went_on.parameters, expected.parameters)


def test_panes_of_one_moment_together(line) -> None:
    variants = (SMALL.edit(activation="tanh"), SMALL.edit(hidden=(4,)))
    plan = Plan(SMALL, run=1, until=40, variants=variants)
    line.submit(plan)
    panes = line.until("snapshots", lambda s: s[0].step == 40)
    assert [(s.step, s.pane) for s in panes] == [(40, 0), (40, 1), (40, 2)]
    assert [s.experiment for s in panes] == [SMALL, *variants]
    for snapshot in panes:
        (*_, alone) = train(snapshot.experiment, steps=40, every=40)
        np.testing.assert_array_equal(snapshot.parameters, alone.parameters)
    line.submit(replace(plan, until=60, variants=()))
    (left,) = line.until("snapshots", lambda s: s[0].step == 60)
    np.testing.assert_array_equal(left.parameters, [*train(SMALL, steps=60, every=60)][-1].parameters)


def test_other_experiments_beside_start_afresh_in_words(line) -> None:
    plan = Plan(SMALL, run=1, until=40)
    line.submit(plan)
    line.until("snapshot", lambda s: s.step == 40)
    line.submit(replace(plan, until=FOREVER, variants=(SMALL.edit(activation="tanh"),)))
    assert line.until("note") == worker.OTHER_NETWORKS
    panes = line.until("snapshots", lambda s: len(s) == 2 and s[0].step > 0)
    assert panes[0].step == panes[1].step


def test_a_frozen_pane_is_told_and_the_others_go_on(line) -> None:
    calm = SMALL.edit(optimizer="sgd", loss="squared", hidden=(8, 8))
    wild = calm.edit(learning_rate=100.0)
    line.submit(Plan(calm, run=1, until=900, variants=(wild, calm.edit(activation="tanh"))))
    (frozen,) = line.until("frozen")
    assert (frozen.snapshot.pane, frozen.snapshot.experiment) == (1, wild)
    assert line.until("note") == f"Pane 2 rests at step {frozen.snapshot.step}: {frozen.sentence}"
    panes = line.until("snapshots", lambda s: s[0].step == 900)
    assert [s.step for s in panes] == [900, frozen.snapshot.step, 900]
    line.submit(Plan(calm, run=2, until=5))
    assert line.until("frozen") == ()


def test_the_moment_at_rest_has_its_flow_and_others_at_most_some(line, monkeypatch) -> None:
    monkeypatch.setattr(worker, "FLOW_SECONDS", 1000.0)
    line.submit(Plan(SMALL, run=1, until=3000, variants=(SMALL.edit(activation="tanh"),)))
    seen = []
    line.until("snapshots", lambda s: seen.append(s) or s[0].step == 3000)
    assert all(s.flow is not None and s.flow.histogram.sum() > 0 for s in (*seen[0], *seen[-1]))
    assert all(s.flow is None for panes in seen[1:-1] for s in panes)


def test_what_a_snapshot_costs_is_not_what_else_the_machine_does() -> None:
    cost = worker.Cost()
    assert cost.add(0.2) == 0.2  # The first one also makes its buffers.
    assert [cost.add(seconds) for seconds in (0.001, 0.05, 0.3, 0.002)] == [0.001] * 4
    for _ in range(20):
        dear = cost.add(0.04)
    assert dear == 0.04


def test_one_snapshot_held_up_holds_up_no_other(line, monkeypatch) -> None:
    """What held it up would else count as its cost, and the next one would come twelve minutes later."""
    clock, take, taken = [0.0], LockStep.snapshots, []

    def held_up(self, rate, with_flow):
        taken.append(with_flow)
        if taken.count(False) > 2 and not with_flow:
            clock[0] = 60.0
        return take(self, rate, with_flow)

    real = worker.time.perf_counter
    monkeypatch.setattr(worker.time, "perf_counter", lambda: real() + clock[0])
    monkeypatch.setattr(LockStep, "snapshots", held_up)
    line.submit(Plan(SMALL, run=1))
    line.until("snapshot", lambda _: clock[0] > 0.0)
    for _ in range(5):
        line.until("snapshot")


def test_costs_come_one_after_another_while_training_goes_on(line) -> None:
    line.submit(Plan(SMALL, run=1, until=FOREVER))
    line.until("snapshot", lambda s: s.step > 0)
    line.connection.send(COST)
    first = line.until("cost")
    assert [one.name for one in first] == [next(iter(ACTIVATIONS))]
    before = line.until("snapshot").step
    whole = line.until("cost", lambda cost: len(cost) == len(ACTIVATIONS))
    assert [one.name for one in whole] == list(ACTIVATIONS)
    assert whole[0] == first[0]
    assert line.until("snapshot", lambda s: s.step > before)
    line.connection.send(COST)
    assert len(line.until("cost")) == 1
