"""The timeline of a real engine: all that is seen follows a hand over the past."""

import os
import signal
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from reluviz.app.live import Live
from reluviz.app.state import AppState, take_experiment
from reluviz.app.store import Store
from reluviz.app.theme import apply_theme
from reluviz.app.timeline.looking import look_at, resume_here, show_now
from reluviz.app.window import Window
from reluviz.core.picture import make_picture
from reluviz.core.view import View
from reluviz.engine.trainer import train
from tests.app.shell import edit_experiment
from tests.app.timelines import EXPERIMENT


@pytest.fixture
def living(qtbot, qapp, no_leftovers):
    """A real window with a real engine, some tens of moments on."""
    apply_theme(qapp, "dark", 1.0)
    view = View(width=200, height=160)
    store = Store(take_experiment(AppState(view=view, steps_per_second=2000.0), EXPERIMENT))
    live = Live(store)
    window = Window(store)
    window.painted.connect(window.fill)
    window.resize(900, 700)
    window.show()
    live.start()
    qtbot.waitUntil(lambda: len(store.state.time.timeline) > 25, timeout=60_000)
    qtbot.waitUntil(
        lambda: store.state.picture is not None and store.state.picture.partition is not None, timeout=60_000
    )
    yield store, live, window
    live.stop()
    window.close()
    window.deleteLater()
    store.close()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


class TestLiving:
    def test_scrubbing_shows_that_moment_in_every_view(self, living, qtbot):
        store, _, window = living
        for index in (3, 20):
            store.apply(look_at, index=index)
            step = int(store.state.time.timeline.steps[index])
            qtbot.waitUntil(lambda step=step: store.state.picture.snapshot.step == step, timeout=20_000)
            state = store.state
            moment = state.time.timeline[index][0]
            assert np.array_equal(state.picture.snapshot.parameters, moment.parameters)
            expected = make_picture(moment, state.picture.view)
            assert np.array_equal(state.picture.image, expected.image)
            qtbot.waitUntil(lambda step=step: window.transport.values["step"].value.text() == f"{step:,}", timeout=5000)
        assert store.state.plan.until == 0

    def test_resuming_equals_headless_training_from_that_moment(self, living, qtbot):
        store, _, _ = living
        store.apply(look_at, index=12)
        seen = store.state.snapshot
        before = store.state.time.timeline
        store.apply(resume_here, until=seen.step + 37)
        qtbot.waitUntil(lambda: store.state.snapshot.step == seen.step + 37, timeout=30_000)
        *_, expected = train(EXPERIMENT, steps=37, every=37, start=seen)
        got = store.state.snapshot
        assert np.array_equal(got.parameters, expected.parameters)
        assert np.array_equal(got.optimizer_state, expected.optimizer_state)
        assert got.epoch == expected.epoch
        kept = store.state.time.timeline.find_line(before.line.number)
        assert set(before.steps.tolist()) <= set(kept.steps.tolist())

    def test_an_engine_killed_while_one_looks_back_is_started_again_at_the_newest_moment(self, living, qtbot):
        store, live, _ = living
        store.apply(look_at, index=5)
        qtbot.wait(300)
        newest, seen = store.state.time.last_step, store.state.snapshot.step
        run = store.state.run
        os.kill(live.engine_pid, signal.SIGKILL)
        qtbot.waitUntil(lambda: store.state.run > run, timeout=20_000)
        assert store.state.snapshot.step == seen
        assert store.state.time.moment is not None
        store.apply(show_now)
        assert store.state.snapshot.step >= newest
        qtbot.waitUntil(lambda: store.state.snapshot.step > newest + 5, timeout=60_000)
        assert store.state.time.timeline.others == ()

    def test_a_setting_changed_in_the_past_trains_on_from_there(self, living, qtbot):
        store, _, _ = living
        store.apply(look_at, index=8)
        seen = store.state.snapshot
        store.apply(edit_experiment, learning_rate=0.2)
        assert store.state.plan.start.step == seen.step
        store.apply(lambda state: replace(state, until=seen.step + 11))
        qtbot.waitUntil(lambda: store.state.snapshot.step == seen.step + 11, timeout=30_000)
        *_, expected = train(EXPERIMENT.edit(learning_rate=0.2), steps=11, every=11, start=seen)
        assert np.array_equal(store.state.snapshot.parameters, expected.parameters)
