"""Which environments a node serves."""

from __future__ import annotations

import pytest

from pennon.connector.grants import granted_to
from pennon.connector.settings import ConnectorSettings
from pennon.model.access import AccessKey
from pennon.model.position import ACCESS
from pennon.relay.access import Access
from pennon.relay.replica import Replica
from tests.builders.relay import SHOP, a_secret, an_access, an_access_key

STAGING, GONE = "shop/staging", "shop/gone"
OWN = a_secret()


def granted(key: AccessKey, *asked: str) -> frozenset[str] | None:
    """Return what a node that was told to serve *asked* serves when *key* is its own."""
    replica = Replica(ACCESS)
    replica.replace(an_access(key, environments=(SHOP, STAGING)))
    settings = ConnectorSettings(parent=("http://parent.test",), key=OWN, environments=asked)
    return granted_to(settings)(Access(replica))


class TestGranted:
    @pytest.mark.parametrize(
        ("opens", "asked", "serves"),
        [
            ((), (), {SHOP, STAGING}),
            ((SHOP,), (), {SHOP}),
            ((), (STAGING,), {STAGING}),
            ((SHOP,), (STAGING,), set()),
            ((SHOP, GONE), (), {SHOP}),
            ((), (SHOP, GONE), {SHOP}),
        ],
    )
    def test_what(self, opens: tuple[str, ...], asked: tuple[str, ...], serves: set[str]) -> None:
        """It serves what exists, its key opens and it was told to; by default all of that."""
        assert granted(an_access_key(OWN, *opens), *asked) == frozenset(serves)

    @pytest.mark.parametrize(
        "key",
        [
            an_access_key(a_secret(2)),
            an_access_key(OWN, revoked=True),
            an_access_key(OWN, expires_at=1),
        ],
    )
    def test_own_key_gone(self, key: AccessKey) -> None:
        """Without its own key it cannot tell, and says so."""
        assert granted(key) is None
