import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication, QEvent, QMargins, QPoint, QRect, Qt
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QWidget

from reluviz.app import layers
from reluviz.app.widgets.choice import Choice
from reluviz.app.widgets.dataset_field import DatasetField
from reluviz.app.widgets.flow_layout import FlowLayout
from reluviz.app.widgets.number_field import number_text, read_number
from reluviz.app.widgets.readout import Readout
from reluviz.app.widgets.scale import TICKS, Scale, make_scale
from reluviz.app.widgets.side_column import SideColumn
from reluviz.app.widgets.thumbnails import dataset_icon
from reluviz.app.widgets.tool_button import ToolButton
from reluviz.core.experiment import DATASETS, SETTINGS, Experiment
from reluviz.core.palette import PALETTES

NUMBERS = [s for s in SETTINGS.values() if s.kind in ("int", "float")]
SCALES = [make_scale(s.minimum, s.maximum, s.logarithmic, s.kind == "int") for s in NUMBERS]


@pytest.mark.parametrize("scale", SCALES, ids=[s.label for s in NUMBERS])
def test_a_scale_reaches_its_ends_and_never_turns_back(scale):
    values = [scale.value(position) for position in range(TICKS + 1)]
    assert values[0] == scale.minimum
    assert values[-1] == scale.maximum
    assert values == sorted(values)
    assert all(float(v).is_integer() for v in values) or not scale.whole


@pytest.mark.parametrize("scale", SCALES, ids=[s.label for s in NUMBERS])
def test_position_undoes_value_up_to_tidying(scale):
    for position in range(0, TICKS + 1, 7):
        value = scale.value(position)
        assert scale.value(scale.position(value)) == pytest.approx(value, rel=0.06, abs=1e-9 * scale.maximum)


@given(st.floats(-1e9, 1e9))
def test_what_lies_beyond_a_scale_sits_at_its_end(value):
    scale = Scale(0.0, 10.0, logarithmic=True)
    assert 0 <= scale.position(value) <= TICKS
    assert (scale.position(value) == TICKS) == (value >= 10.0 * 10 ** (-7 * 0.5 / (TICKS - 1)))


def test_slider_numbers_are_short():
    scale = make_scale(0.0, 100.0, True, False)
    assert all(len(f"{scale.value(p):.6g}") <= 7 for p in range(TICKS + 1))
    assert 0.01 in {scale.value(p) for p in range(TICKS + 1)}


def test_a_range_far_wider_than_useful_is_cut_around_the_default():
    assert make_scale(-100.0, 100.0, False, False, -1.0) == Scale(-3.0, 1.0)
    assert make_scale(-2.0, 2.0, False, False, 0.25) == Scale(-2.0, 2.0)


@pytest.mark.parametrize(
    ("text", "whole", "value"),
    [
        ("12", True, 12),
        ("1,000", True, 1000),
        ("12 000", True, 12000),
        ("0,5", False, 0.5),
        (" 1e-3 ", False, 0.001),
        ("\u22122", False, -2.0),
        ("", False, ""),
        ("abc", True, "abc"),
        ("1.5", True, "1.5"),
    ],
)
def test_numbers_are_read_as_people_type_them(text, whole, value):
    assert read_number(text, whole) == value


@given(st.integers(0, 2**31 - 1))
def test_whole_numbers_are_shown_as_they_are_read(value):
    assert read_number(number_text(value, True), True) == value


def flow(widths, total):
    holder = QWidget()
    layout = FlowLayout(QMargins(10, 5, 10, 5), 20)
    holder.setLayout(layout)
    for width in widths:
        item = QLabel()
        item.setFixedSize(width, 30)
        layout.addWidget(item)
        item.show()
    layout.setGeometry(QRect(0, 0, total, layout.heightForWidth(total)))
    return holder, layout


def test_a_flow_of_one_row_reaches_from_edge_to_edge(qtbot):
    holder, layout = flow([100, 100, 100], 500)
    qtbot.addWidget(holder)
    boxes = [layout.itemAt(i).geometry() for i in range(3)]
    assert [box.left() for box in boxes] == [10, 200, 390]
    assert layout.heightForWidth(500) == 40


def test_a_flow_wraps_when_it_is_narrow(qtbot):
    holder, layout = flow([100, 100, 100], 250)
    qtbot.addWidget(holder)
    boxes = [layout.itemAt(i).geometry() for i in range(3)]
    assert boxes[0].top() == boxes[1].top() < boxes[2].top()
    assert layout.heightForWidth(250) == 80
    assert layout.minimumSize().width() == 120


