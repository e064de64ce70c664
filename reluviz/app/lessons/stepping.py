"""Opening a lesson, going from step to step and leaving it, as pure changes of the state."""

from dataclasses import replace
from typing import TYPE_CHECKING

from reluviz.app.lesson_state import UNGUESSED, LessonState
from reluviz.app.panes import Pane
from reluviz.app.received import begin_run
from reluviz.app.selection import pin_point, select_unit
from reluviz.app.state import AppState, Message, take_experiment
from reluviz.app.time_travel import TimeTravel
from reluviz.app.timeline.looking import show_now
from reluviz.app.undo import History, Moment
from reluviz.core.experiment import Experiment
from reluviz.core.objective import output_count, resolve_loss
from reluviz.core.snapshot import Snapshot
from reluviz.studio.lesson import Lesson, Stage
from reluviz.studio.lesson_start import starting_snapshot

if TYPE_CHECKING:
    from reluviz.studio.lesson_checks import CheckResult

Moments = tuple[Snapshot, ...]

NO_LESSON = "No lesson is open; L lists them."
RESTORED = (
    "experiment",
    "dataset",
    "until",
    "steps_per_second",
    "curves",
    "flows",
    "setup",
    "compositions",
    "flow_quantity",
    "compared",
    "show_points",
    "show_test_points",
    "selected",
    "pins",
    "pin",
    "tool",
    "segment",
    "hero",
)
OF_THE_WINDOW = ("width", "height", "palette", "line_width", "region_budget")
"""What of a view belongs to the window and not to what is looked at."""


def open_lesson(state: AppState, lesson: Lesson) -> AppState:
    """Begin a lesson at its first step; what was there before comes back when it is left. Raises `InputError`."""
    state = show_now(state)
    before = state.lesson.before or _kept(state)
    opened = LessonState(
        lesson=lesson,
        entered=state.lesson.entered,
        pointed=state.lesson.pointed,
        before=before,
        notes_shown=state.lesson.notes_shown,
        done=state.lesson.done,
    )
    return _enter(replace(state, lesson=opened), 0, None)


def go_on(state: AppState) -> AppState:
    """Tell the answer where the audience has not guessed, else go to the next step."""
    if state.lesson.is_open:
        return guess(state, UNGUESSED)
    return go_to(state, state.lesson.step + 1)


def go_back(state: AppState) -> AppState:
    """Go to the step before, where it was left."""
    return go_to(state, state.lesson.step - 1)


def go_to(state: AppState, number: int) -> AppState:
    """Go to a step; beyond the ends of the lesson it says so. Raises `InputError`, changing nothing."""
    opened = state.lesson
    if opened.lesson is None:
        return replace(state, message=Message(NO_LESSON))
    if not 0 <= number < len(opened.lesson.steps):
        end = "first" if number < 0 else "last"
        return replace(state, message=Message(f"This is the lesson's {end} step."))
    if number == opened.step:
        return state
    state = show_now(state)
    left = dict(opened.left) | {opened.step: _moments(state)}
    kept = left.get(number) if number < opened.step else None
    in_order = number == opened.step + 1
    moved = replace(opened, left=tuple(left.items()))
    moments = kept or (_moments(state) if in_order else None)
    return _enter(replace(state, lesson=moved), number, moments, goes_back=kept is not None)


def guess(state: AppState, choice: int) -> AppState:
    """Take the audience's guess, or UNGUESSED to tell the answer; only the first one counts."""
    opened = state.lesson
    if not opened.is_open:
        return state
    return replace(state, lesson=replace(opened, guesses=(*opened.guesses, (opened.step, choice))))


def take_reloaded(state: AppState, lesson: Lesson) -> AppState:
    """Show the present step again as its file says now. Raises `InputError`, changing nothing."""
    opened = state.lesson
    number = min(opened.step, len(lesson.steps) - 1)
    state = show_now(state)
    fresh = replace(opened, lesson=lesson, left=(), guesses=())
    changed = _enter(replace(state, lesson=fresh), number, None)
    return replace(changed, message=Message(f"{lesson.title} was read again, as its file has changed."))


def leave_lesson(state: AppState) -> AppState:
    """Close the lesson and go on with what was there before it; undo goes to the lesson's network."""
    before = state.lesson.before
    if state.lesson.lesson is None or before is None:
        return replace(state, message=Message(NO_LESSON))
    state = show_now(state)
    moment = Moment("the lesson", state.experiment, state.dataset, None if state.panes else state.snapshot)
    view = replace(before.view, **{name: getattr(state.view, name) for name in OF_THE_WINDOW})
    began = before.snapshot is None or (before.snapshot.step == 0 and before.start is None)
    restored = replace(
        state,
        **{name: getattr(before, name) for name in RESTORED},
        panes=before.panes,
        view=view,
        run=state.run + 1,
        start=None if began else before.snapshot,
        gauge=None,
        lesson=_closed(state.lesson),
        history=before.history.record(moment),
        message=Message("This is what was there before the lesson; undo goes back to its network.", "note", "undo"),
    )
    return begin_run(restored)


