import re

import pytest
from PySide6.QtGui import QColor, QFont, QFontInfo, QFontMetrics, QPalette, QRawFont
from PySide6.QtWidgets import QApplication

from reluviz.app.icons import app_icon, make_icon
from reluviz.app.theme import FAMILY, apply_theme, load_fonts, make_font, make_palette, make_stylesheet
from reluviz.core.palette import PALETTES
from reluviz.core.resources import resource


@pytest.fixture(autouse=True)
def restored(qapp):
    yield
    apply_theme(qapp, "dark", 1.0)


def contrast(one, other):
    """WCAG 2.1's contrast ratio of two colours."""

    def luminance(color):
        parts = [getattr(QColor(color), name)() for name in ("redF", "greenF", "blueF")]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colors", PALETTES.values(), ids=list(PALETTES))
def test_words_can_be_read_on_every_ground(colors):
    least = 7.0 if colors.name == "projector" else 4.5
    for ground in (colors.background, colors.surface, colors.raised):
        for ink in (colors.ink, colors.muted, colors.warning, colors.error):
            assert contrast(ink, ground) >= least, (ink, ground)
    assert contrast(colors.accent, colors.background) >= 3.0


@pytest.mark.parametrize("scale", [0.8, 1.0, 2.5])
@pytest.mark.parametrize("name", PALETTES)
def test_the_stylesheet_is_whole(qapp, qtlog, name, scale):
    text = make_stylesheet(PALETTES[name], scale)
    assert text.count("{") == text.count("}")
    assert set(re.findall(r"#[0-9a-f]{6}\b", text)) >= {PALETTES[name].surface, PALETTES[name].ink}
    for path in re.findall(r'url\("(.*?)"\)', text):
        assert resource(path).exists()
    apply_theme(qapp, name, scale)
    assert not [record for record in qtlog.records if "parse" in record.message]


def test_a_knob_is_round_at_every_size():
    for scale in (0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 2.5):
        text = make_stylesheet(PALETTES["dark"], scale)
        knob = re.search(
            r"handle:horizontal \{\s*width: (\d+)px; height: (\d+)px; margin: -?\d+px 0; border-radius: (\d+)", text
        )
        width, height, radius = map(int, knob.groups())
        assert width == height == 2 * radius


@pytest.mark.parametrize("name", PALETTES)
def test_the_palette_serves_widgets_beyond_the_stylesheet(qapp, name):
    palette = make_palette(PALETTES[name])
    assert palette.color(QPalette.ColorRole.WindowText).name() == PALETTES[name].ink
    assert palette.color(QPalette.ColorRole.Base).name() == PALETTES[name].surface
    disabled = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text).name()
    assert disabled not in (PALETTES[name].ink, PALETTES[name].background)


def test_the_type_is_our_own(qapp):
    load_fonts()
    assert QFontInfo(make_font()).family() == FAMILY
    assert QFontInfo(make_font(weight=QFont.Weight.DemiBold)).weight() == QFont.Weight.DemiBold
    raw = QRawFont.fromFont(make_font())
    assert [letter for letter in "AzÄéßøłσφ∂≤≥≈−–…×·²½€→∞" if not raw.supportsCharacter(ord(letter))] == []
    assert (resource("fonts") / "OFL.txt").read_text().count("SIL Open Font License") >= 1


def test_digits_are_equally_wide(qapp):
    load_fonts()
    metrics = QFontMetrics(make_font(2.0))
    assert len({metrics.horizontalAdvance(digit * 20) for digit in "0123456789"}) == 1


def test_type_grows_with_its_scale(qapp):
    apply_theme(qapp, "dark", 2.0)
    large = QApplication.font().pixelSize()
    apply_theme(qapp, "dark", 1.0)
    assert large == pytest.approx(2 * QApplication.font().pixelSize(), abs=1)


@pytest.mark.parametrize(
    "path", sorted(set(resource("icons").glob("*.svg")) - {resource("icons/app.svg")}), ids=lambda path: path.stem
)
def test_every_icon_draws_something(qapp, path):
    image = make_icon(path.stem, "#123456").pixmap(40).toImage()
    drawn = sum(image.pixelColor(x, y).alpha() > 128 for x in range(40) for y in range(40))
    assert 10 < drawn < 1600


def test_the_programs_own_icon_has_round_corners(qapp):
    image = app_icon().pixmap(64).toImage()
    assert image.pixelColor(1, 1).alpha() == 0
    assert image.pixelColor(32, 32).alpha() == 255
