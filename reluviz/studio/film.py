"""draw_frames: the frames of a film, each drawn from snapshots exactly as the window would draw them.

A frame depends on its beat alone: equal beats give equal frames, bit for bit, on a slow machine as on a fast one.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from reluviz.core.color import Pixels, pixel
from reluviz.core.dataset import Dataset
from reluviz.core.datasets import load_dataset
from reluviz.core.experiment import SETTINGS, Experiment
from reluviz.core.palette import PALETTES
from reluviz.core.picture import Picture, make_picture
from reluviz.core.point_edits import NO_EDITS, apply_edits
from reluviz.core.points import draw_points
from reluviz.core.reading import value_scale
from reluviz.core.snapshot import Snapshot
from reluviz.studio.blend import blend
from reluviz.studio.cut import Cut
from reluviz.studio.handwriting import Handwriting, Light, ink_of, pane_of
from reluviz.studio.journal import Event
from reluviz.studio.keys import Course
from reluviz.studio.lettering import letter
from reluviz.studio.light import draw_laser, draw_spotlight
from reluviz.studio.look import Ink, Look
from reluviz.studio.marks import KEY_SECONDS, RIPPLE_SECONDS, draw_ink, draw_keys, draw_pins, draw_ring, draw_ripple
from reluviz.studio.tiles import Cell, share_out

_DATA = tuple(name for name, setting in SETTINGS.items() if setting.group == "Data" and name != "point_edits")


@dataclass(frozen=True, eq=False)
class Beat:
    """What one frame shows: a snapshot per pane, the look, and (event, its age in seconds of film) of keys and clicks.

    at is the second of the recording. passed are the moments since the frame before that no frame shows. drawing is the
    stroke under the pen as far as it had come, light the pointer. mixed is (look, weight) of those that the frame fades
    between, `look` the last of them; () where it shows one.
    """

    snapshots: tuple[Snapshot, ...]
    look: Look
    keys: tuple[tuple[Event, float], ...] = ()
    clicks: tuple[tuple[Event, float], ...] = ()
    at: float = 0.0
    passed: Iterable[tuple[Snapshot, ...]] = ()
    drawing: Ink | None = None
    light: Light = Light()  # noqa: RUF009 - a tuple
    mixed: tuple[tuple[Look, float], ...] = ()

    def parts(self) -> "tuple[tuple[Beat, float], ...]":
        """Return the beats of one look each that the frame is mixed of, with their weights."""
        return tuple((replace(self, look=look, mixed=()), weight) for look, weight in self.mixed) or ((self, 1.0),)


class Moments(Protocol):
    """A history, a recording, or a training run read forward: one snapshot per pane for each moment."""

    def __getitem__(self, index: int) -> tuple[Snapshot, ...]:
        """Return a moment."""


@dataclass(frozen=True, eq=False)
class Script:
    """All that decides a film's frames. look_at gives the look of a second of the recording.

    `moments` may end early by IndexError: the film ends there. with_passed: beats bring the moments between them, for
    curves in a window; such moments can be read in any order.
    """

    moments: Moments
    cut: Cut
    look_at: Callable[[float], Look]
    course: Course
    size: tuple[int, int]
    fps: int
    keys: tuple[Event, ...] = ()
    clicks: tuple[Event, ...] = ()
    over: dict[str, object] = field(default_factory=dict)
    with_passed: bool = False
    hand: Handwriting | None = None

    def beats(self) -> Iterator[Beat]:
        """Yield one beat per frame."""
        before = -1
        for frame, shown in enumerate(self.cut.shown.tolist()):
            try:
                beat = self.beat(frame)
            except IndexError:
                return
            passed = (self.moments[index] for index in range(before + 1, shown)) if self.with_passed else ()
            yield replace(beat, passed=passed)
            before = max(before, shown)

    def beat(self, frame: int) -> Beat:
        """Return what one frame shows, no other being read. Raises IndexError where the moments end before it."""
        at = float(self.cut.times[frame])
        snapshots = self.moments[int(self.cut.shown[frame])]
        look = replace(self.look_at(at), **self.over)  # type: ignore[arg-type]
        mixed = self.course.looks(frame, look, *self.size)
        look = mixed[-1][0]
        keys = _recent(self.keys, at, self.cut.rate, KEY_SECONDS)
        clicks = _recent(self.clicks, at, self.cut.rate, RIPPLE_SECONDS)
        beat = Beat(snapshots, look, keys, clicks, at, mixed=mixed if len(mixed) > 1 else ())
        if self.hand is None:
            return beat
        drawing = ink_of(self.hand.drawing_at(at), look.palette)
        return replace(beat, drawing=drawing, light=self.hand.light_at(at, self.cut.rate))


def draw_frames(beats: Iterable[Beat], size: tuple[int, int], workers: int = 1) -> Iterator[Pixels]:
    """Yield an image (H, W) uint32 0xffRRGGBB for each beat; not to be written to."""
    artist = _Artist(size, workers)
    last: Beat | None = None
    image: Pixels | None = None
    for beat in beats:
        if image is None or last is None or not _same(last, beat):
            image = blend([(artist.draw(part), weight) for part, weight in beat.parts()])
        last = beat
        yield image


class _Artist:
    """Draws beats; keeps the last picture of each pane, whose lines and colours the next one goes on from."""

    def __init__(self, size: tuple[int, int], workers: int) -> None:
        self._size, self._workers = size, workers
        self._pictures: list[Picture | None] = []
        self._base: tuple[Experiment, Dataset] | None = None
        self._dataset: tuple[Experiment, Dataset] | None = None

    def draw(self, beat: Beat) -> Pixels:
        """Return the frame of a beat."""
        width, height = self._size
        look, count = beat.look, len(beat.snapshots)
        if len(self._pictures) != count:
            self._pictures = [None] * count
        if count == 1:
            cells = [Cell(0, 0, width, height)]
            image = self._draw_pane(0, beat, cells[0])
        else:
            image = np.full((height, width), pixel(PALETTES[look.palette].background), np.uint32)
            head = round(0.12 * min(width, height)) if look.title else 0
            below = share_out(width, height - head, count, max(4, height // 90))
            cells = [cell._replace(top=cell.top + head) for cell in below]
            for index, cell in enumerate(cells):
                pane = self._draw_pane(index, beat, cell)
                image[cell.top : cell.top + cell.height, cell.left : cell.left + cell.width] = pane
        main = self._pictures[0]
        assert main is not None
        letter(image, look.palette, look.title, count_of(main) if look.counters and count == 1 else ())
        self._draw_light(image, beat, cells)
        for click, age in beat.clicks:
            for cell in cells if click.place == "canvas" else ():
                draw_ripple(
                    image, *cell.place(look.view(cell.width, cell.height).bounds, click.x, click.y), age, look.palette
                )
        if beat.keys:
            draw_keys(image, look.palette, [(key.text, age) for key, age in beat.keys])
        return image

    def _draw_light(self, image: Pixels, beat: Beat, cells: Sequence[Cell]) -> None:
        """Draw the pointer where it lies on the plane of a pane."""
        if not beat.light.trail:
            return
        pane = pane_of(beat.light.trail[-1].part)
        if not 0 <= pane < len(cells):
            return
        cell = cells[pane]
        bounds = beat.look.view(cell.width, cell.height).bounds
        places = np.array([cell.place(bounds, *glow.point) for glow in beat.light.trail])
        if beat.light.tool == "spotlight":
            draw_spotlight(image, (places[-1, 0], places[-1, 1]))
        else:
            draw_laser(image, places, np.array([glow.age for glow in beat.light.trail]))

    def _draw_pane(self, index: int, beat: Beat, cell: Cell) -> Pixels:
        look, snapshot = beat.look, beat.snapshots[index]
        view = look.view(cell.width, cell.height)
        dataset = self._data_of(snapshot.experiment)
        picture = make_picture(
            snapshot, view, value_scale(dataset), previous=self._pictures[index], workers=self._workers
        )
        self._pictures[index] = picture
        image = picture.image
        if look.points:
            share = look.point_size
            radius = None if share is None else 0.5 * share * min(view.width, view.height)
            draw_points(image, view, dataset, radius, look.test_points)
        if look.probe is not None:
            draw_ring(image, picture, look.probe)
        if look.pins:
            draw_pins(image, view, look.pins)
        drawing = (beat.drawing,) if beat.drawing is not None else ()
        strokes = [stroke for stroke in (*look.ink, *drawing) if stroke[0] == index]
        if strokes:
            draw_ink(image, view, strokes)
        if len(beat.snapshots) > 1:
            label = look.labels[index] if index < len(look.labels) else ""
            letter(image, look.palette, label, count_of(picture) if look.counters else ())
        return image

    def _data_of(self, experiment: Experiment) -> Dataset:
        if self._dataset is None or self._dataset[0] is not experiment:
            self._dataset = (experiment, self._load(experiment))
        return self._dataset[1]

    def _load(self, experiment: Experiment) -> Dataset:
        """Return an experiment's points; a file is not read again for what a hand did to them."""
        bare = replace(experiment, point_edits=NO_EDITS)
        if self._base is None or any(getattr(self._base[0], name) != getattr(bare, name) for name in _DATA):
            self._base = (bare, load_dataset(bare))
        return apply_edits(self._base[1], experiment.point_edits)


