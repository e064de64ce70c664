"""What is said of a copy kept in case of a crash."""

from datetime import datetime
from pathlib import Path

from reluviz.studio.scene import Scene


def say_copy(scene: Scene, saved: datetime, now: datetime) -> str:
    """Return what a copy holds and from when, to stand within a sentence."""
    experiment = scene.experiment
    widths = "-".join(str(width) for width in experiment.hidden) or "no"
    step = f" at step {scene.snapshot.step:,}" if scene.snapshot is not None else ""
    day = "" if saved.date() == now.date() else f" on {saved:%d %B}"
    return f"{Path(experiment.dataset).stem}, {widths} hidden units{step}, kept at {saved:%H:%M}{day}"


def going_on(step: int, playing: bool) -> str:
    """Return what says that a start goes on from a moment."""
    if playing:
        return f"Going on from step {step:,}, where the window was closed; undo and Reset begin again at step 0."
    return (
        f"This is step {step:,}, where the window was closed, paused as it was; undo and Reset begin again at step 0."
    )


def starting_afresh(reason: str) -> str:
    """Return why a start does not go on from the last moment."""
    return f"{reason} Training begins at step 0."


def offer(words: str, has_recording: bool = False) -> str:
    """Return what offers a copy, and with it the recording that was cut off with the window."""
    recorded = " Its recording is kept, too: make a film of it whenever you like." if has_recording else ""
    return f"The window before this one ended unexpectedly. It showed {words}.{recorded}"
