"""write_history: moments of a timeline as a journal, for a process that films them."""

import threading
from collections.abc import Callable
from pathlib import Path

from reluviz.core.errors import InputError
from reluviz.studio.curves import Curve
from reluviz.studio.journal import Start
from reluviz.studio.journal_writer import JournalWriter
from reluviz.studio.look import Look
from reluviz.studio.timeline import Timeline


def write_history(
    path: Path,
    timeline: Timeline,
    first: float,
    last: float,
    look: Look,
    size: tuple[int, int],
    curves: dict[str, Curve],
    go_on: Callable[[], bool],
) -> bool:
    """Write the moments from step `first` to `last`; False where `go_on` said to stop. Raises `InputError`.

    curves are those measured before `first`; size is the window's.
    """
    begin, end = timeline.index_at(first), timeline.index_at(last)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        writer = JournalWriter(path, Start(False, *size, look))
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror or error}).") from None
    writer.add_curves({name: curve.before(int(first)) for name, curve in curves.items()})
    for index in range(begin, end + 1):
        if writer.error or not go_on():
            break
        writer.add_moment(0.0, timeline[index])
        writer.drain()
    writer.close(0.0)
    if writer.error:
        raise InputError(writer.error)
    return go_on()


def in_thread(work: Callable[[], None]) -> threading.Thread:
    """Begin work in a thread that ends with the program."""
    thread = threading.Thread(target=work, name="reluviz-history", daemon=True)
    thread.start()
    return thread
