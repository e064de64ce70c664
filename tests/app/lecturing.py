"""What tests of a lecture share: a window with a drawn picture and everything that floats over it."""

from dataclasses import replace

from reluviz.app.received import take_snapshot
from tests.app.inside import drawn_store, redraw
from tests.app.shell import filled_window


def open_window(qtbot, width=1280, height=720, scale=1.0, **settings):
    store = drawn_store(**settings)
    store.update(font_scale=scale)
    window = filled_window(qtbot, store, width, height)
    qtbot.wait(50)
    redraw(store)
    return store, window


def lecture_of(store):
    return store.state.lecture


def learn(store, step):
    """Bring a later moment with its picture, as the engine and the drawing thread do."""
    snapshot = replace(store.state.snapshot, step=step, train_loss=0.5, train_accuracy=0.75, test_accuracy=0.5)
    store.set(take_snapshot(store.state, snapshot))
    redraw(store)
