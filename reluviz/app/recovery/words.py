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


def offer(words: str, has_recording: bool = False) -> str:
    """Return what offers a copy, and with it the recording that was cut off with the window."""
    recorded = " Its recording is kept, too: make a film of it whenever you like." if has_recording else ""
    return f"The window before this one ended unexpectedly. It showed {words}.{recorded}"
