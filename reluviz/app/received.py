"""What the engine and the drawing thread brought, as pure changes of the state."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from reluviz.app.gauging import Gauge
from reluviz.app.held import train_beside
from reluviz.app.panes import Pane
from reluviz.app.state import AppState, Message, shows_run
from reluviz.core.dataset import Dataset
from reluviz.core.errors import InputError
from reluviz.core.experiment import Experiment
from reluviz.core.initialization import initial_parameters
from reluviz.core.objective import output_count, resolve_loss
from reluviz.core.snapshot import FOREVER, Snapshot
from reluviz.engine.process import Divergence
from reluviz.studio.comparison import Setup
from reluviz.studio.curves import Curves
from reluviz.studio.flow_history import FlowHistory

if TYPE_CHECKING:
    from reluviz.app.preview import Preview
    from reluviz.core.picture import Picture

BACK_TO_FINITE = "back_to_finite"  # The row of ACTIONS that calls `return_to_finite`.
RETURN_SHARE = 0.1


def first_snapshot(experiment: Experiment, dataset: Dataset, run: int) -> Snapshot:
    """Return step 0 of a run, with the weights that the engine starts from, before there is an engine."""
    outputs = output_count(resolve_loss(experiment.loss, dataset), dataset)
    parameters = initial_parameters(experiment, outputs)
    parameters.setflags(write=False)
    memory = np.zeros((0, len(parameters)), np.float32)
    return Snapshot(run, experiment, outputs, 0, 0.0, parameters, memory)


def begin_run(state: AppState) -> AppState:
    """Show the moment that the current run starts from, without waiting for the engine. Raises `InputError`."""
    if state.dataset is None or (state.snapshot is not None and state.snapshot.run == state.run):
        return state
    panes = _begin_panes(state, state.dataset)
    if state.start is not None:
        curves = state.curves.before(state.start.step + 1)
        flows = state.flows.before(state.start.step + 1)
        snapshot = replace(state.start, run=state.run, pane=0)
        return replace(state, snapshot=snapshot, curves=curves, panes=panes, flow=snapshot.flow, flows=flows)
    snapshot = first_snapshot(state.experiment, state.dataset, state.run)
    return replace(state, snapshot=snapshot, curves=Curves(), panes=panes, flow=None, flows=FlowHistory())


def resume_from(state: AppState, start: Snapshot) -> AppState:
    """Show a saved moment, alone and paused; training goes on from it. Raises `InputError` where it does not fit."""
    assert state.dataset is not None
    experiment = state.experiment
    outputs = output_count(resolve_loss(experiment.loss, state.dataset), state.dataset)
    if start.experiment.layout(start.outputs) != experiment.layout(outputs):
        raise InputError(f"The saved weights have {start.outputs} outputs; this data and its loss need {outputs}.")
    alone = replace(state, setup=None, panes=(), curves=Curves(), flows=FlowHistory())
    time = replace(state.time, moment=None, now=None, direction=0, fresh=True)
    return begin_run(replace(alone, run=state.run + 1, start=start, until=0, gauge=None, time=time))


def _begin_panes(state: AppState, dataset: Dataset) -> tuple[Pane, ...]:
    """Return all panes at the moment that the current run starts from."""
    begun = []
    for index, pane in enumerate(state.panes):
        start = (pane.snapshot if index else state.start) if state.start is not None else None
        if start is None:
            snapshot = first_snapshot(pane.experiment, dataset, state.run)
            begun.append(Pane(pane.experiment, replace(snapshot, pane=index)))
        else:
            snapshot = replace(start, run=state.run, pane=index)
            begun.append(replace(pane, snapshot=snapshot, gauge=None, rest=""))
    return tuple(begun)


def take_snapshot(state: AppState, snapshot: Snapshot) -> AppState:
    """Make `snapshot` the newest moment; one of another run is too late and changes nothing.

    Under the hand, where runs begin faster than snapshots come, one of an earlier edit of the stroke goes on as it is
    but for what is held.
    """
    if snapshot.run != state.run:
        return _take_beside(state, snapshot)
    return replace(_take_figures(state, snapshot), snapshot=snapshot)


def _take_beside(state: AppState, snapshot: Snapshot) -> AppState:
    """Return the state with what was trained beside the hand; what was measured keeps its place in the curves."""
    now, held = state.snapshot, state.held
    if not state.stroke or held is None or held.stroke != state.stroke or now is None or state.panes:
        return state
    if not held.run <= snapshot.run <= now.run == state.run or snapshot.step < now.step:
        return state
    state = _take_figures(state, snapshot)
    return state if snapshot.step == now.step else replace(state, snapshot=train_beside(now, snapshot, held))


def _take_figures(state: AppState, snapshot: Snapshot) -> AppState:
    values = (snapshot.train_loss, snapshot.test_loss, snapshot.train_accuracy, snapshot.test_accuracy)
    curves = replace(state.curves, learning=state.curves.learning.add(snapshot.step, values))
    state = replace(state, curves=curves, engine="ready")
    if snapshot.flow is None:
        return state
    return replace(state, flow=snapshot.flow, flows=state.flows.add(snapshot.step, snapshot.flow))


def take_picture(state: AppState, picture: "Picture | Preview") -> AppState:
    """Make `picture` what is seen; one of another training is too late and changes nothing."""
    if not shows_run(state, picture.snapshot.run):
        return state
    curves = state.curves
    if picture.partition is not None and picture.partition.count > 0 and not state.time.is_looking_back:
        snapshot = picture.snapshot
        curves = curves.count(snapshot.step, picture.partition.count, snapshot.experiment.is_smooth)
    return replace(state, picture=picture, curves=curves)


def take_gauge(state: AppState, gauge: Gauge) -> AppState:
    """Take what was gauged in a picture: its counts go on in their curves."""
    if gauge.run != state.run:
        return state
    curves = state.curves
    if state.time.is_looking_back:  # What was counted on the way is in the curves already.
        return replace(state, gauge=gauge)
    if gauge.linear >= 0:
        curves = replace(curves, linear=curves.linear.add(gauge.step, (gauge.linear,)))
    if gauge.epsilon > 0 and gauge.regions > 0:
        curves = curves.count(gauge.step, gauge.regions, True)
    return replace(state, gauge=gauge, curves=curves)


def lose_engine(state: AppState, sentence: str) -> AppState:
    """Begin a run that goes on from the newest moment, for an engine that is started again."""
    start, step = state.snapshot, state.snapshot.step if state.snapshot else 0
    if step == 0 and state.start is None:
        start = None  # The seeds draw step 0 again.
    message = Message(f"{sentence} It starts again and goes on from step {step:,}.", "warning")
    changed = replace(state, run=state.run + 1, start=start, engine="lost", message=message)
    return begin_run(changed)


def report_divergence(state: AppState, divergence: Divergence) -> AppState:
    """Show the last finite moment, and say how to go on from it."""
    if divergence.snapshot.run != state.run:
        return state
    rate = state.experiment.learning_rate
    back = f" Back to step {divergence.snapshot.step:,} at {rate * RETURN_SHARE:.4g}?"
    message = Message(divergence.sentence + back, "error", BACK_TO_FINITE)
    return replace(take_snapshot(state, divergence.snapshot), until=0, message=message)


def return_to_finite(state: AppState) -> AppState:
    """Go on from the last finite moment, at a tenth of the learning rate, as a new run."""
    experiment = state.experiment.edit(learning_rate=state.experiment.learning_rate * RETURN_SHARE)
    step = state.snapshot.step if state.snapshot else 0
    message = Message(f"Back at step {step:,} with learning rate {experiment.learning_rate:.4g}.")
    start = state.snapshot if step > 0 else state.start
    changed = replace(state, experiment=experiment, run=state.run + 1, start=start, until=FOREVER, message=message)
    return begin_run(_slow_panes(changed) if state.panes else changed)


def _slow_panes(state: AppState) -> AppState:
    """Return the state with every pane's learning rate lowered, each to go on from its last finite moment."""

    def slowed(pane: Pane) -> Pane:
        rate = pane.experiment.learning_rate * RETURN_SHARE
        return replace(pane, experiment=pane.experiment.edit(learning_rate=rate), rest="")

    panes = (replace(state.panes[0], experiment=state.experiment, rest=""), *map(slowed, state.panes[1:]))
    setup = state.setup and Setup(state.setup.field, tuple(getattr(p.experiment, state.setup.field) for p in panes))
    return replace(state, panes=panes, setup=setup)
