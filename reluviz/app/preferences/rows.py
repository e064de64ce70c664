"""The rows of the preferences: what each shows and changes."""

from dataclasses import replace
from typing import Any

from reluviz.app.preferences.detail import BUDGETS, take_budget, take_fills, take_line_strength
from reluviz.app.preferences.state import LINE_STRENGTHS, MOTIONS
from reluviz.app.state import AppState
from reluviz.app.view_form import VIEW_SETTINGS, ViewSetting
from reluviz.app.widgets.scale import Scale
from reluviz.core.fills import FILLS


def _read_strength(state: AppState) -> float:
    return round(100 * state.preferences.line_strength)


def _change_strength(state: AppState, percent: Any) -> AppState:
    return take_line_strength(state, percent / 100) if isinstance(percent, int) else state


def _change_motion(state: AppState, name: Any) -> AppState:
    return replace(state, preferences=replace(state.preferences, motion=name))


def _change_autosave(state: AppState, wanted: Any) -> AppState:
    return replace(state, preferences=replace(state.preferences, autosave=bool(wanted)))


def _change_goes_on(state: AppState, wanted: Any) -> AppState:
    return replace(state, preferences=replace(state.preferences, goes_on=bool(wanted)))


_SHARED = {row.name: row for row in VIEW_SETTINGS}

PREFERENCES: tuple[ViewSetting, ...] = (
    _SHARED["theme"],
    _SHARED["size"],
    ViewSetting(
        "fills",
        "Colours of amounts",
        "What amounts and predictions run through; lightness, marker shapes and numbers always say the same.",
        read=lambda state: state.view.fills,
        change=take_fills,
        choices={name: row.label for name, row in FILLS.items()},
    ),
    ViewSetting(
        "line_strength",
        "Line strength, %",
        "How wide bent lines are drawn, as a share of the theme's own width.",
        read=_read_strength,
        change=_change_strength,
        scale=Scale(100 * LINE_STRENGTHS[0], 100 * LINE_STRENGTHS[1], whole=True),
    ),
    ViewSetting(
        "budget",
        "Regions in one picture",
        "How many regions are drawn before the deepest layers are left out; fewer keep old machines smooth.",
        read=lambda state: str(state.view.region_budget),
        change=lambda state, budget: take_budget(state, int(budget)),
        choices={str(budget): label for budget, label in BUDGETS.items()},
    ),
    ViewSetting(
        "motion",
        "Motion",
        "Whether folds and other animations move, or jump from one end to the other.",
        read=lambda state: state.preferences.motion,
        change=_change_motion,
        choices=MOTIONS,
    ),
    ViewSetting(
        "autosave",
        "Keep a copy in case of a crash",
        "Writes experiment, weights and view aside every half minute while they change; the next start offers them.",
        read=lambda state: state.preferences.autosave,
        change=_change_autosave,
    ),
    ViewSetting(
        "goes_on",
        "Go on where the window was closed",
        "Keeps weights, step and timeline when the window is closed, and trains on from there at the next start.",
        read=lambda state: state.preferences.goes_on,
        change=_change_goes_on,
    ),
)
