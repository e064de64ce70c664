from collections import Counter
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit

from reluviz.app import commands
from reluviz.app.canvas.widget import CanvasWidget
from reluviz.app.compare.grid import share_out
from reluviz.app.compare.stage import Stage
from reluviz.app.compare.value_editor import parse_value
from reluviz.app.comparing import take_pictures, take_snapshots
from reluviz.app.pane_words import COLUMNS
from reluviz.app.panels.comparison import ComparisonPanel
from reluviz.app.received import begin_run
from reluviz.app.state import take_theme
from reluviz.app.theme import apply_theme
from reluviz.core.picture import make_picture
from reluviz.studio.comparison import Setup
from tests.app.comparisons import begin, make_store
from tests.app.shell import counting_qt_calls

pytestmark = pytest.mark.qt_log_ignore("not accepted by receiving widget")


def draw(store):
    pictures = tuple(make_picture(pane.snapshot, store.state.view) for pane in store.state.panes)
    store.set(take_pictures(store.state, pictures))
    return pictures


@pytest.fixture
def stage(qtbot, qapp):
    apply_theme(qapp, "dark", 1.0)  # Tests before may have left larger type, which lays the bar out in more rows.
    store = make_store()
    widget = Stage(store, CanvasWidget(store))
    qtbot.addWidget(widget)
    widget.resize(900, 600)
    widget.show()
    qtbot.waitExposed(widget)
    yield widget, store
    store.close()


@pytest.mark.parametrize("count", range(2, 7))
@pytest.mark.parametrize(("width", "height"), [(1000, 500), (1500, 900), (400, 900), (301, 299)])
def test_cells_are_of_one_size_and_inside(count, width, height):
    cells = share_out(width, height, count, 20)
    assert len({(cell.width(), cell.height()) for cell in cells}) == 1
    assert all(cell.x() >= 0 and cell.right() < width and cell.y() >= 0 and cell.bottom() < height for cell in cells)
    for i, one in enumerate(cells):
        assert not any(one.intersects(other) for other in cells[i + 1 :])


def test_two_stand_side_by_side_and_six_in_two_rows():
    assert len({cell.y() for cell in share_out(1000, 600, 2, 20)}) == 1
    assert [len({cell.y() for cell in share_out(1000, 700, n, 20)}) for n in (4, 5, 6)] == [2, 2, 2]
    alone = share_out(1000, 700, 3, 20)[2]
    assert abs(alone.center().x() - 500) <= 1  # No empty quarter: what the last row leaves stands at both sides.


def test_the_key_offers_starts_and_closes(stage):
    widget, store = stage
    assert widget.bar is None
    commands.toggle_compare(store)
    assert widget.bar.isVisible()
    assert widget.canvas.isVisible()
    assert [editor.input.currentText() for editor in widget.bar.editors] == ["ReLU", "Leaky ReLU", "Tanh", "Sigmoid"]
    commands.start_comparing(store)
    store.set(begin_run(store.state))
    assert not widget.canvas.isVisible()
    assert [canvas.isVisible() for canvas in widget.grid.canvases] == [True] * 4
    assert not widget.bar.start.isVisible()
    commands.toggle_compare(store)
    assert widget.grid is None
    assert not widget.bar.isVisible()
    assert widget.canvas.isVisible()
    rect = widget.canvas.box.rect()
    assert (store.state.view.width, store.state.view.height) == (round(rect.width()), round(rect.height()))


def test_all_panes_show_the_same_bounds_at_the_same_size(stage, qtbot):
    widget, store = stage
    begin(store)
    for size in ((900, 600), (640, 700), (1100, 420)):
        widget.resize(*size)
        qtbot.waitUntil(lambda: len({canvas.box.rect().size().toTuple() for canvas in widget.grid.canvases}) == 1)
        view = store.state.view
        for canvas in widget.grid.canvases:
            assert (view.width, view.height) == (round(canvas.box.rect().width()), round(canvas.box.rect().height()))
            assert canvas.box.bounds == view.bounds


def wheel(widget, at, angle):
    place = widget.viewport().mapToGlobal(at)
    QApplication.sendEvent(
        widget.viewport(),
        QWheelEvent(
            QPointF(at),
            QPointF(place),
            QPoint(0, 0),
            QPoint(0, angle),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        ),
    )


@pytest.mark.parametrize("pane", [0, 2])
def test_zooming_in_one_pane_moves_all(stage, pane):
    widget, store = stage
    begin(store)
    before = store.state.view.bounds
    wheel(widget.grid.canvases[pane], QPoint(60, 80), 240)
    after = store.state.view.bounds
    assert after[1] - after[0] < 0.9 * (before[1] - before[0])
    assert all(canvas.box.bounds == after for canvas in widget.grid.canvases)


def test_the_crosshair_stands_at_the_same_point_in_all(stage, qtbot):
    widget, store = stage
    begin(store)
    draw(store)
    canvas = widget.grid.canvases[1]
    qtbot.mouseMove(canvas.viewport(), QPoint(50, 60))
    QApplication.processEvents()
    assert store.state.probe is not None
    assert [one.crosshair._point for one in widget.grid.canvases] == [store.state.probe] * 4
    assert all(one.outline._ring is not None for one in widget.grid.canvases[:2])


def test_each_header_says_what_differs(stage, qtbot):
    widget, store = stage
    begin(store, Setup("hidden", ((6,), (6, 6), (6, 6, 6))))
    pictures = draw(store)
    qtbot.waitUntil(lambda: "region" in widget.grid.headers[0].accessibleName())
    for header, label, picture in zip(widget.grid.headers, ("1 × 6", "2 × 6", "3 × 6"), pictures, strict=True):
        assert f", {label}: {picture.partition.count:,} region" in header.accessibleName()
    assert "the others differ in shape" in widget.bar.shared.text()


