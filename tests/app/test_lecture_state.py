from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reluviz.app.lecture import ink, timer
from reluviz.app.lecture.places import Part
from reluviz.app.lecture.state import (
    UNDO_DEPTH,
    Lecture,
    Spot,
    begin_stroke,
    clear,
    end_stroke,
    erase,
    follow_commands,
    freeze,
    go_on,
    holds_news,
    open_audience,
    redo_ink,
    seen_by_audience,
    take_color,
    take_tool,
    thaw,
    undo_ink,
)
from reluviz.app.state import AppState, pause, restart
from reluviz.core.palette import PALETTES
from tests.app.test_theme import contrast


def drawn(lecture, *points, part="plane:0"):
    lecture = begin_stroke(lecture, Spot(part, points[0]))
    for point in points[1:]:
        lecture = go_on(lecture, point)
    return end_stroke(lecture)


def test_strokes_are_drawn_undone_and_done_again():
    one = drawn(Lecture(), (0, 0), (1, 1))
    two = drawn(one, (2, 2), (3, 3))
    assert [s.points for s in two.strokes] == [((0, 0), (1, 1)), ((2, 2), (3, 3))]
    back = undo_ink(two)
    assert back.strokes == one.strokes
    assert redo_ink(back).strokes == two.strokes
    assert undo_ink(undo_ink(back)).strokes == ()
    other = drawn(back, (5, 5), (6, 6))
    assert redo_ink(other) is other  # What was undone is gone once something else is drawn.


def test_undo_is_kept_so_far_and_no_further():
    lecture = Lecture()
    for index in range(UNDO_DEPTH + 30):
        lecture = drawn(lecture, (index, 0), (index, 1))
    assert len(lecture.past) == UNDO_DEPTH


def test_one_movement_of_the_eraser_comes_back_by_one_undo():
    lecture = drawn(drawn(drawn(Lecture(), (0, 0), (1, 0)), (0, 1), (1, 1)), (0, 2), (1, 2))
    rubbed = erase(lecture, lecture.strokes[:1])
    rubbed = erase(rubbed, rubbed.strokes[:1], goes_on=True)
    assert len(rubbed.strokes) == 1
    assert undo_ink(rubbed).strokes == lecture.strokes
    assert erase(lecture, ()) is lecture


def test_clearing_can_be_undone_and_clearing_nothing_changes_nothing():
    lecture = drawn(Lecture(), (0, 0), (1, 0))
    assert clear(lecture).strokes == ()
    assert undo_ink(clear(lecture)).strokes == lecture.strokes
    assert clear(Lecture()).past == ()


def test_another_tool_ends_a_stroke_and_the_pointer_is_not_kept():
    lecture = go_on(begin_stroke(take_color(Lecture(), 5), Spot("plane:0", (0, 0))), (1, 0))
    assert (lecture.tool, lecture.color) == ("pen", 2)
    taken = take_tool(lecture, "laser")
    assert taken.drawing is None
    assert taken.strokes[0].points == ((0, 0), (1, 0))
    pointing = replace(taken, pointer=Spot("plane:0", (0, 0)))
    assert take_tool(pointing, "").pointer is None
    assert pointing.strokes == taken.strokes


def test_freezing_holds_the_state_and_no_chain_of_states():
    state = AppState(until=5)
    frozen = freeze(state)
    assert holds_news(frozen)
    assert seen_by_audience(frozen).until == 5
    assert frozen.lecture.held.lecture.held is None
    twice = freeze(frozen)
    assert twice.lecture.held.lecture.held is None
    assert seen_by_audience(thaw(frozen)).lecture.held is None
    assert not holds_news(thaw(frozen))


def test_a_command_to_the_training_moves_a_frozen_window_again():
    frozen = freeze(AppState(until=5))
    assert follow_commands(frozen, replace(frozen, probe=(0.0, 0.0))).lecture.held is not None
    assert follow_commands(frozen, pause(frozen)).lecture.held is None
    assert follow_commands(frozen, restart(frozen)).lecture.held is None
    shared = replace(frozen, lecture=replace(frozen.lecture, audience=True))
    assert follow_commands(shared, pause(shared)).lecture.held is not None  # The lecturer may do what he likes.


