from dataclasses import replace

import pytest

from reluviz.app.state import (
    FONT_SCALES,
    PLAIN_LINE_WIDTH,
    PROJECTOR_SCALE,
    AppState,
    advance,
    pause,
    play,
    restart,
    take_experiment,
    take_font_scale,
    take_theme,
)
from reluviz.core.errors import InputError
from reluviz.core.experiment import Experiment
from reluviz.core.snapshot import FOREVER
from tests.app.shell import edit_experiment, make_store


def state_of(**fields):
    return make_store(**fields).state


def test_a_live_setting_stays_in_its_run():
    state = state_of()
    changed = edit_experiment(state, learning_rate=0.5, l2=0.1, optimizer="sgd", activation="leaky_relu", noise=0.3)
    assert changed.run == state.run
    assert changed.experiment.learning_rate == 0.5


@pytest.mark.parametrize("change", [{"hidden": (3,)}, {"seed": 4}, {"init_scale": 2.0}, {"activation": "prelu"}])
def test_a_structural_setting_begins_a_run(change):
    state = replace(state_of(), start="something")
    changed = edit_experiment(state, **change)
    assert changed.run == state.run + 1
    assert changed.start is None


def test_the_data_set_belongs_to_the_experiment():
    state = state_of(points=50)
    assert len(state.dataset.points) == 50
    assert len(edit_experiment(state, points=70).dataset.points) == 70
    assert edit_experiment(state, learning_rate=0.1).dataset is state.dataset


def test_another_number_of_outputs_begins_a_run():
    state = state_of(dataset="spiral")
    assert edit_experiment(state, dataset="moons").run == state.run
    assert edit_experiment(state, dataset="blobs").run == state.run + 1
    assert edit_experiment(state, loss="hinge").run == state.run
    assert edit_experiment(state, loss="softmax").run == state.run + 1


@pytest.mark.parametrize("loss", ["logistic", "softmax", "hinge"])
def test_a_loss_that_new_data_cannot_serve_goes_to_auto_and_says_so(loss):
    changed = edit_experiment(state_of(loss=loss), dataset="ripple")
    assert changed.experiment.loss == "auto"
    assert changed.message.kind == "warning"
    assert loss in changed.message.text


def test_a_loss_that_the_same_data_cannot_serve_is_refused():
    state = state_of(dataset="ripple")
    with pytest.raises(InputError, match="needs class labels"):
        edit_experiment(state, loss="hinge")


def test_a_good_edit_clears_the_message_of_a_bad_one():
    state = replace(state_of(), message=AppState().message.__class__("Bad.", "error"))
    assert edit_experiment(state, learning_rate=0.2).message.text == ""


def test_a_message_with_a_button_stays():
    state = replace(state_of(), message=AppState().message.__class__("Bad.", "error", "reset"))
    assert edit_experiment(state, learning_rate=0.2).message.text == "Bad."


def test_the_first_data_set_is_read():
    assert take_experiment(AppState(), Experiment(points=30)).dataset.points.shape == (30, 2)


def test_what_was_paused_stays_paused_at_the_beginning():
    state = advance(state_of(), 57)
    assert state.until == 57
    assert restart(state).until == 0
    assert restart(pause(state)).until == 0
    assert restart(play(state)).until == FOREVER


def test_steps_of_an_epoch_round_up():
    assert state_of(points=100, train_share=0.7, batch_size=32).steps_per_epoch == 3
    assert state_of(points=100, train_share=0.7, batch_size=10_000).steps_per_epoch == 1
    assert AppState().steps_per_epoch == 1


def test_the_projector_comes_with_larger_type_and_thicker_lines_and_goes_back():
    light = take_theme(state_of(), "light")
    shown = take_theme(light, "projector")
    assert (shown.view.palette, shown.font_scale) == ("projector", PROJECTOR_SCALE)
    assert shown.view.line_width > PLAIN_LINE_WIDTH
    back = take_theme(shown, shown.plain_theme)
    assert (back.theme, back.view.palette, back.font_scale) == ("light", "light", 1.0)
    assert back.view.line_width == PLAIN_LINE_WIDTH


def test_type_keeps_its_limits():
    state = state_of()
    assert take_font_scale(state, 9.0).font_scale == FONT_SCALES[1]
    assert take_font_scale(state, 0.1).font_scale == FONT_SCALES[0]
    assert take_font_scale(state, 1.1 + 0.1).font_scale == 1.2
