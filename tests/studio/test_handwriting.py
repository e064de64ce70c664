"""What pen and light did over a recording, and how a frame shows it."""

import numpy as np
import pytest

from reluviz.core.palette import PALETTES
from reluviz.studio.handwriting import INKS, Handwriting, Light, added_points, ink_of, pane_of
from reluviz.studio.light import draw_laser, draw_spotlight

FIRST, SECOND, THIRD = [0.0, 0.0], [0.5, 0.0], [0.5, 0.5]
GREY = 0xFF808080


def drawn(grows=True):
    """Return a stroke drawn over a second, as it is recorded now or, with every point, as older files have it."""
    hand = Handwriting()
    hand.take(1.0, {"drawing": ["plane:0", 1, [FIRST]]})
    for at, points in ((1.5, [FIRST, SECOND]), (2.0, [FIRST, SECOND, THIRD])):
        hand.take(at, {"drawn": points[-1:]} if grows else {"drawing": ["plane:0", 1, points]})
    left = hand.take(2.5, {"drawing": None, "ink": [1]})
    assert left == {"ink": [1]}
    return hand


@pytest.mark.parametrize("grows", [True, False])
def test_a_stroke_grows_as_it_was_drawn(grows):
    hand = drawn(grows)
    lengths = {at: len((hand.drawing_at(at) or ("", 0, ()))[2]) for at in (0.9, 1.0, 1.49, 1.5, 2.4, 2.5, 9.0)}
    assert lengths == {0.9: 0, 1.0: 1, 1.49: 1, 1.5: 2, 2.4: 3, 2.5: 0, 9.0: 0}
    assert ink_of(hand.drawing_at(1.6), "light") == (0, INKS["light"][1], ((0.0, 0.0), (0.5, 0.0)))
    assert hand.window_at(1.2)["drawing"] == ["plane:0", 1, ((0.0, 0.0),)]


def test_only_what_a_stroke_has_more_is_recorded():
    short, long = ["plane:0", 1, [FIRST]], ["plane:0", 1, [FIRST, SECOND]]
    assert added_points(short, long) == [SECOND]
    assert added_points(None, short) is None
    assert added_points(long, short) is None
    assert added_points(["plane:1", 1, [FIRST]], long) is None
    assert added_points(["plane:0", 1, [THIRD]], long) is None


@pytest.mark.parametrize(
    "change",
    [
        {"drawn": [FIRST]},
        {"drawing": ["plane:0", 1, [[float("nan"), 0.0]]]},
        {"drawing": [3, 1, [FIRST]]},
        {"drawing": ["plane:0", 1, [["a", 0.0]]]},
        {"hand": ["laser", 0], "pointer": ["plane:0", [1e300, 0.0]]},
    ],
)
def test_what_cannot_be_is_an_error(change):
    with pytest.raises(ValueError, match=r"ink|point|stroke"):
        Handwriting().take(0.0, change)


def test_ink_beside_the_plane_is_none_of_the_canvas():
    assert ink_of(("dock:region", 0, ((1.0, 1.0),)), "dark") is None
    assert [pane_of(part) for part in ("plane:2", "plane:", "plane:x", "window")] == [2, -1, -1, -1]


def lit(tool="laser"):
    hand = Handwriting()
    hand.take(0.0, {"hand": [tool, 0], "pointer": None})
    for index in range(11):
        hand.take(1.0 + 0.1 * index, {"pointer": ["plane:0", [0.1 * index, 0.0]]})
    hand.take(4.0, {"pointer": None})
    return hand


def test_the_lasers_trail_fades_by_the_films_clock():
    hand = lit()
    assert hand.light_at(0.5, 1.0) == Light()
    trail = hand.light_at(2.0, 1.0).trail
    assert [round(glow.age, 3) for glow in trail[:-1]] == [0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0][-len(trail) + 1 :]
    assert trail[-1] == (0.0, "plane:0", (1.0, 0.0))
    assert len(hand.light_at(2.0, 2.0).trail) > len(trail)  # Twice as fast, half the age.
    assert hand.light_at(3.9, 1.0).trail == ((0.0, "plane:0", (1.0, 0.0)),)  # It rests.
    assert hand.light_at(4.0, 1.0) == Light()


def test_a_spotlight_has_no_trail_and_a_pen_no_light():
    assert len(lit("spotlight").light_at(2.0, 1.0).trail) == 1
    assert not lit("pen").light_at(2.0, 1.0).trail
    assert not Handwriting()


def test_the_laser_stands_where_it_points_and_its_trail_is_fainter_with_age():
    image = np.full((180, 320), GREY, np.uint32)
    draw_laser(image, np.array([[40.5, 90.5], [160.5, 90.5], [240.5, 90.5]]), np.array([0.6, 0.5, 0.0]))
    red, green = (image >> 16 & 255).astype(int), (image >> 8 & 255).astype(int)
    assert image[90, 240] == 0xFFFFFFFF
    assert red[90, 200] - green[90, 200] > red[90, 100] - green[90, 100] > 5
    assert (image[:70] == GREY).all()
    assert (image[:, 270:] == GREY).all()


def test_a_laser_out_of_the_frame_or_nowhere_leaves_it():
    image = np.full((90, 160), GREY, np.uint32)
    for place in ((-500.0, 40.0), (1e9, 1e9), (np.nan, 3.0)):
        draw_laser(image, np.array([place]), np.zeros(1))
    assert (image == GREY).all()


def test_a_spotlight_darkens_all_but_its_circle():
    image = np.full((90, 160), GREY, np.uint32)
    draw_spotlight(image, (80.0, 45.0))
    assert image[45, 80] == GREY
    assert (image[5, 5] & 255) == int(0x80 * 0.34)
    assert set(INKS) == set(PALETTES)
