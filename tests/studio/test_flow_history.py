from dataclasses import replace

import numpy as np

from reluviz.core.experiment import Experiment
from reluviz.core.flow_quantities import QUANTITIES
from reluviz.studio.flow_history import FlowHistory
from tests.flowing import flowing


def flow_of(*hidden):
    return flowing(Experiment(hidden=hidden, points=60), 2).flow


def test_quantities_come_back_by_layer_and_step():
    flow = flow_of(4, 3)
    history = FlowHistory()
    assert history.table("gradient").shape == (0, 0)
    for step in (2, 4, 6):
        history = history.add(step, replace(flow, grad_norm=step * flow.grad_norm))
    assert history.steps.tolist() == [2, 4, 6]
    assert np.array_equal(history.table("gradient"), np.outer([2, 4, 6], flow.grad_norm))
    slopes = history.table("slope")
    assert np.array_equal(slopes[:, :2], [flow.slope_mean] * 3)
    assert np.isnan(slopes[:, 2]).all()
    assert history.before(4).steps.tolist() == [2]
    assert all(history.table(name).shape == (3, 3) for name in QUANTITIES)


def test_another_depth_begins_a_new_history():
    history = FlowHistory().add(1, flow_of(4, 3)).add(2, flow_of(4))
    assert history.steps.tolist() == [2]
    assert history.table("signal").shape == (1, 2)
