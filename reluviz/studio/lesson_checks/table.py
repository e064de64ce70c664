"""CHECKS: the rows of all themes, joined."""

from reluviz.studio.lesson_checks.check import Measure

ROWS: tuple[Measure, ...] = ()

CHECKS: dict[str, Measure] = {row.name: row for row in ROWS}
