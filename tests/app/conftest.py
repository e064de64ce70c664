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
def store(qtbot, settings):
    """A store without an engine."""
    from tests.app.shell import make_store

    store = make_store(**settings)
    yield store
    store.close()


@pytest.fixture
def window(store, qtbot):
    """A window whose canvas, not yet filled, has the keyboard."""
    from tests.app.shell import focused_window

    return focused_window(qtbot, store)
