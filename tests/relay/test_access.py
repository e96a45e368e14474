"""Who may ask for what, as `$access` changes."""

from __future__ import annotations

import pytest

from pennon.model.access import hash_key
from pennon.model.codec import encode_item
from pennon.model.position import ACCESS
from pennon.relay.access import Access
from pennon.relay.replica import Replica, Verdict
from tests.builders.relay import (
    SHOP,
    a_change,
    a_key_change,
    a_secret,
    a_snapshot,
    an_access,
    an_access_key,
)

STAGING = "shop/staging"
ONE, TWO = a_secret(1), a_secret(2)
NOW = 1_000_000


def access_to(
    *keys: str, environments: tuple[str, ...] = (SHOP, STAGING)
) -> tuple[Access, Replica]:
    """Return an access, and its replica, in which *keys* open the shop alone."""
    replica = Replica(ACCESS)
    replica.replace(
        an_access(*(an_access_key(key, SHOP) for key in keys), environments=environments)
    )
    return Access(replica), replica


class TestKeys:
    def test_known(self) -> None:
        """A key is found by its secret; another secret finds nothing."""
        access, _ = access_to(ONE)

        assert access.key(ONE, NOW) == an_access_key(ONE, SHOP)
        assert access.key(TWO, NOW) is None
        assert access.key("", NOW) is None

    def test_loaded(self) -> None:
        """Until `$access` is here, nobody's key can be called wrong."""
        replica = Replica(ACCESS)
        access = Access(replica)
        assert not access.loaded

        replica.replace(an_access(environments=()))

        assert access.loaded

    @pytest.mark.parametrize(("expires_at", "holds"), [(NOW + 1, True), (NOW, False), (0, False)])
    def test_expiry(self, expires_at: int, holds: bool) -> None:
        """A key holds until the moment at which it expires."""
        replica = Replica(ACCESS)
        replica.replace(an_access(an_access_key(ONE, SHOP, expires_at=expires_at)))

        assert (Access(replica).key(ONE, NOW) is not None) is holds

    def test_revoked(self) -> None:
        """A revocation takes effect with the message that brings it; the key stays known."""
        access, replica = access_to(ONE, TWO)
        replica.apply(a_key_change(2, an_access_key(ONE, SHOP, revoked=True)))

        assert access.key(ONE, NOW) is None
        assert access.knows(ONE)
        assert access.key(TWO, NOW) is not None

    def test_deleted(self) -> None:
        """So does a deletion, after which the key was never heard of."""
        access, replica = access_to(ONE)
        replica.apply(a_change(2, hash_key(ONE), None, kind="key", environment=ACCESS))

        assert access.key(ONE, NOW) is None
        assert not access.knows(ONE)

    def test_added(self) -> None:
        """A new key, or one whose grant changed, counts from its message on."""
        access, replica = access_to(ONE)
        replica.apply(a_key_change(2, an_access_key(TWO, SHOP)))
        replica.apply(a_key_change(3, an_access_key(ONE, STAGING)))

        assert access.key(TWO, NOW) == an_access_key(TWO, SHOP)
        assert access.key(ONE, NOW) == an_access_key(ONE, STAGING)

    def test_replaced(self) -> None:
        """A whole `$access` takes the place of all that was known."""
        access, replica = access_to(ONE)
        replica.replace(an_access(an_access_key(TWO), version=9, environments=()))

        assert access.key(ONE, NOW) is None
        assert access.key(TWO, NOW) is not None
        assert access.environments == frozenset()

    @pytest.mark.parametrize("malformed", [b"[]", b'{"kind":"king","hash":"x"}', b'{"hash":1}'])
    def test_malformed(self, malformed: bytes) -> None:
        """A key that cannot be read opens nothing, and hides no other."""
        access, replica = access_to(ONE, TWO)
        replica.apply(a_change(2, hash_key(ONE), malformed, kind="key", environment=ACCESS))
        whole = Replica(ACCESS)
        whole.replace(replica.snapshot())

        for seen in (access, Access(whole)):
            assert seen.key(ONE, NOW) is None
            assert seen.key(TWO, NOW) is not None


class TestGrants:
    def test_some(self) -> None:
        """A key opens what it names, of what exists."""
        access, _ = access_to(ONE)
        key = an_access_key(ONE, SHOP, "shop/gone")

        assert access.granted(key) == {SHOP}
        assert access.allows(key, SHOP)
        assert not access.allows(key, STAGING)

    def test_all(self) -> None:
        """A star opens all that exists, also what comes to exist later."""
        access, replica = access_to()
        star = an_access_key(ONE)
        assert access.granted(star) == {SHOP, STAGING}

        new = a_change(2, "shop/new", b'{"key":"shop/new"}', kind="environment", environment=ACCESS)
        assert replica.apply(new) is Verdict.APPLIED

        assert access.granted(star) == {SHOP, STAGING, "shop/new"}
        assert access.allows(star, "anything/at-all")

    def test_environment_gone(self) -> None:
        """An environment that was deleted is granted to nobody."""
        access, replica = access_to(ONE)
        replica.apply(a_change(2, SHOP, None, kind="environment", environment=ACCESS))

        assert access.granted(an_access_key(ONE, SHOP)) == frozenset()


class TestShrinking:
    def test_keys_count(self) -> None:
        """A `$access` that loses more than half of its keys without leave is refused."""
        _, replica = access_to(*(a_secret(number) for number in range(4)))
        left = a_snapshot(
            2, {("key", hash_key(ONE)): encode_item(an_access_key(ONE, SHOP))}, environment=ACCESS
        )

        assert replica.replace(left) is Verdict.SHRUNK
