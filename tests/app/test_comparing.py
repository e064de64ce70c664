import math
from dataclasses import replace

import numpy as np
import pytest

from reluviz.app.comparing import (
    change_setup,
    end_comparison,
    open_setup,
    promote,
    rest_panes,
    sharing_sentence,
    start_comparison,
    take_gauges,
    take_pictures,
    take_snapshots,
)
from reluviz.app.figures import picture_sentence
from reluviz.app.gauging import gauge_picture
from reluviz.app.pane_drawing import DrawRequest, PaneDrawing, PanesRequest
from reluviz.app.pane_words import COLUMNS, pane_title, say_pane
from reluviz.app.received import begin_run, lose_engine, report_divergence, return_to_finite
from reluviz.app.state import AppState, advance, restart, take_experiment
from reluviz.app.undoing import note_change, undo
from reluviz.core.errors import InputError
from reluviz.core.experiment import Experiment
from reluviz.core.picture import make_picture
from reluviz.core.snapshot import FOREVER
from reluviz.core.view import View
from reluviz.engine.process import Divergence
from reluviz.studio.comparison import Setup

SMALL = View(width=60, height=50)


def alone(**settings):
    settings = {"hidden": (6, 6), **settings}
    return begin_run(take_experiment(AppState(run=1, view=SMALL), Experiment(**settings)))


def compared(setup=None, **settings):
    """Return a state with panes at their first moment, as the window makes it."""
    state = open_setup(alone(**settings))
    if setup is not None:
        state = change_setup(state, setup)
    return begin_run(start_comparison(state))


def moment(state, step):
    return tuple(replace(pane.snapshot, step=step, train_loss=1 / (step + i + 1)) for i, pane in enumerate(state.panes))


def rates(*values):
    return Setup("learning_rate", values)


class TestBeginning:
    def test_a_comparison_begins_from_the_first_weights_in_a_new_run(self):
        state = alone()
        state = replace(state, snapshot=replace(state.snapshot, step=500))
        begun = begin_run(start_comparison(open_setup(state)))
        assert begun.run == state.run + 1
        assert [pane.snapshot.step for pane in begun.panes] == [0] * 4
        assert [pane.snapshot.pane for pane in begun.panes] == [0, 1, 2, 3]
        assert all(np.array_equal(p.snapshot.parameters, begun.snapshot.parameters) for p in begun.panes)
        assert begun.plan.variants == tuple(pane.experiment for pane in begun.panes[1:])
        assert begun.panes[0].experiment is begun.experiment
        assert begun.until == FOREVER

    def test_a_set_up_alone_trains_nothing_else(self):
        state = open_setup(alone())
        assert state.panes == ()
        assert state.plan.variants == ()
        assert state.run == alone().run
        other = change_setup(state, rates(0.1, 0.2))
        assert other.experiment is state.experiment

    def test_what_cannot_be_compared_is_a_sentence_and_changes_nothing(self):
        state = compared(rates(0.1, 0.2))
        for setup, sentence in (
            (rates(0.1, -1.0), "learning_rate: -1.0 is out of range"),
            (rates(0.1, "fast"), "learning_rate: 'fast' cannot be used"),
            (Setup("hidden", ((8,), (8, "wide"))), "hidden: 'wide' cannot be used"),
            (Setup("points", (10, 20)), "'points' cannot differ"),
        ):
            with pytest.raises(InputError, match=sentence):
                change_setup(state, setup)

    def test_a_loss_that_the_data_cannot_serve_is_refused(self):
        with pytest.raises(InputError, match="needs class labels"):
            compared(Setup("loss", ("auto", "hinge")), dataset="ripple")

    def test_shapes_that_differ_are_compared_and_it_is_said(self):
        state = compared(Setup("hidden", ((6,), (6, 6))))
        assert [len(pane.snapshot.parameters) for pane in state.panes] == [25, 67]
        assert "layer 1 has the same first weights, the others differ in shape" in sharing_sentence(state)
        one, two = (pane.snapshot.network for pane in state.panes)
        assert np.array_equal(one.weights[0], two.weights[0])


