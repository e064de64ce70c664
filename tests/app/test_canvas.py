from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyqtgraph import GraphicsView
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from reluviz.app.canvas.navigation import LARGEST_SPAN, SMALLEST_SPAN, framed, is_closest, panned, zoomed
from reluviz.app.canvas.points import MOST_SHOWN, shown_points
from reluviz.app.canvas.widget import CLOSEST, CanvasWidget
from reluviz.app.preview import make_preview
from reluviz.app.reading import read_region, region_at
from reluviz.app.received import begin_run, take_picture
from reluviz.app.state import AppState, take_experiment, take_theme
from reluviz.app.store import Store
from reluviz.core.experiment import Experiment
from reluviz.core.picture import make_picture
from reluviz.core.view import HOME, View
from tests.app.shell import counting_qt_calls

pytestmark = pytest.mark.qt_log_ignore("not accepted by receiving widget")

# --- navigation ------------------------------------------------------------------------------------------------------

spans = st.floats(1e-6, 1e3)
places = st.floats(-10, 10)
sizes = st.integers(50, 4000)


@given(places, places, spans, spans, sizes, sizes)
def test_framed_bounds_have_square_units_and_stay(x, y, wide, high, width, height):
    bounds = (x - wide, x + wide, y - high, y + high)
    result = framed(bounds, width, height)
    assert (result[1] - result[0]) / width == pytest.approx((result[3] - result[2]) / height, rel=1e-6)
    assert min(result[1] - result[0], result[3] - result[2]) == pytest.approx(2 * min(wide, high), rel=1e-6)
    assert framed(result, width, height) == result


@given(places, places, st.floats(0.1, 10), st.floats(-1, 1), st.floats(-1, 1))
def test_zoom_keeps_the_point_under_the_cursor(x, y, factor, u, v):
    bounds = (x - 1, x + 1, y - 1, y + 1)
    at = x + u, y + v
    a, b, c, d = zoomed(bounds, factor, *at)
    assert (at[0] - a) / (b - a) == pytest.approx((1 + u) / 2, abs=1e-9)
    assert (at[1] - c) / (d - c) == pytest.approx((1 + v) / 2, abs=1e-9)
    assert b - a == pytest.approx(2 * factor)


def test_zoom_ends_where_float64_does():
    bounds = HOME
    for _ in range(400):
        bounds = zoomed(bounds, 0.8, 0.3, 0.2)
    assert bounds[1] - bounds[0] == pytest.approx(SMALLEST_SPAN)
    assert is_closest(bounds)
    assert not is_closest(HOME)
    for _ in range(400):
        bounds = zoomed(bounds, 1.3, 0.3, 0.2)
    assert bounds[1] - bounds[0] == pytest.approx(LARGEST_SPAN)
    assert panned(bounds, 1e300, -1e300)[1] <= LARGEST_SPAN


# --- the widget ------------------------------------------------------------------------------------------------------


def state_of(**settings):
    return begin_run(take_experiment(AppState(run=1), Experiment(hidden=(12, 12), **settings)))


@pytest.fixture
def canvas(qtbot):
    store = Store(state_of())
    widget = CanvasWidget(store)
    qtbot.addWidget(widget)
    widget.resize(500, 400)
    widget.show()
    qtbot.waitExposed(widget)
    yield widget, store
    store.close()


def draw(store):
    """Draw what the state asks for, as the drawing thread would."""
    picture = make_picture(store.state.snapshot, store.state.view)
    store.set(take_picture(store.state, picture))
    return picture


def wheel(widget, at, angle):
    place = widget.viewport().mapToGlobal(at)
    event = QWheelEvent(
        QPointF(at),
        QPointF(place),
        QPoint(0, 0),
        QPoint(0, angle),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget.viewport(), event)


