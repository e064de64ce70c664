"""Views that are due at one time redraw in different frames, and none waits longer than those before it take."""

import pytest

from reluviz.app.turns import FRAME, MOST, Turns, wait_ms


def test_views_due_at_once_get_frames_of_their_own():
    turns = Turns()
    times = [turns.take(1.08, 1.0) for _ in range(5)]
    assert times == pytest.approx([1.08 + FRAME * index for index in range(5)])


def test_who_is_due_in_a_gap_takes_it():
    turns = Turns()
    turns.take(1.08, 1.0)
    turns.take(1.25, 1.0)
    assert turns.take(1.12, 1.0) == 1.12
    assert turns.take(1.25 - FRAME / 2, 1.0) == pytest.approx(1.25 + FRAME)


def test_what_is_over_is_forgotten():
    turns = Turns()
    for _ in range(100):
        turns.take(1.08, 1.0)
    assert turns.take(4.0, 3.9) == 4.0
    assert len(turns._taken) == 1


def test_no_view_waits_long_for_others():
    turns = Turns()
    times = [turns.take(1.08, 1.0) for _ in range(100)]
    assert max(times) <= 1.08 + MOST + 1e-9
    assert len(turns._taken) <= 1 + MOST / FRAME


def test_waiting_is_never_shorter_than_wanted():
    assert all(wait_ms(80) >= 80 for _ in range(4))
