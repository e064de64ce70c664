import json
import math
from dataclasses import replace

import pytest

from reluviz.app import settings as module
from reluviz.app.commands import toggle_projector
from reluviz.app.preferences.detail import take_line_strength
from reluviz.app.settings import (
    Settings,
    read_settings,
    saved_experiment,
    settings_of,
    settings_path,
    take_settings,
    write_settings,
)
from reluviz.app.state import AppState, lend_theme, take_font_scale, take_theme
from reluviz.app.store import Store
from reluviz.core.experiment import Experiment
from tests.app.shell import make_store


def test_what_is_written_is_read(tmp_path):
    state = make_store(dataset="blobs", hidden=(7,)).state
    state = take_theme(replace(state, steps_per_second=20.0, step_unit="epoch", show_points=False), "projector")
    look = {"smooth": "melt", "epsilon": 0.01, "eta": 3.0, "fills": "red_green", "region_budget": 100_000}
    state = replace(state, view=replace(state.view, coloring="gradient", lines="none", boundary=False, **look))
    state = take_line_strength(replace(state, swap_afresh=True), 1.5)
    own = replace(state.preferences, keys=(("play", ("Q",)),), motion="reduced", autosave=False, used=("action:play",))
    state = replace(state, preferences=own)
    settings = settings_of(state, "geometry", "docks", ("View",))
    write_settings(tmp_path / "deep" / "settings.json", settings)
    read, complaint = read_settings(tmp_path / "deep" / "settings.json")
    assert (read, complaint) == (settings, "")
    assert saved_experiment(read) == (state.experiment, "")
    back = take_settings(AppState(), read)
    for name in (
        "theme",
        "plain_theme",
        "font_scale",
        "steps_per_second",
        "step_unit",
        "show_points",
        "view",
        "swap_afresh",
    ):
        assert getattr(back, name) == getattr(state, name), name
    assert back.preferences == state.preferences


def test_a_theme_that_a_start_was_lent_is_not_remembered():
    before = take_font_scale(take_theme(make_store().state, "light"), 1.1)
    lent = lend_theme(before, "projector")
    assert (lent.theme, lent.view.palette, lent.font_scale) == ("projector", "projector", 1.38)
    kept = settings_of(lent, "", "", ())
    assert (kept.theme, kept.font_scale) == ("light", 1.1)
    larger = settings_of(take_font_scale(lent, 1.5), "", "", ())
    assert (larger.theme, larger.font_scale) == ("light", 1.2)


def test_a_theme_chosen_by_hand_is_remembered_whatever_was_lent():
    store = Store(lend_theme(make_store().state, "projector"))
    toggle_projector(store)
    assert settings_of(store.state, "", "", ()).theme == "dark"
    toggle_projector(store)
    assert settings_of(store.state, "", "", ()).theme == "projector"
    already = take_theme(make_store().state, "projector")
    assert settings_of(lend_theme(already, "projector"), "", "", ()).theme == "projector"


def test_as_fast_as_it_goes_survives_json(tmp_path):
    write_settings(tmp_path / "s.json", settings_of(make_store().state, "", "", ()))
    assert "Infinity" not in (tmp_path / "s.json").read_text()
    assert take_settings(AppState(), read_settings(tmp_path / "s.json")[0]).steps_per_second == math.inf


def test_nothing_saved_is_no_complaint(tmp_path):
    assert read_settings(tmp_path / "none.json") == (Settings(), "")


@pytest.mark.parametrize("content", ["{", "[]", "\udcff".encode("utf-8", "surrogateescape"), "[" * 100_000, "12"])
def test_a_broken_file_is_set_aside_with_one_sentence(tmp_path, write, content):
    path = write("settings.json", content)
    read, complaint = read_settings(path)
    assert read == Settings()
    assert complaint.count(".") >= 1
    assert "set aside" in complaint
    assert not path.exists()
    assert (tmp_path / "settings.json.broken").exists()


def test_a_broken_file_that_cannot_be_set_aside_is_named(write, monkeypatch):
    def fail(*_):
        raise OSError(13, "Permission denied")

    monkeypatch.setattr(module.os, "replace", fail)
    assert "cannot be set aside (Permission denied)" in read_settings(write("settings.json", "{"))[1]


def test_a_folder_instead_of_a_file_is_a_complaint(tmp_path):
    assert "cannot be read" in read_settings(tmp_path)[1]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("theme", "pink"),
        ("theme", ["dark"]),
        ("font_scale", 40),
        ("font_scale", True),
        ("font_scale", "1"),
        ("speed", -1),
        ("speed", float("nan")),
        ("lines", "wavy"),
        ("smooth", "wavy"),
        ("epsilon", 0.0),
        ("eta", -1.0),
        ("fills", ["own"]),
        ("region_budget", 10**9),
        ("region_budget", [1]),
        ("swap_afresh", 1),
        ("preferences", []),
        ("coloring", "none such"),
        ("boundary", "yes"),
        ("geometry", 3),
        ("folded", "View"),
        ("folded", [1]),
        ("experiment", []),
        ("step_unit", "year"),
        ("unheard_of", 1),
    ],
)
def test_a_value_that_does_not_fit_is_left_out(write, name, value):
    path = write("settings.json", json.dumps({"theme": "light", "show_points": False} | {name: value}))
    read, complaint = read_settings(path)
    assert complaint == ""
    assert read.show_points is False
    assert getattr(read, name, None) == getattr(Settings(), name, None)


def test_an_experiment_that_cannot_be_used_is_named():
    experiment, complaint = saved_experiment(Settings(experiment={"hidden": [0]}))
    assert experiment == Experiment()
    assert "hidden: 0 is out of range" in complaint


def test_the_place_follows_the_system_or_the_variable(tmp_path, monkeypatch):
    monkeypatch.setenv("RELUVIZ_SETTINGS", str(tmp_path))
    assert settings_path() == tmp_path / "settings.json"
    monkeypatch.delenv("RELUVIZ_SETTINGS")
    assert settings_path().name == "settings.json"
    assert "reluviz" in str(settings_path())
