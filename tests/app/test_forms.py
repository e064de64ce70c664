"""What all forms of settings have in common."""

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QSlider, QToolButton, QWidget

from reluviz.app import forms
from reluviz.app.forms import GROUPS, make_field, make_section
from reluviz.core.experiment import SETTINGS, Experiment
from tests.app.forms_hand import named, retype

NUMBERS = [(n, s) for n, s in SETTINGS.items() if s.kind in ("int", "float")]
CHOICES = [(n, s) for n, s in SETTINGS.items() if s.kind == "choice"]


@pytest.mark.parametrize(("name", "setting"), NUMBERS, ids=[n for n, _ in NUMBERS])
def test_every_number_can_be_typed(column, store, qtbot, name, setting):
    wanted = 3 if setting.kind == "int" else 0.25
    retype(qtbot, named(column, QLineEdit, setting.label), str(wanted))
    assert getattr(store.state.experiment, name) == wanted


@pytest.mark.parametrize(("name", "setting"), NUMBERS, ids=[n for n, _ in NUMBERS])
@pytest.mark.parametrize("text", ["", "abc", "1e999", "nan", "-7"])
def test_a_bad_number_leaves_the_old_value_in_view_and_says_why(column, store, qtbot, name, setting, text):
    before = store.state.experiment
    line = named(column, QLineEdit, setting.label)
    shown = line.text()
    retype(qtbot, line, text or " ")
    assert store.state.experiment is before
    assert line.text() == shown
    assert store.state.message.kind == "error"
    assert store.state.message.text.startswith(f"{name}: ")


@pytest.mark.parametrize(("name", "setting"), CHOICES, ids=[n for n, _ in CHOICES])
def test_every_choice_offers_what_the_setting_allows(column, store, qtbot, name, setting):
    box = named(column, QComboBox, setting.label)
    assert tuple(box.itemData(i) for i in range(box.count())) == setting.choices
    assert all(box.itemText(i).strip() for i in range(box.count()))
    index = (box.currentIndex() + 1) % box.count()
    box.setCurrentIndex(index)
    box.activated.emit(index)
    assert getattr(store.state.experiment, name) == setting.choices[index]


def test_forms_show_what_changes_elsewhere(column, store):
    store.edit(learning_rate=0.125, optimizer="sgd", hidden=(5,), dataset="xor")
    assert named(column, QLineEdit, "Learning rate").text() == "0.125"
    assert named(column, QComboBox, "Optimiser").currentData() == "sgd"
    assert named(column, QLineEdit, "Units in layer 1").text() == "5"
    assert named(column, QToolButton, "XOR").isChecked()


def test_every_setting_has_a_control_with_name_and_tooltip(column):
    text = " ".join(
        [w.accessibleName() for w in column.findChildren(QWidget)] + [w.text() for w in column.findChildren(QLabel)]
    )
    for name, setting in SETTINGS.items():
        if setting.kind not in (*forms.NETWORK_KINDS, *forms.ELSEWHERE, "dataset"):
            assert setting.label in text, name
    kinds = (QLineEdit, QComboBox, QSlider, QToolButton, QCheckBox)
    for widget in (w for kind in kinds for w in column.findChildren(kind)):
        label = widget.accessibleName() or widget.text()
        assert label, widget
        assert re.search(r"\w+ \w+.*\.$", widget.toolTip()), f"{label}: {widget.toolTip()!r}"


def test_the_keyboard_reaches_every_control(column):
    seen, widget = set(), column.nextInFocusChain()
    while widget is not column:
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            seen.add(widget)
        widget = widget.nextInFocusChain()
    for kind in (QLineEdit, QComboBox, QSlider, QCheckBox, QToolButton):
        assert set(column.findChildren(kind)) <= seen


def test_a_mouse_click_on_a_control_takes_no_keys_away(column):
    for kind in (QComboBox, QSlider, QCheckBox, QToolButton):
        assert all(not w.focusPolicy() & Qt.FocusPolicy.ClickFocus for w in column.findChildren(kind))


def test_a_slider_changes_its_number_live(column, store):
    slider = named(column, QSlider, "Learning rate, slider")
    run = store.state.run
    slider.setValue(slider.maximum())
    assert store.state.experiment.learning_rate == 100
    slider.setValue(0)
    assert store.state.experiment.learning_rate == 0
    assert store.state.run == run


def test_a_typed_number_between_two_slider_positions_stays(column, store, qtbot):
    line = named(column, QLineEdit, "Learning rate")
    retype(qtbot, line, "0.0123457")
    assert store.state.experiment.learning_rate == 0.0123457
    store.edit(l2=0.1)
    assert store.state.experiment.learning_rate == 0.0123457


def test_the_dice_draws_another_seed(column, store, monkeypatch):
    monkeypatch.setattr("reluviz.app.widgets.seed_field.draw_seed", lambda: 4321)
    run = store.state.run
    named(column, QToolButton, "New weight seed").click()
    assert (store.state.experiment.seed, store.state.run) == (4321, run + 1)


def test_the_wheel_scrolls_and_changes_nothing(column, store, qtbot):
    from PySide6.QtCore import QPoint, QPointF
    from PySide6.QtGui import QWheelEvent
    from PySide6.QtWidgets import QApplication

    before = store.state.experiment
    for widget in (named(column, QComboBox, "Loss"), named(column, QSlider, "Noise, slider")):
        event = QWheelEvent(
            QPointF(5, 5),
            QPointF(5, 5),
            QPoint(),
            QPoint(0, -120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(widget, event)
        assert not event.isAccepted()
    assert store.state.experiment is before


def test_a_tile_per_data_set_and_one_for_files(column, store, qtbot, monkeypatch):
    asked = []
    monkeypatch.setattr(forms.files, "ask_data", asked.append)
    section = make_section("Data", store)
    qtbot.addWidget(section)
    named(section, QToolButton, "Own file").click()
    assert asked == [store]
    tile = named(section, QToolButton, "Two moons")
    tile.click()
    assert store.state.experiment.dataset == "moons"
    assert tile.isChecked()
    qtbot.waitUntil(lambda: not tile.icon().isNull())


def test_a_file_in_use_is_named(column, store, qtbot, write):
    path = write("mine.csv", "0,0,a\n1,1,b\n0,1,a\n")
    store.edit(dataset=str(path))
    qtbot.waitUntil(lambda: store.state.experiment.dataset == str(path))
    assert any(label.text() == "mine.csv" for label in column.findChildren(QLabel))
    assert named(column, QToolButton, "Own file").isChecked()


def test_groups_are_those_of_the_settings(column):
    assert list(column.sections) == [*GROUPS, "View"]


def test_sections_fold(column, qtbot):
    section = column.sections["Training"]
    with qtbot.waitSignal(section.folded):
        section.header.click()
    assert section.is_folded
    section.header.click()
    assert not section.is_folded


def test_a_new_field_gets_a_control_by_its_kind(qtbot):
    for name, setting in SETTINGS.items():
        if setting.kind in ("int", "float", "choice"):
            field = make_field(name, setting)
            qtbot.addWidget(field)
            field.show_value(getattr(Experiment(), name))
