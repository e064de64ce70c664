"""FlowLayout: groups side by side with room between them, in as many rows as the width asks for."""

from PySide6.QtCore import QMargins, QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem


class FlowLayout(QLayout):
    """Rows of items; what a row leaves over goes between its items, or after them where they are not `spread`."""

    def __init__(self, margins: QMargins, spacing: int, spread: bool = True) -> None:
        super().__init__()
        self._spread = spread
        self.setContentsMargins(margins)
        self._spacing = spacing
        self._items: list[QLayoutItem] = []

    def addItem(self, item: QLayoutItem) -> None:
        """Take an item at the end."""
        self._items.append(item)
        self.invalidate()  # Or an item that was visible before keeps its old place.

    def count(self) -> int:
        """The number of items."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """Return one item, None beyond the last."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Give one item away."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """Rows take the width that there is, never more height than they need."""
        return Qt.Orientation.Horizontal

    def hasHeightForWidth(self) -> bool:
        """Narrower means more rows."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of all rows at a width."""
        margins = self.contentsMargins()
        rows = self._rows(width - margins.left() - margins.right())
        heights = [max(item.sizeHint().height() for item in row) for row in rows]
        return sum(heights) + self._spacing // 2 * max(0, len(rows) - 1) + margins.top() + margins.bottom()

    def sizeHint(self) -> QSize:
        """Return the size of one single row."""
        width = sum(item.sizeHint().width() for item in self._items) + self._spacing * max(0, len(self._items) - 1)
        margins = self.contentsMargins()
        width += margins.left() + margins.right()
        return QSize(width, self.heightForWidth(width))

    def minimumSize(self) -> QSize:
        """Return the width of the widest item: everything else can go below it."""
        margins = self.contentsMargins()
        width = max((item.minimumSize().width() for item in self._items), default=0)
        return QSize(width + margins.left() + margins.right(), 0)

    def setGeometry(self, rect: QRect) -> None:
        """Place the rows."""
        super().setGeometry(rect)
        inner = rect.marginsRemoved(self.contentsMargins())
        y = inner.y()
        for row in self._rows(inner.width()):
            height = max(item.sizeHint().height() for item in row)
            used = sum(item.sizeHint().width() for item in row)
            spread = self._spread and len(row) > 1
            gap = max(self._spacing, (inner.width() - used) // (len(row) - 1)) if spread else self._spacing
            x = inner.x()
            for item in row:
                size = QSize(min(item.sizeHint().width(), inner.width()), height)
                item.setGeometry(QRect(QPoint(x, y), size))
                x += size.width() + gap
            y += height + self._spacing // 2

    def _rows(self, width: int) -> list[list[QLayoutItem]]:
        items = [item for item in self._items if not item.isEmpty()]
        shares = iter(items)
        counts = share_rows([item.sizeHint().width() for item in items], width, self._spacing)
        return [[next(shares) for _ in range(count)] for count in counts]


def share_rows(widths: list[int], room: int, spacing: int) -> list[int]:
    """Return how many of these widths stand in each row; one that is wider than the room stands alone."""
    rows: list[int] = []
    used = 0
    for wide in widths:
        if rows and used + spacing + wide <= room:
            rows[-1] += 1
            used += spacing + wide
        else:
            rows.append(1)
            used = wide
    return rows
