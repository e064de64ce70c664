"""WalkTool: drags the segment that the line walk follows, or one of its ends."""

import math

from PySide6.QtCore import Qt

from reluviz.app.canvas.tools import Point, Tool, Touch
from reluviz.app.selection import take_segment

NEAR = 9.0  # Logical pixels from an end within which the end is meant.


class WalkTool(Tool):
    """Begins a new segment at the press, or takes hold of an end of the one there is."""

    cursor = Qt.CursorShape.CrossCursor
    _fixed: Point = (0.0, 0.0)

    def press(self, touch: Touch) -> bool:
        """Take hold of an end, else begin anew."""
        self._fixed = touch.point
        segment = self.store.state.segment
        if segment is not None:
            ends = (segment[:2], segment[2:])
            for end, other in (ends, ends[::-1]):
                if math.dist(end, touch.point) < NEAR * touch.pixel:
                    self._fixed = other
        return True

    def drag(self, touch: Touch) -> None:
        """Let the other end follow."""
        self.store.apply(take_segment, start=self._fixed, end=touch.point, finished=False)

    def release(self, touch: Touch) -> None:
        """Keep the segment, or say that it has no length."""
        self.store.apply(take_segment, start=self._fixed, end=touch.point, finished=True)
