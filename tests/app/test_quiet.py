"""What comes 120 times a second while training goes on touches no control that it does not change."""

from collections import Counter
from dataclasses import replace

import pytest

from reluviz.app.actions import ACTIONS
from reluviz.app.received import take_snapshot
from reluviz.app.view_form import READ, SWAP_AFRESH, VIEW_SETTINGS
from reluviz.app.window import Window
from tests.app.inside import drawn_store
from tests.app.shell import counting_qt_calls

WIDGET_CALLS = ("setChecked", "isChecked", "setText", "setToolTip", "setIcon", "setStyleSheet", "setVisible", "update")


@pytest.fixture
def store(qtbot):
    store = drawn_store()
    yield store
    store.close()


def test_a_snapshot_calls_nothing_of_actions_and_forms(store, qtbot):
    window = Window(store)
    qtbot.addWidget(window)
    window.show()
    window.fill()
    qtbot.waitExposed(window)
    state = store.state
    for step in (1, 2):  # With the first one the action that steps back begins to be of use.
        with counting_qt_calls() as calls:
            store.apply(take_snapshot, snapshot=replace(state.snapshot, step=step, train_loss=0.5))
    counted = Counter(calls)
    assert store.state.snapshot.step == 2
    assert {name: counted[name] for name in WIDGET_CALLS if counted[name]} == {}
    assert len(calls) <= 40, counted


def test_the_play_action_follows_the_newest_step(store, qtbot):
    window = Window(store)
    qtbot.addWidget(window)
    action = window.actions_of.actions["play"]
    store.set(replace(store.state, until=2))
    running = action.text()
    store.apply(take_snapshot, snapshot=replace(store.state.snapshot, step=2))
    assert not store.state.playing
    assert action.text() != running


@pytest.mark.parametrize("row", [row for row in ACTIONS.values() if row.checked], ids=lambda row: row.id)
def test_a_switch_is_told_apart_by_what_it_says(store, row):
    assert isinstance(row.checked(store.state), bool)


@pytest.mark.parametrize("row", [*VIEW_SETTINGS, SWAP_AFRESH], ids=lambda row: row.name)
def test_rows_of_the_view_read_what_they_are_followed_for(store, row):
    read = set()

    class Watched:
        def __getattr__(self, name):
            read.add(name)
            return getattr(store.state, name)

    for function in (row.read, row.choices_of, row.applies):
        if function is not None:
            function(Watched())
    assert read
    assert read <= set(READ)