def test_a_flow_gives_its_items_back(qtbot):
    holder, layout = flow([50, 60], 300)
    qtbot.addWidget(holder)
    assert layout.count() == 2
    assert layout.takeAt(5) is None
    assert layout.itemAt(-1) is None
    assert layout.takeAt(0).widget().width() == 50
    assert layout.count() == 1


def test_a_column_is_never_narrower_than_its_content(qtbot):
    content = QLabel("wide")
    content.setMinimumWidth(300)
    column = SideColumn(content, 100)
    qtbot.addWidget(column)
    assert column.sizeHint().width() >= 300
    column.want_width(500)
    assert column.sizeHint().width() == 500


def test_a_list_opens_wide_enough_to_read(qtbot):
    choice = Choice()
    choice.addItem("A rather long choice to read in a narrow column")
    choice.setFixedWidth(60)
    qtbot.addWidget(choice)
    choice.show()
    choice.grab()
    choice.showPopup()
    assert choice.view().width() > 200
    choice.hidePopup()


@pytest.mark.parametrize("name", DATASETS)
def test_thumbnails_show_their_data(qtbot, name):
    picture = dataset_icon(name, PALETTES["dark"], 40, 2.0).pixmap(80).toImage()
    colors = {picture.pixelColor(x, y).name() for x in range(0, 80, 2) for y in range(0, 80, 2)}
    assert len(colors) > 4


def test_changes_to_layers_keep_activations_in_step():
    own = Experiment(hidden=(4, 5), activation=("relu", "leaky_relu"), activation_parameter=(None, 0.3))
    assert Experiment().edit(**layers.add_layer(own)).layer_activations[-1][1] == 0.3
    assert layers.remove_layer(own)["activation"] == ("relu",)
    changed = own.edit(**layers.change_layer(own, 1, activation="abs"))
    assert changed.activation == ("relu", "abs")
    assert changed.activation_parameter == (None, None)
    assert own.edit(**layers.change_layer(own, 0, width=9)).hidden == (9, 5)
    none = own.edit(**layers.remove_layer(own.edit(**layers.remove_layer(own))))
    assert none.hidden == ()
    assert none.edit(**layers.add_layer(none)).hidden == (layers.NEW_WIDTH,)


def test_a_button_with_a_menu_notices_that_the_mouse_left_while_it_stood(qtbot):
    button = ToolButton("menu", "Menu", "All commands.")
    qtbot.addWidget(button)
    button.setMenu(QMenu(button))
    button.show()
    for place, is_under in ((button.rect().center(), True), (button.rect().bottomRight() + QPoint(60, 60), False)):
        QCursor.setPos(button.mapToGlobal(place))
        button.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, True)
        button.menu().aboutToHide.emit()
        assert button.underMouse() is is_under


def test_tiles_have_their_place_before_their_pictures_are_painted(qtbot):
    field = DatasetField("dataset", "Data", "What is learned.")
    qtbot.addWidget(field)
    field.show_theme("dark")
    sizes = {tile.size() for tile in (*field.tiles.values(), field.file)}
    assert len(sizes) == 1
    side = 2 * field.fontMetrics().height()
    assert sizes.pop().width() > side
    assert field.sizeHint().height() > 3 * side
    assert all(tile.icon().isNull() for tile in field.tiles.values())


def test_a_figure_that_changes_leaves_the_window_s_layout_alone(qtbot):
    asked = []

    class Bar(QWidget):
        def event(self, event):
            if event.type() == QEvent.Type.LayoutRequest:
                asked.append(event)
            return super().event(event)

    bar = Bar()
    qtbot.addWidget(bar)
    row = QHBoxLayout(bar)
    readout = Readout("step", "12,345,678", "Steps.")
    row.addWidget(readout)
    bar.show()
    qtbot.waitExposed(bar)
    QCoreApplication.processEvents()
    asked.clear()
    width = readout.value.width()
    for step in range(5):
        readout.show_text(f"{1000 * step:,}")
        QCoreApplication.processEvents()
    assert (asked, readout.value.width()) == ([], width)
    readout.show_text("12,345,678,901,234")
    QCoreApplication.processEvents()
    assert readout.value.width() >= readout.value.sizeHint().width() > width
    readout.show_text("1")
    QCoreApplication.processEvents()
    assert readout.value.width() == width
