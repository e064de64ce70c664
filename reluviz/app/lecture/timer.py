"""Timer: how long a lecture has gone on, or how long it still may, as pure functions of a clock."""

from dataclasses import dataclass, replace

LONGEST = 600
"""Minutes that a countdown can begin from."""
SOON = 300.0
"""Seconds before the end of a countdown at which it begins to warn."""


@dataclass(frozen=True)
class Timer:
    """`kept` seconds have passed before `since`, the clock's second at which it was started; None while it rests.

    `minutes` is what a countdown begins from; 0 counts up.
    """

    kept: float = 0.0
    since: float | None = None
    minutes: int = 0

    @property
    def is_running(self) -> bool:
        """Whether time is counted."""
        return self.since is not None


def passed(timer: Timer, now: float) -> float:
    """Return the seconds counted so far."""
    return timer.kept + (now - timer.since if timer.since is not None else 0.0)


def shown_seconds(timer: Timer, now: float) -> float:
    """Return the seconds to show: those that have passed, or those left, below 0 once a countdown is over."""
    return 60.0 * timer.minutes - passed(timer, now) if timer.minutes else passed(timer, now)


def switch(timer: Timer, now: float) -> Timer:
    """Stop a timer that runs, else go on."""
    return replace(timer, kept=passed(timer, now), since=None) if timer.is_running else replace(timer, since=now)


def rewind(timer: Timer, now: float) -> Timer:
    """Begin again from nothing; one that runs goes on running."""
    return replace(timer, kept=0.0, since=now if timer.is_running else None)


def count_from(timer: Timer, minutes: int) -> Timer:
    """Count down from `minutes`, held to at most LONGEST, or up from nothing where they are 0."""
    return replace(timer, minutes=min(LONGEST, max(0, minutes)))


def clock_text(seconds: float) -> str:
    """Return seconds as 4:07 or 1:04:07; below 0 with a minus sign. Time left is never shown as more than there is."""
    whole = int(abs(seconds))
    hours, rest = divmod(whole, 3600)
    text = f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"
    return f"\N{MINUS SIGN}{text}" if seconds < 0 and whole else text