def move(widget, at, buttons):
    place = QPointF(widget.viewport().mapToGlobal(at))
    event = QMouseEvent(
        QEvent.Type.MouseMove, QPointF(at), place, Qt.MouseButton.NoButton, buttons, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(widget.viewport(), event)


def box_bounds(widget):
    (xmin, xmax), (ymin, ymax) = widget.box.viewRange()
    return xmin, xmax, ymin, ymax


def test_the_view_is_the_box_in_device_pixels(canvas):
    widget, store = canvas
    view = store.state.view
    rect = widget.box.rect()
    assert (view.width, view.height) == (round(rect.width()), round(rect.height()))
    assert view.bounds == box_bounds(widget)
    assert (view.bounds[1] - view.bounds[0]) / view.width == pytest.approx(
        (view.bounds[3] - view.bounds[2]) / view.height
    )


def under(widget, at):
    return widget.box.to_plane(widget.box.mapFromScene(widget.mapToScene(at)))


def test_pan_and_zoom_ask_for_exactly_what_the_box_shows(canvas, qtbot):
    widget, store = canvas
    at = QPoint(260, 180)
    held, before = under(widget, at), store.state.view.bounds
    wheel(widget, at, 120)
    assert store.state.view.bounds[1] - store.state.view.bounds[0] < 0.95 * (before[1] - before[0])
    assert under(widget, at) == pytest.approx(held)
    for start, stop in ((QPoint(250, 200), QPoint(300, 150)), (QPoint(300, 150), QPoint(200, 250))):
        held = under(widget, start)
        qtbot.mousePress(widget.viewport(), Qt.MouseButton.LeftButton, pos=start)
        for i in range(1, 5):
            move(widget, start + (stop - start) * (i / 4), Qt.MouseButton.LeftButton)
            qtbot.wait(15)
        qtbot.mouseRelease(widget.viewport(), Qt.MouseButton.LeftButton, pos=stop)
        assert under(widget, stop) == pytest.approx(held, abs=0.02)
    assert box_bounds(widget) == pytest.approx(store.state.view.bounds, abs=1e-15)
    picture = draw(store)
    assert picture.view.bounds == widget.box.bounds
    assert picture.partition.bounds == widget.box.bounds


def test_the_state_can_ask_for_home(canvas):
    widget, store = canvas
    home = store.state.view.bounds
    wheel(widget, QPoint(260, 180), 600)
    assert store.state.view.bounds != home
    store.update(view=replace(store.state.view, bounds=HOME))
    assert store.state.view.bounds == pytest.approx(home)
    assert box_bounds(widget) == pytest.approx(home)


def test_a_double_click_fits(canvas, qtbot):
    widget, store = canvas
    home = store.state.view.bounds
    wheel(widget, QPoint(260, 180), 600)
    qtbot.mouseDClick(widget.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(250, 200))
    assert store.state.view.bounds == pytest.approx(home)


def test_resizing_keeps_scale_and_centre(canvas, qtbot):
    widget, store = canvas
    before = store.state.view
    widget.resize(700, 400)
    qtbot.waitUntil(lambda: store.state.view.width > before.width)
    after = store.state.view
    assert after.bounds[2:] == pytest.approx(before.bounds[2:])
    assert sum(after.bounds[:2]) == pytest.approx(sum(before.bounds[:2]), abs=1e-12)


def test_the_closest_view_says_so(canvas):
    widget, store = canvas
    for _ in range(40):
        wheel(widget, QPoint(260, 180), 960)
    assert store.state.message == CLOSEST
    assert draw(store).partition.count >= 1
    wheel(widget, QPoint(260, 180), -960)
    assert store.state.message.text == ""


def test_pixels_arrive_unchanged(canvas, qtbot):
    widget, store = canvas
    store.update(show_points=False)
    picture = draw(store)
    image = widget.grab().toImage()
    corner = widget.box.mapToScene(widget.box.rect().topLeft())
    x, y = round(corner.x()), round(corner.y())
    rows, columns = picture.image.shape
    for row, column in np.random.default_rng(0).integers(60, (rows - 2, columns - 2), (200, 2)):
        seen = image.pixelColor(int(x + column), int(y + row)).rgb()
        assert seen == int(picture.image[row, column]), (row, column)


def test_the_old_picture_moves_with_the_view(canvas):
    """Until the new picture is there, the old one lies where its bounds are."""
    widget, store = canvas
    store.update(show_points=False)
    image = np.full((store.state.view.height, store.state.view.width), 0xFF204060, np.uint32)
    widget.picture_item.show_picture(image, store.state.view.bounds)
    xmin, xmax, ymin, ymax = store.state.view.bounds
    store.update(
        view=replace(store.state.view, bounds=(xmin + (xmax - xmin) / 2, xmax + (xmax - xmin) / 2, ymin, ymax))
    )
    grabbed = widget.grab().toImage()
    middle = widget.box.mapToScene(widget.box.rect().center())
    left = grabbed.pixelColor(round(middle.x()) - 40, round(middle.y()) + 30)
    right = grabbed.pixelColor(round(middle.x()) + 40, round(middle.y()) + 30)
    assert left == QColor(0x20, 0x40, 0x60)
    assert right == QColor("#0b0e13")


def test_hovering_probes_the_exact_region(canvas, qtbot):
    widget, store = canvas
    picture = draw(store)
    corner = widget.box.mapToScene(widget.box.rect().topLeft())
    random = np.random.default_rng(1)
    for column, row in random.integers(5, (picture.view.width - 5, picture.view.height - 5), (40, 2)):
        qtbot.mouseMove(widget.viewport(), QPoint(round(corner.x()) + int(column), round(corner.y()) + int(row)))
        QApplication.processEvents()
        probe = store.state.probe
        assert probe is not None
        exact = int(picture.partition.locate(np.array([probe]))[0])
        assert region_at(picture, probe) == exact == picture.region_ids[row, column]
        reading = read_region(picture, probe)
        assert np.array_equal(reading.pattern, picture.snapshot.network.pattern(np.array([probe]))[0])
        assert reading.agreement < 1e-9
    QApplication.sendEvent(widget, QEvent(QEvent.Type.Leave))
    assert store.state.probe is None


def test_axes_speak_the_data_s_own_units(canvas):
    widget, store = canvas
    dataset = replace(store.state.dataset, center=(100.0, -3.0), scale=(20.0, 0.5))
    store.update(dataset=dataset)
    xmin, xmax, ymin, ymax = store.state.view.bounds
    assert widget._bottom.range == pytest.approx([100 + 20 * xmin, 100 + 20 * xmax])
    assert widget._left.range == pytest.approx([-3 + 0.5 * ymin, -3 + 0.5 * ymax])


def test_every_theme_and_kind_of_data_can_be_drawn(canvas):
    widget, store = canvas
    for theme in ("light", "projector", "dark"):
        store.apply(take_theme, name=theme)
        for dataset in ("blobs", "ripple", "spiral"):
            store.set(begin_run(take_experiment(store.state, Experiment(dataset=dataset, hidden=(8,)))))
            draw(store)
            assert not widget.grab().isNull()
            assert len(widget.points.data) == 500
    store.update(show_test_points=False)
    assert len(widget.points.data) == store.state.dataset.train_count
    store.update(show_points=False)
    assert not widget.points.isVisible()


def test_many_points_are_thinned():
    state = state_of(points=50_000)
    shown = shown_points(state.dataset, True)
    assert len(shown) == MOST_SHOWN
    assert len(np.unique(shown)) == MOST_SHOWN
    assert np.bincount(state.dataset.targets[shown]).min() > 0.4 * MOST_SHOWN


def test_a_preview_says_what_it_is(canvas, qtbot):
    widget, store = canvas
    store.set(take_picture(store.state, make_preview(store.state.snapshot, store.state.view)))
    qtbot.waitUntil(lambda: "Sampled preview" in widget._title.text())
    picture = draw(store)
    qtbot.waitUntil(lambda: widget._title.text() == f"{picture.partition.count:,} activation regions, exact")


def test_the_title_stays_within_a_small_canvas(canvas, qtbot):
    widget, store = canvas
    draw(store)
    qtbot.waitUntil(lambda: "exact" in widget._title.text())
    widget.resize(250, 250)
    rect = widget.box.mapRectToScene(widget.box.rect())
    assert not widget.tool_bar.isVisibleTo(widget)
    assert widget._title.geometry().right() <= rect.right()
    assert widget._title.geometry().height() >= 2 * widget._title.fontMetrics().height()
    assert widget._title.y() < rect.top() + 20


def test_a_frame_takes_few_qt_calls(canvas):
    """Counts every call into Qt while one new picture is shown and painted."""
    _, store = canvas
    draw(store)
    QApplication.processEvents()
    picture = make_picture(store.state.snapshot, store.state.view)
    with counting_qt_calls() as calls:
        store.set(take_picture(store.state, picture))
        QApplication.processEvents()
    assert "drawImage" in calls
    assert len(calls) <= 64, Counter(calls)


def test_nothing_is_filled_or_laid_out_below_and_on_a_new_picture(canvas, monkeypatch):
    """The picture hides the background, and the markers are where they were."""
    widget, store = canvas
    draw(store)
    QApplication.processEvents()
    filled, laid_out = [], []
    monkeypatch.setattr(GraphicsView, "drawBackground", lambda _, painter, rect: filled.append(QRectF(rect)))
    monkeypatch.setattr(type(widget.points), "_maskAt", lambda _, area: laid_out.append(area))
    draw(store)
    QApplication.processEvents()
    assert not widget.viewport().autoFillBackground()
    assert (filled, laid_out) == ([], [])
    monkeypatch.undo()
    monkeypatch.setattr(GraphicsView, "drawBackground", lambda _, painter, rect: filled.append(QRectF(rect)))
    widget.viewport().update()
    QApplication.processEvents()
    assert filled  # The axes stand on it.


def test_markers_are_laid_out_anew_where_they_or_the_view_moved(canvas, monkeypatch):
    widget, store = canvas
    draw(store)
    QApplication.processEvents()
    laid_out, find = [], type(widget.points)._maskAt
    monkeypatch.setattr(type(widget.points), "_maskAt", lambda self, area: (laid_out.append(area), find(self, area))[1])
    store.update(show_test_points=False)
    QApplication.processEvents()
    assert len(laid_out) == 1
    xmin, xmax, ymin, ymax = store.state.view.bounds
    store.update(view=replace(store.state.view, bounds=(xmin + 0.1, xmax + 0.1, ymin, ymax)))
    QApplication.processEvents()
    assert len(laid_out) == 2


@pytest.mark.parametrize("side", [64, 300])
def test_regions_are_read_by_pixel(side):
    state = state_of()
    picture = make_picture(state.snapshot, View(width=side, height=side))
    assert region_at(picture, (99.0, 0.0)) == -1
    assert region_at(None, (0.0, 0.0)) == -1
    assert region_at(picture, None) == -1
    assert read_region(picture, (99.0, 0.0)) is None
    assert region_at(make_preview(state.snapshot, View()), (0.0, 0.0)) == -1
