"""Commands of time travel."""

from functools import partial

from reluviz.app.actions.action import Action
from reluviz.app.state import AppState
from reluviz.app.timeline import commands


def _needs_past(state: AppState) -> str:
    return "" if state.time.has_past else "There is no earlier moment yet."


def _needs_earlier(state: AppState) -> str:
    if state.time.moment == 0:
        return "This is the first moment."
    return _needs_past(state)


def _needs_look(state: AppState) -> str:
    return "" if state.time.is_looking_back else "This is the newest moment already."


def _needs_marks(state: AppState) -> str:
    return "" if state.time.marks else "No moment is marked yet; M marks the one that is shown."


def _needs_lines(state: AppState) -> str:
    return "" if state.time.timeline.others else "There is only this line of training."


def _back_look(state: AppState) -> tuple[str, str]:
    return ("Hold", "pause") if state.time.direction < 0 else ("Play back", "play_back")


def _forward_look(state: AppState) -> tuple[str, str]:
    return ("Hold", "pause") if state.time.direction > 0 else ("Play the past", "play_past")


def _mark_look(state: AppState) -> tuple[str, str]:
    is_marked = any(mark.step == state.time.step for mark in state.time.marks)
    return ("Take the mark away", "mark") if is_marked else ("Mark this moment", "mark")


ROWS: tuple[Action, ...] = (
    Action(
        "step_back",
        "Step back",
        "Shows the moment before, with everything as it was then; training rests meanwhile.",
        commands.step_back,
        "Time",
        keys=("Left",),
        icon="step_back",
        why_not=_needs_earlier,
    ),
    Action(
        "first_moment",
        "First moment",
        "Shows the moment that this line of training began with.",
        commands.show_first,
        "Time",
        keys=("Home",),
        why_not=_needs_past,
    ),
    Action(
        "now",
        "Back to now",
        "Shows the newest moment again; training goes on if it did before.",
        commands.back_to_now,
        "Time",
        keys=("End",),
        icon="now",
        why_not=_needs_look,
    ),
    Action(
        "resume",
        "Resume from here",
        "Trains on from the moment that is shown, and keeps the line that is left for comparison.",
        commands.resume,
        "Time",
        icon="branch",
        why_not=_needs_look,
    ),
    Action(
        "play_back",
        "Play back",
        "Runs the moments kept backwards, evenly in steps.",
        partial(commands.play_moments, direction=-1),
        "Time",
        1,
        ("Ctrl+Left",),
        look=_back_look,
        reads=("time.direction",),
        why_not=_needs_past,
    ),
    Action(
        "play_past",
        "Play the past",
        "Runs the moments kept forward from the one that is shown, evenly in steps.",
        partial(commands.play_moments, direction=1),
        "Time",
        1,
        ("Ctrl+Right",),
        look=_forward_look,
        reads=("time.direction",),
        why_not=_needs_past,
    ),
    Action(
        "slower",
        "Slower",
        "Plays the past at half the speed.",
        partial(commands.change_speed, by=-1),
        "Time",
        1,
        ("Ctrl+Down",),
    ),
    Action(
        "faster",
        "Faster",
        "Plays the past at twice the speed.",
        partial(commands.change_speed, by=1),
        "Time",
        1,
        ("Ctrl+Up",),
    ),
    Action(
        "loop",
        "Loop",
        "Begins the past again when it has been played to its end.",
        commands.toggle_loop,
        "Time",
        1,
        checked=lambda state: state.time.loop,
        reads=("time.loop",),
    ),
    Action(
        "mark",
        "Mark this moment",
        "Sets a mark on the timeline that can be returned to, or takes it away.",
        commands.mark,
        "Time",
        2,
        ("M",),
        look=_mark_look,
        reads=("time",),
    ),
    Action(
        "name_mark",
        "Name this moment …",
        "Gives the moment that is shown a mark with a name of your own.",
        commands.ask_name,
        "Time",
        2,
        ("Shift+M",),
    ),
    Action(
        "mark_before",
        "Previous mark",
        "Shows the marked moment before this one.",
        partial(commands.jump, direction=-1),
        "Time",
        2,
        ("Shift+Left",),
        why_not=_needs_marks,
    ),
    Action(
        "mark_after",
        "Next mark",
        "Shows the marked moment after this one.",
        partial(commands.jump, direction=1),
        "Time",
        2,
        ("Shift+Right",),
        why_not=_needs_marks,
    ),
    Action(
        "line_before",
        "Back to the line before",
        "Changes places with the line of training that was left last, where it ended.",
        commands.exchange_lines,
        "Time",
        3,
        ("Alt+Left",),
        icon="branch",
        why_not=_needs_lines,
    ),
)