class TestEditing:
    def test_live_settings_reach_all_panes_and_the_varied_one_stays(self):
        state = compared()
        edited = take_experiment(state, state.experiment.edit(learning_rate=0.5))
        assert edited.run == state.run
        assert [pane.experiment.learning_rate for pane in edited.panes] == [0.5] * 4
        assert [pane.experiment.activation for pane in edited.panes] == [p.experiment.activation for p in state.panes]
        assert edited.panes[0].experiment is edited.experiment
        assert edited.panes[1].snapshot is state.panes[1].snapshot

    def test_the_varied_field_of_the_form_belongs_to_the_first_pane(self):
        state = compared()
        edited = take_experiment(state, state.experiment.edit(activation="abs"))
        assert [pane.experiment.activation[0] for pane in edited.panes] == ["abs", "leaky_relu", "tanh", "sigmoid"]
        assert edited.setup.values[0] == ("abs",)
        assert edited.run == state.run

    def test_settings_that_need_a_new_start_restart_all(self):
        state = compared()
        edited = begin_run(take_experiment(state, state.experiment.edit(hidden=(4,))))
        assert edited.run == state.run + 1
        assert {pane.experiment.hidden for pane in edited.panes} == {(4,)}
        assert all(pane.snapshot.run == edited.run for pane in edited.panes)

    def test_what_one_pane_cannot_take_is_refused_for_all(self):
        state = compared(Setup("hidden", ((6, 6), (6,))))
        with pytest.raises(InputError, match="do not fit"):
            take_experiment(state, state.experiment.edit(activation=("relu", "tanh")))

    def test_a_value_changes_live_where_weights_can_stay(self):
        state = compared(rates(0.1, 0.2))
        other = change_setup(state, rates(0.1, 0.3))
        assert other.run == state.run
        assert other.panes[1].experiment.learning_rate == 0.3
        assert other.panes[1].snapshot is state.panes[1].snapshot
        assert change_setup(state, rates(0.1, 0.2, 0.3)).run == state.run + 1
        assert change_setup(state, Setup("seed", (0, 1))).run == state.run + 1

    def test_reset_takes_all_panes_back(self):
        state = compared()
        state = take_snapshots(state, moment(state, 30))
        again = begin_run(restart(state))
        assert [(pane.snapshot.step, len(pane.curves.learning)) for pane in again.panes] == [(0, 0)] * 4


