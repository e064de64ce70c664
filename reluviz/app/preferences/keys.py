"""Shortcuts of commands as a person has set them: which hold, and which are taken."""

from collections.abc import Mapping
from dataclasses import replace

from reluviz.app.actions import ACTIONS, Action
from reluviz.app.preferences.state import Preferences, set_keys


def keys_of(preferences: Preferences, row: Action) -> tuple[str, ...]:
    """Return the shortcuts that call a command now, the one that is shown first."""
    return preferences.keys_of(row.id, row.keys)


def taken_by(preferences: Preferences, key: str) -> Action | None:
    """Return the command that a shortcut calls, None where it is free."""
    return next((row for row in ACTIONS.values() if key in keys_of(preferences, row)), None)


def give_key(preferences: Preferences, row: Action, key: str) -> Preferences:
    """Make `key` the only shortcut of a command, and take it from the command that had it."""
    before = taken_by(preferences, key)
    if before is not None and before.id != row.id:
        left = tuple(other for other in keys_of(preferences, before) if other != key)
        preferences = set_keys(preferences, before.id, left, before.keys)
    return set_keys(preferences, row.id, (key,), row.keys)


def take_keys(preferences: Preferences, row: Action) -> Preferences:
    """Leave a command without a shortcut."""
    return set_keys(preferences, row.id, (), row.keys)


def reset_keys(preferences: Preferences, row: Action) -> Preferences:
    """Give a command its own shortcuts again, and take them from others that have got them since."""
    for key in row.keys:
        holder = taken_by(preferences, key)
        if holder is not None and holder.id != row.id:
            left = tuple(other for other in keys_of(preferences, holder) if other != key)
            preferences = set_keys(preferences, holder.id, left, holder.keys)
    return set_keys(preferences, row.id, row.keys, row.keys)


def reset_all_keys(preferences: Preferences) -> Preferences:
    """Give every command the shortcuts of its row."""
    return replace(preferences, keys=())


def without_conflicts(preferences: Preferences) -> Preferences:
    """Return saved shortcuts without those that two commands would share: a newer version may have used one since.

    What a person has chosen stands; a row's own shortcut that it meets is left out there. Of two chosen alike the
    first stands. Commands that are no longer there are forgotten.
    """
    chosen = {name: keys for name, keys in preferences.keys if name in ACTIONS}
    seen: set[str] = set()
    kept: dict[str, tuple[str, ...]] = {}
    for name, keys in chosen.items():
        kept[name] = tuple(key for key in keys if key not in seen)
        seen.update(kept[name])
    for row in ACTIONS.values():
        if row.id not in kept and seen.intersection(row.keys):
            kept[row.id] = tuple(key for key in row.keys if key not in seen)
    return _with(preferences, kept)


def _with(preferences: Preferences, keys: Mapping[str, tuple[str, ...]]) -> Preferences:
    different = {name: own for name, own in keys.items() if own != ACTIONS[name].keys}
    return replace(preferences, keys=tuple(sorted(different.items())))
