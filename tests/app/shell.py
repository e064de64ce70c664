"""What tests of the window's shell share: a store without an engine, and a window around it."""

import sys
from contextlib import contextmanager

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from reluviz.app.state import AppState, take_experiment
from reluviz.app.store import Store
from reluviz.app.window import Window
from reluviz.core.experiment import Experiment


def make_store(**fields):
    return Store(take_experiment(AppState(), Experiment(**fields)))


@contextmanager
def counting_qt_calls():
    """Yield a list that gets the name of every call into Qt."""
    calls = []

    def count(frame, event, what):
        if event == "c_call" and "PySide6" in (getattr(type(getattr(what, "__self__", None)), "__module__", "") or ""):
            calls.append(what.__name__)

    sys.setprofile(count)
    try:
        yield calls
    finally:
        sys.setprofile(None)


def focused_window(qtbot, store, width=1280, height=720):
    """Return a window, not yet filled; a bare widget in the place of its canvas has the keyboard."""
    window = Window(store)
    qtbot.addWidget(window)
    window.canvas = QWidget()
    window.canvas.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    window.centralWidget().layout().addWidget(window.canvas)
    window.resize(width, height)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    window.canvas.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)
    return window
