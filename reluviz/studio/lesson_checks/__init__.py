"""CHECKS: what a lesson can measure in a running network, one row each; numpy, no torch."""

from reluviz.studio.lesson_checks.check import CheckResult, Evidence, Measure, Measured, Option, run_check
from reluviz.studio.lesson_checks.table import CHECKS

__all__ = ["CHECKS", "CheckResult", "Evidence", "Measure", "Measured", "Option", "run_check"]
