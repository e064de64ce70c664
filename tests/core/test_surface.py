"""The drawn surface against rays cast one by one, and against the flat picture from straight above."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reluviz.core import facets, raster
from reluviz.core.camera import Camera, build_stage
from reluviz.core.errors import InputError
from reluviz.core.partition import decompose
from reluviz.core.surface import Pins, Style, draw_surface, natural_span, output_field, unit_field
from tests.core.networks import random_network

SQUARE = (-1.0, 1.0, -1.0, 1.0)
BARE = Style(level=None, block=False, lines=0.0)


def some_field(seed=3, width=10, names=("relu", "relu")):
    return output_field(decompose(random_network(*names, width=width, seed=seed), SQUARE))


def grey(shape):
    return np.full(shape.partition.count, 0xFF606060, np.uint32)


def test_field_values_are_the_networks():
    network = random_network("relu", "hardtanh", outputs=2, seed=5)
    partition = decompose(network, SQUARE)
    points = np.random.default_rng(0).uniform(-1, 1, (50, 2))
    np.testing.assert_allclose(output_field(partition, 1).value(points), network.forward(points)[:, 1], atol=1e-12)
    hidden = network.curves[1].value(network.preactivations(points)[1])[:, 4]
    np.testing.assert_allclose(unit_field(partition, 1, 4).value(points), hidden, atol=1e-12)
    assert np.isnan(output_field(partition).value(np.array([[2.0, 0.0]]))).all()
    shape = output_field(partition)
    assert shape.low <= network.forward(points)[:, 0].min() <= network.forward(points)[:, 0].max() <= shape.high
    low, high = natural_span(shape)
    assert shape.low <= low < high <= shape.high


def cast_ray(shape, stage, column, row):
    """Return the region seen at a place of the screen: the nearest point of any facet on the ray through it."""
    p = stage.perspective
    u, v = (column - stage.middle[0]) / stage.size, (stage.middle[1] - row) / stage.size
    # Points of the ray have (u, v, t) = (U (1 - p t), V (1 - p t), t): origin + t * direction in the world.
    origin = np.array([u, v, 0.0]) @ stage.axes
    direction = np.array([-p * u, -p * v, 1.0]) @ stage.axes
    maps = shape.maps
    k = stage.rise / stage.scale
    slope_x, slope_y = maps[:, 0] * k, maps[:, 1] * k
    at_center = (maps[:, 0] * stage.center[0] + maps[:, 1] * stage.center[1] + maps[:, 2]) * stage.rise + stage.lift
    rate = direction[2] - slope_x * direction[0] - slope_y * direction[1]
    t = (at_center + slope_x * origin[0] + slope_y * origin[1] - origin[2]) / rate
    hits = origin + t[:, None] * direction
    plane = hits[:, :2] / stage.scale + np.array(stage.center)
    partition, best, nearest = shape.partition, -1, -np.inf
    clear = np.inf
    for region in range(partition.count):
        ring = partition.vertices[partition.offsets[region] : partition.offsets[region + 1]]
        along = np.roll(ring, -1, axis=0) - ring
        away = along[:, 0] * (plane[region, 1] - ring[:, 1]) - along[:, 1] * (plane[region, 0] - ring[:, 0])
        depth = float((away / np.hypot(along[:, 0], along[:, 1])).min())
        clear = min(clear, abs(depth))
        if depth > 0 and t[region] > nearest:
            best, nearest = region, t[region]
    return best, nearest, clear


@pytest.mark.parametrize("camera", [Camera(), Camera(40, 12, 1.4, 0.0), Camera(170, -35, 0.8, 0.25), Camera(0, 80)])
def test_each_pixel_shows_the_facet_that_a_ray_meets_first(camera):
    shape = some_field()
    width, height = 220, 180
    surface = draw_surface(shape, grey(shape), camera, width, height, style=BARE)
    assert surface.region_ids.shape == surface.image.shape == (height, width)
    checked = hits = 0
    for column, row in np.random.default_rng(1).integers(0, (width, height), (250, 2)):
        # The picked region is that of the pixel's first sample.
        region, _, clear = cast_ray(shape, surface.stage, column + 0.25, row + 0.25)
        if clear > 1e-6:
            assert surface.region_ids[row, column] == region
            checked += 1
            hits += region >= 0
    assert checked > 200
    assert hits > 15


def test_from_straight_above_it_is_the_flat_picture():
    shape = some_field(width=14)
    surface = draw_surface(shape, grey(shape), Camera(-90, 90, 1.0, 0.0), 400, 400, style=BARE)
    ids = np.empty((1600, 1600), np.int32)
    raster.fill_ids(ids, shape.partition.vertices, shape.partition.offsets, SQUARE, 0, 1600)
    rows, columns = np.nonzero(surface.region_ids >= 0)
    stage = surface.stage
    x = (columns + 0.25 - stage.middle[0]) / stage.size / stage.scale
    y = (stage.middle[1] - rows - 0.25) / stage.size / stage.scale
    flat = ids[np.clip((1 - y) * 800, 0, 1599).astype(int), np.clip((x + 1) * 800, 0, 1599).astype(int)]
    assert len(rows) == pytest.approx((2 * stage.size) ** 2, rel=0.01)
    assert np.mean(flat == surface.region_ids[rows, columns]) > 0.985


@given(st.floats(-180, 180), st.floats(-90, 90), st.floats(0, 0.3), st.integers(0, 50))
def test_points_project_as_facets_do_and_depth_is_affine_on_them(azimuth, elevation, perspective, seed):
    generator = np.random.default_rng(seed)
    stage = build_stage(Camera(azimuth, elevation, 1.0, perspective), (-2.0, 1.0, 0.0, 2.0), -3.0, 5.0, 300, 200)
    vertices, maps = generator.uniform(-2, 2, (9, 2)), generator.normal(size=(2, 3))
    offsets = np.array([0, 4, 9])
    screen = facets.project_rings(vertices, offsets, maps, stage.as_array())
    values = np.concatenate([vertices[a:b] @ m[:2] + m[2] for a, b, m in zip(offsets, offsets[1:], maps, strict=False)])
    np.testing.assert_allclose(screen, stage.project(vertices, values), rtol=1e-9, atol=1e-9)
    planes = facets.depth_planes(maps, stage.as_array())
    for region, (begin, end) in enumerate(((0, 4), (4, 9))):
        a, b, c, facing = planes[region]
        if abs(facing) > 1e-3:
            depth = a * screen[begin:end, 0] + b * screen[begin:end, 1] + c
            np.testing.assert_allclose(depth, screen[begin:end, 2], atol=1e-8)


def test_the_level_plane_hides_what_lies_under_it_and_marks_where_it_cuts():
    shape = some_field()
    colors = grey(shape)

    camera = Camera(-90, 90, 1.0, 0.0)

    def draw(level):
        return draw_surface(shape, colors, camera, 300, 240, style=Style(level=level, block=False, lines=0.0)).image

    none, under, over = draw(None), draw(shape.low - 0.1), draw(shape.high + 0.1)
    seen = draw_surface(shape, colors, camera, 300, 240, style=BARE).region_ids >= 0
    inner = seen & np.roll(seen, 2, 0) & np.roll(seen, -2, 0) & np.roll(seen, 2, 1) & np.roll(seen, -2, 1)
    assert (none != over)[inner].mean() > 0.95
    assert (none == under)[inner].mean() > 0.95
    middle = 0.5 * (shape.low + shape.high)
    stage = draw_surface(shape, colors, camera, 300, 240, style=BARE).stage
    marked = np.argwhere((draw(middle) & 0xFFFFFF) == 0xFFFFFF)
    assert len(marked) > 15
    for row, column in marked:
        near = np.array([[column + 0.5 + dx, row + 0.5 + dy] for dx in (-1.5, 0, 1.5) for dy in (-1.5, 0, 1.5)])
        plane = np.column_stack([near[:, 0] - stage.middle[0], stage.middle[1] - near[:, 1]]) / stage.size / stage.scale
        values = shape.value(np.clip(plane, -1, 1))
        assert values.min() < middle < values.max()


def test_pins_stand_where_the_data_is_and_hide_behind_hills():
    shape = some_field()
    point = np.array([[0.2, -0.1]])
    red = np.array([0xFFFF0000], np.uint32)
    bare = draw_surface(shape, grey(shape), Camera(), 300, 240, style=BARE)
    pinned = draw_surface(shape, grey(shape), Camera(), 300, 240, style=BARE, pins=Pins(point, red))
    changed = np.argwhere(bare.image != pinned.image)
    foot = bare.stage.project(point, shape.value(point))[0]
    assert len(changed) > 30
    assert np.abs(changed[:, 1] + 0.5 - foot[0]).max() < 8
    assert changed[:, 0].max() == pytest.approx(foot[1], abs=2)
    below = draw_surface(shape, grey(shape), Camera(elevation=-60), 300, 240, style=BARE)
    hidden = draw_surface(shape, grey(shape), Camera(elevation=-60), 300, 240, style=BARE, pins=Pins(point, red))
    # Its foot alone touches the surface, which a line has to reach from either side.
    assert np.count_nonzero(below.image != hidden.image) <= 4
    outside = Pins(np.array([[5.0, 5.0]]), red)
    away = draw_surface(shape, grey(shape), Camera(), 300, 240, style=BARE, pins=outside)
    np.testing.assert_array_equal(bare.image, away.image)


def test_a_solid_block_has_sides_that_belong_to_their_regions():
    shape = some_field()
    style = Style(level=None, lines=0.0)
    surface = draw_surface(shape, grey(shape), Camera(-90, 0, 1.0, 0.0), 300, 240, style=style)
    stage, base = surface.stage, min(shape.low, natural_span(shape)[0])
    for x in (-0.8, -0.3, 0.35, 0.77):
        rim = shape.value(np.array([[x, -1.0 + 1e-9]]))[0]
        column, row, _ = stage.project(np.array([[x, -1.0]]), np.array([0.5 * rim + 0.5 * base]))[0]
        assert surface.region_ids[int(row), int(column)] == shape.partition.locate(np.array([[x, -1.0 + 1e-9]]))[0]


@pytest.mark.parametrize("names", [("identity",), ("step",), ("step", "relu"), ("abs", "hardtanh")])
@pytest.mark.parametrize("palette", ["dark", "light", "projector"])
def test_flat_and_broken_fields_are_drawn_too(names, palette):
    shape = some_field(names=names, width=5)
    surface = draw_surface(shape, grey(shape), Camera(), 120, 100, style=Style(palette=palette))
    assert (surface.region_ids >= 0).sum() > 500
    assert (surface.image >> 24 == 255).all()


def test_a_constant_field_lies_flat_in_the_middle():
    shape = unit_field(decompose(random_network("relu", width=1, seed=0), (5.0, 6.0, 5.0, 6.0)), 0, 0)
    if shape.low == shape.high:
        assert natural_span(shape) == (shape.low, shape.high)
    surface = draw_surface(
        shape, grey(shape), Camera(), 120, 100, pins=Pins(np.array([[5.5, 5.5]]), np.zeros(1, np.uint32))
    )
    assert (surface.region_ids >= 0).any()


def test_zoomed_far_in_and_panned_away():
    shape = some_field()
    close = draw_surface(shape, grey(shape), Camera(zoom=900.0), 120, 100, style=BARE)
    assert len(np.unique(close.region_ids)) < 8
    away = draw_surface(shape, grey(shape), Camera(pan=(50.0, 50.0)), 120, 100, style=Style())
    assert (away.region_ids == -1).all()


@pytest.mark.parametrize(
    "camera", [Camera(), Camera(30, 10, 0.4), Camera(zoom=2.5, pan=(0.8, -0.4)), Camera(elevation=90)]
)
@pytest.mark.parametrize("level", [None, 0.3, 40.0])
def test_nothing_stands_outside_of_the_part_that_is_drawn_on(monkeypatch, camera, level):
    shape, pins = (
        some_field(),
        Pins(np.random.default_rng(1).uniform(-1, 1, (60, 2)), np.full(60, 0xFFFF0000, np.uint32)),
    )

    def draw():
        return draw_surface(shape, grey(shape), camera, 320, 200, style=Style(level=level, lines=0.4), pins=pins)

    part = draw()
    monkeypatch.setattr("reluviz.core.surface._occupied", lambda *_: (slice(0, 200), slice(0, 320)))
    whole = draw()
    # Positions count from another corner, so that a hundredth of a pixel may round to the other side.
    assert np.count_nonzero(part.region_ids != whole.region_ids) <= 3
    assert np.count_nonzero(part.image != whole.image) <= 40


def test_lines_draw_only_where_the_field_is_seen():
    shape = some_field()
    bare, lined = (
        draw_surface(shape, grey(shape), Camera(), 300, 240, style=Style(level=None, block=False, lines=v))
        for v in (0.0, 1.0)
    )
    changed = bare.image != lined.image
    assert changed.sum() > 300
    near = bare.region_ids >= 0
    for axis in (0, 1):
        near = near | np.roll(near, 2, axis) | np.roll(near, -2, axis)
    assert not changed[~near].any()


def test_what_cannot_be_drawn_is_refused_in_words():
    partition = decompose(random_network("relu", "relu", width=8, seed=1), SQUARE)
    with pytest.raises(InputError, match="output 2 does not exist; allowed: 1 to 1"):
        output_field(partition, 1)
    with pytest.raises(InputError, match="more regions than the budget"):
        output_field(decompose(partition.network, SQUARE, budget=20))
    for broken in ({"azimuth": np.nan}, {"elevation": 91}, {"zoom": 0.0}, {"perspective": 0.5}, {"pan": (np.inf, 0.0)}):
        with pytest.raises(InputError, match="camera"):
            Camera(**broken)
