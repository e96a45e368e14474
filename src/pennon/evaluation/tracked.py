"""Which answers are exposures, and of whom: what a flag's `track` asks to be told. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pennon.model.detail import Detail
from pennon.model.events import LONGEST_KEY
from pennon.model.flag import Flag

USER: Final = "user"
"""Whom an answer is told of that no split decided."""


def is_tracked(flag: Flag, detail: Detail) -> bool:
    """Return whether *detail*, an answer of *flag*, is an exposure that is to be told."""
    if flag.track == "none" or detail.variation is None:
        return False
    return flag.track == "all" or detail.in_experiment


def unit_kind(flag: Flag, rule_id: str | None) -> str:
    """Return whom a rule of *flag* deals by, or its default: the kind of the split."""
    serve = next((rule.serve for rule in flag.rules if rule.id == rule_id), flag.default)
    return serve.kind if serve.split else USER


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


_NOTHING: Final[Mapping[str, Any]] = {}
