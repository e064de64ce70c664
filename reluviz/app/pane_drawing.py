"""PaneDrawing: the pictures of a comparison, one moment at a time, and what is gauged in them."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reluviz.app.gauging import Gauge, gauge_picture
from reluviz.app.preview import make_preview
from reluviz.core.snapshot import Snapshot
from reluviz.core.view import View

if TYPE_CHECKING:
    from reluviz.core.picture import Picture

Put = Callable[[str, Any], None]
GAUGE_PAUSE = 0.3  # Seconds between two gaugings of one pane at least,
GAUGE_SHARE = 4.0  # and this many times what the last one took, so that gauging costs a fifth of the drawing.


@dataclass(frozen=True, eq=False)
class DrawRequest:
    """Everything one picture needs. `scale` is the range of the data's values, for colours of predicted values.

    `held`: something moves under the hand, and what is measured in pictures waits, as the next one is wanted at once.
    """

    snapshot: Snapshot
    view: View
    scale: tuple[float, float] | None = None
    held: bool = False


@dataclass(frozen=True, eq=False)
class PanesRequest:
    """One moment of a comparison: what each pane is to show, drawn together so that panes stay in step."""

    panes: tuple[DrawRequest, ...]


class PaneDrawing:
    """Puts "pictures", one per pane and all of one moment, and "gauges", the newest one by pane."""

    def __init__(self, put: Put) -> None:
        self._put = put
        self._drawn: list[tuple[DrawRequest, Picture]] = []
        self._gauged: list[Picture | None] = []
        self._gauges: dict[int, Gauge] = {}
        self._due: list[float] = []

    def preview(self, request: PanesRequest) -> None:
        """Put samples, while the kernels are not there yet."""
        self._put("pictures", tuple(make_preview(one.snapshot, one.view, one.scale) for one in request.panes))

    def draw(self, request: PanesRequest, make_picture: "Callable[..., Picture]") -> None:
        """Draw one moment; a pane in which nothing changed keeps its picture."""
        if len(self._drawn) != len(request.panes):
            self.forget()
            self._gauged = [None] * len(request.panes)
            self._due = [0.0] * len(request.panes)
        drawn = []
        for index, one in enumerate(request.panes):
            old, picture = self._drawn[index] if self._drawn else (None, None)
            if old is None or picture is None or not _same(old, one):
                picture = make_picture(one.snapshot, one.view, one.scale, previous=picture)
            drawn.append((one, picture))
        self._drawn = drawn
        self._put("pictures", tuple(picture for _, picture in drawn))
        longest_due = min(range(len(drawn)), key=self._due.__getitem__)
        if not request.panes[0].held and time.monotonic() >= self._due[longest_due]:
            self._gauge(longest_due)

    def rest(self) -> None:
        """Gauge the pictures that stand still."""
        for index in range(len(self._drawn)):
            self._gauge(index)

    def forget(self) -> None:
        """Let go of the pictures: nothing is compared any more."""
        self._drawn, self._gauged, self._gauges = [], [], {}

    def _gauge(self, index: int) -> None:
        picture = self._drawn[index][1]
        if self._gauged[index] is picture:
            return
        begin = time.monotonic()
        self._gauged[index] = picture
        self._gauges[index] = gauge_picture(picture)
        self._put("gauges", dict(self._gauges))
        end = time.monotonic()
        # Each by its own cost: a stand-in of 30,000 regions must not make the others wait.
        self._due[index] = end + max(GAUGE_PAUSE, GAUGE_SHARE * len(self._drawn) * (end - begin))


def _same(old: DrawRequest, new: DrawRequest) -> bool:
    return old.snapshot is new.snapshot and old.view == new.view and old.scale == new.scale
