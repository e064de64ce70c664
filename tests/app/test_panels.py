import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPixmap

from reluviz.app.gauging import gauge_picture
from reluviz.app.panel import PANELS
from reluviz.app.panels.counts import counts_chart, say_bending, say_bounds
from reluviz.app.panels.lamps import Lamps, LampsView, fit_cells, paint_lamps
from reluviz.app.panels.learning import learning_charts
from reluviz.app.panels.line_plot import Chart, Level, Line, LinePlot, _Painting, thin_to_columns
from reluviz.app.panels.live_panel import LivePanel
from reluviz.app.panels.region import RegionPanel, say_map, say_region
from reluviz.app.panels.ticks import linear_ticks, log_ticks, short, step_ticks
from reluviz.app.reading import read_region
from reluviz.app.received import begin_run, take_gauge, take_picture, take_snapshot
from reluviz.app.state import AppState, take_experiment, take_theme
from reluviz.app.store import Store
from reluviz.core.census import raghu, serra_upper
from reluviz.core.experiment import Experiment
from reluviz.core.palette import PALETTES
from reluviz.core.picture import make_picture
from reluviz.core.variation import partition_variation
from reluviz.core.view import View


def state_of(**settings):
    settings = {"hidden": (6, 5)} | settings
    return begin_run(take_experiment(AppState(run=1, view=View(width=90, height=90)), Experiment(**settings)))


def trained(state, steps=(0, 10, 20)):
    for step in steps:
        loss = 1.0 / (step + 1)
        state = take_snapshot(state, replace(state.snapshot, step=step, train_loss=loss, test_loss=2 * loss))
    return state


def drawn(state):
    picture = make_picture(state.snapshot, state.view)
    state = take_picture(state, picture)
    return take_gauge(state, gauge_picture(picture))


# --- ticks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("low", "high"), [(49_674, 49_675), (49_650, 49_900), (0, 1), (0, 60_000)])
def test_steps_along_an_axis_are_whole_and_never_say_the_same(low, high):
    ticks = step_ticks(low, high, 6)
    assert ticks
    assert all(low <= tick <= high and tick == round(tick) for tick, _ in ticks)
    assert len({said for _, said in ticks}) == len(ticks)
    assert ("20k" in [said for _, said in ticks]) is (high == 60_000)


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.integers(1, 12))
def test_linear_ticks_are_round_and_within(low, span, most):
    high = low + span
    ticks = linear_ticks(low, high, most)
    assert len(ticks) <= most + 1
    assert all(low - 1e-6 * span <= tick <= high + 1e-6 * span for tick in ticks)
    if len(ticks) > 1:
        step = ticks[1] - ticks[0]
        leading = step / 10 ** math.floor(math.log10(step) + 1e-6)
        # The step is that of rounded ticks: a little less than 1 reads as a little less than 10.
        assert min(abs(leading - good) for good in (1, 2, 5, 10)) < 1e-3


def test_log_ticks():
    assert log_ticks(0.01, 100, 10) == pytest.approx([0.01, 0.1, 1, 10, 100])
    assert log_ticks(1e-9, 1, 3) == pytest.approx([1e-8, 1e-4, 1])
    assert log_ticks(0.3, 0.9, 5) == pytest.approx([0.4, 0.6, 0.8])
    assert log_ticks(0, 1, 5) == []
    assert linear_ticks(1, 1, 5) == []


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0"),
        (0.0312, "0.0312"),
        (1284, "1,284"),
        (12_400, "12.4k"),
        (3.1e6, "3.1M"),
        (2e-9, "2e-9"),
        (math.nan, "–"),
    ],
)
def test_numbers_are_said_shortly(value, said):
    assert short(value) == said


# --- plots -----------------------------------------------------------------------------------------------------------


def test_thinning_keeps_the_outline():
    x = np.linspace(0, 100, 50_000)
    y = np.random.default_rng(0).normal(size=50_000)
    thin_x, thin_y = thin_to_columns(x, y)
    assert len(thin_x) <= 2 * 101 + 2
    assert (thin_x[0], thin_y[0], thin_x[-1], thin_y[-1]) == (x[0], y[0], x[-1], y[-1])
    assert (np.diff(thin_x) >= 0).all()
    for column in range(100):
        here, kept = y[np.floor(x) == column], thin_y[np.floor(thin_x) == column]
        assert (kept.min(), kept.max()) == (here.min(), here.max())