def count_of(picture: Picture) -> tuple[tuple[str, str], ...]:
    """Return the counters of a picture as (label, value)."""
    snapshot, partition = picture.snapshot, picture.partition
    counters = [("step", f"{snapshot.step:,}")]
    if partition.count and partition.truncated_at is None:
        counters.append(("regions", f"{partition.count:,}"))
    counters.append(("loss", f"{snapshot.train_loss:.4f}"))
    if math.isfinite(snapshot.train_accuracy):
        counters.append(("accuracy", f"{100 * snapshot.train_accuracy:.1f} %"))
    return tuple(counters)


def _recent(events: Sequence[Event], at: float, rate: float, seconds: float) -> tuple[tuple[Event, float], ...]:
    ages = ((event, (at - event.at) / rate) for event in events)
    return tuple((event, age) for event, age in ages if 0.0 <= age < seconds)


def _same(one: Beat, other: Beat) -> bool:
    """Whether two beats give one frame."""
    if one.keys or one.clicks or other.keys or other.clicks or len(one.snapshots) != len(other.snapshots):
        return False
    if (one.drawing, one.light, one.mixed) != (other.drawing, other.light, other.mixed):
        return False
    same = all(a is b for a, b in zip(one.snapshots, other.snapshots, strict=True))
    return same and replace(one.look, window={}) == replace(other.look, window={})
