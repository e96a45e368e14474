"""Which answers are exposures, and of whom: what a flag's `track` asks to be told. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pennon.model.detail import Detail
from pennon.model.events import LONGEST_KEY
from pennon.model.flag import Flag, Serve

USER: Final = "user"
"""Whom an answer is told of that no split decided."""


def is_tracked(flag: Flag, detail: Detail) -> bool:
    """Return whether *detail*, an answer of *flag*, is an exposure that is to be told."""
    if flag.track == "none" or detail.variation is None:
        return False
    return flag.track == "all" or detail.in_experiment


def kind_exposed(flag: Flag, detail: Detail) -> str:
    """Return whom *detail*, an answer of *flag*, is told of: the kind that the split deals by."""
    index = detail.rule_index
    return _dealt_by(flag.default if index is None else flag.rules[index].serve)


def unit_kind(flag: Flag, rule_id: str | None) -> str:
    """Return whom a rule of *flag* deals by, or its default where there is no such rule."""
    named = (rule.serve for rule in flag.rules if rule.id == rule_id)
    return _dealt_by(next(named, flag.default))


def unit_key(kinds: Mapping[str, Mapping[str, Any]], kind: str) -> str | None:
    """Return the key of a *kind*; None where there is none that can be told of."""
    key = kinds.get(kind, _NOTHING).get("key")
    return key if isinstance(key, str) and can_be_told(key) else None


def can_be_told(key: str) -> bool:
    """Return whether a key can be kept everywhere that it is told to."""
    if not 0 < len(key) <= LONGEST_KEY or "\0" in key:
        return False
    try:
        key.encode()
    except UnicodeEncodeError:
        return False  # half a surrogate pair, which no database holds
    return True


def _dealt_by(serve: Serve) -> str:
    return serve.kind if serve.split else USER


_NOTHING: Final[Mapping[str, Any]] = {}
