"""A picture is a pure function of snapshot and view."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from reluviz.core import picture as picture_module
from reluviz.core.activations import ACTIVATIONS
from reluviz.core.color import pixel
from reluviz.core.coloring import COLORINGS
from reluviz.core.experiment import Experiment
from reluviz.core.initialization import initial_parameters
from reluviz.core.linework import plan_lines
from reluviz.core.luts import diverging_lut, value_lut
from reluviz.core.network import Network
from reluviz.core.palette import PALETTES
from reluviz.core.picture import affordable, make_picture
from reluviz.core.reading import read_outputs
from reluviz.core.snapshot import Snapshot
from reluviz.core.view import View

VIEW = View(width=160, height=120, bounds=(-1.6, 1.6, -1.2, 1.2))


def snapshot(outputs=1, parameters=None, **fields):
    experiment = Experiment(**{"hidden": (10, 10), **fields})
    flat = parameters
    if flat is None:
        random = np.random.default_rng(3)
        flat = random.normal(0, 0.6, experiment.layout(outputs).length).astype(np.float32)
    return Snapshot(0, experiment, outputs, 0, 0.0, flat, np.zeros((0, len(flat)), np.float32))


def test_shapes_and_the_same_twice():
    moment = snapshot()
    first, second = make_picture(moment, VIEW), make_picture(moment, VIEW)
    assert first.image.shape == first.region_ids.shape == (120, 160)
    assert first.image.dtype == np.uint32
    assert first.region_ids.dtype == np.int32
    assert (first.image >> 24 == 255).all()
    assert first.region_ids.min() >= 0
    assert first.message == ""
    assert set(first.seconds) == {"decompose", "ids", "colors", "lines", "boundary"}
    assert np.array_equal(first.image, second.image)
    assert np.array_equal(first.region_ids, second.region_ids)


@pytest.mark.parametrize("outputs", [1, 2, 4])
@pytest.mark.parametrize("coloring", COLORINGS)
@pytest.mark.parametrize("palette", PALETTES)
def test_threads_and_bands_change_no_pixel(coloring, palette, outputs):
    view = replace(VIEW, coloring=coloring, palette=palette, layer=1, unit=2)
    moment = snapshot(outputs)
    assert np.array_equal(make_picture(moment, view).image, make_picture(moment, view, workers=3).image)


def test_prediction_is_exact_at_every_pixel():
    moment = snapshot()
    view = replace(VIEW, coloring="prediction", lines="none", boundary=False)
    image = make_picture(moment, view).image
    x = view.bounds[0] + (np.arange(160) + 0.5) * 3.2 / 160
    y = view.bounds[3] - (np.arange(120) + 0.5) * 2.4 / 120
    f = moment.network.forward(np.stack(np.broadcast_arrays(x[None], y[:, None]), -1).reshape(-1, 2))[:, 0]
    reach = read_outputs(moment.experiment, None).reach
    lut = diverging_lut("dark")
    exact = np.clip((f / reach + 1) / 2, 0, 1) * (len(lut) - 1)
    # float32 shading may fall on the next entry of the table, a 4096th of the scale away.
    options = [lut[np.clip(np.rint(exact) + d, 0, len(lut) - 1).astype(int)] for d in (-1, 0, 1)]
    assert np.any([image.ravel() == option for option in options], axis=0).all()


def test_prediction_of_several_classes_takes_the_largest():
    moment = snapshot(4)
    view = replace(VIEW, coloring="prediction", lines="none", boundary=False)
    image = make_picture(moment, view).image
    from reluviz.core.luts import margin_luts

    luts = margin_luts("dark", 4)
    x = view.bounds[0] + (np.arange(160) + 0.5) * 3.2 / 160
    y = view.bounds[3] - (np.arange(120) + 0.5) * 2.4 / 120
    f = moment.network.forward(np.stack(np.broadcast_arrays(x[None], y[:, None]), -1).reshape(-1, 2))
    ranked = np.sort(f, axis=1)
    reach = read_outputs(moment.experiment, None).reach
    level = np.clip((ranked[:, -1] - ranked[:, -2]) / reach, 0, 1) * (luts.shape[1] - 1)
    options = [
        luts[f.argmax(axis=1), np.clip(np.rint(level) + d, 0, luts.shape[1] - 1).astype(int)] for d in (-1, 0, 1)
    ]
    assert np.any([image.ravel() == option for option in options], axis=0).all()


def test_values_run_over_the_scale_of_the_data():
    moment = snapshot(dataset="plane", hidden=(4,))
    view = replace(VIEW, coloring="prediction", lines="none")
    near, far = make_picture(moment, view, (-100.0, 100.0)), make_picture(moment, view, (200.0, 300.0))
    middle = value_lut("dark")[900:1150]
    assert np.isin(near.image, middle).mean() > 0.95
    assert (far.image == value_lut("dark")[0]).all()
    assert near.boundary.shape == (0, 4)


def test_three_values_are_red_green_and_blue():
    layout = Experiment(hidden=()).layout(3)
    flat = np.zeros(layout.length, np.float32)
    flat[-3:] = (1.0, 0.5, 0.0)
    image = make_picture(
        snapshot(3, flat, hidden=(), dataset="plane"), replace(VIEW, coloring="prediction"), (0.0, 1.0)
    ).image
    assert (image == 0xFFFF8000).all()


def test_recolouring_keeps_regions_and_owners():
    moment = snapshot()
    picture = make_picture(moment, VIEW)
    again = make_picture(
        picture.snapshot, replace(VIEW, coloring="area", palette="light", lines="equal"), previous=picture
    )
    assert again.partition is picture.partition
    assert again.region_ids is picture.region_ids
    fresh = make_picture(moment, again.view)
    assert np.array_equal(again.image, fresh.image)


def test_a_new_size_keeps_regions_only():
    moment = snapshot()
    picture = make_picture(moment, VIEW)
    larger = make_picture(moment, replace(VIEW, width=320, height=240), previous=picture)
    assert larger.partition is picture.partition
    assert larger.region_ids.shape == (240, 320)


def test_a_new_snapshot_or_rectangle_keeps_nothing():
    picture = make_picture(snapshot(), VIEW)
    moved = make_picture(picture.snapshot, replace(VIEW, bounds=(0.0, 1.0, 0.0, 1.0)), previous=picture)
    assert moved.partition is not picture.partition
    other = make_picture(snapshot(), VIEW, previous=picture)
    assert other.partition is not picture.partition
    same_weights = replace(picture.snapshot, experiment=picture.snapshot.experiment.edit(activation="abs"))
    assert make_picture(same_weights, VIEW, previous=picture).partition is not picture.partition


def test_weights_that_are_not_finite_are_said_so():
    layout = Experiment(hidden=(10, 10)).layout(1)
    flat = np.full(layout.length, np.nan, np.float32)
    picture = make_picture(snapshot(parameters=flat), VIEW)
    assert "not finite" in picture.message
    assert (picture.image == pixel(PALETTES["dark"].canvas)).all()
    assert (picture.region_ids == -1).all()
    again = make_picture(picture.snapshot, replace(VIEW, palette="light", coloring="prediction"), previous=picture)
    assert (again.image == pixel(PALETTES["light"].canvas)).all()


@pytest.mark.parametrize("coloring", COLORINGS)
def test_more_regions_than_the_budget_are_said_so(coloring):
    view = replace(VIEW, region_budget=60, coloring=coloring, layer=1, unit=0)
    picture = make_picture(snapshot(hidden=(8, 30)), view)
    assert picture.partition.truncated_at == 1
    assert "more regions than the budget" in picture.message
    assert "the first layer" in picture.message
    assert picture.region_ids.min() >= 0
    assert len(np.unique(picture.image)) > 1
    assert len(picture.boundary) == 0


def test_no_hidden_layer_is_one_region():
    picture = make_picture(snapshot(hidden=()), VIEW)
    assert picture.partition.count == 1
    assert (picture.region_ids == 0).all()


def test_a_line_is_as_strong_as_f_bends_there():
    # Layer 1 has two units, |outgoing weight| 1 and 0.01: lines x = 0 and y = 0.
    flat = np.array([1, 0, 0, 1, 0, 0, 1, 0.01, 0.3], np.float32)
    picture = make_picture(snapshot(parameters=flat, hidden=(2,)), VIEW)
    work = plan_lines(picture.partition, VIEW)
    upright = np.abs(work.segments[:, 0] - work.segments[:, 2]) < 1e-9
    strong, weak = work.opacities[upright], work.opacities[~upright]
    assert strong.min() == strong.max() == pytest.approx(0.95)
    assert weak.max() == pytest.approx(0.95 * 0.01**0.5, rel=1e-3)
    equal = plan_lines(picture.partition, replace(VIEW, lines="equal"))
    assert equal.opacities.min() == equal.opacities.max()


def test_lines_of_a_stepping_network_show():
    view = replace(VIEW, lines="bend", boundary=False)
    moment = snapshot(activation="step")
    bare = make_picture(moment, replace(view, lines="none"))
    drawn = make_picture(bare.snapshot, view, previous=bare)
    assert (bare.image != drawn.image).mean() > 0.01
    assert plan_lines(drawn.partition, view).opacities.max() > 0.5


def test_the_selected_unit_lights_up():
    moment = snapshot()
    plain = make_picture(moment, VIEW)
    lit = make_picture(plain.snapshot, replace(VIEW, layer=0, unit=int(plain.partition.edge_units[0])), previous=plain)
    accent = pixel(PALETTES["dark"].accent)
    assert (lit.image == accent).sum() > 20 > (plain.image == accent).sum()


def test_an_untrained_default_experiment_draws():
    experiment = Experiment()
    flat = initial_parameters(experiment, 1)
    picture = make_picture(Snapshot(0, experiment, 1, 0, 0.0, flat, np.zeros((0, len(flat)), np.float32)), View())
    assert picture.partition.count > 30


def test_rows_are_shared_evenly():
    seen = []
    picture_module._in_bands(lambda begin, end: seen.append((begin, end)), 10, 4)
    assert sorted(seen) == [(0, 2), (2, 5), (5, 7), (7, 10)]


@pytest.mark.parametrize("scale", [1e-30, 1e10, 1e30, 1e38])
@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize("activation", ["relu", "step"])
def test_tiny_and_huge_weights_draw(scale, outputs, activation):
    flat = np.random.default_rng(1).normal(0, 1, Experiment(hidden=(6, 6)).layout(outputs).length) * scale
    moment = snapshot(outputs, flat.astype(np.float32), hidden=(6, 6), activation=activation)
    for coloring in COLORINGS:
        picture = make_picture(moment, replace(VIEW, coloring=coloring))
        assert (picture.image >> 24 == 255).all()
        assert picture.message == "" or not picture.partition.finite
    values = make_picture(moment, replace(VIEW, coloring="prediction"), (-1.0, 1.0))
    assert (values.image >> 24 == 255).all()


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_a_whole_layer_is_lit_where_no_unit_is_named(activation):
    """Selecting a layer lights just the pixels near its units' lines; selecting nothing lights none."""
    taken = snapshot(hidden=(5, 4), activation=activation)
    view = View(width=120, height=120, lines="none", boundary=False)
    plain = make_picture(taken, view).image
    lit = [make_picture(taken, replace(view, layer=1, unit=unit)).image != plain for unit in range(4)]
    whole = make_picture(taken, replace(view, layer=1)).image != plain
    assert whole.any()
    assert not (whole & ~np.logical_or.reduce(lit)).any()
    assert whole.sum() < sum(part.sum() for part in lit)
    assert all((whole & part).any() for part in lit if part.any())


def test_wide_networks_may_have_fewer_regions_and_small_ones_all_of_the_budget():
    def network(*hidden):
        sizes = (2, *hidden, 1)
        layers = [(np.ones((b, a)), np.ones(b)) for a, b in pairwise(sizes)]
        return Network.create(layers, [ACTIVATIONS["relu"]] * len(hidden), [0.0] * len(hidden))

    assert affordable(network(64, 64, 64), 250_000) == 250_000
    assert 10_000 < affordable(network(*(256,) * 8), 250_000) < 50_000
    assert affordable(network(*(256,) * 8), 100) == 100
