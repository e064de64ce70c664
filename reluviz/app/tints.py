"""Tints: colours between two others, and colours that let shine through what lies below."""

from PySide6.QtGui import QColor


def mixed(one: str | QColor, other: str | QColor, share: float) -> QColor:
    """Return the colour `share` of the way from one to the other."""
    a, b = QColor(one), QColor(other)
    ends = ((a.red(), b.red()), (a.green(), b.green()), (a.blue(), b.blue()))
    red, green, blue = (round(low + (high - low) * share) for low, high in ends)
    return QColor(red, green, blue)


def faint(color: str | QColor, share: float) -> QColor:
    """Return a colour that covers only `share` of what lies below it."""
    result = QColor(color)
    result.setAlphaF(share)
    return result
