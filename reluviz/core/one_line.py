"""An experiment as one line of text: the command line that opens it, with the fields that differ from the defaults."""

import shlex

from reluviz.core.errors import InputError
from reluviz.core.experiment import SETTINGS, Experiment
from reluviz.core.field_text import text_of, value_of

PROGRAM = "reluviz"
LONGEST = 1_000_000
ALLOWED = f"allowed is a line such as `{PROGRAM} --dataset xor --hidden 8,8`, or an experiment as JSON"


def to_line(experiment: Experiment) -> str:
    """Return the shortest command line that opens this experiment, quoted for a POSIX shell."""
    usual = Experiment()
    words = [PROGRAM]
    for name, setting in SETTINGS.items():
        value = getattr(experiment, name)
        if value != getattr(usual, name):
            text = text_of(value, setting)
            option = f"--{name.replace('_', '-')}"
            # A value that begins with a minus would be read as an option.
            words += [f"{option}={text}"] if text.startswith("-") else [option, text]
    return shlex.join(words)


def from_text(text: str) -> Experiment:
    """Return the experiment that a text writes: a line of `to_line`, or JSON. Raises `InputError`, one sentence."""
    text = text.strip()
    if not text:
        raise InputError(f"The clipboard holds no text; {ALLOWED}.")
    if len(text) > LONGEST:
        raise InputError(f"The text has {len(text):,} characters, more than any experiment; {ALLOWED}.")
    if text.startswith("{"):
        return Experiment.from_json(text, "The text")
    return _from_line(text)


def _from_line(text: str) -> Experiment:
    try:
        words = shlex.split(text.removeprefix("$ "))
    except ValueError:
        raise InputError(f"The text ends within quotation marks; {ALLOWED}.") from None
    if words[:1] == [PROGRAM]:
        words = words[1:]
    elif not words or not words[0].startswith("--"):
        raise InputError(f"The text {_short(text)} is no experiment; {ALLOWED}.")
    fields = {}
    while words:
        option, equals, value = words.pop(0).partition("=")
        name = option.removeprefix("--").replace("-", "_")
        if not option.startswith("--") or name not in SETTINGS:
            raise InputError(f"The text: {_short(option)} is no field of an experiment; {ALLOWED}.")
        if not equals:
            if not words:
                raise InputError(f"The text: {option} has no value; {ALLOWED}.")
            value = words.pop(0)
        fields[name] = value_of(name, value, SETTINGS[name])
    try:
        return Experiment().edit(**fields)
    except InputError as error:
        raise InputError(f"The text: {error}") from None


def _short(text: str) -> str:
    line = " ".join(text.split())
    return repr(line if len(line) <= 40 else f"{line[:37]}...")
