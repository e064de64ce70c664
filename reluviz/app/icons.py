"""Icons: own SVG drawings in the ink of the theme; no desktop's icon set is needed."""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPixmap, QTransform
from PySide6.QtSvg import QSvgRenderer

from reluviz.core.resources import resource

_SIZES = (20, 40, 80)  # Sharp at 100 to 250 % type and on screens of twice the density.


@lru_cache(maxsize=256)
def make_icon(name: str, color: str, disabled: str = "") -> QIcon:
    """Return `resources/icons/<name>.svg` drawn in `color` (#rrggbb), greyed to `disabled` where given."""
    icon = QIcon()
    for mode, ink in ((QIcon.Mode.Normal, color), (QIcon.Mode.Disabled, disabled)):
        if ink:
            for size in _SIZES:
                icon.addPixmap(_draw(name, ink, size), mode)
    return icon


def app_icon() -> QIcon:
    """Return the program's own icon in the sizes that desktops ask for."""
    icon = QIcon()
    for size in (16, 32, 64, 128, 256):
        tile = QPainterPath()  # Qt draws SVG Tiny, which knows no clip path: the rounded tile is cut here.
        tile.addRoundedRect(QRectF(0.03, 0.03, 0.94, 0.94), 0.22, 0.22)
        icon.addPixmap(_draw("app", "", size, tile))
    return icon


def _draw(name: str, color: str, size: int, clip: QPainterPath | None = None) -> QPixmap:
    text = resource(f"icons/{name}.svg").read_text(encoding="utf-8").replace("currentColor", QColor(color).name())
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    if clip is not None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipPath(QTransform.fromScale(size, size).map(clip))
    QSvgRenderer(QByteArray(text.encode())).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return pixmap
