import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog

from reluviz.app.actions import ACTIONS
from reluviz.app.preferences.keys import (
    give_key,
    keys_of,
    reset_all_keys,
    reset_keys,
    take_keys,
    taken_by,
    without_conflicts,
)
from reluviz.app.preferences.keys_page import say_key
from reluviz.app.preferences.motion import jumps
from reluviz.app.preferences.rows import PREFERENCES
from reluviz.app.preferences.state import Preferences, from_plain, note_use, to_plain
from reluviz.app.state import LINE_WIDTHS, PLAIN_LINE_WIDTH, take_theme

PLAY, RESET = ACTIONS["play"], ACTIONS["reset"]


def all_keys(preferences):
    return [key for row in ACTIONS.values() for key in keys_of(preferences, row)]


def test_a_key_has_one_command_whoever_asks_for_it():
    own = Preferences()
    assert taken_by(own, "R").id == "reset"
    own = give_key(own, PLAY, "R")
    assert keys_of(own, PLAY) == ("R",)
    assert keys_of(own, RESET) == ()
    assert taken_by(own, "R").id == "play"
    assert len(all_keys(own)) == len(set(all_keys(own)))
    own = reset_keys(own, RESET)
    assert keys_of(own, RESET) == ("R",)
    assert keys_of(own, PLAY) == ()
    own = reset_keys(own, PLAY)
    assert own == Preferences()


def test_keys_can_be_taken_away_and_all_given_back():
    own = take_keys(Preferences(), PLAY)
    assert keys_of(own, PLAY) == ()
    assert taken_by(own, "Space") is None
    assert reset_all_keys(own) == Preferences()


def test_a_second_key_of_a_command_stays_when_the_first_is_given_away():
    fullscreen = ACTIONS["fullscreen"]
    assert len(fullscreen.keys) >= 2
    own = give_key(Preferences(), PLAY, fullscreen.keys[0])
    assert keys_of(own, fullscreen) == fullscreen.keys[1:]


def test_what_is_saved_is_read_and_nothing_else():
    own = note_use(
        give_key(Preferences(motion="reduced", line_strength=1.5, autosave=False, goes_on=False), PLAY, "Q"),
        "action:play",
    )
    assert from_plain(json.loads(json.dumps(to_plain(own)))) == own
    assert from_plain({}) == Preferences()


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {"keys": [1]},
        {"keys": {"play": "Q"}},
        {"keys": {"play": [1]}},
        {"motion": "slow"},
        {"line_strength": 99},
        {"line_strength": "1"},
        {"autosave": 1},
        {"used": "abc"},
        {"used": [1]},
    ],
)
def test_what_does_not_fit_is_left_at_its_default(value):
    assert from_plain(value) == Preferences()


def test_saved_keys_that_met_later_ones_stand_and_forgotten_commands_go():
    saved = Preferences(keys=(("gone", ("Q",)), ("play", ("R",)), ("step", ("R", "J"))))
    own = without_conflicts(saved)
    assert keys_of(own, PLAY) == ("R",)
    assert keys_of(own, ACTIONS["step"]) == ("J",)
    assert keys_of(own, RESET) == ()
    assert "gone" not in dict(own.keys)
    assert len(all_keys(own)) == len(set(all_keys(own)))


def test_rows_used_last_come_first_once_each_and_few():
    own = Preferences()
    for index in [*range(30), 5]:
        own = note_use(own, f"row {index}")
    assert own.used[:2] == ("row 5", "row 29")
    assert len(own.used) == len(set(own.used)) == 12


@pytest.fixture
def sheet(window, store, qtbot):
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    sheet = window.sheets.sheet
    assert isinstance(sheet, QDialog)
    assert sheet.isVisible()
    return sheet


CHANGES = {
    "theme": "light",
    "size": 150,
    "fills": "red_green",
    "line_strength": 150,
    "budget": "100000",
    "motion": "reduced",
    "autosave": False,
    "goes_on": False,
}


def test_every_row_changes_at_once_and_follows_others(sheet, store):
    assert set(CHANGES) == {row.name for row in PREFERENCES}
    for row in PREFERENCES:
        before = row.read(store.state)
        sheet.fields[row.name].edited.emit({row.name: CHANGES[row.name]})
        assert row.read(store.state) == CHANGES[row.name] != before
    assert store.state.view.line_width == pytest.approx(1.5 * PLAIN_LINE_WIDTH)
    store.apply(take_theme, name="projector")
    assert sheet.fields["theme"].list.currentData() == "projector"
    assert store.state.view.line_width == pytest.approx(1.5 * LINE_WIDTHS["projector"])


