"""Setting: what a field of an experiment is, and whether a value fits it."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reluviz.core.ablation import read_units
from reluviz.core.errors import InputError
from reluviz.core.formula import PREFIX, activation_named
from reluviz.core.point_edits import read_edits

MAX_LAYERS = 10


@dataclass(frozen=True)
class Setting:
    """What a form, a help text and a check need to know about one field.

    kind is one of int, float, choice, dataset, edits, widths, kinds, activations, parameters, units. `live` says
    whether a change reaches a running training without a new start. `help` is one sentence on what it does to the
    picture.
    """

    label: str
    group: str
    help: str
    kind: str
    unit: str = ""
    minimum: float = -math.inf
    maximum: float = math.inf
    choices: tuple[str, ...] = ()
    live: bool = True
    logarithmic: bool = False


def check_value(name: str, value: Any, setting: Setting) -> Any:
    """Return `value` in the own type of field `name`, or raise `InputError` saying what is allowed."""
    match setting.kind:
        case "int":
            return _number(name, value, setting, int)
        case "float":
            return _number(name, value, setting, float)
        case "widths":
            return _widths(name, value, setting)
        case "choice":
            return _choice(name, value, setting.choices)
        case "dataset":
            if not isinstance(value, str) or not value:
                raise InputError(
                    f"{name}: {value!r} is not a name or a path; allowed are {', '.join(setting.choices)}, a path."
                )
            return value
        case "activations":
            items = [value] if isinstance(value, str) else _items(name, value)
            return tuple(_activation(name, item, setting.choices) for item in items)
        case "kinds":
            items = [value] if isinstance(value, str) else _items(name, value)
            kinds = tuple(_choice(name, item, setting.choices) for item in items)
            return kinds[:1] if kinds and len(set(kinds)) == 1 else kinds
        case "parameters":
            items = [value] if value is None or isinstance(value, int | float) else _items(name, value)
            return tuple(None if item is None else _number(name, item, setting, float) for item in items)
        case "units":
            return read_units(name, value)
        case "edits":
            return read_edits(name, value)
    raise AssertionError(setting.kind)


def _widths(name: str, value: Any, setting: Setting) -> tuple[int, ...]:
    items = _items(name, [value] if isinstance(value, int) else value)
    if len(items) > MAX_LAYERS:
        raise InputError(f"{name}: {len(items)} layers; allowed are 0 to {MAX_LAYERS}.")
    return tuple(_number(name, item, setting, int) for item in items)


def _items(name: str, value: Any) -> list[Any]:
    if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
        raise InputError(f"{name}: {value!r} is not a list.")
    return list(value)


def _choice(name: str, value: Any, choices: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in choices:
        raise InputError(f"{name}: {value!r} is unknown; allowed are {', '.join(choices)}.")
    return value


def _activation(name: str, value: Any, choices: tuple[str, ...]) -> str:
    """Return a row's name, or a formula of z as "formula:..." once it is read."""
    if isinstance(value, str) and value.startswith(PREFIX):
        return activation_named(value).name
    return _choice(name, value, choices)


def _number(name: str, value: Any, setting: Setting, kind: type) -> Any:
    allowed = f"allowed is {'a whole number' if kind is int else 'a number'}{_range(setting)}"
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not _fits_float(value) or (kind is int and not float(value).is_integer()):
        raise InputError(f"{name}: {_short(value)} cannot be used; {allowed}.")
    if not setting.minimum <= value <= setting.maximum:
        raise InputError(f"{name}: {_short(value)} is out of range; {allowed}.")
    return kind(value)


def _short(value: Any) -> str:
    try:
        text = repr(value)
    except ValueError:  # An integer too long for Python to print.
        text = "a number that long"
    return text if len(text) <= 40 else f"{text[:37]}..."


def _fits_float(value: Any) -> bool:
    try:
        return math.isfinite(value)
    except (OverflowError, TypeError):
        return False


def _range(setting: Setting) -> str:
    if math.isinf(setting.maximum):
        return ""
    return f" from {setting.minimum:g} to {setting.maximum:.10g}"
