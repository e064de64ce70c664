"""Export: one file written in a thread of its own, with progress, and stopped on request."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reluviz.app.state import AppState
from reluviz.core.errors import InputError

if TYPE_CHECKING:
    from reluviz.core.partition import Partition

Put = Callable[[str, Any], None]
Report = Callable[[float], bool]
Write = Callable[[Path, Report], bool]


@dataclass(frozen=True)
class Kind:
    """One kind of file: its button, its dialog, and what returns the function that writes it."""

    label: str
    title: str
    help: str
    suffix: str
    filter: str
    writer: Callable[[AppState], Write]


class Export:
    """Puts "share" (0..1) while it writes and "done" (sentence, kind of message) at the end."""

    def __init__(self, write: Write, path: Path, put: Put) -> None:
        self._write, self._path, self._put = write, path, put
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reluviz-export", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def cancel(self) -> None:
        """Stop soon; nothing is left behind."""
        self._cancelled.set()

    def join(self, seconds: float) -> None:
        """Wait for the end."""
        self._thread.join(seconds)

    def _run(self) -> None:
        try:
            whole = self._write(self._path, self._report)
        except InputError as error:
            self._put("done", (str(error), "error"))
        except Exception as error:  # A failure of ours must reach the status line, too.
            self._put("done", (f"{self._path.name}: not written ({type(error).__name__}: {error}).", "error"))
        else:
            name = self._path.name
            self._put("done", (f"Saved {name}." if whole else f"Stopped; {name} was not written.", "note"))

    def _report(self, share: float) -> bool:
        self._put("share", share)
        return not self._cancelled.is_set()


def export_of(name: str, state: AppState, path: Path, put: Put) -> Export:
    """Return the export of what `state` shows now, not begun yet."""
    return Export(KINDS[name].writer(state), path, put)


def _table(state: AppState) -> Write:
    return partial(_write_table, state.picture.partition)


def _write_table(partition: "Partition", path: Path, report: Report) -> bool:
    from reluviz.core.export_regions import export_regions

    count = max(1, partition.count)
    return export_regions(partition, path, lambda rows: report(rows / count))


def _picture(state: AppState) -> Write:
    from reluviz.core.coloring import read_outputs, value_scale

    picture, dataset = state.picture, state.dataset
    reading = read_outputs(picture.snapshot.experiment, value_scale(dataset) if dataset is not None else None)
    return partial(
        _write_picture,
        picture.partition,
        picture.view,
        reading,
        dataset if state.show_points else None,
        state.show_test_points,
    )


def _write_picture(partition, view, reading, dataset, with_test, path: Path, report: Report) -> bool:  # type: ignore[no-untyped-def]
    from reluviz.core.export_picture import export_picture

    return export_picture(partition, path, view, reading=reading, dataset=dataset, with_test=with_test, report=report)


KINDS: dict[str, Kind] = {
    "csv": Kind(
        "CSV …",
        "Export the regions",
        "Writes one row per region: area, pattern, affine map and corners, to the last digit.",
        ".csv",
        "Tables (*.csv)",
        _table,
    ),
    "svg": Kind(
        "SVG …",
        "Export the picture",
        "Writes the picture with every region as a true polygon, for the web and for drawing programs.",
        ".svg",
        "Drawings (*.svg)",
        _picture,
    ),
    "pdf": Kind(
        "PDF …",
        "Export the picture",
        "Writes the picture with every region as a true polygon, for papers and slides.",
        ".pdf",
        "Documents (*.pdf)",
        _picture,
    ),
}
