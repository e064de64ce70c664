"""`reluviz doctor`: what works here, what to do if not; and --prepare, which compiles everything once."""

import argparse
import dataclasses
import sys
import time

from reluviz.commands.arguments import print_json

MARKS = {"ok": "ok  ", "note": "note", "bad": "BAD "}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `doctor`."""
    parser.add_argument(
        "--prepare", action="store_true", help="compile all kernels now, so that the window starts warm"
    )
    parser.add_argument("--json", action="store_true", help="print only JSON")


def execute(arguments: argparse.Namespace) -> int:
    """Print findings (status 1 if one is bad), or prepare."""
    if arguments.prepare:
        return _prepare()
    from reluviz.commands.checks import CHECKS, Finding

    findings: list[Finding] = []
    for check in CHECKS:
        for finding in check():
            findings.append(finding)
            if not arguments.json:
                print(f"{MARKS[finding.status]}  {finding.check:10} {finding.text}", flush=True)
                if finding.advice:
                    print(f"{'':17}-> {finding.advice}")
    bad = sum(finding.status == "bad" for finding in findings)
    if arguments.json:
        print_json({"ready": not bad, "findings": [dataclasses.asdict(finding) for finding in findings]})
    else:
        print("\nEverything needed is there." if not bad else f"\n{bad} to mend, marked BAD.")
    return 1 if bad else 0


def _prepare() -> int:
    from reluviz.studio.preparation import STAGES, prepare

    begin = time.perf_counter()
    # One line that rewrites itself on a terminal; a line a stage in a log.
    end = "\r" if sys.stdout.isatty() else "\n"
    for number, label in enumerate(prepare(with_second=True)):
        seconds = time.perf_counter() - begin
        text = f"Preparing, once: {number}/{len(STAGES)}, {seconds:4.1f} s, {label}"
        print(f"{text:70}", end=end, flush=True)
    print(f"{f'Prepared in {time.perf_counter() - begin:.1f} s: the window starts warm.':70}")
    return 0
