"""What a scene file takes of the window's state, and gives back: moments, panes and their curves."""

import math
from dataclasses import replace

import numpy as np

from reluviz.app.panes import TRACKED, Pane, tracked
from reluviz.app.received import resume_from
from reluviz.app.state import AppState
from reluviz.app.timeline.looking import show_now
from reluviz.core.errors import InputError
from reluviz.core.objective import output_count, resolve_loss
from reluviz.core.snapshot import Snapshot
from reluviz.studio.curves import Curve, Curves
from reluviz.studio.flow_history import FlowHistory
from reluviz.studio.line import Line
from reluviz.studio.scene import Scene
from reluviz.studio.timeline import Timeline

MOST_FLOWS = 600  # Of a history that is opened; each takes 0.1 ms to enter.


def scene_of(state: AppState, with_history: bool = False) -> Scene:
    """Return what is saved: experiment, view and the moment that is shown; with its history, the newest one."""
    if with_history:
        state = show_now(state)
    is_own = state.snapshot is not None and state.snapshot.run == state.run
    scene = Scene(state.experiment, state.view, state.snapshot if is_own else None, state.lecture.hidden)
    if not is_own:
        return scene
    beside = tuple(pane.snapshot for pane in state.panes[1:] if pane.snapshot is not None)
    if state.setup is not None and beside and len(beside) + 1 == len(state.panes):
        scene = replace(scene, setup=state.setup, beside=beside)
    fits = with_history and len(state.time.timeline) > 0 and len(state.time.timeline[-1]) == 1 + len(scene.beside)
    return replace(scene, timeline=state.time.timeline) if fits else scene


def open_saved(state: AppState, scene: Scene) -> AppState:
    """Show a saved moment with what was compared and what came before, paused; the line before is kept.

    Raises `InputError` where networks and data do not fit.
    """
    assert scene.snapshot is not None
    before = state.time
    state = resume_from(state, scene.snapshot)
    if scene.setup is not None and scene.beside:
        first = Pane(state.experiment, state.snapshot)
        others = tuple(_pane(state, snapshot, index) for index, snapshot in enumerate(scene.beside, 1))
        state = replace(state, setup=scene.setup, panes=(first, *others))
    if scene.timeline is None or not len(scene.timeline):
        return state
    line = scene.timeline.line
    standings = before.standings
    if before.standing is not None:
        standings = (*standings, (before.timeline.line.number, before.standing))
    time = replace(state.time, timeline=before.timeline.adopt(line), run=state.run, fresh=False, standings=standings)
    panes = tuple(
        replace(pane, curves=_curves(line, index), tracks=_tracks(line, index))
        for index, pane in enumerate(state.panes)
    )
    flows = _flows(line)
    flow = scene.timeline.flow_at(len(line) - 1)
    return replace(state, time=time, curves=_curves(line, 0), flows=flows, flow=flow, panes=panes)


def take_past(state: AppState, past: Timeline, tip: Snapshot | None) -> AppState:
    """Put the moments of `past` before the line that begins with `tip`; any other line stays as it is."""
    time, line = state.time, past.line
    if tip is None or not len(time.timeline) or len(line) < 2:
        return state
    first = time.timeline.line[0]
    is_same = first[0].step == tip.step and np.array_equal(first[0].parameters, tip.parameters)
    if not is_same or len(first) != len(line[0]):
        return state
    panes = tuple(
        replace(pane, curves=pane.curves.after(_curves(line, index)), tracks=pane.tracks.after(_tracks(line, index)))
        for index, pane in enumerate(state.panes)
    )
    return replace(
        state,
        time=replace(time, timeline=time.timeline.after(line)),
        curves=state.curves.after(_curves(line, 0)),
        flows=state.flows.after(_flows(line)),
        panes=panes,
    )


def _pane(state: AppState, snapshot: Snapshot, index: int) -> Pane:
    assert state.dataset is not None
    experiment = snapshot.experiment
    outputs = output_count(resolve_loss(experiment.loss, state.dataset), state.dataset)
    if outputs != snapshot.outputs:
        raise InputError(f"The saved weights have {snapshot.outputs} outputs; this data and its loss need {outputs}.")
    return Pane(experiment, replace(snapshot, run=state.run, pane=index))


def _curves(line: Line, pane: int) -> Curves:
    """Return the learning curve of one pane; regions are counted again when they are drawn."""
    rows = [
        (one.train_loss, one.test_loss, one.train_accuracy, one.test_accuracy)
        for one in (moment[pane] for moment in line)
    ]
    learning = Curves().learning.with_values(line.steps, np.array(rows))
    return Curves(learning=learning)


def _tracks(line: Line, pane: int) -> Curve:
    curve = Curve(TRACKED)
    known = [(moment[pane], moment[pane].flow) for moment in line]
    for snapshot, flow in known[:: max(1, math.ceil(len(known) / MOST_FLOWS))]:
        if flow is not None:
            curve = curve.add(snapshot.step, tracked(snapshot, flow))
    return curve


def _flows(line: Line) -> FlowHistory:
    history = FlowHistory()
    known = [moment[0] for moment in line if moment[0].flow is not None]
    for snapshot in known[:: max(1, math.ceil(len(known) / MOST_FLOWS))]:
        if snapshot.flow is not None:
            history = history.add(snapshot.step, snapshot.flow)
    return history
