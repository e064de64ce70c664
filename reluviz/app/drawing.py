"""Drawing: what the drawing thread does with the newest request. No Qt, and numba only once it is wanted."""

import os
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reluviz.app.gauging import gauge_picture
from reluviz.app.pane_drawing import DrawRequest, PaneDrawing, PanesRequest
from reluviz.app.preview import make_preview
from reluviz.core.process import give_way

if TYPE_CHECKING:
    from reluviz.core.picture import Picture

Put = Callable[[str, Any], None]
WORKERS = max(1, min(4, (os.cpu_count() or 1) - 2))
"""Threads that share a picture: one core is the engine's, one the window's own."""
PREVIEW_PAUSE = 0.2  # Seconds between two previews: drawn as fast as they go, they doubled the time of compiling.
SECOND_AFTER = 1.5  # Seconds of preparation after which a second process compiles the drawing's kernels.
LINEAR_PAUSE = 0.1  # Seconds between two counts of linear regions at least,
LINEAR_SHARE = 4.0  # and this many times what the last one took, so that it costs a fifth of the drawing.


class Drawing:
    """Makes pictures and puts the newest into a mailbox: "picture", "gauge" and "prepared" (seconds).

    Of a comparison it puts what `PaneDrawing` does. Until `prepare` has loaded (and the first time ever, compiled) the
    kernels, it draws sampled previews.
    """

    def __init__(self, put: Put, make_picture: "Callable[..., Picture] | None" = None) -> None:
        self._put = put
        self._make_picture = make_picture
        self._asked: DrawRequest | None = None
        self._preparing: threading.Thread | None = None
        self._prepared = threading.Event()
        self._closing = False
        self._newest: Picture | None = None
        self._counted: Picture | None = None
        self._next_count = 0.0
        self._panes = PaneDrawing(put)
        self._compares = False

    def is_prepared(self) -> bool:
        """Whether pictures are exact by now; until then this thread starts others, at full priority."""
        return self._make_picture is not None

    def draw(self, request: DrawRequest | PanesRequest) -> None:
        """Draw one request."""
        self._compares = isinstance(request, PanesRequest)
        if isinstance(request, PanesRequest):
            self._draw_panes(request)
        else:
            self._panes.forget()
            self._draw_one(request)

    def _draw_panes(self, request: PanesRequest) -> None:
        self._asked = request.panes[0]
        if self._make_picture is None:
            self._panes.preview(request)
            self._prepare_aside()
            self._prepared.wait(PREVIEW_PAUSE)
        else:
            self._panes.draw(request, self._make_picture)

    def _draw_one(self, request: DrawRequest) -> None:
        self._asked = request
        if self._make_picture is None:
            self._put("picture", make_preview(request.snapshot, request.view, request.scale))
            self._prepare_aside()  # Not earlier: two imports at once would delay the first thing seen.
            self._prepared.wait(PREVIEW_PAUSE)
            return
        picture = self._make_picture(
            request.snapshot, request.view, request.scale, previous=self._newest, workers=WORKERS
        )
        self._newest = picture
        self._put("picture", picture)
        if not request.held and time.monotonic() >= self._next_count:
            self._count(picture)

    def rest(self) -> None:
        """Measure in pictures that stand still what is measured seldom while they move."""
        if self._compares:
            self._panes.rest()
        elif self._newest is not None and self._newest is not self._counted:
            self._count(self._newest)

    def prepare(self) -> None:
        """Load the kernels that the newest request needs (warm 0.6 s, the first time ever some 15 s).

        Pictures are exact from then on, and "prepared" says how long it took.
        """
        if self._make_picture is not None:
            return
        begin = time.monotonic()
        from reluviz.core.picture import make_picture
        from reluviz.studio.preparation import start_second

        # Numba compiles one kernel at a time in a process. A warm start is over before a second one would help.
        help_comes = threading.Timer(SECOND_AFTER, start_second)
        help_comes.daemon = True
        help_comes.start()
        if self._asked is not None:
            small = replace(self._asked.view, width=16, height=16)
            _ = make_picture(self._asked.snapshot, small, self._asked.scale).partition.linear_count
        help_comes.cancel()
        self._make_picture = make_picture
        self._prepared.set()
        self._put("prepared", time.monotonic() - begin)

    def _prepare_rest(self) -> None:
        """Load all other kernels; a colouring chosen before its own were compiled waits for them once."""
        from reluviz.studio.preparation import prepare

        give_way()
        for _ in prepare():
            if self._closing:
                return

    def _prepare_aside(self) -> None:
        """Start `prepare` in a thread of its own, so that previews go on meanwhile."""

        def run() -> None:
            try:
                self.prepare()
                self._prepare_rest()
            except Exception as error:
                self._put("failure", error)

        if self._preparing is not None:
            return
        # A daemon: a compile cannot be interrupted, and closing the window must not wait 15 s for it.
        self._preparing = threading.Thread(target=run, name="reluviz-prepare", daemon=True)
        self._preparing.start()

    def close(self) -> None:
        """End the preparation where it stands, but for a kernel that is being compiled."""
        self._closing = True
        if self._preparing is not None:
            self._preparing.join(0.5)

    def _count(self, picture: "Picture") -> None:
        begin = time.monotonic()
        self._counted = picture
        self._put("gauge", gauge_picture(picture))
        end = time.monotonic()
        self._next_count = end + max(LINEAR_PAUSE, LINEAR_SHARE * (end - begin))
