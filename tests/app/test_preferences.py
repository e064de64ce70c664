import json

import pytest

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
from reluviz.app.preferences.state import Preferences, from_plain, note_use, to_plain

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
    own = note_use(give_key(Preferences(motion="reduced", line_strength=1.5, autosave=False), PLAY, "Q"), "action:play")
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
