"""What the audience's window says, as pure functions of the state."""

from reluviz.app.figures import has_accuracy, readouts
from reluviz.app.lecture.state import seen_by_audience
from reluviz.app.pane_words import pane_title
from reluviz.app.state import AppState
from reluviz.core.experiment import SETTINGS


def large_figures(state: AppState) -> tuple[dict[str, str], ...]:
    """Return the chosen figures by name, of the one network or of each that is compared; none where not wanted."""
    if not state.lecture.counters:
        return ()
    seen = seen_by_audience(state) if state.lecture.audience else state
    shown = [name for name in state.lecture.figures if name != "accuracy" or has_accuracy(seen)]
    known = [readouts(source) for source in (seen.panes or (seen,))]
    return tuple({name: texts[name] for name in shown} for texts in known)


def pane_titles(state: AppState) -> tuple[str, ...]:
    """Return what each pane is called where no bar above names the field that they differ in."""
    if state.setup is None:
        return ()
    field = state.setup.field
    named = "" if field == "activation" else f"{SETTINGS[field].label} "
    return tuple(named + pane_title(field, pane.experiment) for pane in state.panes)


def lesson_words(state: AppState) -> tuple[str, str]:
    """Return the heading and the text of the lesson's step, both empty where no lesson is open."""
    opened, lesson = state.lesson, state.lesson.lesson
    if lesson is None:
        return "", ""
    step = lesson.steps[opened.step]
    text = step.text
    if step.prediction is not None and opened.is_open:  # What the room is to guess before it looks.
        lettered = zip("ABCDEFGH", step.prediction.choices, strict=False)
        text = "\n".join((text, "", step.prediction.question, *(f"{letter}  {choice}" for letter, choice in lettered)))
    return f"{lesson.title}  {opened.step + 1}/{len(lesson.steps)}", text


def lecturer_notes(state: AppState) -> tuple[str, str]:
    """Return the notes to the lesson's step and the text of the step that follows; both empty without a lesson."""
    opened, lesson = state.lesson, state.lesson.lesson
    if lesson is None:
        return "", ""
    notes = lesson.steps[opened.step].notes or (lesson.notes if opened.step == 0 else "")
    following = lesson.steps[opened.step + 1].text if opened.step + 1 < len(lesson.steps) else ""
    return notes, following
