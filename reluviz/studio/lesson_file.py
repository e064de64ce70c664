"""read_lesson: a lesson from a TOML file, every field checked against the settings that it will be used with.

Nothing in a file is run. What a step says of `experiment` and `view` stays for the steps after it; what it says of
`window`, `compare`, `training` and `start` is its own.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from reluviz.core.datasets import load_dataset
from reluviz.core.errors import InputError
from reluviz.core.experiment import DATASETS, Experiment
from reluviz.core.objective import resolve_loss
from reluviz.core.resources import resource
from reluviz.studio.lesson import Check, Lesson, Prediction, Step
from reluviz.studio.lesson_checks import CHECKS
from reluviz.studio.lesson_fields import Fields
from reluviz.studio.lesson_stage import NOTHING_YET, Before, read_stage

FORMAT, VERSION = "reluviz lesson", 1
SUFFIX = ".toml"
MAX_BYTES = 200_000
MOST_WORDS, FEWEST_STEPS, MOST_STEPS = 60, 2, 6
ALLOWED = "allowed is a lesson, a text file of TOML"


def find_lessons() -> tuple[Path, ...]:
    """Return the files of the lessons that come with reluviz, in their order."""
    return tuple(sorted(resource("lessons").glob(f"*{SUFFIX}")))


def find_lesson(name: str) -> Path:
    """Return the file of a lesson: a path, a built-in lesson's name or its number. Raises `InputError`."""
    path = Path(name)
    if path.suffix == SUFFIX or path.is_file():
        return path
    built_in = find_lessons()
    for found in built_in:
        number, _, rest = found.stem.partition("-")
        if name in (found.stem, rest) or (name.isdigit() and number.isdigit() and int(name) == int(number)):
            return found
    names = ", ".join(found.stem for found in built_in)
    raise InputError(f"lesson {name!r} is unknown; allowed are {names}, a number of these, and a path.")


def read_lesson(path: Path) -> Lesson:
    """Read and check a lesson. Raises `InputError`: one sentence with file, step, field and what is allowed."""
    return parse_lesson(_text(path), path)


def parse_lesson(text: str, path: Path) -> Lesson:
    """Read a lesson from `text`; `path` names it, and data files that it names may lie beside it."""
    source = str(path)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{source}: is not TOML ({error}); {ALLOWED}.") from None
    except RecursionError:
        raise InputError(f"{source}: is nested too deeply; {ALLOWED}.") from None
    top = Fields(source, "", data)
    if top.text("format", "", "the words reluviz lesson") != FORMAT:
        raise InputError(f'{source}: does not begin with format = "{FORMAT}"; {ALLOWED}.')
    version = top.whole("version", 1, 1, 10**9)
    if version > VERSION:
        raise InputError(f"{source}: was written by a newer reluviz (version {version}); this one reads {VERSION}.")
    steps = top.tables("steps")
    if not FEWEST_STEPS <= len(steps) <= MOST_STEPS:
        raise InputError(f"{source}: has {len(steps)} steps; allowed are {FEWEST_STEPS} to {MOST_STEPS}.")
    before, read = NOTHING_YET, []
    for number, step in enumerate(steps, 1):
        found, before = _step(Fields(source, f"step {number}", step), before, path.parent)
        read.append(found)
    lesson = Lesson(
        name=path.stem,
        title=top.line("title"),
        question=top.line("question"),
        steps=tuple(read),
        notes=top.text("notes", ""),
        sources=top.texts("sources"),
        minutes=top.number("minutes", 5.0, 0.5, 180.0),
        telling=top.whole("telling", 1, 1, len(steps)) - 1,
        path=path,
    )
    top.finish()
    return lesson


def _step(fields: Fields, before: Before, folder: Path) -> tuple[Step, Before]:
    text = fields.text("text")
    _check_words(fields, "text", text)
    look_at, notes = fields.text("look", ""), fields.text("notes", "")
    _check_words(fields, "look", look_at)
    given = fields.table("experiment")
    experiment = _experiment(fields, before.experiment, given, folder)
    stage, after = read_stage(fields, before, experiment)
    for pane in stage.experiments:
        fields.judge(partial(resolve_loss, pane.loss, load_dataset(pane)), "experiment")
    prediction = _prediction(fields.sub("prediction")) if "prediction" in fields else None
    checks = tuple(_check(table, len(stage.experiments)) for table in fields.subs("checks"))
    fields.finish()
    return Step(text, stage, look_at, prediction, checks, notes), after


def _experiment(fields: Fields, base: Experiment, given: Mapping[str, Any], folder: Path) -> Experiment:
    def edit() -> Experiment:
        # Another activation comes with its own default parameter.
        own = {"activation_parameter": (None,)} if "activation" in given else {}
        edited = base.edit(**(own | dict(given)))
        beside = folder / edited.dataset
        if edited.dataset not in DATASETS and not Path(edited.dataset).is_file() and beside.is_file():
            edited = replace(edited, dataset=str(beside))
        load_dataset(edited)
        return edited

    result: Experiment = fields.judge(edit, "experiment")
    return result


def _prediction(fields: Fields) -> Prediction:
    choices = fields.texts("choices")
    if not 2 <= len(choices) <= 5:
        raise fields.error("choices", f"{len(choices)} choices", "2 to 5 of them")
    result = Prediction(
        fields.line("question"), choices, fields.whole("answer", 1, 1, len(choices)) - 1, fields.text("reveal")
    )
    _check_words(fields, "reveal", result.reveal)
    fields.finish()
    return result


def _check(fields: Fields, panes: int) -> Check:
    name = fields.choice("measure", tuple(CHECKS), "")
    row = CHECKS[name]
    says = fields.text("says")
    low, high = fields.bound("at_least"), fields.bound("at_most")
    equals, tolerance = fields.bound("equals"), fields.number("tolerance", 0.0, 0.0, 1e12)
    if equals is not None:
        if low is not None or high is not None:
            raise fields.error("equals", "stands beside other bounds", "equals with tolerance, or at_least and at_most")
        low, high = equals - tolerance, equals + tolerance
    pane = fields.whole("pane", 1, 1, panes) - 1
    options = fields.sub("with") if "with" in fields else Fields(fields.source, fields.place, {})
    parameters: dict[str, Any] = {}
    for key, option in row.options.items():
        if option.choices:
            parameters[key] = options.choice(key, option.choices, str(option.default))
        elif option.whole:
            parameters[key] = options.whole(key, int(option.default), int(option.minimum), int(option.maximum))
        else:
            parameters[key] = options.number(key, float(option.default), option.minimum, option.maximum)
    options.finish()
    fields.finish()
    return Check(name, says, parameters, low, high, pane)


def _check_words(fields: Fields, name: str, text: str) -> None:
    words = len(text.split())
    if words > MOST_WORDS:
        raise fields.error(name, f"{words} words", f"at most {MOST_WORDS}, so that a room can read it")


def _text(path: Path) -> str:
    try:
        if path.is_dir():
            raise InputError(f"{path}: is a folder; {ALLOWED}.")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file; {ALLOWED}.") from None
    except InputError:
        raise
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error}).") from None
    if len(data) > MAX_BYTES:
        raise InputError(f"{path}: is larger than {MAX_BYTES:,} bytes; {ALLOWED}.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: byte {error.start} is not UTF-8 text; {ALLOWED}.") from None
