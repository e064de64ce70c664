"""What a colour means, and that it stays put."""

import itertools
import subprocess
import sys

import numpy as np
import pytest

from reluviz.core import color, coloring, luts, stained_glass
from reluviz.core.activations import ACTIVATIONS
from reluviz.core.coloring import COLORINGS
from reluviz.core.experiment import Experiment
from reluviz.core.fills import FILLS, OWN
from reluviz.core.network import Network
from reluviz.core.palette import PALETTES
from reluviz.core.partition import decompose
from reluviz.core.reading import read_outputs
from reluviz.core.view import View


def network(hidden=(10, 10), seed=0, outputs=1, activation="relu"):
    random = np.random.default_rng(seed)
    sizes = (2, *hidden, outputs)
    layers = [
        (random.normal(0, np.sqrt(2 / a), (b, a)), random.normal(0, 0.5, b)) for a, b in itertools.pairwise(sizes)
    ]
    row = ACTIVATIONS[activation]
    return Network.create(layers, [row] * len(hidden), [row.default] * len(hidden))


def test_oklab_of_known_colours():
    # Ottosson's own table: white is (1, 0, 0); sRGB red is (0.628, 0.225, 0.126).
    assert np.allclose(color.to_oklab([1.0, 1.0, 1.0]), [1, 0, 0], atol=1e-6)
    assert np.allclose(color.to_oklab([1.0, 0.0, 0.0]), [0.62796, 0.22486, 0.12585], atol=1e-4)


def test_oklab_round_trip_and_packing():
    rgb = np.random.default_rng(0).random((200, 3))
    assert np.allclose(color.from_oklab(color.to_oklab(rgb)), rgb, atol=1e-9)
    assert hex(color.pack([1.0, 0.5, 0.0])) == "0xffff8000"
    assert color.pack(color.unpack(0xFF123456)) == 0xFF123456
    assert color.to_text(color.pixel("#12ab9f")) == "#12ab9f"
    assert color.mix("#000000", "#ffffff", 0.0) == 0xFF000000
    assert color.mix("#000000", "#ffffff", 1.0) == 0xFFFFFFFF


def test_gamut_keeps_lightness_and_hue():
    wanted = color.polar(0.6, 0.4, np.arange(0.0, 360.0, 15.0))
    shown = color.into_gamut(wanted)
    rgb = color.from_oklab(shown)
    assert rgb.min() > -2e-4
    assert rgb.max() < 1 + 2e-4
    assert np.array_equal(shown[:, 0], wanted[:, 0])
    assert np.allclose(np.arctan2(shown[:, 2], shown[:, 1]), np.arctan2(wanted[:, 2], wanted[:, 1]))
    # As much chroma as there is: a little more cannot be shown.
    more = shown * [1.0, 1.01, 1.01]
    assert ((color.from_oklab(more) < -1e-4) | (color.from_oklab(more) > 1 + 1e-4)).any(axis=1).all()


def test_a_ramp_moves_at_an_even_speed():
    pixels = color.ramp([color.polar(0.2, 0.05, 280), color.polar(0.5, 0.1, 220), color.polar(0.9, 0.1, 110)], 65)
    steps = np.linalg.norm(np.diff(color.to_oklab(color.unpack(pixels)), axis=0), axis=1)
    assert steps.max() < 1.6 * steps.min()  # 8-bit rounding moves a step by up to a third.


@pytest.mark.parametrize("palette", PALETTES)
def test_value_scale_rises_in_lightness_for_every_eye(palette):
    lightness = color.to_oklab(color.unpack(luts.value_lut(palette)))[:, 0]
    coarse = lightness[::64]
    assert (np.diff(coarse) > 0).all()
    assert coarse[-1] - coarse[0] > 0.5


@pytest.mark.parametrize("palette", PALETTES)
def test_class_colours_differ_for_colour_blind_eyes(palette):
    """Vienot, Brettel, Mollon 1999: linear RGB as protanopes and deuteranopes see it."""
    sure = np.array([luts.class_ramp(palette, k)[-1] for k in (0, 1)], np.uint32)
    srgb = color.unpack(sure)
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    for matrix in (
        [[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]],
        [[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]],
    ):
        seen = np.clip(linear @ np.array(matrix).T, 0, 1)
        srgb_seen = np.where(seen <= 0.0031308, 12.92 * seen, 1.055 * seen ** (1 / 2.4) - 0.055)
        first, second = color.to_oklab(srgb_seen)
        assert np.linalg.norm(first - second) > 0.12


