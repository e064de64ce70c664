"""Theme: one palette of `core.palette` turned into a QPalette and one stylesheet, and the app's own type."""

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from reluviz.app.resources import resource
from reluviz.core.palette import PALETTES, Palette

FAMILY = "Inter"
BASE_PIXELS = 12.5  # At 100 %: 40 characters fit the settings column beside a 60 % canvas at 1280 x 720.


def load_fonts() -> None:
    """Register the bundled type, so that the window looks the same on every machine."""
    for path in sorted(resource("fonts").glob("*.otf")):
        QFontDatabase.addApplicationFont(str(path))


def make_font(scale: float = 1.0, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return the app's font at a size of BASE_PIXELS times `scale`; digits are equally wide, so counters do not jitter.

    Sizes are in device-independent pixels: the same layout on every platform's idea of points.
    """
    font = QFont(FAMILY)
    font.setPixelSize(max(6, round(BASE_PIXELS * scale)))
    font.setWeight(weight)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def make_palette(colors: Palette) -> QPalette:
    """Return the QPalette of one theme; it also serves widgets that no stylesheet reaches."""
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: colors.background,
        QPalette.ColorRole.WindowText: colors.ink,
        QPalette.ColorRole.Base: colors.surface,
        QPalette.ColorRole.AlternateBase: colors.raised,
        QPalette.ColorRole.Text: colors.ink,
        QPalette.ColorRole.Button: colors.raised,
        QPalette.ColorRole.ButtonText: colors.ink,
        QPalette.ColorRole.ToolTipBase: colors.raised,
        QPalette.ColorRole.ToolTipText: colors.ink,
        QPalette.ColorRole.PlaceholderText: colors.muted,
        QPalette.ColorRole.Highlight: colors.accent,
        QPalette.ColorRole.HighlightedText: colors.background,
        QPalette.ColorRole.Accent: colors.accent,
        QPalette.ColorRole.Link: colors.accent,
        QPalette.ColorRole.Light: colors.raised,
        QPalette.ColorRole.Midlight: colors.raised,
        QPalette.ColorRole.Mid: colors.border,
        QPalette.ColorRole.Dark: colors.border,
        QPalette.ColorRole.Shadow: colors.background,
    }
    for role, color in roles.items():
        palette.setColor(role, QColor(color))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, _mix(colors.muted, colors.background, 0.45))
    return palette


def apply_theme(app: QApplication, name: str, scale: float) -> None:
    """Give the whole application one theme at one size of type."""
    colors = PALETTES[name]
    app.setStyle("Fusion")
    app.setFont(make_font(scale))
    app.setPalette(make_palette(colors))
    app.setStyleSheet(make_stylesheet(colors, scale))


def make_stylesheet(colors: Palette, scale: float) -> str:
    """Return the one stylesheet of the app."""
    return ""


def _mix(one: str, other: str, share: float) -> QColor:
    """Return the colour `share` of the way from one to the other."""
    a, b = QColor(one), QColor(other)
    parts = zip(a.getRgb()[:3], b.getRgb()[:3], strict=True)
    return QColor(*(round(x + (y - x) * share) for x, y in parts))
