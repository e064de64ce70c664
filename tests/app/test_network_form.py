"""The form of the network: layers, kinds, activations and formulas."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QSlider, QToolButton

from reluviz.app.widgets.formula_field import say_formula
from reluviz.app.widgets.network_field import NetworkField
from reluviz.core.activations import ACTIVATIONS
from reluviz.core.setting import MAX_LAYERS
from tests.app.forms_hand import named, retype


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