def test_closing_puts_the_sheet_away(sheet, store, window):
    sheet.reject()
    assert store.state.sheet == ""
    assert window.sheets.sheet is None


def test_a_key_is_changed_by_keyboard_and_everything_follows(sheet, store, window, qtbot):
    sheet.pages.setCurrentIndex(1)
    page = sheet.keys
    page.search.setText("new weights")
    assert page.chosen.id == "new_weights"
    qtbot.keyClick(page.edit, Qt.Key.Key_R)
    assert page.sentence.text() == "R belongs to Reset. Giving it to New weights takes it from there."
    page.give.click()
    assert keys_of(store.state.preferences, ACTIONS["new_weights"]) == ("R",)
    assert page.table.item(page.table.currentRow(), 2).text() == "R"
    actions = window.actions_of.actions
    assert [key.toString() for key in actions["new_weights"].shortcuts()] == ["R"]
    assert actions["reset"].shortcuts() == []
    assert "(R)" in actions["new_weights"].toolTip()
    assert "(R)" not in actions["reset"].toolTip()
    sheet.end()
    seed = store.state.experiment.seed
    window.activateWindow()
    window.canvas.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_R)
    assert store.state.experiment.seed != seed


def test_buttons_take_and_give_back_keys(sheet, store):
    page = sheet.keys
    page.search.setText("reset")
    page.choose("reset")
    page.none.click()
    assert keys_of(store.state.preferences, RESET) == ()
    assert page.sentence.text() == "Reset has no key. Press one to give it."
    page.reset.click()
    assert store.state.preferences == Preferences()
    page.none.click()
    page.reset_all.click()
    assert store.state.preferences == Preferences()


def test_what_a_key_would_do_is_said():
    own = Preferences()
    assert say_key(own, None, "R").startswith("Choose a command")
    assert say_key(own, PLAY, "Space") == "Space is a key of Play. Press another one to change that."
    assert say_key(own, PLAY, "Ctrl+Alt+J") == "Ctrl+Alt+J is free."


def test_the_sheet_of_keys_shows_own_ones(window, store, qtbot):
    from PySide6.QtWidgets import QLabel

    from reluviz.app.keys_sheet import KeysSheet

    store.update(preferences=give_key(Preferences(), PLAY, "Ctrl+Alt+J"))
    store.update(keys_shown=True)
    words = [label.text() for label in window.findChild(KeysSheet).findChildren(QLabel)]
    assert "Ctrl+Alt+J" in words
    assert "Space" not in words


def test_the_tools_of_the_canvas_say_their_keys(store, qtbot):
    from reluviz.app.canvas.widget import CanvasWidget

    canvas = CanvasWidget(store)
    qtbot.addWidget(canvas)
    button = canvas.tool_bar.buttons["points"]
    assert button.toolTip().startswith("Points (A): ")
    store.update(preferences=give_key(Preferences(), ACTIONS["tool_points"], "Ctrl+Alt+J"))
    assert button.toolTip().startswith("Points (Ctrl+Alt+J): ")
    store.update(preferences=take_keys(Preferences(), ACTIONS["tool_points"]))
    assert button.toolTip().startswith("Points: ")


def test_motion_is_as_chosen_and_else_as_the_system_says(store, monkeypatch):
    from dataclasses import replace

    from reluviz.app.preferences import motion

    for system in (True, False):
        monkeypatch.setattr(motion, "system_jumps", lambda system=system: system)
        for name, wanted in (("system", system), ("full", False), ("reduced", True)):
            state = replace(store.state, preferences=Preferences(motion=name))
            assert jumps(state) is wanted


def test_a_fold_jumps_from_layer_to_layer_where_motion_is_reduced(store, qtbot):
    from reluviz.app.panels.fold import STEPS, FoldPanel

    store.update(preferences=Preferences(motion="reduced"))
    panel = FoldPanel(store)
    qtbot.addWidget(panel)
    panel.show()
    places = set()
    for time in range(0, 60):
        panel._advance(lambda time=time: time / 10)
        places.add(panel._slider.value())
    assert places == {0, STEPS, 2 * STEPS}
