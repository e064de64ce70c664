"""SVG, PNG and markers."""

import struct
import xml.etree.ElementTree as ElementTree
import zlib

import numpy as np
import pytest

from reluviz.core.color import pixel
from reluviz.core.dataset import Dataset
from reluviz.core.experiment import Experiment
from reluviz.core.luts import class_ramp
from reluviz.core.markers import MARKERS, MOST_SHOWN, shown_points
from reluviz.core.palette import PALETTES
from reluviz.core.picture import make_picture
from reluviz.core.png import encode_png, write_png
from reluviz.core.points import draw_points, outside_by
from reluviz.core.reading import Reading
from reluviz.core.snapshot import Snapshot
from reluviz.core.vector import write_svg
from reluviz.core.view import View

SVG = "{http://www.w3.org/2000/svg}"
VIEW = View(width=400, height=300, bounds=(-1.6, 1.6, -1.2, 1.2))


def picture(outputs=1, view=VIEW, **fields):
    experiment = Experiment(**{"hidden": (9, 9), **fields})
    random = np.random.default_rng(3)
    flat = random.normal(0, 0.6, experiment.layout(outputs).length).astype(np.float32)
    return make_picture(Snapshot(0, experiment, outputs, 0, 0.0, flat, np.zeros((0, len(flat)), np.float32)), view)


def dataset(points, targets, is_train=None, classes=("a", "b", "c")):
    points = np.array(points, float)
    is_train = np.ones(len(points), bool) if is_train is None else np.array(is_train)
    return Dataset(points=points, targets=np.array(targets), is_train=is_train, classes=classes)


def area(polygon):
    points = np.array([[float(v) for v in pair.split(",")] for pair in polygon.get("points").split()])
    x, y = points.T
    return 0.5 * abs(float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)))


def read(path):
    root = ElementTree.parse(path).getroot()
    return root, root.find(f".//{SVG}g[@id='regions']").findall(f"{SVG}polygon")


def test_every_region_is_a_polygon_of_its_area(tmp_path):
    drawn = picture()
    write_svg(drawn.partition, tmp_path / "x.svg", VIEW)
    root, polygons = read(tmp_path / "x.svg")
    assert (root.get("width"), root.get("height")) == ("400", "300")
    assert len(polygons) == drawn.partition.count
    scale = 400 / 3.2 * 300 / 2.4
    assert np.allclose([area(p) for p in polygons], drawn.partition.areas * scale, atol=0.05)
    assert sum(area(p) for p in polygons) == pytest.approx(400 * 300, abs=0.5)
    for i in (0, 5, drawn.partition.count - 1):
        here = drawn.region_ids == i
        if here.sum() > 50:
            values, counts = np.unique(drawn.image[here] & 0xFFFFFF, return_counts=True)
            assert polygons[i].get("fill") == f"#{values[counts.argmax()]:06x}"


def test_default_view_covers_the_box_with_square_units(tmp_path):
    drawn = picture()
    write_svg(drawn.partition, tmp_path / "x.svg")
    root, polygons = read(tmp_path / "x.svg")
    assert (root.get("width"), root.get("height")) == ("900", "675")
    assert len(polygons) == drawn.partition.count
    assert root.find(f".//{SVG}g[@id='boundary']") is not None


