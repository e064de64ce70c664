"""Fields: one table of a lesson file, read field by field; what is wrong with one is said in a sentence."""

import difflib
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from reluviz.core.errors import InputError

LONGEST_LINE, LONGEST_TEXT = 300, 20_000
_MISSING: Any = object()


class Fields:
    """A table at `place` of `source`. Every reader notes its field; `finish` refuses those that nobody asked for."""

    def __init__(self, source: str, place: str, values: Mapping[str, Any]) -> None:
        self.source, self.place, self.values = source, place, values
        self._known: list[str] = []

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def error(self, name: str, problem: str, allowed: str) -> InputError:
        """Return the sentence on one field: where it is, what it holds, and what is allowed."""
        return InputError(f"{self._where(name)}: {problem}; allowed: {allowed}.")

    def judge(self, make: Callable[[], Any], name: str) -> Any:
        """Return what `make` gives; its `InputError` is told with file and place."""
        try:
            return make()
        except InputError as error:
            raise InputError(f"{self._where(name)}: {error}") from None

    def text(self, name: str, default: str = _MISSING, allowed: str = "some text") -> str:
        """Return a text, line breaks as spaces within a paragraph; required where there is no default."""
        value = self._take(name, default, allowed)
        if not isinstance(value, str) or (default is _MISSING and not value.strip()):
            raise self.error(name, f"{_short(value)} is no text", allowed)
        if len(value) > LONGEST_TEXT:
            raise self.error(name, f"{len(value):,} characters", f"at most {LONGEST_TEXT:,}")
        return "\n\n".join(" ".join(part.split()) for part in value.split("\n\n") if part.strip())

    def line(self, name: str) -> str:
        """Return a short text."""
        value = self.text(name)
        if len(value) > LONGEST_LINE or "\n" in value:
            raise self.error(name, f"{len(value):,} characters", f"one paragraph of at most {LONGEST_LINE}")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts."""
        value = self._take(name, [], "a list of texts")
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            raise self.error(name, f"{_short(value)} is no list of texts", 'a list such as ["one", "two"]')
        return tuple(" ".join(item.split()) for item in value)

    def names(self, name: str, choices: Sequence[str]) -> tuple[str, ...]:
        """Return a list of names, each one of `choices`."""
        found = self.texts(name)
        for item in found:
            if item not in choices:
                raise self.error(name, f"{item!r} is unknown{_meant(item, choices)}", ", ".join(choices))
        return found

    def choice(self, name: str, choices: Sequence[str], default: str) -> str:
        """Return one of `choices`; required where the default is none of them."""
        value = self._take(name, default if default in choices else _MISSING, ", ".join(choices))
        if not isinstance(value, str) or value not in choices:
            hint = _meant(value, choices) if isinstance(value, str) else ""
            raise self.error(name, f"{_short(value)} is unknown{hint}", ", ".join(choices))
        return value

    def flag(self, name: str, default: bool) -> bool:
        """Return true or false."""
        value = self._take(name, default, "true, false")
        if not isinstance(value, bool):
            raise self.error(name, f"{_short(value)} cannot be used", "true, false")
        return value

    def number(self, name: str, default: float, low: float, high: float) -> float:
        """Return a finite number from `low` to `high`."""
        allowed = "a number" if math.isinf(high) else f"a number from {low:g} to {high:g}"
        value = self._take(name, default, allowed)
        if name not in self.values:
            return default
        if not _is_number(value) or not low <= value <= high:
            raise self.error(name, f"{_short(value)} cannot be used", allowed)
        return float(value)

    def bound(self, name: str) -> float | None:
        """Return a number, or None where none is given."""
        return self.number(name, 0.0, -math.inf, math.inf) if name in self.values else self._take(name, None, "")

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`."""
        value = self._take(name, default, "")
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.error(name, f"{_short(value)} cannot be used", f"a whole number from {low} to {high}")
        return value

    def items(self, name: str) -> list[Any]:
        """Return a list of anything, which is required."""
        value = self._take(name, _MISSING, "a list of values")
        if not isinstance(value, list):
            raise self.error(name, f"{_short(value)} is no list", "a list of values")
        return value

    def numbers(self, name: str, count: int) -> tuple[float, ...] | None:
        """Return a list of `count` finite numbers, None where the field is absent."""
        value = self._take(name, None, "")
        return None if value is None else self._row(name, value, count)

    def rows(self, name: str, count: int) -> tuple[tuple[float, ...], ...]:
        """Return a list of lists of `count` finite numbers (0: any number of them)."""
        value = self._take(name, [], "")
        if not isinstance(value, list):
            raise self.error(name, f"{_short(value)} is no list", "a list of lists of numbers")
        return tuple(self._row(name, item, count) for item in value)

    def matrices(self, name: str) -> tuple[tuple[tuple[float, ...], ...], ...]:
        """Return a list of matrices, each a list of rows."""
        value = self._take(name, [], "")
        if not isinstance(value, list) or not all(isinstance(item, list) for item in value):
            raise self.error(name, f"{_short(value)} is no list of matrices", "one list of rows per layer")
        return tuple(tuple(self._row(name, row, 0) for row in matrix) for matrix in value)

    def table(self, name: str) -> Mapping[str, Any]:
        """Return a table as it is, empty where it is absent."""
        value = self._take(name, {}, "a table")
        if not isinstance(value, dict):
            raise self.error(name, f"{_short(value)} is no table", f"a table such as [steps.{name}]")
        return value

    def sub(self, name: str) -> "Fields":
        """Return a table within this one, empty where it is absent."""
        return Fields(self.source, f"{self.place}, {name}" if self.place else name, self.table(name))

    def tables(self, name: str) -> list[Mapping[str, Any]]:
        """Return a list of tables, empty where it is absent."""
        value = self._take(name, [], "")
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.error(name, f"{_short(value)} is no list of tables", f"tables headed [[{name}]]")
        return list(value)

    def subs(self, name: str) -> list["Fields"]:
        """Return the tables of a list within this one."""
        place = f"{self.place}, {name}"
        return [Fields(self.source, f"{place} {i}", item) for i, item in enumerate(self.tables(name), 1)]

    def finish(self) -> None:
        """Refuse fields that were not asked for."""
        for name in self.values:
            if name not in self._known:
                known = ", ".join(sorted(set(self._known)))
                raise self.error(name, f"is no field here{_meant(name, self._known)}", known)

    def _take(self, name: str, default: Any, allowed: str) -> Any:
        self._known.append(name)
        if name not in self.values and default is _MISSING:
            raise self.error(name, "is missing", allowed)
        return self.values.get(name, default)

    def _row(self, name: str, value: Any, count: int) -> tuple[float, ...]:
        if not isinstance(value, list) or not all(_is_number(item) for item in value) or count not in (0, len(value)):
            wanted = f"lists of {count} numbers" if count else "lists of numbers"
            raise self.error(name, f"{_short(value)} cannot be used", f"finite numbers, {wanted}")
        return tuple(float(item) for item in value)

    def _where(self, name: str) -> str:
        return ", ".join(part for part in (f"{self.source}: {self.place}" if self.place else self.source, name) if part)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12


def _meant(name: str, choices: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, choices, 1)
    return f" (did you mean {close[0]}?)" if close else ""


def _short(value: Any) -> str:
    try:
        text = repr(value)
    except ValueError:  # A whole number of thousands of digits.
        text = "a number that long"
    return text if len(text) <= 40 else f"{text[:37]}..."
