import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reluviz.studio.curves import CAPACITY, Curve, Curves


def grown(steps):
    curve = Curve(("a", "b"))
    for step in steps:
        curve = curve.add(step, (step * 2.0, -step))
    return curve


def test_keeps_everything_while_short():
    curve = grown(range(0, 1000, 10))
    assert curve.steps.tolist() == list(range(0, 1000, 10))
    assert np.array_equal(curve.column("a"), curve.steps * 2.0)
    assert np.array_equal(curve.column("b"), -curve.steps)


def test_long_curves_stay_small_and_evenly_spaced():
    curve = grown(range(3 * CAPACITY + 7))
    assert len(curve) <= CAPACITY
    assert len(curve) > CAPACITY // 4
    assert curve.steps[0] == 0
    assert curve.steps[-1] == 3 * CAPACITY + 6
    gaps = np.diff(curve.steps)[:-1]
    assert gaps.max() <= 2 * curve.spacing
    assert gaps.min() >= curve.spacing // 2
    assert np.array_equal(curve.column("a"), curve.steps * 2.0)


def test_going_back_drops_what_came_later():
    curve = grown(range(100)).add(40, (7.0, 8.0))
    assert curve.steps.tolist() == list(range(41))
    assert curve.column("a")[-1] == 7.0


def test_equal_step_replaces():
    assert grown([0, 5]).add(5, (1.0, 2.0)).values[-1].tolist() == [1.0, 2.0]


def test_is_a_value():
    first = grown(range(10))
    second = first.add(10, (0.0, 0.0))
    assert len(first) == 10
    assert len(second) == 11
    with pytest.raises(ValueError, match="read-only"):
        second.values[0, 0] = 1.0


def test_curves_cut_together():
    curves = Curves(regions=Curve(("regions",)).add(1, [4]).add(9, [5]))
    assert curves.before(9).regions.steps.tolist() == [1]
    assert curves.after(Curves().count(0, 7, False).count(0, 8, True)).regions.steps.tolist() == [0, 1, 9]
    assert len(Curves().learning) == 0
    assert Curves().learning.column("train_loss").shape == (0,)


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=60, unique=True).map(sorted))
def test_newest_is_always_there(steps):
    curve = grown(steps)
    assert curve.steps[-1] == steps[-1]
    assert set(curve.steps.tolist()) <= set(steps)
    assert (np.diff(curve.steps) > 0).all()


def test_uneven_steps_are_thinned_too():
    steps = np.unique(np.geomspace(1, 1e9, 3 * CAPACITY).astype(np.int64)).tolist()
    curve = grown(steps)
    assert len(curve) <= CAPACITY
    assert curve.steps[0] == steps[0]
    assert curve.steps[-1] == steps[-1]
