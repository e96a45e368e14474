"""Who may ask for what: the `$access` replica, decoded as it changes."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from pennon.errors import BadInput
from pennon.model.access import AccessKey, hash_key
from pennon.model.codec import decode
from pennon.model.messages import Change, Snapshot
from pennon.model.position import Position
from pennon.relay.replica import Replica

log = logging.getLogger(__name__)


class Access:
    """
    The keys and environments that the `$access` replica holds.

    A key is found by its SHA-256: the secret has 256 random bits, so that a look-up by hash gives
    nothing away to someone who measures how long it takes.
    """

    def __init__(self, replica: Replica) -> None:
        self._replica = replica
        self._keys: dict[str, AccessKey] = {}
        self.environments: frozenset[str] = frozenset()
        self._read_all()
        replica.listen(self._on_news)

    @property
    def loaded(self) -> bool:
        """Whether keys are known at all. Until then nobody can be told that theirs is wrong."""
        return self._replica.position is not None

    @property
    def position(self) -> Position | None:
        """Where `$access` stands: who asked before it moved must ask again."""
        return self._replica.position

    def key(self, secret: str, now_ms: int) -> AccessKey | None:
        """Return the key whose secret is given, unless it is unknown, expired or revoked."""
        return self.key_by_hash(hash_key(secret), now_ms)

    def knows(self, secret: str) -> bool:
        """Return whether the key was ever heard of, be it expired or revoked."""
        return hash_key(secret) in self._keys

    def key_by_hash(self, hash: str, now_ms: int) -> AccessKey | None:
        """Return the key with that hash, unless it is unknown, expired or revoked."""
        key = self._keys.get(hash)
        if key is None or key.revoked:
            return None
        return None if key.expires_at is not None and key.expires_at <= now_ms else key

    def hashes(self) -> Iterable[str]:
        """Return the hashes of all keys that were ever heard of."""
        return self._keys.keys()

    def granted(self, key: AccessKey) -> frozenset[str]:
        """Return the environments, of those that exist, that *key* opens."""
        if key.environments == "*":
            return self.environments
        return self.environments.intersection(key.environments)

    def allows(self, key: AccessKey, environment: str) -> bool:
        """Return whether *key* opens *environment*."""
        return key.environments == "*" or environment in key.environments

    def _on_news(self, news: Change | Snapshot) -> None:
        if isinstance(news, Snapshot):
            self._read_all()
        elif news.kind == "key":
            self._keys.pop(news.key, None)
            self._read_key(news.key, news.item)
        else:
            self._read_environments()

    def _read_all(self) -> None:
        self._keys.clear()
        for (kind, name), data in self._replica.items.items():
            if kind == "key":
                self._read_key(name, data)
        self._read_environments()

    def _read_key(self, name: str, data: bytes | None) -> None:
        if data is None:
            return
        try:
            self._keys[name] = decode(data, AccessKey)
        except BadInput as error:
            log.error("access_key_malformed", extra={"reason": str(error)})

    def _read_environments(self) -> None:
        self.environments = frozenset(
            name for kind, name in self._replica.items if kind == "environment"
        )
