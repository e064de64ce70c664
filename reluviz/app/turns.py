"""Turns: views that redraw now and then do so one after the other, a frame apart."""

import time

FRAME = 0.016
MOST = 6 * FRAME
"""What a view waits at most for others. In films states come faster than time: turns once ran ahead without end."""


class Turns:
    """Hands out times to redraw at. All views due in one frame held up the window's thread by 15 to 20 ms."""

    def __init__(self) -> None:
        self._taken: list[float] = []

    def take(self, due: float, now: float) -> float:
        """Return the first time from `due` on, in seconds, that is a frame apart from those taken, if one is near."""
        self._taken = [taken for taken in self._taken if taken > now - FRAME]
        wanted = due
        for taken in sorted(self._taken):
            if abs(taken - due) < FRAME:
                due = taken + FRAME
        if due > wanted + MOST:
            return wanted
        self._taken.append(due)
        return due


_TURNS = Turns()


def wait_ms(milliseconds: int) -> int:
    """Return how long a view that wants to redraw after so many milliseconds has to wait for its turn."""
    now = time.monotonic()
    return round(1000 * (_TURNS.take(now + milliseconds / 1000, now) - now))
