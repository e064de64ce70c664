"""Theme: one palette of `core.palette` turned into a QPalette and one stylesheet, and the app's own type."""

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from reluviz.app.tints import mixed
from reluviz.core.palette import PALETTES, Palette
from reluviz.core.resources import resource

FAMILY = "Inter"
STYLE = "fusion"
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
        palette.setColor(QPalette.ColorGroup.Disabled, role, mixed(colors.muted, colors.background, 0.45))
    return palette


def apply_theme(app: QApplication, name: str, scale: float) -> None:
    """Give the whole application one theme at one size of type."""
    colors = PALETTES[name]
    if app.style().objectName() != STYLE:
        app.setStyle(STYLE)  # The same on every platform, and the only one that takes all colours from us.
    app.setFont(make_font(scale))
    app.setPalette(make_palette(colors))
    app.setStyleSheet(make_stylesheet(colors, scale))


def make_stylesheet(colors: Palette, scale: float) -> str:
    """Return the one stylesheet of the app. Lengths follow the size of type."""
    unit = BASE_PIXELS * scale

    def px(share: float) -> str:
        return f"{max(1, round(unit * share))}px"

    hover = mixed(colors.raised, colors.ink, 0.08).name()
    pressed = mixed(colors.raised, colors.ink, 0.16).name()
    # Qt drops a radius larger than half the side: knob and groove are even.
    groove, knob = 2 * max(1, round(unit * 0.12)), 2 * round(unit * 0.48)
    shade = "dark" if colors.is_dark else "light"
    check, arrow, close, float_ = (
        resource(f"icons/{name}_{shade}.svg").as_posix() for name in ("check", "arrow", "close", "float")
    )
    return f"""
QMainWindow, QDialog {{ background: {colors.background}; }}
QMainWindow::separator {{ background: {colors.border}; width: 1px; height: 1px; }}
QMainWindow::separator:hover {{ background: {colors.accent}; }}
QToolTip {{ background: {colors.raised}; color: {colors.ink}; border: 1px solid {colors.border}; padding: {px(0.35)}; }}
QLabel {{ background: transparent; }}
QLabel#fieldLabel, QLabel#readoutCaption, QLabel#facts {{ color: {colors.muted}; }}
QLabel#keyCap {{ border: 1px solid {colors.border}; border-bottom: 2px solid {colors.border}; border-radius: {px(0.3)};
  background: {colors.raised}; padding: 0 {px(0.4)}; }}
QLabel#keysHeading {{ font-size: {px(1.12)}; font-weight: 600; padding-top: {px(0.7)}; }}
QLabel#fieldError {{ color: {colors.error}; }}
QLabel#readoutCaption {{ font-size: {px(0.84)}; }}
QLabel#readoutValue {{ font-size: {px(1.12)}; font-weight: 600; }}
#transport {{ background: {colors.surface}; border-bottom: 1px solid {colors.border}; }}
#timelineBar {{ background: {colors.surface}; border-top: 1px solid {colors.border}; }}
#timelineBar QPushButton {{ padding: 0 {px(0.7)}; }}
#timelineBar QToolButton {{ padding: 0; }}
#timelineBar QComboBox {{ padding: 0 {px(0.3)}; }}
#statusLine {{ background: {colors.surface}; border-top: 1px solid {colors.border}; }}
#statusLine QLabel[kind="warning"] {{ color: {colors.warning}; font-weight: 600; }}
#statusLine QLabel[kind="error"] {{ color: {colors.error}; font-weight: 600; }}
QDockWidget#settings {{ border: none; border-right: 1px solid {colors.border}; }}
QDockWidget {{
    color: {colors.muted}; font-weight: 600;
    titlebar-close-icon: url("{close}"); titlebar-normal-icon: url("{float_}");
}}
QDockWidget::title {{
    background: {colors.surface}; padding: {px(0.45)} {px(0.8)}; border-bottom: 1px solid {colors.border};
}}
QToolButton {{
    border: 1px solid transparent; border-radius: 5px; padding: {px(0.2)}; background: transparent;
    color: {colors.ink};
}}
QToolButton:hover {{ background: {hover}; }}
QToolButton:pressed {{ background: {pressed}; }}
QToolButton:checked {{ background: {pressed}; }}
QToolButton:focus {{ border-color: {colors.accent}; }}
QToolButton::menu-indicator {{ image: none; }}
QToolButton#playButton {{ background: {colors.raised}; border-color: {colors.border}; }}
QToolButton#playButton:hover {{ background: {hover}; border-color: {colors.accent}; }}
QToolButton#tile {{ border: 2px solid {colors.border}; border-radius: 6px; padding: 0; background: {colors.canvas}; }}
QToolButton#tile:hover {{ border-color: {colors.muted}; }}
QToolButton#tile:focus {{ border-color: {colors.ink}; }}
QToolButton#tile:checked {{ border-color: {colors.accent}; }}
QToolButton#sectionHeader {{ font-weight: 600; padding: {px(0.4)} 0; border-radius: 4px; }}
QPushButton {{
    background: {colors.raised}; border: 1px solid {colors.border}; border-radius: 5px; padding: {px(0.25)} {px(0.9)};
}}
QPushButton:hover {{ background: {hover}; border-color: {colors.accent}; }}
QPushButton:focus {{ border-color: {colors.accent}; }}
QPushButton:disabled {{ color: {colors.muted}; border-color: {colors.raised}; }}
QLineEdit, QComboBox {{
    background: {colors.raised}; color: {colors.ink}; border: 1px solid {colors.border}; border-radius: 5px;
    padding: {px(0.16)} {px(0.35)}; selection-background-color: {colors.accent};
    selection-color: {colors.background};
}}
QAbstractSpinBox {{ background: {colors.raised}; }}
QLineEdit:hover, QComboBox:hover {{ border-color: {colors.muted}; }}
QLineEdit:focus, QComboBox:focus, QComboBox:on {{ border-color: {colors.accent}; }}
QComboBox::drop-down {{ border: none; width: {px(1.2)}; }}
QComboBox::down-arrow {{ image: url("{arrow}"); width: {px(0.8)}; height: {px(0.8)}; }}
QComboBox QAbstractItemView, QMenu {{
    background: {colors.raised}; color: {colors.ink}; border: 1px solid {colors.border}; outline: none;
    selection-background-color: {colors.accent}; selection-color: {colors.background};
}}
QMenu {{ padding: {px(0.3)}; }}
QMenu::item {{ padding: {px(0.35)} {px(1.6)} {px(0.35)} {px(0.6)}; border-radius: 4px; }}
QMenu::item:selected {{ background: {colors.accent}; color: {colors.background}; }}
QMenu::item:disabled {{ color: {colors.muted}; }}
QMenu::separator {{ height: 1px; background: {colors.border}; margin: {px(0.3)}; }}
QMenu::icon {{ padding-left: {px(0.4)}; }}
QCheckBox {{ spacing: {px(0.6)}; }}
QCheckBox::indicator {{
    width: {px(1.1)}; height: {px(1.1)}; border: 1px solid {colors.muted}; border-radius: 4px;
    background: {colors.raised};
}}
QCheckBox::indicator:checked {{ background: {colors.accent}; border-color: {colors.accent}; image: url("{check}"); }}
QCheckBox:focus {{ color: {colors.accent}; }}
QSlider::groove:horizontal {{ height: {groove}px; background: {colors.border}; border-radius: {groove // 2}px; }}
QSlider::sub-page:horizontal {{ background: {colors.accent}; border-radius: {groove // 2}px; }}
QSlider::handle:horizontal {{
    width: {knob}px; height: {knob}px; margin: {(groove - knob) // 2}px 0; border-radius: {knob // 2}px;
    background: {colors.ink}; border: none;
}}
QSlider::handle:horizontal:hover {{ background: {colors.accent}; }}
QSlider:focus {{ outline: none; }}
QSlider::handle:horizontal:focus {{ background: {colors.accent}; }}
QPushButton#primary {{ background: {colors.accent}; color: {colors.background}; font-weight: 600; }}
QPushButton#primary:hover, QPushButton#primary:focus {{ border-color: {colors.ink}; }}
#compareBar {{ background: {colors.surface}; border-bottom: 1px solid {colors.border}; }}
QTableWidget {{
    background: {colors.surface}; color: {colors.ink}; border: none; outline: none;
    selection-background-color: {pressed}; selection-color: {colors.ink};
}}
QTableWidget::item {{ padding: 0 {px(0.4)}; border-bottom: 1px solid {hover}; }}
QHeaderView {{ background: {colors.surface}; border: none; }}
QHeaderView::section {{
    background: {colors.surface}; color: {colors.muted}; border: none; border-bottom: 1px solid {colors.border};
    padding: 0 {px(0.4)};
}}
QHeaderView::section:vertical {{ color: {colors.ink}; border-bottom: 1px solid {hover}; }}
QHeaderView::section:hover {{ color: {colors.ink}; }}
QTableCornerButton::section {{ background: {colors.surface}; border: none; border-bottom: 1px solid {colors.border}; }}
#paletteCard {{ background: {colors.surface}; border: 1px solid {colors.border}; border-radius: 9px; }}
#paletteCard QListView {{ background: {colors.surface}; border: none; outline: none; }}
#paletteLine {{ font-size: {px(1.2)}; padding: {px(0.45)} {px(0.6)}; }}
#lessonCard {{ background: {colors.surface}; }}
#lessonArea, #lessonPage {{ background: transparent; border: none; }}
#lessonFoot {{ background: {colors.surface}; border-top: 1px solid {colors.border}; }}
#lessonFoot QPushButton {{ padding: {px(0.35)} {px(0.9)}; font-size: {px(1.08)}; }}
#lessonChecks {{ background: {colors.raised}; border: 1px solid {colors.border}; border-radius: 7px; }}
QLabel#lessonNumber {{ color: {colors.accent}; font-size: {px(0.95)}; font-weight: 600; }}
QLabel#lessonTitle {{ font-size: {px(1.45)}; font-weight: 600; }}
QLabel#lessonQuestion {{ color: {colors.muted}; font-size: {px(1.08)}; }}
QLabel#lessonText {{ font-size: {px(1.2)}; }}
QLabel#lessonClaim, QLabel#lessonReveal {{ font-size: {px(1.08)}; }}
QLabel#lessonClaim {{ font-weight: 600; }}
QLabel#lessonValue {{ font-size: {px(1.35)}; font-weight: 600; }}
QProgressBar {{
    background: {colors.raised}; color: {colors.ink}; border: 1px solid {colors.border}; border-radius: 5px;
    text-align: center; min-height: {px(1.5)};
}}
QProgressBar::chunk {{ background: {colors.accent}; border-radius: 4px; }}
QScrollArea {{ border: none; }}
#sideColumn, #sideViewport {{ background: {colors.surface}; }}
QStatusBar {{ background: {colors.surface}; }}
QStatusBar::item {{ border: none; }}
QScrollBar:vertical {{ background: transparent; width: {px(0.75)}; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: {px(0.75)}; margin: 0; }}
QScrollBar::handle {{
    background: {colors.border}; border-radius: {px(0.3)}; margin: 2px; min-height: {px(2)}; min-width: {px(2)};
}}
QScrollBar::handle:hover {{ background: {colors.muted}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QTabWidget::pane {{ border: none; border-top: 1px solid {colors.border}; }}
#preferencesPage {{ background: {colors.background}; }}
QTabBar::tab {{ background: {colors.surface}; color: {colors.muted}; padding: {px(0.4)} {px(0.8)}; border: none; }}
QTabBar::tab:selected {{ color: {colors.ink}; border-bottom: 2px solid {colors.accent}; }}
QTabBar#pinTabs::tab {{ padding: {px(0.4)} {px(0.26)}; }}
QTabBar::tab:hover {{ color: {colors.ink}; }}
"""
