"""Which device trains: what is there, and for `auto` what is faster for this network."""

import time

import torch

from reluviz.core.dataset import Dataset
from reluviz.core.errors import InputError
from reluviz.core.experiment import Experiment
from reluviz.engine.training import Trainer

WARM_UP_STEPS, SECONDS = 20, 0.15


def available_devices() -> tuple[str, ...]:
    """Return the devices of this machine that torch can use, "cpu" first."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return ("cpu", *(name for name, is_there in there.items() if is_there))


def choose_device(experiment: Experiment, dataset: Dataset) -> tuple[str, str]:
    """Return (device, a sentence that says why). Raises `InputError` for a device that is not there.

    `auto` trains this very network for a moment on each device there is: networks this small are often faster on the
    CPU, where a call costs 1-2 us and not the 5-10 us of a kernel launch.
    """
    devices, wanted = available_devices(), experiment.device
    if wanted != "auto":
        if wanted not in devices:
            raise InputError(f"device: {wanted!r} is not on this machine; allowed are auto, {', '.join(devices)}.")
        return wanted, f"Training on {_shown(wanted)}."
    if len(devices) == 1:
        return "cpu", "auto: CPU, as torch finds no CUDA or MPS device here."
    rates = {device: _measure(experiment, dataset, device) for device in devices}
    first, second = sorted(rates, key=lambda device: rates[device], reverse=True)[:2]
    ratio = rates[first] / max(rates[second], 1e-9)
    return first, f"auto: {_shown(first)}, {ratio:.1f} x faster here than {_shown(second)} for this network."


def _shown(device: str) -> str:
    return device.upper()


def _measure(experiment: Experiment, dataset: Dataset, device: str) -> float:
    """Return steps per second of a throw-away trainer, 0 where the device fails (out of memory, say)."""
    try:
        trainer = Trainer(experiment, dataset, device=device)
        trainer.advance(WARM_UP_STEPS)
        trainer.scores()  # Copies from the device, so it waits until the device is done.
        begin, steps = time.perf_counter(), 0
        while time.perf_counter() - begin < SECONDS:
            trainer.advance(10)
            trainer.scores()
            steps += 10
        return steps / (time.perf_counter() - begin)
    except RuntimeError:
        return 0.0
