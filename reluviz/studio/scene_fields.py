"""What the parts of a scene file have in common: numbers and texts read with care, the view and the hidden controls."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from reluviz.core.coloring import COLORINGS
from reluviz.core.errors import InputError
from reluviz.core.view import HOME, SMOOTH_PICTURES, View

MAX_BYTES = 1_000_000  # Of a JSON file, and of scene.json.
MOST_HIDDEN = 100
ALLOWED = "allowed are a scene (.reluviz) and a JSON file of an experiment"
DESCRIPTION = "scene.json"
_LINES = ("bend", "equal", "none")


def describe_view(view: View) -> dict[str, Any]:
    """Return a view as plain JSON values."""
    names = ("bounds", "coloring", "lines", "boundary", "layer", "unit", "smooth", "epsilon", "eta")
    return {name: getattr(view, name) for name in names}


def read_view(source: str, value: Mapping[str, Any]) -> View:
    """Return what `describe_view` wrote. Raises `InputError`."""
    usual = View()
    choices = {"coloring": tuple(COLORINGS), "lines": _LINES, "smooth": SMOOTH_PICTURES}
    for name, allowed in choices.items():
        if value.get(name, getattr(usual, name)) not in allowed:
            raise InputError(f"{source}: {name} {say_short(value[name])} is unknown; allowed are {', '.join(allowed)}.")
    bounds = value.get("bounds", HOME)
    if not isinstance(bounds, list | tuple) or len(bounds) != 4:
        raise InputError(f"{source}: bounds {say_short(bounds)}; allowed are four finite numbers.")
    xmin, xmax, ymin, ymax = (read_number(source, {"bounds": side}, "bounds", -1e12, 1e12) for side in bounds)
    if not (xmin < xmax and ymin < ymax):
        raise InputError(f"{source}: bounds have no inside; allowed are XMIN < XMAX and YMIN < YMAX.")
    return replace(
        usual,
        **{name: value.get(name, getattr(usual, name)) for name in choices},
        bounds=(xmin, xmax, ymin, ymax),
        boundary=bool(value.get("boundary", usual.boundary)),
        layer=read_whole(source, value, "layer", -1, 64, usual.layer),
        unit=read_whole(source, value, "unit", -1, 4096, usual.unit),
        epsilon=read_number(source, value, "epsilon", 1e-6, 10.0, usual.epsilon),
        eta=read_number(source, value, "eta", 1e-6, 1e6, usual.eta),
    )


def read_hidden(source: str, value: Any) -> tuple[str, ...]:
    """Return the names of hidden controls, each once."""
    if not isinstance(value, list) or len(value) > MOST_HIDDEN or not all(map(_is_name, value)):
        raise InputError(
            f"{source}: hidden {say_short(value)} cannot be used; allowed is a list of at most {MOST_HIDDEN} names"
            " such as panel:census, section:data or bar:speed."
        )
    return tuple(dict.fromkeys(value))


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"(panel|section|bar):[a-z_]{1,40}", value) is not None


def read_part(source: str, value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return an object within an object. Raises `InputError`."""
    part = value.get(name)
    if not isinstance(part, dict):
        raise InputError(f"{source}: {name} is missing or no object; allowed is a scene as it was saved.")
    return part


def read_number(
    source: str, value: Mapping[str, Any], name: str, low: float, high: float, default: float | None = None
) -> float:
    """Return a number from low to high. Raises `InputError`."""
    number = value.get(name)
    if number is None and default is not None:
        return default
    if not isinstance(number, int | float) or isinstance(number, bool) or not low <= number <= high:
        raise InputError(f"{source}: {name} {say_short(number)} cannot be used; allowed is a number in its range.")
    return float(number)


def read_whole(
    source: str, value: Mapping[str, Any], name: str, low: int, high: int, default: int | None = None
) -> int:
    """Return a whole number from low to high. Raises `InputError`."""
    number = value.get(name, default)
    if not isinstance(number, int) or isinstance(number, bool) or not low <= number <= high:
        raise InputError(f"{source}: {name} {say_short(number)} cannot be used; allowed is a whole number from {low}.")
    return number


def read_text(source: str, data: bytes) -> str:
    """Return bytes as text. Raises `InputError`."""
    if len(data) > MAX_BYTES:
        raise InputError(f"{source}: is larger than a megabyte; {ALLOWED}.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{source}: byte {error.start} is not UTF-8 text; {ALLOWED}.") from None


def say_damaged(source: str, error: Exception) -> InputError:
    """Return what is said of a file that something stumbled over."""
    lines = str(error).splitlines()
    reason = lines[0][:120].rstrip(".") if lines else type(error).__name__
    return InputError(f"{source}: is damaged or no scene ({reason}); {ALLOWED}.")


def say_short(value: Any) -> str:
    """Return a value as text of at most 40 characters."""
    try:
        text = repr(value)
    except ValueError:  # A whole number of thousands of digits.
        return "of that size"
    return text if len(text) <= 40 else f"{text[:37]}..."
