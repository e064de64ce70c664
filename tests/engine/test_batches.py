"""The order of points: every epoch sees each point once, through any changes of the batch size."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from reluviz.engine.batches import BLOCK, Batches

SEED = 11


def recorded(count: int, batch_size: int, seen: list[list[int]]) -> Batches:
    """Batches over points 0, 1, 2..., whose calls write down the points of each batch and check its targets."""
    numbers = torch.arange(count, dtype=torch.float64)
    table = torch.stack([numbers, -numbers, torch.ones(count), 10 * numbers], dim=1)

    def prepare(x: torch.Tensor, targets: torch.Tensor):
        def call() -> None:
            assert torch.equal(x[1], -x[0])
            assert torch.equal(x[2], torch.ones(x.shape[1]))
            assert torch.equal(targets[0], 10 * x[0])
            assert x.is_contiguous()
            assert targets.is_contiguous()
            seen.append([int(value) for value in x[0]])

        return [call]

    return Batches(table, 2, batch_size, SEED, prepare)


def run(batches: Batches, steps: int, limit: int) -> None:
    while steps > 0:
        taken = batches.take(min(steps, limit))
        for calls in taken:
            for call in calls:
                call()
        steps -= len(taken)


@given(
    count=st.integers(1, 200),
    stretches=st.lists(st.tuples(st.integers(1, 250), st.integers(0, 90), st.integers(1, 80)), min_size=1, max_size=6),
)
def test_every_epoch_sees_each_point_once(count, stretches) -> None:
    """Each stretch is (batch size, steps, how many batches are taken at once)."""
    seen: list[list[int]] = []
    epoch, offset = 0, 0
    for batch_size, steps, limit in stretches:
        batches = recorded(count, batch_size, seen)
        if batches.is_full and offset:
            return  # A change to the full batch begins with whole epochs at once.
        batches.seek(epoch, offset)
        before = len(seen)
        run(batches, steps, limit)
        assert len(seen) == before + steps
        assert all(len(batch) <= batch_size for batch in seen[before:])
        epoch, offset = batches.epoch, batches.offset
    points = [point for batch in seen for point in batch]
    assert len(points) == epoch * count + offset
    for start in range(0, len(points) - count + 1, count):
        assert sorted(points[start : start + count]) == list(range(count))


def test_order_is_numpys_permutation_of_seed_and_epoch() -> None:
    seen: list[list[int]] = []
    count = 3 * BLOCK + 2
    run(recorded(count, 2, seen), 2 * (count // 2), limit=7)
    for epoch in (0, 1):
        points = [point for batch in seen[epoch * (count // 2) :][: count // 2] for point in batch]
        assert points == np.random.default_rng([SEED, epoch]).permutation(count).tolist()


def test_full_batch_keeps_the_datas_order() -> None:
    seen: list[list[int]] = []
    batches = recorded(5, 9, seen)
    run(batches, 3, limit=10)
    assert seen == [[0, 1, 2, 3, 4]] * 3
    assert (batches.epoch, batches.offset) == (3, 0)
