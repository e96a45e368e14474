"""NATS addresses."""

from __future__ import annotations

import pytest

from pennon.kv.nats_address import NatsAddress, servers_of, shown


class TestServers:
    @pytest.mark.parametrize(
        ("text", "servers"),
        [
            ("nats://one:4222", ("nats://one:4222",)),
            ("nats://a, tls://u:p@b:1", ("nats://a", "tls://u:p@b:1")),
            ("nats://", None),
            ("nats://a,", None),
            ("nats://a:0", None),
            ("nats://a:port", None),
            ("http://a", None),
            ("one:4222", None),
        ],
    )
    def test_are_read(self, text: str, servers: tuple[str, ...] | None) -> None:
        """One or several with commas between them; all must be NATS's."""
        assert servers_of(text) == servers


class TestShown:
    def test_hides_what_is_secret(self) -> None:
        """Neither user nor password nor token is shown, whatever signs are in them."""
        text = "nats://user:p@ss@one:4222,tls://token@two,nats://three"

        assert shown(text) == "nats://***@one:4222,tls://***@two,nats://three"


class TestTls:
    def test_is_wanted_where_anything_says_so(self) -> None:
        """One server of several is enough: the others may be in its place tomorrow."""
        assert NatsAddress(servers=("nats://a", "tls://b")).wants_tls
        assert not NatsAddress(servers=("nats://a",)).wants_tls
