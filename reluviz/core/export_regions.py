"""export_regions: every region as one row of a CSV file, written as it goes and put in place when it is whole."""

import csv
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from reluviz.core.errors import InputError
from reluviz.core.partition import Partition

_ROWS_PER_REPORT = 1000


def export_regions(partition: Partition, path: Path, report: Callable[[int], bool] | None = None) -> bool:
    """Write the regions of `partition` to `path`; an older file there stays until the new one is complete.

    report, called with the number of rows written about every 1,000 rows, returns whether to go on; stopped, nothing is
    left behind and the result is False. Raises `InputError` where the file cannot be written.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with aside.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(column_names(partition))
            for number, row in enumerate(rows(partition)):
                if report is not None and number % _ROWS_PER_REPORT == 0 and not report(number):
                    return False
                writer.writerow(row)
        aside.replace(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"{path}: cannot be written ({reason}); allowed is a file in a folder with room.") from None
    finally:
        aside.unlink(missing_ok=True)
    return True


def column_names(partition: Partition) -> list[str]:
    """Return the header: id, area, pattern, the affine map of each output, ring."""
    maps = [
        f"{name}_{k}" for k in range(partition.network.outputs) for name in ("gradient_x", "gradient_y", "intercept")
    ]
    return ["id", "area", "pattern", *maps, "ring"]


def rows(partition: Partition) -> Iterator[list[str]]:
    """Yield one row per region; numbers read back to the same float64.

    pattern has one digit per unit (numbers with spaces between where an activation has more than ten pieces), a dot for
    units of layers that the budget left out. ring is "x y" of each corner, counter-clockwise, joined by semicolons.
    """
    wide = any(len(pieces.slopes) > 10 for pieces in partition.network.pieces)
    between = " " if wide else ""
    offsets = partition.offsets.tolist()
    for i in range(partition.count):
        pattern = between.join("." if piece < 0 else str(piece) for piece in partition.patterns[i].tolist())
        maps = [
            repr(number)
            for (gx, gy), c in zip(partition.gradients[i].tolist(), partition.intercepts[i].tolist(), strict=True)
            for number in (gx, gy, c)
        ]
        ring = ";".join(f"{x!r} {y!r}" for x, y in partition.vertices[offsets[i] : offsets[i + 1]].tolist())
        yield [str(i), repr(float(partition.areas[i])), pattern, *maps, ring]
