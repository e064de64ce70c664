"""A comparison in a whole window: who gets the room, and which keys begin and end it."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from reluviz.app import commands
from reluviz.app.live import Live
from reluviz.app.received import begin_run
from reluviz.app.state import AppState, take_experiment
from reluviz.app.store import Store
from reluviz.app.theme import apply_theme
from reluviz.core.experiment import Experiment
from reluviz.core.view import View
from tests.app.comparisons import begin, make_store
from tests.app.shell import filled_window

pytestmark = pytest.mark.qt_log_ignore("not accepted by receiving widget")


def test_the_window_gives_panes_its_room_and_takes_it_back(qtbot):
    store = make_store()
    window = filled_window(qtbot, store)
    shown = {name for name, dock in window.docks.items() if dock.isVisible()}
    before = window.layout_texts()[1]
    begin(store)
    qtbot.wait(20)
    assert {name for name, dock in window.docks.items() if dock.isVisible()} == {"comparison"}
    assert window.layout_texts()[1] == before
    share = window.stage.grid.width() * window.stage.grid.height() / (1280 * 720)
    assert share > 0.45
    store.update(chrome=False)
    commands.end_comparing(store)
    store.update(chrome=True)
    qtbot.wait(20)
    assert {name for name, dock in window.docks.items() if dock.isVisible()} == shown
    store.close()


def test_large_type_leaves_the_pictures_their_room(qtbot):
    store = make_store()
    store.update(font_scale=2.0)
    window = filled_window(qtbot, store)
    shown = {name for name, dock in window.docks.items() if dock.isVisible()}
    commands.toggle_compare(store)
    qtbot.wait(20)
    bar = window.stage.bar
    assert bar.width() == 1280
    assert window.canvas.height() > 1.5 * bar.height()
    commands.start_comparing(store)
    store.set(begin_run(store.state))
    qtbot.wait(20)
    assert all(min(canvas.width(), canvas.height()) > 290 for canvas in window.stage.grid.canvases)
    assert bar.again.isVisible()
    assert not bar.editors[0].isVisible()
    low = bar.height()
    bar.unfold.click()
    qtbot.wait(20)
    assert bar.height() > low
    assert bar.editors[0].isVisible()
    bar.again.click()
    qtbot.wait(20)
    assert {name for name, dock in window.docks.items() if dock.isVisible()} == shown
    assert window.column_dock.isVisible()
    apply_theme(QApplication.instance(), "dark", 1.0)
    store.close()


def test_escape_closes_the_set_up_from_anywhere_and_no_comparison_that_runs(qtbot):
    store = make_store()
    window = filled_window(qtbot, store)
    for place in (window.canvas, window.stage, window):
        commands.toggle_compare(store)
        place.setFocus()
        qtbot.keyClick(place, Qt.Key.Key_Escape)
        assert store.state.setup is None
    begin(store)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert len(store.state.panes) == 4
    assert store.state.message.text.startswith("C ends the comparison")
    store.close()


def test_a_real_comparison_of_four_activations(qtbot, no_leftovers):
    state = take_experiment(AppState(view=View(width=90, height=70)), Experiment(hidden=(6, 6)))
    store = Store(replace(state, steps_per_second=2000.0))
    live = Live(store)
    moments = []

    def watch(old, new):
        if new.panes and new.panes is not old.panes:
            moments.append([pane.snapshot.step for pane in new.panes if pane.snapshot is not None])
            drawn = {pane.picture.snapshot.step for pane in new.panes if pane.picture is not None}
            assert len(drawn) <= 1

    store.changed.connect(watch)
    live.start()
    try:
        qtbot.waitUntil(lambda: store.state.snapshot is not None and store.state.snapshot.step > 5, timeout=60_000)
        commands.toggle_compare(store)
        commands.start_comparing(store)
        qtbot.waitUntil(
            lambda: (
                all(pane.snapshot is not None and pane.snapshot.step > 50 for pane in store.state.panes)
                and all(pane.picture is not None and pane.picture.snapshot.step > 50 for pane in store.state.panes)
                and all(pane.gauge is not None for pane in store.state.panes)
            ),
            timeout=90_000,
        )
        assert all(len(set(steps)) <= 1 for steps in moments)
        networks = [pane.snapshot.network.weights[0] for pane in store.state.panes]
        assert not any(np.array_equal(networks[0], other) for other in networks[1:])
        run, step = store.state.run, store.state.snapshot.step
        commands.end_comparing(store)
        qtbot.waitUntil(lambda: store.state.snapshot.step > step, timeout=20_000)
        assert store.state.run == run
        assert store.state.panes == ()
        qtbot.waitUntil(lambda: store.state.picture.snapshot.step > step, timeout=20_000)
    finally:
        live.stop()
        store.close()


def test_the_keyboard_alone_starts_and_ends_a_comparison(qtbot):
    store = make_store()
    window = filled_window(qtbot, store)
    window.canvas.setFocus()
    qtbot.keyClick(window.canvas, Qt.Key.Key_C)
    assert store.state.setup is not None
    assert window.focusWidget() is window.stage.bar.start
    qtbot.keyClick(window.stage.bar.start, Qt.Key.Key_Escape)
    assert store.state.setup is None
    qtbot.keyClick(window, Qt.Key.Key_C)
    assert window.focusWidget() is window.stage.bar.start
    qtbot.keyClick(window.stage.bar.start, Qt.Key.Key_Return)
    assert len(store.state.panes) == 4
    qtbot.keyClick(window, Qt.Key.Key_C)
    assert store.state.panes == ()
    store.close()
