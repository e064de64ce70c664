"""Vectors in kernels do to each lane what numpy does to each number."""

import numpy as np
import pytest

from reluviz.core.kernel import kernel
from reluviz.core.lanes import (
    BLOCK,
    LANES,
    aligned_zeros,
    bits,
    choose,
    fill,
    larger,
    load,
    load_bytes,
    lowest,
    magnitude,
    padded,
    peek,
    poke,
    store,
    store_bytes,
    total,
)


@kernel
def compute(a, b, result):
    x, y = load(a, 0), load(b, 1)
    store(result, 0, x + y)
    store(result, LANES, x - y)
    store(result, 2 * LANES, x * y)
    store(result, 3 * LANES, larger(x, y))
    store(result, 4 * LANES, magnitude(x))
    store(result, 5 * LANES, choose(x > y, x, fill(7.0)))
    return bits(x > y), bits(x != y), bits((x > y) | (y > x))


@kernel
def round_trip(numbers, bytes_, back):
    store_bytes(bytes_, 3, load(numbers, 0))
    store(back, 0, load_bytes(bytes_, 3))


@kernel
def look(array, index, number):
    poke(array, index + 1, number)
    return peek(array, index)


@kernel
def total_of(numbers):
    return total(load(numbers, 0))


@kernel
def lowest_of(word):
    return lowest(word)


def as_bits(mask):
    return sum(1 << lane for lane, is_set in enumerate(mask) if is_set)


def test_arithmetic_and_comparisons_are_those_of_numpy():
    random = np.random.default_rng(0)
    a, b = random.normal(size=LANES + 1), random.normal(size=LANES + 1)
    a[2] = b[3]
    x, y = a[:LANES], b[1:]
    result = np.zeros(6 * LANES)
    masks = compute(a, b, result)
    expected = [x + y, x - y, x * y, np.maximum(x, y), np.abs(x), np.where(x > y, x, 7.0)]
    np.testing.assert_array_equal(result.reshape(6, LANES), expected)
    assert masks == (as_bits(x > y), as_bits(x != y), as_bits(x != y))
    assert masks[1] == 2**LANES - 1 - 4


def test_nan_is_above_nothing_and_differs_from_all():
    a, b = np.ones(LANES + 1), np.zeros(LANES + 1)
    a[0], b[2] = np.nan, np.nan
    above, differs, _ = compute(a, b, np.zeros(6 * LANES))
    assert above == 2**LANES - 1 - 3
    assert differs == 2**LANES - 1


def test_pieces_go_to_bytes_and_back():
    numbers = np.arange(LANES) % 5.0
    pieces, back = np.full(LANES + 4, -1, np.int8), np.zeros(LANES)
    round_trip(numbers, pieces, back)
    assert pieces.tolist() == [-1] * 3 + numbers.astype(int).tolist() + [-1]
    np.testing.assert_array_equal(back, numbers)


@pytest.mark.parametrize("kind", [np.float64, np.int64, np.int32, np.int8])
def test_one_number_is_read_and_written_by_its_place_among_all(kind):
    array = np.arange(6).reshape(2, 3).astype(kind)
    assert look(array, 3, kind(9)) == 3
    assert array.tolist() == [[0, 1, 2], [3, 9, 5]]


def test_the_total_counts_every_lane_once():
    assert total_of(2.0 ** np.arange(LANES)) == 2.0**LANES - 1


def test_the_lowest_bit_is_found_in_whole_words():
    assert [lowest_of(1 << place) for place in range(63)] == list(range(63))
    assert lowest_of(-(2**63)) == 63
    assert lowest_of(0b1011000) == 3


def test_rooms_are_whole_blocks_that_begin_on_cache_lines():
    assert [padded(n) for n in (0, 1, BLOCK, BLOCK + 1)] == [0, BLOCK, BLOCK, 2 * BLOCK]
    for count in (1, 7, 64, 1001):
        zeros = aligned_zeros(count)
        assert zeros.shape == (count,)
        assert not zeros.any()
        assert zeros.ctypes.data % 64 == 0
