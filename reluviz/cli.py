"""The command `reluviz`: parse, hand over, and turn what goes wrong into one line.

Nothing heavy is imported here; each command imports what it needs when it runs.
"""

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

from reluviz.core.process import prepare_process

COMMANDS = {
    "run": "train without a window and count regions",
    "render": "draw an experiment: PNG, SVG, or its training as a film: MP4, GIF",
    "regions": "count and export the regions of a network in a file",
    "lesson": "list the lessons, or check a lesson's file and every number that it promises",
    "bench": "measure this machine, with peers and physical limits beside",
    "doctor": "say what works here and what to do if not; --prepare compiles everything once",
}
"""Name and summary; the module reluviz.commands.<name> has add_arguments(parser) and execute(arguments) -> status."""

BAD_INPUT, INTERRUPTED = 2, 130


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Print one line and leave with status 2."""
        self.exit(BAD_INPUT, f"{self.prog}: {message}; {self.prog} --help says more.\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` (sys.argv without the program by default) and return the exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    name = words[0] if words and words[0] in COMMANDS else "window"
    prepare_process()
    module: Any = import_module(f"reluviz.commands.{name}")
    parser = _parser(name)
    module.add_arguments(parser)
    parser.add_argument("--debug", action="store_true", help="show a traceback where something goes wrong")
    # Intermixed: options may stand between the words, as in `lesson check --json FILE`.
    arguments = parser.parse_intermixed_args(words[1:] if name in COMMANDS else words)
    try:
        return int(module.execute(arguments))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe (head, less) went away; Python would complain once more while closing stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if arguments.debug:
            traceback.print_exc()
        else:
            print(f"{parser.prog}: {_sentence(error)}", file=sys.stderr)
        return BAD_INPUT


def _parser(name: str) -> Parser:
    if name in COMMANDS:
        return Parser(prog=f"reluviz {name}", description=f"{_capital(COMMANDS[name])}.")
    return Parser(
        prog="reluviz",
        description="Watch a small neural network learn, with its exact linear regions, in a window.",
        epilog="commands:\n"
        + "\n".join(f"  {command:8}  {summary}" for command, summary in COMMANDS.items())
        + "\n\n`reluviz COMMAND --help` says more about each.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _sentence(error: Exception) -> str:
    """Return one line for people: the message of an expected error, else its kind and how to see more."""
    from reluviz.core.errors import InputError

    text = " ".join(str(error).split())
    if isinstance(error, InputError):
        return text
    if isinstance(error, OSError) and error.strerror:
        return f"{f'{error.filename}: ' if error.filename else ''}{error.strerror}."
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"the Python package {error.name.partition('.')[0]} is missing; `reluviz doctor` says what to install."
    return f"unexpected {type(error).__name__}: {text or 'no message'} (--debug shows where)."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
