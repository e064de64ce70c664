"""Scenes that keep the past of a run."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtWidgets import QFileDialog

from reluviz.app.comparing import open_setup, start_comparison
from reluviz.app.files import HISTORIES, SCENES, ask_save, open_scene, save_scene
from reluviz.app.received import begin_run
from reluviz.app.settings import Settings
from reluviz.app.start import Options, _first_state
from reluviz.app.store import Store
from reluviz.app.timeline.looking import look_at, toggle_mark
from reluviz.app.timeline.opening import open_saved
from reluviz.core.errors import InputError
from reluviz.core.experiment import Experiment
from reluviz.studio.comparison import Setup
from reluviz.studio.scene import read_scene
from tests.app.timelines import filled_store, hear


@pytest.fixture
def new_store():
    return filled_store()


class TestFiles:
    def test_a_scene_saved_with_its_past_can_be_scrubbed_again(self, store, tmp_path):
        store.apply(look_at, index=4)
        store.apply(toggle_mark)
        path = tmp_path / "a.reluviz"
        assert save_scene(store, path, with_history=True)
        other = filled_store([1, 2], Experiment(hidden=(3,)))
        assert open_scene(other, path)
        state = other.state
        assert state.time.timeline.steps.tolist() == [0, *range(5, 105, 5)]
        assert [mark.step for mark in state.time.marks] == [20]
        assert (state.snapshot.step, state.until) == (100, 0)
        assert state.curves.learning.steps.tolist() == [0, *range(5, 105, 5)]
        assert [line.steps.tolist() for line in state.time.timeline.others] == [[0, 1, 2]]
        other.apply(look_at, index=3)
        assert other.state.snapshot.step == 15
        hear_one = other.state.snapshot.parameters
        assert np.array_equal(hear_one, store.state.time.timeline[3][0].parameters)
        other.close()

    def test_a_comparison_comes_back_with_its_panes(self, store, tmp_path):
        store.apply(open_setup)
        store.apply(start_comparison)
        store.apply(begin_run)
        for step in (3, 6, 9):
            hear(store, step)
        path = tmp_path / "a.reluviz"
        assert save_scene(store, path, with_history=True)
        other = filled_store([1, 2])
        assert open_scene(other, path)
        state = other.state
        assert state.setup == store.state.setup
        assert [pane.snapshot.step for pane in state.panes] == [9] * 4
        assert [start.step for start in state.plan.variant_starts] == [9] * 3
        other.apply(look_at, index=1)
        assert [pane.snapshot.step for pane in other.state.panes] == [3] * 4
        assert len({tuple(pane.experiment.activation) for pane in other.state.panes}) == 4
        other.close()

    @pytest.mark.parametrize(("kind", "moments"), [(SCENES, None), (HISTORIES, 21)])
    def test_the_dialog_asks_whether_the_past_is_saved(self, store, tmp_path, monkeypatch, kind, moments):
        path = tmp_path / "a.reluviz"
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), kind))
        ask_save(store)
        timeline = read_scene(path).timeline
        assert (timeline is None) if moments is None else (len(timeline) == moments)

    def test_a_window_started_with_a_scene_has_its_past(self, store, tmp_path, qapp):
        save_scene(store, tmp_path / "a.reluviz", with_history=True)
        options = Options(scene=read_scene(tmp_path / "a.reluviz"))
        begun = Store(_first_state(options, Settings(), options.scene.experiment, ""))
        assert begun.state.time.timeline.steps.tolist() == store.state.time.timeline.steps.tolist()
        assert begun.state.snapshot.step == 100
        begun.close()

    def test_networks_that_do_not_fit_the_data_are_refused(self, store, tmp_path):
        save_scene(store, tmp_path / "a.reluviz", with_history=True)
        scene = read_scene(tmp_path / "a.reluviz")
        other = replace(scene.snapshot, pane=1, outputs=3)
        wrong = replace(scene, setup=Setup("l2", (0.0, 0.0)), beside=(other,), timeline=None)
        with pytest.raises(InputError, match="The saved weights have 3 outputs"):
            open_saved(store.state, wrong)

    def test_a_moment_of_the_past_is_saved_as_it_is_seen(self, store, tmp_path):
        store.apply(look_at, index=4)
        assert save_scene(store, tmp_path / "a.reluviz")
        assert "at step 20" in store.state.message.text
        other = filled_store([1])
        assert open_scene(other, tmp_path / "a.reluviz")
        assert other.state.snapshot.step == 20
        other.close()
