"""The canvas by keyboard: moved, zoomed and pointed at, as with the mouse."""

from dataclasses import replace

from reluviz.app.canvas.navigation import panned, zoomed
from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.core.view import Bounds

PAN, POINT = 1 / 8, 1 / 40  # Shares of the shorter side in view.
CLOSER = 0.8


def pan(store: Store, x: int, y: int) -> None:
    """Look an eighth of the view further right (x = 1), left (-1), up (y = 1) or down (-1)."""
    bounds = store.state.view.bounds
    step = PAN * _side(bounds)
    _look_at(store, panned(bounds, x * step, y * step))


def zoom(store: Store, factor: float) -> None:
    """Come closer (a factor below 1) or step back, about the point that is pointed at, else about the middle."""
    state = store.state
    _look_at(store, zoomed(state.view.bounds, factor, *(inside(state) or middle(state.view.bounds))))


def point(store: Store, x: int, y: int) -> None:
    """Point a fortieth of the view further right, left, up or down, beginning in the middle."""
    state = store.state
    bounds = state.view.bounds
    at, step = inside(state), POINT * _side(bounds)
    if at is None:
        moved = middle(bounds)
    else:
        moved = _clamped(at[0] + x * step, *bounds[:2]), _clamped(at[1] + y * step, *bounds[2:])
    store.update(probe=moved, probe_held=True)


def inside(state: AppState) -> tuple[float, float] | None:
    """Return the point that is pointed at, None where it is not in view."""
    if state.probe is None:
        return None
    (x, y), (xmin, xmax, ymin, ymax) = state.probe, state.view.bounds
    return state.probe if xmin <= x <= xmax and ymin <= y <= ymax else None


def middle(bounds: Bounds) -> tuple[float, float]:
    """Return the middle of the view."""
    return (bounds[0] + bounds[1]) / 2, (bounds[2] + bounds[3]) / 2


def _look_at(store: Store, bounds: Bounds) -> None:
    store.update(view=replace(store.state.view, bounds=bounds))


def _side(bounds: Bounds) -> float:
    return min(bounds[1] - bounds[0], bounds[3] - bounds[2])


def _clamped(value: float, low: float, high: float) -> float:
    return min(high, max(low, value))
