"""Telling: finds once per change what of the state differs, and tells only those who asked for it.

While training goes on the state changes some 200 times a second, and nearly all of it stays as it was: a hundred views
that each looked for themselves took a third of the window's thread.
"""

from dataclasses import fields
from itertools import compress
from operator import attrgetter, is_not
from typing import Any

from PySide6.QtCore import QObject, Signal

from reluviz.app.state import AppState

FIELDS = tuple(field.name for field in fields(AppState))
_values = attrgetter(*FIELDS)


class Asked(QObject):
    """One set of names that somebody asked for; an object of Qt's, which forgets receivers that are destroyed."""

    told = Signal(object, object)

    def __init__(self, names: frozenset[str], parent: QObject) -> None:
        super().__init__(parent)
        self.names = names


class Telling(QObject):
    """Emits `told(old, new)` to those of whose names one differs, in the order in which they were first asked for.

    A name is a field of AppState, or a part of one: `time.moment`. It differs where the two are not the same object.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._asked: dict[frozenset[str], Asked] = {}
        self._parts: dict[str, dict[str, attrgetter[Any]]] = {}
        self._known: dict[frozenset[str], tuple[Asked, ...]] = {}

    def asked(self, names: tuple[str, ...], state: AppState) -> Asked:
        """Return what tells of changes of one of `names`. Raises `LookupError` where `state` has no such thing."""
        if not names:
            raise LookupError("Name at least one field of AppState.")
        key = frozenset(names)
        if key not in self._asked:
            for name in names:
                self._check(name, state)
            for name in names:
                if "." in name:
                    self._parts.setdefault(name.partition(".")[0], {})[name] = attrgetter(name)
            self._asked[key] = Asked(key, self)
            self._known = {}
        return self._asked[key]

    def _check(self, name: str, state: AppState) -> None:
        if name.partition(".")[0] not in FIELDS:
            raise LookupError(f"AppState has no field {name!r}; it has {', '.join(FIELDS)}.")
        try:
            attrgetter(name)(state)
        except AttributeError as error:
            raise LookupError(f"AppState has no {name!r}: {error}.") from None

    def tell(self, old: AppState, new: AppState) -> None:
        """Tell those who asked for what differs."""
        for asked in self._concerned(self._differing(old, new)):
            asked.told.emit(old, new)

    def _differing(self, old: AppState, new: AppState) -> frozenset[str]:
        names = list(compress(FIELDS, map(is_not, _values(old), _values(new))))
        parts = [
            part
            for name in names
            if name in self._parts
            for part, value in self._parts[name].items()
            if value(old) is not value(new)
        ]
        return frozenset(names + parts)

    def _concerned(self, names: frozenset[str]) -> tuple[Asked, ...]:
        """Return whom a change of `names` concerns; while training goes on, the same few sets come again and again."""
        if names not in self._known:
            self._known[names] = tuple(asked for asked in self._asked.values() if not asked.names.isdisjoint(names))
        return self._known[names]
