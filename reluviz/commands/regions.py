"""`reluviz regions`: the exact regions of a network in a file."""

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reluviz.commands.arguments import add_bounds, bounds_of, print_json
from reluviz.core.errors import InputError
from reluviz.core.field_text import read_list

if TYPE_CHECKING:
    from reluviz.core.network import Network
    from reluviz.core.partition import Partition


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `regions`."""
    from reluviz.core.activations import ACTIVATIONS

    parser.add_argument("model", type=Path, metavar="MODEL", help="a .npz or .safetensors (.pt: see --unsafe-pickle)")
    parser.add_argument(
        "--activation",
        default="relu",
        metavar="NAME,...",
        help=f"one for all hidden layers or one each; files do not say [{', '.join(ACTIVATIONS)}] (default relu)",
    )
    parser.add_argument(
        "--activation-parameter", metavar="X,...", help="the activation's own number (default: its own)"
    )
    parser.add_argument("--json", action="store_true", help="print only JSON")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write every region: area, pattern, affine map, ring")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="write every region as a polygon")
    parser.add_argument(
        "--unsafe-pickle",
        action="store_true",
        help="open a .pt file although it may run any program hidden in it; only for files you trust",
    )
    add_bounds(parser)


def execute(arguments: argparse.Namespace) -> int:
    """Read, decompose, report and export."""
    bounds = bounds_of(arguments)
    for path in filter(None, (arguments.csv, arguments.svg)):
        if path.is_dir() or not path.absolute().parent.is_dir():
            raise InputError(f"{path}: cannot be written; allowed is a file name in a folder that exists.")
    network = _read(arguments)
    from reluviz.core.export_regions import export_regions
    from reluviz.core.partition import decompose

    decompose(network, bounds)  # The first call loads the kernels, which is no part of the geometry's time.
    begin = time.perf_counter()
    partition = decompose(network, bounds)
    seconds = time.perf_counter() - begin
    if not partition.finite:
        raise InputError(f"{arguments.model}: the products of its weights overflow; there are no regions to count.")
    if arguments.csv:
        export_regions(partition, arguments.csv)
    if arguments.svg:
        partition.to_svg(arguments.svg)
    result = _report(arguments.model, partition) | {"decompose_seconds": seconds}
    if arguments.json:
        print_json(result)
    else:
        print(_summary(result))
    return 0


def _read(arguments: argparse.Namespace) -> "Network":
    from reluviz.core.formula import split_names
    from reluviz.core.modelfile import PICKLE_SUFFIXES, read_network

    names = split_names(arguments.activation)
    numbers = read_list(arguments.activation_parameter) if arguments.activation_parameter else None
    if arguments.unsafe_pickle and arguments.model.suffix.lower() in PICKLE_SUFFIXES:
        from reluviz.engine.pickled import read_pickle

        return read_pickle(arguments.model, names, numbers)
    return read_network(arguments.model, names, numbers)


def _report(path: Path, partition: "Partition") -> dict[str, Any]:
    network = partition.network
    whole = partition.truncated_at is None
    areas = partition.areas
    return {
        "model": str(path),
        "hidden": list(network.hidden),
        "outputs": network.outputs,
        "activation": [row.name for row in network.activations],
        "activation_parameter": list(network.parameters),
        "bounds": list(partition.bounds),
        "activation_regions": partition.count if whole else None,
        "linear_regions": partition.linear_count if whole else None,
        "truncated_at": partition.truncated_at,
        "regions_of_those_layers": None if whole else partition.count,
        "smallest_area": float(areas.min()),
        "largest_area": float(areas.max()),
        "slivers_dropped": partition.slivers_dropped,
    }


def _summary(result: dict[str, Any]) -> str:
    bounds = " ".join(f"{side:g}" for side in result["bounds"])
    shape = "-".join(str(width) for width in (2, *result["hidden"], result["outputs"]))
    if result["truncated_at"] is not None:
        return (
            f"{shape} has more regions in {bounds} than the budget; its first {result['truncated_at']} hidden layers"
            f" alone have {result['regions_of_those_layers']:,}: give smaller --bounds."
        )
    return (
        f"{shape}: {result['activation_regions']:,} activation regions, {result['linear_regions']:,} linear regions"
        f" in {bounds}\nareas from {result['smallest_area']:.3g} to {result['largest_area']:.3g},"
        f" {1000 * result['decompose_seconds']:.1f} ms"
    )
