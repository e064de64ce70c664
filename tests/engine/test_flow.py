"""Figures of gradient flow against autograd on the same points, float32; what must be exactly 0; collecting them."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from plain_training import MODULES, loss_function, make_dataset
from torch import nn

from reluviz.core.activations import ACTIVATIONS
from reluviz.core.dataset import Dataset
from reluviz.core.experiment import OPTIMIZERS, Experiment
from reluviz.core.filter_bank import walsh_matrix
from reluviz.core.flow import BINS, network_states
from reluviz.core.objective import resolve_loss
from reluviz.core.snapshot import Snapshot
from reluviz.engine.flow import POINTS
from reluviz.engine.training import Trainer

BASE = Experiment(hidden=(9, 7, 8), batch_size=10, learning_rate=0.005)


def autograds(snapshot: Snapshot, dataset: Dataset, points: int = POINTS):
    """Return autograd's dL/dW and dL/dz of every layer, by torch's own modules in float32."""
    experiment = snapshot.experiment
    chosen = np.flatnonzero(dataset.is_train)
    chosen = chosen[np.arange(min(points, len(chosen))) * len(chosen) // min(points, len(chosen))]
    part = Dataset(dataset.points[chosen], dataset.targets[chosen], np.ones(len(chosen), bool), dataset.classes)
    function, targets = loss_function(resolve_loss(experiment.loss, part), part, snapshot.outputs)
    parts = experiment.layout(snapshot.outputs).split(snapshot.parameters)
    weights = [torch.tensor(w, requires_grad=True) for w in parts[0 : 2 * len(experiment.hidden) + 2 : 2]]
    h, zs = torch.tensor(part.points, dtype=torch.float32), []
    for layer, weight in enumerate(weights):
        if weight.ndim == 1:
            sums = h @ torch.tensor(walsh_matrix(len(weight), h.shape[1]), dtype=torch.float32).T
            product = weight * sums
        else:
            product = h @ weight.T
        zs.append(product + torch.tensor(parts[2 * layer + 1]))
        zs[-1].retain_grad()
        if layer < len(experiment.hidden):
            row, value = experiment.layer_activations[layer]
            module = nn.PReLU(init=value) if row.name == "prelu" else MODULES[row.name](value)
            h = module(zs[-1])
    function(zs[-1], targets if targets.dtype == torch.int64 else targets.float()).backward()
    gradients = [np.zeros(w.shape) if w.grad is None else w.grad.double().numpy() for w in weights]
    signals = [np.zeros(z.shape) if z.grad is None else z.grad.double().numpy() for z in zs]
    return gradients, signals


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_figures_are_autograds(datasets, activation) -> None:
    trainer = Trainer(BASE.edit(activation=activation), datasets["3"])
    flow = trainer.flow()
    gradients, signals = autograds(trainer.snapshot(), datasets["3"])
    np.testing.assert_allclose(flow.grad_norm, [np.linalg.norm(g) for g in gradients], rtol=1e-6)
    np.testing.assert_allclose(flow.signal_rms, [np.sqrt(np.square(s).mean()) for s in signals], rtol=1e-6)
    by_unit = np.concatenate([np.sqrt(np.square(s).mean(axis=0)) for s in signals[:-1]])
    np.testing.assert_allclose(flow.unit_signal, by_unit, rtol=1e-5, atol=1e-7 * by_unit.max())
    assert flow.points == 43


@pytest.mark.parametrize("layer_kind", ["walsh", ("walsh", "dense", "walsh"), ("dense", "walsh", "dense")])
def test_of_fixed_filter_banks_they_are_those_of_the_scales(datasets, layer_kind) -> None:
    wanted = BASE.edit(activation="leaky_relu", layer_kind=layer_kind, initialization="default")
    trainer = Trainer(wanted, datasets["3"])
    trainer.advance(20)
    flow = trainer.flow()
    gradients, signals = autograds(trainer.snapshot(), datasets["3"])
    np.testing.assert_allclose(flow.grad_norm, [np.linalg.norm(g) for g in gradients], rtol=1e-5)
    np.testing.assert_allclose(flow.signal_rms, [np.sqrt(np.square(s).mean()) for s in signals], rtol=1e-5)
    weights = wanted.layout(3).split(trainer.parameters)[:8:2]
    np.testing.assert_allclose(flow.weight_norm, [np.linalg.norm(w) for w in weights], rtol=1e-5)


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_states_are_those_of_the_definitions(datasets, activation) -> None:
    trainer = Trainer(BASE.edit(activation=activation, init_scale=3.0), datasets["2"])
    trainer.advance(200)
    snapshot = trainer.snapshot(with_flow=True)
    flow, dataset = snapshot.flow, datasets["2"]
    x = dataset.points[dataset.is_train]
    row = ACTIVATIONS[activation]
    network = snapshot.network
    if row.backward:
        network = replace(network, activations=(replace(row, curve=row.backward, backward=None),) * 3)
        z = snapshot.network.preactivations(x)[:-1]
        slopes = [np.abs(curve.derivative(part)) for curve, part in zip(network.curves, z, strict=True)]
        np.testing.assert_allclose(flow.slope_mean, [slope.mean() for slope in slopes], rtol=1e-5)
        np.testing.assert_array_equal(flow.unit_dead, np.concatenate([~slope.any(axis=0) for slope in slopes]))
        return
    states = network_states(network, x)
    np.testing.assert_allclose(flow.slope_mean, [s.mean_slope.mean() for s in states], rtol=1e-5, atol=1e-7)
    np.testing.assert_array_equal(flow.unit_dead, np.concatenate([s.is_dead for s in states]))
    np.testing.assert_allclose(flow.dead_share, [s.dead_share for s in states])
    np.testing.assert_allclose(flow.saturated_share, [s.saturated_share for s in states])


def test_step_and_dead_units_are_exactly_zero(datasets) -> None:
    flow = Trainer(BASE.edit(activation="step"), datasets["2"]).flow()
    assert not flow.grad_norm[:-1].any()
    assert not flow.signal_rms[:-1].any()
    assert not flow.slope_mean.any()
    assert flow.unit_dead.all()
    assert flow.grad_norm[-1] > 0
    trainer = Trainer(BASE.edit(init_scale=4.0, learning_rate=0.3, optimizer="sgd"), datasets["2"])
    trainer.advance(100)
    flow = trainer.flow()
    assert 0 < flow.unit_dead.sum() < len(flow.unit_dead)
    assert not flow.unit_signal[flow.unit_dead].any()


def test_deep_signals_do_not_underflow(datasets) -> None:
    """Eight layers of sigmoid at small weights: squares of these signals are 0 in float32."""
    trainer = Trainer(
        BASE.edit(hidden=(16,) * 8, activation="sigmoid", init_scale=0.0003, initialization="xavier"), datasets["2"]
    )
    flow = trainer.flow()
    assert 0 < flow.signal_rms[0] < 1e-24
    _, signals = autograds(trainer.snapshot(), datasets["2"])
    np.testing.assert_allclose(flow.signal_rms, [np.sqrt(np.square(s).mean()) for s in signals], rtol=1e-6)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_update_ratio_is_the_newest_steps(datasets, optimizer) -> None:
    trainer = Trainer(BASE.edit(optimizer=optimizer, l2=0.01), datasets["2"], dtype=torch.float64)
    assert np.isnan(trainer.flow().update_ratio).all()
    trainer.advance(22)
    before = trainer.parameters
    trainer.advance(1)
    after, layout = trainer.parameters, BASE.layout(1)
    moved = [np.linalg.norm(part) for part in layout.split(after - before)[0::2]]
    sizes = [np.linalg.norm(part) for part in layout.split(after)[0::2]]
    flow = trainer.flow()
    np.testing.assert_allclose(flow.update_ratio, np.divide(moved, sizes), rtol=1e-8)
    np.testing.assert_allclose(flow.weight_norm, sizes, rtol=1e-12)


def test_measuring_changes_nothing(datasets) -> None:
    measured, plain = (Trainer(BASE.edit(activation="prelu"), datasets["2"]) for _ in range(2))
    for _ in range(5):
        measured.flow()
        measured.advance(3)
        plain.advance(3)
        measured.flow()
        np.testing.assert_array_equal(measured.gradients, plain.gradients)
    np.testing.assert_array_equal(measured.parameters, plain.parameters)


def test_histograms_count_preactivations(datasets) -> None:
    trainer = Trainer(BASE, datasets["2"], dtype=torch.float64)
    trainer.advance(30)
    snapshot = trainer.snapshot()
    flow = trainer.flow()
    dataset = datasets["2"]
    weights = BASE.layout(1).split(trainer.parameters)
    first = dataset.points[dataset.is_train] @ weights[0].T + weights[1]
    low, high = flow.histogram_range[0]
    assert low == pytest.approx(max(first.min(), first.mean() - 4 * first.std()))
    assert high == pytest.approx(min(first.max(), first.mean() + 4 * first.std()))
    expected, _ = np.histogram(first, BINS, (low, high))
    assert np.abs(flow.histogram[0] - expected).sum() <= 4  # At bins' edges.
    assert flow.histogram.shape == (3, BINS)
    assert (flow.histogram.sum(axis=1) <= 43 * np.array([9, 7, 8])).all()
    assert snapshot.flow is None


def test_many_points_are_measured_on_an_even_choice() -> None:
    dataset = make_dataset("2", points=1500, train=1200)
    trainer = Trainer(BASE, dataset)
    flow = trainer.flow()
    gradients, _ = autograds(trainer.snapshot(), dataset)
    assert flow.points == POINTS
    np.testing.assert_allclose(flow.grad_norm, [np.linalg.norm(g) for g in gradients], rtol=1e-6)


def test_no_figures_where_numbers_are_not_finite(datasets) -> None:
    trainer = Trainer(BASE, datasets["2"])
    state = trainer.save()
    trainer.restore(replace(state, values=state.values * float("nan")))
    assert trainer.flow() is None


def test_a_network_without_hidden_layers(datasets) -> None:
    flow = Trainer(BASE.edit(hidden=()), datasets["2"]).flow()
    assert flow.grad_norm.shape == (1,)
    assert flow.unit_signal.shape == flow.slope_mean.shape == (0,)
    assert flow.histogram.shape == (0, BINS)
