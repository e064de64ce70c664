"""What is looked at: the selected unit, pinned points, the segment walked along; pure changes of the state."""

import math
from dataclasses import replace

from reluviz.app.state import AppState, Message
from reluviz.core.view import HOME

Point = tuple[float, float]
Unit = tuple[int, int]
MOST_PINS = 6  # More tabs than that are not told apart.
SHORTEST_DRAG = 1e-9  # In shares of the view: less is a click.


def select_unit(state: AppState, unit: Unit | None) -> AppState:
    """Select a hidden unit (layer, unit), both from 0, so that its bent line is lit everywhere; None selects none."""
    if unit == state.selected:
        return light_unit(state, unit)
    layer, number = unit if unit is not None else (-1, -1)
    return replace(state, selected=unit, view=replace(state.view, layer=layer, unit=number))


def light_unit(state: AppState, unit: Unit | None) -> AppState:
    """Light the line of a unit that is pointed at, of the selected one where none is; nothing else changes."""
    layer, number = unit or state.selected or (-1, -1)
    if (state.view.layer, state.view.unit) == (layer, number):
        return state
    return replace(state, view=replace(state.view, layer=layer, unit=number))


def selected_in(state: AppState, hidden: tuple[int, ...]) -> Unit | None:
    """Return the selected unit where a network of these widths has it."""
    if state.selected is None:
        return None
    layer, unit = state.selected
    return state.selected if layer < len(hidden) and unit < hidden[layer] else None


def step_unit(state: AppState, layers: int, units: int) -> AppState:
    """Select the unit that many layers and units further on, as far as there are any; the first where none was."""
    hidden = state.experiment.hidden
    at = selected_in(state, hidden)
    if not hidden:
        return state
    if at is None:
        return select_unit(state, (0, 0))
    layer = min(max(at[0] + layers, 0), len(hidden) - 1)
    place = (at[1] + 0.5) / hidden[at[0]] * hidden[layer] if layer != at[0] else at[1] + units
    return select_unit(state, (layer, min(max(math.floor(place), 0), hidden[layer] - 1)))


def shade_unit(state: AppState, on: bool) -> AppState:
    """Colour the canvas by where the selected unit is on, or by pattern again."""
    return replace(state, view=replace(state.view, coloring="unit" if on else "pattern"))


def pin_point(state: AppState, point: Point) -> AppState:
    """Hold a point for reading; beyond MOST_PINS the oldest is let go."""
    pins = (*state.pins, point)[-MOST_PINS:]
    return read_pin(replace(state, pins=pins), len(pins) - 1)


def read_pin(state: AppState, pin: int | None) -> AppState:
    """Read one of the pins, or the mouse; patterns are compared with the pin that was read last."""
    if pin is not None and not 0 <= pin < len(state.pins):
        pin = None
    held = state.pins[pin] if pin is not None else state.view.pin
    held = held if held in state.pins else (state.pins[-1] if state.pins else None)
    return replace(state, pin=pin, view=replace(state.view, pin=held))


def drop_pin(state: AppState) -> AppState:
    """Let go of the pin that is read, or of the last one."""
    if not state.pins:
        return state
    gone = state.pin if state.pin is not None else len(state.pins) - 1
    pins = tuple(point for index, point in enumerate(state.pins) if index != gone)
    return read_pin(replace(state, pins=pins), None)


def clear_pins(state: AppState) -> AppState:
    """Let go of all pins."""
    return read_pin(replace(state, pins=()), None)


def reading_point(state: AppState) -> Point | None:
    """Return the point that is read: the chosen pin, else the one under the mouse."""
    return state.pins[state.pin] if state.pin is not None else state.probe


def take_segment(state: AppState, start: Point, end: Point, finished: bool) -> AppState:
    """Walk from start to end; a segment of length zero is none and, once the mouse is let go, the message says so."""
    xmin, xmax, ymin, ymax = state.view.bounds
    if math.dist(start, end) > SHORTEST_DRAG * max(xmax - xmin, ymax - ymin):
        return replace(state, segment=(*start, *end))
    if not finished:
        return state
    text = "A walk needs a way to go: drag from one point of the canvas to another."
    return replace(state, message=Message(text, "warning"))


def first_segment(state: AppState) -> tuple[float, float, float, float]:
    """Return a slanting segment across what is in view."""
    xmin, xmax, ymin, ymax = state.view.bounds if state.picture is not None else HOME
    x, y = (xmin + xmax) / 2, (ymin + ymax) / 2
    half = 0.38 * min(xmax - xmin, ymax - ymin)
    return x - half, y - 0.35 * half, x + half, y + 0.35 * half
