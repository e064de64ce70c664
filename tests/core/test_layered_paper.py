"""Exact cover of single polygons against fine sampling, and sums over many of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reluviz.core import layered_paper
from reluviz.core.fold import blend, fold, unit_axes
from reluviz.core.fold_picture import draw_fold, paper_colors
from reluviz.core.partition import decompose
from tests.core.networks import random_network
from tests.oracles.folded import place_under, regions_at

SQUARE = (-1.0, 1.0, -1.0, 1.0)
FINE = 32


def pile(polygons, colors, width, height, opacity=1.0):
    """Return image and overlap of polygons (each (n, 2) in pixels) on black."""
    offsets = np.cumsum([0, *(len(polygon) for polygon in polygons)])
    sums = np.zeros((height, width + 2, 2), np.int64)
    layered_paper.pile_up(sums, np.concatenate(polygons), offsets, np.asarray(colors, np.uint32))
    image, overlap = np.full((height, width), 0xFF000000, np.uint32), np.empty((height, width), np.float32)
    layered_paper.resolve_pile(image, overlap, sums, np.array([0.0] + [opacity] * 200, np.float32))
    return image, overlap


def sampled_cover(polygon, width, height):
    """Return the share of FINE x FINE samples of each pixel inside a convex polygon."""
    at = (np.arange(max(width, height) * FINE) + 0.5) / FINE
    x, y = np.meshgrid(at[: width * FINE], at[: height * FINE])
    sides = [
        (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0])
        for a, b in zip(polygon, np.roll(polygon, -1, axis=0), strict=True)
    ]
    inside = np.all([s > 0 for s in sides], axis=0) | np.all([s < 0 for s in sides], axis=0)
    return inside.reshape(height, FINE, width, FINE).mean(axis=(1, 3))


@given(st.lists(st.tuples(st.floats(-6, 18), st.floats(-6, 14)), min_size=3, max_size=3))
def test_a_triangle_covers_each_pixel_by_its_area_there(corners):
    polygon = np.array(corners)
    _, overlap = pile([polygon], [0xFFFFFFFF], 12, 9)
    # 1/256 a row of rounding along each of three edges and the sampling's own error at the border.
    np.testing.assert_allclose(overlap, sampled_cover(polygon, 12, 9), atol=0.075)


def test_either_way_round_is_the_same():
    polygon = np.array([[1.3, 1.1], [7.9, 2.4], [5.2, 7.7], [2.0, 6.0]])
    np.testing.assert_array_equal(
        pile([polygon], [0xFF804020], 10, 10)[1], pile([polygon[::-1]], [0xFF804020], 10, 10)[1]
    )


def test_whole_pixels_are_covered_wholly_and_colours_average():
    square = np.array([[2.0, 1.0], [6.0, 1.0], [6.0, 5.0], [2.0, 5.0]])
    image, overlap = pile([square, square + np.array([2, 0])], [0xFF00FF10, 0xFFFF0030], 10, 6)
    expected = np.zeros((6, 10))
    expected[1:5, 2:4], expected[1:5, 4:6], expected[1:5, 6:8] = 1, 2, 1
    np.testing.assert_array_equal(overlap, expected)
    assert (image[2, 2], image[2, 7], image[2, 9]) == (0xFF00FF10, 0xFFFF0030, 0xFF000000)
    assert image[2, 4] == 0xFF808020


def test_polygons_that_reach_far_outside_are_cut_at_the_border():
    huge = np.array([[-1e7, -1e7], [1e7, -1e7], [1e7, 1e7], [-1e7, 1e7]])
    np.testing.assert_array_equal(pile([huge], [0xFF112233], 7, 5)[1], np.ones((5, 7)))
    beside = np.array([[20.0, 1.0], [30.0, 1.0], [30.0, 4.0], [20.0, 4.0]])
    for shift in ([0, 0], [-60, 0], [0, 50], [0, -50]):
        assert not pile([beside + shift], [0xFF112233], 7, 5)[1].any()


def test_polygons_without_area_leave_nothing():
    point, line = np.full((4, 2), 3.3), np.array([[1.0, 1.0], [5.0, 5.0], [1.0, 1.0]])
    image, overlap = pile([point, line], [0xFFFFFFFF] * 2, 7, 7)
    assert not overlap.any()
    assert (image == 0xFF000000).all()


def test_thousands_of_layers_do_not_overflow():
    square = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0]])
    image, overlap = pile([square] * 20_000, [0xFFFEFDFC] * 20_000, 4, 4)
    assert (overlap == 20_000).all()
    assert (image == 0xFFFEFDFC).all()


def test_an_unfolded_plane_is_one_layer_without_seams():
    partition = decompose(random_network("relu", "relu", width=14, seed=3), SQUARE)
    colors = np.full(partition.count, 0xFF406080, np.uint32)
    picture = draw_fold(fold(partition, 0, np.eye(2)), colors, 300, 260, lines=0)
    exact = picture.to_pixels(np.array([[-1.0, 1.0], [1.0, -1.0]]))
    corner, opposite = exact.round().astype(int)
    inside = picture.overlap[corner[1] + 1 : opposite[1] - 1, corner[0] + 1 : opposite[0] - 1]
    assert partition.count > 100
    assert np.abs(inside - 1).max() < 0.06
    assert picture.overlap.sum() == pytest.approx((exact[1] - exact[0]).prod(), rel=5e-4)


def test_a_folded_plane_is_as_deep_as_regions_lie_there():
    network = random_network("abs", "abs", width=3, seed=1)
    partition = decompose(network, SQUARE)
    folded = fold(partition, 2, unit_axes(network, 2, 0, 1))
    colors = np.arange(partition.count, dtype=np.uint32) | np.uint32(0xFF000000)
    picture = draw_fold(folded, colors, 240, 200, lines=0)
    checked = 0
    for column, row in np.random.default_rng(0).integers(4, 196, (400, 2)):
        # Where the neighbouring pixels have one depth no edge passes, so that the middle tells it.
        around = picture.overlap[row - 1 : row + 2, column - 1 : column + 2]
        if around.max() - around.min() < 1e-3:
            assert len(regions_at(folded, place_under(picture, column + 0.5, row + 0.5))) == round(float(around[1, 1]))
            checked += around[1, 1] > 1.5
    assert checked > 5


def test_lines_show_on_top_and_a_step_between_layers_can_be_drawn():
    network = random_network("relu", "relu", width=6, seed=2)
    partition = decompose(network, SQUARE)
    one, two = (fold(partition, layer, unit_axes(network, layer, 0, 1)) for layer in (1, 2))
    colors = np.full(partition.count, 0xFF406080, np.uint32)
    for palette in ("dark", "light"):
        bare, lined = (draw_fold(blend(one, two, 0.4), colors, 200, 150, palette=palette, lines=v) for v in (0.0, 1.0))
        np.testing.assert_array_equal(bare.overlap, lined.overlap)
        assert 100 < np.count_nonzero(bare.image != lined.image) < 0.7 * bare.image.size


def test_the_back_of_the_paper_is_greyer():
    front, back = paper_colors(np.array([0xFF5080C0] * 2, np.uint32), np.array([False, True]), True).tolist()
    spread = [max(c) - min(c) for c in ([v >> 16 & 255, v >> 8 & 255, v & 255] for v in (front, back))]
    assert spread[1] < 0.8 * spread[0]
