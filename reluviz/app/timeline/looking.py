"""Looking at moments of the timeline, and going on from one, as pure changes of the state."""

import math
from dataclasses import replace

from reluviz.app.panes import Pane
from reluviz.app.received import begin_run
from reluviz.app.state import AppState, Message, same_data
from reluviz.app.time_travel import SPEEDS, Standing, TimeTravel, standing_of
from reluviz.core.dataset import Dataset
from reluviz.core.datasets import load_dataset
from reluviz.core.errors import InputError
from reluviz.core.experiment import DATASETS, Experiment
from reluviz.core.snapshot import FOREVER, Snapshot
from reluviz.studio.comparison import Setup
from reluviz.studio.line import step_of


def look_at(state: AppState, index: int) -> AppState:
    """Show the moment at `index`, the nearest where there is none; training rests. The last one is the newest."""
    time = state.time
    count = len(time.timeline)
    if not count:
        return state
    index = min(max(index, 0), count - 1)
    if index == time.moment or (index == count - 1 and not time.is_looking_back and state.until == 0):
        return state
    if index == count - 1:
        return replace(show_now(state), until=0)
    now = time.now if time.now is not None else standing_of(state)
    moment = tuple(
        replace(snapshot, run=state.run, flow=snapshot.flow or time.timeline.flow_at(index, pane))
        for pane, snapshot in enumerate(time.timeline[index])
    )
    experiment = moment[0].experiment
    time = replace(time, moment=index, now=now)
    if now.dataset is not None and not same_data(experiment, now.experiment):
        time = _with_dataset(time, now.experiment, now.dataset)
    dataset = _dataset_of(time, experiment, state)
    panes = tuple(
        _pane_at(pane, snapshot, step_of(moment)) for pane, snapshot in zip(_panes(state, now), moment, strict=False)
    )
    return replace(
        state,
        time=time,
        until=0,
        experiment=experiment,
        dataset=dataset,
        snapshot=moment[0],
        flow=moment[0].flow,
        panes=panes,
        setup=_setup_of(now.setup, panes),
    )


def look_at_step(state: AppState, step: float) -> AppState:
    """Show the newest moment at or before `step`."""
    return look_at(state, state.time.timeline.index_at(step)) if len(state.time.timeline) else state


def show_now(state: AppState) -> AppState:
    """Show the newest moment again, where training goes on as it did before a person looked back."""
    now = state.time.now
    if now is None:
        return state
    pictures = tuple(pane.picture for pane in state.panes)
    panes = tuple(
        replace(pane, picture=pictures[index] if index < len(pictures) else None)
        for index, pane in enumerate(now.panes)
    )
    return replace(
        state,
        time=replace(state.time, moment=None, now=None, direction=0),
        until=now.until if now.until == FOREVER else 0,
        experiment=now.experiment,
        dataset=now.dataset,
        snapshot=now.snapshot,
        flow=now.flow,
        flows=now.flows,
        curves=now.curves,
        panes=panes,
        setup=now.setup,
    )


def step_by(state: AppState, moments: int) -> AppState:
    """Show the moment so many further on, or back where `moments` is below 0."""
    time = state.time
    count = len(time.timeline)
    if not count:
        return state
    at = count - 1 if time.moment is None else time.moment
    if moments < 0 and at == 0:
        return replace(state, message=Message("This is the first moment."))
    return look_at(replace(state, time=replace(time, direction=0)), at + moments)


def step_to_mark(state: AppState, direction: int) -> AppState:
    """Show the next mark, or the one before where `direction` is below 0."""
    steps = [mark.step for mark in state.time.marks]
    here = state.time.step
    ahead = [step for step in steps if (step > here if direction > 0 else step < here)]
    if not ahead:
        where = "after" if direction > 0 else "before"
        return replace(state, message=Message(f"There is no mark {where} this moment."))
    return look_at_step(state, min(ahead) if direction > 0 else max(ahead))


def set_playing(state: AppState, direction: int) -> AppState:
    """Play the moments back (-1) or forward (1), or hold them (0); from an end, from the other one."""
    time = state.time
    count = len(time.timeline)
    if count < 2 or direction == 0:
        return replace(state, time=replace(time, direction=0))
    if time.moment is None and direction > 0:
        state = look_at(state, 0)
    elif time.moment is None or (time.moment == 0 and direction < 0):
        state = look_at(replace(state, until=0), count - 2) if time.moment is None else look_at(state, count - 2)
    return replace(state, time=replace(state.time, direction=direction))


def set_speed(state: AppState, speed: float) -> AppState:
    """Play moments at one of SPEEDS, the nearest."""
    nearest = min(SPEEDS, key=lambda one: abs(math.log(one / speed)))
    return replace(state, time=replace(state.time, speed=nearest))


