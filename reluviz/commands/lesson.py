"""`reluviz lesson`: list lessons, check their files and every number that they promise, keep a moment for pictures."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reluviz.commands.arguments import print_json
from reluviz.core.errors import InputError

if TYPE_CHECKING:
    from reluviz.studio.lesson import Lesson

FAILED, BAD_FILE = 1, 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `lesson`."""
    parser.add_argument(
        "action",
        choices=("check", "list", "picture"),
        help="check files; list the lessons that come along; picture: train a lesson's telling step and keep the moment"
        " beside its file, for the browser",
    )
    parser.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help="a lesson's file, name or number (without any: all that come along)",
    )
    parser.add_argument("--json", action="store_true", help="print only JSON")


def execute(arguments: argparse.Namespace) -> int:
    """Do what is asked; 0 where every check passes, 1 where one fails, 2 where a file is no lesson."""
    from reluviz.studio.lesson_file import find_lesson, find_lessons

    if arguments.action == "list":
        if arguments.files:
            raise InputError("lesson list: takes no files; `reluviz lesson check FILE` looks at them.")
        return _list(find_lessons(), arguments.json)
    paths = [find_lesson(name) for name in arguments.files] or list(find_lessons())
    if arguments.action == "picture":
        return _picture(paths)
    return _check(paths, arguments.json)


def _picture(paths: list[Path]) -> int:
    """Keep the moment of each lesson's telling step, as its checks meet it."""
    from reluviz.commands.rehearsal import rehearse
    from reluviz.studio.lesson_file import read_lesson
    from reluviz.studio.lesson_thumbnail import write_moment

    for path in paths:
        lesson = read_lesson(path)
        moment = next(done.moments[0] for done in rehearse(lesson) if done.number == lesson.telling + 1)
        print(write_moment(lesson, moment))
    return 0


def _list(paths: tuple[Path, ...], as_json: bool) -> int:
    from reluviz.studio.lesson_file import read_lesson

    lessons = [read_lesson(path) for path in paths]
    if as_json:
        print_json([_described(lesson) for lesson in lessons])
    for lesson in () if as_json else lessons:
        print(f"{lesson.name:28}  {lesson.title}\n{'':30}{lesson.question}")
    return 0


def _described(lesson: "Lesson") -> dict[str, Any]:
    return {
        "name": lesson.name,
        "title": lesson.title,
        "question": lesson.question,
        "steps": len(lesson.steps),
        "minutes": lesson.minutes,
        "sources": lesson.sources,
    }


def _check(paths: list[Path], as_json: bool) -> int:
    """Check every file, the others too where one is bad."""
    status, reports = 0, []
    for path in paths:
        try:
            report = _rehearse(path, as_json)
        except InputError as error:
            print(f"reluviz lesson: {error}", file=sys.stderr)
            report, status = {"file": str(path), "error": str(error), "passed": False}, BAD_FILE
        reports.append(report)
        if not report["passed"]:
            status = max(status, FAILED)
    if as_json:
        print_json(reports)
    elif len(reports) > 1:
        passed = sum(report["passed"] for report in reports)
        print(f"{passed} of {len(reports)} lessons pass.")
    return status


def _rehearse(path: Path, as_json: bool) -> dict[str, Any]:
    from reluviz.commands.rehearsal import rehearse
    from reluviz.studio.lesson_file import read_lesson

    lesson = read_lesson(path)
    if not as_json:
        print(f"{lesson.name}: {lesson.title}")
    steps, passed = [], True
    for done in rehearse(lesson):
        rows = []
        for check, result in done.results:
            passed = passed and result.passed is not False
            rows.append(
                {
                    "measure": check.measure,
                    "says": check.says,
                    "measured": result.measured,
                    "expected": result.expected_text,
                    "passed": result.passed,
                    "words": result.words,
                }
            )
            if not as_json:
                verdict = {True: "ok  ", False: "FAIL", None: "-   "}[result.passed]
                print(
                    f"  {verdict} step {done.number}  {check.measure:22} {result.measured_text:>10}"
                    f"  ({result.expected_text})  {result.words}"
                )
        steps.append({"step": done.number, "trained": [moment.step for moment in done.moments], "checks": rows})
    return {"file": str(path), "name": lesson.name, "passed": passed, "steps": steps}