def painted(widget):
    pixmap = QPixmap(widget.size())
    pixmap.fill(QColor("#000000"))
    widget.render(pixmap)
    image = pixmap.toImage()
    rgb = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)[:, : image.width(), :3]
    return rgb[..., ::-1].astype(int)


def places_of(rgb, color):
    wanted = np.array(QColor(color).getRgb()[:3])
    return np.argwhere(np.abs(rgb - wanted).sum(axis=2) < 40)


@pytest.mark.parametrize("logarithmic", [False, True])
def test_a_falling_curve_falls(qtbot, logarithmic):
    plot = LinePlot("Loss")
    qtbot.addWidget(plot)
    plot.resize(300, 160)
    x = np.arange(200)
    plot.show_chart(Chart("", (Line("train", "#ff0000", x, np.exp(-x / 30)),), logarithmic=logarithmic))
    dots = places_of(painted(plot), "#ff0000")
    dots = dots[dots[:, 0] > 25]
    left, right = dots[dots[:, 1] < 90][:, 0].min(), dots[dots[:, 1] > 270][:, 0].mean()
    assert left < 60
    assert right > 110
    straight = dots[np.abs(dots[:, 1] - 170) < 4][:, 0].mean()
    assert (abs(straight - (left + right) / 2) < 15) == logarithmic
    assert "train" in plot.accessibleDescription()


@pytest.mark.parametrize(
    "lines",
    [
        (),
        (Line("a", "#ff0000", np.zeros(0), np.zeros(0)),),
        (Line("a", "#ff0000", np.arange(3), np.full(3, np.nan)),),
        (Line("a", "#ff0000", np.arange(3), np.array([0.0, 0.0, 0.0])),),
        (Line("a", "#ff0000", np.array([5]), np.array([1.0])),),
        (Line("a", "#ff0000", np.arange(4), np.array([1e-300, 1e300, np.nan, -1.0])),),
    ],
)
@pytest.mark.parametrize("logarithmic", [False, True])
def test_odd_curves_are_painted_without_complaint(qtbot, lines, logarithmic):
    plot = LinePlot("odd")
    qtbot.addWidget(plot)
    for size in ((300, 160), (30, 20)):
        plot.resize(*size)
        plot.show_chart(Chart("Odd", lines, (Level("five", 5.0),), logarithmic=logarithmic, empty="Nothing yet."))
        painted(plot)


def test_learning_charts_follow_the_data():
    state = trained(state_of())
    loss, accuracy = learning_charts(state)
    assert [line.label for line in loss.lines] == ["train", "test"]
    assert loss.lines[0].y.tolist() == pytest.approx([1, 1 / 11, 1 / 21])
    assert loss.logarithmic
    assert accuracy.percent
    assert learning_charts(state_of(dataset="ripple"))[1] is None
    assert len(learning_charts(state_of(train_share=1.0))[0].lines) == 1


def test_counts_and_bounds_are_those_of_the_network():
    state = drawn(state_of(hidden=(16, 16)))
    chart = counts_chart(state)
    partition = state.picture.partition
    assert chart.lines[0].y.tolist() == [partition.count]
    assert chart.lines[1].y.tolist() == [partition.linear_count]
    assert chart.levels[0].value == 512
    said = say_bounds(state)
    assert "typical</span>&nbsp;<b>512</b>" in said
    assert f"most</span>&nbsp;<b>{short(serra_upper((16, 16)))}</b>" in said
    assert f"most</span>&nbsp;<b>{short(raghu((6, 5)))}</b>" in say_bounds(state_of(activation="leaky_relu"))
    assert "one region" in say_bounds(state_of(activation="identity"))
    assert "most</span>&nbsp;<b>7</b>" in say_bounds(state_of(hidden=(5,), ablated=((0, 1), (0, 4))))


