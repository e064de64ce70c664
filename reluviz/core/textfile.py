"""sample_lines: the lines of a text file of any size, in bounded memory and time."""

import codecs
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass
from math import exp, floor, log
from pathlib import Path

from reluviz.core.errors import InputError

CHUNK_BYTES = 1 << 20
MAX_BYTES = 1 << 30
MAX_LINE = 1000
LINE_ALLOWED = "allowed are lines of x, y and a label or value"


@dataclass(frozen=True)
class Lines:
    """Lines of a file: (number from 1, text) in file order, how many there were, and whether reading stopped early.

    Blank lines and lines that begin with # count nowhere, but keep their numbers.
    """

    lines: list[tuple[int, str]]
    total: int
    is_cut: bool


def sample_lines(path: Path, count: int) -> Lines:
    """Read the first line and at most `count` others of a UTF-8 or UTF-16 text file, evenly if there are more.

    A reservoir sample with a fixed seed (Li 1994, algorithm L), so always the same lines. At most 1 GiB is read.
    Raises `InputError` for a file that is absent, no regular file, empty, binary or has very long lines.
    """
    kept: list[tuple[int, str]] = []
    source = random.Random(0)
    weight = exp(log(source.random()) / count)
    following = count + 1 + _skip(source, weight)
    total, is_cut = 0, False
    for first, block, is_last in _blocks(path):
        is_cut = is_last
        rows = [number for number, text in enumerate(block, first) if text and not text.isspace() and text[0] != "#"]
        room = count + 1 - len(kept)
        kept.extend((number, block[number - first]) for number in rows[:room])
        while following < total + len(rows):
            number = rows[following - total]
            kept[1 + source.randrange(count)] = (number, block[number - first])
            weight *= exp(log(source.random()) / count)
            following += 1 + _skip(source, weight)
        total += len(rows)
    if not kept:
        raise InputError(f"{path}: is empty; {LINE_ALLOWED}.")
    return Lines(sorted(kept), total, is_cut)


def _skip(source: random.Random, weight: float) -> int:
    return floor(log(source.random()) / log(1.0 - weight))


def _blocks(path: Path) -> Iterator[tuple[int, list[str], bool]]:
    """Yield (number of the first line, whole lines, whether the file goes on unread)."""
    try:
        if path.exists() and not path.is_file():
            raise InputError(f"{path}: is not a file; allowed are a CSV file and an image.")
        with path.open("rb") as file:
            yield from _decoded(path, file)
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file; allowed are a CSV file and an image.") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error}).") from None


def _decoded(path: Path, file: io.BufferedReader) -> Iterator[tuple[int, list[str], bool]]:
    encoding = _encoding(path, file.peek(4096)[:4096])
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(), translate=True)
    first, rest, size, is_cut = 1, "", 0, False
    while not is_cut:
        data = file.read(CHUNK_BYTES)
        size += len(data)
        try:
            text = rest + decoder.decode(data, final=not data)
        except UnicodeDecodeError as error:
            line = first + data[: error.start].count(b"\n")
            raise InputError(
                f"{path}: line {line} is not {error.encoding.upper()} text; allowed are UTF-8 and UTF-16."
            ) from None
        if "\x00" in text:
            line = first + text[: text.index("\x00")].count("\n")
            raise InputError(f"{path}: line {line} holds binary data; allowed is text, or an image file.")
        block = text.split("\n")
        rest = block.pop() if data else ""
        long = next((index for index, line_text in enumerate([*block, rest]) if len(line_text) > MAX_LINE), -1)
        if long >= 0:
            raise InputError(f"{path}: line {first + long} is longer than {MAX_LINE} characters; {LINE_ALLOWED}.")
        is_cut = size >= MAX_BYTES
        yield first, block, is_cut
        first += len(block)
        if not data:
            return


def _encoding(path: Path, head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise InputError(f"{path}: is UTF-32 text; allowed are UTF-8 and UTF-16.")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\x00" in head:
        line = 1 + head[: head.index(0)].count(b"\n")
        raise InputError(f"{path}: line {line} holds binary data; allowed is text, or an image file.")
    return "utf-8-sig"
