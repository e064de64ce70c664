"""How figures are timed: every contender once a round, so that a busy machine slows all alike."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True)
class Figure:
    """One line of the report.

    value is in `unit`; `reach` says in words what is aimed at and `met` whether it is (None where nothing is aimed
    at or the peer is missing). `beside` holds peers, physical limits and ratios measured in the same rounds.
    """

    name: str
    what: str
    value: float | None
    unit: str
    reach: str = ""
    met: bool | None = None
    beside: dict[str, float] = field(default_factory=dict)
    note: str = ""


def interleave(contenders: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return each contender's median seconds over `rounds` rounds, after one round that is thrown away."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds + 1):
        for name, run in contenders.items():
            begin = time.perf_counter()
            run()
            if number:
                seconds[name].append(time.perf_counter() - begin)
    return {name: median(values) for name, values in seconds.items()}
