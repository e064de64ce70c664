"""Fold, surface and census: their threads' work as plain functions, and the panels around it."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from reluviz.app.exporting import KINDS, export_of
from reluviz.app.panels.bars import area_ticks, number_ticks
from reluviz.app.panels.census import CensusPanel, census_bars, count_picture, say_census
from reluviz.app.panels.exact_picture import exact_picture
from reluviz.app.panels.fold import FoldPanel, name_depth, swing
from reluviz.app.panels.fold_maker import FoldMaker, FoldRequest
from reluviz.app.panels.surface import SurfacePanel
from reluviz.app.panels.surface_maker import SurfaceMaker, SurfaceRequest
from reluviz.app.preview import make_preview
from reluviz.app.received import begin_run, take_picture
from reluviz.app.selection import select_unit
from reluviz.app.state import AppState, take_experiment, take_theme
from reluviz.app.store import Store
from reluviz.core.camera import Camera
from reluviz.core.experiment import Experiment
from reluviz.core.fold import fold, principal_axes
from reluviz.core.picture import make_picture
from reluviz.core.view import View


def state_of(view=None, **settings):
    settings = {"hidden": (6, 5), "points": 60} | settings
    view = view or View(width=90, height=90)
    state = begin_run(take_experiment(AppState(run=1, view=view), Experiment(**settings)))
    return take_picture(state, make_picture(state.snapshot, state.view))


def fold_request(state, **changes):
    request = FoldRequest(state.picture, 2.0, None, 120, 100, state.dataset, True, 1.0)
    return replace(request, **changes)


def surface_request(state, **changes):
    request = SurfaceRequest(state.picture, Camera(), 0, None, 120, 100, state.dataset, True, True, 1.0)
    return replace(request, **changes)


# --- the threads' work -----------------------------------------------------------------------------------------------


def test_a_fold_is_mapped_once_per_partition():
    state, maker = state_of(), FoldMaker()
    first = maker.make(fold_request(state, depth=1.5))
    assert first.shape == (100, 120)
    maps = dict(maker.folds)
    assert {layer for layer, _ in maps} == {1, 2}
    maker.make(fold_request(state, depth=1.7, width=80))
    assert all(maker.folds[key] is value for key, value in maps.items())
    other = take_picture(state, make_picture(state.snapshot, replace(state.view, bounds=(-1.0, 1.0, -1.0, 1.0))))
    maker.make(fold_request(other, depth=1.5))
    assert maker.partition is other.picture.partition
    assert all(maker.folds[key] is not value for key, value in maps.items())


def test_directions_hold_still_while_weights_move():
    state, maker = state_of(), FoldMaker()
    maker.make(fold_request(state, depth=2.0))
    before = maker.places[2].copy()
    parameters = state.snapshot.parameters + np.float32(1e-4)
    moved = take_picture(state, make_picture(replace(state.snapshot, parameters=parameters), state.view))
    maker.make(fold_request(moved, depth=2.0))
    assert np.abs(maker.places[2] - before).max() < 0.02 * np.abs(before).max()


def test_two_units_are_shown_as_the_network_has_them():
    state, maker = state_of(), FoldMaker()
    maker.make(fold_request(state, depth=1.0, units=(3, 1)))
    folded = maker.folds[1, (3, 1)]
    points = state.dataset.points[:20]
    hidden = np.maximum(state.snapshot.network.preactivations(points)[0], 0.0)
    assert np.allclose(folded.map_points(points), hidden[:, [3, 1]], atol=1e-9)
    maker.make(fold_request(state, depth=2.0, units=(5, 1)))  # Layer 2 has five units: the last one is shown.
    assert (2, (5, 1)) in maker.folds


def test_looking_closer_shows_other_pixels_and_data_can_be_left_out():
    state, maker = state_of(), FoldMaker()
    whole = maker.make(fold_request(state))
    closer = maker.make(fold_request(state, look=(0.1, 0.0, 3.0)))
    bare = maker.make(fold_request(state, dataset=None))
    assert (whole != closer).any()
    assert (whole != bare).any()
    assert np.array_equal(whole, maker.make(fold_request(state)))


def test_the_input_is_seen_as_it_is():
    state = state_of()
    maker = FoldMaker()
    maker.make(fold_request(state, depth=0.0))
    assert np.array_equal(maker.folds[0, None].vertices, maker.partition.vertices)
    axes = principal_axes(state.snapshot.network, 0, state.dataset.points)
    assert np.array_equal(fold(state.picture.partition, 0, axes).vertices, state.picture.partition.vertices)


def test_a_surface_keeps_its_field_and_shows_units():
    state, maker = state_of(), SurfaceMaker()
    first = maker.make(surface_request(state))
    field = maker.field
    turned = maker.make(surface_request(state, camera=Camera(azimuth=20.0)))
    assert maker.field is field
    assert (first != turned).any()
    maker.make(surface_request(state, unit=(1, 2)))
    points = state.dataset.points[:10]
    hidden = np.maximum(state.snapshot.network.preactivations(points)[1], 0.0)
    assert np.allclose(maker.field.value(points), hidden[:, 2], atol=1e-9)


def test_the_range_of_heights_follows_slowly_within_a_run_and_at_once_for_another_thing():
    state, maker = state_of(), SurfaceMaker()
    maker.make(surface_request(state))
    low, high = maker.span
    parameters = state.snapshot.parameters.copy()
    parameters[-6:] *= 3.0  # The readout.
    grown = take_picture(state, make_picture(replace(state.snapshot, parameters=parameters), state.view))
    maker.make(surface_request(grown))
    span = maker.span[1] - maker.span[0]
    assert 1.2 * (high - low) < span < 2.0 * (high - low)
    maker.make(surface_request(grown, unit=(0, 0)))
    maker.make(surface_request(grown))
    assert maker.span[1] - maker.span[0] == pytest.approx(3.0 * (high - low), rel=0.05)


def test_a_truncated_partition_is_said_in_words():
    state = state_of(view=View(width=60, height=60, region_budget=20), hidden=(8, 8, 8))
    layer = state.picture.partition.truncated_at
    assert layer is not None
    assert "more regions than the budget" in SurfaceMaker().make(surface_request(state))
    said = FoldMaker().make(fold_request(state, depth=3.0))
    assert f"allowed is 0 (the input) to {layer}" in said


def test_why_there_are_no_regions():
    state = state_of()
    assert exact_picture(state.picture) is state.picture
    assert "being prepared" in exact_picture(make_preview(state.snapshot, state.view))
    smooth = state_of(activation="tanh")
    assert "linear regions" in exact_picture(smooth.picture)
    stand_in = take_picture(smooth, make_picture(smooth.snapshot, replace(smooth.view, smooth="epsilon")))
    assert exact_picture(stand_in.picture) is stand_in.picture
    drawn = FoldMaker().make(fold_request(stand_in, depth=1.5))
    assert drawn.shape == (100, 120)


def test_census_of_a_picture_in_words_and_bars():
    state = state_of()
    count = count_picture(state.picture)
    partition = state.picture.partition
    text = say_census(count)
    assert f"<b>{partition.count:,}</b> activation regions" in text
    assert f"<b>{partition.linear_count:,}</b> linear" in text
    bars = census_bars(count, state)
    for name in ("active", "areas", "neighbours"):
        assert bars[name].heights.sum() == partition.count
    assert bars["layers"].heights.tolist() == np.bincount(partition.edge_layers, minlength=2).tolist()


def test_ticks_under_bars():
    assert number_ticks(4) == ((0.0, "0"), (1.0, "1"), (2.0, "2"), (3.0, "3"))
    assert [text for _, text in number_ticks(2049)][-1] == "2,000"
    assert [place for place, _ in area_ticks(np.geomspace(1e-4, 1.0, 10))] == [-0.5, 2.5, 5.5, 8.5]


def test_the_animation_goes_down_rests_and_comes_back():
    assert swing(0.0, 0.0, 3) == 0.0
    depths = [swing(0.01 * i, 0.0, 3) for i in range(2000)]
    assert max(depths) == pytest.approx(3.0)
    assert min(depths) == 0.0
    assert max(abs(b - a) for a, b in pairwise(depths)) < 0.02
    assert (name_depth(0.0, 3), name_depth(1.5, 3), name_depth(3.0, 3)) == ("input", "1 → 2", "layer 3 of 3")


# --- the panels ------------------------------------------------------------------------------------------------------


@pytest.fixture
def show(qtbot, no_leftovers):
    made = []

    def make(kind, state):
        store = Store(state)
        panel = kind(store)
        qtbot.addWidget(panel)
        panel.resize(320, 360)
        panel.show()
        qtbot.waitExposed(panel)
        made.append(panel)
        return store, panel

    yield make
    for panel in made:
        panel._workshop.stop()


def image_of(panel):
    return None if panel._view._pixels is None else panel._view._pixels.copy()


def wait_image(qtbot, panel, other_than=None):
    def came():
        image = image_of(panel)
        assert image is not None
        assert other_than is None or image.shape != other_than.shape or (image != other_than).any()

    qtbot.waitUntil(came, timeout=20_000)
    return image_of(panel)


@pytest.mark.parametrize("kind", [FoldPanel, SurfacePanel])
def test_a_panel_draws_in_its_thread_and_says_what_it_cannot(qtbot, show, kind):
    store, panel = show(kind, state_of())
    first = wait_image(qtbot, panel)
    assert first.shape[::-1] == panel._view.pixel_size
    smooth = state_of(activation="tanh")
    store.set(smooth)
    qtbot.waitUntil(lambda: "linear regions" in panel._view.sentence, timeout=20_000)
    store.set(take_theme(state_of(), "projector"))
    assert wait_image(qtbot, panel).shape == first.shape


def test_the_fold_slider_and_its_animation(qtbot, show):
    _, panel = show(FoldPanel, state_of())
    last = wait_image(qtbot, panel)
    assert panel.layer_depth == 2.0
    panel._slider.setValue(0)
    first = wait_image(qtbot, panel, last)
    assert panel._depth.text() == "input"
    panel._play.click()
    qtbot.waitUntil(lambda: 0.3 < panel.layer_depth < 2.0, timeout=20_000)
    panel._play.click()
    held = panel.layer_depth
    QTest.qWait(60)
    assert panel.layer_depth == held
    wait_image(qtbot, panel, first)
    panel._axes.setCurrentIndex(1)
    panel._ask()
    assert all(spin.isVisible() for spin in panel._units)


def wheel(view, notches):
    place = QPointF(view.rect().center())
    turn = QPoint(0, 120 * notches)
    nothing = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    QApplication.sendEvent(view, QWheelEvent(place, view.mapToGlobal(place), turn, turn, *nothing, False))


def test_the_surface_is_turned_by_mouse_wheel_and_keys(qtbot, show):
    store, panel = show(SurfacePanel, state_of())
    wait_image(qtbot, panel)
    before = panel.camera
    QTest.mousePress(panel._view, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    QTest.mouseMove(panel._view, QPoint(140, 90))
    QTest.mouseRelease(panel._view, Qt.MouseButton.LeftButton, pos=QPoint(140, 90))
    assert panel.camera.azimuth != before.azimuth
    assert panel.camera.elevation < before.elevation
    wheel(panel._view, 2)
    assert panel.camera.zoom == pytest.approx(0.88 * 1.12**2)
    turned = panel.camera.azimuth
    QTest.keyClick(panel._view, Qt.Key.Key_Left)
    assert panel.camera.azimuth == pytest.approx((turned + 6.0) % 360.0)
    store.apply(select_unit, unit=(0, 3))
    qtbot.waitUntil(lambda: panel._shown.count() == 2, timeout=5000)
    assert panel._shown.itemText(1) == "unit 4, layer 1"
    seen = wait_image(qtbot, panel)
    panel._shown.setCurrentIndex(1)
    panel._ask()
    wait_image(qtbot, panel, seen)
    assert not panel._zero.isEnabled()


def test_the_census_counts_and_reflows(qtbot, show):
    store, panel = show(CensusPanel, state_of())
    count = store.state.picture.partition.count
    qtbot.waitUntil(lambda: f"<b>{count:,}</b>" in panel._head.text(), timeout=20_000)
    assert "best&nbsp;known" in panel._bounds.text()
    assert panel.plots["active"].accessibleDescription().startswith("By active units: mean")
    panel.resize(900, 400)
    assert panel._columns == 2
    store.set(state_of(activation="tanh"))
    qtbot.waitUntil(lambda: "smooth" in panel._head.text(), timeout=20_000)
    assert not any(button.isEnabled() for button in panel._export.buttons.values())


# --- export ----------------------------------------------------------------------------------------------------------


def finished(export, news, seconds=20.0):
    export.start()
    export.join(seconds)
    return dict(news)["done"]


@pytest.mark.parametrize("name", list(KINDS))
def test_every_kind_of_file_is_written(tmp_path, name):
    state, news = state_of(), []
    path = tmp_path / f"regions{KINDS[name].suffix}"
    done = finished(export_of(name, state, state.picture, path, lambda *item: news.append(item)), news)
    assert done == (f"Saved {path.name}.", "note")
    assert path.stat().st_size > 1000
    assert all(0.0 <= share <= 1.0 for kind, share in news if kind == "share")
    missing = export_of(name, state, state.picture, tmp_path / "none" / path.name, lambda *item: news.append(item))
    sentence, kind = finished(missing, news)
    assert kind == "error"
    assert "cannot be written" in sentence


def test_a_cancelled_export_leaves_nothing(tmp_path):
    state, news = state_of(), []
    export = export_of("csv", state, state.picture, tmp_path / "x.csv", lambda *item: news.append(item))
    export.cancel()
    assert finished(export, news) == ("Stopped; x.csv was not written.", "note")
    assert list(tmp_path.iterdir()) == []


def test_the_row_of_exports_shows_progress_and_says_the_end(qtbot, show, tmp_path):
    store, panel = show(CensusPanel, state_of())
    row = panel._export
    qtbot.waitUntil(lambda: row.buttons["csv"].isEnabled(), timeout=20_000)
    row.begin("csv", tmp_path / "x.csv")
    assert row.cancel.isVisible()
    assert not row.buttons["csv"].isVisible()
    qtbot.waitUntil(lambda: store.state.message.text == "Saved x.csv.", timeout=20_000)
    assert row.buttons["csv"].isVisible()
    assert store.state.folder == str(tmp_path)
    assert len((tmp_path / "x.csv").read_text().splitlines()) == store.state.picture.partition.count + 1
