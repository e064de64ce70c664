"""While weights move under the hand: what is drawn, measured, handed to the engine and trained meanwhile."""

import time
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from reluviz.app import engine_link, live
from reluviz.app.canvas import line_tool
from reluviz.app.canvas.tools import next_stroke
from reluviz.app.drawing import Drawing, DrawRequest
from reluviz.app.engine_link import EngineLink
from reluviz.app.live import Live
from reluviz.app.pane_drawing import PanesRequest
from reluviz.app.panels.census import CensusPanel
from reluviz.app.panels.live_panel import STROKE_MS
from reluviz.app.panels.network import NetworkPanel
from reluviz.app.received import begin_run, take_snapshot
from reluviz.app.state import AppState, edit_weights, take_experiment
from reluviz.app.store import Store
from reluviz.core.edit_weights import set_bias
from reluviz.core.experiment import Experiment
from reluviz.core.flow import Flow
from reluviz.core.picture import make_picture
from reluviz.core.view import View
from reluviz.engine.process import News
from tests.app.test_live import FakeEngine
from tests.app.test_tools import at, canvas, draw, longest_edge, pixel  # noqa: F401 (a fixture)

pytestmark = pytest.mark.qt_log_ignore("not accepted by receiving widget")
SMALL = View(width=40, height=40)


def state_of(**settings):
    state = take_experiment(AppState(view=SMALL), Experiment(hidden=(6, 6), **settings))
    return begin_run(replace(state, run=1))


def bent(state, bias):
    return edit_weights(state, set_bias(state.snapshot.network, 0, 1, bias))


def trained(snapshot, steps=1, loss=0.5):
    parameters = snapshot.parameters + np.float32(0.25)
    return replace(snapshot, step=snapshot.step + steps, parameters=parameters, train_loss=loss)


class TestFigures:
    def test_none_is_measured_before_the_hand_rests(self):
        put = []
        drawing = Drawing(lambda name, _: put.append(name), make_picture)
        snapshot = state_of().snapshot
        for _ in range(3):
            drawing.draw(DrawRequest(snapshot, SMALL, held=True))
        assert put == ["picture"] * 3
        drawing.rest()
        assert put[3:] == ["gauge"]
        drawing.draw(DrawRequest(snapshot, SMALL))
        drawing._next_count = 0.0
        drawing.draw(DrawRequest(snapshot, SMALL))
        assert put[-1] == "gauge"

    def test_none_of_a_comparison(self):
        put = []
        drawing = Drawing(lambda name, _: put.append(name), make_picture)
        snapshot = state_of().snapshot
        panes = tuple(DrawRequest(replace(snapshot, pane=index), SMALL, held=True) for index in range(2))
        for _ in range(2):
            drawing.draw(PanesRequest(panes))
        assert put == ["pictures", "pictures"]
        drawing.rest()
        assert put[2:] == ["gauges", "gauges"]


class TestTrainingBesideTheHand:
    def test_what_is_held_stays_and_all_else_goes_on(self):
        state = replace(state_of(), stroke=next_stroke())
        first = bent(state, 0.3)
        second = bent(first, 0.4)
        came = trained(first.snapshot)
        state = take_snapshot(second, came)
        held = second.held.places
        assert len(held) == 1
        assert (state.run, state.snapshot.run, state.snapshot.step) == (3, 3, 1)
        others = np.setdiff1d(np.arange(len(came.parameters)), held)
        assert np.array_equal(state.snapshot.parameters[others], came.parameters[others])
        assert state.snapshot.parameters[held[0]] == np.float32(0.4)
        assert np.isnan(state.snapshot.train_loss)  # It was measured of other numbers,
        assert state.curves.learning.column("train_loss")[-1] == 0.5  # at which it keeps its place.
        assert not state.snapshot.parameters.flags.writeable

    def test_all_that_one_stroke_changed_is_held(self):
        state = bent(replace(state_of(), stroke=next_stroke()), 0.3)
        state = edit_weights(state, set_bias(state.snapshot.network, 1, 2, 0.7))
        assert len(state.held.places) == 2
        kept = take_snapshot(state, trained(replace(state.snapshot, run=2)))
        assert np.array_equal(kept.snapshot.parameters[state.held.places], state.snapshot.parameters[state.held.places])

    def test_at_rest_only_figures_are_taken(self):
        first = bent(replace(state_of(), stroke=next_stroke()), 0.3)
        second = bent(first, 0.4)
        state = take_snapshot(second, replace(first.snapshot, train_loss=0.25))
        assert state.snapshot is second.snapshot
        assert state.curves.learning.column("train_loss").tolist() == [0.25]

    @pytest.mark.parametrize("late", ["another stroke", "no stroke", "before the stroke", "an older step", "panes"])
    def test_what_comes_too_late_changes_nothing(self, late):
        before = replace(state_of(), stroke=next_stroke())
        first = bent(before, 0.3)
        if late == "another stroke":
            first = replace(first, stroke=next_stroke())
        second = bent(first, 0.4)
        came = trained(first.snapshot)
        if late == "no stroke":
            second = replace(second, stroke=0)
        elif late == "before the stroke":
            came = trained(before.snapshot)
        elif late == "an older step":
            second = replace(second, snapshot=replace(second.snapshot, step=9))
        elif late == "panes":
            second = replace(second, panes=(object(),))
        assert take_snapshot(second, came) is second

    def test_the_flow_stays_until_the_next_is_measured(self):
        state, flow = state_of(), object.__new__(Flow)
        assert bent(replace(state, flow=flow), 0.3).flow is None
        assert bent(replace(state, flow=flow, stroke=next_stroke()), 0.3).flow is flow


