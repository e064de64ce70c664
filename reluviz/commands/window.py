"""`reluviz [SCENE]`: the window."""

import argparse
import sys
from pathlib import Path

from reluviz.commands.arguments import parse_size


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the window."""
    from reluviz import __version__

    parser.add_argument("scene", nargs="?", metavar="SCENE", help="a JSON file of an experiment (default: last time's)")
    parser.add_argument("--projector", action="store_true", help="white, high contrast, larger type")
    parser.add_argument("--fullscreen", action="store_true", help="fill the screen")
    parser.add_argument("--lesson", metavar="NAME", help="begin a lesson")
    parser.add_argument("--fresh", action="store_true", help="ignore what was saved last time, and save nothing")
    parser.add_argument("--size", metavar="WxH", help="the window's size, such as 1280x720")
    parser.add_argument("--screenshot", type=Path, metavar="FILE", help="save a picture of the window and close")
    parser.add_argument("--after", type=float, default=5.0, metavar="SECONDS", help="when --screenshot is taken (5)")
    parser.add_argument("--version", action="version", version=f"reluviz {__version__}")


def execute(arguments: argparse.Namespace) -> int:
    """Open the window and stay until it is closed."""
    from reluviz.studio.scene import read_scene

    experiment = read_scene(Path(arguments.scene)) if arguments.scene else None
    size = parse_size(arguments.size) if arguments.size else None
    try:
        from reluviz.app.start import Options, main
    except ImportError as error:
        if getattr(error, "name", None) not in (None, "PySide6", "pyqtgraph") and not str(error).startswith("lib"):
            raise
        print(f"reluviz: Qt cannot start ({error}); `reluviz doctor` says what to install.", file=sys.stderr)
        return 2
    return main(
        Options(
            experiment=experiment,
            projector=arguments.projector,
            fullscreen=arguments.fullscreen,
            lesson=arguments.lesson,
            fresh=arguments.fresh,
            screenshot=arguments.screenshot,
            after_seconds=arguments.after,
            size=size,
        )
    )
