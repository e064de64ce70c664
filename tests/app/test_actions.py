import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QCheckBox, QLineEdit, QMainWindow, QSlider

from reluviz.app.action_set import ActionSet, tooltip
from reluviz.app.actions import ACTIONS, MENUS, TOPICS
from reluviz.app.actions.activation import BY_DIGIT
from reluviz.app.keys_sheet import KeysSheet
from reluviz.core.resources import resource
from reluviz.core.snapshot import FOREVER
from reluviz.core.view import HOME


def press(qtbot, window, key, modifier=Qt.KeyboardModifier.NoModifier):
    qtbot.keyClick(QApplication.focusWidget() or window, key, modifier)


@pytest.mark.parametrize("row", ACTIONS.values(), ids=list(ACTIONS))
def test_every_row_can_be_shown(row):
    assert ACTIONS[row.id] is row
    assert row.menu in (*MENUS, "")
    assert re.fullmatch(r"[A-Z].+\.", row.help), row.help
    assert row.title[0].isupper()
    assert not row.icon or resource(f"icons/{row.icon}.svg").exists()
    for key in row.keys:
        assert QKeySequence(key).toString() == key, key


def test_no_key_serves_two_commands():
    users = {}
    for row in ACTIONS.values():
        for key in row.keys:
            users.setdefault(QKeySequence(key).toString(), []).append(row.id)
    assert {key: rows for key, rows in users.items() if len(rows) > 1} == {}


def test_no_two_rows_of_all_topics_have_one_name():
    rows = [row.id for topic in TOPICS for row in topic.ROWS]
    assert sorted(rows) == sorted(set(rows)) == sorted(ACTIONS)


def test_menus_hold_every_command_once(store, qtbot):
    window = QMainWindow()
    qtbot.addWidget(window)
    menus = ActionSet(store, window).make_menus(window)
    shown = [action.objectName() for menu in menus for action in menu.actions() if not action.isSeparator()]
    assert sorted(shown) == sorted(name for name, row in ACTIONS.items() if row.menu)
    assert [menu.title() for menu in menus] == [f"&{name}" for name in MENUS]
    for menu in menus:
        rows = [action.isSeparator() for action in menu.actions()]
        assert not rows[0]
        assert not rows[-1]
        groups = [ACTIONS[action.objectName()].group for action in menu.actions() if not action.isSeparator()]
        assert groups == sorted(groups)


def test_tooltips_name_key_and_effect(window):
    action = window.actions_of.actions["reset"]
    assert action.toolTip() == f"Reset (R): {ACTIONS['reset'].help}"
    assert tooltip(ACTIONS["theme_dark"], "Dark theme", ()) == f"Dark theme: {ACTIONS['theme_dark'].help}"


def test_space_plays_and_pauses(window, store, qtbot):
    action = window.actions_of.actions["play"]
    assert store.state.until == FOREVER
    assert action.text() == "Pause"
    press(qtbot, window, Qt.Key.Key_Space)
    assert store.state.until == 0
    assert action.text() == "Play"
    assert not action.icon().isNull()
    press(qtbot, window, Qt.Key.Key_Space)
    assert store.state.until == FOREVER


def test_the_right_arrow_steps_one_batch_or_epoch(window, store, qtbot):
    press(qtbot, window, Qt.Key.Key_Right)
    assert store.state.until == 1
    store.update(step_unit="epoch")
    assert window.actions_of.actions["step"].text() == "Step one epoch"
    press(qtbot, window, Qt.Key.Key_Right)
    assert store.state.until == store.state.steps_per_epoch == 11


def test_r_and_n_begin_again(window, store, qtbot):
    run, seed = store.state.run, store.state.experiment.seed
    press(qtbot, window, Qt.Key.Key_R)
    assert (store.state.run, store.state.experiment.seed) == (run + 1, seed)
    press(qtbot, window, Qt.Key.Key_N)
    assert store.state.run == run + 2
    assert store.state.experiment.seed != seed


def test_digits_choose_activations_while_training_goes_on(window, store, qtbot):
    run = store.state.run
    for number, name in enumerate(BY_DIGIT, 1):
        press(qtbot, window, Qt.Key(Qt.Key.Key_0 + number))
        assert store.state.experiment.activation == (name,)
        assert window.actions_of.actions[f"activation_{name}"].isChecked()
    assert store.state.run == run
    store.update(swap_afresh=True)
    press(qtbot, window, Qt.Key.Key_9)
    assert store.state.run == run  # It held already.
    press(qtbot, window, Qt.Key.Key_1)
    assert (store.state.run, store.state.experiment.seed, store.state.start) == (run + 1, 0, None)


