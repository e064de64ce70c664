import multiprocessing
import threading
import time

import pytest


@pytest.fixture
def no_leftovers():
    """Fail a test that leaves threads or processes behind."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        threads = [t for t in threading.enumerate() if t not in before and not t.name.startswith("ThreadPool")]
        processes = multiprocessing.active_children()
        if not threads and not processes:
            return
        time.sleep(0.02)
    pytest.fail(f"left behind: {[t.name for t in threads]}, {processes}")


@pytest.fixture(autouse=True)
def no_dead_widgets(request):
    """Delete what was closed: a change of theme styles every widget alive, of earlier tests too."""
    yield
    if "qapp" in request.fixturenames:
        from PySide6.QtCore import QCoreApplication, QEvent

        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture(autouse=True)
def own_settings(monkeypatch, tmp_path_factory):
    """Keep a test's window away from what a person's own window saved and recorded."""
    monkeypatch.setenv("RELUVIZ_SETTINGS", str(tmp_path_factory.mktemp("settings")))


@pytest.fixture
def settings():
    """The experiment's fields that differ in a file's `store`."""
    return {}


@pytest.fixture
def new_store(settings):
    """What a file's `store` begins with: without an engine."""
    from tests.app.shell import make_store

    return make_store(**settings)


@pytest.fixture
def store(qtbot, new_store):
    """A store, closed after the test."""
    yield new_store
    new_store.close()


@pytest.fixture
def bare_window(qtbot):
    """Stands for a window where only a parent is needed."""
    from PySide6.QtWidgets import QWidget

    window = QWidget()
    window.resize(800, 600)
    qtbot.addWidget(window)
    return window


@pytest.fixture
def window(store, qtbot):
    """A window whose canvas, not yet filled, has the keyboard."""
    from tests.app.shell import focused_window

    return focused_window(qtbot, store)


@pytest.fixture
def column(store, qtbot):
    """The forms of a window."""
    from reluviz.app.forms import SettingsColumn

    column = SettingsColumn(store)
    qtbot.addWidget(column)
    column.show()
    return column
