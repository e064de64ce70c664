"""Player: runs the moments kept, evenly in steps, by the clock."""

import time

from PySide6.QtCore import QObject, Qt, QTimer

from reluviz.app.state import AppState
from reluviz.app.store import Store
from reluviz.app.time_travel import SPAN_SECONDS, TimeTravel
from reluviz.app.timeline.looking import look_at, set_playing

BEAT_MS = 16


class Player(QObject):
    """Shows the next moment when its time has come, while the state says that moments play."""

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._step = 0.0
        self._since = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self._beat)
        store.on("time.direction").connect(self._follow)

    def _follow(self, old: AppState, new: AppState) -> None:
        if not new.time.direction:
            self._timer.stop()
        elif not self._timer.isActive() or new.time.direction != old.time.direction:
            self._step, self._since = float(new.time.step), time.monotonic()
            self._timer.start()

    def _beat(self) -> None:
        now = time.monotonic()
        seconds, self._since = now - self._since, now
        self._step, index = advance(self._store.state.time, self._step, seconds)
        if index is None:
            self._store.apply(set_playing, direction=0)
            return
        if index != self._store.state.time.moment:
            self._store.apply(look_at, index=index)


def advance(travel: TimeTravel, step: float, seconds: float) -> tuple[float, int | None]:
    """Return where playing comes to within so many seconds, as a step and a moment; None where it ends.

    Forward ends at the newest moment, back at the first; with `loop` it begins again at the other end.
    """
    steps = travel.timeline.steps
    if len(steps) < 2:
        return step, None
    low, high = float(steps[0]), float(steps[-1])
    pace = travel.direction * travel.speed * (high - low) / SPAN_SECONDS
    onward = step + pace * seconds
    if low <= onward <= high:
        index = travel.timeline.index_at(onward)
        if travel.direction < 0 and steps[index] < onward and index + 1 < len(steps):
            index += 1  # Back shows a moment once its step is reached from above.
        return onward, index
    if travel.loop:
        return (low, 0) if travel.direction > 0 else (high, len(steps) - 2)
    if travel.direction > 0:
        return high, len(steps) - 1
    return low, None if travel.moment == 0 else 0
