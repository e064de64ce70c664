"""The training process as the window meets it: real processes, no clocks in the assertions."""

import gc
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import psutil
import pytest

from reluviz.core.activations import ACTIVATIONS
from reluviz.core.experiment import Experiment
from reluviz.core.snapshot import Plan
from reluviz.engine import worker
from reluviz.engine.process import EngineProcess
from reluviz.engine.trainer import train

SMALL = Experiment(hidden=(6, 5), batch_size=10, points=80)
WILD = SMALL.edit(optimizer="sgd", learning_rate=100.0, loss="squared", hidden=(8, 8))
PATIENCE = 60.0  # Seconds until a test gives up; nothing is measured.


class Window:
    """Takes news as a window does: woken from another thread, looking from its own."""

    def __init__(self) -> None:
        self.woken = threading.Event()
        self.engine = EngineProcess(self.woken.set)
        self.seen = []

    def start(self, plan: Plan) -> None:
        self.engine.start()
        self.engine.submit(plan)

    def until(self, wanted):
        """Take news until `wanted(news)` is true of one, and return it."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self.woken.wait(1.0)
            self.woken.clear()
            news = self.engine.take()
            if news is None:
                continue
            self.seen.append(news)
            if wanted(news):
                return news
        raise TimeoutError([replace(n, snapshot=n.snapshot and n.snapshot.step, snapshots=()) for n in self.seen])

    def snapshot(self, wanted=lambda snapshot: True):
        """Take news until a snapshot is as wanted, and return it."""
        return self.until(lambda news: news.snapshot is not None and wanted(news.snapshot)).snapshot


@pytest.fixture
def window():
    threads = set(threading.enumerate())
    window = Window()
    yield window
    pid = window.engine.pid
    window.engine.stop()
    assert not window.engine.alive
    assert set(threading.enumerate()) == threads
    assert pid is None or not psutil.pid_exists(pid)


def test_equals_headless_training_and_stops_where_told(window) -> None:
    window.start(Plan(SMALL, run=3, until=200))
    first = window.snapshot()
    last = window.snapshot(lambda s: s.step == 200)
    assert (first.step, first.run, last.run) == (0, 3, 3)
    headless = list(train(SMALL, steps=200, every=200))
    np.testing.assert_array_equal(first.parameters, headless[0].parameters)
    np.testing.assert_array_equal(last.parameters, headless[1].parameters)
    assert last.train_loss == headless[1].train_loss
    assert not last.parameters.flags.writeable
    assert not last.optimizer_state.flags.writeable
    assert any(news.ready for news in window.seen)
    assert [news.device for news in window.seen if news.device] == [
        "auto: CPU, as torch finds no CUDA or MPS device here."
    ]


def test_play_pause_step(window) -> None:
    plan = Plan(SMALL, run=1)
    window.start(plan)
    window.snapshot(lambda s: s.step > 100)
    window.engine.submit(replace(plan, until=0))
    paused = rest(window)
    for _ in range(3):
        window.engine.submit(replace(plan, until=paused.step + 1))
        stepped = window.snapshot()
        assert stepped.step == paused.step + 1
        paused = stepped
    window.engine.submit(plan)
    window.snapshot(lambda s: s.step > paused.step + 100)


def rest(window):
    """Return the last snapshot before the engine comes to rest."""
    newest = None
    while window.woken.wait(0.5):
        window.woken.clear()
        news = window.engine.take()
        newest = news.snapshot if news and news.snapshot else newest
    assert newest is not None
    return newest


def test_live_changes_keep_step_and_weights(window) -> None:
    window.start(Plan(SMALL, run=1, until=100))
    before = window.snapshot(lambda s: s.step == 100)
    changed = SMALL.edit(learning_rate=0.5, activation="abs", batch_size=7, data_seed=5, optimizer="sgd")
    window.engine.submit(Plan(changed, run=1, until=100))
    after = window.snapshot(lambda s: s.experiment == changed)
    assert after.step == 100
    np.testing.assert_array_equal(after.parameters, before.parameters)
    assert after.train_loss != before.train_loss


def test_new_run_starts_from_the_seeds_or_from_a_snapshot(window) -> None:
    window.start(Plan(SMALL, run=1, until=60))
    old = window.snapshot(lambda s: s.step == 60)
    window.engine.submit(Plan(SMALL.edit(seed=9), run=2, until=0))
    fresh = window.snapshot(lambda s: s.run == 2)
    assert fresh.step == 0
    assert (fresh.parameters != old.parameters).any()
    window.engine.submit(Plan(SMALL, run=3, until=90, start=old))
    resumed = window.snapshot(lambda s: s.run == 3 and s.step == 90)
    np.testing.assert_array_equal(resumed.parameters, list(train(SMALL, steps=90, every=90))[-1].parameters)


def test_more_outputs_start_afresh_in_words_and_do_not_run_on(window) -> None:
    window.start(Plan(SMALL, run=1, until=100))
    window.snapshot(lambda s: s.step == 100)
    blobs = SMALL.edit(dataset="blobs")
    window.engine.submit(Plan(blobs, run=1, until=100))
    fresh = window.snapshot(lambda s: s.experiment == blobs)
    assert (fresh.step, fresh.outputs) == (0, 4)
    assert [news.note for news in window.seen if news.note] == [
        "The data or loss needs another number of outputs: training starts afresh."
    ]
    window.engine.submit(Plan(blobs, run=1, until=1))
    assert window.snapshot().step == 1


def test_nothing_is_sent_until_the_last_was_taken(window) -> None:
    window.start(Plan(SMALL, run=1))
    window.snapshot(lambda s: s.step > 10)
    window.woken.wait(PATIENCE)
    window.woken.clear()
    assert not window.woken.wait(0.5)
    stale = window.engine.take().snapshot
    assert window.snapshot().step > stale.step + 100


def test_a_plan_reaches_an_engine_that_waits_for_its_next_slow_step(window) -> None:
    plan = Plan(SMALL, run=1, steps_per_second=0.001)
    window.start(plan)
    window.snapshot(lambda s: s.step == 1)  # The first step is due at once, the next in 1,000 seconds.
    window.engine.submit(replace(plan, until=2))
    assert window.snapshot().step == 2
    window.engine.submit(replace(plan, run=2, until=5, steps_per_second=float("inf")))
    assert window.snapshot(lambda s: s.run == 2 and s.step == 5).step == 5


def test_pace_saves_up_a_little(monkeypatch) -> None:
    now = [100.0]
    monkeypatch.setattr(worker.time, "perf_counter", lambda: now[0])
    pace = worker.Pace(since=now[0])
    taken = []
    for seconds in (0.0, 0.004, 0.004, 0.004, 10.0, 0.0, 0.01):
        now[0] += seconds
        pace.update(200.0)
        taken.append(int(pace.allowed))
        pace.allowed -= taken[-1]
    # One at once, then 0.8 each, at most a tenth of a second's worth after a stall, then 2 in 10 ms.
    assert taken == [1, 0, 1, 1, 20, 0, 2]
    assert pace.wait(50.0) == pytest.approx(0.02)
    assert pace.wait(1000.0) == pytest.approx(0.01)  # Ten at once: each waking costs more than a step.
    assert pace.wait(0.0) > 100.0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"dataset": "no_such_file.csv"}, ("no_such_file.csv",)),
        ({"device": "cuda"}, ("device", "cuda", "allowed are auto, cpu")),
        ({"dataset": "plane", "loss": "hinge"}, ("loss", "hinge", "squared")),
    ],
)
def test_bad_plans_come_back_as_one_sentence_and_change_nothing(window, changes, words) -> None:
    window.start(Plan(SMALL, run=1, until=50))
    before = window.snapshot(lambda s: s.step == 50)
    window.engine.submit(Plan(SMALL.edit(**changes), run=1, until=60))
    told = window.until(lambda news: news.error)
    error = told.error
    assert all(word in error for word in words)
    assert "\n" not in error
    # Ten steps may be done before the sentence is read: then both came as one news.
    is_there = told.snapshot is not None and told.snapshot.step == 60
    after = told.snapshot if is_there else window.snapshot(lambda s: s.step == 60)
    assert after.experiment == before.experiment
    window.engine.submit(Plan(SMALL.edit(**changes), run=2, until=60))
    assert window.until(lambda news: news.error).error == error
    window.engine.submit(Plan(SMALL, run=3, until=10))
    assert window.snapshot(lambda s: s.run == 3 and s.step == 10).experiment == SMALL
    assert window.engine.alive


def test_divergence_is_told_and_the_way_back_works(window) -> None:
    window.start(Plan(WILD, run=1))
    told = window.until(lambda news: news.diverged).diverged
    assert told.sentence == f"Loss is not finite since step {told.step}. The learning rate 100 is the likely cause."
    assert told.snapshot.step < told.step
    assert np.isfinite(told.snapshot.parameters).all()
    pickle.dumps(told)
    window.engine.submit(Plan(WILD.edit(learning_rate=0.001), run=1, until=told.snapshot.step + 300))
    assert window.snapshot(lambda s: s.step == told.snapshot.step + 300).experiment.learning_rate == 0.001
    assert all(np.isfinite(news.snapshot.parameters).all() for news in window.seen if news.snapshot)


def test_several_experiments_and_costs(window) -> None:
    variants = (SMALL.edit(activation="tanh"), SMALL.edit(hidden=(4,)))
    window.start(Plan(SMALL, run=1, until=50, variants=variants))
    window.engine.ask_cost()
    panes = window.until(lambda news: news.snapshots and news.snapshots[0].step == 50).snapshots
    assert [(s.pane, s.step, s.experiment) for s in panes] == [
        (pane, 50, experiment) for pane, experiment in enumerate((SMALL, *variants))
    ]
    assert not any(s.parameters.flags.writeable or s.flow.grad_norm.flags.writeable for s in panes)
    costs = [news.cost for news in window.seen if news.cost]
    if not costs or len(costs[-1]) < len(ACTIVATIONS):
        window.until(lambda news: len(news.cost) == len(ACTIVATIONS))
    assert window.seen[-1].lost == ""


def test_a_killed_process_is_reported_and_a_new_one_goes_on(window) -> None:
    window.start(Plan(SMALL, run=1))
    newest = window.snapshot(lambda s: s.step > 50)
    psutil.Process(window.engine.pid).kill()
    lost = window.until(lambda news: news.lost).lost
    assert lost.startswith("The training process ended unexpectedly (")
    assert not window.engine.alive
    window.start(Plan(SMALL, run=2, until=newest.step + 20, start=newest))
    assert window.snapshot().step >= newest.step
    last = window.snapshot(lambda s: s.step == newest.step + 20)
    headless = list(train(SMALL, steps=20, every=20, start=newest))[-1]
    np.testing.assert_array_equal(last.parameters, headless.parameters)


def test_stopping_while_torch_loads_and_twice(window) -> None:
    window.engine.submit(Plan(SMALL, run=1))
    assert window.engine.take() is None
    window.start(Plan(SMALL, run=1))
    window.engine.stop()
    window.engine.stop()
    assert not window.engine.alive
    window.engine.submit(Plan(SMALL, run=1))
    gc.collect()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
def test_ctrl_c_is_the_windows_business(window) -> None:
    window.start(Plan(SMALL, run=1))
    seen = window.snapshot(lambda s: s.step > 10)
    os.kill(window.engine.pid, signal.SIGINT)
    window.snapshot(lambda s: s.step > seen.step + 1000)
    assert window.engine.alive


PARENT = """
import sys, threading, time
from reluviz.core.activations import ACTIVATIONS
from reluviz.core.experiment import Experiment
from reluviz.core.snapshot import Plan
from reluviz.engine.process import EngineProcess

if __name__ == "__main__":
    woken = threading.Event()
    engine = EngineProcess(woken.set)
    engine.start()
    engine.submit(Plan(Experiment(), run=1))
    while True:
        woken.wait()
        woken.clear()
        news = engine.take()
        if news and news.snapshot and news.snapshot.step > 10:
            break
    assert "torch" not in sys.modules and "numba" not in sys.modules
    print(engine.pid, flush=True)
    time.sleep(600)
elif __name__ == "__mp_main__":
    assert "PySide6" not in sys.modules
"""


def test_the_process_ends_with_its_parent_which_never_loads_torch(tmp_path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT, encoding="utf-8")
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as parent:
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    psutil.wait_procs([child], timeout=PATIENCE)
    assert not child.is_running()
