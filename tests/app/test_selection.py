import math

import pytest

from reluviz.app.selection import (
    MOST_PINS,
    clear_pins,
    drop_pin,
    first_segment,
    pin_point,
    read_pin,
    reading_point,
    select_unit,
    selected_in,
    shade_unit,
    step_unit,
    take_segment,
)
from reluviz.app.state import AppState, edit_weights, take_experiment
from reluviz.core.edit_weights import set_bias
from reluviz.core.errors import InputError
from reluviz.core.experiment import Experiment
from tests.app.inside import drawn_store


@pytest.fixture
def state():
    return take_experiment(AppState(), Experiment(hidden=(6, 3)))


def test_the_view_follows_the_selected_unit(state):
    chosen = select_unit(state, (1, 2))
    assert (chosen.selected, chosen.view.layer, chosen.view.unit) == ((1, 2), 1, 2)
    none = select_unit(chosen, None)
    assert (none.selected, none.view.layer, none.view.unit) == (None, -1, -1)
    assert select_unit(chosen, (1, 2)) is chosen


def test_a_selected_unit_that_a_smaller_network_lacks_is_none(state):
    chosen = select_unit(state, (1, 2))
    assert selected_in(chosen, (6, 3)) == (1, 2)
    assert selected_in(chosen, (6, 2)) is None
    assert selected_in(chosen, (6,)) is None


def test_arrows_stay_within_the_network(state):
    at = step_unit(state, 0, 1)
    assert at.selected == (0, 0)
    assert step_unit(at, -1, 0).selected == (0, 0)
    assert step_unit(at, 0, -1).selected == (0, 0)
    assert step_unit(select_unit(state, (0, 5)), 1, 0).selected == (1, 2)
    assert step_unit(select_unit(state, (1, 2)), 1, 1).selected == (1, 2)


def test_shading_is_a_colouring(state):
    assert shade_unit(state, True).view.coloring == "unit"
    assert shade_unit(shade_unit(state, True), False).view.coloring == "pattern"


def test_pins_are_read_kept_and_let_go(state):
    for i in range(MOST_PINS + 2):
        state = pin_point(state, (float(i), 0.0))
    assert len(state.pins) == MOST_PINS
    assert state.pins[0] == (2.0, 0.0)
    assert reading_point(state) == state.view.pin == (MOST_PINS + 1.0, 0.0)
    mouse = read_pin(state, None)
    assert reading_point(mouse) is None
    assert mouse.view.pin == state.view.pin, "patterns are still compared with the pin that was read last"
    first = read_pin(mouse, 0)
    assert reading_point(first) == (2.0, 0.0)
    fewer = drop_pin(first)
    assert (2.0, 0.0) not in fewer.pins
    assert fewer.pin is None
    gone = clear_pins(fewer)
    assert (gone.pins, gone.pin, gone.view.pin) == ((), None, None)
    assert drop_pin(gone) is gone


def test_a_segment_without_length_is_told_and_the_old_one_stays(state):
    laid = take_segment(state, (0.0, 0.0), (0.5, 0.5), finished=True)
    assert laid.segment == (0.0, 0.0, 0.5, 0.5)
    assert take_segment(laid, (0.3, 0.3), (0.3, 0.3), finished=False) is laid
    told = take_segment(laid, (0.3, 0.3), (0.3, 0.3), finished=True)
    assert told.segment == laid.segment
    assert "from one point" in told.message.text


def test_the_first_segment_lies_in_view(state):
    x0, y0, x1, y1 = first_segment(state)
    xmin, xmax, ymin, ymax = state.view.bounds
    assert xmin < x0 < x1 < xmax
    assert ymin < y0 < y1 < ymax


def test_edited_weights_are_a_new_run_from_the_same_step(qapp):
    state = drawn_store().state
    edited = edit_weights(state, set_bias(state.snapshot.network, 1, 2, 0.75))
    assert edited.run == state.run + 1 == edited.snapshot.run
    assert edited.snapshot.step == state.snapshot.step
    assert edited.snapshot.network.biases[1][2] == 0.75
    assert edited.plan.start.network.biases[1][2] == 0.75
    assert math.isnan(edited.snapshot.train_loss)


def test_an_edit_of_a_unit_that_is_off_is_refused(qapp):
    state = drawn_store(ablated=((0, 1),)).state
    with pytest.raises(InputError, match="switched off"):
        edit_weights(state, set_bias(state.snapshot.network, 0, 1, 0.5))
    assert edit_weights(AppState(), state.snapshot.network).run == 0