def test_shaded_prediction_is_a_gradient_that_runs_along_f(tmp_path):
    drawn = picture(hidden=())
    view = View(width=400, height=300, bounds=VIEW.bounds, coloring="prediction")
    reading = Reading(softness=0.05)
    write_svg(drawn.partition, tmp_path / "x.svg", view, reading=reading)
    root, polygons = read(tmp_path / "x.svg")
    gradient = root.find(f".//{SVG}linearGradient")
    assert polygons[0].get("fill") == f"url(#{gradient.get('id')})"
    a, b = ([float(gradient.get(k)) for k in keys] for keys in (("x1", "y1"), ("x2", "y2")))
    plane = [[-1.6 + p[0] * 3.2 / 400, 1.2 - p[1] * 2.4 / 300] for p in (a, b)]
    low, high = drawn.partition.network.forward(np.array(plane))[:, 0]
    corners = drawn.partition.network.forward(np.array([[x, y] for x in (-1.6, 1.6) for y in (-1.2, 1.2)]))
    assert (low, high) == pytest.approx((corners.min(), corners.max()), abs=1e-3)
    stops = gradient.findall(f"{SVG}stop")
    offsets = [float(stop.get("offset")) for stop in stops]
    assert offsets == sorted(offsets)
    assert len(stops) >= 3


def test_classes_are_cut_where_they_tie(tmp_path):
    drawn = picture(outputs=3)
    view = View(width=400, height=300, bounds=VIEW.bounds, coloring="prediction", palette="light")
    write_svg(drawn.partition, tmp_path / "x.svg", view)
    _, polygons = read(tmp_path / "x.svg")
    assert len(polygons) > drawn.partition.count
    assert sum(area(p) for p in polygons) == pytest.approx(400 * 300, abs=1)


def test_values_and_colours_of_images(tmp_path):
    view = View(width=400, height=300, bounds=VIEW.bounds, coloring="prediction")
    for outputs in (1, 3):
        drawn = picture(outputs=outputs, dataset="plane")
        write_svg(drawn.partition, tmp_path / "x.svg", view, reading=Reading(False))
        root, polygons = read(tmp_path / "x.svg")
        assert len(polygons) == drawn.partition.count
        assert root.find(f".//{SVG}g[@id='boundary']") is None


def test_lines_of_the_file_are_those_of_the_picture(tmp_path):
    from reluviz.core.linework import plan_lines

    drawn = picture()
    write_svg(drawn.partition, tmp_path / "x.svg", VIEW)
    root, _ = read(tmp_path / "x.svg")
    pieces = "".join(path.get("d") for path in root.find(f".//{SVG}g[@id='lines']"))
    work = plan_lines(drawn.partition, VIEW)
    assert pieces.count("M") == (np.rint(work.opacities * 32) > 0).sum()


def test_no_regions_still_make_a_file_that_says_why(tmp_path):
    experiment = Experiment(hidden=(4,))
    flat = np.full(experiment.layout(1).length, np.inf, np.float32)
    drawn = make_picture(Snapshot(0, experiment, 1, 0, 0.0, flat, np.zeros((0, len(flat)), np.float32)), VIEW)
    write_svg(drawn.partition, tmp_path / "x.svg", VIEW)
    root = ElementTree.parse(tmp_path / "x.svg").getroot()
    assert "not finite" in root.find(f"{SVG}desc").text
    assert root.findall(f".//{SVG}polygon") == []


def test_points_in_the_file(tmp_path):
    drawn = picture()
    data = dataset([[0, 0], [0.5, 0.5], [9, 9]], [0, 1, 2], [True, False, True])
    write_svg(drawn.partition, tmp_path / "x.svg", VIEW, dataset=data)
    root = ElementTree.parse(tmp_path / "x.svg").getroot()
    markers = root.findall(f".//{SVG}polygon[@class='point']")
    assert [len(marker.get("points").split()) for marker in markers] == [24, 4]
    assert [marker.get("fill-opacity") for marker in markers] == [None, "0.62"]
    write_svg(drawn.partition, tmp_path / "x.svg", VIEW, dataset=data, with_test=False)
    root = ElementTree.parse(tmp_path / "x.svg").getroot()
    assert len(root.findall(f".//{SVG}polygon[@class='point']")) == 1


