"""What activations cost on this machine: the trainer's own calls, timed."""

import time
from collections.abc import Callable, Sequence

import numpy as np
import torch

from reluviz.core.activations import ACTIVATIONS
from reluviz.core.cost import ActivationCost
from reluviz.engine.activations import Call
from reluviz.engine.chain_rule import layer_nonlinearity

SHAPE = (64, 512)  # Large enough that calling costs little beside computing: 1 us of 8 for ReLU on a CPU.
WARM_UP, SAMPLES = 3, 31


def measure_cost(name: str, device: torch.device) -> ActivationCost:
    """Time forward and backward of one row of ACTIVATIONS at its default parameter, float32; some 5 ms on a CPU."""
    row = ACTIVATIONS[name]
    generator = torch.Generator().manual_seed(0)
    with torch.inference_mode():
        # Pre-activations as they are in training: mostly within 3 of 0.
        values = torch.randn(SHAPE, generator=generator).to(device)
        h, signal = torch.empty_like(values), torch.empty_like(values)
        learned = torch.tensor([row.default], device=device) if row.learned else None
        gradient = torch.zeros(1, device=device) if row.learned else None
        unit = layer_nonlinearity((row, row.default), learned, gradient, h, signal)
        forward: list[float] = []
        backward: list[float] = []
        for _ in range(WARM_UP + SAMPLES):
            # Anew each time: what works in place would wear its numbers down to 0 or to slow denormal ones.
            unit.z.copy_(values)
            signal.fill_(1.0)
            forward.append(_seconds(unit.forward, device))
            backward.append(_seconds(unit.backward, device))
    first, second = (_summary(seconds[WARM_UP:]) for seconds in (forward, backward))
    return ActivationCost(name, first[1], (first[0], first[2]), second[1], (second[0], second[2]), device.type)


def _seconds(calls: Sequence[Call], device: torch.device) -> float:
    wait = _WAIT.get(device.type)
    if wait:
        wait()
    begin = time.perf_counter()
    for call in calls:
        call()
    if wait:
        wait()
    return time.perf_counter() - begin


_WAIT: dict[str, Callable[[], None]] = {"cuda": torch.cuda.synchronize, "mps": torch.mps.synchronize}


def _summary(seconds: list[float]) -> tuple[float, float, float]:
    """Return lower quartile, median and upper quartile in nanoseconds per number."""
    low, middle, high = (np.quantile(seconds, (0.25, 0.5, 0.75)) / (SHAPE[0] * SHAPE[1]) * 1e9).tolist()
    return low, middle, high
