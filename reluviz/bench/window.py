"""The window's figures and the first compilation, each measured in a process of its own."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Any

from reluviz.bench.timing import Figure
from reluviz.core.errors import InputError


def window(minutes: float = 0.0) -> Iterator[Figure]:
    """Yield what `python -m reluviz.app.measure --json` measures; `minutes` > 0 adds memory over that time."""
    command = [sys.executable, "-m", "reluviz.app.measure", "--json"]
    if minutes:
        command += ["--minutes", f"{minutes:g}"]
    environment = dict(os.environ)
    if sys.platform.startswith("linux") and not (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")):
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no message"]
        raise InputError(f"the window could not be measured: {lines[-1]}; `reluviz doctor` says what is missing.")
    for row in json.loads(done.stdout)["figures"]:
        yield figure_of(row)


def figure_of(row: dict[str, Any]) -> Figure:
    """Return one measured row as a figure."""
    return Figure(
        row["name"],
        row["what"],
        row["value"],
        row["unit"],
        row.get("reach", ""),
        row.get("met"),
        row.get("beside", {}),
        row.get("note", ""),
    )


def first_start() -> Iterator[Figure]:
    """Yield how long everything takes to compile where nothing is compiled yet."""
    with tempfile.TemporaryDirectory() as folder:
        environment = dict(os.environ) | {"NUMBA_CACHE_DIR": folder}
        seconds = []
        for _ in range(2):
            begin = time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "reluviz", "doctor", "--prepare"],
                env=environment,
                check=True,
                capture_output=True,
            )
            seconds.append(time.perf_counter() - begin)
    yield Figure(
        "compile",
        "all kernels compiled the first time (`reluviz doctor --prepare`)",
        seconds[0],
        "s",
        "<= 25 s",
        seconds[0] <= 25,
        {"again_seconds": seconds[1]},
    )