def test_equal_patterns_have_equal_colours_in_every_view():
    net = network()
    wide, close = decompose(net, (-2.0, 2.0, -2.0, 2.0)), decompose(net, (-0.4, 0.7, -0.5, 0.3))
    known = dict(zip(map(bytes, wide.patterns), stained_glass.pattern_colors(wide, View()), strict=True))
    again = dict(zip(map(bytes, close.patterns), stained_glass.pattern_colors(close, View(width=33)), strict=True))
    shared = set(known) & set(again)
    assert len(shared) > 20
    assert all(known[pattern] == again[pattern] for pattern in shared)


def test_equal_patterns_have_equal_colours_while_weights_move():
    net = network()
    moved = Network.create(
        [(w * 1.01, b + 0.01) for w, b in zip(net.weights, net.biases, strict=True)], net.activations, net.parameters
    )
    first, second = decompose(net, (-1.0, 1.0, -1.0, 1.0)), decompose(moved, (-1.0, 1.0, -1.0, 1.0))
    known = dict(zip(map(bytes, first.patterns), stained_glass.pattern_colors(first, View()), strict=True))
    again = dict(zip(map(bytes, second.patterns), stained_glass.pattern_colors(second, View()), strict=True))
    shared = set(known) & set(again)
    assert len(shared) > 20
    assert all(known[pattern] == again[pattern] for pattern in shared)


def test_similar_patterns_have_similar_colours():
    partition = decompose(network((24, 24), 3), (-1.5, 1.5, -1.5, 1.5))
    lab = color.to_oklab(color.unpack(stained_glass.pattern_colors(partition, View())))
    patterns = partition.patterns.astype(int)
    random = np.random.default_rng(0)
    i, j = random.integers(0, partition.count, (2, 40_000))
    apart = np.abs(patterns[i] - patterns[j]).sum(axis=1)
    distance = np.linalg.norm(lab[i] - lab[j], axis=1)
    near, far = distance[(apart > 0) & (apart <= 2)], distance[apart >= 12]
    assert len(near) > 50
    assert np.median(near) < 0.5 * np.median(far)
    # Yet one unit's switch can be seen: a just noticeable difference is about 0.02.
    assert np.median(distance[apart == 1]) > 0.015


def test_an_undecided_unit_moves_no_colour():
    from reluviz.core.projection import project_patterns

    directions, offset = stained_glass.pattern_directions(network((4,)))
    table = stained_glass.pattern_table("dark")
    undecided, off = np.array([[1, -1, 0, 1]], np.int8), np.array([[1, 0, 0, 1]], np.int8)
    assert project_patterns(undecided, directions, offset, table) == project_patterns(off, directions, offset, table)


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize("name", COLORINGS)
def test_every_colouring_gives_each_region_an_opaque_pixel(name, palette):
    for net in (network(), network(outputs=4, seed=2), network((), outputs=2), network(activation="hardtanh")):
        partition = decompose(net, (-1.0, 1.0, -1.0, 1.0))
        view = View(coloring=name, palette=palette, layer=0, unit=3)
        pixels = COLORINGS[name].colors(partition, view)
        assert pixels.shape == (partition.count,)
        assert pixels.dtype == np.uint32
        assert (pixels >> 24 == 255).all()


def test_active_counts_units_on_a_sloped_piece():
    net = Network.create([(np.eye(2), np.zeros(2)), (np.ones((1, 2)), np.zeros(1))], [ACTIVATIONS["relu"]], [0.0])
    partition = decompose(net, (-1.0, 1.0, -1.0, 1.0))
    lightness = color.to_oklab(color.unpack(coloring.active_colors(partition, View())))[:, 0]
    on = partition.patterns.sum(axis=1)
    assert lightness[on == 0].max() < lightness[on == 1].min() < lightness[on == 2].max()
    assert len(set(lightness[on == 1])) == 1
    hard = Network.create(
        [(np.array([[9.0, 0.0]]), np.zeros(1)), (np.ones((1, 1)), np.zeros(1))], [ACTIVATIONS["hardtanh"]], [0.0]
    )
    partition = decompose(hard, (-1.0, 1.0, -1.0, 1.0))
    lightness = color.to_oklab(color.unpack(coloring.active_colors(partition, View())))[:, 0]
    middle = partition.patterns[:, 0] == 1
    assert lightness[middle].min() > lightness[~middle].max()


