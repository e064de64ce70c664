"""The films of `reluviz render`: of a training run made for it, or of a recording."""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from reluviz.commands.arguments import parse_size
from reluviz.commands.render import USUAL, USUAL_STEPS, look_for, said
from reluviz.core.errors import InputError
from reluviz.studio import film
from reluviz.studio.comparison import pane_label
from reluviz.studio.cut import MOST_FRAMES, Cut, cut_by_steps, cut_by_time, spread
from reluviz.studio.film import Script
from reluviz.studio.journal import Journal
from reluviz.studio.keys import Course, read_keys
from reluviz.studio.look import LONGEST_TITLE
from reluviz.studio.scene import Scene
from reluviz.studio.video import check_film, open_film, part_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reluviz.core.color import Pixels
    from reluviz.core.snapshot import Snapshot
    from reluviz.engine.divergence import DivergenceError


def film_training(scene: Scene, path: Path, arguments: argparse.Namespace) -> int:
    """Train and draw frame by frame; where training diverges the film ends there, and that is said."""
    size, fps = _format(path, arguments)
    moments, repeats = spread(*_length(arguments, fps, USUAL[path.suffix.lower()][2]))
    begun = scene.snapshot.step if scene.snapshot else 0
    shown = np.repeat(np.arange(len(moments)), repeats)
    cut = Cut(shown, begun + np.repeat(np.array(moments, np.int64), repeats), np.arange(len(shown)) / fps)
    look = look_for(scene, arguments)
    training = _Training(scene, moments)
    script = Script(training, cut, lambda at: look, _course(arguments, cut, fps), size, fps)
    _write(script, path, arguments, _Source())
    if training.diverged is not None:
        raise InputError(f"{training.diverged} {path} ends there.")
    return 0


def film_history(scene: Scene, path: Path, arguments: argparse.Namespace) -> int:
    """Draw the moments that a scene was saved with, all panes of a comparison."""
    size, fps = _format(path, arguments)
    timeline = scene.timeline
    assert timeline is not None
    if scene.snapshot is not None and scene.snapshot.step >= int(timeline.steps[-1]):
        timeline = timeline.add((scene.snapshot, *scene.beside))
    cut = _cut_history(timeline.steps, arguments, fps, USUAL[path.suffix.lower()][2])
    look = look_for(scene, arguments)
    if scene.setup is not None and scene.beside:
        panes = timeline[len(timeline) - 1]
        labels = tuple(pane_label(scene.setup.field, one.experiment)[:LONGEST_TITLE] for one in panes)
        look = replace(look, labels=labels)
    script = Script(timeline, cut, lambda at: look, _course(arguments, cut, fps), size, fps)
    _write(script, path, arguments, _Source())
    return 0


def film_recording(source: Path, path: Path, arguments: argparse.Namespace) -> int:
    """Draw a recording: by its clock, or, where it holds a history, by its steps."""
    size, fps = _format(path, arguments)
    journal = Journal(source)
    try:
        cut = _cut(journal, arguments, fps, USUAL[path.suffix.lower()][2])
        script = Script(
            journal,
            cut,
            journal.look_at,
            _course(arguments, cut, fps),
            size,
            fps,
            keys=tuple(event for event in journal.events if event.kind == "key") if arguments.key_cast else (),
            clicks=tuple(event for event in journal.events if event.kind == "press") if arguments.ripples else (),
            over=said(arguments),
            with_passed=arguments.film != "canvas",
            hand=journal.hand,
        )
        _write(script, path, arguments, _Source(journal))
    finally:
        journal.close()
    return 0


class _Source:
    """What a window needs to know besides the script: the curves so far, and how large the window was."""

    def __init__(self, journal: Journal | None = None) -> None:
        self.journal = journal


class _Training:
    """Moments of a training run, made when they are asked for; only forward."""

    def __init__(self, scene: Scene, moments: list[int]) -> None:
        self.diverged: DivergenceError | None = None
        self._snapshots = self._train(scene, moments)
        self._index = -1
        self._newest: tuple[Snapshot, ...] = ()

    def __getitem__(self, index: int) -> "tuple[Snapshot, ...]":
        while self._index < index:
            try:
                self._newest = (next(self._snapshots),)
            except StopIteration:
                raise IndexError(index) from None
            self._index += 1
        return self._newest

    def _train(self, scene: Scene, moments: list[int]) -> "Iterator[Snapshot]":
        from reluviz.engine.divergence import DivergenceError
        from reluviz.engine.trainer import train_to

        newest = -1
        try:
            for snapshot in train_to(scene.experiment, moments[1:], scene.snapshot):
                if snapshot.step > newest:  # After diverging, the way back is offered; a film only goes forward.
                    yield snapshot
                newest = snapshot.step
        except DivergenceError as error:
            self.diverged = error


def _write(script: Script, path: Path, arguments: argparse.Namespace, source: _Source) -> None:
    """Draw and write all frames, saying how far it is."""
    from tqdm import tqdm

    total = len(script.cut)
    try:
        with (
            open_film(path, script.size, script.fps) as written,
            tqdm(total=total, unit="frame", disable=True if arguments.progress else None, leave=False) as bar,
        ):
            for image in _frames(script, arguments, source):
                written.add(image)
                bar.update()
                if arguments.progress:
                    _tell(f"frame {written.frames} {total}")
    except KeyboardInterrupt:
        left = f"the frames so far are in {part_of(path)}" if part_of(path).exists() else "nothing is written"
        print(f"reluviz render: stopped; {left}.", file=sys.stderr)
        raise
    print(path)


