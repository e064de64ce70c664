"""The cost panel: what is said and painted of measured costs, and that they are asked for."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from reluviz.app.engine_link import EngineLink
from reluviz.app.panels.cost import CostPanel, cost_chart, say_cost
from reluviz.app.panels.cost_bars import ends_of
from reluviz.app.store import Store
from reluviz.core.activations import ACTIVATIONS
from reluviz.core.cost import ActivationCost
from reluviz.engine.process import News
from tests.app.shell import make_store


def costs(names):
    return tuple(
        ActivationCost(name, 1.0 + i, (0.9 + i, 1.2 + i), 2.0, (1.9, 2.5), "cpu") for i, name in enumerate(names)
    )


class FakeEngine:
    pid = None

    def __init__(self, wake):
        self.asked, self.news = 0, None

    def start(self):
        pass

    def submit(self, plan):
        pass

    def ask_cost(self):
        self.asked += 1

    def take(self):
        news, self.news = self.news, None
        return news

    def stop(self):
        pass


@pytest.fixture
def panel(qtbot):
    store = make_store()
    store.update(engine="ready")
    panel = CostPanel(store)
    qtbot.addWidget(panel)
    panel.resize(240, 400)
    yield panel, store
    store.close()


def test_costs_are_asked_for_when_they_are_looked_at(panel, qtbot):
    widget, store = panel
    assert store.state.costs_asked == 0
    widget.show()
    assert store.state.costs_asked == 1
    assert "is timed now" in widget._said.text()
    widget.hide()
    widget.show()
    assert store.state.costs_asked == 1
    qtbot.mouseClick(widget.button, Qt.MouseButton.LeftButton)
    assert store.state.costs_asked == 2


def test_the_engine_is_asked_and_its_answer_taken(qtbot):
    store = make_store()
    link = EngineLink(store, lambda: None, FakeEngine)
    store.changed.connect(link.follow)
    link.start()
    store.update(costs_asked=1)
    assert link._engine.asked == 1
    link._engine.news = News(cost=costs(["relu", "tanh"]))
    link.take()
    assert [cost.name for cost in store.state.cost] == ["relu", "tanh"]
    assert link._engine.asked == 1
    store.close()


def test_what_is_measured_is_said_and_painted(panel, qtbot):
    widget, store = panel
    widget.show()
    store.update(cost=costs(["tanh", "relu"]))
    qtbot.waitUntil(lambda: "measured" in widget._said.text())
    assert f"2 of {len(ACTIVATIONS)} measured" in widget._said.text()
    assert "one thread of this CPU" in widget._said.text()
    assert "Tanh: 1 forward, 2 backward" in widget._bars.accessibleDescription()
    assert not widget.button.isEnabled()
    store.update(cost=costs(ACTIVATIONS))
    qtbot.waitUntil(widget.button.isEnabled)
    assert not widget.grab().isNull()
    gpu = replace(store.state, cost=(replace(costs(["relu"])[0], device="cuda"),))
    assert "this CUDA GPU" in say_cost(gpu)
    assert "once the training engine is ready" in say_cost(replace(store.state, cost=(), engine="starting"))


def test_the_cheapest_comes_first_and_those_in_use_are_known():
    store = Store(make_store(activation=("gelu", "relu")).state)
    chart = cost_chart(replace(store.state, cost=costs(["gelu", "relu", "sin"])[::-1]))
    assert [cost.name for cost in chart.costs] == ["gelu", "relu", "sin"]
    assert chart.used == {"gelu", "relu"}
    store.close()


def test_the_scale_holds_all_but_what_is_next_to_nothing():
    some = costs(["relu", "tanh", "sin"])
    low, high = ends_of(some)
    assert low < min(cost.forward_spread[0] for cost in some)
    assert high > max(cost.forward_spread[1] for cost in some)
    nothing = replace(some[0], forward_ns=0.0, forward_spread=(0.0, 0.0))
    assert ends_of((nothing, *some[1:]))[0] > 0
    assert ends_of((replace(nothing, backward_ns=0.0, backward_spread=(0.0, 0.0)),))[0] > 0
    assert high / ends_of((replace(some[0], forward_spread=(1e-9, 1e-9)), *some[1:]))[0] == pytest.approx(102)
