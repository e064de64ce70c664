"""`python -m reluviz.app.measure`: what the real window does on this machine, in numbers.

Each scene runs in a process of its own, with an engine at full speed beside it.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from reluviz.core.experiment import Experiment
from reluviz.core.process import prepare_process
from reluviz.studio.comparison import Setup


@dataclass(frozen=True)
class Scene:
    """An experiment whose pictures have a known number of regions, and what is to be reached there.

    `setup`, where given, says what is compared; pictures are then those of the pane that gets the fewest. In one to
    `scrub`, training rests and the timeline's handle is dragged to and fro over what was trained before. In one to
    `drag`, a first-layer line is dragged, while training goes on and while it rests.
    """

    name: str
    experiment: Experiment
    pictures_per_second: float
    setup: Setup | None = None
    scrub: bool = False
    drag: bool = False


def _folded(*hidden: int) -> Experiment:
    """Random weights that hardly move, so that the number of regions stays while training runs at full speed."""
    return Experiment(hidden=hidden, initialization="default", init_scale=2.0, learning_rate=1e-7)


SCENES = {
    scene.name: scene
    for scene in (
        Scene("1,000 regions", _folded(32, 32), 60.0),
        Scene("10,000 regions", _folded(70, 70, 70), 30.0),
        Scene("100,000 regions", _folded(160, 160, 160, 160), 10.0),
        Scene("6 panes", _folded(23, 23), 20.0, Setup("l2", (0.0, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3))),
        Scene("scrubbing", _folded(47, 47), 30.0, scrub=True),
        Scene("dragging", _folded(47, 47), 30.0, drag=True),
        Scene("default", Experiment(), 60.0),
    )
}
CANVAS = (1200, 900)
SETTLE_SECONDS = 2.0


@dataclass(frozen=True)
class Observation:
    """What one window did; seconds and megabytes, nan or None where it cannot be known here."""

    regions: int
    pictures_per_second: float
    heartbeat_p50_ms: float
    heartbeat_p99_ms: float
    heartbeat_worst_ms: float
    steps_per_second: float
    held_steps_per_second: float  # While the picture is held, in turns with the former.
    first_paint_seconds: float
    first_learning_frame_seconds: float
    memory_megabytes: float | None
    later_memory_megabytes: float | None
    canvas: tuple[int, int]
    platform: str
    processors: float = math.nan  # Processor seconds of the window's own process a second.
    drag_ms: tuple[tuple[float, float], ...] = ()  # From mouse to picture, p50 and p95, playing and paused.


def observe(scene: str, seconds: float = 5.0, minutes: float = 0.0) -> dict[str, Any]:
    """Return the Observation of one scene, made in a process of its own, as a dictionary."""
    command = [sys.executable, "-m", "reluviz.app.measure", "--child", scene, "--seconds", f"{seconds:g}"]
    command += ["--minutes", f"{minutes:g}", "--started", f"{time.time():.6f}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip() or f"the window ended with {done.returncode}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def figures(seconds: float = 5.0, minutes: float = 0.0) -> list[dict[str, Any]]:
    """Measure all scenes; return rows of name, what, value, unit, reach, met, beside, note."""
    rows = []
    for name, scene in SCENES.items():
        is_default = name == "default"
        seen = observe(name, seconds, minutes if is_default else 0.0)
        rows += _scene_rows(scene, seen)
        if is_default:
            rows += _start_rows(seen, minutes)
    return rows


def _row(
    name: str, what: str, value: float | None, unit: str, reach: str, met: bool | None, **beside: float
) -> dict[str, Any]:
    return {"name": name, "what": what, "value": value, "unit": unit, "reach": reach, "met": met, "beside": beside}


def _scene_rows(scene: Scene, seen: dict[str, Any]) -> list[dict[str, Any]]:
    key = scene.name.replace(",", "").replace(" ", "_")
    each = f" in each of {len(scene.setup.values)} panes" if scene.setup else ""
    place = f"{seen['canvas'][0]}x{seen['canvas'][1]} {'each' if scene.setup else 'canvas'}"
    where = f"{seen['regions']:,} regions{each}, {place}, {seen['platform']}"
    pictures, aim = seen["pictures_per_second"], scene.pictures_per_second
    p99, worst = seen["heartbeat_p99_ms"], seen["heartbeat_worst_ms"]
    share = seen["steps_per_second"] / seen["held_steps_per_second"]
    doing = "while the timeline's handle is dragged" if scene.scrub else "while training at full speed"
    rows = [
        _row(
            f"window_pictures_{key}",
            f"new exact pictures painted a second {doing}: {where}",
            pictures,
            "pictures/s",
            f">= {aim:g}",
            pictures >= aim,
        ),
        _row(
            f"window_heartbeat_{key}",
            f"99th percentile between beats of a 16 ms timer in the window's thread: {where}",
            p99,
            "ms",
            "<= 25 ms, worst <= 100 ms",
            p99 <= 25 and worst <= 100,
            median_seconds=seen["heartbeat_p50_ms"] / 1000,
            worst_seconds=worst / 1000,
        ),
        _row(
            f"window_training_{key}",
            f"training steps a second while the window draws, against without, in turns of half a second: {where}",
            share,
            "of headless",
            ">= 0.8 with two free cores",
            share >= 0.8,
            window_steps_per_second=seen["steps_per_second"],
            headless_steps_per_second=seen["held_steps_per_second"],
        ),
    ]
    if scene.drag:
        return _drag_rows(seen, where)
    return rows[:2] if scene.scrub else rows


def _drag_rows(seen: dict[str, Any], where: str) -> list[dict[str, Any]]:
    return [
        _row(
            f"window_drag_{name}",
            f"from mouse to painted picture while a first-layer line is dragged, 95th percentile, {name}: {where}",
            p95,
            "ms",
            "<= 33 ms",
            p95 <= 33,
            median_seconds=p50 / 1000,
        )
        for name, (p50, p95) in zip(("playing", "paused"), seen["drag_ms"], strict=True)
    ]


def _start_rows(seen: dict[str, Any], minutes: float) -> list[dict[str, Any]]:
    paint, learning = seen["first_paint_seconds"], seen["first_learning_frame_seconds"]
    memory, later = seen["memory_megabytes"], seen["later_memory_megabytes"]
    return [
        _row("window_start", "process start to first paint", paint, "s", "<= 1.0 s warm", paint <= 1.0),
        _row(
            "window_first_learning_frame",
            "process start to the first exact picture of trained weights",
            learning,
            "s",
            "<= 4 s warm",
            learning <= 4.0,
        ),
        _row(
            "window_memory",
            f"memory of both processes, default scene, after {minutes:g} minutes"
            if minutes
            else "memory of both processes",
            later if minutes else memory,
            "MB",
            "<= 900 MB, not growing",
            None if memory is None else (later or memory) <= 900,
            **({"at_first_megabytes": memory} if minutes and memory is not None else {}),
        ),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures, or be one scene's process."""
    parser = argparse.ArgumentParser(prog="python -m reluviz.app.measure")
    parser.add_argument("--json", action="store_true", help="print only JSON")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each scene is watched")
    parser.add_argument("--minutes", type=float, default=0.0, help="watch the default scene's memory for so long")
    parser.add_argument("--scene", choices=SCENES, help="one scene only, everything that was seen")
    parser.add_argument("--child", choices=SCENES, help=argparse.SUPPRESS)
    parser.add_argument("--started", type=float, default=0.0, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.child:
        prepare_process()
        from reluviz.app.observing import observe_here

        print(json.dumps(asdict(observe_here(SCENES[given.child], given.seconds, given.minutes, given.started))))
        return 0
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if given.scene:
        print(json.dumps(observe(given.scene, given.seconds, given.minutes), indent=2))
        return 0
    rows = figures(given.seconds, given.minutes)
    if given.json:
        print(json.dumps({"figures": rows}, indent=2))
    else:
        for row in rows:
            value = "not measured" if row["value"] is None else f"{row['value']:.3g} {row['unit']}"
            print(f"{row['name']:40} {value:>18}  {row['reach']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