def keep_lesson(state: AppState) -> AppState:
    """Close the lesson and go on with its network; undo brings back what was there before."""
    before = state.lesson.before
    if state.lesson.lesson is None or before is None:
        return replace(state, message=Message(NO_LESSON))
    moment = Moment("the lesson", before.experiment, before.dataset, before.snapshot)
    return replace(
        state,
        lesson=_closed(state.lesson),
        history=before.history.record(moment),
        message=Message("The lesson's network is yours; undo brings back what was there before.", "note", "undo"),
    )


def take_results(state: AppState, entered: int, results: "tuple[CheckResult, ...]") -> AppState:
    """Show what the checks of a step gave; too late, when another one is set up, changes nothing."""
    if entered != state.lesson.entered:
        return state
    return replace(state, lesson=replace(state.lesson, results=results))


def _enter(state: AppState, number: int, moments: Moments | None, goes_back: bool = False) -> AppState:
    """Set up a step: on from `moments`, one per pane, or anew where its stage says so or there are none."""
    opened = state.lesson
    assert opened.lesson is not None
    stage = opened.lesson.steps[number].stage
    experiments = stage.experiments
    # Reads the data and sees to it that the loss can serve it.
    alone = take_experiment(replace(state, setup=None, panes=(), message=Message()), experiments[0])
    panes = tuple(map(Pane, experiments)) if stage.compare else ()
    until = stage.training.until
    if moments is None and not stage.training.fresh:
        until = max(until, stage.training.ready)  # What the steps before would have trained.
    set_up = replace(alone, run=state.run, setup=stage.compare, panes=panes, until=until)
    current = _moments(state)
    if moments is None or (stage.training.fresh and not goes_back):
        start = starting_snapshot(stage, current[0] if current else None)
        changed = _begin(set_up, None if start is None else (start,))
    elif not goes_back and _all_fit(current, set_up):
        changed = _go_on(state, set_up)
    else:
        changed = _begin(set_up, moments if _fits(moments[0], set_up.experiment, set_up) else None)
    is_last = number == len(opened.lesson.steps) - 1
    done = tuple(dict.fromkeys((*opened.done, opened.lesson.name))) if is_last else opened.done
    lesson = replace(opened, step=number, entered=opened.entered + 1, results=(), done=done)
    return _look(replace(changed, lesson=lesson, history=History()), stage)


def _begin(state: AppState, moments: Moments | None) -> AppState:
    """Return the state as a new run from these moments, from first weights where there are none."""
    begun = replace(state, run=state.run + 1, start=None, gauge=None)
    if moments is not None:
        begun = replace(begun, start=replace(moments[0], experiment=state.experiment))
        sources = (moments[min(index, len(moments) - 1)] for index in range(len(state.panes)))
        panes = tuple(
            replace(pane, snapshot=replace(source, experiment=pane.experiment, pane=index))
            for index, (pane, source) in enumerate(zip(state.panes, sources, strict=True))
        )
        begun = replace(begun, panes=panes)
    return begin_run(begun)


def _go_on(state: AppState, set_up: AppState) -> AppState:
    """Return the state of the step before with the settings of this one, in its run."""
    panes = tuple(replace(old, experiment=new.experiment) for old, new in zip(state.panes, set_up.panes, strict=False))
    return replace(set_up, panes=panes)


def _moments(state: AppState) -> Moments:
    """Return the newest moment of each pane."""
    found = tuple(pane.snapshot for pane in state.panes if pane.snapshot is not None)
    return found if found or state.snapshot is None else (state.snapshot,)


def _all_fit(current: Moments, set_up: AppState) -> bool:
    """Whether the run can go on with other settings: as many panes, or the first one of them alone."""
    experiments = [pane.experiment for pane in set_up.panes] or [set_up.experiment]
    if not current or len(experiments) not in (1, len(current)):
        return False
    return all(_fits(moment, one, set_up) for moment, one in zip(current, experiments, strict=False))


def _fits(moment: Snapshot, experiment: Experiment, state: AppState) -> bool:
    assert state.dataset is not None
    outputs = output_count(resolve_loss(experiment.loss, state.dataset), state.dataset)
    return moment.outputs == outputs and moment.experiment.same_start(experiment)


def _look(state: AppState, stage: Stage) -> AppState:
    """Return the state with a stage's look at the plane, and all that its panels show."""
    state = replace(
        state,
        view=stage.look.apply(state.view),
        selected=None,
        pins=(),
        pin=None,
        segment=stage.segment,
        tool=stage.tool,
        hero=stage.hero,
        compositions=stage.compositions,
        flow_quantity=stage.flow_quantity,
        compared=stage.compared,
        show_points=stage.points,
        show_test_points=stage.test_points,
        steps_per_second=stage.training.steps_per_second,
    )
    if stage.unit is not None:
        state = select_unit(state, stage.unit)
    for point in stage.pins:
        state = pin_point(state, point)
    return state


def _kept(state: AppState) -> AppState:
    """Return what is to come back after a lesson, without what is drawn anew."""
    panes = tuple(replace(pane, picture=None) for pane in state.panes)
    return replace(state, panes=panes, picture=None, time=TimeTravel(), lesson=LessonState())


def _closed(opened: LessonState) -> LessonState:
    return LessonState(entered=opened.entered, pointed=opened.pointed, notes_shown=opened.notes_shown, done=opened.done)
