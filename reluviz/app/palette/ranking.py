"""Which rows the palette shows for what is typed, the best first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reluviz.app.palette.rows import Row
from reluviz.app.palette.search import match

MOST_SHOWN = 60
USED_BONUS = 15.0  # Less than between the start of a word and its inside: what fits better stays before habit.
IDLE_LOSS = 25.0


@dataclass(frozen=True)
class Ranked:
    """A row, and the places of the letters in its title that were typed."""

    row: Row
    places: tuple[int, ...] = ()


def ranked(query: str, rows: Iterable[Row], typed: Sequence[Row], used: Sequence[str]) -> list[Ranked]:
    """Return the rows that fit: typed values first, then by fit, what was used last before its equals.

    Without a query, what was used last comes first, and everything else in the order of the tables.
    """
    rows = list(rows)
    if not query.strip():
        by_id = {row.id: row for row in rows}
        last = [by_id[id] for id in used if id in by_id]
        return [Ranked(row) for row in (*last, *(row for row in rows if row.id not in used))]
    found = []
    for row in rows:
        fit = match(query, row.title, row.more)
        if fit is not None:
            score = fit.score + (USED_BONUS if row.id in used else 0.0) - (IDLE_LOSS if row.why_not else 0.0)
            found.append((score, Ranked(row, fit.places)))
    found.sort(key=lambda pair: -pair[0])  # Stable: equals stay in the order of the tables.
    return [*(Ranked(row) for row in typed), *(row for _, row in found)][:MOST_SHOWN]
