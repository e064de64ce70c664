"""Commands that can do nothing now are greyed out, say why where one points at them, and answer their keys."""

from dataclasses import replace

from PySide6.QtCore import Qt

from reluviz.app.actions import ACTIONS
from reluviz.app.received import take_snapshot
from reluviz.app.selection import pin_point
from reluviz.app.timeline.looking import look_at, show_now, toggle_mark
from reluviz.engine.trainer import train


def possible(window):
    return {name for name, action in window.actions_of.actions.items() if action.isEnabled()}


def agrees(window, store):
    for name, row in ACTIONS.items():
        reason = row.why_not(store.state) if row.why_not is not None else ""
        action = window.actions_of.actions[name]
        assert action.isEnabled() == (not reason), name
        assert not reason or action.toolTip().endswith(f": {reason}"), name
    return possible(window)


def test_every_row_agrees_with_its_reason_through_a_session(window, store):
    first = agrees(window, store)
    assert not {"undo", "redo", "now", "step_back", "mark_before", "unpin", "clear_ink", "lesson_next"} & first
    for moment in train(store.state.experiment, steps=9, every=3):
        store.apply(take_snapshot, snapshot=replace(moment, run=store.state.run))
    assert {"step_back", "play_back"} <= agrees(window, store)
    store.apply(look_at, index=1)
    assert {"now", "resume"} <= agrees(window, store)
    store.apply(toggle_mark)
    assert "mark_before" in agrees(window, store)
    store.apply(look_at, index=0)
    assert "step_back" not in agrees(window, store)
    store.apply(show_now)
    store.edit(learning_rate=0.5)
    assert "undo" in agrees(window, store)
    window.actions_of.actions["undo"].trigger()
    assert {"redo"} <= agrees(window, store)
    store.apply(pin_point, point=(0.1, 0.2))
    assert {"unpin", "unpin_all"} <= agrees(window, store)
    window.actions_of.actions["unpin_all"].trigger()
    assert not {"unpin", "unpin_all"} & agrees(window, store)


def test_the_key_of_a_greyed_command_says_why(window, store, qtbot):
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert store.state.message.text == "There is nothing to undo."
    qtbot.keyClick(window, Qt.Key.Key_PageDown)
    assert store.state.message.text == "No lesson is open; L lists them."
    store.edit(learning_rate=0.5)
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert store.state.message.text == "Undone: learning rate."


def test_what_is_greyed_is_not_judged_anew_by_training(window, store, monkeypatch):
    calls = []
    real = ACTIONS["undo"].why_not
    counted = replace(ACTIONS["undo"], why_not=lambda state: (calls.append(1), real(state))[1])
    monkeypatch.setitem(ACTIONS, "undo", counted)
    for moment in train(store.state.experiment, steps=30, every=1):
        store.apply(take_snapshot, snapshot=replace(moment, run=store.state.run))
    assert calls == []