def test_png_decodes_to_the_same_pixels(tmp_path):
    image = np.random.default_rng(0).integers(0, 2**24, (13, 29)).astype(np.uint32) | 0xFF000000
    write_png(image, tmp_path / "x.png")
    data = (tmp_path / "x.png").read_bytes()
    assert data == encode_png(image)
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, chunks = 8, {}
    while at < len(data):
        length, name = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length : at + 12 + length])[0] == zlib.crc32(name + body)
        chunks[name] = body
        at += 12 + length
    assert struct.unpack(">IIBBBBB", chunks[b"IHDR"]) == (29, 13, 8, 2, 0, 0, 0)
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(13, -1)
    assert (rows[:, 0] == 2).all()
    rgb = np.cumsum(rows[:, 1:].astype(np.int64), axis=0).astype(np.uint8).reshape(13, 29, 3).astype(np.uint32)
    assert np.array_equal(rgb[..., 0] << 16 | rgb[..., 1] << 8 | rgb[..., 2] | 0xFF000000, image)


def test_markers_are_of_one_area_and_distinct():
    for marker in MARKERS:
        x, y = marker.outline.T
        assert 0.5 * abs(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) == pytest.approx(np.pi)
    assert len({marker.symbol for marker in MARKERS}) == len(MARKERS) == len(PALETTES["dark"].classes)


def test_distance_from_an_outline():
    square = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    assert outside_by(square, 0.0, 0.0) == -1.0
    assert outside_by(square, 3.0, 0.5) == 2.0
    assert outside_by(square, 4.0, 5.0) == 5.0


def test_a_filled_and_a_hollow_point():
    view = View(width=41, height=41, bounds=(-1.0, 1.0, -1.0, 1.0), palette="dark")
    image = np.full((41, 41), 0xFF808080, np.uint32)
    draw_points(image, view, dataset([[0, 0]], [1]), radius=8.0)
    mark = pixel(PALETTES["dark"].classes[1])
    # A square of the area of a disc of radius 8: 14.2 pixels wide.
    assert (image == mark).sum() == pytest.approx(np.pi * 64, rel=0.2)
    assert image[20, 20] == mark
    hollow = np.full((41, 41), 0xFF808080, np.uint32)
    draw_points(hollow, view, dataset([[0, 0]], [1], [False]), radius=8.0)
    assert hollow[20, 20] != mark
    assert 20 < (hollow == mark).sum() < (image == mark).sum()
    draw_points(before := hollow.copy(), view, dataset([[0, 0]], [1], [False]), radius=8.0, with_test=False)
    assert np.array_equal(before, hollow)


def test_points_outside_and_on_the_rim_are_clipped():
    view = View(width=30, height=20, bounds=(-1.0, 1.0, -1.0, 1.0))
    image = np.full((20, 30), 0xFF808080, np.uint32)
    draw_points(image, view, dataset([[-1, 1], [1, -1], [50, 0], [0, -7e9]], [0, 1, 2, 0]))
    changed = image != 0xFF808080
    assert changed[0, 0]
    assert changed[-1, -1]
    assert not changed[8:12].any()


def test_value_points_take_the_scale():
    view = View(width=60, height=20, bounds=(-3.0, 3.0, -1.0, 1.0))
    image = np.zeros((20, 60), np.uint32)
    draw_points(image, view, dataset([[-2, 0], [2, 0]], [[0.0], [1.0]], classes=()), radius=4.0)
    from reluviz.core.luts import value_lut

    assert (image[10, 10], image[10, 50]) == (value_lut("dark")[0], value_lut("dark")[-1])


def test_many_points_are_thinned_the_same_way_each_time():
    many = dataset(np.zeros((5000, 2)), np.zeros(5000, int), np.arange(5000) % 2 == 0)
    chosen = shown_points(many)
    assert len(chosen) == len(set(chosen.tolist())) == MOST_SHOWN
    assert np.array_equal(chosen, shown_points(many))
    assert many.is_train[shown_points(many, with_test=False)].all()


def test_class_ramps_are_opaque():
    assert (class_ramp("dark", 3) >> 24 == 255).all()
