"""What eyes need: contrast of text and marks, and colours that stay apart where a kind of cone is missing.

Contrast is WCAG 2.1's ratio of relative luminances (W3C 2018, success criteria 1.4.3, 1.4.6 and 1.4.11). Missing cones
are simulated by Machado, Oliveira and Fernandes (A Physiologically-based Model for Simulation of Color Vision
Deficiency, IEEE TVCG 15, 2009), their matrices for severity 1.0 on linear RGB. Distances are OKLab's, in which colours
0.02 apart are just told apart side by side.
"""

import itertools

import numpy as np
import pytest

from reluviz.core.color import parse, to_oklab, unpack
from reluviz.core.fills import FILLS
from reluviz.core.luts import diverging_lut, value_lut
from reluviz.core.markers import MARKERS
from reluviz.core.palette import PALETTES

MISSING = {
    "none": np.eye(3),
    "red cones": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "green cones": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "blue cones": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TEXT = {"dark": 4.5, "light": 4.5, "projector": 7.0}
MARKS = {"dark": 3.0, "light": 3.0, "projector": 4.5}
GROUNDS = ("background", "surface", "raised", "canvas")
CLOSE_BY, ALONE = 0.06, 0.028
"""Least distances: of what is told apart at a glance (neighbours in depth, the first four), and of any two."""

themes = pytest.mark.parametrize("theme", PALETTES.values(), ids=list(PALETTES))
eyes = pytest.mark.parametrize("missing", MISSING)


def linear(srgb):
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def luminance(text):
    return float(linear(parse(text)) @ [0.2126, 0.7152, 0.0722])


def contrast(one, other):
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def seen(srgb, missing):
    """Return OKLab (..., 3) of sRGB (..., 3) as eyes without a kind of cones see it."""
    light = np.clip(linear(np.asarray(srgb)) @ np.transpose(MISSING[missing]), 0.0, 1.0)
    return to_oklab(np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055))


def distances(colors, missing):
    lab = seen([parse(color) for color in colors], missing)
    return np.linalg.norm(lab[:, None] - lab[None], axis=-1)


def test_the_measures_know_what_is_published():
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    for missing in MISSING:  # Greys stay as they are.
        np.testing.assert_allclose(seen(parse("#808080"), missing), to_oklab(parse("#808080")), atol=1e-4)
    red, green = distances(["#ff0000", "#8f7e00"], "green cones")[0, 1], distances(["#ff0000", "#8f7e00"], "none")[0, 1]
    assert red < 0.5 * green


@themes
def test_text_stands_out_from_whatever_it_lies_on(theme):
    least = TEXT[theme.name]
    for name, ground in itertools.product(("ink", "muted", "accent", "warning", "error"), GROUNDS):
        assert contrast(getattr(theme, name), getattr(theme, ground)) >= least, (name, ground)
    assert contrast(theme.background, theme.accent) >= least  # Chosen rows of lists and menus, the main button.


@themes
def test_lines_stand_out_and_may_be_text(theme):
    for color, ground in itertools.product((*theme.lines, theme.boundary), (theme.canvas, theme.surface)):
        assert contrast(color, ground) >= TEXT[theme.name], (color, ground)


@themes
def test_marks_stand_out(theme):
    for color, ground in itertools.product(theme.classes, (theme.canvas, theme.surface)):
        assert contrast(color, ground) >= MARKS[theme.name], (color, ground)


@themes
@eyes
def test_lines_of_neighbouring_layers_and_the_first_four_stay_apart(theme, missing):
    apart = distances(theme.lines, missing)
    for i, j in itertools.combinations(range(len(theme.lines)), 2):
        least = CLOSE_BY if j < 4 or j == i + 1 else ALONE
        assert apart[i, j] >= least, (i, j, apart[i, j])


@themes
@eyes
def test_the_first_four_classes_stay_apart_in_colour_alone(theme, missing):
    apart = distances(theme.classes[:4], missing)
    assert apart[np.triu_indices(4, 1)].min() >= CLOSE_BY
    assert distances(theme.classes[:2], missing)[0, 1] >= 0.15  # Two classes are what is looked at most.


def test_every_class_has_a_shape_of_its_own():
    for theme in PALETTES.values():
        assert len(theme.classes) <= len(MARKERS)
    outlines = {(len(marker.outline), tuple(np.round(marker.outline[0], 6))) for marker in MARKERS}
    assert len(outlines) == len({marker.symbol for marker in MARKERS}) == len(MARKERS)


@themes
@eyes
def test_the_states_of_a_message_are_told_apart_from_plain_text(theme, missing):
    apart = distances([theme.ink, theme.warning, theme.error, theme.accent], missing)
    assert apart[0, 1:].min() >= CLOSE_BY


@themes
@pytest.mark.parametrize("fills", list(FILLS))
@eyes
def test_amounts_keep_their_order_in_lightness_for_all_eyes(theme, fills, missing):
    lightness = seen(unpack(value_lut(theme.name, 65, fills)), missing)[:, 0]
    assert (np.diff(lightness) > 0).all()


@themes
@eyes
def test_some_choice_of_fills_tells_two_classes_apart_for_every_eye(theme, missing):
    ends = {fills: seen(unpack(diverging_lut(theme.name, fills=fills)[[0, -1]]), missing) for fills in FILLS}
    apart = {fills: float(np.linalg.norm(pair[0] - pair[1])) for fills, pair in ends.items()}
    assert apart["own"] >= 0.07, apart
    assert max(apart.values()) >= 0.10, apart
