"""Preferences: what a person likes, whatever is trained; kept from one day to the next."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

MOTIONS = {"system": "As the system says", "full": "Move", "reduced": "Jump"}
LINE_STRENGTHS = (0.5, 2.0)
MOST_USED = 12


@dataclass(frozen=True)
class Preferences:
    """`keys` are shortcuts of commands that differ from the table's, (id, keys) pairs; no keys at all is one choice.

    `motion` is a row of MOTIONS: whether what can move smoothly does so. `line_strength` multiplies the width of bent
    lines. `autosave` keeps what is shown for the next start after a crash; `goes_on` lets a start go on from the moment
    that the window was closed at. `used` are the rows of the command palette
    used last, newest first.
    """

    keys: tuple[tuple[str, tuple[str, ...]], ...] = ()
    motion: str = "system"
    line_strength: float = 1.0
    autosave: bool = True
    goes_on: bool = True
    used: tuple[str, ...] = ()

    def keys_of(self, id: str, usual: tuple[str, ...]) -> tuple[str, ...]:
        """Return the shortcuts of a command, given those of its row."""
        return dict(self.keys).get(id, usual)


def set_keys(preferences: Preferences, id: str, keys: tuple[str, ...], usual: tuple[str, ...]) -> Preferences:
    """Give a command other shortcuts; its row's own ones are no longer kept as a difference."""
    kept = {name: own for name, own in preferences.keys if name != id}
    if keys != usual:
        kept[id] = keys
    return replace(preferences, keys=tuple(sorted(kept.items())))


def note_use(preferences: Preferences, id: str) -> Preferences:
    """Put a row of the palette first among those used last."""
    others = (other for other in preferences.used if other != id)
    return replace(preferences, used=(id, *others)[:MOST_USED])


def to_plain(preferences: Preferences) -> dict[str, Any]:
    """Return plain JSON values that `from_plain` reads back."""
    return {
        "keys": {name: list(keys) for name, keys in preferences.keys},
        "motion": preferences.motion,
        "line_strength": preferences.line_strength,
        "autosave": preferences.autosave,
        "goes_on": preferences.goes_on,
        "used": list(preferences.used),
    }


def from_plain(value: Any) -> Preferences:
    """Return what was saved; a single value that does not fit is left at its default."""
    if not isinstance(value, Mapping):
        return Preferences()
    result = Preferences()
    keys = value.get("keys")
    if isinstance(keys, Mapping):
        usable = {str(name): tuple(own) for name, own in keys.items() if _is_texts(own)}
        result = replace(result, keys=tuple(sorted(usable.items())))
    if value.get("motion") in MOTIONS:
        result = replace(result, motion=str(value["motion"]))
    strength = value.get("line_strength")
    if isinstance(strength, int | float) and LINE_STRENGTHS[0] <= strength <= LINE_STRENGTHS[1]:
        result = replace(result, line_strength=float(strength))
    for name in ("autosave", "goes_on"):
        if isinstance(value.get(name), bool):
            result = replace(result, **{name: value[name]})
    if _is_texts(value.get("used")):
        result = replace(result, used=tuple(value["used"][:MOST_USED]))
    return result


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= 100 and all(isinstance(item, str) for item in value)
