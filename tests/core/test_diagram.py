from itertools import pairwise

import numpy as np
import pytest

from reluviz.core.activations import ACTIVATIONS
from reluviz.core.color import pixel
from reluviz.core.diagram import Scene, draw_diagram, find_link, link_curve
from reluviz.core.diagram_layout import lay_out, scaled
from reluviz.core.network import Network
from reluviz.core.palette import PALETTES
from reluviz.core.partition import decompose
from reluviz.core.picture import draw_ids
from reluviz.core.view import View

BOUNDS = (-1.0, 1.0, -1.0, 1.0)


def network_of(*sizes, seed=0, activation="tanh"):
    random = np.random.default_rng(seed)
    layers = [(random.normal(size=(o, i)), random.normal(size=o)) for i, o in pairwise(sizes)]
    row = ACTIVATIONS[activation]
    return Network.create(layers, [row] * (len(sizes) - 2), [row.default or 0.0] * (len(sizes) - 2))


@pytest.mark.parametrize("widths", [(2, 3, 1), (2, 16, 16, 1), (2, 64, 64, 64, 3), (2, *(256,) * 8, 1), (2, 1)])
@pytest.mark.parametrize("room", [(900, 420), (260, 300), (1900, 1000)])
def test_thumbnails_stand_apart_within_the_layout(widths, room):
    layout = lay_out(widths, *room)
    assert len(layout.lefts) == sum(widths)
    assert layout.lefts.min() >= 0
    assert layout.tops.min() >= 0
    assert layout.lefts.max() + layout.side <= layout.size[0] + 1
    assert layout.tops.max() + layout.side <= layout.size[1] + 1
    across, down = (np.abs(v[:, None] - v[None]) for v in (layout.lefts, layout.tops))
    apart = np.maximum(across, down) + 1e9 * np.eye(len(layout.lefts))
    assert apart.min() >= layout.side


def test_a_small_network_fits_its_room_and_a_huge_one_scrolls():
    assert lay_out((2, 8, 8, 1), 800, 400).size == (800, 400)
    huge = lay_out((2, *(256,) * 8, 1), 800, 400)
    assert huge.side == 18
    assert huge.size[1] > 400


def test_every_unit_is_found_where_it_stands():
    layout = lay_out((2, 5, 40, 1), 700, 300)
    for column, width in enumerate(layout.widths):
        for unit in range(width):
            left, top = layout.place(column, unit)
            assert layout.hit(left + 1, top + layout.side - 1) == (column, unit)
    assert layout.hit(-5, -5) is None


def test_a_layout_in_device_pixels_is_the_same_layout():
    layout = lay_out((2, 5, 1), 300, 200)
    double = scaled(layout, 2.0)
    assert double.side == 2 * layout.side
    assert double.lefts == pytest.approx(2 * layout.lefts)
    assert scaled(layout, 1.0) is layout


def test_links_are_found_on_their_curves():
    network = network_of(2, 3, 2, 1)
    layout = lay_out((2, 3, 2, 1), 600, 300)
    for layer, weights in enumerate(network.weights):
        (x0, y0), (x1, y1) = layout.centers(layer), layout.centers(layer + 1)
        for unit, source in np.ndindex(*weights.shape):
            x, y = link_curve(x0[source], y0[source], x1[unit], y1[unit], 0.45)
            found = find_link(network, layout, float(x), float(y), 3.0)
            assert found[0] == layer
            _, fy = link_curve(x0[found[2]], y0[found[2]], x1[found[1]], y1[found[1]], 0.45)
            assert abs(fy - y) < 3.5
    assert find_link(network, layout, 300.0, -50.0, 3.0) is None


def test_signs_of_weights_are_colours():
    layers = [(np.array([[1.0, 0.0], [0.0, -1.0]]), np.zeros(2)), (np.zeros((1, 2)), np.zeros(1))]
    row = ACTIVATIONS["tanh"]
    network = Network.create(layers, [row], [0.0])
    layout = lay_out((2, 2, 1), 600, 300)
    image = draw_diagram(Scene(network, BOUNDS), layout, (0, 0), layout.size)
    for unit, color in ((0, PALETTES["dark"].classes[1]), (1, PALETTES["dark"].classes[0])):
        (x0, y0), (x1, y1) = layout.centers(0), layout.centers(1)
        x, y = link_curve(x0[unit], y0[unit], x1[unit], y1[unit], 0.5)
        wanted = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)])
        at = int(image[int(y), int(x)])
        assert np.abs(np.array([at >> 16 & 255, at >> 8 & 255, at & 255]) - wanted).max() < 30
    x, y = link_curve(x0[0], y0[0], x1[1], y1[1], 0.5)
    assert int(image[int(y), int(x)]) == pixel(PALETTES["dark"].surface)


def test_other_links_are_quieter_beside_an_emphasised_unit():
    network = network_of(2, 4, 4, 1)
    layout = lay_out((2, 4, 4, 1), 600, 300)
    plain = draw_diagram(Scene(network, BOUNDS), layout, (0, 0), layout.size)
    loud = draw_diagram(Scene(network, BOUNDS, emphasis=(1, 0)), layout, (0, 0), layout.size)
    right = slice(int(layout.centers(2)[0][0]) + layout.side, int(layout.centers(3)[0][0]) - layout.side)
    surface = pixel(PALETTES["dark"].surface)

    def ink(image):
        return np.abs((image[:, right] & 0xFF).astype(int) - (surface & 0xFF)).sum()

    assert ink(loud) < 0.6 * ink(plain)


def test_scrolling_shows_the_other_part_of_the_same_picture():
    network = network_of(2, 40, 1)
    layout = lay_out((2, 40, 1), 120, 200)
    whole = draw_diagram(Scene(network, BOUNDS), layout, (0, 0), layout.size)
    part = draw_diagram(Scene(network, BOUNDS), layout, (10, 60), (100, 120))
    inside = part != whole[60:180, 10:110]
    assert inside.mean() < 0.05


def test_the_readout_shows_the_networks_sign():
    network = network_of(2, 6, 1, activation="relu")
    partition = decompose(network, BOUNDS)
    view = View(bounds=BOUNDS, width=240, height=240)
    scene = Scene(network, BOUNDS, partition, draw_ids(partition, view))
    layout = lay_out((2, 6, 1), 400, 300)
    image, side = draw_diagram(scene, layout, (0, 0), layout.size), layout.side
    left, top = (int(v) for v in layout.place(2, 0))
    at = [(r, c) for r in range(1, side - side // 4, 3) for c in range(1, side, 3)]
    points = np.array([((c + 0.5) / side * 2 - 1, 1 - (r + 0.5) / side * 2) for r, c in at])
    values = network.forward(points)[:, 0]
    for (row, column), value in zip(at, values / np.abs(values).max(), strict=True):
        pixel_here = int(image[top + row, left + column])
        warmth = (pixel_here >> 16 & 255) - (pixel_here & 255)
        assert abs(value) < 0.15 or (warmth > 0) == (value > 0)


def test_numbers_that_are_not_finite_do_no_harm():
    network = network_of(2, 3, 1)
    bad = Network.create(
        [(np.full_like(w, np.inf), b) for w, b in zip(network.weights, network.biases, strict=True)],
        network.activations,
        network.parameters,
    )
    layout = lay_out((2, 3, 1), 300, 200)
    assert draw_diagram(Scene(bad, BOUNDS), layout, (0, 0), layout.size).shape == (200, 300)
