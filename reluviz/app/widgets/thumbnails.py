"""Small pictures of the built-in data sets, painted from their own points."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPixmap

from reluviz.core.datasets import load_dataset
from reluviz.core.experiment import DATASETS_OF_VALUES, Experiment
from reluviz.core.palette import Palette

POINTS, VALUES = 170, 700  # Values are told from a surface, classes from clouds.


def dataset_icon(name: str, colors: Palette, side: int, ratio: float) -> QIcon:
    """Return a picture of a built-in set, `side` device-independent pixels wide on a screen of density `ratio`."""
    count = VALUES if name in DATASETS_OF_VALUES else POINTS
    dataset = load_dataset(Experiment(dataset=name, points=count, noise=0.02, data_seed=3))
    pixmap = QPixmap(round(side * ratio), round(side * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    tile = QPainterPath()
    tile.addRoundedRect(QRectF(0, 0, side, side), 4, 4)
    painter.fillPath(tile, QColor(colors.canvas))
    painter.setClipPath(tile)
    painter.setPen(Qt.PenStyle.NoPen)
    radius = max(1.0, side / (34 if dataset.is_classes else 22))
    low, high = (float(dataset.targets.min()), float(dataset.targets.max()))
    for (x, y), target in zip(dataset.points.tolist(), dataset.targets.tolist(), strict=True):
        if dataset.is_classes:
            color = QColor(colors.classes[target % len(colors.classes)])
        else:
            color = _between(colors, (float(target[0]) - low) / (high - low or 1.0))
        painter.setBrush(color)
        center = QPointF((0.5 + 0.43 * x) * side, (0.5 - 0.43 * y) * side)
        painter.drawEllipse(center, radius, radius)
    painter.end()
    return QIcon(pixmap)


def _between(colors: Palette, share: float) -> QColor:
    """Return the colour of a value on the way from the first class's colour over the border's grey to the second's."""
    ends = (QColor(colors.classes[0]), QColor(colors.border), QColor(colors.classes[1]))
    part, first = (share * 2, 0) if share < 0.5 else (share * 2 - 1, 1)
    one, other = ends[first], ends[first + 1]
    return QColor.fromRgbF(
        one.redF() + (other.redF() - one.redF()) * part,
        one.greenF() + (other.greenF() - one.greenF()) * part,
        one.blueF() + (other.blueF() - one.blueF()) * part,
    )
