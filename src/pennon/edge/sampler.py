"""
A sample of the contexts that flags are evaluated for, where an operator allows one.

It is taken by time, one context of an environment in two seconds at most, so that what a busy edge
tells is as little as what a quiet one does.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

import msgspec

from pennon.model.context import Context
from pennon.model.events import LARGEST_CONTEXT, MOST_CONTEXTS, SeenContext

EVERY_MS: Final = 2_000
AGAIN_MS: Final = 100
"""How long after a context that cannot be told of the next one is looked at."""
_MOST_ENVIRONMENTS: Final = 500
_META: Final = "_meta"

Kinds = dict[str, dict[str, Any]]


class Sampler:
    """
    Takes contexts now and then; *clock* gives epoch milliseconds.

    All attributes are taken but those that are *private*, here or by the context's own word; with
    None nothing but kinds and keys.
    """

    def __init__(
        self,
        private: Collection[str] | None,
        clock: Callable[[], int],
    ) -> None:
        self._private = None if private is None else frozenset(private)
        self._clock = clock
        self._next: dict[str, int] = {}
        self._seen: dict[str, list[SeenContext]] = {}

    def see(self, environment: str, context: Context) -> None:
        """Take *context* if it is time for one."""
        now = self._clock()
        if now < self._next.get(environment, 0):
            return
        seen = self._seen.setdefault(environment, [])
        kinds = told_of(context, self._private)
        room = len(seen) < MOST_CONTEXTS and len(self._seen) <= _MOST_ENVIRONMENTS
        if kinds and room:
            seen.append(SeenContext(at=now, kinds=kinds))
        # Looking at contexts that cannot be told of must cost as little as the others.
        self._next[environment] = now + (EVERY_MS if kinds else AGAIN_MS)

    def take(self) -> dict[str, tuple[SeenContext, ...]]:
        """Return what was taken since the last call."""
        seen, self._seen = self._seen, {}
        now = self._clock()
        self._next = {name: at for name, at in self._next.items() if at > now}
        return {name: tuple(some) for name, some in seen.items() if some}


def told_of(context: Context, private: Collection[str] | None) -> Kinds:
    """
    Return what may be told of *context*: its kinds by their keys, all but *private* attributes.

    With None, or where that would be too much, the keys alone; a kind without a key is left out.
    """
    keyed = {
        kind: attributes
        for kind, attributes in context.kinds.items()
        if isinstance(attributes.get("key"), str) and attributes["key"]
    }
    keys: Kinds = {kind: {"key": attributes["key"]} for kind, attributes in keyed.items()}
    if private is None:
        return _fitting(keys) or {}
    told = {kind: _public(attributes, private) for kind, attributes in keyed.items()}
    return _fitting(told) or _fitting(keys) or {}


def _public(attributes: Mapping[str, Any], private: Collection[str]) -> dict[str, Any]:
    meta = attributes.get(_META)
    own = meta.get("privateAttributes") if isinstance(meta, dict) else None
    hidden = {*private, _META, *(map(str, own) if isinstance(own, list) else ())} - {"key"}
    return {name: value for name, value in attributes.items() if name not in hidden}


def _fitting(kinds: Kinds) -> Kinds | None:
    try:
        return kinds if len(msgspec.json.encode(kinds)) <= LARGEST_CONTEXT else None
    except (OverflowError, RecursionError, TypeError, ValueError):
        return None  # a number, a string or a depth that can be read, but not be written again
