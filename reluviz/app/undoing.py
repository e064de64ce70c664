"""What the history sees of each change of the state, and how it takes the state back and on."""

from dataclasses import replace

from reluviz.app.received import begin_run
from reluviz.app.state import AppState, Message, take_experiment
from reluviz.app.time_travel import Standing
from reluviz.app.timeline.looking import show_now
from reluviz.app.undo import Moment
from reluviz.core.experiment import SETTINGS, Experiment


def note_change(old: AppState, new: AppState, now: float) -> AppState:
    """Return `new` with the change recorded, where it changed settings, data or weights by a person's hand.

    Training itself is no change, and neither is an engine that is started again.
    """
    if new.history is not old.history:
        return new  # This is an undo or a redo.
    if old.experiment is new.experiment and old.run == new.run:
        return new
    if new.time.is_looking_back or (old.time.is_looking_back and new.run == old.run):
        return new  # Looking at another moment.
    if old.time.now is not None:
        return _note_return(old, old.time.now, new, now)
    fields = _changed_fields(old.experiment, new.experiment)
    weights = _other_weights(old, new)
    if not fields and not weights:
        return new
    if new.panes and not old.panes:
        label = "comparison"
    elif fields:
        label = SETTINGS[fields[0]].label.lower() if len(fields) == 1 else "settings"
    else:
        label = "weights" if new.start is not None else "reset"
    snapshot = old.snapshot if weights else None
    before = Moment(label, old.experiment, old.dataset, snapshot, new.stroke or old.stroke, now)
    return replace(new, history=new.history.record(before))


def _changed_fields(one: Experiment, other: Experiment) -> list[str]:
    return [name for name in SETTINGS if getattr(one, name) != getattr(other, name)]


def _note_return(old: AppState, standing: Standing, new: AppState, now: float) -> AppState:
    """Return `new`, which went on from an earlier moment, with the way back to the newest one recorded."""
    fields = _changed_fields(standing.experiment, new.experiment)
    if standing.panes and not fields:
        return new
    label = SETTINGS[fields[0]].label.lower() if len(fields) == 1 else f"going on from step {old.step:,}"
    snapshot = None if standing.panes else standing.snapshot
    before = Moment(label, standing.experiment, standing.dataset, snapshot, new.stroke or old.stroke, now)
    return replace(new, history=new.history.record(before))


def _other_weights(old: AppState, new: AppState) -> bool:
    """Whether a new run began from other weights than those that were seen."""
    if new.run == old.run or old.snapshot is None or old.panes:
        return False
    if new.start is None:
        return old.start is not None or old.snapshot.step > 0 or not old.experiment.same_start(new.experiment)
    return new.start.parameters is not old.snapshot.parameters


def undo(state: AppState) -> AppState:
    """Take back the last change of settings, data or weights. Raises `InputError`, changing nothing."""
    if not state.history.past:
        return replace(state, message=Message("There is nothing to undo."))
    state = show_now(state)
    history, target = state.history.undo(_present(state))
    return _go_to(replace(state, history=history), target, f"Undone: {target.label}.")


def redo(state: AppState) -> AppState:
    """Make the last change that was taken back again. Raises `InputError`, changing nothing."""
    if not state.history.future:
        return replace(state, message=Message("There is nothing to do again."))
    state = show_now(state)
    history, target = state.history.redo(_present(state))
    return _go_to(replace(state, history=history), target, f"Done again: {target.label}.")


def _present(state: AppState) -> Moment:
    return Moment("", state.experiment, state.dataset, state.snapshot)


def _go_to(state: AppState, target: Moment, sentence: str) -> AppState:
    if target.snapshot is not None:  # What was compared since then began from other weights.
        state = replace(state, panes=(), setup=None)
    changed = take_experiment(state, target.experiment, target.dataset)
    if target.snapshot is not None:
        start = replace(target.snapshot, experiment=target.experiment)
        changed = begin_run(replace(changed, run=state.run + 1, start=start, until=state.until))
    return changed if changed.message.text else replace(changed, message=Message(sentence))
