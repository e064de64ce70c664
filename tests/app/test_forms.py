import re
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QSlider, QToolButton, QWidget

from reluviz.app import forms, view_form
from reluviz.app.forms import GROUPS, SettingsColumn, make_field, make_section
from reluviz.app.widgets.formula_field import say_formula
from reluviz.app.widgets.network_field import NetworkField
from reluviz.core.activations import ACTIVATIONS
from reluviz.core.coloring import COLORINGS
from reluviz.core.experiment import SETTINGS, Experiment
from reluviz.core.setting import MAX_LAYERS


@pytest.fixture
def column(store, qtbot):
    column = SettingsColumn(store)
    qtbot.addWidget(column)
    column.show()
    return column


def named(column, kind, name):
    found = [child for child in column.findChildren(kind) if child.accessibleName() == name]
    assert len(found) == 1, f"{name}: {len(found)} of {kind.__name__}"
    return found[0]


def retype(qtbot, line, text):
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, text)
    qtbot.keyClick(line, Qt.Key.Key_Return)


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


def test_layers_and_units_come_and_go(column, store):
    more, fewer = named(column, QToolButton, "One layer more"), named(column, QToolButton, "One layer fewer")
    for _ in range(MAX_LAYERS + 2):
        more.click()
    assert store.state.experiment.hidden == (16,) * MAX_LAYERS
    assert not more.isEnabled()
    named(column, QToolButton, f"One unit more in layer {MAX_LAYERS}").click()
    assert store.state.experiment.hidden[-1] == 17
    named(column, QToolButton, "One unit fewer in layer 1").click()
    assert store.state.experiment.hidden[0] == 15
    for _ in range(MAX_LAYERS + 2):
        fewer.click()
    assert store.state.experiment.hidden == ()
    assert not fewer.isEnabled()
    more.click()
    assert store.state.experiment.hidden == (8,)


def test_units_keep_their_limits(column, store):
    store.edit(hidden=(1,))
    named(column, QToolButton, "One unit fewer in layer 1").click()
    assert store.state.experiment.hidden == (1,)
    assert "hidden: 0 is out of range; allowed is a whole number from 1 to 256." in store.state.message.text


def test_each_layer_may_have_its_own_activation(column, store):
    field = column.findChild(NetworkField)
    field.each.click()
    assert store.state.experiment.activation == ("relu", "relu")
    box = named(column, QComboBox, "Activation of layer 2")
    box.setCurrentIndex(box.findData("leaky_relu"))
    box.activated.emit(box.currentIndex())
    assert store.state.experiment.activation == ("relu", "leaky_relu")
    named(column, QToolButton, "One layer more").click()
    assert store.state.experiment.activation == ("relu", "leaky_relu", "leaky_relu")
    field.each.click()
    assert store.state.experiment.activation == ("relu",)


def test_the_parameter_slider_comes_with_the_activation(column, store, qtbot):
    names = [w.accessibleName() for w in column.findChildren(QSlider) if w.isVisibleTo(column)]
    assert not any("of all layers" in name for name in names)
    store.edit(activation="leaky_relu")
    retype(qtbot, named(column, QLineEdit, "Slope a of all layers"), "0.5")
    assert store.state.experiment.activation_parameter == (0.5,)
    retype(qtbot, named(column, QLineEdit, "Slope a of all layers"), "7")
    assert store.state.experiment.activation_parameter == (0.5,)
    assert "7 is out of range for leaky_relu; allowed is -2 to 2." in store.state.message.text


def test_every_activation_is_offered(column):
    box = named(column, QComboBox, "Activation of all layers")
    assert [box.itemData(i) for i in range(box.count())] == [*ACTIVATIONS, "own"]
    column.show()
    assert all(not box.itemIcon(i).isNull() for i in range(box.count()))


def test_a_formula_of_ones_own_is_checked_while_it_is_typed(column, store, qtbot):
    box = named(column, QComboBox, "Activation of all layers")
    box.activated.emit(box.count() - 1)
    assert store.state.experiment.activation == ("formula:max(z, 0.2*z)",)
    assert box.currentData() == "own"
    column.show()
    text, said = (
        named(column, QLineEdit, "Formula of all layers"),
        named(column, QLabel, "What the formula of all layers is"),
    )
    assert text.text() == "max(z, 0.2*z)"
    assert said.text() == "Piecewise linear, 2 pieces: its regions are exact."
    text.selectAll()
    qtbot.keyClicks(text, "1/z")
    assert "not finite at z = 0" in said.text()
    assert said.objectName() == "fieldError"
    qtbot.keyClick(text, Qt.Key.Key_Return)
    assert store.state.experiment.activation == ("formula:max(z, 0.2*z)",)
    text.selectAll()
    qtbot.keyClicks(text, "z*sigmoid(2*z)")
    assert said.text() == "Smooth: it has no linear regions."
    assert store.state.experiment.activation == ("formula:max(z, 0.2*z)",)  # Not before it is entered.
    qtbot.keyClick(text, Qt.Key.Key_Return)
    assert store.state.experiment.activation == ("formula:z*sigmoid(2*z)",)
    store.edit(activation="relu")
    assert not text.isVisibleTo(column)


