"""Who follows fields of the state hears of these and of nothing else."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QObject

from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.app.telling import FIELDS


@pytest.fixture
def bare():
    return Store(AppState())


def test_only_changes_of_the_named_fields_are_told(bare):
    told = []
    bare.on("theme", "hero").connect(lambda old, new: told.append((old.theme, new.theme, new.hero)))
    bare.update(probe=(0.1, 0.2))
    assert told == []
    bare.update(theme="light")
    bare.update(hero="walk", probe=None)
    assert told == [("dark", "light", ""), ("light", "light", "walk")]


def test_a_change_of_several_fields_is_told_once(bare):
    told = []
    bare.on("theme", "hero").connect(lambda old, new: told.append(new))
    bare.update(theme="light", hero="walk")
    assert len(told) == 1


def test_the_same_object_is_no_change(bare):
    told = []
    bare.on("view", "theme").connect(lambda old, new: told.append(new))
    bare.update(view=bare.state.view, theme=bare.state.theme)
    assert told == []


def test_a_part_of_a_field_is_followed_alone(bare):
    told = []
    bare.on("time.direction").connect(lambda old, new: told.append(new.time.direction))
    bare.update(time=replace(bare.state.time, speed=2.0))
    assert told == []
    bare.update(time=replace(bare.state.time, direction=1))
    assert told == [1]


@pytest.mark.parametrize("name", ["themes", "time.moments", "view.bounds.left", "playing", ""])
def test_a_wrong_name_raises_at_once(bare, name):
    with pytest.raises(LookupError, match=repr(name)):
        bare.on("theme", name)


def test_no_name_at_all_raises(bare):
    with pytest.raises(LookupError, match="at least one"):
        bare.on()


def test_the_names_are_the_fields_of_the_state():
    assert set(vars(AppState())) == set(FIELDS)


def test_disconnecting_asks_for_the_same_names_in_any_order(bare):
    told = []

    def hear(old, new):
        told.append(new)

    bare.on("theme", "hero").connect(hear)
    bare.on("hero", "theme").disconnect(hear)
    bare.update(theme="light")
    assert told == []


def test_who_is_destroyed_hears_no_more(bare):
    told = []

    class View(QObject):
        def follow(self, old, new):
            told.append(new)

    view = View()
    bare.on("theme").connect(view.follow)
    bare.update(theme="light")
    del view
    bare.update(theme="dark")
    assert len(told) == 1


def test_a_view_that_changes_the_state_is_heard_after_all_were_told(bare):
    seen = {"first": [], "second": [], "all": []}

    def first(old, new):
        seen["first"].append((old.hero, new.hero))
        if new.hero == "walk":
            bare.update(hero="fold", theme="light")

    bare.on("hero").connect(first)
    bare.on("hero", "theme").connect(lambda old, new: seen["second"].append((old.hero, new.hero)))
    bare.changed.connect(lambda old, new: seen["all"].append((old.hero, new.hero)))
    bare.update(hero="walk")
    assert seen["first"] == seen["second"] == seen["all"] == [("", "walk"), ("walk", "fold")]


def test_who_asks_while_others_are_told_hears_of_the_next_change(bare):
    told = []
    bare.on("theme").connect(lambda old, new: bare.on("hero").connect(lambda old, new: told.append(new.hero)))
    bare.update(theme="light", hero="walk")
    assert told == []
    bare.update(hero="fold")
    assert told == ["fold"]
