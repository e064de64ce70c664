"""JournalWriter: a recording on its way to the disk, in a thread of its own; a crash loses less than two seconds."""

import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from reluviz.core.experiment import Experiment
from reluviz.core.snapshot import Snapshot
from reluviz.studio.curves import Curve
from reluviz.studio.journal import Kind, Start, encode_curves, encode_moment, encode_start
from reluviz.studio.journal_file import MAGIC, chunk, pack

FLUSH_SECONDS = 0.5  # What is taken in meanwhile, and the time to write it, are what a crash costs.
MOST_BYTES = 2_000_000_000
MOST_WAITING = 2_000  # Moments and events in memory, where the disk stands still: half a minute of them.
MOST_SECONDS = 2 * 3600.0


class JournalWriter:
    """Takes what is recorded, from one thread; encodes, writes and syncs it in another.

    `error` is a sentence from when nothing more is written, "" before. `bytes` is the file's size so far. Raises
    OSError where the file cannot be made.
    """

    def __init__(self, path: Path, start: Start, most_bytes: int = MOST_BYTES) -> None:
        self.path = path
        self.error = ""
        self.bytes = 0
        self._most = most_bytes
        self._experiments: list[Experiment] = []
        self._waiting: list[Callable[[], tuple[int, bytes]]] = []
        self._wake = threading.Condition()
        self._closing = False
        self._file = path.open("xb", buffering=0)
        try:
            self._write(MAGIC + chunk(Kind.START, encode_start(start)))
        except OSError:  # Half a beginning is nothing that could be filmed.
            self._file.close()
            path.unlink(missing_ok=True)
            raise
        self._thread = threading.Thread(target=self._run, name="reluviz-journal", daemon=True)
        self._thread.start()

    def add_moment(self, at: float, snapshots: tuple[Snapshot, ...]) -> None:
        """Record a moment of all panes at a time in seconds."""
        numbers = tuple(map(self._number, (snapshot.experiment for snapshot in snapshots)))
        self._add(lambda: (Kind.MOMENT, encode_moment(at, snapshots, numbers)))
        self._too_long(at)

    def add_look(self, at: float, changes: Mapping[str, Any]) -> None:
        """Record what changed in the look."""
        self._add(lambda: (Kind.LOOK, pack({"at": at, "look": changes})))

    def add_event(self, at: float, kind: str, **values: Any) -> None:
        """Record a key or a click, as `Event` has it."""
        self._add(lambda: (Kind.EVENT, pack({"at": at, "kind": kind, **values})))

    def add_curves(self, curves: Mapping[str, Curve]) -> None:
        """Record what was measured before."""
        self._add(lambda: (Kind.CURVES, encode_curves(curves)))

    def close(self, at: float) -> None:
        """Write what waits and the end, and close the file."""
        self._add(lambda: (Kind.END, pack({"at": at})))
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join()

    def drain(self) -> None:
        """Wait until little waits: for those who can add faster than a disk can write."""
        while len(self._waiting) > MOST_WAITING // 2 and not self.error:
            with self._wake:
                self._wake.wait_for(lambda: len(self._waiting) <= MOST_WAITING // 4 or bool(self.error), 0.5)

    def _number(self, experiment: Experiment) -> int:
        for number in range(len(self._experiments) - 1, -1, -1):
            if self._experiments[number] is experiment or self._experiments[number] == experiment:
                return number
        self._experiments.append(experiment)
        self._add(lambda: (Kind.EXPERIMENT, pack({"experiment": experiment.to_dict()})))
        return len(self._experiments) - 1

    def _add(self, encode: Callable[[], tuple[int, bytes]]) -> None:
        if self.error:
            return
        with self._wake:
            self._waiting.append(encode)
            if len(self._waiting) > MOST_WAITING:
                self._stop("The disk is too slow for the recording, which ends here.")
            elif len(self._waiting) > MOST_WAITING // 2:
                self._wake.notify()

    def _too_long(self, at: float) -> None:
        if at > MOST_SECONDS:
            self._stop(f"A recording may last {MOST_SECONDS / 3600:.0f} hours; it ends here and is kept.")

    def _stop(self, sentence: str) -> None:
        self.error = self.error or sentence

    def _run(self) -> None:
        while True:
            with self._wake:
                if not self._closing:
                    self._wake.wait(FLUSH_SECONDS)
                waiting, self._waiting = self._waiting, []
                closing = self._closing
                self._wake.notify_all()
            try:
                self._put(waiting)
            except OSError as error:
                reason = error.strerror or str(error)
                self._stop(f"The recording cannot be written ({reason}) and ends here; what is there can be filmed.")
            except Exception as error:
                self._stop(f"The recording ends here ({type(error).__name__}: {error}).")
            if closing:
                self._file.close()
                return

    def _put(self, waiting: list[Callable[[], tuple[int, bytes]]]) -> None:
        if self.error or not waiting:
            return
        for encode in waiting:
            data = chunk(*encode())
            if self.bytes + len(data) > self._most:
                self._stop(f"A recording may hold {self._most / 1e9:g} GB; it ends here and is kept.")
                break
            self._write(data)
        os.fsync(self._file.fileno())
        if not self.path.exists():
            raise FileNotFoundError(2, "its folder is gone")

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while len(view):
            view = view[self._file.write(view) or 0 :]
        self.bytes += len(data)