class TestPlans:
    @pytest.fixture
    def link(self, qtbot, monkeypatch):
        monkeypatch.setattr(engine_link, "HELD_MS", 60)
        store = Store(state_of())
        link = EngineLink(store, lambda: None, FakeEngine)
        link.start()
        store.changed.connect(link.follow)
        yield store, link._engine.plans
        link.stop()
        store.close()

    def test_of_many_edits_the_engine_hears_of_the_newest_now_and_then(self, link, qtbot):
        store, plans = link
        store.update(stroke=next_stroke())
        del plans[:]
        for bias in np.linspace(0.1, 0.9, 30):
            store.set(bent(store.state, bias))
        assert [plan.run for plan in plans] == [2]
        qtbot.waitUntil(lambda: len(plans) == 2)
        assert plans[1].run == 31
        assert plans[1].start is store.state.start
        qtbot.wait(150)
        assert len(plans) == 2

    def test_the_end_of_a_stroke_is_told_at_once(self, link):
        store, plans = link
        store.update(stroke=next_stroke())
        for bias in (0.1, 0.2, 0.3):
            store.set(bent(store.state, bias))
        store.update(stroke=0)
        assert (plans[-1].run, plans[-1].steps_per_second) == (4, np.inf)

    def test_a_pause_in_a_stroke_is_told_at_once(self, link):
        store, plans = link
        store.update(stroke=next_stroke())
        for bias in (0.1, 0.2, 0.3):
            store.set(bent(store.state, bias))
        store.update(until=0)
        assert (plans[-1].run, plans[-1].until) == (4, 0)

    def test_edits_without_a_stroke_are_told_each(self, link):
        store, plans = link
        del plans[:]
        for bias in (0.1, 0.2, 0.3):
            store.set(bent(store.state, bias))
        assert [plan.run for plan in plans] == [2, 3, 4]


class TestPictures:
    @pytest.fixture
    def loop(self, qtbot, monkeypatch):
        monkeypatch.setattr(live, "HAND_RESTS", 0.2)
        store = Store(state_of())
        loop = Live(store, lambda store, wake: EngineLink(store, wake, FakeEngine))
        asked = []
        monkeypatch.setattr(loop._drawer, "submit", asked.append)
        loop.start_engine()
        loop._begin()
        yield store, loop, asked
        loop.stop()
        store.close()

    def test_what_was_trained_is_drawn_with_the_next_edit_or_once_the_hand_is_still(self, loop, qtbot):
        store, loop, asked = loop
        store.update(stroke=next_stroke())
        store.set(bent(store.state, 0.1))
        assert [request.snapshot.run for request in asked] == [2]
        assert asked[0].held
        store.set(take_snapshot(store.state, trained(store.state.snapshot)))
        assert len(asked) == 1
        store.set(bent(store.state, 0.2))
        assert len(asked) == 2
        assert asked[1].snapshot.step == 1
        store.set(take_snapshot(store.state, trained(store.state.snapshot)))
        assert len(asked) == 2
        qtbot.waitUntil(lambda: len(asked) == 3)
        assert asked[2].snapshot is store.state.snapshot
        store.set(take_snapshot(store.state, trained(store.state.snapshot)))
        qtbot.waitUntil(lambda: len(asked) == 4)  # The hand is still: training is watched.
        assert asked[3].snapshot is store.state.snapshot
        store.update(stroke=0)
        store.set(take_snapshot(store.state, trained(store.state.snapshot)))
        assert not asked[4].held

    def test_snapshots_of_older_edits_are_not_drawn(self, loop):
        store, loop, asked = loop
        store.update(stroke=next_stroke())
        store.set(bent(store.state, 0.1))
        old = store.state.snapshot
        store.set(bent(store.state, 0.2))
        loop._link._engine.news = [News(snapshot=trained(old))]
        loop._news_waits, loop._pulled = True, 0.0
        loop._pull()
        assert store.state.snapshot.step == 1
        assert [request.snapshot.run for request in asked] == [2, 3]

    def test_training_is_seen_as_often_as_ever_while_the_hand_is_still_or_paints_points(self, loop, monkeypatch):
        store, loop, _ = loop
        waits = []
        monkeypatch.setattr(loop._puller, "start", waits.append)

        def wait():
            loop._news_waits, loop._pulled = True, time.monotonic()
            loop._pull()
            return waits.pop()

        store.update(stroke=next_stroke())
        assert wait() <= live.PULL_MS
        store.set(bent(store.state, 0.1))
        assert wait() > live.PULL_MS
        loop._edited -= live.HAND_RESTS
        assert wait() <= live.PULL_MS

    def test_a_changed_view_is_drawn_at_once(self, loop):
        store, loop, asked = loop
        store.update(stroke=next_stroke())
        store.set(bent(store.state, 0.1))
        store.update(view=replace(store.state.view, lines="none"))
        assert len(asked) == 2


