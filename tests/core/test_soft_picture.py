"""Pictures of networks with smooth layers: what they show is true, and they say which picture they are."""

from dataclasses import replace

import numpy as np
import pytest

from reluviz.core.coloring import COLORINGS
from reluviz.core.errors import InputError
from reluviz.core.experiment import Experiment
from reluviz.core.field import Field, trace_field
from reluviz.core.partition import decompose
from reluviz.core.picture import make_picture
from reluviz.core.response import respond
from reluviz.core.snapshot import Snapshot
from reluviz.core.soft_view import MOST_OFF, see_melted, see_soft, soft_boundary
from reluviz.core.view import View
from tests.core.networks import random_network

VIEW = View((-1.0, 1.2, -0.8, 0.7), 220, 150)


def snapshot_of(*names: str, outputs: int = 1, gain: float = 2.0, dataset: str = "spiral", **more: object) -> Snapshot:
    network = random_network(*names, outputs=outputs, gain=gain)
    experiment = Experiment(dataset=dataset, hidden=network.hidden, activation=names, **more)
    flat = network.flat().astype(np.float32)
    return Snapshot(0, experiment, outputs, 0, 0.0, flat, np.zeros((0, len(flat)), np.float32))


def at(view: View, pixels: np.ndarray) -> np.ndarray:
    xmin, xmax, ymin, ymax = view.bounds
    return np.array([xmin, ymax]) + pixels * [(xmax - xmin) / view.width, (ymin - ymax) / view.height]


@pytest.mark.parametrize("names", [("tanh", "tanh"), ("relu", "tanh", "relu"), ("silu", "hardtanh"), ("sin", "gelu")])
def test_every_line_lies_on_its_units_level(names: tuple[str, ...]) -> None:
    network = random_network(*names)
    seen = see_soft(network, VIEW)
    assert set(seen.layers.tolist()) == set(range(len(names)))
    pixel = np.array([2.2 / 220, 1.5 / 150])
    for layer in range(len(names)):
        chosen = seen.layers == layer
        middles = seen.segments[chosen].reshape(-1, 2, 2).mean(axis=1)
        points, units = at(VIEW, middles), seen.units[chosen]
        every = np.arange(len(points))
        z = network.preactivations(points)[layer][every, units]
        shifts = [network.preactivations(points + d)[layer][every, units] for d in np.diag([1e-6, 1e-6])]
        slope = np.hypot(*[(shift - z) / 1e-6 * p for shift, p in zip(shifts, pixel, strict=True)])
        curve = network.curves[layer]
        levels = np.array(respond(curve).levels if layer != 0 or names[0] != "relu" else (0.0,))
        off = np.abs(z[:, None] - levels).min(axis=1) / slope
        exact = layer <= (network.first_smooth or 0)
        assert np.quantile(off, 0.98) < (1e-5 if exact else 0.3)
        assert off.max() < (1e-3 if exact else 1.5)


def test_layers_up_to_the_first_smooth_one_keep_the_exact_edges() -> None:
    network = random_network("relu", "leaky_relu", "tanh", "relu")
    seen = see_soft(network, VIEW)
    plain = random_network("relu", "leaky_relu", "relu", "relu")
    exact = decompose(plain, VIEW.bounds)
    for layer in (0, 1):
        edges = exact.edges[exact.edge_layers == layer].reshape(-1, 2)
        mine = at(VIEW, seen.segments[seen.layers == layer].reshape(-1, 2))
        np.testing.assert_allclose(np.sort(mine, axis=0), np.sort(edges, axis=0), atol=1e-12)


@pytest.mark.parametrize("outputs", [1, 2, 4])
def test_the_boundary_is_where_the_class_changes(outputs: int) -> None:
    network = random_network("tanh", "mish", outputs=outputs, seed=2)
    field = trace_field(network, VIEW.bounds, VIEW.width, VIEW.height, [(), ()], step=2)
    segments = soft_boundary(field)
    middles = segments.reshape(-1, 2, 2).mean(axis=1)
    f = network.forward(middles)
    scores = np.column_stack([np.zeros(len(f)), f]) if outputs == 1 else f
    ranked = np.sort(scores, axis=1)
    assert np.quantile(ranked[:, -1] - ranked[:, -2], 0.95) < 5e-3
    # And nowhere else: neighbouring pixels of different classes have a segment near.
    classes = grid_classes(field, outputs)
    i, j = np.nonzero(classes[:, 1:] != classes[:, :-1])
    changes = at(VIEW, np.column_stack([(j + 0.5) * 2, i * 2.0]))
    inside = (changes[:, 0] < VIEW.bounds[1]) & (changes[:, 1] > VIEW.bounds[2])
    gap = np.sqrt(((changes[inside][:, None] - middles[None]) ** 2).sum(-1)).min(axis=1)
    assert gap.max() < 3 * 0.01


def grid_classes(field: Field, outputs: int) -> np.ndarray:
    return (field.outputs[0] > 0).astype(int) if outputs == 1 else field.outputs.argmax(axis=0)


