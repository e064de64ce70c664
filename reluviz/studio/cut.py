"""Cut: which moment each frame of a film shows, from a history or a recording."""

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reluviz.core.errors import InputError

MOST_FRAMES = 200_000


@dataclass(frozen=True, eq=False)
class Cut:
    """Frame i shows moment shown[i] (int64), which is at steps[i] (int64), at times[i] seconds of what was recorded.

    rate: seconds of what was recorded per second of film.
    """

    shown: NDArray[np.int64]
    steps: NDArray[np.int64]
    times: NDArray[np.float64]
    rate: float = 1.0

    def __len__(self) -> int:
        return len(self.shown)


def cut_by_steps(moments: NDArray[np.int64], first: int, last: int, frames: int) -> Cut:
    """Return the cut that goes evenly from step `first` to `last`; moments (N,) are steps that increase.

    A frame shows the newest moment that is not later than its step.
    """
    wanted = [
        first + (index * (last - first) + max(1, frames - 1) // 2) // max(1, frames - 1) for index in range(frames)
    ]
    shown = np.clip(np.searchsorted(moments, wanted, side="right") - 1, 0, len(moments) - 1)
    return Cut(shown, moments[shown], np.zeros(frames))


def cut_by_time(
    times: NDArray[np.float64], steps: NDArray[np.int64], begin: float, end: float, fps: int, rate: float = 1.0
) -> Cut:
    """Return the cut that shows what was recorded from second `begin` to `end`, `rate` times as fast.

    times and steps (N,) are those of the moments; a frame shows the newest moment of its time.
    """
    frames = max(1, math.ceil((end - begin) / rate * fps - 1e-9))
    if frames > MOST_FRAMES:
        raise InputError(f"The film would have {frames:,} frames; allowed are at most {MOST_FRAMES:,}.")
    at: NDArray[np.float64] = begin + np.arange(frames, dtype=np.float64) * (rate / fps)
    shown = np.clip(np.searchsorted(times, at, side="right") - 1, 0, len(times) - 1)
    return Cut(shown, steps[shown], at, rate)


def spread(steps: int, frames: int) -> tuple[list[int], list[int]]:
    """Return the steps that `frames` frames show, evenly from 0 to `steps`, and how many frames show each.

    With fewer steps than frames a step is shown by several.
    """
    last = max(1, frames - 1)
    shown = [(index * steps + last // 2) // last for index in range(frames)]
    repeats = Counter(shown)
    return list(repeats), list(repeats.values())
