"""What panels say the very first time, while their kernels are compiled."""

from dataclasses import replace

import pytest

from reluviz.app.panels import fold, network, surface
from reluviz.app.received import begin_run
from reluviz.app.widgets.image_view import PREPARING
from reluviz.app.workshop import Workshop
from reluviz.core.picture import make_picture


@pytest.fixture
def asked(store, monkeypatch):
    """Return a store with an exact picture, and what workshops are asked for, which never comes."""
    requests = []
    monkeypatch.setattr(Workshop, "ask", lambda self, request: requests.append(request))
    store.set(begin_run(store.state))
    store.update(picture=make_picture(store.state.snapshot, replace(store.state.view, width=60, height=60)))
    return requests


@pytest.mark.parametrize("kind", [surface.SurfacePanel, fold.FoldPanel])
def test_pictures_say_that_they_are_prepared(store, asked, qtbot, kind):
    panel = kind(store)
    qtbot.addWidget(panel)
    panel.show()
    panel.redraw(store.state)
    assert asked
    assert panel._view.sentence == PREPARING


def test_the_diagram_says_that_it_is_prepared(store, asked, qtbot):
    picture = store.state.picture
    store.update(picture=None)
    panel = network.NetworkPanel(store)
    qtbot.addWidget(panel)
    panel.show()
    panel.redraw(store.state)
    assert panel.view._words == network.WAITING
    store.update(picture=picture)
    panel.redraw(store.state)
    assert asked
    assert panel.view.diagram is None
    assert panel.view._words == network.PREPARING
