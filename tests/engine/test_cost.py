"""What is measured of an activation's cost; no figure itself is asserted."""

import pytest
import torch

from reluviz.core.activations import ACTIVATIONS
from reluviz.engine import cost
from reluviz.engine.cost import measure_cost


@pytest.mark.parametrize("name", ["relu", "prelu", "gelu", "step_ste", "identity"])
def test_median_lies_between_the_quartiles(name) -> None:
    found = measure_cost(name, torch.device("cpu"))
    assert (found.name, found.device) == (name, "cpu")
    for middle, (low, high) in (
        (found.forward_ns, found.forward_spread),
        (found.backward_ns, found.backward_spread),
    ):
        assert 0 < low <= middle <= high


def test_every_row_is_timed_from_calls_to_quartiles(monkeypatch) -> None:
    """A clock that ticks one second a reading: each call list takes one, whatever it holds."""
    ticks = iter(range(10**6))
    monkeypatch.setattr(cost.time, "perf_counter", lambda: float(next(ticks)))
    per_number = 1e9 / (cost.SHAPE[0] * cost.SHAPE[1])
    for name in ACTIVATIONS:
        found = measure_cost(name, torch.device("cpu"))
        assert found.forward_ns == found.backward_ns == pytest.approx(per_number)
        assert found.forward_spread == pytest.approx((per_number, per_number))