def test_gradient_hue_is_direction_and_lightness_is_norm():
    def seen(gx, gy):
        partition = decompose(Network.create([(np.array([[gx, gy]]), np.zeros(1))], [], []), (-1.0, 1.0, -1.0, 1.0))
        return color.to_oklab(color.unpack(coloring.gradient_colors(partition, View())))[0]

    right, left, steep, flat = seen(5.0, 0.0), seen(-5.0, 0.0), seen(40.0, 0.0), seen(0.0, 0.0)
    assert np.dot(right[1:], left[1:]) < 0
    assert np.dot(right[1:], steep[1:]) > 0.98 * np.linalg.norm(right[1:]) * np.linalg.norm(steep[1:])
    assert flat[0] < right[0] < steep[0]


def test_layer_of_the_deepest_line_around():
    partition = decompose(network((6, 6, 6), 1), (-1.0, 1.0, -1.0, 1.0))
    deepest = coloring.region_layers(partition)
    for region in range(0, partition.count, 7):
        lines = partition.edge_of[partition.offsets[region] : partition.offsets[region + 1]]
        assert deepest[region] == max([int(partition.edge_layers[e]) for e in lines if e >= 0], default=-1)


def test_a_unit_shows_where_it_is_on():
    partition = decompose(network(), (-1.0, 1.0, -1.0, 1.0))
    pixels = coloring.unit_colors(partition, View(layer=1, unit=4))
    on = partition.patterns[:, 10 + 4] == 1
    assert len(set(pixels[on].tolist())) == len(set(pixels[~on].tolist())) == 1
    assert pixels[on][0] != pixels[~on][0]
    nothing = coloring.unit_colors(partition, View(layer=-1, unit=-1))
    assert len(set(nothing.tolist())) == 1


def test_area_orders_lightness():
    partition = decompose(network(), (-1.0, 1.0, -1.0, 1.0))
    lightness = color.to_oklab(color.unpack(coloring.area_colors(partition, View())))[:, 0]
    assert np.all(np.diff(lightness[np.argsort(partition.areas)]) > -0.01)


@pytest.mark.parametrize("palette", PALETTES)
def test_margin_tables_begin_alike_and_end_apart(palette):
    tables = luts.margin_luts(palette, 8)
    start, end = color.to_oklab(color.unpack(tables[:, 0])), color.to_oklab(color.unpack(tables[:, -1]))
    assert np.ptp(start, axis=0).max() < 0.03
    apart = np.linalg.norm(end[:, None] - end[None], axis=2) + np.eye(8)
    assert apart.min() > 0.02
    both = luts.diverging_lut(palette)
    assert (both[0], both[-1]) == (tables[0, -1], tables[1, -1])


def test_what_outputs_mean():
    assert read_outputs(Experiment(), None).is_classes
    assert read_outputs(Experiment(loss="hinge"), None).softness < read_outputs(Experiment(), None).softness
    assert not read_outputs(Experiment(dataset="plane"), None).is_classes
    reading = read_outputs(Experiment(dataset="plane"), (-3.0, 4.0))
    assert (reading.is_classes, reading.low, reading.high) == (False, -3.0, 4.0)


def test_the_table_loads_no_kernels():
    code = "import sys; from reluviz.core.coloring import COLORINGS; assert COLORINGS; print('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "False"


@pytest.mark.parametrize("fills", list(FILLS))
@pytest.mark.parametrize("palette", list(PALETTES))
def test_values_rise_in_lightness_whatever_colours_they_run_through(palette, fills):
    lightness = color.to_oklab(color.unpack(luts.value_lut(palette, fills=fills)))[:, 0]
    assert (np.diff(lightness) > -0.004).all()  # Rounding to 8 bits.
    assert lightness[-1] - lightness[0] > 0.5


@pytest.mark.parametrize("fills", list(FILLS))
@pytest.mark.parametrize("palette", list(PALETTES))
def test_two_classes_differ_and_meet_in_the_undecided(palette, fills):
    lut = color.to_oklab(color.unpack(luts.diverging_lut(palette, fills=fills)))
    assert np.linalg.norm(lut[0] - lut[-1]) > 0.12
    assert np.linalg.norm(lut[len(lut) // 2 - 1] - lut[len(lut) // 2]) < 0.02


def test_fills_change_the_picture_of_values_and_two_classes_only():
    others = [name for name in FILLS if name != OWN]
    for name in others:
        assert (luts.value_lut("dark", fills=name) != luts.value_lut("dark")).any()
        assert (luts.diverging_lut("dark", fills=name) != luts.diverging_lut("dark")).any()
        np.testing.assert_array_equal(luts.margin_luts("dark", 3, fills=name), luts.margin_luts("dark", 3))
