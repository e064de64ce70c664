"""Drawing: what the drawing thread does with the newest (snapshot, view). No Qt, and numba only once it is wanted."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from reluviz.app.preview import make_preview
from reluviz.core.coloring import COLORINGS
from reluviz.core.experiment import Experiment
from reluviz.core.initialization import initial_parameters
from reluviz.core.snapshot import Snapshot
from reluviz.core.view import View

if TYPE_CHECKING:
    from reluviz.core.picture import Picture

Put = Callable[[str, Any], None]
LINEAR_PAUSE = 0.1  # Seconds between two counts of linear regions at least,
LINEAR_SHARE = 4.0  # and this many times what the last one took, so that it costs a fifth of the drawing.


@dataclass(frozen=True, eq=False)
class DrawRequest:
    """Everything one picture needs. `scale` is the range of the data's values, for colours of predicted values."""

    snapshot: Snapshot
    view: View
    scale: tuple[float, float] | None = None


class Drawing:
    """Makes pictures and puts the newest into a mailbox: "picture", "linear" (step, count) and "prepared" (seconds).

    Until `prepare` has loaded (and the first time ever, compiled) the kernels, it draws sampled previews.
    """

    def __init__(self, put: Put, make_picture: "Callable[..., Picture] | None" = None) -> None:
        self._put = put
        self._make_picture = make_picture
        self._newest: Picture | None = None
        self._counted: Picture | None = None
        self._next_count = 0.0

    @property
    def prepared(self) -> bool:
        """Whether pictures are exact by now."""
        return self._make_picture is not None

    def draw(self, request: DrawRequest) -> None:
        """Draw one request."""
        if self._make_picture is None:
            self._put("picture", make_preview(request.snapshot, request.view, request.scale))
            return
        picture = self._make_picture(request.snapshot, request.view, request.scale, previous=self._newest)
        self._newest = picture
        self._put("picture", picture)
        if time.monotonic() >= self._next_count:
            self._count(picture)

    def rest(self) -> None:
        """Count the linear regions of the picture that stands still."""
        if self._newest is not None and self._newest is not self._counted:
            self._count(self._newest)

    def prepare(self) -> None:
        """Load the kernels by drawing one small picture; about 0.8 s, the first time ever 10 to 20 s."""
        if self._make_picture is not None:
            return
        begin = time.monotonic()
        from reluviz.core.picture import make_picture

        for snapshot, scale in _samples():
            for coloring in COLORINGS:
                view = View((-1.0, 1.0, -1.0, 1.0), 16, 16, coloring)
                picture = make_picture(snapshot, view, scale)
            _ = picture.partition.linear_count
        self._make_picture = make_picture
        self._put("prepared", time.monotonic() - begin)

    def prepare_aside(self, fail: Callable[[Exception], None]) -> threading.Thread:
        """Start `prepare` in a thread of its own, so that previews go on meanwhile."""

        def run() -> None:
            try:
                self.prepare()
            except Exception as error:
                fail(error)

        # A daemon: a compile cannot be interrupted, and closing the window must not wait 20 s for it.
        thread = threading.Thread(target=run, name="reluviz-prepare", daemon=True)
        thread.start()
        return thread

    def _count(self, picture: "Picture") -> None:
        begin = time.monotonic()
        partition = picture.partition
        self._counted = picture
        if partition is None or partition.count == 0 or partition.truncated_at is not None:
            return
        self._put("linear", (picture.snapshot.run, picture.snapshot.step, partition.linear_count))
        end = time.monotonic()
        self._next_count = end + max(LINEAR_PAUSE, LINEAR_SHARE * (end - begin))


def _samples() -> Iterator[tuple[Snapshot, tuple[float, float] | None]]:
    """Yield small networks that between them reach every kernel: one output, several classes, one value, a colour."""
    for outputs, scale in ((1, None), (3, None), (1, (-1.0, 1.0)), (3, (0.0, 1.0))):
        experiment = Experiment(hidden=(4, 4), activation=("relu", "hardtanh"))
        parameters = initial_parameters(experiment, outputs)
        yield Snapshot(0, experiment, outputs, 0, 0.0, parameters, np.zeros((0, len(parameters)), np.float32)), scale