def _tell(line: str) -> None:
    """Print a line for the program that waits; where it is gone, the film is made all the same."""
    with suppress(OSError):
        print(line, flush=True)


def _frames(script: Script, arguments: argparse.Namespace, source: _Source) -> "Iterator[Pixels]":
    if arguments.film == "canvas":
        return film.draw_frames(script.beats(), script.size, os.cpu_count() or 1)
    from reluviz.app.recording.replay import draw_window, prepare

    journal = source.journal
    window = (journal.start.width, journal.start.height) if journal is not None else script.size
    scale = prepare(script.size, window)  # Before Qt is loaded.
    panels = _panels(arguments) if arguments.film == "panels" else None
    return draw_window(script.beats(), script.size, scale, panels, journal.curves if journal is not None else {})


def _panels(arguments: argparse.Namespace) -> tuple[str, ...]:
    from reluviz.app.panel import PANELS

    known = tuple(panel.name for panel in PANELS)
    names = tuple(name.strip() for name in (arguments.panels or "learning").split(",") if name.strip())
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        raise InputError(f"--panels: {(unknown or ['none'])[0]!r} is no panel; allowed are {', '.join(known)}.")
    return names


def _format(path: Path, arguments: argparse.Namespace) -> tuple[tuple[int, int], int]:
    """Return size and frames a second. Raises `InputError` where no such film can be written."""
    usual_size, usual_fps, _ = USUAL[path.suffix.lower()]
    size = parse_size(arguments.size or usual_size)
    fps = usual_fps if arguments.fps is None else arguments.fps
    check_film(path, size, fps)
    return size, fps


def _course(arguments: argparse.Namespace, cut: Cut, fps: int) -> Course:
    return Course(read_keys(arguments.keys) if arguments.keys else (), cut.steps, fps)


def _cut(journal: Journal, arguments: argparse.Namespace, fps: int, usual: int) -> Cut:
    if not journal.start.live:
        return _cut_history(np.maximum.accumulate(journal.steps), arguments, fps, usual)
    begin = arguments.from_second
    end = journal.seconds if arguments.to_second is None else min(journal.seconds, arguments.to_second)
    rate = arguments.speed if arguments.seconds is None else (end - begin) / max(1e-3, arguments.seconds)
    if not 0.01 <= rate <= 1000:
        raise InputError(f"--speed: {rate:g} is out of range; allowed is 0.01 to 1000 times as fast.")
    if not 0 <= begin <= end:
        raise InputError(f"--to-second: {end:g} lies before {begin:g}; allowed is a second after the first.")
    return cut_by_time(journal.times, journal.steps, begin, max(end, begin + rate / fps), fps, rate)


def _cut_history(steps: "NDArray[np.int64]", arguments: argparse.Namespace, fps: int, usual: int) -> Cut:
    first = int(steps[0]) if arguments.first_step is None else arguments.first_step
    last = int(steps[-1]) if arguments.last_step is None else arguments.last_step
    if not 0 <= first <= last:
        raise InputError(f"--last-step: {last:,} lies before {first:,}; allowed is a step at or after the first.")
    frames = usual if arguments.seconds is None else round(arguments.seconds * fps)
    if arguments.every is not None:
        frames = (last - first) // max(1, arguments.every) + 1
    return cut_by_steps(steps, first, last, _checked(frames))


def _checked(frames: int) -> int:
    if not 1 <= frames <= MOST_FRAMES:
        raise InputError(f"--seconds: makes {frames:,} frames; allowed are 1 to {MOST_FRAMES:,}.")
    return frames


def _length(arguments: Any, fps: int, usual: int) -> tuple[int, int]:
    """Return (steps, frames) of a film. Raises `InputError` where the options allow none or contradict each other."""
    steps, every, seconds = arguments.steps, arguments.every, arguments.seconds
    if steps is not None and steps < 0:
        raise InputError(f"--steps: {steps} is out of range; allowed is a whole number from 0.")
    if every is not None and every < 1:
        raise InputError(f"--every: {every} is out of range; allowed is a whole number from 1.")
    if seconds is not None and not 0 < seconds * fps <= MOST_FRAMES:
        raise InputError(f"--seconds: {seconds:g} is out of range; allowed are films of 1 to {MOST_FRAMES:,} frames.")
    if every is not None and seconds is not None:
        if steps is not None:
            raise InputError("--seconds: follows from --steps and --every; allowed are any two of the three.")
        frames = max(1, round(seconds * fps))
        return every * (frames - 1), frames
    steps = USUAL_STEPS if steps is None else steps
    if every is not None:
        # The last frame is a whole number of strides in, so that every stride is as long.
        frames = steps // every + 1
        steps = every * (frames - 1)
    else:
        frames = usual if seconds is None else max(1, round(seconds * fps))
        if seconds is None and arguments.keys is None:
            frames = min(frames, steps + 1)  # More would stand still.
    if frames > MOST_FRAMES:
        raise InputError(f"--every: {every} makes {frames:,} frames; allowed are at most {MOST_FRAMES:,}.")
    return steps, frames
