"""The key says of a colour what the picture means by it: read off both at the same place."""

from dataclasses import replace

import numpy as np
import pytest

from reluviz.core.color_key import color_key, compass_wheel
from reluviz.core.coloring import COLORINGS, compass_colors
from reluviz.core.experiment import Experiment
from reluviz.core.palette import PALETTES
from reluviz.core.partition import decompose
from reluviz.core.picture import make_picture
from reluviz.core.reading import Reading
from reluviz.core.snapshot import Snapshot
from reluviz.core.view import View

HIDDEN = (6, 5)


def snapshot_of(**settings):
    experiment = Experiment(hidden=HIDDEN, **settings)
    flat = np.random.default_rng(3).normal(0, 0.6, experiment.layout(1).length).astype(np.float32)
    return Snapshot(0, experiment, 1, 0, 0.0, flat, np.zeros((0, len(flat)), np.float32))


def key_of(coloring, **changes):
    snapshot = snapshot_of()
    view = replace(View(width=40, height=40, coloring=coloring), **changes)
    picture = make_picture(snapshot, view)
    return color_key(snapshot.network, view, Reading(), ("0", "1"), picture.ends), picture


@pytest.mark.parametrize("coloring", COLORINGS)
@pytest.mark.parametrize("palette", PALETTES)
def test_every_colouring_with_an_order_has_a_key_in_each_theme(coloring, palette):
    key, _ = key_of(coloring, palette=palette, layer=0, unit=2, pin=(0.1, 0.2))
    if coloring == "pattern":
        assert key is None
        return
    assert key.title
    assert key.is_compass or key.ramp or key.swatches
    assert bool(key.ramp) == bool(key.ticks)
    assert key.words()


def test_the_ramp_of_active_units_has_the_picture_s_colours():
    key, picture = key_of("active")
    partition = picture.partition
    colors = COLORINGS["active"].colors(partition, picture.view)
    share = (partition.patterns > 0).sum(axis=1) / sum(HIDDEN)
    assert key.ticks == ("0", "5.5", "11")
    for color, at in zip(colors.tolist(), share.tolist(), strict=True):
        near = key.ramp[round(at * (len(key.ramp) - 1))]
        assert max(abs((color >> s & 255) - (near >> s & 255)) for s in (0, 8, 16)) <= 4


def test_swatches_are_the_colours_of_regions():
    for coloring in ("unit", "layer"):
        key, picture = key_of(coloring, layer=1, unit=0)
        shown = set(COLORINGS[coloring].colors(picture.partition, picture.view).tolist())
        assert shown <= {color for color, _ in key.swatches}
    assert [name for _, name in key_of("unit", layer=1, unit=0)[0].swatches] == ["off", "on"]


def test_a_scale_is_that_of_the_picture():
    key, picture = key_of("slope")
    assert all(tick in picture.scale for tick in key.ticks)
    assert key.title == "Slope of f, \N{DOUBLE VERTICAL LINE}\u2202f/\u2202x\N{DOUBLE VERTICAL LINE}"


def test_what_is_missing_is_asked_for():
    assert "No unit is chosen" in key_of("unit", layer=-1, unit=-1)[0].title
    assert "pin" in key_of("hamming")[0].title


def test_the_compass_points_as_gradients_do():
    wheel = compass_wheel("dark", 101)
    assert wheel[0, 0] >> 24 == 0
    assert wheel[50, 50] >> 24 == 255
    for x, y in ((1.0, 0.0), (0.0, 1.0), (-0.6, 0.8)):
        radius = 0.7
        row, column = round(50 - 50 * radius * y), round(50 + 50 * radius * x)
        steep = np.expm1(radius * np.log1p(300.0))
        expected = int(compass_colors(np.array([x * steep, y * steep]), "dark")) & 0xFFFFFF
        found = int(wheel[row, column]) & 0xFFFFFF
        assert max(abs((found >> s & 255) - (expected >> s & 255)) for s in (0, 8, 16)) <= 12


def test_smooth_pictures_have_no_key_for_what_needs_regions():
    network = snapshot_of(activation="tanh").network
    assert decompose(snapshot_of().network, (-1, 1, -1, 1)).count > 1
    for coloring in ("active", "layer", "area", "hamming", "unit"):
        assert color_key(network, View(coloring=coloring), Reading(), ("0", "1"), None, is_soft=True) is None
    assert color_key(network, View(coloring="prediction"), Reading(), ("0", "1"), None, is_soft=True).ramp
