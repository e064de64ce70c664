"""How changes of the state meet the timeline: new moments go in; a hand that changes the past goes on from there."""

from dataclasses import replace

from reluviz.app.state import AppState, Message
from reluviz.app.time_travel import TimeTravel, standing_of
from reluviz.app.timeline.looking import look_at_step, resume_here
from reluviz.core.snapshot import Snapshot
from reluviz.studio.line import Moment, step_of
from reluviz.studio.timeline import Timeline


def keep_time(old: AppState, new: AppState) -> AppState:
    """Return `new` with its newest moment in the timeline.

    Where an earlier moment was shown and a person changed settings, weights or data, or lets training go on, that
    happens from this moment, as a line of its own.
    """
    if new.time.moment is None:
        return _record(new)
    if new.time is old.time and _is_changed(old, new):
        return _go_on(old, new)
    return new


def look_again(before: AppState, now: AppState) -> AppState:
    """Return `now`, which was `show_now(before)` and took the engine's news, at the moment that `before` shows."""
    if not before.time.is_looking_back or now.time.is_looking_back:
        return now
    kept = _record(now)
    direction = before.time.direction
    shown = look_at_step(kept, before.time.step)
    return replace(shown, until=0, time=replace(shown.time, direction=direction))


def _is_changed(old: AppState, new: AppState) -> bool:
    """Whether a hand did what cannot be done to the past."""
    return (
        new.run != old.run
        or new.experiment is not old.experiment
        or len(new.panes) != len(old.panes)
        or any(a.experiment is not b.experiment for a, b in zip(new.panes, old.panes, strict=False))
        or (new.until != old.until and new.until > new.step)
    )


def _go_on(old: AppState, new: AppState) -> AppState:
    """Return `new` as a run that goes on from the moment that `old` shows."""
    if new.run == old.run:
        resumed = resume_here(replace(new, snapshot=old.snapshot), new.until)
        if new.message is not old.message and new.message.kind != "note":
            resumed = replace(resumed, message=new.message)
        return _record(resumed)
    time = replace(new.time, moment=None, now=None, direction=0)
    message = new.message
    if new.start is not None and new.message is old.message:
        message = Message(f"Going on from step {new.start.step:,} on a line of its own; the line before is kept.")
    return _record(replace(new, time=time, message=message))


def _record(state: AppState) -> AppState:
    """Return the state with the moment it shows as the newest of its timeline."""
    snapshot = state.snapshot
    if snapshot is None or snapshot.run != state.run:
        return state
    moment = tuple(pane.snapshot for pane in state.panes if pane.snapshot is not None) or (snapshot,)
    time = state.time
    if len(moment) != max(1, len(state.panes)) or _same(moment, time.recorded):
        return state
    timeline = _extended(time, state, moment)
    left = time.timeline.line.number
    state = _with_curves_of(state, timeline, left)
    standings = time.standings
    if timeline.line.number != left and time.standing is not None:
        standings = (*standings, (left, time.standing))
    numbers = {line.number for line in timeline.others}
    standings = tuple(dict(row for row in standings if row[0] in numbers).items())
    time = replace(
        time,
        timeline=timeline,
        standings=standings,
        standing=standing_of(state),
        recorded=moment,
        run=state.run,
        fresh=False,
    )
    return replace(state, time=time)


def _same(one: tuple[Snapshot, ...], other: tuple[Snapshot, ...]) -> bool:
    return len(one) == len(other) and all(a is b for a, b in zip(one, other, strict=True))


def _extended(time: TimeTravel, state: AppState, moment: Moment) -> Timeline:
    """Return the timeline with `moment`, on the line where it belongs."""
    timeline, tip, step = time.timeline, time.timeline.line.tip, step_of(moment)
    if tip is None:
        return timeline.add(moment)
    number, last = timeline.line.number, len(timeline) - 1
    if time.fresh:
        return timeline.begin(moment)
    if time.run == state.run:
        if step < step_of(tip):  # The engine had to begin afresh.
            return timeline.begin(moment)
        return timeline.add(moment) if len(moment) == len(tip) else timeline.branch(number, last, moment)
    if state.start is None:
        return timeline.begin(moment)
    found = timeline.find(state.start)
    if found is not None:
        line, index, pane = found
        ends = index == len(timeline.find_line(line)) - 1 and len(timeline.find_line(line)[index]) == len(moment)
        return timeline.switch(line).add(moment) if ends else timeline.branch(line, index, moment, pane)
    # Weights that a hand made of a moment of this line.
    if step == step_of(tip) and len(moment) == len(tip):
        return timeline.add(moment)
    if step <= step_of(tip) and len(moment) <= len(tip):
        return timeline.branch(number, timeline.index_at(step), moment)
    return timeline.begin(moment)


def _with_curves_of(state: AppState, timeline: Timeline, left: int) -> AppState:
    """Return the state with the curves of the line it goes on from, where that is not the one just left."""
    line = timeline.line
    came_from = line.number if line.number in dict(state.time.standings) else line.origin
    if line.number == left or came_from == left:
        return state
    standing = state.time.standing_of(came_from)
    if standing is None or state.start is None:
        return state
    end = step_of(line[-1]) + 1
    return replace(state, curves=standing.curves.before(end), flows=standing.flows.before(end))
