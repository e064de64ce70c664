"""Shutter: lets a window settle without painting it, then paints what changed, once, and reads its pixels."""

import time
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from reluviz.app.worker import WORKERS

SHORT_MS = 500  # Timers of a view that redraws seldom; longer ones let a sentence stand for a while.
PATIENCE = 60.0  # Seconds for all that one state asks for.
MOST_PAINTINGS = 8  # Of one frame: what is painted may ask for more, as a view that learns its size does.
QUIET = 3  # Times that nothing may wait before nothing does.


class Shutter(QObject):
    """Holds all painting of a window back but for `settle`'s one: views that change eight times are painted once.

    A frame of the usual window took 74 ms of processor time painted each time and once more for its pixels, and takes
    28 so. `paintings` counts how often the window was painted.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__()
        self._window = window
        self._timers: list[QTimer] = []
        self._is_open = self._is_stale = False
        self.paintings = 0
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep what asks for painting, so that Qt goes on gathering what is stale."""
        if event.type() != QEvent.Type.UpdateRequest or self._is_open:
            return False
        self._is_stale = True
        return True

    def settle(self) -> None:
        """Let Qt work until nothing waits: no event, no timer of a view, no thread of a panel, nothing to paint."""
        deadline = time.monotonic() + PATIENCE
        for _ in range(MOST_PAINTINGS):
            self._work(deadline)
            if self._is_stale:
                self._paint()
            elif not self._finds_timers():
                return

    def work(self) -> None:
        """Let Qt work until nothing waits but painting."""
        self._work(time.monotonic() + PATIENCE)

    def read(self) -> Any:
        """Return the window as it was painted, (H, W) uint32 0xffRRGGBB in pixels of the screen, an array of its own.

        What Qt paints into is read itself: `QWidget.grab` would paint all of the window once more.
        """
        image: Any = self._window.backingStore().paintDevice()
        if not isinstance(image, QImage) or image.format() not in _FORMATS:
            image = self._window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        pixels = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
        return pixels[:, : image.width()] | np.uint32(0xFF000000)

    def _paint(self) -> None:
        self._is_stale, self._is_open = False, True
        try:
            QApplication.sendEvent(self._window, QEvent(QEvent.Type.UpdateRequest))
        finally:
            self._is_open = False
        self.paintings += 1

    def _work(self, deadline: float) -> None:
        quiet = 0
        while quiet < QUIET and time.monotonic() < deadline:
            QApplication.processEvents()
            waits = self._hurry()
            if any(worker.busy for worker in WORKERS):
                time.sleep(0.0005)
                waits = True
            quiet = 0 if waits else quiet + 1

    def _finds_timers(self) -> bool:
        """Look for timers again, which takes 1.5 ms, and return whether there are new ones."""
        known = set(map(id, self._timers))
        self._timers = self._window.findChildren(QTimer)
        return any(id(timer) not in known for timer in self._timers) and self._hurry()

    def _hurry(self) -> bool:
        """Let timers of views end now and stop those of clocks; return whether one was on."""
        waits = False
        for timer in self._timers:
            if not isValid(timer) or not timer.isActive():
                continue
            if not timer.isSingleShot() or timer.interval() > SHORT_MS:
                timer.stop()
            else:
                timer.setInterval(0)
                waits = True
        return waits


_FORMATS = (QImage.Format.Format_RGB32, QImage.Format.Format_ARGB32_Premultiplied, QImage.Format.Format_ARGB32)
