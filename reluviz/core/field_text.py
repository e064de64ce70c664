"""Fields of an experiment as the words of a command line, and back."""

import json
from typing import Any

from reluviz.core.errors import InputError
from reluviz.core.formula import split_names
from reluviz.core.point_edits import PointEdits
from reluviz.core.setting import Setting

NOTHING = "none"


def value_of(name: str, text: str, setting: Setting) -> Any:
    """Return the text of an option as the field wants it; what cannot be read is left for the field's own check."""
    match setting.kind:
        case "int" | "float":
            return read_number(text)
        case "widths":
            return [read_number(item) for item in _items(text)]
        case "activations":
            return split_names(text)
        case "kinds":
            return [item.strip() for item in _items(text)]
        case "parameters":
            return read_list(text)
        case "units":
            return [[read_number(part) for part in item.split(":")] for item in _items(text)]
        case "edits":
            return _read_edits(name, text)
    return text


def text_of(value: Any, setting: Setting) -> str:
    """Return the text that `value_of` reads back to this value of a field."""
    match setting.kind:
        case "widths" | "kinds" | "activations":
            return ",".join(map(str, value)) or NOTHING
        case "parameters":
            return ",".join("default" if item is None else repr(item) for item in value)
        case "units":
            return ",".join(f"{layer}:{unit}" for layer, unit in value) or NOTHING
        case "edits":
            assert isinstance(value, PointEdits)
            return json.dumps(value.to_plain(), separators=(",", ":"))
    return str(value)


def read_list(text: str) -> list[Any]:
    """Return the numbers of a comma list, None for `default`; what is no number stays text for the field's check."""
    return [None if item.strip().lower() in ("", "default", NOTHING) else read_number(item) for item in text.split(",")]


def read_number(text: str) -> int | float | str:
    """Return the number that a text writes, or the text itself."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _items(text: str) -> list[str]:
    return [] if text.strip().lower() in ("", NOTHING) else text.split(",")


def _read_edits(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        raise InputError(f"{name}: that is not JSON; allowed is what a saved experiment has under {name}.") from None
