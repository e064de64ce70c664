"""PDF and SVG files: whole or not at all, and with the picture's own polygons and colours."""

import re
import zlib

import numpy as np
import pytest

from reluviz.core.coloring import COLORINGS
from reluviz.core.datasets import load_dataset
from reluviz.core.errors import InputError
from reluviz.core.experiment import Experiment
from reluviz.core.export_picture import export_picture
from reluviz.core.luts import diverging_lut
from reluviz.core.partition import decompose
from reluviz.core.reading import Reading
from reluviz.core.view import View
from tests.core.networks import random_network

VIEW = View((-1.0, 1.0, -1.0, 1.0), 200, 200, lines="equal")


@pytest.fixture(scope="module")
def partition():
    return decompose(random_network("relu", "relu", width=7, seed=4), VIEW.bounds)


def objects_of(data):
    """Return the bodies of a file's objects by number, found through its own table of places."""
    start = int(re.search(rb"startxref\n(\d+)\n%%EOF\n$", data)[1])
    count = int(re.match(rb"xref\n0 (\d+)\n", data[start:])[1])
    places = [int(place) for place in re.findall(rb"(\d{10}) 00000 n \n", data[start:])]
    assert len(places) == count - 1
    found = {}
    for number, place in enumerate(places, 1):
        head = b"%d 0 obj\n" % number
        assert data[place:].startswith(head)
        found[number] = data[place + len(head) : data.index(b"\nendobj", place)]
    return found


def stream_of(body):
    begin = body.index(b"stream\n") + 7
    length = int(re.search(rb"/Length (\d+)", body)[1])
    assert body[begin + length :] == b"\nendstream"
    return zlib.decompress(body[begin : begin + length])


def polygons_of(content):
    """Return (red, green, blue) and corners of each polygon that is filled and outlined alike."""
    pattern = r"^([\d. ]+) rg \1 RG ([\d.\- ml]+) h b"
    for color, path in re.findall(pattern, content, re.MULTILINE):
        corners = np.array(re.findall(r"([\d.\-]+) ([\d.\-]+) [ml]", path), dtype=float)
        yield np.array(color.split(), dtype=float), corners


def area(corners):
    x, y = corners.T
    return 0.5 * abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))


def test_a_pdf_holds_every_region_as_a_polygon_of_its_colour(partition, tmp_path):
    path = tmp_path / "x.pdf"
    assert export_picture(partition, path, VIEW)
    found = objects_of(path.read_bytes())
    assert b"/Type/Catalog" in found[1]
    assert b"/MediaBox[0 0 150 150]" in found[3]
    polygons = list(polygons_of(stream_of(found[4]).decode()))
    assert len(polygons) == partition.count
    colors = COLORINGS["pattern"].colors(partition, VIEW)
    for (color, corners), pixel, size in zip(polygons, colors, partition.areas, strict=True):
        assert area(corners) == pytest.approx(size * 100**2, abs=0.05)
        assert np.allclose(color * 255, [pixel >> 16 & 255, pixel >> 8 & 255, pixel & 255], atol=0.1)
    assert found[len(found)].decode() == f"<</Title({partition.count} activation regions)/Producer(reluviz)>>"


def test_shaded_predictions_are_axial_shadings_that_follow_f(tmp_path):
    network = random_network(width=3, seed=2)
    partition, reading = decompose(network, VIEW.bounds), Reading(softness=0.3)
    path = tmp_path / "x.pdf"
    assert export_picture(partition, path, View(VIEW.bounds, 200, 200, coloring="prediction"), reading=reading)
    found = objects_of(path.read_bytes())
    shading = next(body.decode() for body in found.values() if b"/ShadingType 2" in body)
    x0, y0, x1, y1 = map(float, re.search(r"/Coords\[([^\]]*)\]", shading)[1].split())
    domain = [float(v) for v in re.search(r"/Domain\[([^\]]*)\]", shading)[1].split()]
    ends = np.array([[x0, y0], [x1, y1]]) * (0.01, -0.01) + (-1.0, 1.0)
    shown = network.forward(ends)[:, 0] / (2 * reading.reach) + 0.5
    assert domain == pytest.approx(shown, abs=1e-3)
    ramp = found[int(re.search(r"/Function (\d+) 0 R", shading)[1])]
    samples = np.frombuffer(stream_of(ramp), np.uint8).reshape(-1, 3)
    lut = diverging_lut(VIEW.palette)
    for sample, pixel in ((samples[0], lut[0]), (samples[-1], lut[-1])):
        assert sample.tolist() == [pixel >> 16 & 255, pixel >> 8 & 255, pixel & 255]
    content = stream_of(found[4]).decode()
    assert content.count(" sh Q") == len(re.findall(r"/S\d+ \d+ 0 R", found[3].decode()))


def test_data_points_are_drawn_as_markers(partition, tmp_path):
    data = load_dataset(Experiment(dataset="moons", points=30, noise=0.0))
    for with_test, count in ((True, 30), (False, data.train_count)):
        path = tmp_path / "x.pdf"
        export_picture(partition, path, VIEW, dataset=data, with_test=with_test)
        content = stream_of(objects_of(path.read_bytes())[4]).decode()
        filled = len(re.findall(r"^[\d. ]+ rg [\d. ]+ RG [\d.]+ w .* h b$", content, re.MULTILINE))
        hollow = len(re.findall(r"gs [\d. ]+ rg .* h f Q", content))
        assert (filled, filled + hollow) == (data.train_count, count)


@pytest.mark.parametrize("suffix", [".svg", ".pdf"])
def test_a_stopped_export_leaves_the_older_file(partition, tmp_path, suffix):
    path = tmp_path / f"x{suffix}"
    path.write_text("older")
    shares = []

    def stop(share):
        shares.append(share)
        return False

    assert not export_picture(partition, path, VIEW, report=stop)
    assert path.read_text() == "older"
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    assert shares == [0.0]
    assert export_picture(partition, path, VIEW, report=lambda share: 0.0 <= share <= 1.0)
    assert path.read_bytes()[:5] in (b"%PDF-", b"<svg ")


def test_what_cannot_be_written_is_said(partition, tmp_path):
    with pytest.raises(InputError, match=r"allowed are names ending in .svg, .pdf"):
        export_picture(partition, tmp_path / "x.eps", VIEW)
    with pytest.raises(InputError, match="cannot be written"):
        export_picture(partition, tmp_path / "none" / "x.pdf", VIEW)
