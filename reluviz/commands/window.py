"""`reluviz [SCENE] [--FIELD VALUE ...]`: the window."""

import argparse
import math
import os
import sys
from pathlib import Path

from reluviz.commands.arguments import add_experiment, names_scene, parse_size, scene_of
from reluviz.core.errors import InputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the window."""
    from reluviz import __version__

    parser.add_argument("--projector", action="store_true", help="white, high contrast, larger type")
    parser.add_argument("--fullscreen", action="store_true", help="fill the screen")
    parser.add_argument("--lesson", metavar="NAME", help="begin a lesson, by name, number or file")
    parser.add_argument("--fresh", action="store_true", help="ignore what was saved last time, and save nothing")
    parser.add_argument("--size", metavar="WxH", help="the window's size, such as 1280x720")
    parser.add_argument("--screenshot", type=Path, metavar="FILE", help="save a picture of the window and close")
    parser.add_argument("--after", type=float, default=5.0, metavar="SECONDS", help="when --screenshot is taken (5)")
    parser.add_argument("--version", action="version", version=f"reluviz {__version__}")
    add_experiment(parser, "a .reluviz or a JSON file of an experiment; fields below change it (default: last time's)")


def execute(arguments: argparse.Namespace) -> int:
    """Open the window and stay until it is closed."""
    scene = scene_of(arguments) if names_scene(arguments) else None
    size = parse_size(arguments.size) if arguments.size else None
    if not (math.isfinite(arguments.after) and arguments.after >= 0):
        raise InputError(f"--after: {arguments.after:g} is out of range; allowed are seconds from 0.")
    lesson = _lesson_of(arguments.lesson) if arguments.lesson else None
    check_screen()
    try:
        from reluviz.app.start import Options, main
    except ImportError as error:
        # A shared library that Qt needs is missing; an import error of our own stays one.
        if not str(error).startswith("lib"):
            raise
        raise InputError(f"Qt cannot start ({error}); `reluviz doctor` says what to install.") from None
    return main(
        Options(
            scene=scene,
            projector=arguments.projector,
            fullscreen=arguments.fullscreen,
            lesson=lesson,
            fresh=arguments.fresh,
            screenshot=arguments.screenshot,
            after_seconds=arguments.after,
            size=size,
        )
    )


def _lesson_of(name: str) -> str:
    """Return a lesson's file once it is read without a fault. Raises `InputError`."""
    from reluviz.studio.lesson_file import find_lesson, read_lesson

    path = find_lesson(name)
    read_lesson(path)
    return str(path)


def check_screen() -> None:
    """Raise `InputError` on Linux where Qt would abort the process: no screen, or libraries for it missing."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return
    if os.environ.get("WAYLAND_DISPLAY"):
        return
    if not os.environ.get("DISPLAY"):
        raise InputError(
            "there is no screen here (DISPLAY and WAYLAND_DISPLAY are not set); `xvfb-run -a reluviz` opens the window"
            " on a virtual one, and `reluviz run` and `reluviz render` need none."
        )
    from reluviz.commands.checks import SCREEN_LIBRARIES, missing_packages

    missing = missing_packages(SCREEN_LIBRARIES)
    if missing:
        raise InputError(f"Qt cannot open a window without these packages: sudo apt-get install -y {' '.join(missing)}")
