"""Marching squares: straight and curved lines, saddles, values that are not finite."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reluviz.core.contours import march


def trace(values: np.ndarray, *levels: float, top: int = 0, step: int = 1) -> tuple[np.ndarray, ...]:
    z = np.ascontiguousarray(values, np.float32)
    return march(z.reshape(len(z), -1), z.shape[2], z.shape[1], np.array(levels, np.float32), top, step)


def test_a_plane_gives_its_straight_line_at_every_level() -> None:
    x, y = np.meshgrid(np.arange(20.0), np.arange(15.0))
    segments, units, levels, steepness = trace(np.stack([3 * x + y, x - 2 * y]), 5.25, 20.25, step=2, top=10)
    for unit, (a, b) in enumerate([(3, 1), (1, -2)]):
        for index, level in enumerate((5.25, 20.25)):
            mine = segments[(units == unit) & (levels == index)].reshape(-1, 2)
            assert len(mine) or (unit, index) == (1, 1)
            np.testing.assert_allclose(a * mine[:, 0] / 2 + b * (mine[:, 1] / 2 - 10), level, atol=1e-4)
        np.testing.assert_allclose(steepness[units == unit], np.hypot(a, b) / 2, rtol=1e-5)


def test_a_circle_has_its_length_and_closes() -> None:
    x, y = np.meshgrid(np.linspace(-1, 1, 201), np.linspace(-1, 1, 201))
    segments, *_ = trace((x * x + y * y)[None], 0.5003)
    length = np.hypot(*(segments[:, 2:] - segments[:, :2]).T).sum() / 100
    assert length == pytest.approx(2 * np.pi * np.sqrt(0.5003), rel=1e-3)
    ends, counts = np.unique(np.round(segments.reshape(-1, 2), 3), axis=0, return_counts=True)
    assert (counts == 2).all()
    assert len(ends) == len(segments)


@given(st.lists(st.integers(-4, 4), min_size=4, max_size=4), st.sampled_from([-2.5, -0.5, 0.5, 1.5]))
def test_any_cell_joins_the_sides_whose_ends_lie_on_either_side(corners: list[int], level: float) -> None:
    """All sixteen cases: each side that the level passes is met once, at the interpolated place."""
    values = np.array(corners, float).reshape(1, 2, 2)
    segments, *_ = trace(values, level)
    expected = []
    for (i, j), (k, m) in (((0, 0), (0, 1)), ((0, 1), (1, 1)), ((1, 0), (1, 1)), ((0, 0), (1, 0))):
        a, b = values[0, i, j], values[0, k, m]
        if (a > level) != (b > level):
            share = (level - a) / (b - a)
            expected.append((j + share * (m - j), i + share * (k - i)))
    found = sorted(map(tuple, np.round(segments.reshape(-1, 2), 5).tolist()))
    assert len(found) == len(expected)
    np.testing.assert_allclose(found, sorted(np.round(expected, 5).tolist()), atol=2e-5) if expected else None


def test_a_saddle_joins_what_its_middle_joins() -> None:
    high_middle, low_middle = np.array([[[1.0, -0.5], [-0.5, 1.0]]]), np.array([[[0.5, -1.0], [-1.0, 0.5]]])
    for values, is_joined in ((high_middle, True), (low_middle, False)):
        segments, *_ = trace(values, 0.0)
        assert len(segments) == 2
        # Joined: the diagonal of high corners is one area, so each segment cuts off a low corner, (1, 0) or (0, 1).
        for x0, y0, x1, y1 in segments:
            middle = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
            corner = min(((0, 0), (1, 0), (0, 1), (1, 1)), key=lambda c: np.hypot(*(middle - c)))
            assert (corner in ((1, 0), (0, 1))) == is_joined


def test_values_that_are_not_finite_cross_nothing() -> None:
    values = np.array([[[1.0, np.nan, -1.0], [1.0, np.inf, -1.0], [1.0, -np.inf, -1.0]]])
    assert len(trace(values, 0.0)[0]) == 0


def test_many_levels_and_widths() -> None:
    for columns in range(2, 40):
        x, _ = np.meshgrid(np.linspace(0, 10, columns), np.arange(3))
        levels = np.arange(0.05, 10, 0.1)
        segments, _, which, _ = trace(x[None], *levels)
        assert np.bincount(which, minlength=100).tolist() == [2] * 100
        at = segments[:, 0] * 10 / (columns - 1)
        np.testing.assert_allclose(at, levels[which], atol=1e-4)
