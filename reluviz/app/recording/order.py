"""Order: everything that a person says of a film, and the words of `reluviz render` that follow from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal

Source = Literal["history", "recording", "afresh"]
Filmed = Literal["canvas", "panels", "window"]
SIZES = {
    "720p": ("1280 × 720", (1280, 720)),
    "1080p": ("1920 × 1080 (full HD)", (1920, 1080)),
    "1440p": ("2560 × 1440", (2560, 1440)),
    "4K": ("3840 × 2160 (4K)", (3840, 2160)),
    "square": ("1080 × 1080 (square)", (1080, 1080)),
}
RATES = (24, 30, 60)
GIF_RATES = (10, 20, 25)
KINDS = {"mp4": "MP4 (H.264)", "gif": "GIF", "png": "PNG frames in a folder"}
SUFFIXES = {"mp4": ".mp4", "gif": ".gif", "png": ""}
HOW_TO_GET_VIDEO = 'MP4 needs PyAV, which is not installed: pip install "reluviz[video]". GIF and PNG need nothing.'


@dataclass(frozen=True)
class Order:
    """A film. first and last are steps of a history, or seconds of a recording; seconds is how long it is to be.

    steps: how long training afresh goes on.
    """

    source: Source = "history"
    kind: str = "mp4"
    size: str = "720p"
    fps: int = 30
    first: float = 0.0
    last: float = 0.0
    seconds: float = 10.0
    steps: int = 2000
    filmed: Filmed = "canvas"
    panels: tuple[str, ...] = ()
    title: str = ""
    counters: bool = True
    key_cast: bool = False
    ripples: bool = False
    with_keys: bool = True


def has_video() -> bool:
    """Whether MP4 can be written."""
    return find_spec("av") is not None


def words_of(order: Order, source: str, keys: str = "") -> list[str]:
    """Return the words after `reluviz render` for a source's and a key file's name."""
    width, height = SIZES[order.size][1]
    words = [source, "--size", f"{width}x{height}", "--fps", str(order.fps), "--film", order.filmed]
    words += ["--seconds", f"{order.seconds:g}"]
    if order.source == "history":
        words += ["--first-step", str(round(order.first)), "--last-step", str(round(order.last))]
    elif order.source == "recording":
        words += ["--from-second", f"{order.first:g}", "--to-second", f"{order.last:g}"]
    else:
        words += ["--steps", str(order.steps)]
    if order.filmed == "panels":
        words += ["--panels", ",".join(order.panels)]
    if order.title:
        words += ["--title", order.title]
    flags: Sequence[tuple[bool, str]] = (
        (order.counters, "--counters"),
        (order.key_cast and order.source == "recording", "--key-cast"),
        (order.ripples and order.source == "recording", "--ripples"),
    )
    words += [word for wanted, word in flags if wanted]
    return words + (["--keys", keys] if keys else [])


def why_not(order: Order) -> str:
    """Return in a sentence why a film cannot be made so, "" where it can."""
    if order.kind == "mp4" and not has_video():
        return HOW_TO_GET_VIDEO
    if order.source != "afresh" and order.last < order.first:
        return "The end lies before the beginning."
    if order.seconds * order.fps > 200_000:
        return "A film has at most 200,000 frames: choose a shorter one, or fewer frames a second."
    if order.filmed == "panels" and not order.panels:
        return "Choose a panel to stand beside the canvas."
    return ""
