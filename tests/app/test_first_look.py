"""What a newcomer sees in the first minute: nothing cut, nothing that scrolls, and keys that do what one expects."""

import pytest
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox

from reluviz.app.compare.pane_header import shortened
from reluviz.app.look_commands import toggle_hero
from reluviz.app.theme import apply_theme, load_fonts
from reluviz.app.window import Window
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


@pytest.mark.parametrize("scale", [1.0, 1.1])
def test_choices_are_read_uncut(make_window, qtbot, scale):
    window, _ = make_window(scale)
    qtbot.wait(50)
    for box in window.column.findChildren(QComboBox):
        option = QStyleOptionComboBox()
        box.initStyleOption(option)
        field = QStyle.SubControl.SC_ComboBoxEditField
        room = box.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, box).width()
        icon = box.iconSize().width() + 4 if not box.itemIcon(box.currentIndex()).isNull() else 0
        for name in (box.currentText(), "Absolute value" if icon else "Activation pattern"):
            assert box.fontMetrics().horizontalAdvance(name) + icon <= room, (box.accessibleName(), name)


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
