"""similarity_order: an order of patterns in which neighbours differ in few places.

Patterns are first laid along their principal direction; then a path always goes on to the nearest pattern among those
close by in that line. Exact orders are as hard as the travelling salesman's tour.
"""

import numpy as np
from numpy.typing import NDArray

from reluviz.core.kernel import kernel

Bytes = NDArray[np.int8]
Long = NDArray[np.int64]
Words = NDArray[np.uint64]
Floats = NDArray[np.float32]
HOLD = 2.0
"""How much longer than a fresh order's path that of a held one may be. While a spiral is learned by 2 x 16 units,
an order lasts for some 500 steps; at 1.3 hardly one lasted for 40."""
_SAMPLE = 1024
_WINDOW = 96
"""How many patterns on either side a step of the path looks at; up to that many the path is the full greedy one."""


def similarity_order(vectors: Bytes) -> Long:
    """Return an order (N,) of vectors (N, width) int8 in which neighbours differ little; equal ones stand together.

    The distance counts how many steps of piece two patterns are apart: for ReLU the Hamming distance. One input has
    one order.
    """
    if len(vectors) < 3 or vectors.shape[1] == 0:
        return np.arange(len(vectors))
    bits = pack_bits(vectors)
    _, first, inverse = np.unique(
        bits.view(np.dtype((np.void, bits.shape[1] * 8))), return_index=True, return_inverse=True
    )
    line = first[np.argsort(_principal(vectors[first]), kind="stable")]
    words = np.ascontiguousarray(bits[line])
    path = _greedy_path(words, _WINDOW)
    best = path if path_length(words[path]) < path_length(words) else np.arange(len(line))
    place = np.empty(len(first), np.int64)
    place[inverse.ravel()[line[best]]] = np.arange(len(line))
    return np.argsort(place[inverse.ravel()], kind="stable")


def steadied(vectors: Bytes, fresh: Long, kept: Long) -> Long:
    """Return the order `kept` while it serves vectors (N, width) nearly as well as the order `fresh`, else that one.

    A greedy path may turn into quite another one when a single entry changes; held, rows stay where the eye left them.
    """
    bits = pack_bits(vectors)
    return kept if path_length(bits[kept]) <= HOLD * path_length(bits[fresh]) else fresh


def pack_bits(vectors: Bytes) -> Words:
    """Return (N, words) uint64 whose Hamming distance counts steps of piece: a bit for each piece passed."""
    most = int(vectors.max(initial=0))
    steps = [vectors >= piece for piece in range(1, most + 1)] or [np.zeros(vectors.shape, np.bool_)]
    packed = np.concatenate([np.packbits(step, axis=1) for step in steps], axis=1)
    padded = np.zeros((len(packed), -(-packed.shape[1] // 8) * 8), np.uint8)
    padded[:, : packed.shape[1]] = packed
    return padded.view(np.uint64)


def _principal(vectors: Bytes) -> Floats:
    """Return the coordinate (N,) of each vector along the direction of most variance, found on a sample."""
    sample: Floats = vectors[:: max(1, len(vectors) // _SAMPLE)].astype(np.float32)
    sample -= sample.mean(axis=0)
    direction: Floats = np.random.default_rng(0).standard_normal((vectors.shape[1],)).astype(np.float32)
    for _ in range(24):
        direction = sample.T @ (sample @ direction)
        norm = float(np.linalg.norm(direction))
        if norm == 0.0:
            return np.zeros(len(vectors), np.float32)
        direction /= np.float32(norm)
    blocks = [vectors[i : i + 2048].astype(np.float32) @ direction for i in range(0, len(vectors), 2048)]
    return np.concatenate(blocks)


@kernel
def _ones(word: int) -> int:
    """Count the ones of a word: sums in pairs, nibbles, bytes (Hacker's Delight, 5-1)."""
    w = np.uint64(word)
    w = w - ((w >> np.uint64(1)) & np.uint64(0x5555555555555555))
    w = (w & np.uint64(0x3333333333333333)) + ((w >> np.uint64(2)) & np.uint64(0x3333333333333333))
    w = (w + (w >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return int((w * np.uint64(0x0101010101010101)) >> np.uint64(56))


@kernel
def path_length(words: Words) -> int:
    """Return the sum of distances from each row of words (N, W) to the next."""
    total = 0
    for i in range(1, len(words)):
        for k in range(words.shape[1]):
            total += _ones(words[i - 1, k] ^ words[i, k])
    return total


@kernel
def _greedy_path(words: Words, window: int) -> Long:
    """Return an order from row 0 on, always to the nearest row not yet passed among `window` to each side."""
    count, width = words.shape
    after, before = np.arange(1, count + 1), np.arange(-1, count - 1)
    path = np.zeros(count, np.int64)
    here = 0
    for step in range(1, count):
        best, nearest = -1, 1 << 60
        for side in range(2):
            at = after[here] if side == 0 else before[here]
            for _ in range(window):
                if at < 0 or at >= count:
                    break
                distance = 0
                for k in range(width):
                    distance += _ones(words[here, k] ^ words[at, k])
                    if distance >= nearest:
                        break
                if distance < nearest:
                    best, nearest = at, distance
                at = after[at] if side == 0 else before[at]
        # Take `here` out of the line; its neighbours close up.
        if before[here] >= 0:
            after[before[here]] = after[here]
        if after[here] < count:
            before[after[here]] = before[here]
        here = best
        path[step] = best
    return path
