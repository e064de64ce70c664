"""Each measure against a network whose answer is known, or against autograd."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch

from reluviz.core.activations import ACTIVATIONS
from reluviz.core.dataset import Dataset
from reluviz.core.datasets import load_dataset
from reluviz.core.experiment import Experiment
from reluviz.core.flow import network_states
from reluviz.core.initialization import initial_parameters
from reluviz.core.network import Network
from reluviz.core.objective import output_count, resolve_loss
from reluviz.core.snapshot import Snapshot
from reluviz.core.switchboard import read_switches
from reluviz.engine.trainer import train
from reluviz.engine.training import Trainer
from reluviz.studio.lesson import Check
from reluviz.studio.lesson_checks import CHECKS, Evidence, run_check
from reluviz.studio.lesson_checks.check import expected_text, number_text
from reluviz.studio.lesson_checks.gradients import data_gradients, loss_gradients
from reluviz.studio.lesson_start import compensate


def drawn(experiment, parameters=None):
    dataset = load_dataset(experiment)
    outputs = output_count(resolve_loss(experiment.loss, dataset), dataset)
    flat = initial_parameters(experiment, outputs) if parameters is None else np.asarray(parameters, np.float32)
    moment = Snapshot(0, experiment, outputs, 0, 0.0, flat, np.zeros((0, len(flat)), np.float32))
    return Evidence((moment,), dataset)


def value(name, evidence, **given):
    row = CHECKS[name]
    return row.measure(evidence, **{key: option.default for key, option in row.options.items()} | given).value


TORCH = {
    "relu": torch.relu,
    "tanh": torch.tanh,
    "prelu": lambda z: torch.nn.functional.leaky_relu(z, 0.25),
    "hardtanh": torch.nn.functional.hardtanh,
    "elu": torch.nn.functional.elu,
    "abs": torch.abs,
    "shifted_relu": lambda z: torch.clamp(z, min=-1.0),
}


def forward(network, x, activation):
    """Return torch's own f(x) and the weights that it was computed with."""
    weights = [torch.tensor(w, requires_grad=True) for w in network.weights]
    h = x
    for layer, w in enumerate(weights):
        z = h @ w.T + torch.tensor(network.biases[layer])
        h = TORCH[activation](z)
    return z, weights


@pytest.mark.parametrize("loss", ["logistic", "softmax", "squared", "hinge"])
@pytest.mark.parametrize("activation", list(TORCH))
def test_gradients_are_those_of_autograd(activation, loss):
    generator = np.random.default_rng(3)
    sizes = (2, 5, 4, 3)
    layers = [(generator.normal(size=(o, i)), generator.normal(size=o)) for i, o in pairwise(sizes)]
    rows = [ACTIVATIONS[activation]] * 2
    network = Network.create(layers, rows, [row.default for row in rows])
    x, labels = generator.normal(size=(20, 2)), generator.integers(0, 3, 20)
    z, weights = forward(network, torch.tensor(x), activation)
    y = torch.tensor(labels)
    ones = torch.nn.functional.one_hot(y, 3).double()
    if loss == "softmax":
        total = torch.nn.functional.cross_entropy(z, y)
    elif loss == "logistic":
        total = torch.nn.functional.binary_cross_entropy_with_logits(z, ones)
    elif loss == "squared":
        total = torch.nn.functional.mse_loss(z, 2 * ones - 1)
    else:
        total = torch.relu(1 - (2 * ones - 1) * z).mean()
    total.backward()
    found = loss_gradients(network, x, labels, loss)
    for ours, torchs in zip(found.weights, weights, strict=True):
        np.testing.assert_allclose(ours, torchs.grad.numpy(), rtol=1e-10, atol=1e-13)


def test_gradient_norms_are_those_that_the_trainer_reports():
    experiment = Experiment(dataset="moons", hidden=(8, 8), points=100, device="cpu")
    trainer = Trainer(experiment, load_dataset(experiment))
    trainer.advance(20)
    moment = trainer.snapshot(with_flow=True)
    norms = data_gradients(moment.network, load_dataset(experiment), "auto").norms
    np.testing.assert_allclose(norms, moment.flow.grad_norm, rtol=1e-4)


@pytest.mark.parametrize("name", ["step", "step_ste"])
def test_a_steps_gradient_is_0_and_straight_through_is_not(name):
    evidence = drawn(Experiment(dataset="moons", hidden=(8,), activation=(name,), init_scale=0.5))
    assert (value("layer_gradient", evidence, layer=1) == 0) == (name == "step")
    assert value("layer_gradient", evidence, layer=2) > 0


