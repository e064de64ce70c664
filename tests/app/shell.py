"""What tests of the window's shell share: a store without an engine, and a window around it."""

import sys
from contextlib import contextmanager

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from reluviz.app.received import begin_run
from reluviz.app.state import AppState, take_experiment
from reluviz.app.store import Store
from reluviz.app.theme import apply_theme, load_fonts
from reluviz.app.window import Window
from reluviz.core.experiment import Experiment


def make_store(**fields):
    return Store(take_experiment(AppState(), Experiment(**fields)))


def begun_store(**fields):
    """Return a store whose run has its first moment."""
    store = make_store(**fields)
    store.set(begin_run(store.state))
    return store


def edit_experiment(state, **changes):
    """Change settings as the store does, where no file has to be read."""
    return take_experiment(state, state.experiment.edit(**changes))


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


def new_window(qtbot, store, width, height):
    """Return a window in the type of its state: tests before may have left another one."""
    load_fonts()
    apply_theme(QApplication.instance(), store.state.theme, store.state.font_scale)
    window = Window(store)
    qtbot.addWidget(window)
    window.resize(width, height)
    window.size_docks(width)
    return window


def filled_window(qtbot, store, width=1280, height=720):
    """Return a window with its canvas and all panels, in front of others."""
    window = new_window(qtbot, store, width, height)
    with qtbot.waitSignal(window.painted):
        window.show()
    window.fill()
    qtbot.waitUntil(window.stage.isVisible)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def focused_window(qtbot, store, width=1280, height=720):
    """Return a window, not yet filled; a bare widget in the place of its canvas has the keyboard."""
    window = new_window(qtbot, store, width, height)
    window.canvas = QWidget()
    window.canvas.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    window.centralWidget().layout().addWidget(window.canvas)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    window.canvas.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)
    return window
