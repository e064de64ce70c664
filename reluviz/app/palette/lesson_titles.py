"""Titles of the lessons that come along, read without the rest of them: whole lessons take 0.2 s to read and check."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from reluviz.core.resources import resource


@dataclass(frozen=True)
class LessonTitle:
    """The head of a lesson's file."""

    path: Path
    title: str
    question: str


@cache
def lesson_titles() -> tuple[LessonTitle, ...]:
    """Return the heads of all lessons in their order; a file without one is left out, `reluviz lesson` says why."""
    found = []
    for path in sorted(resource("lessons").glob("*.toml")):
        head = _head(path.read_text(encoding="utf-8"))
        if "title" in head and "question" in head:
            found.append(LessonTitle(path, head["title"], head["question"]))
    return tuple(found)


def _head(text: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for line in text.splitlines():
        if line.startswith("["):
            break
        if line.startswith(("title =", "question =")):
            values |= tomllib.loads(line)
    return values
