"""Key frames of a film's camera and settings."""

import json

import numpy as np
import pytest

from reluviz.core.errors import InputError
from reluviz.studio.keys import Course, Key, keys_to_json, read_keys
from reluviz.studio.look import Look, widen

SQUARE = (100, 100)


def course(*keys, frames=101, steps=None, fps=10):
    return Course(keys, np.arange(frames) if steps is None else np.asarray(steps), fps)


def bounds_at(course, frame, size=SQUARE):
    return course.look(frame, Look(), *size).bounds


def camera(at, bounds, easing="ease"):
    return Key("share", at, {"bounds": bounds}, easing)


def test_the_camera_stands_at_its_key_frames_and_rests_outside_of_them():
    keys = [camera(0.25, (-1, 1, -1, 1)), camera(0.5, (0, 0.5, 0, 0.5)), camera(0.75, (2, 2.5, 0, 0.5))]
    path = course(*keys)
    for frame, key in zip((0, 25, 50, 75, 100), (keys[0], *keys, keys[2]), strict=True):
        np.testing.assert_allclose(bounds_at(path, frame), key.values["bounds"], atol=1e-12)


def test_a_zoom_goes_by_equal_factors_into_a_fixed_point():
    path = course(camera(0.0, (-1, 1, -1, 1)), camera(1.0, (0.29, 0.31, 0.09, 0.11)))
    views = np.array([bounds_at(path, frame) for frame in range(101)])
    widths = views[:, 1] - views[:, 0]
    assert widths[50] == pytest.approx(0.2)
    # The point that stays at its place in the picture is one and the same throughout.
    place = (0.29 + 1) / (2 - 0.02)
    np.testing.assert_allclose(views[:, 0] + place * widths, -1 + 2 * place, atol=1e-12)
    steps = -np.diff(np.log(widths))
    assert steps[0] < 0.1 * steps[50] > steps[-1]
    assert (steps > 0).all()


def test_a_pan_keeps_the_width_and_the_shape_of_the_picture():
    path = course(camera(0.0, (0, 1, 0, 1)), camera(1.0, (4, 5, 2, 3)))
    for frame in (0, 30, 100):
        xmin, xmax, ymin, ymax = bounds_at(path, frame, (160, 90))
        assert ((xmax - xmin), (ymax - ymin)) == pytest.approx((16 / 9, 1))
    assert bounds_at(path, 50, (160, 90))[2:] == pytest.approx((1, 2))


def test_easing_is_of_the_key_that_is_left():
    wide, close = (-1.0, 1.0, -1.0, 1.0), (-0.5, 0.5, -0.5, 0.5)
    held = course(camera(0.0, wide, "hold"), camera(1.0, close))
    assert bounds_at(held, 99) == wide
    assert bounds_at(held, 100) == close
    even = course(camera(0.0, wide, "linear"), camera(1.0, close))
    widths = [np.subtract(*bounds_at(even, frame)[1::-1]) for frame in range(101)]
    np.testing.assert_allclose(np.diff(np.log(widths)), np.log(0.5) / 100, rtol=1e-9)


def test_settings_change_at_their_key_and_hold_until_the_next():
    path = course(
        Key("share", 0.2, {"coloring": "gradient", "title": "first"}), Key("share", 0.6, {"coloring": "pattern"})
    )
    looks = [path.look(frame, Look(coloring="prediction"), *SQUARE) for frame in (0, 20, 59, 60, 100)]
    assert [look.coloring for look in looks] == ["prediction", "gradient", "gradient", "pattern", "pattern"]
    assert [look.title for look in looks] == ["", "first", "first", "first", "first"]
    assert path.look(0, Look(lines="none"), *SQUARE).lines == "none"


def test_line_width_grows_by_equal_factors():
    path = course(Key("share", 0, {"line_width": 1.0}, "linear"), Key("share", 1, {"line_width": 4.0}))
    assert path.look(50, Look(), *SQUARE).line_width == pytest.approx(2.0)


def test_places_are_shares_seconds_or_steps():
    steps = np.repeat(np.arange(0, 500, 10), 2)
    path = course(
        Key("step", 100, {"title": "at step 100"}),
        Key("time", 5.0, {"title": "at second 5"}),
        Key("share", 1.0, {"title": "at the end"}),
        steps=steps,
    )
    titles = [path.look(frame, Look(), *SQUARE).title for frame in range(len(steps))]
    assert titles.index("at second 5") == 50
    assert titles.index("at the end") == 99
    late = course(Key("share", 0, {"title": ""}), Key("step", 95, {"title": "now"}), steps=steps)
    assert [late.look(frame, Look(), *SQUARE).title for frame in (19, 20)] == ["", "now"]


def test_without_keys_the_look_stays():
    assert not course()
    look = Look(bounds=(0, 1, 0, 2))
    assert course().look(3, look, *SQUARE) is look


def test_what_is_written_is_read(tmp_path):
    keys = (
        Key("step", 40.0, {"bounds": (-1.0, 1.0, -2.0, 2.0), "coloring": "gradient"}, "linear"),
        Key("time", 2.5, {"lines": "equal", "line_width": 2.0, "title": "é"}, "hold"),
    )
    path = tmp_path / "keys.json"
    path.write_text(keys_to_json(keys), encoding="utf-8")
    assert read_keys(path) == keys


def test_a_bare_list_of_bounds_is_read_too(write):
    (key,) = read_keys(write("camera.json", '[{"at": 0.5, "bounds": [0, 1, 0, 1]}]'))
    assert key == Key("share", 0.5, {"bounds": (0.0, 1.0, 0.0, 1.0)})


