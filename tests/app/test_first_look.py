"""What a newcomer sees in the first minute: nothing cut, nothing that scrolls, and keys that do what one expects."""

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox

from reluviz.app.canvas.axes import DataAxis, round_step
from reluviz.app.canvas.key_chip import KeyChip
from reluviz.app.compare.pane_header import shortened
from reluviz.app.look_commands import toggle_hero
from reluviz.app.received import begin_run, take_picture
from reluviz.app.state import take_theme
from reluviz.app.theme import apply_theme, load_fonts
from reluviz.app.transport import READOUTS
from reluviz.app.widgets.choice import GAP
from reluviz.app.window import Window
from reluviz.core.palette import PALETTES
from reluviz.core.picture import make_picture
from tests.app.shell import make_store


@pytest.fixture
def make_window(qtbot, qapp):
    store = make_store()

    def make(scale):
        load_fonts()
        store.update(font_scale=scale)
        apply_theme(qapp, "dark", scale)
        window = Window(store)
        qtbot.addWidget(window)
        window.resize(1280, 720)
        window.size_docks(1280)
        with qtbot.waitSignal(window.painted):
            window.show()
        window.fill()
        return window, store

    yield make
    store.close()
    apply_theme(qapp, "dark", 1.0)


def room_of(box):
    """Return the width of what is between a list's edge and its arrow."""
    option = QStyleOptionComboBox()
    box.initStyleOption(option)
    field = QStyle.SubControl.SC_ComboBoxEditField
    return box.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, box).width()


@pytest.mark.parametrize("scale", [1.1])
def test_choices_are_read_uncut(make_window, qtbot, scale):
    window, _ = make_window(scale)
    qtbot.wait(50)
    for box in window.column.findChildren(QComboBox):
        icon = box.iconSize().width() + 4 if not box.itemIcon(box.currentIndex()).isNull() else 0
        for name in (box.currentText(), "Absolute value" if icon else "Activation pattern"):
            assert box.fontMetrics().horizontalAdvance(name) + icon <= room_of(box), (box.accessibleName(), name)


@pytest.mark.parametrize("scale", [1.0, 1.1])
def test_panels_show_all_they_have(make_window, qtbot, scale):
    window, _ = make_window(scale)
    qtbot.wait(50)
    for name in ("learning", "counts", "region"):
        assert window.docks[name].widget().verticalScrollBar().maximum() == 0, name


def test_the_key_enlarges_the_panel_that_was_asked_for(make_window):
    window, store = make_window(1.0)
    window.canvas.setFocus()
    toggle_hero(store)
    assert store.state.hero == ""  # Nothing was asked for: it says what to do.
    assert "panel" in store.state.message.text
    window.docks["network"].toggleViewAction().trigger()
    toggle_hero(store)
    assert store.state.hero == "network"
    toggle_hero(store)
    window.docks["network"].close()
    window.canvas.setFocus()
    toggle_hero(store)
    assert store.state.hero == ""


def test_a_narrow_pane_keeps_its_accuracy():
    said = "679 regions \N{MIDDLE DOT} 98.7 %"
    assert shortened(said, len, 20) == said
    assert shortened(said, len, 12) == "98.7 %"
    assert shortened(said, len, 1) == "98.7 %"
    assert shortened("Loss is not finite since step 8.", len, 5) == "Loss is not finite since step 8."


def test_the_key_of_colours_stands_on_the_canvas_and_gives_way(make_window, qtbot):
    window, store = make_window(1.0)
    store.set(begin_run(store.state))
    view = replace(store.state.view, coloring="prediction")
    store.update(view=view)
    store.set(take_picture(store.state, make_picture(store.state.snapshot, view)))
    chip = window.canvas.findChild(KeyChip)
    qtbot.waitUntil(chip.isVisible)
    assert chip.key.ticks[1] == "unsure"
    assert window.canvas.viewport().rect().contains(chip.geometry())
    assert "unsure" in chip.accessibleName()
    window.canvas.resize(260, 260)
    assert not chip.isVisible()
    pattern = replace(store.state.view, coloring="pattern")
    store.set(take_picture(store.state, make_picture(store.state.snapshot, pattern)))
    qtbot.waitUntil(lambda: chip.key is None)


@pytest.mark.parametrize("scale", [1.0, 1.1, 2.0])
def test_a_list_has_room_for_each_of_its_choices(make_window, qtbot, scale):
    window, _ = make_window(scale)
    qtbot.wait(50)
    box = window.transport.unit
    for name in ("batch", "epoch"):
        box.setCurrentText(name)
        assert box.fontMetrics().horizontalAdvance(name) + GAP <= room_of(box)


def test_heights_are_shared_anew_for_larger_type(make_window, qapp, qtbot):
    window, store = make_window(1.0)
    qtbot.wait(50)
    store.update(font_scale=1.25)
    counts = window.docks["counts"].widget()
    qtbot.waitUntil(lambda: counts.needed_height() > 0 and counts.height() >= 0.85 * counts.needed_height())
    learning = window.docks["learning"].widget()
    shares = [room.height() / room.needed_height() for room in (counts, learning)]
    qtbot.waitUntil(lambda: abs(shares[0] - shares[1]) < 0.35)


@pytest.mark.parametrize(
    ("least", "step"), [(0.1, 0.1), (0.11, 0.2), (0.3, 0.5), (0.51, 1.0), (3e-9, 5e-9), (0.0, 1.0)]
)
def test_ticks_stand_at_round_numbers(least, step):
    assert round_step(least) == pytest.approx(step)


def test_both_axes_have_ticks_at_the_same_distances(qtbot):
    for wide, high in ((1280, 720), (1920, 1080), (3840, 2160)):
        across = DataAxis("bottom").tickSpacing(0.0, wide / 300, wide)
        assert across == DataAxis("left").tickSpacing(0.0, high / 300, high)
        assert len(across) == 1


@pytest.mark.parametrize("scale", [1.1, 2.0])
def test_figures_never_move_their_neighbours(make_window, qtbot, scale):
    window, _ = make_window(scale)
    qtbot.wait(50)
    for name, _, template, _ in READOUTS:
        value = window.transport.values[name].value
        assert value.minimumWidth() >= value.fontMetrics().horizontalAdvance(template), name


def test_a_theme_changes_the_whole_window_in_one_paint(make_window, qapp):
    window, store = make_window(1.0)
    store.apply(take_theme, name="projector")
    assert PALETTES["projector"].surface in qapp.styleSheet()
    assert window.canvas.backgroundBrush().color().name() == PALETTES["projector"].canvas.lower()