def test_effective_sums_have_autograds_gradient():
    evidence = drawn(Experiment(dataset="spiral", hidden=(8, 8)))
    for x in evidence.points[:20]:
        point = torch.tensor(x, requires_grad=True)
        forward(evidence.network, point[None], "relu")[0].sum().backward()
        np.testing.assert_allclose(read_switches(evidence.network, x).gradient[0], point.grad.numpy(), atol=1e-12)
    assert value("sum_gap", evidence) < 1e-12
    assert value("gradient_gap", evidence) < 1e-12
    assert value("gradient_gap", drawn(Experiment(dataset="spiral", hidden=(8, 8), activation=("tanh",)))) < 1e-12


def revived(optimizer, learning_rate, seed):
    """Return how often a dead unit of the first and of the second layer was on again five steps later."""
    experiment = Experiment(
        dataset="pinwheel", hidden=(16, 16), optimizer=optimizer, learning_rate=learning_rate, seed=seed, device="cpu"
    )
    dataset = load_dataset(experiment)
    counts, before = [0, 0], None
    for moment in train(experiment, steps=300, every=5):
        dead = [state.is_dead for state in network_states(moment.network, dataset.points[dataset.is_train])]
        for layer in range(2 if before else 0):
            counts[layer] += int((before[layer] & ~dead[layer]).sum())
        before = dead
    assert before[0].any()
    return counts


def test_what_the_notes_say_about_dead_units_coming_back():
    plain = [revived("sgd", 3.0, seed) for seed in range(3)]
    assert all(first == 0 and second > 0 for first, second in plain)
    assert any(revived("adam", 0.5, seed)[0] > 0 for seed in (1, 2))


@pytest.mark.parametrize("c", [-10.0, -1.0, 0.0, 4.5, 25.0])
def test_compensation_holds_for_every_floor_and_depth(c):
    evidence = drawn(
        Experiment(dataset="moons", hidden=(7, 6, 5), activation=("shifted_relu",), activation_parameter=(c,))
    )
    assert value("compensation_gap", evidence) < 1e-12
    network = evidence.network
    relu = ACTIVATIONS["relu"]
    # Leaving the biases as they are is not the same function, where c is not 0.
    unmoved = Network.create(list(zip(network.weights, network.biases, strict=True)), [relu] * 3, [0.0] * 3)
    x = evidence.points
    assert (np.abs(unmoved.forward(x) - network.forward(x)).max() > 1e-3) == (c != 0.0)
    moved = Network.create(compensate(network), [relu] * 3, [0.0] * 3)
    np.testing.assert_allclose(moved.forward(x), network.forward(x), rtol=1e-9, atol=1e-9)


def test_numbers_about_curves():
    evidence = drawn(Experiment(dataset="moons", hidden=(8, 8)))
    assert value("steepest_slope", evidence, activation="sigmoid") == 0.25
    edge = value("slope_edge", evidence, activation="tanh", level=0.25)
    assert edge == pytest.approx(math.atanh(math.sqrt(3) / 2), abs=1e-11)
    assert value("slope_edge", evidence, activation="sigmoid", level=0.3) == 0.0
    assert value("chained_slope", evidence, activation="sigmoid") == pytest.approx(2.8e-7, rel=0.01)
    assert value("chained_slope", evidence, activation="tanh") == pytest.approx(0.041, rel=0.01)
    for name in ("relu", "hardtanh", "abs"):
        assert value("repeat_gap", evidence, activation=name) == 0
    for name in ("sigmoid", "tanh", "leaky_relu"):
        assert value("repeat_gap", evidence, activation=name) > 100
    assert value("slope_distance", evidence) == 0.0
    assert value("slope_distance", drawn(Experiment(hidden=(8,), activation=("leaky_relu",)))) == pytest.approx(0.01)
    assert value("cost_ratio", evidence) > 0


def test_tanh_keeps_to_its_cube_and_another_curve_would_not():
    evidence = drawn(Experiment(dataset="circle", hidden=(12, 12), activation=("tanh",), init_scale=0.3))
    assert 0.9 < value("cubic_excess", evidence) <= 1.0
    assert value("identity_distance", evidence) < value(
        "identity_distance", drawn(Experiment(dataset="circle", hidden=(12, 12), activation=("tanh",), init_scale=3.0))
    )


def test_shares_of_sums():
    narrow = Experiment(dataset="circle", hidden=(12,), activation=("tanh",), init_scale=0.01)
    assert value("inputs_inside", drawn(narrow)) == 1.0
    wide = drawn(narrow.edit(init_scale=100.0))
    assert value("inputs_inside", wide) < 0.1
    assert value("saturated_share", wide) == pytest.approx(1 - value("inputs_inside", wide))
    assert value("saturated_units", wide) > 0