def test_choosing_the_activation_that_holds_keeps_its_mark(window, store):
    action = window.actions_of.actions["activation_relu"]
    action.trigger()
    assert action.isChecked()


def test_letters_switch_what_is_seen(window, store, qtbot):
    for key, read in (
        (Qt.Key.Key_D, lambda s: s.show_points),
        (Qt.Key.Key_T, lambda s: s.show_test_points),
        (Qt.Key.Key_O, lambda s: s.view.boundary),
    ):
        assert read(store.state)
        press(qtbot, window, key)
        assert not read(store.state)
    for style in ("equal", "none", "bend"):
        press(qtbot, window, Qt.Key.Key_E)
        assert store.state.view.lines == style


def test_z_shows_the_whole_square(window, store, qtbot):
    from dataclasses import replace

    store.update(view=replace(store.state.view, bounds=(0.1, 0.2, 0.1, 0.2)))
    press(qtbot, window, Qt.Key.Key_Z)
    assert store.state.view.bounds == HOME


def test_plus_and_minus_change_type(window, store, qtbot):
    before = QApplication.font().pixelSize()
    press(qtbot, window, Qt.Key.Key_Plus)
    assert store.state.font_scale == 1.1
    qtbot.waitUntil(lambda: QApplication.font().pixelSize() != before)
    press(qtbot, window, Qt.Key.Key_Minus)
    press(qtbot, window, Qt.Key.Key_Minus)
    assert store.state.font_scale == 0.9
    press(qtbot, window, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    assert store.state.font_scale == 1.0


def test_p_goes_to_the_projector_and_back(window, store, qtbot):
    press(qtbot, window, Qt.Key.Key_P)
    assert store.state.theme == "projector"
    press(qtbot, window, Qt.Key.Key_P)
    assert (store.state.theme, store.state.font_scale) == ("dark", 1.0)


def test_keys_are_letters_while_typing(window, store, qtbot):
    line = next(w for w in window.findChildren(QLineEdit) if w.accessibleName() == "Learning rate")
    line.setFocus()
    line.selectAll()
    before = store.state
    qtbot.keyClicks(line, "r n5+-f ")
    assert line.text() == "r n5+-f "
    assert store.state is before


def test_enter_gives_the_keys_back(window, store, qtbot):
    line = next(w for w in window.findChildren(QLineEdit) if w.accessibleName() == "Learning rate")
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, "0.5")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert store.state.experiment.learning_rate == 0.5
    assert QApplication.focusWidget() is not line
    press(qtbot, window, Qt.Key.Key_Space)
    assert store.state.until == 0


def test_a_focused_control_keeps_the_keys_it_works_with(window, store, qtbot):
    box = next(w for w in window.findChildren(QCheckBox) if w.text() == "Test points")
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Space)
    assert store.state.show_test_points is False
    assert store.state.until == FOREVER
    slider = next(w for w in window.findChildren(QSlider) if w.accessibleName() == "Noise, slider")
    slider.setFocus()
    noise = store.state.experiment.noise
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert store.state.experiment.noise > noise
    assert store.state.until == FOREVER


def test_the_sheet_lists_every_key(window, store, qtbot):
    press(qtbot, window, Qt.Key.Key_Question)
    sheet = window.findChild(KeysSheet)
    assert sheet.isVisible()
    from PySide6.QtWidgets import QLabel

    words = {label.text() for label in sheet.findChildren(QLabel)}
    for row in ACTIONS.values():
        if row.keys:
            assert {row.title, row.help} <= words
    sheet.reject()
    assert store.state.keys_shown is False
    press(qtbot, window, Qt.Key.Key_Question)
    assert store.state.keys_shown is True


def test_icons_follow_the_theme(window, store):
    action = window.actions_of.actions["reset"]

    def ink():
        image = action.icon().pixmap(40).toImage()
        return {
            image.pixelColor(x, y).name() for x in range(40) for y in range(40) if image.pixelColor(x, y).alpha() > 250
        }

    assert ink() == {"#e9edf3"}
    store.edit()
    window.actions_of.actions["projector"].trigger()
    assert ink() == {"#000000"}
