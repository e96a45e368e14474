"""Who asks: where a key may stand, and when a wrong one is called wrong."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pennon.errors import Forbidden, NotReady, PennonError, Unauthenticated
from pennon.model.access import AccessKey, hash_key
from pennon.model.position import ACCESS
from pennon.relay.access import Access
from pennon.relay.replica import Replica
from pennon.web.auth import Keys, presented_key
from pennon.web.handler import Request
from tests.builders.relay import SHOP, Clock, a_key_change, a_secret, an_access, an_access_key

RELAY, SERVER, CLIENT, MOBILE = (
    a_secret(1, "relay"),
    a_secret(2, "server"),
    a_secret(3, "client"),
    a_secret(4, "mobile"),
)
REVOKED, EXPIRED, UNKNOWN = a_secret(5), a_secret(6), a_secret(7)
NOW = 1_000.0


def a_request(**headers: str) -> Request:
    return Request(method="GET", path="/", headers=headers)


def bearing(key: str) -> Request:
    return a_request(authorization=f"Bearer {key}")


def keys(*, loaded: bool = True, current: bool = True, more: Sequence[AccessKey] = ()) -> Keys:
    """Return the keys of a node that knows each kind, one revoked and one expired."""
    replica = Replica(ACCESS)
    if loaded:
        replica.replace(
            an_access(
                an_access_key(RELAY),
                an_access_key(SERVER, SHOP, kind="server"),
                an_access_key(CLIENT, SHOP, kind="client"),
                an_access_key(MOBILE, SHOP, kind="mobile"),
                an_access_key(REVOKED, revoked=True),
                an_access_key(EXPIRED, expires_at=999_999),
                *more,
            )
        )
    return Keys(Access(replica), Clock(NOW), current=lambda: current)


class TestPresented:
    @pytest.mark.parametrize(
        ("headers", "key"),
        [
            ({"authorization": "Bearer k"}, "k"),
            ({"authorization": "bearer k"}, "k"),
            ({"authorization": "BEARER   k "}, "k"),
            ({"x-api-key": "k"}, "k"),
            ({"authorization": "Bearer k", "x-api-key": "other"}, "k"),
            ({"authorization": "Basic eDp5", "x-api-key": "k"}, "k"),
            ({"authorization": "Basic eDp5"}, None),
            ({"authorization": "Bearerk"}, None),
            ({"authorization": "Bearer "}, ""),
            ({}, None),
        ],
    )
    def test_where(self, headers: dict[str, str], key: str | None) -> None:
        """A key is a bearer's, in any case of the word, or an API key."""
        assert presented_key(a_request(**headers)) == key


class TestHolder:
    @pytest.mark.parametrize("key", [RELAY, SERVER, CLIENT, MOBILE])
    def test_known(self, key: str) -> None:
        """A key that holds says who presents it."""
        assert keys().holder(bearing(key)).kind in ("relay", "server", "client", "mobile")

    @pytest.mark.parametrize("key", ["", UNKNOWN, REVOKED, EXPIRED, "é", "x" * 100_000])
    def test_wrong(self, key: str) -> None:
        """None, or one that is unknown, revoked or expired, is 401."""
        with pytest.raises(Unauthenticated):
            keys().holder(bearing(key))

    def test_none(self) -> None:
        """So is no key at all."""
        with pytest.raises(Unauthenticated):
            keys().holder(a_request())

    @pytest.mark.parametrize("key", [RELAY, UNKNOWN, REVOKED, ""])
    def test_not_loaded(self, key: str) -> None:
        """Before any key is known nobody is told that theirs is wrong: they would give up."""
        with pytest.raises(NotReady):
            keys(loaded=False).holder(bearing(key))

    @pytest.mark.parametrize(
        ("key", "error"),
        [
            (UNKNOWN, NotReady),
            (REVOKED, Unauthenticated),
            (EXPIRED, Unauthenticated),
            ("", Unauthenticated),
        ],
    )
    def test_out_of_touch(self, key: str, error: type[PennonError]) -> None:
        """A node that is out of touch cannot call a key wrong that it never heard of."""
        with pytest.raises(error):
            keys(current=False).holder(bearing(key))

    def test_out_of_touch_but_known(self) -> None:
        """Those that it knows it goes on to serve."""
        assert keys(current=False).holder(bearing(SERVER)).kind == "server"

    @pytest.mark.parametrize("whole", [False, True])
    def test_found_before(self, whole: bool) -> None:
        """Who was found once is found until the keys change, and no longer."""
        replica = Replica(ACCESS)
        replica.replace(an_access(an_access_key(SERVER, SHOP, kind="server")))
        seen, revoked = Keys(Access(replica), Clock(NOW)), an_access_key(SERVER, revoked=True)
        found = [seen.holder(bearing(SERVER)) for _ in range(2)]
        if whole:
            replica.replace(an_access(revoked, version=2))
        else:
            replica.apply(a_key_change(2, revoked))

        assert found[0] == found[1]
        with pytest.raises(Unauthenticated):
            seen.holder(bearing(SERVER))

    def test_runs_out(self) -> None:
        """A key that has a time is looked at each time."""
        replica, clock = Replica(ACCESS), Clock(NOW)
        replica.replace(an_access(an_access_key(SERVER, SHOP, kind="server", expires_at=1_001_000)))
        seen = Keys(Access(replica), clock)
        seen.holder(bearing(SERVER))
        clock.now = 1_001.0

        with pytest.raises(Unauthenticated):
            seen.holder(bearing(SERVER))

    def test_many(self) -> None:
        """However many there are, each is found as itself."""
        secrets = [a_secret(number) for number in range(100, 2_200)]
        seen = keys(more=[an_access_key(each, SHOP, kind="server") for each in secrets])
        found = [seen.holder(bearing(each)).hash for each in [*secrets, *secrets]]

        assert found == [hash_key(each) for each in [*secrets, *secrets]]

    def test_errors_do_not_tell(self) -> None:
        """No error holds the key."""
        with pytest.raises(Unauthenticated) as caught:
            keys().holder(bearing(UNKNOWN))

        assert UNKNOWN not in str(caught.value)


class TestRelay:
    @pytest.mark.parametrize("key", [SERVER, CLIENT, MOBILE])
    def test_other_kinds(self, key: str) -> None:
        """A key of another kind is known, and not for this: 403."""
        with pytest.raises(Forbidden):
            keys().relay(bearing(key))

    def test_relay(self) -> None:
        """A relay key is for this."""
        assert keys().relay(bearing(RELAY)).environments == "*"


class TestStillValid:
    @pytest.mark.parametrize(
        "change",
        [
            an_access_key(SERVER, SHOP, kind="server", revoked=True),
            an_access_key(SERVER, SHOP, kind="server", expires_at=1_000_000),
            an_access_key(SERVER, "shop/staging", kind="server"),
            an_access_key(SERVER, kind="server"),
        ],
    )
    def test_no_longer(self, change: AccessKey) -> None:
        """A key that is revoked, has expired or opens something else is not what it was."""
        replica = Replica(ACCESS)
        replica.replace(an_access(an_access_key(SERVER, SHOP, kind="server")))
        seen = Keys(Access(replica), Clock(NOW))
        key = seen.holder(bearing(SERVER))
        assert seen.still_valid(key)

        replica.apply(a_key_change(2, change))

        assert not seen.still_valid(key)
