"""draw_frames: the frames of a film, each drawn from a snapshot exactly as the window would draw it."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from reluviz.core.color import Pixels
from reluviz.core.coloring import value_scale
from reluviz.core.dataset import Dataset
from reluviz.core.picture import Picture, make_picture
from reluviz.core.points import draw_points
from reluviz.core.snapshot import Snapshot
from reluviz.core.view import Bounds, View
from reluviz.studio.lettering import letter


@dataclass(frozen=True)
class Shot:
    """How a film is seen: the view, and what is drawn over it.

    `camera` gives the bounds at each share 0 to 1 of the film, None for those of the view. `workers` threads draw.
    """

    view: View
    points: bool = True
    title: str = ""
    counters: bool = False
    camera: Callable[[float], Bounds] | None = None
    workers: int = 1


def draw_frames(
    snapshots: Iterable[Snapshot], repeats: Iterable[int], shot: Shot, dataset: Dataset
) -> Iterator[Pixels]:
    """Yield images (H, W) uint32 0xffRRGGBB: snapshot i for repeats[i] frames, which only a moving camera tells apart.

    Equal snapshots and shots give equal frames, bit for bit.
    """
    repeats = list(repeats)
    last, index = max(1, sum(repeats) - 1), 0
    scale, picture = value_scale(dataset), None
    for snapshot, times in zip(snapshots, repeats, strict=False):
        image: Pixels | None = None
        for _ in range(times):
            if image is None or shot.camera:
                view = replace(shot.view, bounds=shot.camera(index / last)) if shot.camera else shot.view
                picture = make_picture(snapshot, view, scale, previous=picture, workers=shot.workers)
                image = picture.image
                if shot.points:
                    draw_points(image, view, dataset)
                letter(image, view.palette, shot.title, count(picture) if shot.counters else ())
            yield image
            index += 1


def count(picture: Picture) -> tuple[tuple[str, str], ...]:
    """Return the counters of a picture as (label, value)."""
    snapshot, partition = picture.snapshot, picture.partition
    counters = [("step", f"{snapshot.step:,}")]
    if partition.count and partition.truncated_at is None:
        counters.append(("regions", f"{partition.count:,}"))
    counters.append(("loss", f"{snapshot.train_loss:.4f}"))
    if math.isfinite(snapshot.train_accuracy):
        counters.append(("accuracy", f"{100 * snapshot.train_accuracy:.1f} %"))
    return tuple(counters)


def spread(steps: int, frames: int) -> tuple[list[int], list[int]]:
    """Return the steps that `frames` frames show, evenly from 0 to `steps`, and how many frames show each.

    With fewer steps than frames a step is shown by several.
    """
    last = max(1, frames - 1)
    shown = [(index * steps + last // 2) // last for index in range(frames)]
    repeats = Counter(shown)
    return list(repeats), list(repeats.values())
