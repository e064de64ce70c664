"""Fuzzy search: how well a few typed letters fit a title, and which of its letters they meet."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

WORD_START, INSIDE, SCATTERED, ELSEWHERE = 100.0, 60.0, 30.0, 12.0
"""What a typed word counts at the start of a word, within one, as letters in order, and in the help text alone."""

WHOLE_WORD = 12.0
LATE_WORD = 2.0  # Taken off per word before the one met: titles are recognised by how they begin.
GAP = 2.5  # Taken off per place where scattered letters are apart.
LENGTH = 0.15  # Taken off per letter of the title: of two that fit alike, the shorter one is meant.


@dataclass(frozen=True)
class Match:
    """How well a query fits, higher is better, and the places of the title's letters that it met."""

    score: float
    places: tuple[int, ...] = ()


def match(query: str, title: str, words: str = "") -> Match | None:
    """Return how well all words of `query` fit a title, or, where the title lacks them, `words`; None if one does not.

    Case does not matter. Each typed word is looked for by itself, so that their order does not matter either.
    """
    typed = query.casefold().split()
    text, more = title.casefold(), words.casefold()
    score, places = 0.0, set[int]()
    for word in typed:
        best = _match_word(word, text)
        if best is None:
            if word not in more:
                return None
            best = Match(ELSEWHERE)
        score += best.score
        places.update(best.places)
    return Match(score / max(1, len(typed)) - LENGTH * len(title), tuple(sorted(places)))


def _match_word(word: str, text: str) -> Match | None:
    starts = [found.start() for found in re.finditer(r"\w+", text)]
    candidates = []
    for index, start in enumerate(starts):
        if text.startswith(word, start):
            end = start + len(word)
            whole = WHOLE_WORD if end == len(text) or not text[end].isalnum() else 0.0
            candidates.append(Match(WORD_START + whole - LATE_WORD * index, tuple(range(start, end))))
    if candidates:
        return max(candidates, key=lambda found: found.score)
    at = text.find(word)
    if at >= 0 and (len(word) > 1 or not word.isalnum()):
        return Match(INSIDE - 0.5 * at, tuple(range(at, at + len(word))))
    return _scattered(word, text, starts)


def _scattered(word: str, text: str, starts: Sequence[int]) -> Match | None:
    """Match letters in their order, at beginnings of words where they can be: `lr` is Learning rate."""
    if len(word) < 2:
        return None
    initials = "".join(text[start] for start in starts)
    at = initials.find(word)
    if at >= 0:
        return Match(WORD_START - 10.0, tuple(starts[at : at + len(word)]))
    places: list[int] = []
    begin = 0
    for letter in word:
        at = text.find(letter, begin)
        if at < 0:
            return None
        places.append(at)
        begin = at + 1
    if places[0] not in starts:
        return None  # Letters from anywhere fit nearly everything.
    gaps = sum(b - a > 1 for a, b in itertools.pairwise(places))
    if gaps > 3 or places[-1] - places[0] > 3 * len(word):
        return None
    return Match(SCATTERED - GAP * gaps, tuple(places))