def test_smooth_networks_count_the_regions_of_a_stand_in():
    state = drawn(state_of(hidden=(4, 4), activation="tanh"))
    gauge = state.gauge
    chart = counts_chart(state)
    assert chart.lines[0].label == "\u03b5-linear"
    assert chart.lines[0].y.tolist() == [gauge.regions]
    assert gauge.regions > 1
    assert f"<b>\u03b5 = {short(gauge.epsilon)}</b>" in say_bounds(state)
    assert f"<b>{short(gauge.bending)} \u00b1 {short(gauge.bending_error)}</b>" in say_bending(state)


@pytest.mark.parametrize("smooth", ["soft", "epsilon"])
def test_regions_of_a_stand_in_are_no_regions_of_the_network_after_it(smooth):
    state = drawn(state_of(hidden=(4, 4), activation="tanh"))
    state = drawn(replace(state, view=replace(state.view, smooth=smooth)))
    stand_in = state.gauge.regions
    swapped = take_experiment(state, state.experiment.edit(activation="relu"))
    later = replace(state.snapshot, step=20, experiment=swapped.experiment)
    state = drawn(take_snapshot(swapped, later))
    activation = counts_chart(state).lines[0]
    assert (activation.x.tolist(), activation.y.tolist()) == ([20], [state.picture.partition.count])
    back = take_experiment(state, state.experiment.edit(activation="tanh"))
    assert counts_chart(back).lines[0].y.tolist() == [stand_in]


def test_bending_is_said_of_every_network():
    state = drawn(state_of())
    assert say_bending(state).endswith(f"<b>{short(partition_variation(state.picture.partition).value)}</b>")
    assert "without limit" in say_bending(drawn(state_of(activation="step")))
    assert say_bending(state_of()).endswith("<b>\N{EN DASH}</b>")


def test_both_counts_in_the_title_are_of_one_picture():
    state = drawn(state_of(hidden=(16, 16)))
    step, regions = state.gauge.step, state.gauge.regions
    fewer = replace(state.curves, regions=state.curves.regions.add(step + 5, (regions - 9,)))  # A newer picture.
    lines = counts_chart(replace(state, curves=fewer)).lines
    assert [line.said for line in lines] == [regions, state.gauge.linear]
    assert counts_chart(replace(state, run=state.run + 1)).lines[0].said is None


def test_a_levels_name_keeps_clear_of_the_curve(qtbot):
    plot = LinePlot("Counts")
    qtbot.addWidget(plot)
    plot.resize(260, 180)
    x = np.arange(400)
    for height in (560.0, 470.0):  # A little above the level, and a little below it.
        lines = (Line("count", "#ff0000", x, np.where(x < 5, 560.0, height)),)
        plot.show_chart(Chart("", lines, (Level("typical 512", 512.0),), low=0.0))
        painting = _Painting(QPainter(), plot._chart, QRectF(plot.rect()), plot.fontMetrics())
        y = painting._y(np.array([512.0]))[0]
        box = painting._freest(y, 80.0, 1.2 * plot.fontMetrics().height())
        assert painting._crossed(box) == 0


