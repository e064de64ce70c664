"""Drawing without a window: whole pictures from weights to pixels, beside copying the pixels alone."""

import os
from collections.abc import Iterator

import numpy as np

from reluviz.bench.geometry import box_with, he_network
from reluviz.bench.timing import Figure, interleave
from reluviz.core.experiment import Experiment
from reluviz.core.picture import Picture, make_picture
from reluviz.core.snapshot import Snapshot
from reluviz.core.view import View

WIDTH, HEIGHT = 1200, 900


def pictures() -> Iterator[Figure]:
    """Yield pictures a second at 1,000, 10,000 and 100,000 regions."""
    workers = os.cpu_count() or 1
    frame = np.zeros((HEIGHT, WIDTH), np.uint32)
    target = np.empty_like(frame)
    for regions, hidden, reach in ((1_000, (32, 32), 60), (10_000, (64,) * 4, 30), (100_000, (64,) * 8, 10)):
        network = he_network((2, *hidden, 1))
        experiment = Experiment(hidden=hidden)
        parameters = network.flat().astype(np.float32)
        snapshot = Snapshot(0, experiment, 1, 0, 0.0, parameters, np.zeros((0, len(parameters)), np.float32))
        view = View(box_with(network, regions, WIDTH / HEIGHT), WIDTH, HEIGHT)
        made: list[Picture] = []

        def draw(snapshot: Snapshot = snapshot, view: View = view, made: list[Picture] = made) -> None:
            made[:] = [make_picture(snapshot, view, workers=workers)]

        times = interleave({"ours": draw, "copy": lambda: np.copyto(target, frame)}, 9)
        rate = 1.0 / times["ours"]
        yield Figure(
            f"pictures_{regions}",
            f"{made[0].partition.count:,} regions of {len(hidden)} layers of {hidden[0]} units at {WIDTH} x {HEIGHT},"
            f" no window, {workers} threads",
            rate,
            "pictures a second",
            f">= {reach}",
            rate >= reach,
            {"copying_the_pixels_seconds": times["copy"]}
            | {f"{stage}_seconds": seconds for stage, seconds in made[0].seconds.items()},
        )
