"""The data's own square: what fold and surface show of a wider canvas."""

from dataclasses import replace

import numpy as np
import pytest

from reluviz.core.experiment import Experiment
from reluviz.core.picture import make_picture
from reluviz.core.snapshot import Snapshot
from reluviz.core.square import REACH, on_square, square_in
from reluviz.core.view import View

VIEW = View(width=80, height=60, bounds=(-1.6, 1.6, -1.2, 1.2))


def picture_in(bounds):
    experiment = Experiment(hidden=(9, 7))
    flat = np.random.default_rng(4).normal(0, 0.7, experiment.layout(1).length).astype(np.float32)
    moment = Snapshot(0, experiment, 1, 0, 0.0, flat, np.zeros((0, len(flat)), np.float32))
    return make_picture(moment, replace(VIEW, bounds=bounds))


@pytest.mark.parametrize(
    ("view", "square"),
    [
        ((-1.6, 1.6, -1.2, 1.2), (-REACH, REACH, -REACH, REACH)),
        ((-0.2, 0.3, 0.1, 0.4), (-0.2, 0.3, 0.1, 0.4)),
        ((0.5, 3.5, -0.5, 0.5), (0.5, REACH, -0.5, 0.5)),
        ((5.0, 6.0, -0.5, 0.5), (5.0, 6.0, -0.5, 0.5)),
        ((REACH, 2.0, -0.5, 0.5), (REACH, 2.0, -0.5, 0.5)),
    ],
)
def test_the_square_is_what_is_in_view_of_it(view, square):
    assert square_in(view) == square


def test_regions_on_the_square_are_those_of_the_picture_there():
    picture = picture_in(VIEW.bounds)
    partition = on_square(picture)
    assert partition.areas.sum() == pytest.approx(4 * REACH**2)
    points = np.random.default_rng(0).uniform(-REACH, REACH, (500, 2))
    whole = picture.partition
    assert np.array_equal(partition.patterns[partition.locate(points)], whole.patterns[whole.locate(points)])
    assert partition.count < whole.count


def test_a_picture_within_the_square_is_not_decomposed_again():
    picture = picture_in((-1.0, 0.8, -0.5, 0.5))
    assert on_square(picture) is picture.partition
