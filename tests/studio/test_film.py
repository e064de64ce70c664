"""The frames of a film: what each shows, and that it is the same every time."""

import hashlib

import numpy as np
import pytest

from reluviz.core.datasets import load_dataset
from reluviz.core.experiment import Experiment
from reluviz.core.picture import make_picture
from reluviz.core.view import View
from reluviz.engine.trainer import train, train_to
from reluviz.studio.film import Shot, draw_frames, spread, widen
from reluviz.studio.lettering import letter

EXPERIMENT = Experiment(points=60, hidden=(6, 5), device="cpu")
VIEW = View(widen((-1, 1, -1, 1), 160, 90), 160, 90)


def film(shot, moments=(0, 5, 10), repeats=(1, 1, 1)):
    snapshots = train_to(EXPERIMENT, moments[1:])
    return list(draw_frames(snapshots, repeats, shot, load_dataset(EXPERIMENT)))


def test_two_renders_are_equal_frame_by_frame():
    shot = Shot(VIEW, title="Twice the same", counters=True, workers=2)
    one, other = ([hashlib.sha256(image).hexdigest() for image in film(shot)] for _ in range(2))
    assert one == other
    assert len(set(one)) == 3


def test_a_bare_frame_is_the_picture():
    snapshots = list(train(EXPERIMENT, steps=10, every=5))
    for image, snapshot in zip(film(Shot(VIEW, points=False)), snapshots, strict=True):
        np.testing.assert_array_equal(image, make_picture(snapshot, VIEW).image)


def test_frames_repeat_where_there_are_fewer_steps():
    images = film(Shot(VIEW), repeats=(2, 1, 3))
    assert len(images) == 6
    np.testing.assert_array_equal(images[3], images[5])
    assert (images[1] != images[2]).any()


def test_a_moving_camera_is_followed_within_one_moment():
    def camera(share):
        return (-1.0 - share, 1.0 + share, -1.0, 1.0)

    images = film(Shot(VIEW, points=False, camera=camera), moments=(0,), repeats=(3,))
    (start,) = train(EXPERIMENT, steps=0)
    for image, share in zip(images, (0.0, 0.5, 1.0), strict=True):
        view = View(camera(share), 160, 90)
        np.testing.assert_array_equal(image, make_picture(start, view).image)


@pytest.mark.parametrize(
    ("steps", "frames", "moments", "repeats"),
    [
        (0, 1, [0], [1]),
        (9, 1, [0], [1]),
        (100, 3, [0, 50, 100], [1, 1, 1]),
        (10, 4, [0, 3, 7, 10], [1, 1, 1, 1]),
        (2, 6, [0, 1, 2], [2, 2, 2]),
    ],
)
def test_spread(steps, frames, moments, repeats):
    assert spread(steps, frames) == (moments, repeats)


def test_widen_keeps_the_middle_and_all_that_was_in_view():
    assert widen((-1, 1, -1, 1), 200, 100) == (-2, 2, -1, 1)
    assert widen((0, 4, 1, 2), 100, 100) == (0, 4, -0.5, 3.5)
    assert widen((-1, 1, -1, 1), 90, 90) == (-1, 1, -1, 1)


def blank(width=640, height=360):
    return np.full((height, width), 0xFF405060, np.uint32)


def changed(before, after):
    rows, columns = np.nonzero(before != after)
    return rows.min(), rows.max(), columns.min(), columns.max()


def test_lettering_stands_in_its_corners_and_leaves_the_rest():
    image = blank()
    letter(image, "dark", title="Regions")
    top, bottom, left, right = changed(blank(), image)
    assert top == left == 15
    assert bottom < 60
    assert right < 200
    assert (image >> 24 == 0xFF).all()
    image = blank()
    letter(image, "projector", counters=(("step", "12"), ("loss", "0.1")))
    assert changed(blank(), image)[1] == 360 - 16


def test_columns_stay_where_they_are_while_numbers_count():
    images = [blank(), blank()]
    for image, step in zip(images, ("1,111", "8,008"), strict=True):
        letter(image, "dark", counters=(("step", step), ("regions", "77")))
    differing = changed(*images)
    both = changed(blank(), images[0])
    assert differing[3] < both[3] - 60  # Nothing moves from the second column on.


def test_lettering_too_wide_for_the_frame_is_cut_short():
    for width in (16, 40, 100):
        image = blank(width, 60)
        letter(image, "dark", title="A title much too long for any of these", counters=(("step", "1,000,000"),) * 9)
        assert (image >> 24 == 0xFF).all()
