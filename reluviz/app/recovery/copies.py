"""What a copy of the window holds, and how much of it."""

from dataclasses import replace

import numpy as np

from reluviz.app.state import AppState
from reluviz.app.timeline.looking import show_now
from reluviz.app.timeline.opening import scene_of as saved_scene
from reluviz.core.snapshot import Snapshot
from reluviz.studio.scene import Scene

HISTORY_BYTES = 6_000_000
"""How much of the moments before a copy holds: 160 to 630 of them, written in 0.02 s, which a crash copy is every
half minute."""


def scene_of(state: AppState) -> Scene:
    """Return what a copy holds: experiment, view, the newest moment, whichever is looked at, those before it, panes."""
    return saved_scene(show_now(state), with_history=True)


def bounded(scene: Scene) -> Scene:
    """Return the scene with its history thinned to what a copy holds; without one that could not be read again."""
    if scene.timeline is None:
        return scene
    timeline = scene.timeline.within(HISTORY_BYTES)
    fits = all(_is_finite(snapshot) for moment in timeline.line for snapshot in moment)
    return replace(scene, timeline=timeline if fits else None)


def is_finite(scene: Scene) -> bool:
    """Whether the weights of a scene can be kept."""
    return all(_is_finite(moment) for moment in (scene.snapshot, *scene.beside) if moment is not None)


def _is_finite(moment: Snapshot) -> bool:
    return all(np.isfinite(part).all() for part in (moment.parameters, moment.optimizer_state))
