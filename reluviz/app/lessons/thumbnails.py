"""Thumbnailer: pictures of lessons, drawn one after another in a thread and kept as long as the program runs."""

import threading
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtGui import QImage

from reluviz.app.worker import Mailbox
from reluviz.core.process import give_way
from reluviz.studio.lesson import Lesson

KEPT = 128  # Of some 0.1 MB.


@dataclass(frozen=True, eq=False)
class Request:
    """One picture: `width` x `height` device pixels in the colours of `palette`."""

    lesson: Lesson
    palette: str
    width: int
    height: int


class Thumbnailer:
    """`done(lesson's name, picture)` is called in Qt's thread; a picture that cannot be drawn is left out."""

    def __init__(self, done: Callable[[str, QImage], None], make: Callable[[Request], QImage] | None = None) -> None:
        self._done, self._make = done, make or draw
        self._mailbox = Mailbox(self._open)
        self._wanted: deque[Request] = deque()
        self._condition = threading.Condition()
        self._stopping = False
        self._thread: threading.Thread | None = None

    def ask(self, requests: list[Request]) -> None:
        """Draw these, instead of what was not begun of those before."""
        with self._condition:
            self._wanted = deque(requests)
            self._condition.notify()
        if self._thread is None and requests:
            self._thread = threading.Thread(target=self._work, name="reluviz-thumbnails", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._mailbox.close()
        with self._condition:
            self._stopping = True
            self._condition.notify()
        if self._thread is not None:
            self._thread.join(1.0)

    def _open(self, items: dict[str, Any]) -> None:
        for name, image in items.items():
            self._done(name, image)

    def _work(self) -> None:
        give_way()
        while True:
            with self._condition:
                while not self._wanted and not self._stopping:
                    self._condition.wait()
                if self._stopping:
                    return
                request = self._wanted.popleft()
            try:
                self._mailbox.put(request.lesson.name, self._make(request))
            except Exception:  # One lesson without its picture; the others have theirs.
                traceback.print_exc()


def draw(request: Request) -> QImage:
    """Return a lesson's picture; one that was drawn before is not drawn again."""
    # A lesson holds dictionaries, which have no hash; its text says all that is in it.
    key = (repr(request.lesson), request.palette, request.width, request.height)
    if key not in _DRAWN:
        while len(_DRAWN) >= KEPT:
            _DRAWN.pop(next(iter(_DRAWN)))
        _DRAWN[key] = _draw(request)
    return _DRAWN[key]


_DRAWN: dict[tuple[str, str, int, int], QImage] = {}


def _draw(request: Request) -> QImage:
    from reluviz.studio.lesson_thumbnail import thumbnail  # With kernels: not at start-up.

    width, height = request.width, request.height
    pixels = thumbnail(request.lesson, width, height, request.palette)
    return QImage(pixels.data, width, height, pixels.strides[0], QImage.Format.Format_RGB32).copy()
