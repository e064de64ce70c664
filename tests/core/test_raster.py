"""Every pixel centre belongs to the region that contains it, in every view."""

import itertools

import numpy as np
import pytest

from reluviz.core import raster
from reluviz.core.activations import ACTIVATIONS
from reluviz.core.network import Network
from reluviz.core.partition import decompose


def random_network(hidden, seed, activation="relu", outputs=1, scale=1.0):
    random = np.random.default_rng(seed)
    sizes = (2, *hidden, outputs)
    layers = [
        (random.normal(0, np.sqrt(2 / a), (b, a)), random.normal(0, 0.5 * scale, b))
        for a, b in itertools.pairwise(sizes)
    ]
    row = ACTIVATIONS[activation]
    return Network.create(layers, [row] * len(hidden), [row.default] * len(hidden))


def draw(vertices, offsets, bounds, width, height, bands=1):
    ids = np.full((height, width), -7, np.int32)
    cuts = [height * i // bands for i in range(bands + 1)]
    for begin, end in itertools.pairwise(cuts):
        raster.fill_ids(ids, vertices, offsets, bounds, begin, end)
    return ids


def outside_by(ids, vertices, offsets, bounds):
    """How far, in pixels, each pixel's centre lies outside the ring it was given to (H, W); independent arithmetic."""
    height, width = ids.shape
    xmin, xmax, ymin, ymax = bounds
    rows, columns = np.mgrid[:height, :width] + 0.5
    worst = np.full(ids.shape, -np.inf)
    for region in np.unique(ids):
        ring = vertices[offsets[region] : offsets[region + 1]]
        ring = np.stack([(ring[:, 0] - xmin) / (xmax - xmin) * width, (ymax - ring[:, 1]) / (ymax - ymin) * height], 1)
        here = ids == region
        point = np.stack([columns[here], rows[here]], axis=1)
        away = np.full(len(point), -np.inf)
        for a, b in zip(ring, np.roll(ring, -1, axis=0), strict=True):
            length = np.hypot(*(b - a))
            if length > 1e-9:  # Counter-clockwise in the plane, so with y down the inside has a negative cross product.
                d = (b - a) / length
                away = np.maximum(away, d[0] * (point[:, 1] - a[1]) - d[1] * (point[:, 0] - a[0]))
        worst[here] = away
    return worst


@pytest.mark.parametrize(
    ("hidden", "seed", "size"),
    [((7,), 0, (61, 47)), ((12, 12), 1, (120, 90)), ((16, 16, 16), 2, (97, 131)), ((40, 40), 3, (64, 64))],
)
def test_each_pixel_lies_in_its_region(hidden, seed, size):
    bounds = (-1.3, 1.1, -0.9, 1.2)
    partition = decompose(random_network(hidden, seed), bounds)
    ids = draw(partition.vertices, partition.offsets, bounds, *size)
    assert ids.min() >= 0
    assert ids.max() < partition.count
    assert outside_by(ids, partition.vertices, partition.offsets, bounds).max() < 1e-9


def test_each_pixel_agrees_with_the_network():
    bounds, width, height = (-1.0, 1.0, -1.0, 1.0), 83, 71
    network = random_network((20, 20), 5)
    partition = decompose(network, bounds)
    ids = draw(partition.vertices, partition.offsets, bounds, width, height)
    x = bounds[0] + (np.arange(width) + 0.5) * (bounds[1] - bounds[0]) / width
    y = bounds[3] - (np.arange(height) + 0.5) * (bounds[3] - bounds[2]) / height
    points = np.stack(np.broadcast_arrays(x[None], y[:, None]), -1).reshape(-1, 2)
    assert np.array_equal(partition.patterns[ids.ravel()], network.pattern(points))


@pytest.mark.parametrize("bias", [0.0, 1e-9])
def test_lines_through_pixel_centres_leave_no_gap(bias):
    # y = x, y = -x, x = 0 and y = 0 run through the centres of an odd, square picture.
    weights = np.array([[1.0, -1.0], [1.0, 1.0], [1.0, 0.0], [0.0, 1.0], [2.0, 1.0]])
    network = Network.create(
        [(weights, np.full(5, bias)), (np.ones((1, 5)), np.zeros(1))], [ACTIVATIONS["relu"]], [0.0]
    )
    bounds = (-1.0, 1.0, -1.0, 1.0)
    partition = decompose(network, bounds)
    ids = draw(partition.vertices, partition.offsets, bounds, 101, 101)
    assert outside_by(ids, partition.vertices, partition.offsets, bounds).max() < 1e-9


def test_thin_strips_and_corners_on_sides():
    # Strips of width 1e-7 between wide ones, and a corner (T) on the long side of its neighbour.
    edges = [0.0, 0.3, 0.3 + 1e-7, 0.6, 0.6 + 1e-7, 1.0]
    rings = [[(a, 0.5), (b, 0.5), (b, 1.0), (a, 1.0)] for a, b in itertools.pairwise(edges)]
    rings.append([(0.0, 0.0), (1.0, 0.0), (1.0, 0.5), (0.0, 0.5)])
    vertices = np.array([corner for ring in rings for corner in ring])
    offsets = np.cumsum([0, *(len(ring) for ring in rings)])
    for size in ((1, 1), (2, 3), (10, 7), (33, 51), (1001, 5)):
        ids = draw(vertices, offsets, (0.0, 1.0, 0.0, 1.0), *size)
        assert ids.min() >= 0
        assert outside_by(ids, vertices, offsets, (0.0, 1.0, 0.0, 1.0)).max() < 1e-9


def test_level_line_at_a_row_of_centres_that_rounding_leaves_to_nobody():
    # The upper ring ends a little above the centres of row 1, the lower one begins a little below.
    gap = 1e-13
    vertices = np.array(
        [(0, 0.5 + gap), (1, 0.5 + gap), (1, 1), (0, 1), (0, 0), (1, 0), (1, 0.5 - gap), (0, 0.5 - gap)], float
    )
    ids = draw(vertices, np.array([0, 4, 8]), (0.0, 1.0, 0.0, 1.0), 6, 3)
    assert ids.tolist() == [[0] * 6, [0] * 6, [1] * 6]


def test_gaps_at_the_first_row_and_column_are_closed():
    ids = np.array([[-1, -1, -1, -1], [-1, 2, 2, -1], [1, -1, 1, 1]], np.int32)
    raster.close_gaps(ids, 0, 3)
    assert ids.tolist() == [[2, 2, 2, 2], [2, 2, 2, 2], [1, 1, 1, 1]]


@pytest.mark.parametrize("zoom", [1e-3, 1e-6, 1e-9])
def test_deep_zoom(zoom):
    bounds = (0.21, 0.21 + zoom, -0.33, -0.33 + zoom)
    partition = decompose(random_network((30, 30), 4), bounds)
    ids = draw(partition.vertices, partition.offsets, bounds, 40, 40)
    # Pixel coordinates carry the rounding of the plane's, 1e-16 / zoom of the width.
    assert outside_by(ids, partition.vertices, partition.offsets, bounds).max() < 1e-9 + 40e-15 / zoom


def test_bands_draw_what_the_whole_draws():
    bounds = (-1.0, 1.0, -1.0, 1.0)
    partition = decompose(random_network((16, 16), 6), bounds)
    whole = draw(partition.vertices, partition.offsets, bounds, 90, 77)
    assert np.array_equal(whole, draw(partition.vertices, partition.offsets, bounds, 90, 77, bands=3))


def test_one_pixel():
    partition = decompose(random_network((16, 16), 7), (-1.0, 1.0, -1.0, 1.0))
    ids = draw(partition.vertices, partition.offsets, (-1.0, 1.0, -1.0, 1.0), 1, 1)
    assert np.array_equal(partition.patterns[ids[0, 0]], partition.network.pattern(np.zeros((1, 2)))[0])


def test_affine_maps_reach_the_plane():
    bounds, width, height = (-2.0, 3.0, -1.0, 4.0), 50, 20
    gradients, intercepts = np.array([[1.5, -0.5], [0.0, 2.0]]), np.array([0.25, -1.0])
    maps = raster.affine_in_pixels(gradients, intercepts, bounds, width, height)
    sx, ox, sy, oy = raster.to_pixels(bounds, width, height)
    point = np.array([0.7, 1.9])
    column, row = sx * point[0] + ox, sy * point[1] + oy
    assert np.allclose(maps @ [column, row, 1.0], gradients @ point + intercepts, atol=1e-12)
    assert (sx * bounds[1] + ox, sy * bounds[2] + oy) == pytest.approx((width, height))


def test_scalar_shading_runs_over_the_table_and_holds_at_its_ends():
    ids = np.zeros((1, 8), np.int32)
    image = np.zeros((1, 8), np.uint32)
    lut = np.arange(100, 105, dtype=np.uint32)
    # Values at the centres: -1, -0.5, 0, ... 2.5 of the table.
    raster.paint_scalar(image, ids, np.array([[0.5, 0.0, -1.25]], np.float32), lut, 0, 1)
    assert image.tolist() == [[100, 100, 100, 102, 104, 104, 104, 104]]


def test_classes_take_the_largest_and_its_lead():
    maps = np.array([[[0, 0, 0.2], [0.5, 0, -0.25], [0, 0, -3]]], np.float32)
    luts = np.arange(3 * 11, dtype=np.uint32).reshape(3, 11)
    image = np.zeros((1, 4), np.uint32)
    raster.paint_classes(image, np.zeros((1, 4), np.int32), maps, luts, 0, 1)
    # Class 1 is 0, 0.5, 1, 1.5: leads of 0.2, 0.3, 0.8 and 1 (1.3 held).
    assert image.tolist() == [[2, 11 + 3, 11 + 8, 11 + 10]]


def test_rgb_shading_packs_and_clips():
    maps = np.array([[[0, 0, 0.5], [0, 0, 2.0], [0, 0, -1.0]]], np.float32)
    image = np.zeros((1, 1), np.uint32)
    raster.paint_rgb(image, np.zeros((1, 1), np.int32), maps, 0, 1)
    assert hex(image[0, 0]) == "0xff80ff00"
