"""`reluviz run`: train without a window, and count regions at the end."""

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reluviz.commands.arguments import add_bounds, add_experiment, bounds_of, print_json, scene_of
from reluviz.core.errors import InputError
from reluviz.studio.scene import SUFFIX, Scene, write_scene

if TYPE_CHECKING:
    from reluviz.core.snapshot import Snapshot
    from reluviz.core.view import Bounds

PROGRESS_UPDATES = 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `run`."""
    add_experiment(parser)
    parser.add_argument("--steps", type=int, default=2000, metavar="N", help="batches to train on (default 2000)")
    parser.add_argument("--every", type=int, metavar="K", help="report every K steps (default: the end only)")
    parser.add_argument("--save", type=Path, metavar="FILE", help="write a scene (.reluviz) or weights (.npz)")
    parser.add_argument("--json", action="store_true", help="print only JSON")
    add_bounds(parser)


def execute(arguments: argparse.Namespace) -> int:
    """Train, report and count."""
    scene, bounds = scene_of(arguments), bounds_of(arguments)
    experiment = scene.experiment
    # Refused before torch is loaded and anything is trained.
    if arguments.save:
        _check_save(arguments.save)
    from tqdm import tqdm

    from reluviz.core.datasets import load_dataset
    from reluviz.engine.trainer import train

    note = load_dataset(experiment).note
    if note and not arguments.json:
        print(note)
    every = max(1, arguments.steps // PROGRESS_UPDATES) if arguments.every is None else arguments.every
    history: list[dict[str, Any]] = []
    begin = time.perf_counter()
    # No bar where nobody watches: stderr is then a file or a pipe.
    begun = scene.snapshot.step if scene.snapshot else 0
    with tqdm(total=arguments.steps, unit="step", disable=None, leave=False) as bar:
        for snapshot in train(experiment, steps=arguments.steps, every=every, start=scene.snapshot):
            last = snapshot
            bar.update(snapshot.step - begun - bar.n)
            bar.set_postfix_str(f"loss {snapshot.train_loss:.4f}", refresh=False)
            if arguments.every:
                history.append({**_figures(snapshot), **_counts(snapshot, bounds)})
                if not arguments.json:
                    bar.write(_line(history[-1]))
    seconds = time.perf_counter() - begin
    if arguments.save:
        _save(arguments.save, Scene(experiment, scene.view, last))
    result = {
        "experiment": experiment.to_dict(),
        "bounds": list(bounds),
        "device": last.device,
        "note": note,
        **_figures(last),
        **_counts(last, bounds),
        "history": history,
        "steps": last.step - begun,
        "train_seconds": seconds,
        "steps_per_second": (last.step - begun) / seconds,
    }
    if arguments.json:
        print_json(result)
    else:
        print(_summary(result))
    return 0


def _check_save(path: Path) -> None:
    kinds = (SUFFIX, ".npz")
    if path.suffix.lower() not in kinds or path.is_dir() or not path.absolute().parent.is_dir():
        raise InputError(
            f"{path}: weights cannot be written there; allowed is a name ending in {' or '.join(kinds)} in a folder."
        )


def _save(path: Path, scene: Scene) -> None:
    if path.suffix.lower() == SUFFIX:
        write_scene(path, scene)
        return
    from reluviz.core.modelfile import write_npz

    assert scene.snapshot is not None
    write_npz(path, scene.snapshot.network)


def _figures(snapshot: "Snapshot") -> dict[str, Any]:
    return {
        "step": snapshot.step,
        "epoch": snapshot.epoch,
        "train_loss": snapshot.train_loss,
        "test_loss": snapshot.test_loss,
        "train_accuracy": snapshot.train_accuracy,
        "test_accuracy": snapshot.test_accuracy,
    }


def _counts(snapshot: "Snapshot", bounds: "Bounds") -> dict[str, Any]:
    from reluviz.core.partition import decompose

    partition = decompose(snapshot.network, bounds)
    exact = partition.finite and partition.truncated_at is None
    return {
        "activation_regions": partition.count if exact else None,
        "linear_regions": partition.linear_count if exact else None,
    }


def _line(row: dict[str, Any]) -> str:
    return f"step {row['step']:>8,}  {_learning(row)}  {_regions(row)}"


def _learning(row: dict[str, Any]) -> str:
    parts = [f"loss {row['train_loss']:.4f}"]
    # nan differs from itself: data of values has no accuracy, data without test points no test loss.
    if row["test_loss"] == row["test_loss"]:
        parts.append(f"test {row['test_loss']:.4f}")
    for name, label in (("train_accuracy", "accuracy"), ("test_accuracy", "test accuracy")):
        if row[name] == row[name]:
            parts.append(f"{label} {100 * row[name]:.1f} %")
    return "  ".join(parts)


def _regions(row: dict[str, Any]) -> str:
    if row["activation_regions"] is None:
        return "more regions than the budget allows to count"
    return f"{row['activation_regions']:,} activation regions, {row['linear_regions']:,} linear regions"


def _summary(result: dict[str, Any]) -> str:
    bounds = " ".join(f"{side:g}" for side in result["bounds"])
    return (
        f"{result['steps']:,} steps in {result['train_seconds']:.1f} s"
        f" ({result['steps_per_second']:,.0f} steps a second, {result['device']})\n"
        f"{_learning(result)}\n{_regions(result)} in {bounds}"
    )
