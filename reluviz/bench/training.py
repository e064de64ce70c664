"""Training without a window: against a plain PyTorch loop, and against nothing but the matrix products."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise

import torch

from reluviz.bench.panes import panes
from reluviz.bench.timing import Figure, interleave
from reluviz.core.datasets import load_dataset
from reluviz.core.experiment import Experiment
from reluviz.core.initialization import initial_parameters
from reluviz.engine.trainer import one_thread
from reluviz.engine.training import Trainer

STEPS, ROUNDS = 400, 9


def training() -> Iterator[Figure]:
    """Yield steps a second of two networks, one thread, Adam; then several side by side, and gradient flow."""
    for name, hidden, batch, reach in (("train_32", (32, 32, 32), 32, 7), ("train_16", (16, 16), 10, 10)):
        experiment = Experiment(hidden=hidden, batch_size=batch, device="cpu")
        trainer = Trainer(experiment, load_dataset(experiment), device="cpu")
        contenders: dict[str, Callable[[], object]] = {
            "ours": partial(trainer.advance, STEPS),
            "plain": plain_loop(experiment),
            "products": bare_products(experiment),
        }
        with one_thread():
            times = interleave(contenders, ROUNDS)
        rate = {key: STEPS / seconds for key, seconds in times.items()}
        ratio = rate["ours"] / rate["plain"]
        shape = "-".join(map(str, (2, *hidden, 1)))
        yield Figure(
            name,
            f"{shape}, batch {batch}, against a plain loop (autograd, torch.optim.Adam), one thread",
            ratio,
            "x as fast",
            f">= {reach} x",
            ratio >= reach,
            {
                "ours_steps_per_second": rate["ours"],
                "plain_steps_per_second": rate["plain"],
                "matrix_products_only_steps_per_second": rate["products"],
            },
        )
    yield from panes()


def plain_loop(experiment: Experiment) -> Callable[[], object]:
    """Return a call that trains STEPS batches as a PyTorch tutorial would: nn.Sequential, autograd, torch.optim."""
    dataset = load_dataset(experiment)
    x = torch.tensor(dataset.points[dataset.is_train], dtype=torch.float32)
    y = torch.tensor(dataset.targets[dataset.is_train], dtype=torch.float32)[:, None]
    parts = experiment.layout(1).split(initial_parameters(experiment, 1))
    modules: list[torch.nn.Module] = []
    for weights, biases in zip(parts[0::2], parts[1::2], strict=True):
        linear = torch.nn.Linear(weights.shape[1], weights.shape[0])
        with torch.no_grad():
            linear.weight.copy_(torch.tensor(weights.copy()))
            linear.bias.copy_(torch.tensor(biases.copy()))
        modules += [linear, torch.nn.ReLU()]
    model = torch.nn.Sequential(*modules[:-1])
    optimizer = torch.optim.Adam(model.parameters(), experiment.learning_rate)
    loss_of = torch.nn.BCEWithLogitsLoss()
    random = torch.Generator().manual_seed(experiment.batch_seed)

    def run() -> None:
        done = 0
        while done < STEPS:
            for batch in torch.split(torch.randperm(len(x), generator=random), experiment.batch_size):
                optimizer.zero_grad()
                loss_of(model(x[batch]), y[batch]).backward()
                optimizer.step()
                done += 1
                if done == STEPS:
                    return

    return run


def bare_products(experiment: Experiment) -> Callable[[], object]:
    """Return a call that does only the matrix products of STEPS steps, by torch, into given memory: the floor."""
    sizes, batch = (2, *experiment.hidden, 1), experiment.batch_size
    tensors = []
    for layer, (inputs, outputs) in enumerate(pairwise(sizes)):
        h, signal = torch.randn(batch, inputs), torch.randn(batch, outputs)
        weights = torch.randn(outputs, inputs)
        tensors.append((h, weights.t(), torch.empty(batch, outputs)))
        tensors.append((signal.t(), h, torch.empty(outputs, inputs)))
        if layer:  # Nothing flows back to the data.
            tensors.append((signal, weights, torch.empty(batch, inputs)))

    def run() -> None:
        with torch.inference_mode():
            for _ in range(STEPS):
                for left, right, out in tensors:
                    torch.mm(left, right, out=out)

    return run
