"""Several experiments side by side against one alone, and what collecting gradient flow costs."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise

import torch

from reluviz.bench.timing import Figure, interleave
from reluviz.core.datasets import load_dataset
from reluviz.core.experiment import Experiment
from reluviz.engine.stack import Stack
from reluviz.engine.trainer import one_thread
from reluviz.engine.training import Trainer

STEPS, ROUNDS = 200, 15
REACH, FLOW_REACH, FLOWS_A_SECOND = 1.6, 0.1, 30
BASE = Experiment(hidden=(32, 32, 32), batch_size=32, device="cpu")
FOURS = {
    "panes_same": ("relu", "relu", "relu", "relu"),
    "panes_mixed": ("relu", "leaky_relu", "sigmoid", "tanh"),
}


def panes() -> Iterator[Figure]:
    """Yield the time of four panes over that of one (the mean of the four alone), and the share that flow takes."""
    dataset = load_dataset(BASE)
    for name, activations in FOURS.items():
        experiments = [BASE.edit(activation=a, seed=i) for i, a in enumerate(activations)]
        alone = [Trainer(experiment, dataset) for experiment in experiments]
        stack = Stack([Trainer(experiment, dataset) for experiment in experiments])
        contenders: dict[str, Callable[[], object]] = {
            "together": partial(stack.advance, STEPS),
            "products": _products(len(alone)),
            **{f"alone_{i}": partial(one.advance, STEPS) for i, one in enumerate(alone)},
        }
        with one_thread():
            times = interleave(contenders, ROUNDS)
        total = sum(times[f"alone_{i}"] for i in range(len(alone)))
        ratio = times["together"] / (total / len(alone))
        yield Figure(
            name,
            f"time of four panes ({', '.join(activations)}) over one, 2-32-32-32-1, batch 32, Adam, one thread",
            ratio,
            "x one pane",
            f"<= {REACH} x",
            ratio <= REACH,
            {
                "together_step_seconds": times["together"] / STEPS,
                "one_alone_step_seconds": total / len(alone) / STEPS,
                "their_matrix_products_only_step_seconds": times["products"] / STEPS,
                "share_of_the_time_one_after_another": times["together"] / total,
            },
        )
    one = Trainer(BASE, dataset)
    one.advance(STEPS)
    with one_thread():
        times = interleave({"flow": one.flow, "steps": partial(one.advance, STEPS)}, 3 * ROUNDS)
    share = times["flow"] * FLOWS_A_SECOND
    yield Figure(
        "flow",
        f"share of training time that gradient flow takes at {FLOWS_A_SECOND} snapshots a second, same network",
        share,
        "of the time",
        f"<= {FLOW_REACH}",
        share <= FLOW_REACH,
        {"once_seconds": times["flow"], "step_seconds": times["steps"] / STEPS},
    )


def _products(count: int) -> Callable[[], object]:
    """Return a call that does only the matrix products of STEPS steps of `count` networks, batched: the floor."""
    batch, tensors = BASE.batch_size, []
    for layer, (inputs, outputs) in enumerate(pairwise((2, *BASE.hidden, 1))):
        h, signal = torch.randn(count, inputs + 1, batch), torch.randn(count, outputs, batch)
        weights = torch.randn(count, outputs, inputs + 1)
        tensors.append((weights, h, torch.empty(count, outputs, batch)))
        tensors.append((signal, h.mT, torch.empty(count, outputs, inputs + 1)))
        if layer:
            tensors.append((weights[..., :-1].mT, signal, torch.empty(count, inputs, batch)))

    def run() -> None:
        with torch.inference_mode():
            for _ in range(STEPS):
                for left, right, out in tensors:
                    torch.bmm(left, right, out=out)

    return run
