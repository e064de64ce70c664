"""read_table: x, y and a label or value from a CSV file."""

import csv
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reluviz.core.errors import InputError
from reluviz.core.experiment import MAX_POINTS
from reluviz.core.textfile import sample_lines

MAX_CLASSES = 8
DELIMITERS = {";": "semicolon", "\t": "tab", ",": "comma", " ": "space"}
LABEL_NAMES = ("label", "labels", "class", "category", "species")
VALUE_NAMES = ("value", "values", "target", "z", "f")
ALLOWED = "allowed are three columns, x, y and a label or value"

Row = tuple[int, list[str]]


@dataclass(frozen=True, eq=False)
class Table:
    """What a file holds: points (N, 2) float64; labels (N,) int64 with class names, or values (N, 1) float64."""

    points: NDArray[np.float64]
    targets: NDArray[Any]
    classes: tuple[str, ...]
    note: str


def read_table(path: Path) -> Table:
    """Read a CSV file; delimiter, header and kind of target are found. Raises `InputError` naming line and column.

    Of more than MAX_POINTS rows a fixed, even sample is kept and `note` says so.
    """
    sample = sample_lines(path, MAX_POINTS)
    delimiter = _delimiter([text for _, text in sample.lines[:50]])
    rows = [(number, _fields(text, delimiter)) for number, text in sample.lines]
    numeric = _number(delimiter)
    header = _header(rows[0][1], numeric)
    rows = rows[1:] if header else rows[:MAX_POINTS]
    columns = _columns(path, header, rows)
    if len(rows) < 2:
        raise InputError(f"{path}: has {len(rows)} row{'s' * (len(rows) != 1)} of data; allowed are 2 or more.")
    points = np.array([[_finite(path, row, columns[axis], "xy"[axis], numeric) for axis in (0, 1)] for row in rows])
    name = header[columns[2]].lower() if header else ""
    targets, classes = _targets(path, rows, columns[2], name, numeric)
    return Table(points, targets, classes, _note(sample.total - bool(header), len(rows), sample.is_cut))


def _note(total: int, kept: int, is_cut: bool) -> str:
    if is_cut:
        return f"A fixed sample of {kept:,} of the file's first {total:,} rows is used."
    return f"A fixed sample of {kept:,} of the file's {total:,} rows is used." if total > kept else ""


def _fields(text: str, delimiter: str) -> list[str]:
    if delimiter == " ":
        return text.split()
    if '"' not in text:
        return [field.strip() for field in text.split(delimiter)]
    return [field.strip() for field in next(csv.reader([text], delimiter=delimiter, skipinitialspace=True))]


def _delimiter(lines: list[str]) -> str:
    """Return the delimiter under which most lines begin with two numbers and have a third field."""

    def score(delimiter: str) -> tuple[int, int, int]:
        numeric = _number(delimiter)
        rows = [_fields(line, delimiter) for line in lines]
        good = sum(len(r) >= 3 and all(numeric(field) is not None for field in r[:2]) for r in rows)
        return good, sum(len(r) >= 3 for r in rows), sum(len(r) >= 2 for r in rows)

    return max(DELIMITERS, key=score)


def _number(delimiter: str) -> Callable[[str], float | None]:
    """Return how a field is read as a number (None if it is none): with a decimal comma where commas divide nothing."""

    def number(field: str) -> float | None:
        if "_" in field:  # Python's own notation, nobody's data.
            return None
        try:
            return float(field if delimiter == "," or "." in field else field.replace(",", ".", 1))
        except ValueError:
            return None

    return number


def _header(first: list[str], numeric: Callable[[str], float | None]) -> list[str]:
    """Return the first row if it names columns: at least two fields, none of them a number."""
    return first if len(first) >= 2 and all(numeric(field) is None for field in first) else []


def _columns(path: Path, header: list[str], rows: list[Row]) -> tuple[int, int, int]:
    """Return where x, y and the target are: by the header's names, else the first three of three."""
    names = [name.lower() for name in header]
    target = next((names.index(name) for name in (*LABEL_NAMES, *VALUE_NAMES) if name in names), None)
    if target is not None and "x" in names and "y" in names:
        columns, width = (names.index("x"), names.index("y"), target), len(names)
    else:
        columns, width = (0, 1, 2), 3
        if header and len(header) != 3:
            raise InputError(
                f"{path}: line 1 names {len(header)} columns; {ALLOWED}, or a header that names x, y and label."
            )
    for number, fields in rows:
        if len(fields) != width:
            raise InputError(f"{path}: line {number} has {len(fields)} column{'s' * (len(fields) != 1)}; {ALLOWED}.")
    return columns


def _finite(path: Path, row: Row, column: int, name: str, numeric: Callable[[str], float | None]) -> float:
    number, fields = row
    value = numeric(fields[column])
    if value is None or not math.isfinite(value):
        what = "is not a number" if value is None else "is not finite"
        raise InputError(
            f"{path}: line {number}, column {column + 1} ({name}): {_short(fields[column])} {what};"
            " allowed is a finite number."
        )
    return value


def _targets(
    path: Path, rows: list[Row], column: int, name: str, numeric: Callable[[str], float | None]
) -> tuple[NDArray[Any], tuple[str, ...]]:
    labels: NDArray[Any]
    texts = [fields[column] for _, fields in rows]
    empty = next((number for (number, _), text in zip(rows, texts, strict=True) if not text), None)
    if empty is not None:
        raise InputError(f"{path}: line {empty}, column {column + 1} is empty; allowed is a label or value.")
    distinct = sorted(set(texts))
    numbers = {text: numeric(text) for text in distinct}
    is_text = any(value is None for value in numbers.values())
    if not is_text or name in VALUE_NAMES:
        values = np.array([_finite(path, row, column, name or "value", numeric) for row in rows])
        levels, labels = np.unique(values, return_inverse=True)
        is_values = name in VALUE_NAMES or (len(levels) > MAX_CLASSES and name not in LABEL_NAMES)
        if is_values or (name not in LABEL_NAMES and (levels != np.round(levels)).any()):
            return values[:, None], ()
        distinct = [f"{level:g}" if level == round(level) else str(level) for level in levels.tolist()]
    else:
        labels = np.array([distinct.index(t) for t in texts]) if len(distinct) <= MAX_CLASSES else np.zeros(0)
    _check_classes(path, rows, column, distinct, numbers)
    return labels.astype(np.int64), tuple(distinct)


def _check_classes(
    path: Path, rows: list[Row], column: int, distinct: list[str], numbers: dict[str, float | None]
) -> None:
    allowed = f"allowed are 2 to {MAX_CLASSES} labels, or numbers"
    if len(distinct) == 1:
        raise InputError(
            f"{path}: column {column + 1} has one label only, {_short(distinct[0])}, in {len(rows):,} rows; {allowed}."
        )
    if len(distinct) > MAX_CLASSES:
        odd = next(((n, f[column]) for n, f in rows if numbers.get(f[column]) is None), None)
        place = f"line {odd[0]}, column {column + 1}: {_short(odd[1])} is not a number, and there" if odd else "there"
        raise InputError(f"{path}: {place} are {len(distinct):,} different labels; {allowed}.")


def _short(text: str) -> str:
    return repr(text) if len(text) <= 40 else f"{text[:37]!r}..."