def two_units(first, second, biases=(0.0, 0.0), readout=(1.0, -1.0), **more):
    experiment = Experiment(dataset="moons", hidden=(2,), points=100, **more)
    return drawn(experiment, [*first, *second, *biases, *readout, 0.0])


def test_two_units_give_back_a_coordinate():
    pair = two_units((1, 0), (-1, 0))
    assert value("coordinate_gap", pair) == 0.0
    assert value("coordinate_gap", pair, coordinate=2) > 1.0
    assert (value("region_count", pair), value("linear_count", pair)) == (2, 1)
    alone = two_units((1, 0), (-1, 0), readout=(1.0, 0.0))
    assert (value("region_count", alone), value("linear_count", alone)) == (2, 2)


def test_dead_on_the_data_is_not_dead_in_view():
    # The first unit is never on, the second in a corner where no point is, the view's corner though.
    evidence = two_units((1, 0), (1, 1), biases=(-9.0, -2.3))
    assert value("dead_units", evidence) == 2
    assert value("dead_share", evidence) == 1.0
    assert value("dead_but_in_view", evidence) == 1
    assert value("zero_share", evidence) == 1.0
    alive = two_units((1, 0), (0, 1))
    assert value("dead_units", alive) == 0
    assert 0.3 < value("zero_share", alive) < 0.7


def test_zeros_and_signs():
    evidence = drawn(Experiment(dataset="pinwheel", hidden=(16, 16)))
    assert 0.3 < value("zero_share", evidence) < 0.7
    assert value("zero_share", drawn(evidence.snapshot.experiment.edit(activation=("shifted_relu",)))) == 0.0
    assert value("zero_weights", evidence) == 0.0
    assert value("negative_parameters", evidence) == 0
    assert 0.2 < value("negative_share", evidence) < 0.6
    assert value("first_dead_share", evidence) == value("dead_share", evidence) < 0.1


def test_switches_serve_relu_and_not_sigmoid_far_off():
    assert value("switch_gap", drawn(Experiment(dataset="moons", hidden=(8, 8)))) == 0
    smooth = drawn(Experiment(dataset="moons", hidden=(8, 8), activation=("sigmoid",)))
    assert value("switch_gap", smooth) > 0


def test_lines_in_the_plane():
    crossing = two_units((1, 0), (0, 1))
    assert value("region_count", crossing) == 4
    assert value("bound_share", crossing) == 1.0
    assert value("area_gap", crossing) < 1e-12
    parallel = two_units((1, 0), (1, 0), biases=(0.0, 0.5))
    assert value("bound_share", parallel) == 0.75


def test_relu_bends_across_its_lines_and_a_step_jumps():
    relu = drawn(Experiment(dataset="moons", hidden=(8, 8), initialization="default", init_scale=2.0))
    assert value("value_jump", relu) < 1e-12
    assert value("slope_slant", relu) < 1e-9
    step = drawn(relu.snapshot.experiment.edit(activation=("step",)))
    assert value("value_jump", step) > 0.1
    # A drop of the output along an edge has no single slope jump across it, so the slant of one is no test there.
    smooth = drawn(relu.snapshot.experiment.edit(activation=("tanh",)))
    assert math.isnan(value("value_jump", smooth))
    assert math.isnan(value("region_count", smooth))


def test_exactness_ends_at_the_first_smooth_layer():
    mixed = drawn(Experiment(dataset="moons", hidden=(6, 6, 6), activation=("relu", "tanh", "relu")))
    assert (value("exact_layers", mixed), value("exact_part_gap", mixed)) == (1, 0)
    smooth = drawn(Experiment(dataset="moons", hidden=(6,), activation=("tanh",)))
    assert value("exact_layers", smooth) == 0
    assert math.isnan(value("exact_part_gap", smooth))


def test_linear_networks_are_one_matrix_and_relu_networks_are_not():
    linear = Experiment(dataset="circle", hidden=(8, 8), activation=("identity",), initialization="default")
    assert value("product_gap", drawn(linear)) < 1e-12
    assert value("linear_count", drawn(linear)) == 1
    assert value("product_gap", drawn(linear.edit(activation=("relu",)))) > 0.01


def test_scaling():
    evidence = drawn(Experiment(dataset="circle", hidden=(8, 8), initialization="default"))
    assert value("stretch_gap", evidence) < 1e-12
    assert value("stretch_gap", evidence, biases="kept") > 1e-3
    bounded = drawn(evidence.snapshot.experiment.edit(activation=("tanh",)))
    assert value("stretch_gap", bounded) > 0.1
    assert value("far_value", bounded, factor=100.0) < value("far_value", evidence, factor=100.0)


