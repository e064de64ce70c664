"""CHECKS: the rows of all themes, joined."""

from reluviz.studio.lesson_checks import curves, learning, regions, units
from reluviz.studio.lesson_checks.check import Measure

CHECKS: dict[str, Measure] = {row.name: row for row in (*curves.ROWS, *units.ROWS, *regions.ROWS, *learning.ROWS)}