class TestLockStep:
    def test_all_panes_take_one_moment_together(self):
        state = compared()
        for step in (10, 20, 30):
            state = take_snapshots(state, moment(state, step))
            assert {pane.snapshot.step for pane in state.panes} == {step}
            assert state.snapshot is state.panes[0].snapshot
        assert all(pane.curves.learning.steps.tolist() == [10, 20, 30] for pane in state.panes)
        assert state.curves.learning.steps.tolist() == [10, 20, 30]

    def test_moments_of_another_run_or_of_other_panes_are_dropped(self):
        state = compared()
        late = tuple(replace(one, run=state.run - 1) for one in moment(state, 9))
        assert take_snapshots(state, late) is state
        assert take_snapshots(state, moment(state, 9)[:1]) is state
        closed = end_comparison(state)
        assert take_snapshots(closed, moment(state, 9)).snapshot.step == 9

    def test_pictures_are_drawn_together_and_only_where_something_changed(self):
        state = compared()
        put, made = {}, []

        def make(snapshot, view, scale, previous=None):
            made.append(snapshot.pane)
            return make_picture(snapshot, view, scale, previous=previous)

        drawing = PaneDrawing(put.__setitem__)
        first = tuple(DrawRequest(pane.snapshot, SMALL) for pane in state.panes)
        drawing.draw(PanesRequest(first), make)
        assert made == [0, 1, 2, 3]
        state = take_pictures(state, put["pictures"])
        pictures = [pane.picture for pane in state.panes]
        assert [picture.snapshot for picture in pictures] == [pane.snapshot for pane in state.panes]
        moved = replace(state.panes[2].snapshot, step=1)
        drawing.draw(PanesRequest((*first[:2], DrawRequest(moved, SMALL), first[3])), make)
        assert made == [0, 1, 2, 3, 2]
        after = take_pictures(state, put["pictures"])
        assert [after.panes[i].picture is pictures[i] for i in range(4)] == [True, True, False, True]
        drawing.rest()
        assert sorted(put["gauges"]) == [0, 1, 2, 3]

    def test_a_pane_that_diverged_rests_and_says_why(self):
        state = compared(rates(0.01, 30.0))
        snapshots = moment(state, 100)
        state = take_snapshots(state, (snapshots[0], replace(snapshots[1], step=12)))
        state = rest_panes(state, (Divergence(13, "Loss is not finite since step 13.", snapshots[1]),))
        state = draw(state)
        assert say_pane(state.panes[1], None) == ("Loss is not finite since step 13.", True)
        assert not say_pane(state.panes[0], None)[1]
        assert state.step == 100
        assert advance(state, 1).until == 101

    def test_all_panes_go_back_together(self):
        state = compared(rates(1.0, 3.0))
        state = take_snapshots(state, moment(state, 50))
        state = report_divergence(state, Divergence(60, "Loss is not finite since step 60.", state.snapshot))
        back = return_to_finite(state)
        assert [pane.experiment.learning_rate for pane in back.panes] == pytest.approx([0.1, 0.3])
        assert back.setup.values == pytest.approx((0.1, 0.3))
        assert [start.step for start in back.plan.variant_starts] == [50]
        assert [pane.snapshot.step for pane in back.panes] == [50, 50]

    def test_a_lost_engine_takes_all_panes_up_where_they_were(self):
        state = compared()
        state = take_snapshots(state, moment(state, 40))
        again = lose_engine(state, "It ended.")
        assert [start.step for start in again.plan.variant_starts] == [40] * 3
        assert {pane.snapshot.step for pane in again.panes} == {40}
        assert {pane.snapshot.run for pane in again.panes} == {state.run + 1}
        assert all(len(pane.curves.learning) == 1 for pane in again.panes)

    def test_weights_edited_by_hand_leave_the_other_panes_where_they_are(self):
        state = compared()
        state = take_snapshots(state, moment(state, 40))
        edited = replace(state.snapshot, parameters=state.snapshot.parameters + 1)
        changed = replace(state, run=state.run + 1, start=edited)
        assert [start.step for start in changed.plan.variant_starts] == [40] * 3
        begun = begin_run(changed)
        assert begun.panes[0].snapshot.parameters is edited.parameters
        assert begun.panes[1].snapshot.parameters is state.panes[1].snapshot.parameters
        assert {pane.snapshot.step for pane in begun.panes} == {40}


class TestEnd:
    def test_a_promoted_pane_becomes_the_main_run(self):
        state = compared()
        state = take_snapshots(state, moment(state, 70))
        kept = promote(state, 2)
        assert kept.panes == ()
        assert kept.setup is None
        assert kept.experiment.activation == ("tanh",)
        assert (kept.run, kept.snapshot.step, kept.snapshot.pane) == (state.run + 1, 70, 0)
        assert kept.snapshot.parameters is state.panes[2].snapshot.parameters
        assert kept.plan.start is state.panes[2].snapshot
        assert kept.plan.variants == ()
        assert kept.curves.learning.steps.tolist() == [70]

    def test_the_main_pane_goes_on_in_its_run(self):
        state = compared()
        state = take_snapshots(state, moment(state, 70))
        for ended in (end_comparison(state), promote(state, 0)):
            assert (ended.run, ended.snapshot, ended.experiment) == (state.run, state.snapshot, state.experiment)
            assert ended.panes == ()
            assert ended.plan.variants == ()

    def test_undo_brings_back_what_was_trained_before(self):
        trained = alone()
        trained = replace(trained, snapshot=replace(trained.snapshot, step=900))
        begun = note_change(trained, start_comparison(open_setup(trained)), 0.0)
        assert begun.history.past[-1].label == "comparison"
        back = undo(begin_run(begun))
        assert back.panes == ()
        assert back.snapshot.step == 900
        assert back.start.parameters is trained.snapshot.parameters


