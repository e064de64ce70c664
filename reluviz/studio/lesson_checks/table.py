"""CHECKS: the rows of all themes, joined."""

from reluviz.studio.lesson_checks import curves, filters, learning, regions, units
from reluviz.studio.lesson_checks.check import Measure

_ROWS = (*curves.ROWS, *units.ROWS, *regions.ROWS, *learning.ROWS, *filters.ROWS)
CHECKS: dict[str, Measure] = {row.name: row for row in _ROWS}