def test_a_pane_can_be_kept(stage, qtbot):
    widget, store = stage
    begin(store)
    store.set(take_snapshots(store.state, tuple(replace(pane.snapshot, step=9) for pane in store.state.panes)))
    qtbot.mouseClick(widget.grid.headers[2].keep, Qt.MouseButton.LeftButton)
    assert store.state.experiment.activation == ("tanh",)
    assert (store.state.panes, store.state.snapshot.step) == ((), 9)
    assert widget.canvas.isVisible()


def test_values_are_edited_added_and_removed_in_the_bar(stage, qtbot):
    widget, store = stage
    widget.resize(1400, 600)  # Room for all of the bar in one row.
    commands.toggle_compare(store)
    widget.bar.field.setCurrentIndex(widget.bar.field.findData("learning_rate"))
    widget.bar.field.activated.emit(widget.bar.field.currentIndex())
    assert store.state.setup == Setup("learning_rate", (0.01, 0.001, 0.1))
    entry = widget.bar.editors[1].input
    assert isinstance(entry, QLineEdit)
    entry.selectAll()
    qtbot.keyClicks(entry, "0.5")
    qtbot.keyClick(entry, Qt.Key.Key_Return)
    assert store.state.setup.values[1] == 0.5
    entry.selectAll()
    qtbot.keyClicks(entry, "fast")
    entry.editingFinished.emit()
    assert store.state.message.text.startswith("learning_rate: 'fast' cannot be used")
    assert entry.text() == "0.5"
    widget.bar.more.click()
    assert len(store.state.setup.values) == 4
    widget.bar.editors[0].less.click()
    assert len(widget.bar.editors) == 3
    qtbot.waitUntil(lambda: widget.bar.more.x() - widget.bar.editors[-1].geometry().right() in range(2, 40))
    assert store.state.panes == () or store.state.setup.values[0] == 0.5


def test_every_activation_can_be_chosen(stage):
    widget, store = stage
    commands.toggle_compare(store)
    choice = widget.bar.editors[3].input
    assert isinstance(choice, QComboBox)
    choice.setCurrentIndex(choice.findData("sin"))
    choice.activated.emit(choice.currentIndex())
    assert store.state.setup.values[3] == ("sin",)


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("hidden", "16, 8", (16, 8)),
        ("hidden", "4 4 4", (4, 4, 4)),
        ("hidden", "16, many", (16, "many")),
        ("learning_rate", "0,5", 0.5),
        ("batch_size", "1,000", 1000),
        ("seed", "seven", "seven"),
        ("activation_parameter", "0.2", (0.2,)),
        ("activation_parameter", "default", (None,)),
    ],
)
def test_typed_values_are_read(field, text, value):
    assert parse_value(field, text) == value


def test_a_frame_of_four_panes_takes_few_qt_calls(stage, qtbot):
    """Counts every call into Qt while one new moment is shown and painted in all panes."""
    _, store = stage
    begin(store)
    draw(store)
    qtbot.wait(300)
    moved = tuple(make_picture(replace(pane.snapshot, step=1), store.state.view) for pane in store.state.panes)
    with counting_qt_calls() as calls:
        store.set(take_pictures(store.state, moved))
        QApplication.processEvents()
    counted = Counter(calls)
    assert counted["drawImage"] == 4, counted
    assert len(calls) <= 4 * 64, counted


def test_unchanged_panes_are_not_painted_again(stage):
    widget, store = stage
    begin(store)
    pictures = draw(store)
    QApplication.processEvents()
    painted = []
    for index, canvas in enumerate(widget.grid.canvases):
        show = canvas.picture_item.show_picture
        canvas.picture_item.show_picture = lambda *given, index=index, show=show: (painted.append(index), show(*given))
    other = make_picture(replace(store.state.panes[1].snapshot, step=3), store.state.view)
    store.set(take_pictures(store.state, (pictures[0], other, *pictures[2:])))
    assert painted == [1]


def test_the_table_and_its_plot(qtbot):
    store = make_store()
    panel = ComparisonPanel(store)
    qtbot.addWidget(panel)
    panel.resize(1000, 220)
    panel.show()
    begin(store)
    for step in (1, 2, 3):
        moment = (replace(p.snapshot, step=step, train_loss=0.1 * step + i) for i, p in enumerate(store.state.panes))
        store.set(take_snapshots(store.state, tuple(moment)))
    draw(store)
    panel.redraw(store.state)
    assert panel.table.rowCount() == 4
    names = [panel.table.verticalHeaderItem(row).text() for row in range(4)]
    assert names == ["ReLU", "Leaky ReLU", "Tanh", "Sigmoid"]
    for place, column in enumerate(COLUMNS.values()):
        for row, pane in enumerate(store.state.panes):
            assert panel.table.item(row, place).text() == column.text(pane)
    panel.table.selectColumn(0)
    assert store.state.compared == "train_loss"
    panel.redraw(store.state)
    lines = panel.plot._chart.lines
    assert [line.mark for line in lines] == ["1", "2", "3", "4"]
    assert lines[2].y.tolist() == pytest.approx([2.1, 2.2, 2.3])
    panel.grab()
    for theme in ("light", "projector"):
        store.apply(take_theme, name=theme)
        panel.redraw(store.state)
        assert not panel.grab().isNull()
    store.close()
