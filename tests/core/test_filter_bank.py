"""The fixed filter bank: its matrix, its fast form, and networks that have such layers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reluviz.core.ablation import resting, silence
from reluviz.core.activations import ACTIVATIONS
from reluviz.core.edit_weights import bend_through, edited_snapshot, set_bias, set_scale, set_weight, turn_line
from reluviz.core.errors import InputError
from reluviz.core.experiment import Experiment
from reluviz.core.filter_bank import (
    Operations,
    fast_operations,
    fast_transform,
    matrix_operations,
    order_of,
    walsh_matrix,
)
from reluviz.core.initialization import initial_parameters
from reluviz.core.modelfile import read_network, write_npz
from reluviz.core.network import Network
from reluviz.core.snapshot import Snapshot
from tests.core.test_oracle import assert_exact
from tests.oracles.small_networks import BOXES

NAMES = ("relu", "leaky_relu", "abs", "hardtanh", "step", "prelu")


def walsh_network(seed: int, kinds=("walsh", "walsh"), name="") -> Network:
    generator = np.random.default_rng(seed)
    widths = [2, *generator.integers(1, 5, len(kinds)).tolist(), int(generator.integers(1, 3))]
    layers = []
    for kind, inputs, outputs in zip((*kinds, "dense"), widths, widths[1:], strict=False):
        shape = (outputs, inputs) if kind == "dense" else (outputs,)
        layers.append((generator.normal(size=shape), generator.normal(size=outputs)))
    rows = [ACTIVATIONS[name or generator.choice(NAMES)] for _ in kinds]
    return Network.create(layers, rows, [row.default for row in rows], (*kinds, "dense"))


def snapshot_of(**changes) -> Snapshot:
    experiment = Experiment(**{"hidden": (6, 5), "initialization": "default", "layer_kind": "walsh", **changes})
    flat = initial_parameters(experiment, 1)
    return Snapshot(1, experiment, 1, 0, 0.0, flat, np.zeros((2, len(flat)), np.float32))


@pytest.mark.parametrize("n", [1, 2, 4, 8, 16, 64, 256])
def test_the_matrix_is_orthonormal_and_row_k_changes_sign_k_times(n):
    matrix = walsh_matrix(n, n)
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(n), atol=1e-12)
    np.testing.assert_allclose(np.abs(matrix), n**-0.5)
    assert (np.diff(np.sign(matrix), axis=1) != 0).sum(1).tolist() == list(range(n))


@given(st.integers(1, 70), st.integers(1, 70), st.integers(0, 99))
def test_the_fast_transform_is_the_matrix(outputs, inputs, seed):
    h = np.random.default_rng(seed).normal(size=(3, 4, inputs))
    assert walsh_matrix(outputs, inputs).shape == (outputs, inputs)
    np.testing.assert_allclose(fast_transform(h, outputs), h @ walsh_matrix(outputs, inputs).T, atol=1e-13)


class Counted:
    """A number that counts what is done with it."""

    additions = products = 0

    def __init__(self, value):
        self.value = value

    def __add__(self, other):
        Counted.additions += 1
        return Counted(self.value + other.value)

    def __sub__(self, other):
        Counted.additions += 1
        return Counted(self.value - other.value)

    def __truediv__(self, by):
        Counted.products += 1
        return Counted(self.value / by)


@pytest.mark.parametrize("n", [1, 2, 8, 64])
def test_it_takes_n_log_n_additions(n):
    Counted.additions = Counted.products = 0
    h = np.random.default_rng(n).normal(size=n)
    result = fast_transform(np.array([Counted(value) for value in h]), n)
    np.testing.assert_allclose([number.value for number in result], walsh_matrix(n, n) @ h, atol=1e-13)
    assert (Counted.additions, Counted.products) == (n * int(np.log2(n)), n)
    assert fast_operations(n) == Operations(Counted.additions, Counted.products)
    assert matrix_operations(n).total == n * n + n * (n - 1)


def test_the_matrix_is_cut_from_the_power_of_two_that_holds_both_widths():
    assert order_of(5, 9) == 16
    assert order_of(16, 2) == 16


@given(st.integers(0, 999), st.sampled_from([("walsh",), ("walsh", "dense"), ("dense", "walsh"), ("walsh", "walsh")]))
def test_flat_numbers_hold_the_network(seed, kinds):
    network = walsh_network(seed, kinds)
    again = Network.from_flat(network.flat(), network.layout, network.activations, network.parameters)
    assert again.layout == network.layout
    assert network.layout.kinds == (*kinds, "dense")
    assert len(network.flat()) == network.layout.length
    for one, other in zip(again.weights, network.weights, strict=True):
        np.testing.assert_array_equal(one, other)
    x = np.random.default_rng(seed).normal(size=(9, 2))
    z, h = x, x
    for layer, kind in enumerate(kinds):
        bank = network.filters[layer]
        assert (bank is None) == (kind == "dense")
        z = h @ network.weights[layer].T if bank is None else bank.scales * fast_transform(h, len(bank.scales))
        h = network.curves[layer].value(z + network.biases[layer])
    np.testing.assert_allclose(network.forward(x), h @ network.weights[-1].T + network.biases[-1], atol=1e-12)


@pytest.mark.parametrize("start", [0, 20])
def test_regions_are_exact(start):
    compared = 0
    for seed in range(start, start + 20):
        kinds = [("walsh",), ("walsh", "walsh"), ("dense", "walsh"), ("walsh", "dense")][seed % 4]
        compared += assert_exact(walsh_network(seed, kinds), BOXES[seed % len(BOXES)], f"seed {seed}")
    assert compared >= 18


@given(st.integers(0, 200), st.sets(st.tuples(st.integers(0, 1), st.integers(0, 4)), max_size=5))
def test_units_switched_off_give_nothing_and_rest(seed, units):
    snapshot = snapshot_of(seed=seed, hidden=(5, 5), activation="sigmoid", ablated=tuple(units))
    full, silent = snapshot.network, silence(snapshot.network, tuple(sorted(units)))
    x = np.random.default_rng(seed).normal(size=(7, 2))
    whole = Snapshot(1, snapshot.experiment.edit(ablated=()), 1, 0, 0.0, snapshot.parameters, snapshot.optimizer_state)
    h = x
    for layer, (weights, biases) in enumerate(zip(whole.network.weights, whole.network.biases, strict=True)):
        z = h @ weights.T + biases
        if layer < 2:
            h = np.array(full.curves[layer].value(z))
            h[:, [unit for at, unit in units if at == layer]] = 0.0
    np.testing.assert_allclose(silent.forward(x), z, atol=1e-12)
    rests = resting(full.layout, tuple(units))
    assert not full.flat()[rests].any()
    np.testing.assert_array_equal(full.flat()[~rests], whole.network.flat()[~rests])
    again = edited_snapshot(snapshot, full)
    np.testing.assert_array_equal(again.parameters, snapshot.parameters)


def test_a_hand_sets_scales_and_biases_and_no_entry_of_the_matrix():
    snapshot = snapshot_of(ablated=((0, 3),))
    network = set_bias(set_scale(snapshot.network, 1, 2, -0.5), 1, 2, 0.25)
    np.testing.assert_array_equal(network.weights[1][2], -0.5 * network.filters[1].matrix[2])
    assert network.weights[1][2, 3] == 0.0
    edited = edited_snapshot(snapshot, network)
    parts = snapshot.experiment.layout(1).split(edited.parameters)
    assert (parts[2][2], parts[3][2]) == (-0.5, 0.25)
    assert (edited.parameters != snapshot.parameters).sum() == 2
    moved = bend_through(snapshot.network, 0, 1, (0.3, 0.1))
    np.testing.assert_array_equal(moved.weights[0], snapshot.network.weights[0])
    for refused, word in (
        (lambda: set_weight(network, 1, 2, 0, 1.0), "scale"),
        (lambda: turn_line(network, 0, (0.0, 0.0), (1.0, 0.0), (0.0, 1.0)), "direction"),
        (lambda: set_scale(network, 2, 0, 1.0), "allowed: 1 to 2"),
        (lambda: set_scale(walsh_network(0, ("dense",)), 0, 0, 1.0), "dense"),
    ):
        with pytest.raises(InputError) as error:
            refused()
        assert word in str(error.value)


@pytest.mark.parametrize(
    ("rule", "variance"),
    [("he", lambda i, o: 2 / i), ("xavier", lambda i, o: 2 / (i + o)), ("default", lambda i, o: 1 / (3 * i))],
)
def test_first_scales_give_weights_the_variance_of_their_rule(rule, variance):
    experiment = Experiment(hidden=(200, 256, 250), layer_kind="walsh", initialization=rule, init_scale=2.0)
    squares = []
    for seed in range(20):
        flat = initial_parameters(experiment.edit(seed=seed), 1)
        network = Network.from_flat(flat, experiment.layout(1), [ACTIVATIONS["relu"]] * 3, [0.0] * 3)
        squares.append(np.square(network.weights[1]).mean())
        assert bool(network.biases[1].any()) == (rule == "default")
    assert np.mean(squares) == pytest.approx(4 * variance(200, 256), rel=0.05)


def test_experiments_take_one_kind_or_one_per_layer():
    assert Experiment().layer_kinds == ("dense", "dense")
    mixed = Experiment(hidden=(4, 3), layer_kind=["walsh", "dense"])
    assert Experiment.from_json(mixed.to_json()) == mixed
    assert mixed.layout(1).kinds == ("walsh", "dense", "dense")
    assert Experiment(hidden=(4, 3), layer_kind=("walsh", "walsh")).layer_kind == ("walsh",)
    assert not mixed.same_start(mixed.edit(layer_kind="dense"))
    old = {name: value for name, value in Experiment().to_dict().items() if name != "layer_kind"}
    assert Experiment.from_dict(old) == Experiment()
    for wrong in ({"layer_kind": "fourier"}, {"layer_kind": ("walsh", "dense", "walsh")}):
        with pytest.raises(InputError, match=r"layer_kind: .*allowed"):
            Experiment(**wrong)


def test_files_keep_scales(tmp_path):
    network = walsh_network(3, ("dense", "walsh"), "relu")
    write_npz(tmp_path / "m.npz", network)
    again = read_network(tmp_path / "m.npz")
    assert again.layout == network.layout
    np.testing.assert_array_equal(again.flat(), network.flat())
    arrays = dict(np.load(tmp_path / "m.npz"))
    np.testing.assert_array_equal(arrays["W1"], network.weights[1])
    del arrays["W1"]
    np.savez(tmp_path / "short.npz", **arrays)
    np.testing.assert_array_equal(read_network(tmp_path / "short.npz").flat(), network.flat())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"W1": np.ones((4, 3))}, "1.weight is not what 1.scale amounts to"),
        ({"S1": np.ones((2, 2)), "W1": None}, "1.scale has shape (2, 2)"),
        ({"S1": np.array([np.nan] * 4), "W1": None}, "1.scale[0] is nan"),
        ({"S2": np.ones(1), "W2": None}, "the last layer is a walsh layer"),
        ({"S1": np.ones(5000), "W1": None}, "up to 4,096"),
    ],
)
def test_files_with_scales_that_do_not_fit(tmp_path, change, words):
    arrays = {"W0": np.ones((3, 2)), "b0": np.zeros(3), "S1": np.ones(4), "b1": np.zeros(4)}
    arrays |= {"W1": walsh_matrix(4, 3), "W2": np.ones((1, 4)), "b2": np.zeros(1)} | change
    np.savez(tmp_path / "m.npz", **{name: array for name, array in arrays.items() if array is not None})
    with pytest.raises(InputError) as error:
        read_network(tmp_path / "m.npz")
    assert words in str(error.value)
    assert "\n" not in str(error.value)