@pytest.mark.parametrize("outputs", [1, 2, 3])
@pytest.mark.parametrize("dataset", ["spiral", "ripple"])
def test_a_melted_picture_at_high_eta_is_the_exact_picture(dataset: str, outputs: int) -> None:
    snapshot = snapshot_of("relu", "leaky_relu", outputs=outputs, dataset=dataset)
    for coloring, share in (("prediction", 0.99), ("pattern", 0.95)):
        view = replace(VIEW, width=660, height=450, coloring=coloring, lines="none", boundary=False)
        hard = make_picture(snapshot, view, (-1.0, 1.0) if dataset == "ripple" else None)
        soft = make_picture(
            snapshot, replace(view, smooth="melt", eta=1e5), (-1.0, 1.0) if dataset == "ripple" else None
        )
        one, two = (np.stack([p.image >> shift & 255 for shift in (0, 8, 16)]).astype(int) for p in (hard, soft))
        # All but the pixels beside an edge, between whose sides the grid interpolates.
        assert (np.abs(one - two).max(axis=0) <= 2).mean() > share


def test_lines_of_a_melted_network_fade_with_eta() -> None:
    network = random_network("relu", "relu")
    strengths = [see_melted(network, replace(VIEW, eta=eta)).strengths.sum() for eta in (0.5, 5.0, 500.0)]
    assert strengths[0] < 0.3 * strengths[1] < 0.3 * strengths[2]
    crisp = see_melted(network, replace(VIEW, eta=1e5))
    exact = decompose(network, VIEW.bounds)
    assert np.quantile(crisp.strengths, 0.05) > 0.99
    lengths = [np.hypot(*(s[:, 2:] - s[:, :2]).T).sum() for s in (at_segments(crisp.segments), exact.edges)]
    assert lengths[0] == pytest.approx(lengths[1], rel=0.02)


def at_segments(segments: np.ndarray) -> np.ndarray:
    return at(VIEW, segments.reshape(-1, 2)).reshape(-1, 4)


@pytest.mark.parametrize("coloring", list(COLORINGS))
@pytest.mark.parametrize("smooth", ["soft", "epsilon", "melt"])
def test_every_coloring_of_every_smooth_picture_is_drawn(smooth: str, coloring: str) -> None:
    picture = make_picture(
        snapshot_of("tanh", "relu", outputs=2), replace(VIEW, smooth=smooth, coloring=coloring, layer=1, unit=2)
    )
    assert picture.image.shape == (150, 220)
    assert (picture.image >> 24 == 255).all()
    assert len(np.unique(picture.image)) > 8
    assert picture.message == ""
    threaded = make_picture(picture.snapshot, picture.view, workers=2)
    if smooth != "epsilon":
        np.testing.assert_array_equal(picture.region_ids, np.full((150, 220), -1))
        assert picture.partition.count == 0
    np.testing.assert_array_equal(picture.image, threaded.image)


def test_each_picture_says_which_it_is() -> None:
    hard, soft = snapshot_of("relu", "relu"), snapshot_of("tanh", "tanh")
    assert make_picture(hard, VIEW).statement.startswith("Exact")
    assert make_picture(hard, replace(VIEW, smooth="epsilon")).statement.startswith("Exact")
    assert "every 2 px" in make_picture(soft, VIEW).statement
    assert "eta = 3" in make_picture(hard, replace(VIEW, smooth="melt", eta=3.0)).statement
    shown = make_picture(soft, replace(VIEW, smooth="epsilon", epsilon=0.1))
    assert f"{shown.partition.count:,} exact regions" in shown.statement
    assert "within 0.1 of" in shown.statement
    assert "9,409 points" in shown.statement
    cut = make_picture(soft, replace(VIEW, smooth="epsilon", epsilon=0.001, region_budget=500))
    assert "0.001 would be over the budget" in cut.statement
    assert cut.partition.count <= 500
    recolored = make_picture(soft, replace(shown.view, coloring="area"), previous=shown)
    assert recolored.partition is shown.partition
    assert recolored.statement == shown.statement
    finer = make_picture(soft, replace(shown.view, epsilon=0.05), previous=shown)
    assert finer.partition.count > shown.partition.count
    assert "no regions" in make_picture(soft, replace(VIEW, coloring="area")).statement


def test_narrow_bends_are_traced_again_on_a_finer_grid() -> None:
    gentle, narrow = random_network("tanh", "tanh"), random_network("tanh", "tanh", "tanh", gain=100.0)
    assert see_soft(gentle, VIEW).field.step == 2
    seen = see_soft(narrow, VIEW)
    assert seen.field.step == 1
    assert "at every pixel" in seen.statement
    assert MOST_OFF < 1.5


def test_weights_that_are_not_finite_and_unknown_pictures() -> None:
    with pytest.raises(InputError, match="smooth: 'hard' is unknown; allowed are soft, epsilon, melt"):
        make_picture(snapshot_of("tanh"), replace(VIEW, smooth="hard"))
    with pytest.raises(InputError, match="eta"):
        make_picture(snapshot_of("relu"), replace(VIEW, smooth="melt", eta=0.0))
    with pytest.raises(InputError, match="epsilon"):
        make_picture(snapshot_of("tanh"), replace(VIEW, smooth="epsilon", epsilon=-1.0))
    broken = snapshot_of("tanh")
    broken.parameters[3] = np.nan
    for smooth in ("soft", "epsilon", "melt"):
        picture = make_picture(broken, replace(VIEW, smooth=smooth))
        assert picture.partition.count == 0
        assert "not finite" in picture.message