# --- lamps -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hidden", [(1,), (16, 16), (256,) * 8, (3, 200)])
def test_lamps_show_each_unit_once(hidden):
    units = sum(hidden)
    pattern = (np.random.default_rng(units).random(units) < 0.5).astype(np.int8)
    lamps = Lamps(pattern, hidden, (2,) * len(hidden), PALETTES["dark"])
    cell, columns = fit_cells(hidden, 240, 200)
    pixels, tops = paint_lamps(lamps, cell, columns)
    assert pixels.shape[1] <= 240
    assert len(tops) == len(hidden)
    begin = 0
    for layer, width in enumerate(hidden):
        lit, dark = (QColor(c).getRgb()[:3] for c in (PALETTES["dark"].lines[layer], PALETTES["dark"].border))
        for unit in range(width):
            row, column = divmod(unit, columns)
            pixel = int(pixels[tops[layer] + row * cell + cell // 2, column * cell + cell // 2])
            seen = np.array([pixel >> s & 255 for s in (16, 8, 0)])
            nearer = min((lit, dark), key=lambda color, seen=seen: float(np.abs(seen - color).sum()))
            assert nearer == (lit if pattern[begin + unit] else dark)
        begin += width


def test_lamps_are_described(qtbot):
    view = LampsView()
    qtbot.addWidget(view)
    view.show_lamps(Lamps(np.array([1, 0, 1, 1], np.int8), (3, 1), (2, 2), PALETTES["dark"]))
    assert view.accessibleDescription() == "layer 1: 2 of 3 on, layer 2: 1 of 1 on"
    view.show_lamps(Lamps(None, (3, 1), (2, 2), PALETTES["dark"]))
    assert "No region" in view.accessibleDescription()


# --- region ----------------------------------------------------------------------------------------------------------


def test_the_affine_map_is_said_in_the_axes_units():
    state = drawn(state_of(dataset="ripple"))
    probe = (0.31, -0.22)
    reading = read_region(state.picture, probe)
    dataset = replace(state.dataset, center=(10.0, 20.0), scale=(2.0, 4.0), value_center=5.0, value_scale=3.0)
    said = say_map(reading, dataset)
    a, b = reading.gradient[0] / (2, 4) * 3
    x, y = 10 + 2 * probe[0], 20 + 4 * probe[1]
    value = reading.value[0] * 3 + 5
    first = said.split("<br>")[0].replace("\N{MINUS SIGN}", "-")
    assert f"{a:.4g} x" in first
    assert f"<b>{value:.4g}</b>" in first
    c = value - a * x - b * y
    assert f"{abs(c):.4g} =" in first
    assert "equals the forward pass" in said


def test_the_region_panel_reads_under_the_mouse(qtbot):
    store = Store(drawn(state_of()))
    panel = RegionPanel(store)
    qtbot.addWidget(panel)
    panel.resize(260, 300)
    panel.show()
    assert "Point at the canvas" in panel._head.text()
    store.update(probe=(0.2, 0.1))
    region = int(store.state.picture.partition.locate(np.array([[0.2, 0.1]]))[0])
    qtbot.waitUntil(lambda: f"Region {region + 1:,}" in panel._head.text())
    store.update(probe=None)
    qtbot.waitUntil(lambda: "Point at the canvas" in panel._head.text())
    store.close()


# --- all -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("panel", PANELS, ids=[panel.name for panel in PANELS])
def test_panels_show_every_state(panel, qtbot):
    store = Store(AppState())
    widget = panel.factory(store)
    qtbot.addWidget(widget)
    widget.resize(220, 260)
    widget.show()
    state = trained(state_of())
    for theme in ("dark", "light", "projector"):
        for more in (state, drawn(state), drawn(state_of(dataset="blobs", hidden=())), state_of(hidden=(256,) * 8)):
            store.set(replace(take_theme(more, theme), probe=(0.1, 0.2)))
            if isinstance(widget, LivePanel):  # Others show every change at once.
                widget.redraw(store.state)
            assert not widget.grab().isNull()
    store.close()


def test_hidden_panels_do_nothing_and_shown_ones_not_too_often(qtbot):
    class Counting(LivePanel):
        watches = ("run",)
        drawn = 0

        def redraw(self, state):
            self.drawn += 1

    store = Store(AppState())
    panel = Counting(store)
    qtbot.addWidget(panel)
    store.update(run=1)
    qtbot.wait(150)
    assert panel.drawn == 0
    panel.show()
    assert panel.drawn == 1
    for run in range(2, 200):
        store.update(run=run)
    store.update(until=3)
    qtbot.waitUntil(lambda: panel.drawn == 2)
    qtbot.wait(150)
    assert panel.drawn == 2
    store.close()


@pytest.mark.parametrize("activation", ["tanh", "gelu", "sin"])
def test_a_smooth_network_has_no_region_to_read_and_the_panel_says_so(activation):
    state = take_experiment(AppState(), Experiment(activation=(activation,)))
    assert "stand-in" in say_region(None, state)
    assert "stand-in" not in say_region(None, replace(state, view=replace(state.view, smooth="epsilon")))
