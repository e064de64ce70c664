import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage, QPainter, QPolygonF

from reluviz.app.panels.strokes import DASHED, stroke_curve


def ink(width, end, dashes=(), ratio=1.0):
    """Return the coverage of a stroke along a straight line, as pixels of ink per device pixel of length."""
    image = QImage(round(200 * ratio), round(200 * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor("black"))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    stroke_curve(painter, QPolygonF([QPointF(20, 20.5), QPointF(*end)]), QColor("white"), width, dashes)
    painter.end()
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)[:, :, 0]
    length = np.hypot(end[0] - 20, end[1] - 20.5) * ratio
    return pixels.sum() / 255 / length


@pytest.mark.parametrize("ratio", [1.0, 2.0])
@pytest.mark.parametrize("end", [(180, 20.5), (20, 180), (180, 180)])
def test_a_stroke_is_about_as_wide_as_asked(qapp, end, ratio):
    for width in (1.0, 1.7, 3.0):
        assert ink(width, end, ratio=ratio) == pytest.approx(width * ratio, abs=0.45 * ratio + 0.2)


def test_dashes_leave_gaps(qapp):
    assert 0.3 < ink(1.7, (180, 20.5), DASHED) / ink(1.7, (180, 20.5)) < 0.8
