"""The states that a filmed window is given: moments taken as if they came from the engine, and seen as they were."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from reluviz.app.comparing import take_snapshots
from reluviz.app.panes import Pane
from reluviz.app.recording.scenery import take_look
from reluviz.app.state import AppState, same_data, take_experiment
from reluviz.app.timeline.looking import look_at_step, show_now
from reluviz.core.point_edits import apply_edits
from reluviz.core.view import View
from reluviz.studio.curves import Curve
from reluviz.studio.film import Beat
from reluviz.studio.flow_history import FlowHistory


def advance(state: Any, beat: Beat) -> Any:
    """Return the state at a beat: its moment taken as if it came from the engine, and seen as it was."""
    first = beat.snapshots[0]
    shown = tuple(pane.snapshot for pane in state.panes) or (state.snapshot,)
    if len(shown) == len(beat.snapshots) and all(a is b for a, b in zip(shown, beat.snapshots, strict=True)):
        return take_look(state, beat.look)
    if beat.look.window.get("past") and first.run == state.run:
        steps = state.time.timeline.steps
        if len(steps) and first.step in steps:
            return take_look(replace(look_at_step(state, first.step), until=0), beat.look)
    elif state.time.is_looking_back:
        state = show_now(state)
    if first.experiment is not state.experiment and first.experiment != state.experiment:
        if same_data(state.experiment, first.experiment):
            state = replace(state, experiment=first.experiment)
        else:
            base = state.dataset.base or state.dataset
            bare = replace(first.experiment, point_edits=state.experiment.point_edits)
            if same_data(state.experiment, bare):
                dataset = apply_edits(base, first.experiment.point_edits)
                state = replace(state, experiment=first.experiment, dataset=dataset)
            else:
                taken = take_experiment(replace(state, panes=(), setup=None), first.experiment)
                state = replace(state, experiment=taken.experiment, dataset=taken.dataset)
    if first.run != state.run:
        curves, flows = state.curves.before(first.step), state.flows.before(first.step)
        state = replace(state, run=first.run, curves=curves, flows=flows, flow=None, gauge=None)
    count = len(beat.snapshots)
    if count == 1:
        state = replace(state, panes=())
    elif len(state.panes) != count:
        state = replace(state, panes=tuple(Pane(snapshot.experiment) for snapshot in beat.snapshots))
    else:
        kept = zip(state.panes, beat.snapshots, strict=True)
        state = replace(state, panes=tuple(replace(pane, experiment=one.experiment) for pane, one in kept))
    return take_look(take_snapshots(state, beat.snapshots), beat.look)


def pass_by(state: Any, beat: Beat) -> Any:
    """Return the state after the moments that no frame shows: curves go through them."""
    if not beat.look.window.get("past"):
        for snapshots in beat.passed:
            state = advance(state, Beat(snapshots, beat.look))
    return state


def bare(beat: Beat) -> Beat:
    """Return a beat without what would stand beside canvas and panels."""
    window = {name: value for name, value in beat.look.window.items() if name not in ("lesson", "chrome", "figures")}
    return replace(beat, look=replace(beat.look, window=window))


def with_curves(state: Any, curves: Mapping[str, Curve], layers: int) -> Any:
    """Return the state with what was measured before the recording began; what does not fit is left out."""
    for name in ("learning", "regions", "linear"):
        own = getattr(state.curves, name)
        if name in curves and curves[name].names == own.names:
            state = replace(state, curves=replace(state.curves, **{name: curves[name]}))
    if "flow" in curves and len(curves["flow"].names):
        with suppress(ValueError):
            state = replace(state, flows=FlowHistory(layers, curves["flow"]))
    return state


def is_drawn(seen: AppState | Pane, view: View) -> bool:
    """Whether the picture of a window or a pane shows its newest moment, in a view."""
    picture = seen.picture
    return picture is not None and picture.snapshot is seen.snapshot and picture.view == view


def is_same(one: Beat, other: Beat) -> bool:
    """Whether two beats give one frame."""
    if one.keys or one.clicks or other.keys or other.clicks or len(one.snapshots) != len(other.snapshots):
        return False
    if (one.light, one.mixed) != (other.light, other.mixed):
        return False
    return one.look == other.look and all(a is b for a, b in zip(one.snapshots, other.snapshots, strict=True))
