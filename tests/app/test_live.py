import math
import os
import signal
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from reluviz.app.drawing import Drawing, DrawRequest
from reluviz.app.engine_link import RETRY_MS, EngineLink
from reluviz.app.gauging import Gauge
from reluviz.app.live import Live
from reluviz.app.preview import Preview, make_preview
from reluviz.app.received import (
    BACK_TO_FINITE,
    begin_run,
    first_snapshot,
    report_divergence,
    return_to_finite,
    take_gauge,
    take_picture,
    take_snapshot,
)
from reluviz.app.state import HELD_STEPS_PER_SECOND, AppState, edit_weights, pause, play, restart, take_experiment
from reluviz.app.store import Store
from reluviz.app.worker import Mailbox, NewestWorker
from reluviz.core.edit_weights import set_bias
from reluviz.core.experiment import Experiment
from reluviz.core.picture import make_picture
from reluviz.core.snapshot import FOREVER
from reluviz.core.view import View
from reluviz.engine.process import Divergence, EngineProcess, News

SMALL = View(width=80, height=80)


def state_of(**settings):
    state = take_experiment(AppState(run=1, view=SMALL), Experiment(hidden=(6, 6), **settings))
    return replace(state, run=1)


def moved(snapshot, step, run=None):
    return replace(snapshot, step=step, run=snapshot.run if run is None else run, train_loss=1.0 / (step + 1))


class FakeEngine:
    """Answers as EngineProcess does, from a list that the test fills."""

    def __init__(self, wake):
        self.wake, self.plans, self.news, self.starts, self.stopped = wake, [], [], 0, False

    def start(self):
        self.starts += 1

    def submit(self, plan):
        self.plans.append(plan)

    def send(self, news):
        self.news.append(news)
        self.wake()

    def take(self):
        return self.news.pop(0) if self.news else None

    def stop(self):
        self.stopped = True


class SlowDrawing(Drawing):
    """Draws nothing, slowly, and counts."""

    def __init__(self, put):
        super().__init__(put, make_picture)
        self.steps = []

    def draw(self, request: DrawRequest):
        time.sleep(0.05)
        self.steps.append(request.snapshot.step)
        self._put("picture", make_preview(request.snapshot, request.view))


@pytest.fixture
def fake_live(qtbot, no_leftovers):
    engines = []

    def link(store, wake):
        made = EngineLink(store, wake, FakeEngine)
        engines.append(made._engine)
        return made

    store = Store(state_of())
    live = Live(store, link, SlowDrawing)
    live.start()
    yield store, engines[0], live
    live.stop()
    store.close()


class TestWorker:
    def test_newest_wins_and_nothing_queues(self, qtbot, no_leftovers):
        seen, gate = [], threading.Event()

        def work(item):
            seen.append(item)
            gate.wait(5)

        worker = NewestWorker("test", work, fail=seen.append)
        worker.start()
        worker.submit(0)
        qtbot.waitUntil(lambda: seen == [0])
        for item in range(1, 1000):
            worker.submit(item)
        assert worker.waiting
        gate.set()
        qtbot.waitUntil(lambda: len(seen) == 2)
        worker.stop()
        assert seen == [0, 999]

    def test_an_exception_is_reported_and_survived(self, qtbot, no_leftovers):
        failures, done = [], []

        def work(item):
            if item == "bad":
                raise RuntimeError("broken")
            done.append(item)

        worker = NewestWorker("test", work, failures.append)
        worker.start()
        worker.submit("bad")
        qtbot.waitUntil(lambda: len(failures) == 1)
        worker.submit("good")
        qtbot.waitUntil(lambda: done == ["good"])
        worker.stop()
        assert str(failures[0]) == "broken"

    def test_rests_once_after_the_last_request(self, qtbot, no_leftovers):
        order = []
        worker = NewestWorker("test", order.append, order.append, lambda: order.append("rest"), 0.02)
        worker.start()
        worker.submit(1)
        qtbot.waitUntil(lambda: order == [1, "rest"])
        qtbot.wait(80)
        assert order == [1, "rest"]
        worker.stop()

    def test_mailbox_wakes_once_for_many_items(self, qtbot):
        opened = []
        mailbox = Mailbox(opened.append)
        for item in range(500):
            mailbox.put("a", item)
        mailbox.put("b", "x")
        qtbot.waitUntil(lambda: bool(opened))
        qtbot.wait(20)
        assert opened == [{"a": 499, "b": "x"}]
        mailbox.close()
        mailbox.put("a", 1)
        qtbot.wait(20)
        assert len(opened) == 1