def test_the_next_edit_is_made_as_soon_as_the_picture_is_there(canvas, monkeypatch):  # noqa: F811
    """One edit a picture, of the newest place, at once and not after the paint: the drawing thread waits for it."""
    monkeypatch.setattr(line_tool, "LATE_MS", 60_000)
    monkeypatch.setattr(line_tool, "EDIT_MS", -1_000)
    store, widget = canvas()
    store.update(tool="line")
    _, place = longest_edge(store.state.picture.partition, 0)
    begin, viewport, edits = at(widget, *place), widget.viewport(), []
    QTest.mouseMove(viewport, begin)
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, begin)
    store.changed.connect(lambda old, new: edits.append(new.run) if new.run != old.run else None)
    for k in range(1, 6):
        for small in range(4):
            QTest.mouseMove(viewport, begin + QPoint(4 * k + small, 0))
        assert len(edits) == 2 * k - 1
        draw(store)
        assert len(edits) == 2 * k
        assert store.state.picture.snapshot.run == edits[-2]
        wanted = widget.box.to_plane(widget.box.mapFromScene(widget.mapToScene(begin + QPoint(4 * k + 3, 0))))
        assert np.hypot(*np.subtract(widget.hand.tool._last, wanted)) < pixel(widget)
        draw(store)
        assert len(edits) == 2 * k  # Nothing more is wanted, and the next move is made at once.
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, begin)


def test_edit_and_picture_are_told_as_one_change(canvas, monkeypatch):  # noqa: F811
    """The drawing thread waits until views have been told: of one change, not of two."""
    monkeypatch.setattr(line_tool, "LATE_MS", 60_000)
    monkeypatch.setattr(line_tool, "EDIT_MS", -1_000)
    store, widget = canvas()
    store.update(tool="line")
    _, place = longest_edge(store.state.picture.partition, 0)
    begin, viewport, told = at(widget, *place), widget.viewport(), []
    QTest.mouseMove(viewport, begin)
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, begin)
    QTest.mouseMove(viewport, begin + QPoint(4, 0))
    QTest.mouseMove(viewport, begin + QPoint(8, 0))
    store.changed.connect(lambda old, new: told.append((new.run - old.run, new.picture is not old.picture)))
    draw(store)
    assert told == [(1, True)]
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, begin)
    before = store.state.run
    draw(store)
    assert store.state.run == before


def test_another_tool_in_the_midst_of_a_stroke_ends_it(canvas):  # noqa: F811
    store, widget = canvas()
    store.update(tool="line")
    _, place = longest_edge(store.state.picture.partition, 0)
    begin, viewport = at(widget, *place), widget.viewport()
    QTest.mouseMove(viewport, begin)
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, begin)
    QTest.mouseMove(viewport, begin + QPoint(4, 0))
    QTest.mouseMove(viewport, begin + QPoint(8, 0))
    store.update(tool="move")
    assert store.state.stroke == 0
    run = store.state.run
    draw(store)
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, begin)
    assert store.state.run == run


class TestPanels:
    @pytest.fixture
    def shown(self, qtbot, monkeypatch):
        stores = []
        monkeypatch.setattr("reluviz.app.turns._TURNS.take", lambda due, _now: due)  # No view of other tests before it.

        def show(panel):
            store = Store(state_of())
            widget = panel(store)
            qtbot.addWidget(widget)
            widget.show()
            stores.append(store)
            return store, widget

        yield show
        for store in stores:
            store.close()

    def test_each_keeps_its_own_pace(self, shown):
        """A common one had thumbnails refreshed 12 times a second, and a census of 15 ms made as often."""
        for panel in (CensusPanel, NetworkPanel):
            store, widget = shown(panel)
            assert not widget._timer.isActive()
            draw(store)
            assert widget._timer.isActive()
            assert widget._timer.interval() == panel.pace_ms
        assert NetworkPanel.pace_ms <= 1000 / 15
        assert CensusPanel.pace_ms >= 200

    def test_all_give_way_to_the_canvas_while_something_is_under_the_hand(self, shown):
        store, widget = shown(NetworkPanel)
        store.update(stroke=next_stroke())
        draw(store)
        assert widget._timer.interval() == STROKE_MS

    def test_but_not_the_one_that_the_hand_is_on(self, shown):
        store, widget = shown(NetworkPanel)
        widget._take_hold((0, 1))
        draw(store)
        assert widget._timer.interval() <= 20
        widget._timer.stop()
        widget._let_go()
        draw(store)
        assert widget._timer.interval() == NetworkPanel.pace_ms
