"""Which environments a node serves: those it was told to, as far as its key opens them."""

from __future__ import annotations

import time
from collections.abc import Callable

from pennon.connector.settings import Identity
from pennon.model.access import hash_key
from pennon.relay.access import Access


def granted_to(settings: Identity) -> Callable[[Access], frozenset[str] | None]:
    """Return what tells the environments to serve; it cannot tell when the node's key is gone."""
    own, asked = hash_key(settings.key), frozenset(settings.environments)

    def grants(access: Access) -> frozenset[str] | None:
        key = access.key_by_hash(own, round(time.time() * 1000))
        if key is None:
            return None
        granted = access.granted(key)
        return granted & asked if asked else granted

    return grants
