"""`reluviz bench`: this machine's figures, with peers and physical limits beside them."""

import argparse
import dataclasses
import os
import platform
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from reluviz.commands.arguments import print_json
from reluviz.core.errors import InputError

if TYPE_CHECKING:
    from reluviz.bench.timing import Figure

SETS = {
    "geometry": "exact decomposition against regioncam and torch, and how it grows",
    "training": "the headless trainer against a plain PyTorch loop, several networks side by side, gradient flow",
    "pictures": "pictures from weights to pixels, without a window",
    "films": "frames a second of a film at 1280 x 720, and the memory of a minute",
    "window": "start, pictures a second, heartbeat, training beside the window, memory",
    "compile": "the first compilation of all kernels",
}
SLOW = ("compile",)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `bench`."""
    names = "\n".join(f"  {name:9} {summary}" for name, summary in SETS.items())
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = f"sets of figures:\n{names}"
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"which sets (default: all but {', '.join(SLOW)})")
    parser.add_argument(
        "--minutes", type=float, default=0.0, metavar="M", help="watch the window's memory for M minutes"
    )
    parser.add_argument("--json", action="store_true", help="print only JSON")


def execute(arguments: argparse.Namespace) -> int:
    """Measure and print."""
    unknown = [name for name in arguments.sets if name not in SETS]
    if unknown:
        raise InputError(f"{unknown[0]!r} is no set of figures; allowed are {', '.join(SETS)}.")
    if not 0 <= arguments.minutes <= 24 * 60:
        raise InputError(f"--minutes: {arguments.minutes:g} is out of range; allowed is 0 to 1440.")
    wanted = arguments.sets or [name for name in SETS if name not in SLOW]
    figures: list[Figure] = []
    for name in wanted:
        for figure in _measure(name, arguments.minutes):
            figures.append(figure)
            if not arguments.json:
                print(_line(figure), flush=True)
    if arguments.json:
        print_json({"machine": _machine(), "figures": [_row(figure) for figure in figures]})
    return 0


def _measure(name: str, minutes: float) -> "Iterable[Figure]":
    module, function = {
        "geometry": ("geometry", "geometry"),
        "training": ("training", "training"),
        "pictures": ("pictures", "pictures"),
        "films": ("films", "films"),
        "window": ("window", "window"),
        "compile": ("window", "first_start"),
    }[name]
    run: Callable[..., Iterable[Figure]] = getattr(import_module(f"reluviz.bench.{module}"), function)
    return run(minutes) if name == "window" else run()


def _row(figure: "Figure") -> dict[str, Any]:
    """Return a figure as JSON; a value that depends on time has a key that says so, as all timings have."""
    row = dataclasses.asdict(figure)
    return {key: value for key, value in row.items() if value not in ("", {}, None) or key in ("value", "met")}


def _machine() -> dict[str, Any]:
    return {"python": platform.python_version(), "platform": platform.platform(terse=True), "cores": os.cpu_count()}


def _line(figure: "Figure") -> str:
    mark = {True: "reached", False: "MISSED ", None: "       "}[figure.met]
    value = "not measured" if figure.value is None else f"{_number(figure.value)} {figure.unit}"
    aim = f" (to reach: {figure.reach})" if figure.reach else ""
    beside = ", ".join(_beside(name, number) for name, number in figure.beside.items())
    rest = "; ".join(part for part in (beside, figure.note) if part)
    return f"{mark}  {figure.name}: {value}{aim}\n         {figure.what}" + (f"\n         {rest}" if rest else "")


def _beside(name: str, value: float) -> str:
    """Return one peer or limit; what is stored in seconds is shown in the unit that fits."""
    if not name.endswith("_seconds"):
        return f"{name.replace('_', ' ')} {_number(value)}"
    scale, unit = next(((s, u) for s, u in ((1.0, "s"), (1e3, "ms"), (1e6, "us")) if abs(value) * s >= 1), (1e9, "ns"))
    return f"{name.removesuffix('_seconds').replace('_', ' ')} {_number(value * scale)} {unit}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
