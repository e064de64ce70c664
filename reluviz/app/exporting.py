"""Export: one file written in a thread of its own, with progress, and stopped on request."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reluviz.app.state import AppState
from reluviz.core.dataset import Dataset
from reluviz.core.errors import InputError

if TYPE_CHECKING:
    from reluviz.core.partition import Partition
    from reluviz.core.picture import Picture
    from reluviz.core.reading import Reading

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
    writer: Callable[[AppState, "Picture"], Write]


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


def export_of(name: str, state: AppState, picture: "Picture", path: Path, put: Put) -> Export:
    """Return the export of `picture`, as `state` shows it, not begun yet."""
    return Export(KINDS[name].writer(state, picture), path, put)


def _table(state: AppState, picture: "Picture") -> Write:
    return partial(_write_table, picture.partition)


def _write_table(partition: "Partition", path: Path, report: Report) -> bool:
    from reluviz.core.export_regions import export_regions

    count = max(1, partition.count)
    return export_regions(partition, path, lambda rows: report(rows / count))


def _picture(state: AppState, picture: "Picture") -> Write:
    from reluviz.core.reading import read_outputs, value_scale

    dataset = state.dataset
    reading = read_outputs(picture.snapshot.experiment, value_scale(dataset) if dataset is not None else None)
    points = dataset if state.show_points else None
    return partial(_write_picture, picture, reading, points, state.show_test_points)


def _write_picture(
    picture: "Picture", reading: "Reading", points: Dataset | None, with_test: bool, path: Path, report: Report
) -> bool:
    from reluviz.core.export_picture import export_picture

    return export_picture(
        picture.partition, path, picture.view, reading=reading, dataset=points, with_test=with_test, report=report
    )


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