def test_softmax_and_clipped_scores():
    evidence = drawn(Experiment(dataset="blobs", hidden=(8,), loss="softmax"))
    assert value("softmax_gap", evidence) == 0.0
    assert 0.2 < value("clipped_points", evidence) <= 1.0


def test_margins_and_pulls():
    x = np.array([[2.0, 0.0], [0.5, 0.0], [-2.0, 0.0], [-3.0, 0.0]])
    labels = np.array([1, 1, 0, 1])
    data = Dataset.create(x, labels, np.ones(4, np.bool_), ("A", "B"))
    experiment = Experiment(hidden=(2,), loss="hinge")
    # f(x) = x1, so margins are 2, 0.5, 2 and -3.
    flat = np.array([1, 0, -1, 0, 0, 0, 1, -1, 0], np.float32)

    def evidence(loss):
        moment = Snapshot(0, experiment.edit(loss=loss), 1, 0, 0.0, flat, np.zeros((0, 9), np.float32))
        return Evidence((moment,), data)

    assert value("margin_share", evidence("hinge")) == 0.5
    assert value("margin_pull", evidence("hinge")) == 0.0
    assert value("margin_pull", evidence("hinge"), margin=0.0) == 1.0
    assert value("settled_pull", evidence("logistic")) == pytest.approx(1 / (1 + math.e**2))
    assert value("margin_pull", evidence("squared")) == 2.0
    assert math.isnan(value("margin_pull", evidence("hinge"), margin=5.0))
    assert value("accuracy", evidence("hinge")) == 0.75
    two = Evidence((*evidence("hinge").moments, *drawn(experiment).moments), data)
    assert value("accuracy_lead", two, over=2) == 0.75 - value("accuracy", Evidence(two.moments[1:], data))


def test_layers_that_moved_and_ratios():
    experiment = Experiment(dataset="moons", hidden=(8, 8), points=100, device="cpu")
    assert value("layer_moved", drawn(experiment)) == 0.0
    *_, moment = train(experiment, steps=5, every=5)
    trained = Evidence((moment,), load_dataset(experiment))
    assert value("layer_moved", trained) > 1e-3
    assert 0.05 < value("gradient_ratio", trained) < 20
    ratio = {
        name: value("first_gradient_ratio", trained, activation=name, initialization=rule, seeds=9)
        for name, rule in (("relu", "he"), ("tanh", "xavier"), ("sigmoid", "xavier"), ("step", "he"))
    }
    assert ratio["step"] == 0.0
    assert 0.0 < ratio["sigmoid"] < 1e-4 < 0.05 < ratio["relu"] < ratio["tanh"]


def test_filter_banks():
    evidence = drawn(Experiment(dataset="moons", hidden=(16, 16), layer_kind=("dense", "walsh")))
    assert value("transform_gap", evidence) < 1e-12
    assert value("operation_share", evidence) == pytest.approx((16 * 4 + 16) / (16 * 15 + 256))
    assert 0 < value("parameter_share", evidence) < 0.5
    assert math.isnan(value("transform_gap", drawn(Experiment(hidden=(8,)))))


def test_results_say_what_was_wanted_and_wait_for_training():
    evidence = drawn(Experiment(dataset="moons", hidden=(8,)))
    wanted = Check("accuracy", "All right.", {}, at_least=1.01)
    failed = run_check(wanted, evidence)
    assert (failed.passed, failed.waiting, failed.expected_text) == (False, False, "at least 101 %")
    waiting = run_check(wanted, evidence, ready=100)
    assert (waiting.passed, waiting.waiting) == (None, True)
    assert run_check(Check("accuracy", "Any.", {}), evidence).passed is None
    assert run_check(Check("accuracy", "Some.", {}, 0.0, 1.0), evidence).passed is True
    # What cannot be measured passes nothing.
    assert run_check(Check("transform_gap", "Near.", {}, at_most=1.0), evidence).passed is False


def test_numbers_as_people_read_them():
    assert number_text(0.0) == "0"
    assert number_text(12345.0) == "12,345"
    assert number_text(0.25) == "0.25"
    assert number_text(2.8e-7) == "2.8e-07"
    assert number_text(0.4215, "share") == "42.1 %"
    assert number_text(math.nan) == "\N{EN DASH}"
    assert expected_text(Check("accuracy", "", {}, 1.0, 1.0)) == "exactly 1"
    assert expected_text(Check("accuracy", "", {}, None, 1e-12)) == "at most 1e-12"
