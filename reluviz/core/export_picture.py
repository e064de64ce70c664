"""export_picture: the picture of a partition with true polygons, as SVG or PDF, put in place when it is whole."""

import os
from collections.abc import Callable
from pathlib import Path

from reluviz.core.dataset import Dataset
from reluviz.core.errors import InputError
from reluviz.core.partition import Partition
from reluviz.core.pdf import pdf_bytes
from reluviz.core.reading import Reading
from reluviz.core.vector import svg_lines
from reluviz.core.view import View

SUFFIXES = (".svg", ".pdf")
_PER_REPORT = 500


def export_picture(
    partition: Partition,
    path: Path,
    view: View,
    *,
    reading: Reading | None = None,
    dataset: Dataset | None = None,
    with_test: bool = True,
    report: Callable[[float], bool] | None = None,
) -> bool:
    """Write `partition` to `path` as its suffix says; an older file there stays until the new one is complete.

    report, called with the share that is done (0..1), returns whether to go on; stopped, nothing is left behind and the
    result is False. Raises `InputError` for another suffix or a file that cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(f"{path}: no vector picture of that kind; allowed are names ending in {', '.join(SUFFIXES)}.")
    reading = Reading() if reading is None else reading
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")

    def tell(parts: int) -> bool:
        return report is None or report(min(1.0, parts / max(1, partition.count)))

    try:
        if suffix == ".pdf":
            data = pdf_bytes(partition, view, reading, dataset, with_test, tell)
            if data is None:
                return False
            aside.write_bytes(data)
        else:
            with aside.open("w", encoding="utf-8") as file:
                for number, line in enumerate(svg_lines(partition, view, reading, dataset, with_test)):
                    if number % _PER_REPORT == 0 and not tell(number):
                        return False
                    file.write(line + "\n")
        aside.replace(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"{path}: cannot be written ({reason}); allowed is a file in a folder with room.") from None
    finally:
        aside.unlink(missing_ok=True)
    return True
