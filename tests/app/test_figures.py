import math
from dataclasses import replace
from types import SimpleNamespace

import pytest

from reluviz.app.figures import engine_sentence, loss_text, picture_sentence, readouts, share_text, speed_text
from reluviz.app.received import first_snapshot
from reluviz.core.picture import make_picture
from reluviz.core.view import View
from tests.app.shell import make_store


@pytest.fixture
def state(qtbot):
    state = make_store().state
    return replace(state, snapshot=first_snapshot(state.experiment, state.dataset, state.run), engine="ready")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (math.nan, "–"),
        (math.inf, "∞"),
        (0.0, "0.00"),
        (0.03125, "0.0312"),
        (1.0, "1.00"),
        (12.3456, "12.3"),
        (0.000123, "1.23e-04"),
        (54321.0, "5.43e+04"),
    ],
)
def test_losses_are_short(value, text):
    assert loss_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(math.nan, "–"), (0.0, "0.0 %"), (0.98765, "98.8 %"), (0.99999, "99.9 %"), (1.0, "100 %")],
)
def test_only_a_perfect_share_reads_100(value, text):
    assert share_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(1.0, "1 /s"), (2.5, "2.5 /s"), (1200.0, "1,200 /s"), (math.inf, "fastest")]
)
def test_speed_in_words(value, text):
    assert speed_text(value) == text


def test_readouts_are_dashes_before_there_is_anything(qtbot):
    assert set(readouts(make_store().state).values()) == {"–"}


def test_readouts_of_a_moment(state):
    snapshot = replace(
        state.snapshot, step=12345, epoch=1122.3, train_loss=0.5, test_loss=0.75, train_accuracy=0.9, test_accuracy=0.8
    )
    picture = SimpleNamespace(partition=SimpleNamespace(count=1284, truncated_at=None), message="")
    shown = readouts(replace(state, snapshot=snapshot, picture=picture))
    assert shown == {
        "step": "12,345",
        "epoch": "1,122",
        "train_loss": "0.500",
        "test_loss": "0.750",
        "accuracy": "80.0 %",
        "regions": "1,284",
    }
    alone = replace(snapshot, test_accuracy=math.nan)
    assert readouts(replace(state, snapshot=alone))["accuracy"] == "90.0 %"


def test_a_preview_has_no_count(state):
    picture = SimpleNamespace(partition=None, message="Sampled preview; exact regions follow.")
    assert readouts(replace(state, picture=picture))["regions"] == "–"
    assert picture_sentence(replace(state, picture=picture)) == "Sampled preview; exact regions follow."


def test_what_is_exact_is_called_exact(state):
    picture = make_picture(state.snapshot, View(width=40, height=40))
    assert "Exact: every region" in picture_sentence(replace(state, picture=picture))
    smooth = replace(state.snapshot, experiment=state.experiment.edit(activation="tanh"))
    for kind, said in (("soft", "Soft boundaries"), ("epsilon", "Epsilon-linear: ")):
        picture = make_picture(smooth, View(width=40, height=40, smooth=kind, epsilon=0.2))
        assert said in picture_sentence(replace(state, picture=picture))
    picture = make_picture(state.snapshot, View(width=40, height=40, smooth="melt"))
    assert "Melted" in picture_sentence(replace(state, picture=picture))
    assert "first picture" in picture_sentence(state)


def test_the_engine_in_words(state):
    fast = replace(state.snapshot, steps_per_second=14321.4, device="cuda:0", step=10)
    assert engine_sentence(replace(state, snapshot=fast, pictures_per_second=59.6)) == (
        "Training on the CUDA GPU, 14,321 steps/s, 60 pictures/s"
    )
    assert engine_sentence(replace(state, until=0)) == "Paused, CPU"
    assert engine_sentence(replace(state, engine="starting")) == "The training engine is starting"
    assert engine_sentence(replace(state, engine="lost")) == "The training engine has stopped"