def resume_here(state: AppState, until: int = FOREVER) -> AppState:
    """Train on from the moment that is shown, on a line of its own; the line that is left is kept."""
    if not state.time.is_looking_back or state.snapshot is None:
        return state
    time = replace(state.time, moment=None, now=None, direction=0)
    message = Message(
        f"Going on from step {state.step:,} on a line of its own; the line before is kept, and undo returns to it."
    )
    return begin_run(
        replace(state, time=time, run=state.run + 1, start=state.snapshot, until=until, gauge=None, message=message)
    )


def take_line(state: AppState, number: int) -> AppState:
    """Go back to a line that was left, where it ended; training goes on from there."""
    state = show_now(state)
    standing = state.time.standing_of(number)
    try:
        line = state.time.timeline.find_line(number)
    except KeyError:
        return state
    if standing is None or number == state.time.timeline.line.number or line.tip is None:
        return state
    tip = line.tip
    panes = tuple(
        replace(pane, snapshot=replace(snapshot, run=state.run))
        for pane, snapshot in zip(standing.panes, tip, strict=False)
    )
    return begin_run(
        replace(
            state,
            experiment=standing.experiment,
            dataset=standing.dataset,
            setup=standing.setup,
            panes=panes,
            curves=standing.curves,
            flows=standing.flows,
            run=state.run + 1,
            start=replace(tip[0]),
            until=0,
            gauge=None,
            hero="",
            message=Message(f"Back on line {number}, at step {step_of(tip):,}; training goes on from there."),
        )
    )


def drop_line(state: AppState, number: int) -> AppState:
    """Forget a line that was left."""
    time = state.time
    standings = tuple(row for row in time.standings if row[0] != number)
    return replace(state, time=replace(time, timeline=time.timeline.drop(number), standings=standings))


def toggle_mark(state: AppState, name: str = "") -> AppState:
    """Mark the moment that is shown, or take its mark away where no name is given."""
    time = state.time
    count = len(time.timeline)
    if not count:
        return state
    step = time.step
    index = count - 1 if time.moment is None else time.moment
    if not name and any(mark.step == step for mark in time.marks):
        return remove_mark(state, step)
    taken = {mark.name for mark in time.marks}
    numbered = (f"Mark {number}" for number in range(1, len(taken) + 2))
    name = name or next(one for one in numbered if one not in taken)
    message = Message(f"{name} is at step {step:,}.")
    return replace(state, time=replace(time, timeline=time.timeline.mark(index, name)), message=message)


def remove_mark(state: AppState, step: int) -> AppState:
    """Take the mark at `step` away."""
    time = state.time
    name = next((mark.name for mark in time.marks if mark.step == step), "")
    message = Message(f"{name} at step {step:,} is gone.") if name else state.message
    return replace(state, time=replace(time, timeline=time.timeline.unmark(step)), message=message)


def looking_sentence(state: AppState) -> str:
    """Return in words which moment is shown, "" for the newest."""
    time = state.time
    if not time.is_looking_back:
        return ""
    name = next((mark.name for mark in time.marks if mark.step == time.step), "")
    named = f" ({name})" if name else ""
    return f"Looking at step {time.step:,} of {time.last_step:,}{named}; training rests."


def _panes(state: AppState, now: Standing) -> tuple[Pane, ...]:
    """Return the panes of the newest moment, with the pictures that are seen."""
    return tuple(replace(pane, picture=seen.picture) for pane, seen in zip(now.panes, state.panes, strict=False))


def _pane_at(pane: Pane, snapshot: Snapshot, step: int) -> Pane:
    """Return a pane as it was: its curves end at the step; one that rested since before then says why."""
    return replace(
        pane,
        experiment=snapshot.experiment,
        snapshot=snapshot,
        rest=pane.rest if snapshot.step < step else "",
        curves=pane.curves.before(step + 1),
        tracks=pane.tracks.before(step + 1),
        gauges=pane.gauges.before(step + 1),
    )


def _setup_of(setup: Setup | None, panes: tuple[Pane, ...]) -> Setup | None:
    if setup is None or not panes:
        return setup
    return Setup(setup.field, tuple(getattr(pane.experiment, setup.field) for pane in panes))


def _with_dataset(time: TimeTravel, experiment: Experiment, dataset: Dataset) -> TimeTravel:
    """Return `time` with the points of an experiment remembered; of those from files, which cannot be drawn anew."""
    if experiment.dataset in DATASETS or any(same_data(known, experiment) for known, _ in time.datasets):
        return time
    return replace(time, datasets=(*time.datasets, (experiment, dataset))[-8:])


def _dataset_of(time: TimeTravel, experiment: Experiment, state: AppState) -> Dataset | None:
    """Return the points of a moment: those known, or drawn again; a file is not read again for a look."""
    now = time.now
    known = [*time.datasets, (state.experiment, state.dataset)]
    if now is not None:
        known.append((now.experiment, now.dataset))
    for other, dataset in known:
        if dataset is not None and same_data(other, experiment):
            return dataset
    if experiment.dataset in DATASETS:
        try:
            return load_dataset(experiment)
        except InputError:
            return state.dataset
    return state.dataset