def keyed(**item):
    return json.dumps({"version": 1, "keys": [item]})


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "holds no key frames"),
        ("[]", "holds no key frames"),
        ("[" * 100_000, "holds no key frames"),
        (b"\xff\xfe\xfd", "holds no key frames"),
        ('{"version": 9, "keys": []}', "was written by a newer reluviz"),
        ("[1]", "key frame 1 is no object"),
        (keyed(bounds=[0, 1, 0, 1]), "key frame 1 has 0 of share, time and step"),
        (keyed(share=0, step=1, bounds=[0, 1, 0, 1]), "key frame 1 has 2 of share, time and step"),
        (keyed(share=2, bounds=[0, 1, 0, 1]), "key frame 1: share cannot be used; allowed is a number from 0 to 1"),
        ('[{"at": NaN, "bounds": [0, 1, 0, 1]}]', "key frame 1: share cannot be used"),
        (keyed(share=0, bounds=[0, 1, 0]), "key frame 1: bounds .* cannot be used"),
        ('[{"at": 0, "bounds": [0, 1e400, 0, 1]}]', "key frame 1: bounds .* cannot be used"),
        (keyed(share=0, bounds=[1, 0, 0, 1]), "key frame 1: bounds .* cannot be used"),
        (keyed(share=0, easing="jump", title=""), "easing is unknown; allowed are ease, linear, hold"),
        (keyed(share=0), "says nothing of the look"),
        (keyed(share=0, color=1), "'color' is no setting of a key frame"),
        (keyed(share=0, coloring="plaid"), "coloring 'plaid' cannot be used; allowed is one of pattern"),
        (keyed(share=0, line_width=0), "line_width 0 cannot be used; allowed is a number from 0.1 to 10"),
        (keyed(share=0, layer=True), "layer True cannot be used"),
    ],
)
def test_bad_key_frames_say_where(write, content, says):
    with pytest.raises(InputError, match=says) as caught:
        read_keys(write("keys.json", content))
    assert "\n" not in str(caught.value)


def test_key_frames_that_are_not_there(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_keys(tmp_path / "none.json")


def test_widened_bounds_keep_the_shape():
    assert widen((0, 4, 1, 2), 100, 100) == (0, 4, -0.5, 3.5)


def fading(at, fade=0.4, easing="ease", **values):
    return Key("time", at, values, easing, fade)


def mixes(course, frame, look=None):
    return [(one, round(weight, 9)) for one, weight in course.looks(frame, look or Look(), *SQUARE)]


def test_a_choice_fades_in_and_is_all_there_at_its_key():
    path = course(fading(2.0, coloring="gradient", bounds=(-1, 1, -1, 1)))
    assert [len(mixes(path, frame)) for frame in range(14, 24)] == [1, 1, 1, 2, 2, 2, 1, 1, 1, 1]
    shown = [mixes(path, frame)[-1] for frame in range(16, 21)]
    assert [one.coloring for one, _ in shown] == ["pattern", *["gradient"] * 4]
    assert [weight for _, weight in shown] == [1.0, 0.25, 0.5, 0.75, 1.0]
    (old, rest), _ = mixes(path, 17)
    assert (old.coloring, rest, old.bounds) == ("pattern", 0.75, shown[1][0].bounds)  # The camera is where it is.


@pytest.mark.parametrize(
    "keys",
    [
        (fading(2.0, 0.0, coloring="gradient"),),
        (fading(1.0, 0.4, "hold", coloring="area"), fading(2.0, coloring="gradient")),
    ],
)
def test_no_fade_and_a_key_that_holds_cut(keys):
    path = course(*keys)
    assert [len(mixes(path, frame)) for frame in range(12, 22)] == [1] * 10
    assert [mixes(path, frame)[0][0].coloring == "gradient" for frame in (19, 20)] == [False, True]


def test_a_fade_begins_at_the_key_before_and_at_the_films_first_frame():
    close = course(fading(1.0, lines="none"), fading(1.2, 1.0, lines="equal"))
    assert [one.lines for one, _ in mixes(close, 10)] == ["none"]
    assert mixes(close, 11)[1][1] == 0.5
    first = course(fading(0.3, 2.0, boundary=False))
    assert [len(mixes(first, frame)) for frame in range(5)] == [1, 2, 2, 1, 1]


def test_choices_that_are_at_different_stages_come_in_one_after_the_other():
    path = course(fading(2.0, coloring="gradient"), fading(2.2, palette="light"))
    (none, a), (one, b), (both, c) = mixes(path, 19)
    assert [(look.coloring, look.palette) for look in (none, one, both)] == [
        ("pattern", "dark"),
        ("gradient", "dark"),
        ("gradient", "light"),
    ]
    assert (a, b, c) == (0.25, 0.5, 0.25)


def test_what_does_not_change_is_not_mixed():
    path = course(fading(1.0, coloring="pattern", points=True))
    assert all(len(mixes(path, frame)) == 1 for frame in range(20))


def test_fades_are_written_and_read_and_have_their_limits(write, tmp_path):
    (tmp_path / "a.json").write_text(keys_to_json((fading(1.0, 1.5, points=False),)))
    assert read_keys(tmp_path / "a.json")[0].fade == 1.5
    (tmp_path / "b.json").write_text('{"version": 1, "keys": [{"time": 1, "points": false}]}')
    assert read_keys(tmp_path / "b.json")[0].fade == 0.4
    for value in ("-1", "11", "true", '"a"'):
        (tmp_path / "c.json").write_text(f'{{"version": 1, "keys": [{{"time": 1, "points": false, "fade": {value}}}]}}')
        with pytest.raises(InputError, match="key frame 1: fade cannot be used; allowed is a number of seconds"):
            read_keys(tmp_path / "c.json")
