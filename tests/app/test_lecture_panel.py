"""The lecturer's panel: timer, notes and switches."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from PySide6.QtWidgets import QScrollArea

from reluviz.app.actions import ACTIONS
from reluviz.app.lecture import commands
from reluviz.app.lecture import timer as timers
from reluviz.app.lecture.audience_words import lecturer_notes, lesson_words
from reluviz.app.lecture.command_button import CommandButton
from reluviz.app.lecture.panel import LecturerPanel
from reluviz.app.preferences.keys import give_key
from reluviz.app.theme import apply_theme
from reluviz.core.palette import PALETTES
from reluviz.studio.lesson import Prediction
from tests.app.lecturing import lecture_of, open_window
from tests.app.shell import make_store


@pytest.fixture
def panel(qtbot):
    store = make_store()
    panel = LecturerPanel(store)
    qtbot.addWidget(panel)
    panel.resize(300, 700)
    panel.show()
    qtbot.waitExposed(panel)
    yield store, panel
    store.close()


def at(monkeypatch, second):
    monkeypatch.setattr("time.monotonic", lambda: second)


def test_the_timer_is_started_rests_and_begins_again(panel, monkeypatch):
    store, widget = panel
    at(monkeypatch, 1000.0)
    assert widget.clock.text() == "0:00"
    widget.start.click()
    assert lecture_of(store).timer.is_running
    at(monkeypatch, 1075.0)
    widget._tick()
    assert widget.clock.text() == "1:15"
    widget.start.click()
    at(monkeypatch, 2000.0)
    widget._tick()
    assert widget.clock.text() == "1:15"
    assert widget.start.accessibleName() == "Start the timer"


def test_the_timer_says_the_key_that_holds(panel):
    store, widget = panel
    assert "Shift+T" in widget.start.toolTip()
    store.update(preferences=give_key(store.state.preferences, ACTIONS["timer"], "Ctrl+Alt+T"))
    assert "Ctrl+Alt+T" in widget.start.toolTip()


def test_a_countdown_warns_and_goes_on_below_zero(panel, monkeypatch):
    _, widget = panel
    at(monkeypatch, 0.0)
    widget.minutes.edited.emit({"minutes": 10})
    widget.start.click()
    seen = []
    for second in (60.0, 600.0 - timers.SOON + 1, 605.0):
        at(monkeypatch, second)
        widget._tick()
        seen.append((widget.clock.text(), widget.clock.styleSheet()))
    palette = PALETTES["dark"]
    assert [text for text, _ in seen] == ["9:00", "4:59", "\N{MINUS SIGN}0:05"]
    for (_, style), color in zip(seen, (palette.ink, palette.warning, palette.error), strict=True):
        assert color in style


@pytest.mark.parametrize("typed", [-1, 601, "soon", 2.5])
def test_minutes_that_cannot_be_are_refused_in_a_sentence(panel, typed):
    store, widget = panel
    widget.minutes.edited.emit({"minutes": typed})
    assert lecture_of(store).timer.minutes == 0
    assert widget.minutes.text.text() == "0"
    assert store.state.message.text.endswith("allowed are whole minutes from 0 to 600.")


def test_switches_follow_the_state_and_run_commands(panel):
    store, widget = panel
    buttons = {button.accessibleName(): button for button in widget.findChildren(CommandButton)}
    buttons["Large figures"].click()
    assert lecture_of(store).counters
    commands.toggle_counters(store)
    assert not buttons["Large figures"].isChecked()
    buttons["Pen"].click()
    assert lecture_of(store).tool == "pen"
    buttons["Laser pointer"].click()
    assert (buttons["Pen"].isChecked(), buttons["Laser pointer"].isChecked()) == (False, True)


def test_figures_are_chosen_and_the_last_one_stays(panel):
    store, widget = panel
    for name in ("train_loss", "accuracy", "regions"):
        widget.figures[name].box.click()
    assert lecture_of(store).figures == ("step",)
    widget.figures["step"].box.click()
    assert lecture_of(store).figures == ("step",)
    assert widget.figures["step"].box.isChecked()


def opened(step, **changes):
    guess = Prediction("How many?", ("two", "three"), 1, "Three.")
    steps = (
        SimpleNamespace(text="First words.", notes="Say hello.", prediction=guess),
        SimpleNamespace(text="Second words.", notes="", prediction=None),
    )
    lesson = SimpleNamespace(title="Folds", steps=steps, notes="Five minutes.")
    return SimpleNamespace(lesson=lesson, step=step, is_open=True, **changes)


def test_notes_and_the_next_step_are_the_lecturer_s_and_words_the_audience_s(panel):
    store, widget = panel
    assert widget.heading.text().startswith("No lesson is open.")
    store.update(lesson=opened(0))
    assert widget.notes.text() == "Say hello."
    assert widget.following.text() == "Second words."
    heading, text = lesson_words(store.state)
    assert heading == "Folds  1/2"
    assert text.splitlines() == ["First words.", "", "How many?", "A  two", "B  three"]
    told = opened(0)
    told.is_open = False
    assert lesson_words(replace(store.state, lesson=told))[1] == "First words."
    store.update(lesson=opened(1))
    assert widget.notes.isHidden()
    assert widget.following.text() == "This is the last step."
    assert lecturer_notes(store.state) == ("", "")


@pytest.mark.parametrize(("width", "height", "scale"), [(1280, 720, 1.0), (1280, 720, 2.0)])
def test_the_panel_fits_its_dock(qtbot, qapp, width, height, scale):
    _, window = open_window(qtbot, width, height, scale)
    window.present("lecturer")
    qtbot.wait(50)
    area = window.docks["lecturer"].widget()
    assert isinstance(area, QScrollArea)
    assert area.widget().width() <= area.viewport().width()
    apply_theme(qapp, "dark", 1.0)
