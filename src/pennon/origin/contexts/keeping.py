"""Keeps the contexts that edges tell of: the newest few of each environment, for a few days."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from pennon.model.events import LARGEST_CONTEXT, EventBatch
from pennon.model.position import ACCESS
from pennon.origin.contexts import queries

MOST: Final = 200
"""How many contexts are kept of an environment."""
KEPT_MS: Final = 7 * 24 * 3_600 * 1_000
"""For how long a context is kept after it was last seen."""

_MOST_AT_ONCE: Final = 50
_encode = msgspec.json.Encoder(order="deterministic").encode


def keep(connection: Connection, batches: Iterable[EventBatch], now: int) -> None:
    """Keep what *batches* tell of contexts, as far as there are such environments."""
    by_environment: dict[str, dict[str, dict[str, Any]]] = {}
    for batch in batches:
        for environment, contexts in batch.contexts.items():
            rows = by_environment.setdefault(environment, {})
            for one in contexts:
                document, at = _encode(one.kinds), min(one.at, now)
                identity = _identity_of(one.kinds)
                if len(document) > LARGEST_CONTEXT or at < now - KEPT_MS:
                    continue
                if identity not in rows or rows[identity]["at"] <= at:
                    rows[identity] = {
                        "environment": environment,
                        "identity": identity,
                        "at": at,
                        "document": document,
                    }
    names = queries.existing(connection, sorted(by_environment)) - {ACCESS}
    for environment in sorted(names):
        newest = sorted(by_environment[environment].values(), key=lambda row: -row["at"])
        if newest:
            chosen = newest[:_MOST_AT_ONCE]
            queries.keep(connection, sorted(chosen, key=lambda row: row["identity"]))
            queries.forget_all_but(connection, environment, MOST)


def _identity_of(kinds: dict[str, dict[str, Any]]) -> str:
    keys = sorted((kind, attributes.get("key")) for kind, attributes in kinds.items())
    return hashlib.sha256(_encode(keys)).hexdigest()