class TestReceived:
    def test_stale_runs_are_dropped(self):
        state = begin_run(state_of())
        late = moved(state.snapshot, 50, run=0)
        assert take_snapshot(state, late) is state
        assert take_picture(state, make_preview(late, SMALL)) is state
        assert take_gauge(state, Gauge(0, 50, 7, 7, 1.0)) is state

    def test_first_snapshot_equals_the_engines(self):
        from reluviz.engine.trainer import train

        state = state_of(seed=5)
        mine = first_snapshot(state.experiment, state.dataset, 1)
        engines = next(iter(train(state.experiment, steps=1)))
        assert engines.step == 0
        assert np.array_equal(mine.parameters, engines.parameters)
        assert mine.outputs == engines.outputs

    def test_a_new_run_shows_step_0_and_empty_curves(self):
        state = begin_run(state_of())
        state = take_snapshot(state, moved(state.snapshot, 30))
        assert len(state.curves.learning) == 1
        again = begin_run(restart(state))
        assert (again.snapshot.run, again.snapshot.step, len(again.curves.learning)) == (2, 0, 0)

    def test_divergence_offers_the_way_back(self):
        state = begin_run(state_of(learning_rate=3.0))
        good = moved(state.snapshot, 800)
        state = report_divergence(state, Divergence(812, "Loss is not finite since step 812.", good))
        assert state.message.text == "Loss is not finite since step 812. Back to step 800 at 0.3?"
        assert state.message.action == BACK_TO_FINITE
        assert not state.playing
        assert state.snapshot is good
        back = return_to_finite(state)
        assert back.experiment.learning_rate == pytest.approx(0.3)
        assert (back.run, back.start.step, back.until) == (2, 800, FOREVER)
        assert (back.snapshot.run, back.snapshot.step) == (2, 800)

    def test_divergence_of_another_run_says_nothing(self):
        state = begin_run(state_of())
        assert report_divergence(state, Divergence(5, "x", moved(state.snapshot, 1, run=0))) is state


class TestLoop:
    def test_shows_step_0_before_the_engine_answers(self, fake_live, qtbot):
        store, engine, _ = fake_live
        qtbot.waitUntil(lambda: store.state.picture is not None)
        assert store.state.picture.snapshot.step == 0
        assert engine.starts == 1
        assert engine.plans[0].run == 1

    def test_a_slow_drawer_never_lags(self, fake_live, qtbot):
        store, engine, live = fake_live
        qtbot.waitUntil(lambda: store.state.picture is not None)
        first = store.state.snapshot
        for step in range(1, 301):
            engine.news = [News(snapshot=moved(first, step))]
            engine.wake()
            qtbot.wait(2)
        qtbot.waitUntil(lambda: store.state.picture.snapshot.step == 300)
        drawn = live._drawing.steps
        assert len(drawn) < 60
        assert drawn == sorted(drawn)

    def test_the_engine_is_not_asked_for_more_than_is_drawn(self, fake_live, qtbot):
        store, engine, live = fake_live
        qtbot.waitUntil(lambda: store.state.picture is not None)
        taken, first = [], store.state.snapshot

        def take():
            taken.append(len(taken) + 1)
            threading.Timer(0.001, engine.wake).start()
            return News(snapshot=moved(first, taken[-1]))

        engine.take = take
        engine.wake()
        qtbot.wait(600)
        engine.take = lambda: None
        qtbot.wait(100)
        assert 3 <= len(taken) <= len(live._drawing.steps) + 3

    def test_figures_of_numbers_that_are_drawn_already_are_not_drawn_again(self, fake_live, qtbot):
        store, engine, live = fake_live
        qtbot.waitUntil(lambda: store.state.picture is not None)
        store.apply(pause)
        store.apply(edit_weights, network=set_bias(store.state.snapshot.network, 0, 1, 0.3))
        qtbot.waitUntil(lambda: store.state.picture.snapshot.run == 2)
        edited, drawn = store.state.snapshot, len(live._drawing.steps)
        assert np.isnan(edited.train_loss)
        engine.send(News(snapshot=replace(edited, parameters=edited.parameters.copy(), train_loss=0.5)))
        qtbot.waitUntil(lambda: store.state.snapshot.train_loss == 0.5)
        qtbot.wait(60)
        assert len(live._drawing.steps) == drawn
        engine.send(News(snapshot=moved(edited, edited.step + 1)))
        qtbot.waitUntil(lambda: len(live._drawing.steps) > drawn)

    def test_training_is_slower_while_something_is_under_the_hand(self, fake_live):
        store, engine, _ = fake_live
        assert engine.plans[-1].steps_per_second == math.inf
        store.update(stroke=3)
        assert engine.plans[-1].steps_per_second == HELD_STEPS_PER_SECOND
        store.update(steps_per_second=10.0)
        assert engine.plans[-1].steps_per_second == 10.0
        store.update(steps_per_second=math.inf, stroke=0)
        assert engine.plans[-1].steps_per_second == math.inf

    def test_changes_reach_the_engine(self, fake_live, qtbot):
        store, engine, _ = fake_live
        store.apply(pause)
        assert engine.plans[-1].until == 0
        store.apply(play)
        assert engine.plans[-1].until == FOREVER
        count = len(engine.plans)
        store.update(probe=(0.1, 0.1))
        assert len(engine.plans) == count

    def test_a_lost_engine_starts_again_from_the_newest_moment(self, fake_live, qtbot):
        store, engine, _ = fake_live
        qtbot.waitUntil(lambda: store.state.snapshot is not None)
        engine.send(News(snapshot=moved(store.state.snapshot, 77)))
        qtbot.waitUntil(lambda: store.state.snapshot.step == 77)
        engine.send(News(lost="The training process ended unexpectedly (signal 9)."))
        qtbot.waitUntil(lambda: engine.starts == 2)
        assert engine.plans[-1].start.step == 77
        assert engine.plans[-1].run == 2
        assert store.state.engine == "lost"
        assert "goes on from step 77" in store.state.message.text
        engine.send(News(ready=True, snapshot=moved(store.state.snapshot, 80)))
        qtbot.waitUntil(lambda: store.state.snapshot.step == 80)
        assert store.state.engine == "ready"
        assert store.state.curves.learning.steps.tolist()[-1] == 80

    def test_an_engine_that_never_starts_is_given_up_with_a_reason(self, fake_live, qtbot, monkeypatch):
        monkeypatch.setattr("reluviz.app.engine_link.RETRY_MS", (0,) * len(RETRY_MS))
        store, engine, _ = fake_live
        for died in range(1, len(RETRY_MS) + 1):
            engine.send(News(lost="The training process ended unexpectedly (exit code 1)."))
            qtbot.waitUntil(lambda died=died: engine.starts == died + 1)
        engine.send(News(lost="The training process ended unexpectedly (exit code 1)."))
        qtbot.waitUntil(lambda: "doctor" in store.state.message.text)
        assert store.state.engine == "lost"
        assert store.state.message.kind == "error"

    def test_engine_errors_reach_the_status_line(self, fake_live, qtbot):
        store, engine, _ = fake_live
        engine.send(News(error="device: cuda is not here; allowed are auto, cpu."))
        qtbot.waitUntil(lambda: store.state.message.kind == "error")
        assert "cuda" in store.state.message.text

    def test_stopping_ends_everything(self, fake_live):
        _, engine, live = fake_live
        live.stop()
        assert engine.stopped
        assert not any(thread.name == "reluviz-draw" for thread in threading.enumerate())


