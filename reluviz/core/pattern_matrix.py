"""pattern_matrix: units x points (or regions), each entry the piece of its activation that a unit is on.

Sorted by similarity the matrix shows which units fire together and which points look alike to the network.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reluviz.core.errors import InputError
from reluviz.core.network import Network
from reluviz.core.seriation import similarity_order, steadied

Bytes = NDArray[np.int8]
Long = NDArray[np.int64]
COLUMN_ORDERS = {"similarity": "Similarity", "class": "Class, then similarity", "given": "As they come"}
ROW_ORDERS = {"layer": "Layer, then similarity", "similarity": "Similarity", "given": "Layer and number"}
MOST_CELLS = 32_000_000
_BLOCK = 2048


@dataclass(frozen=True, eq=False)
class PatternMatrix:
    """Patterns with their order; entry (i, j) shown is pieces[columns[j], rows[i]].

    pieces (N, units) int8, one row per point or region that is shown; shown (N,) are their numbers in what was given.
    rows (units,) and columns (N,) are orders. zero_share is the share of entries whose unit gives exactly 0. dead
    (units,): on a flat piece everywhere; always_on (units,): on one sloped piece everywhere. note says in a sentence
    what was left out, "" if nothing.
    """

    pieces: Bytes
    shown: Long
    rows: Long
    columns: Long
    zero_share: float
    dead: NDArray[np.bool_]
    always_on: NDArray[np.bool_]
    note: str = ""


def point_patterns(network: Network, points: NDArray[np.float64]) -> Bytes:
    """Return the patterns (N, units) of points (N, 2), a block at a time so that memory stays small."""
    blocks = [network.pattern(points[i : i + _BLOCK]) for i in range(0, len(points), _BLOCK)]
    return np.concatenate(blocks) if blocks else np.zeros((0, sum(network.hidden)), np.int8)


def build_matrix(
    network: Network,
    patterns: Bytes,
    labels: NDArray[np.int64] | None = None,
    *,
    columns_by: str = "similarity",
    rows_by: str = "layer",
    previous: PatternMatrix | None = None,
) -> PatternMatrix:
    """Sort patterns (N, units), of points or of regions; labels (N,) are the points' classes.

    previous is the matrix of the same points, sorted in the same way, of a moment before: its orders are held while
    they serve nearly as well. Above 32 million entries evenly chosen points are shown and the note says so. Raises
    `InputError` for an unknown order or patterns of another network.
    """
    _check(network, patterns, labels, columns_by, rows_by)
    total, units = patterns.shape
    step = max(1, -(-total * units // MOST_CELLS))
    shown = np.arange(0, total, step)
    note = f"Of {total:,} columns every {_ordinal(step)} is shown." if step > 1 else ""
    pieces = patterns[::step] if step > 1 else patterns
    if columns_by == "class" and labels is not None:
        columns = _grouped(pieces, labels[shown])
    else:
        columns = similarity_order(pieces) if columns_by != "given" else np.arange(len(pieces))
    holds = previous is not None and previous.pieces.shape == pieces.shape
    if previous is not None and holds and len(pieces) > 2:
        columns = steadied(pieces, columns, previous.columns)
    # Which units are alike shows on a sample: 1,024 points tell two units apart whose patterns differ in 1 % of all.
    sample = np.ascontiguousarray(pieces[columns[:: max(1, len(columns) // 1024)]].T)
    if rows_by == "layer":
        rows = _grouped(sample, np.repeat(np.arange(len(network.hidden)), network.hidden))
    else:
        rows = similarity_order(sample) if rows_by != "given" else np.arange(units)
    if previous is not None and holds and len(sample):
        rows = steadied(sample, rows, previous.rows)
    zero_share, dead, always_on = _shares(network, pieces)
    return PatternMatrix(pieces, shown, rows, columns, zero_share, dead, always_on, note)


def hamming(patterns: Bytes, pinned: Bytes) -> Long:
    """Return in how many units each pattern (N, units) differs from `pinned` (units,), (N,) int64."""
    if pinned.shape != patterns.shape[1:]:
        raise InputError(
            f"pinned pattern: has {len(pinned)} units; allowed are {patterns.shape[1]}, as the network has."
        )
    result: Long = np.count_nonzero(patterns != pinned, axis=1).astype(np.int64)
    return result


def _check(network: Network, patterns: Bytes, labels: Long | None, columns_by: str, rows_by: str) -> None:
    units = sum(network.hidden)
    if patterns.ndim != 2 or patterns.shape[1] != units:
        raise InputError(f"pattern matrix: patterns of shape {patterns.shape}; allowed is (points, {units}).")
    orders: Sequence[tuple[str, dict[str, str]]] = ((columns_by, COLUMN_ORDERS), (rows_by, ROW_ORDERS))
    for name, table in orders:
        if name not in table:
            raise InputError(f"pattern matrix: {name!r} is no order; allowed are {', '.join(table)}.")
    if labels is not None and len(labels) != len(patterns):
        raise InputError(f"pattern matrix: {len(labels)} labels; allowed are {len(patterns)}, one per point.")


def _grouped(vectors: Bytes, groups: NDArray[np.int64]) -> Long:
    """Return an order by group, by similarity within each."""
    parts = []
    for group in np.unique(groups):
        members = np.flatnonzero(groups == group)
        parts.append(members[similarity_order(np.ascontiguousarray(vectors[members]))])
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def _shares(network: Network, pieces: Bytes) -> tuple[float, NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the share of zero outputs, and which units are dead and always on."""
    count, units = pieces.shape
    zeros, flat, most = np.zeros(units, np.int64), np.zeros(units, np.int64), np.zeros(units, np.int64)
    begin = 0
    for width, row in zip(network.hidden, network.pieces, strict=True):
        part, span = pieces[:, begin : begin + width], slice(begin, begin + width)
        for piece, (slope, intercept) in enumerate(zip(row.slopes, row.intercepts, strict=True)):
            on = np.count_nonzero(part == piece, axis=0)
            if slope == 0:
                flat[span] += on
                zeros[span] += on if intercept == 0 else 0
            else:
                most[span] = np.maximum(most[span], on)
        begin += width
    known = max(1, count * units)
    seen = count > 0
    return float(zeros.sum()) / known, (flat == count) & seen, (most == count) & seen


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number % 100 not in (11, 12, 13) else "th"
    return f"{number}{ending}"
