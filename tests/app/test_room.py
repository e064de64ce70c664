"""Who gets the room of a small window, and what colour the rest of it has."""

import pytest

from reluviz.app import commands
from reluviz.app.received import begin_run
from reluviz.app.state import take_theme
from reluviz.app.theme import apply_theme
from reluviz.core.palette import PALETTES
from tests.app.shell import filled_window


@pytest.fixture
def make_window(store, qtbot, qapp):
    def make(scale):
        store.update(font_scale=scale)
        return filled_window(qtbot, store), store

    yield make
    apply_theme(qapp, "dark", 1.0)


def test_figures_give_way_where_that_saves_a_row(make_window, qtbot):
    window, _ = make_window(1.25)
    epoch, step = window.transport.values["epoch"], window.transport.values["step"]
    qtbot.waitUntil(epoch.isHidden)
    assert not step.isHidden()
    qtbot.waitUntil(lambda: window.transport.height() < 2 * step.sizeHint().height())
    window.resize(1920, 720)
    qtbot.waitUntil(lambda: not epoch.isHidden())


def test_what_lies_between_panes_has_the_colour_of_the_theme(make_window, qapp, qtbot):
    window, store = make_window(1.0)
    commands.toggle_compare(store)
    commands.start_comparing(store)
    store.set(begin_run(store.state))
    grid = window.stage.grid
    for theme in ("projector", "dark"):  # A style sheet that changes would bring back a palette of before.
        store.apply(take_theme, name=theme)
        apply_theme(qapp, theme, store.state.font_scale)
        qtbot.wait(20)
        first = grid.canvases[0].geometry()
        between = grid.grab().toImage().pixelColor(first.right() + 4, first.center().y())
        assert between.name() == PALETTES[theme].background.lower()