def test_an_audience_begins_and_ends_with_a_picture_that_moves():
    frozen = freeze(AppState())
    dark = replace(frozen, lecture=replace(frozen.lecture, is_dark=True))
    opened = open_audience(dark, True)
    assert (opened.lecture.audience, opened.lecture.held, opened.lecture.is_dark) == (True, None, False)
    assert not holds_news(freeze(opened))
    assert open_audience(freeze(opened), False).lecture.held is None
    assert open_audience(opened, True) is opened


def test_a_timer_counts_up_rests_and_goes_on():
    t = timer.switch(timer.Timer(), 100.0)
    assert timer.shown_seconds(t, 130.0) == 30.0
    t = timer.switch(t, 130.0)
    assert timer.shown_seconds(t, 500.0) == 30.0
    t = timer.switch(t, 500.0)
    assert timer.shown_seconds(t, 510.0) == 40.0
    assert timer.shown_seconds(timer.rewind(t, 510.0), 511.0) == 1.0
    assert not timer.rewind(timer.switch(t, 510.0), 520.0).is_running


def test_a_countdown_goes_below_zero():
    t = timer.count_from(timer.switch(timer.Timer(), 0.0), 1)
    assert timer.shown_seconds(t, 45.0) == 15.0
    assert timer.clock_text(timer.shown_seconds(t, 75.0)) == "\N{MINUS SIGN}0:15"
    assert timer.count_from(t, 10_000).minutes == timer.LONGEST


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (59.9, "0:59"), (247, "4:07"), (3847, "1:04:07"), (-0.4, "0:00"), (-61, "\N{MINUS SIGN}1:01")],
)
def test_a_clock_is_read_as_usual(seconds, text):
    assert timer.clock_text(seconds) == text


@given(st.integers(0, 2**32 - 1), st.integers(2, 300))
def test_a_simplified_stroke_stays_where_it_was(seed, count):
    points = np.cumsum(np.random.default_rng(seed).normal(0, 3, (count, 2)), axis=0)
    kept = ink.simplified(points)
    assert kept[0] == 0
    assert kept[-1] == count - 1
    for begin, end in pairwise(kept.tolist()):
        between = points[begin : end + 1]
        assert ink.distances(between, points[begin], points[end]).max() <= ink.TOLERANCE + 1e-9


def test_a_straight_stroke_needs_two_points():
    points = np.column_stack((np.linspace(0, 500, 400), np.linspace(0, 200, 400)))
    assert ink.simplified(points).tolist() == [0, 399]


def test_the_eraser_hits_between_points_and_a_lone_dot():
    line = np.array([[0.0, 0.0], [100.0, 0.0]])
    assert ink.is_hit(line, np.array([50.0, 9.0]), 10.0)
    assert not ink.is_hit(line, np.array([50.0, 11.0]), 10.0)
    assert not ink.is_hit(line, np.array([111.0, 0.0]), 10.0)
    assert ink.is_hit(line[:1], np.array([6.0, 8.0]), 10.0)


def test_far_strokes_are_cut_to_what_can_be_drawn():
    line = np.array([[-1e9, 5.0], [1e9, 5.0]])
    (piece,) = ink.pieces(line)
    assert np.allclose(piece, [[-ink.FAR, 5.0], [ink.FAR, 5.0]])
    assert ink.pieces(np.array([[1e9, 1e9], [2e9, 1e9]])) == []
    near = np.array([[0.0, 0.0], [5.0, 5.0]])
    assert ink.pieces(near)[0] is near


@given(st.floats(-5, 5), st.floats(-5, 5), st.floats(1e-8, 10))
def test_a_place_on_the_plane_comes_back_however_far_one_zooms(x, y, span):
    from PySide6.QtCore import QPointF, QRectF

    part = Part(QRectF(40, 30, 800, 600), (x - span, x + span, y - 0.75 * span, y + 0.75 * span))
    point = part.to_point(QPointF(140, 230))
    assert np.abs(part.to_pixels([point])[0] - [140, 230]).max() < 1e-4


@pytest.mark.parametrize("theme", PALETTES)
def test_inks_are_read_on_the_canvas_and_on_their_rim(theme):
    needed = 7.0 if theme == "projector" else 4.5
    for color in ink.INKS[theme]:
        assert contrast(color, PALETTES[theme].canvas) >= needed
        assert contrast(color, PALETTES[theme].halo) >= needed
    assert len(set(ink.INKS[theme])) == len(ink.INK_NAMES[theme]) == 3