@pytest.mark.parametrize(
    ("text", "usable", "said"),
    [
        ("", False, "Write an expression of z"),
        ("z", True, "1 piece:"),
        ("__import__('os')", False, "is not allowed"),
        ("z +", False, "is not an expression of z"),
        ("exp(exp(z))", False, "is not finite"),
        ("tanh(z)", True, "Smooth"),
    ],
)
def test_formulas_in_words(text, usable, said):
    assert say_formula(text)[0] == usable
    assert said in say_formula(text)[1]


def test_a_swap_keeps_the_weights_or_starts_afresh(column, store):
    run = store.state.run
    box = named(column, QComboBox, "Activation of all layers")
    box.activated.emit(box.findData("tanh"))
    assert store.state.run == run
    next(w for w in column.findChildren(QCheckBox) if w.text() == "Swap starts afresh").click()
    box.activated.emit(box.findData("relu"))
    assert store.state.run == run + 1
    named(column, QToolButton, "One unit more in layer 1").click()
    assert store.state.run == run + 2  # Other widths begin anew in any case, once.


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


def test_the_view_offers_every_colouring_and_theme(column, store):
    box = named(column, QComboBox, "Colour")
    assert [box.itemData(i) for i in range(box.count())] == list(COLORINGS)
    box.activated.emit(box.findData("gradient"))
    assert store.state.view.coloring == "gradient"
    theme = named(column, QComboBox, "Theme")
    theme.activated.emit(theme.findData("light"))
    assert (store.state.theme, store.state.view.palette) == ("light", "light")


@pytest.mark.parametrize("row", [r for r in view_form.VIEW_SETTINGS if not (r.choices or r.choices_of or r.scale)])
def test_switches_of_the_view_follow_and_change_the_state(column, store, row):
    box = next(w for w in column.findChildren(QCheckBox) if w.text() == row.label)
    before = row.read(store.state)
    box.click()
    assert row.read(store.state) is (not before)
    store.set(row.change(store.state, before))
    assert box.isChecked() is before


def test_type_size_is_in_per_cent(column, store, qtbot):
    retype(qtbot, named(column, QLineEdit, "Type size, %"), "150")
    assert store.state.font_scale == 1.5
    line = named(column, QLineEdit, "Type size, %")
    retype(qtbot, line, "big")
    assert store.state.font_scale == 1.5
    assert line.text() == "150"


def shown(column, name, kind=QComboBox):
    return named(column, kind, name).isVisibleTo(column)


def test_pictures_are_offered_where_the_network_can_have_them(column, store):
    box = named(column, QComboBox, "Picture")

    def offered():
        return [box.itemData(i) for i in range(box.count())], box.currentData()

    assert offered() == (["soft", "melt"], "soft")
    assert box.itemText(0) == "Exact regions"
    store.edit(activation="tanh")
    assert offered() == (["soft", "epsilon"], "soft")
    assert box.itemText(0) == "Soft boundaries"
    assert not shown(column, "Epsilon", QLineEdit)
    box.activated.emit(1)
    assert store.state.view.smooth == "epsilon"
    assert shown(column, "Epsilon", QLineEdit)
    store.edit(activation=("tanh", "relu"))
    assert offered() == (["soft", "epsilon", "melt"], "epsilon")
    store.edit(activation="relu")
    assert offered() == (["soft", "melt"], "soft")
    box.activated.emit(1)
    assert shown(column, "Hardness \u03b7", QLineEdit)
    assert not shown(column, "Epsilon", QLineEdit)


def test_epsilon_and_eta_stay_above_zero(column, store, qtbot):
    store.edit(activation="tanh")
    store.update(view=replace(store.state.view, smooth="epsilon"))
    text = named(column, QLineEdit, "Epsilon")
    retype(qtbot, text, "0.2")
    assert store.state.view.epsilon == 0.2
    for bad in ("0", "-1", "much"):
        retype(qtbot, text, bad)
        assert (store.state.view.epsilon, text.text()) == (0.2, "0.2")


def test_a_layer_is_chosen_where_the_colour_is_of_a_layer(column, store):
    assert not shown(column, "Of layer")
    store.update(view=replace(store.state.view, coloring="gain"))
    assert shown(column, "Of layer")
    box = named(column, QComboBox, "Of layer")
    assert (box.count(), box.currentData()) == (2, "0")
    box.activated.emit(1)
    assert (store.state.view.layer, store.state.view.unit) == (1, -1)
    store.edit(hidden=(4, 4, 4))
    assert (box.count(), box.currentData()) == (3, "1")


def choose_kind(column, where, kind):
    box = named(column, QComboBox, f"Kind of {where}")
    box.setCurrentIndex(box.findData(kind))
    box.activated.emit(box.currentIndex())


def test_kinds_of_layers(column, store):
    run = store.state.run
    choose_kind(column, "all layers", "walsh")
    assert store.state.experiment.layer_kinds == ("walsh", "walsh")
    assert store.state.run > run
    each = column.findChild(NetworkField).each
    each.click()
    choose_kind(column, "layer 2", "dense")
    assert store.state.experiment.layer_kinds == ("walsh", "dense")
    named(column, QToolButton, "One layer more").click()
    assert store.state.experiment.layer_kinds == ("walsh", "dense", "dense")
    each.click()
    assert store.state.experiment.layer_kind == ("walsh",)
    assert store.state.experiment.activation == ("relu",)
