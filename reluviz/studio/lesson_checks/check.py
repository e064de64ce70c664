"""What a check is given and what it returns; `run_check` compares a measured number with what was promised."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reluviz.core.dataset import Dataset
from reluviz.core.network import Network
from reluviz.core.snapshot import Snapshot
from reluviz.core.view import HOME, Bounds
from reluviz.studio.lesson import Check

Float = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Evidence:
    """What can be measured in: one newest moment per pane, pane 0 first, and the data that all of them learn."""

    moments: tuple[Snapshot, ...]
    dataset: Dataset
    pane: int = 0
    bounds: Bounds = HOME

    @property
    def snapshot(self) -> Snapshot:
        """The moment of the pane that is measured."""
        return self.moments[self.pane]

    @property
    def network(self) -> Network:
        """The network of that moment."""
        return self.snapshot.network

    @property
    def points(self) -> Float:
        """The training points (N, 2)."""
        return self.dataset.points[self.dataset.is_train]


@dataclass(frozen=True)
class Measured:
    """A number and, in words, what was measured where; nan where it cannot be measured now, and `words` say why."""

    value: float
    words: str = ""


@dataclass(frozen=True)
class Option:
    """One parameter of a check: a number in a range, or one of `choices`."""

    default: float | str
    minimum: float = -math.inf
    maximum: float = math.inf
    choices: tuple[str, ...] = ()
    whole: bool = False


@dataclass(frozen=True)
class Measure:
    """One row of CHECKS: `help` is what the number is.

    `unit` is "", "share" (shown as per cent), "count" or "exact" (six digits instead of four).
    """

    name: str
    help: str
    measure: Callable[..., Measured]
    options: Mapping[str, Option]
    unit: str = ""


@dataclass(frozen=True)
class CheckResult:
    """A check's outcome: the number, what it was to be, and both in words.

    passed is None where nothing is judged: no bounds were set, or it is `waiting` for training to come far enough.
    """

    measured: float
    measured_text: str
    expected_text: str
    passed: bool | None
    words: str
    waiting: bool = False


def run_check(check: Check, evidence: Evidence, ready: int = 0) -> CheckResult:
    """Measure now and compare; before step `ready` of the run a failing number is not judged. Not for the GUI thread.

    Some checks decompose the plane or go through several networks: up to half a second.
    """
    from reluviz.studio.lesson_checks.table import CHECKS

    row = CHECKS[check.measure]
    seen = replace(evidence, pane=min(check.pane, len(evidence.moments) - 1))
    with np.errstate(all="ignore"):
        found = row.measure(seen, **check.parameters)
    low, high = check.at_least, check.at_most
    is_judged = low is not None or high is not None
    fits = math.isfinite(found.value) and not (
        (low is not None and found.value < low) or (high is not None and found.value > high)
    )
    waiting = is_judged and not fits and seen.snapshot.step < ready
    return CheckResult(
        found.value,
        number_text(found.value, row.unit),
        expected_text(check, row.unit),
        fits if is_judged and not waiting else None,
        found.words,
        waiting,
    )


def expected_text(check: Check, unit: str = "") -> str:
    """Return where the number is to lie, in words."""
    low, high = check.at_least, check.at_most
    if low is None and high is None:
        return "measured, not judged"
    if low is not None and low == high:
        return f"exactly {number_text(low, unit)}"
    if low is None:
        assert high is not None
        return f"at most {number_text(high, unit)}"
    if high is None:
        return f"at least {number_text(low, unit)}"
    return f"{number_text(low, unit)} to {number_text(high, unit)}"


def number_text(value: float, unit: str = "") -> str:
    """Return a number as people read it: few digits, per cent for shares, no exponent where none is needed."""
    if not math.isfinite(value):
        return "\N{EN DASH}"
    if unit == "share":
        return f"{100 * value:.3g} %"
    if float(value).is_integer() and abs(value) < 1e6:
        return f"{value:,.0f}"
    if 1e-4 <= abs(value) < 1e6:
        return f"{value:.6g}" if unit == "exact" else f"{value:.4g}"
    return f"{value:.2g}"
