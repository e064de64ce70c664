"""The form of the view."""

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit

from reluviz.app import view_form
from reluviz.core.coloring import COLORINGS
from tests.app.forms_hand import named, retype


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
