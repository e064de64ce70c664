"""How finely the canvas is drawn: the strength of lines, and how many regions one picture may have."""

from dataclasses import replace

from reluviz.app.preferences.state import LINE_STRENGTHS
from reluviz.app.state import LINE_WIDTHS, PLAIN_LINE_WIDTH, AppState

BUDGETS = {20_000: "Up to 20,000", 100_000: "Up to 100,000", 250_000: "Up to 250,000", 1_000_000: "Up to a million"}
"""Most regions of one picture; a deep network looked at from afar may have more, and its picture then says so."""


def take_line_strength(state: AppState, strength: float) -> AppState:
    """Draw bent lines `strength` times as wide as the theme has them, kept within LINE_STRENGTHS."""
    low, high = LINE_STRENGTHS
    strength = round(min(high, max(low, strength)), 2)
    width = LINE_WIDTHS.get(state.theme, PLAIN_LINE_WIDTH) * strength
    preferences = replace(state.preferences, line_strength=strength)
    return replace(state, preferences=preferences, view=replace(state.view, line_width=width))


def take_budget(state: AppState, budget: int) -> AppState:
    """Let pictures have so many regions, a row of BUDGETS."""
    return replace(state, view=replace(state.view, region_budget=budget))


def take_fills(state: AppState, name: str) -> AppState:
    """Let amounts and predictions run through other colours, a row of FILLS."""
    return replace(state, view=replace(state.view, fills=name))
