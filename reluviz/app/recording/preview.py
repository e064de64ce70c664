"""One frame of a film that is being planned, small, as it will be."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reluviz.app.recording.order import SIZES, Order
from reluviz.core.snapshot import Snapshot
from reluviz.studio.keys import Course, Key
from reluviz.studio.look import Look

if TYPE_CHECKING:
    from reluviz.studio.journal import Journal
    from reluviz.studio.timeline import Timeline

LARGEST = 640  # Pixels of the longer side: drawn in some 5 ms.


@dataclass(frozen=True, eq=False)
class PreviewRequest:
    """The frame at `share` 0..1 of a film; `now` is the moment that the window shows, `look` how."""

    order: Order
    share: float
    timeline: "Timeline"
    last: str
    now: tuple[Snapshot, ...]
    look: Look
    keys: tuple[Key, ...]


class Previewer:
    """Draws frames; keeps the recording open that it read last."""

    def __init__(self) -> None:
        self._journal: Journal | None = None
        self._read = ("", 0)

    def __call__(self, request: PreviewRequest) -> Any:
        """Return the frame (H, W) 0xffRRGGBB. Raises `InputError` where there is none."""
        from reluviz.studio.film import Script, draw_frames

        width, height = SIZES[request.order.size][1]
        shrink = LARGEST / max(width, height)
        size = (2 * round(width * shrink / 2), 2 * round(height * shrink / 2))
        moments, cut, look_at, events = self._frame_of(request)
        order = request.order
        over: dict[str, object] = {"title": order.title} if order.title else {}
        script = Script(
            moments,
            cut,
            look_at,
            Course(request.keys, cut.steps, order.fps),
            size,
            order.fps,
            tuple(event for event in events if event.kind == "key") if order.key_cast else (),
            tuple(event for event in events if event.kind == "press") if order.ripples else (),
            over | ({"counters": True} if order.counters else {}),
            hand=moments.hand if order.source == "recording" and request.last else None,
        )
        return next(draw_frames([script.beat(round(request.share * (len(cut) - 1)))], size))

    def close(self) -> None:
        """Close the recording that is open."""
        if self._journal is not None:
            self._journal.close()
            self._journal = None

    def journal(self, name: str) -> "Journal":
        """Return a recording, read again where the file is another."""
        from reluviz.studio.journal import Journal

        stamp = (name, Path(name).stat().st_mtime_ns if Path(name).exists() else 0)
        if self._journal is None or self._read != stamp:
            self.close()
            self._journal, self._read = Journal(Path(name)), stamp
        return self._journal

    def _frame_of(self, request: PreviewRequest) -> tuple[Any, Any, Any, Any]:
        import numpy as np

        from reluviz.studio.cut import Cut, cut_by_steps, cut_by_time

        order = request.order
        frames = max(1, round(order.seconds * order.fps))
        if order.source == "recording" and request.last:
            journal = self.journal(request.last)
            rate = max(1e-3, order.last - order.first) / max(1e-3, order.seconds)
            cut = cut_by_time(journal.times, journal.steps, order.first, max(order.last, order.first), order.fps, rate)
            return journal, cut, journal.look_at, journal.events
        if order.source == "history" and len(request.timeline):
            cut = cut_by_steps(request.timeline.steps, round(order.first), round(order.last), frames)
            return request.timeline, cut, lambda at: request.look, ()
        cut = Cut(np.zeros(1, np.int64), np.zeros(1, np.int64), np.zeros(1))
        return (request.now,), cut, lambda at: replace(request.look, probe=None), ()


def step_at(order: Order, share: float) -> float:
    """Return the step (of a recording, the second) that a share of the film shows."""
    if order.source == "afresh":
        return share * order.steps
    return order.first + share * (order.last - order.first)
