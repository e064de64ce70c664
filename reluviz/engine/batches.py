"""Batches: which points each step trains on, gathered ahead into fixed buffers."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from reluviz.engine.activations import Call

BLOCK = 64  # Batches gathered at once, so that a gather's 10 us are spread over many steps.


class Batches:
    """The endless sequence of batches, each as the list of calls that trains on it.

    An epoch is one permutation of the training points, drawn from (seed, epoch number); its last batch is smaller
    where the batch size does not divide the number of points. A batch as large as the training set is the training
    set, in its own order. So with unchanged settings the step number alone decides the batch. The position is
    (epoch, offset); after a change of settings the sequence goes on with the points that the present epoch still has.

    `table` (N, inputs + 1 + outputs) holds each training point's inputs, a one and its targets.
    `prepare(x, targets)` is called once for each buffer, x (inputs + 1, B) and targets (outputs, B).
    """

    def __init__(
        self, table: Tensor, inputs: int, batch_size: int, seed: int, prepare: Callable[[Tensor, Tensor], list[Call]]
    ) -> None:
        self.count = len(table)
        self.batch_size = min(batch_size, self.count)
        self.epoch, self.offset = 0, 0
        self.table, self._split, self._seed, self._prepare = table, inputs + 1, seed, prepare
        self._slots = 1 if self.is_full else min(BLOCK, self.count // self.batch_size)
        self._full = table.new_empty((self._slots, table.shape[1], self.batch_size))
        if self.is_full:
            self._full[0] = table.t()
        self._partial: dict[int, Tensor] = {}
        self._calls: dict[tuple[int, int], list[Call]] = {}
        self._ready: list[list[Call]] = []
        self._permutation: tuple[int, NDArray[np.int64]] = (-1, np.empty(0, np.int64))

    def again(self, prepare: Callable[[Tensor, Tensor], list[Call]]) -> "Batches":
        """Return the same sequence, from its start, with other calls."""
        return Batches(self.table, self._split - 1, self.batch_size, self._seed, prepare)

    @property
    def is_full(self) -> bool:
        """Whether every batch is the whole training set."""
        return self.batch_size == self.count

    def seek(self, epoch: int, offset: int) -> None:
        """Go on from the given position; offset counts points of that epoch."""
        self.epoch, self.offset = epoch, 0 if self.is_full else offset
        self._ready = []

    def take(self, limit: int) -> list[list[Call]]:
        """Return the next batches, at least one and at most `limit`; use them before the next call."""
        if not self._ready:
            self._ready = self._gather()
        taken, self._ready = self._ready[:limit], self._ready[limit:]
        self.offset = min(self.offset + len(taken) * self.batch_size, self.count)
        if self.offset == self.count:
            self.epoch, self.offset = self.epoch + 1, 0
        return taken

    def _gather(self) -> list[list[Call]]:
        """Fill the buffers from the present position, no further than this epoch's end."""
        if self.is_full:
            return [self._prepared(self._full[0], 0)]
        left, size = self.count - self.offset, self.batch_size
        batches = min(left // size, self._slots)
        rest = left - batches * size if left // size <= self._slots else 0
        chosen = self._shuffled()[self.offset : self.offset + batches * size + rest]
        rows = self.table.index_select(0, torch.from_numpy(chosen).to(self.table.device))
        # The number of columns by name: after a change of the batch size there may be no whole batch left.
        self._full[:batches] = rows[: batches * size].view(batches, size, rows.shape[1]).transpose(1, 2)
        ready = [self._prepared(self._full[slot], slot) for slot in range(batches)]
        if rest:
            if rest not in self._partial:
                self._partial[rest] = rows.new_empty((rows.shape[1], rest))
            self._partial[rest].copy_(rows[batches * size :].t())
            ready.append(self._prepared(self._partial[rest], 0))
        return ready

    def _prepared(self, buffer: Tensor, slot: int) -> list[Call]:
        key = (buffer.shape[1], slot)
        if key not in self._calls:
            self._calls[key] = self._prepare(buffer[: self._split], buffer[self._split :])
        return self._calls[key]

    def _shuffled(self) -> NDArray[np.int64]:
        if self._permutation[0] != self.epoch:
            generator = np.random.default_rng([self._seed, self.epoch])
            self._permutation = (self.epoch, generator.permutation(self.count))
        return self._permutation[1]
