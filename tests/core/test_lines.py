"""Lines leave the ink that their length and width call for."""

import itertools

import numpy as np
import pytest

from reluviz.core import lines

BLACK, WHITE = np.uint32(0xFF000000), 0xFFFFFFFF


def stroke(segments, width=1.4, alpha=1.0, size=(120, 100), colors=(WHITE,), layers=None):
    image = np.full(size[::-1], BLACK, np.uint32)
    segments = np.array(segments, float)
    layers = np.zeros(len(segments), np.int32) if layers is None else np.array(layers, np.int32)
    alphas = np.full(len(segments), alpha, np.float32)
    widths = np.full(len(colors), width, np.float32)
    lines.stroke(image, segments, layers, alphas, np.array(colors, np.uint32), widths, 0, size[1])
    return image


def ink(image):
    """The sum of coverage, in pixels."""
    return float((image & 255).sum()) / 255


@pytest.mark.parametrize("degrees", [0, 7, 30, 45, 60, 83, 90, 135, 200, 271])
@pytest.mark.parametrize("width", [0.7, 1.3, 3.0])
def test_coverage_sums_to_length_times_width(degrees, width):
    direction = np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
    middle, half = np.array([60.3, 50.7]), 40.0
    image = stroke([[*(middle - half * direction), *(middle + half * direction)]], width)
    # A line begins and ends between two columns of middles: up to a column is missed or gained at either end.
    assert ink(image) == pytest.approx(80 * width, abs=1.5 * width + 0.02 * 80)


def test_coverage_of_an_unbiased_many():
    random = np.random.default_rng(0)
    a = random.uniform(20, 80, (400, 2))
    b = a + random.normal(0, 6, a.shape)
    total = sum(ink(stroke([[*p, *q]], 1.3)) for p, q in zip(a, b, strict=True))
    assert total == pytest.approx(1.3 * np.hypot(*(b - a).T).sum(), rel=0.02)


def test_pieces_of_one_line_join_without_a_dot():
    start, end = np.array([7.2, 11.9]), np.array([101.4, 63.3])
    whole = stroke([[*start, *end]], alpha=0.5)
    cuts = [start + t * (end - start) for t in (0, 0.11, 0.12, 0.39, 0.77, 1)]
    pieces = stroke([[*a, *b] for a, b in itertools.pairwise(cuts)], alpha=0.5)
    assert np.array_equal(whole, pieces)
    assert np.array_equal(whole, stroke([[*end, *start]], alpha=0.5))


def test_first_layer_lies_on_top():
    image = stroke([[10, 50, 110, 50], [60, 10, 60, 90]], 3.0, colors=(0xFFFF0000, 0xFF0000FF), layers=[0, 1])
    assert hex(image[49, 60]) == "0xffff0000"
    assert hex(image[20, 60]) == "0xff0000ff"


def test_lines_beyond_the_picture_stay_outside():
    image = stroke([[-50, -20, 170, 130], [-10, -10, -5, 200], [0, 100, 120, 100], [60, -40, 60, -1]])
    assert image.shape == (100, 120)
    assert (image[:, :2] == BLACK).sum() > 150


def test_a_point_and_a_zero_line_draw_nothing():
    assert ink(stroke([[5.5, 5.5, 5.5, 5.5]])) == 0


def test_bands_draw_what_the_whole_draws():
    random = np.random.default_rng(1)
    segments = random.uniform(-10, 120, (60, 4))
    layers, alphas = random.integers(0, 3, 60).astype(np.int32), random.random(60).astype(np.float32)
    colors, widths = np.array([1, 0xFF00FF, 0xFFFF], np.uint32), np.array([2, 1, 1], np.float32)
    whole, bands = np.full((90, 110), BLACK), np.full((90, 110), BLACK)
    lines.stroke(whole, segments, layers, alphas, colors, widths, 0, 90)
    for begin, end in ((0, 31), (31, 60), (60, 90)):
        lines.stroke(bands, segments, layers, alphas, colors, widths, begin, end)
    assert np.array_equal(whole, bands)


def test_ink_is_length_per_area_and_counts_earlier_layers():
    segments = np.array([[8.0, 40.0, 152.0, 40.0], [40.0, 8.0, 40.0, 152.0]])
    ink_map = lines.measure_ink(segments, np.array([0, 1], np.int32), np.array([1, 0.5], np.float32), 2, 160, 160)
    assert ink_map.shape == (2, 10, 10)
    # Inner tiles are weighed alike in the smoothing; those at the border count more, which lines here avoid evenly.
    assert ink_map[0].sum() * lines.TILE**2 == pytest.approx(144, rel=0.1)
    assert (ink_map[1] - ink_map[0]).sum() * lines.TILE**2 == pytest.approx(72, rel=0.1)


def test_crowded_lines_fade_to_the_limit_and_lonely_ones_do_not():
    crowd = [[x, 10.0, x, 150.0] for x in np.arange(16, 80, 0.5)]
    segments = np.array([*crowd, [140.0, 10.0, 140.0, 150.0]])
    layers, full = np.zeros(len(segments), np.int32), np.ones(len(segments), np.float32)
    ink_map = lines.measure_ink(segments, layers, full, 1, 160, 160)
    faded = lines.thin_out(segments, layers, full, ink_map, np.array([0.2], np.float32))
    assert faded[-1] == 1.0
    # Two lines a pixel where a fifth is allowed: a tenth of the strength, in the crowd's middle.
    assert faded[60] == pytest.approx(0.1, rel=0.05)


def test_distance_to_a_segment():
    segments = np.array([[20.0, 30.0, 60.0, 50.0], [60.0, 50.0, 60.0, 80.0], [5.5, 5.5, 5.5, 5.5]])
    distances = np.full((90, 80), lines.NONE, np.uint8)
    reach = 5.0
    lines.mark_distance(distances, segments, reach, 0, 90)
    rows, columns = np.mgrid[:90, :80] + 0.5
    expected = np.full(distances.shape, np.inf)
    for x0, y0, x1, y1 in segments:
        square = (x1 - x0) ** 2 + (y1 - y0) ** 2
        t = np.clip(((columns - x0) * (x1 - x0) + (rows - y0) * (y1 - y0)) / max(square, 1e-300), 0, 1)
        expected = np.minimum(expected, np.hypot(columns - x0 - t * (x1 - x0), rows - y0 - t * (y1 - y0)))
    near = expected < reach
    assert np.abs(distances[near] * reach / 250 - expected[near]).max() < reach / 250 + 1e-9
    assert (distances[~near] >= 250).all()


def test_a_bold_line_has_its_width_and_a_halo():
    distances = np.full((40, 60), lines.NONE, np.uint8)
    lines.mark_distance(distances, np.array([[-10.0, 20.0, 70.0, 20.0]]), 6.0, 0, 40)
    image = np.full((40, 60), 0xFF808080, np.uint32)
    lines.paint_distance(image, distances, 0, WHITE, lines.shares(6.0, 5.0, 0.5), lines.shares(6.0, 2.0, 1.0), 0, 40)
    column = (image[:, 30] & 255).astype(int)
    assert (column > 250).sum() == 4
    assert (column == 0x40).sum() == 6
    assert (column == 0x80).sum() == 30
