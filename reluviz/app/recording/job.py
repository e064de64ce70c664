"""Job: one film rendered by a process of its own, so that the window never waits; told by lines, ended at will."""

import contextlib
import shutil
import sys
import time
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

from reluviz.studio.video import part_of

STOP_MS = 3000


class Job(QObject):
    """Runs `reluviz render` with the words given.

    `moved(frames, total, seconds left or -1)` comes while it works, then once `ended(sentence, kind of message)`. A
    film that is cancelled or fails leaves nothing behind, and an older one of that name as it was.
    """

    moved = Signal(int, int, float)
    ended = Signal(str, str)

    def __init__(self, words: list[str], path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._cancelled = self._over = False
        self._began = 0.0
        self._first = 0
        self._process = QProcess(self)
        self._process.setProgram(sys.executable)
        self._process.setArguments(["-m", "reluviz", "render", *words, "-o", str(path), "--progress"])
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.finished.connect(self._finish)
        self._process.errorOccurred.connect(self._fail)

    def start(self) -> None:
        """Begin."""
        self._process.start()

    def cancel(self) -> None:
        """Stop soon."""
        self._cancelled = True
        self._process.terminate()
        QTimer.singleShot(STOP_MS, self, self._process.kill)

    def close(self) -> None:
        """Stop now, and wait for it: the window closes."""
        self._cancelled = True
        if self._process.state() != QProcess.ProcessState.NotRunning:
            self._process.kill()
            self._process.waitForFinished(STOP_MS)

    @property
    def pid(self) -> int:
        """The process's number in the system, 0 where it does not run."""
        return int(self._process.processId())

    def _read(self) -> None:
        frames = total = 0
        while self._process.canReadLine():
            words = bytes(self._process.readLine().data()).split()
            if len(words) == 3 and words[0] == b"frame":
                frames, total = int(words[1]), int(words[2])
        if not frames:
            return
        now = time.monotonic()
        if not self._began:
            self._began, self._first = now, frames
        done = frames - self._first
        left = (total - frames) * (now - self._began) / done if done >= 3 else -1.0
        self.moved.emit(frames, total, left)

    def _finish(self, status: int, _: object) -> None:
        if self._over:
            return
        self._over = True
        name = self._path.name
        if status == 0 and not self._cancelled:
            self.ended.emit(f"Saved {name}.", "note")
            return
        _remove(part_of(self._path))
        if self._cancelled:
            self.ended.emit(f"Stopped; {name} was not written.", "note")
            return
        lines = bytes(self._process.readAllStandardError().data()).decode(errors="replace").strip().splitlines()
        reason = lines[-1].removeprefix("reluviz render: ").removeprefix("reluviz: ") if lines else "it ended early."
        kept = self._path.exists() and "ends there" in reason
        self.ended.emit(reason if kept or name in reason else f"{name} was not written: {reason}", "error")

    def _fail(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart and not self._over:
            self._over = True
            self.ended.emit(f"{self._path.name} was not written: {sys.executable} cannot be started.", "error")


def _remove(part: Path) -> None:
    with contextlib.suppress(OSError):
        if part.is_dir():
            shutil.rmtree(part)
        else:
            part.unlink(missing_ok=True)