def draw(state):
    pictures = tuple(make_picture(pane.snapshot, SMALL) for pane in state.panes)
    state = take_pictures(state, pictures)
    return take_gauges(state, {index: gauge_picture(picture) for index, picture in enumerate(pictures)})


class TestWords:
    def test_every_column_has_a_cell_and_a_series_for_every_activation(self):
        state = draw(take_snapshots(compared(), moment(compared(), 5)))
        for column in COLUMNS.values():
            for pane in state.panes:
                assert column.text(pane)
                steps, values = column.series(pane)
                assert len(steps) == len(values)

    def test_regions_are_exact_or_said_to_be_a_stand_ins(self):
        state = draw(compared())
        relu, _, tanh, _ = state.panes
        assert COLUMNS["regions"].text(relu) == f"{relu.picture.partition.count:,}"
        assert relu.gauge.epsilon == 0.0
        assert COLUMNS["regions"].text(tanh) == f"{tanh.gauge.regions:,} (ε)"
        assert tanh.gauge.epsilon == pytest.approx(SMALL.epsilon)
        assert "ε-regions" in say_pane(tanh, None)[0]
        assert "ε" not in say_pane(relu, None)[0]
        assert picture_sentence(state) == "Exact in panes 1, 2; soft boundaries in panes 3, 4."

    def test_bending_is_the_exact_edge_sum_or_a_quadrature_with_its_error(self):
        from reluviz.core.variation import network_variation, partition_variation

        relu, _, tanh, _ = draw(compared()).panes
        exact = partition_variation(relu.picture.partition)
        assert (relu.gauge.bending, relu.gauge.bending_error) == (exact.value, 0.0)
        finer = network_variation(tanh.snapshot.network, SMALL.bounds, 256)
        assert abs(tanh.gauge.bending - finer.value) <= tanh.gauge.bending_error + finer.error
        assert COLUMNS["bending"].text(tanh).startswith("≈ ")

    def test_a_probed_point_is_read_in_every_pane(self):
        state = draw(compared())
        for pane in state.panes:
            value = pane.snapshot.network.forward(np.array([[0.3, -0.2]]))[0, 0]
            said = say_pane(pane, (0.3, -0.2))[0]
            assert said.startswith("f = ")
            assert float(said[4:].split()[0].replace("−", "-")) == pytest.approx(value, rel=0.01)

    def test_gradient_figures_stay_between_snapshots_that_bring_them(self):
        from reluviz.engine.training import Trainer

        state = compared()
        trainer = Trainer(state.experiment, state.dataset, None, 1, "cpu")
        trainer.advance(3)
        flow = trainer.flow()
        snapshots = tuple(replace(one, flow=flow) for one in moment(state, 3))
        state = take_snapshots(state, snapshots)
        ratio = float(flow.grad_norm[0] / flow.grad_norm[-1])
        said = [COLUMNS["gradient_ratio"].text(pane) for pane in state.panes]
        assert said == [f"{ratio:.2g}"] * 4
        later = take_snapshots(state, tuple(replace(one, flow=None) for one in moment(state, 4)))
        assert [COLUMNS["gradient_ratio"].text(pane) for pane in later.panes] == said
        assert COLUMNS["dead"].text(later.panes[0]) == COLUMNS["dead"].text(state.panes[0])

    def test_titles_use_the_words_of_the_forms(self):
        assert pane_title("optimizer", Experiment(optimizer="sgd")) == "SGD"
        assert pane_title("activation", Experiment(activation="gelu")) == "GELU"

    def test_what_is_not_known_is_a_dash(self):
        pane = compared().panes[0]
        assert math.isnan(pane.snapshot.train_loss)
        assert COLUMNS["train_loss"].text(pane) == "–"
        assert COLUMNS["bending"].text(pane) == "–"
