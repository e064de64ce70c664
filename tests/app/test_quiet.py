"""What comes 120 times a second while training goes on touches no control that it does not change."""

import sys
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace

import pytest

from reluviz.app.actions import ACTIONS
from reluviz.app.received import take_picture, take_snapshot
from reluviz.app.state import AppState
from reluviz.app.view_form import READ, SWAP_AFRESH, VIEW_SETTINGS
from reluviz.app.window import Window
from reluviz.studio.comparison import Setup
from tests.app.inside import drawn_store
from tests.app.shell import counting_qt_calls, filled_window

WIDGET_CALLS = ("setChecked", "isChecked", "setText", "setToolTip", "setIcon", "setStyleSheet", "setVisible", "update")


@pytest.fixture
def new_store():
    return drawn_store()


def test_a_snapshot_calls_nothing_of_actions_and_forms(store, qtbot):
    window = filled_window(qtbot, store)
    assert window.isVisible()
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


class Watched:
    """A state that notes which of its fields are read, by properties too."""

    def __init__(self, state):
        self.__dict__.update(watched=state, read=set())

    def __getattr__(self, name):
        found = getattr(AppState, name, None)
        if isinstance(found, property):
            return found.fget(self)
        self.read.add(name)
        return getattr(self.watched, name)


@pytest.mark.parametrize("row", [*VIEW_SETTINGS, SWAP_AFRESH], ids=lambda row: row.name)
def test_rows_of_the_view_read_what_they_are_followed_for(store, row):
    watched = Watched(store.state)
    for function in (row.read, row.choices_of, row.applies):
        if function is not None:
            function(watched)
    assert watched.read
    assert watched.read <= set(READ)


@pytest.mark.parametrize("row", [row for row in ACTIONS.values() if row.checked or row.look], ids=lambda row: row.id)
def test_commands_look_different_by_what_they_are_followed_for(store, row):
    state = store.state
    back = replace(state, time=replace(state.time, moment=0, direction=-1))
    read = set()
    for shown in (state, back, replace(state, until=5), replace(state, setup=Setup("seed", (1, 2)))):
        watched = Watched(shown)
        for function in (row.checked, row.look):
            if function is not None:
                function(watched)
        read |= watched.read
    assert read
    assert read <= {name.partition(".")[0] for name in row.reads}


def test_commands_that_always_look_alike_are_not_followed():
    assert {row.id for row in ACTIONS.values() if row.reads} == {r.id for r in ACTIONS.values() if r.checked or r.look}


@pytest.fixture
def counted_followers():
    """Yield a counter of calls by file and function, while it counts."""
    calls = Counter()

    def count(frame, event, _what):
        if event == "call":
            code = frame.f_code
            calls[f"{code.co_filename.rpartition('/reluviz/')[2]}:{code.co_qualname}"] += 1

    @contextmanager
    def counting():
        sys.setprofile(count)
        try:
            yield calls
        finally:
            sys.setprofile(None)

    return counting


def test_a_snapshot_and_its_picture_call_few_followers(store, qtbot, counted_followers):
    """Of a hundred views that follow the state, those are called that show moments, and the canvas."""
    window = filled_window(qtbot, store)
    assert window.isVisible()
    pictures = 5
    with counted_followers() as calls:
        for step in range(pictures + 1):
            if step == 1:  # With the first one the action that steps back begins to be of use.
                calls.clear()
            snapshot = replace(store.state.snapshot, step=step + 1, train_loss=0.5)
            store.apply(take_snapshot, snapshot=snapshot)
            store.set(take_picture(store.state, replace(store.state.picture, snapshot=snapshot)))
    followers = {name: count / pictures for name, count in calls.items() if "follow" in name.rpartition(".")[2]}
    quiet = ("app/forms.py", "app/view_form.py", "app/lecture/command_button.py", "app/canvas/tool_bar.py")
    assert [name for name in followers if name.startswith((*quiet, "app/action_set.py:ActionSet"))] == []
    assert sum(followers.values()) <= 30, followers
    assert {name.rpartition(":")[2].partition(".")[0] for name in calls if name.startswith("app/actions/")} <= {
        "_play_look",
        "_mark_look",
    }
    assert sum(calls.values()) / pictures <= 300, calls.most_common(40)
