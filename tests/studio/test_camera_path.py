"""Key frames of a film's camera."""

import json

import numpy as np
import pytest

from reluviz.core.errors import InputError
from reluviz.studio.camera_path import move_camera, read_camera
from reluviz.studio.film import widen


def same(bounds):
    return bounds


def test_the_camera_stands_at_its_key_frames_and_rests_outside_of_them():
    keys = [(0.25, (-1, 1, -1, 1)), (0.5, (0, 0.5, 0, 0.5)), (0.75, (2, 2.5, 0, 0.5))]
    camera = move_camera(keys, same)
    for share, (_, bounds) in zip((0.0, 0.25, 0.5, 0.75, 1.0), (keys[0], *keys, keys[2]), strict=True):
        np.testing.assert_allclose(camera(share), bounds, atol=1e-12)


def test_a_zoom_goes_by_equal_factors_into_a_fixed_point():
    camera = move_camera([(0.0, (-1, 1, -1, 1)), (1.0, (0.29, 0.31, 0.09, 0.11))], same)
    views = np.array([camera(share) for share in np.linspace(0, 1, 101)])
    widths = views[:, 1] - views[:, 0]
    assert widths[50] == pytest.approx(0.2)
    # The point that stays at its place in the picture is one and the same throughout.
    place = (0.29 + 1) / (2 - 0.02)
    np.testing.assert_allclose(views[:, 0] + place * widths, -1 + 2 * place, atol=1e-12)
    steps = -np.diff(np.log(widths))
    assert steps[0] < 0.1 * steps[50] > steps[-1]
    assert (steps > 0).all()


def test_a_pan_keeps_the_width_and_the_shape_of_the_picture():
    camera = move_camera([(0.0, (0, 1, 0, 1)), (1.0, (4, 5, 2, 3))], lambda bounds: widen(bounds, 160, 90))
    for share in (0.0, 0.3, 1.0):
        xmin, xmax, ymin, ymax = camera(share)
        assert ((xmax - xmin), (ymax - ymin)) == pytest.approx((16 / 9, 1))
    assert camera(0.5)[2:] == pytest.approx((1, 2))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "holds no key frames"),
        ("[]", "holds no key frames"),
        ("[" * 100_000, "holds no key frames"),
        (b"\xff\xfe\xfd", "holds no key frames"),
        ("[1]", "key frame 1 has other names than at and bounds"),
        ('[{"at": 0, "bounds": [0, 1, 0]}]', "key frame 1 is not a share and four numbers"),
        ('[{"at": 2, "bounds": [0, 1, 0, 1]}]', "key frame 1 is not a share and four numbers"),
        ('[{"at": NaN, "bounds": [0, 1, 0, 1]}]', "key frame 1 is not a share and four numbers"),
        ('[{"at": 0, "bounds": [0, 1e400, 0, 1]}]', "key frame 1 is not a share and four numbers"),
        ('[{"at": 0, "bounds": [1, 0, 0, 1]}]', "key frame 1 has bounds without an inside"),
        (json.dumps([{"at": 0.5, "bounds": [0, 1, 0, 1]}] * 2), "key frames are not in order"),
    ],
)
def test_bad_key_frames_say_where(write, content, says):
    with pytest.raises(InputError, match=says) as caught:
        read_camera(write("camera.json", content))
    assert "\n" not in str(caught.value)


def test_key_frames_that_are_not_there(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_camera(tmp_path / "none.json")