class TestDrawing:
    def test_a_cold_start_is_labelled_as_sampled(self):
        put = {}
        drawing = Drawing(put.__setitem__)
        snapshot = begin_run(state_of()).snapshot
        drawing.draw(DrawRequest(snapshot, SMALL))
        assert isinstance(put["picture"], Preview)
        assert "Sampled preview" in put["picture"].message
        assert put["picture"].partition is None
        drawing.prepare()
        assert put["prepared"] > 0
        drawing.draw(DrawRequest(snapshot, SMALL))
        assert put["picture"].partition.count > 1
        gauge = put["gauge"]
        assert (gauge.run, gauge.step, gauge.regions) == (1, 0, put["picture"].partition.count)
        assert 1 <= gauge.linear <= gauge.regions
        assert gauge.bending > 0

    @pytest.mark.parametrize("dataset", ["spiral", "blobs", "ripple"])
    @pytest.mark.parametrize("coloring", ["pattern", "prediction"])
    def test_the_preview_shows_the_exact_colours(self, dataset, coloring):
        """Without lines and boundary, the preview's samples are pixels of the exact picture."""
        from reluviz.core.reading import value_scale

        state = begin_run(state_of(dataset=dataset))
        view = View(width=150, height=150, coloring=coloring, lines="none", boundary=False)
        scale = value_scale(state.dataset)
        preview = make_preview(state.snapshot, view, scale)
        assert preview.image.shape == (150, 150)
        exact = make_picture(state.snapshot, view, scale)
        channels = [
            np.stack([image >> s & 255 for s in (16, 8, 0)]).astype(int) for image in (preview.image, exact.image)
        ]
        near = np.abs(channels[0] - channels[1]).max(axis=0) <= 3
        assert near.mean() > 0.98


def test_a_worker_that_never_began_or_has_ended_is_not_busy():
    held = threading.Event()
    worker = NewestWorker("test", lambda _: held.wait(10), lambda _: None)
    worker.submit(1)
    assert not worker.busy
    worker.start()
    assert worker.busy
    worker.submit(2)
    held.set()
    worker.stop()
    worker.submit(3)
    assert not worker.busy


def test_killed_engine_goes_on_beyond_the_old_step(qtbot, no_leftovers):
    made = []

    def link(store, wake):
        made.append(EngineLink(store, wake, EngineProcess))
        return made[0]

    store = Store(replace(state_of(), steps_per_second=400.0))
    live = Live(store, link, SlowDrawing)
    live.start()
    try:
        qtbot.waitUntil(lambda: store.state.snapshot is not None and store.state.snapshot.step > 20, timeout=60_000)
        pid, step = made[0]._engine.pid, store.state.snapshot.step
        os.kill(pid, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        qtbot.waitUntil(lambda: store.state.run == 2, timeout=10_000)
        resumed = store.state.snapshot.step
        assert resumed >= step
        assert store.state.start.optimizer_state.size > 0
        qtbot.waitUntil(lambda: store.state.snapshot.step > resumed + 20, timeout=60_000)
        assert store.state.engine == "ready"
        assert made[0]._engine.pid != pid
        assert (np.diff(store.state.curves.learning.steps) > 0).all()
    finally:
        live.stop()
        store.close()
