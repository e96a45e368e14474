"""The settings of an origin."""

from __future__ import annotations

from typing import Any

import pytest

from pennon.errors import BadInput
from pennon.model.access import format_key
from pennon.origin.settings import OriginSettings, StandaloneSettings


class TestOriginSettings:
    """Checked when they are made."""

    @pytest.mark.parametrize(
        ("fields", "option"),
        [
            ({"keep_days": 0}, "--keep-days"),
            ({"keep_days": 36_501}, "--keep-days"),
            ({"keep_changes": 0}, "--keep-changes"),
            ({"purge_days": 0}, "--purge-days"),
            ({"event_days": 0}, "--event-days"),
        ],
    )
    def test_some_of_the_changelog_is_kept(self, fields: dict[str, Any], option: str) -> None:
        """Without any, every interruption would cost every edge a full sync."""
        with pytest.raises(BadInput) as caught:
            OriginSettings(**fields)

        assert [fault.path for fault in caught.value.faults] == [option]

    def test_faults_are_told_at_once(self) -> None:
        """Those of the database and of the node with them."""
        with pytest.raises(BadInput) as caught:
            OriginSettings(keep_days=0, port=-1, database="mysql://x")

        assert {fault.path for fault in caught.value.faults} == {
            "--keep-days",
            "--port",
            "--database",
        }


class TestStandaloneSettings:
    """`pennon origin`, which may be a secondary."""

    @pytest.mark.parametrize(
        ("fields", "option"),
        [
            ({"read_only": True, "database": "sqlite:///pennon.db"}, "--read-only"),
            ({"read_only": True}, "--read-only"),
            ({"read_only": True, "database": "postgresql://db/p", "sample": True}, "--sample"),
            ({"streams_only": True}, "--streams-only"),
            ({"streams_only": True, "database": "postgresql://db/p", "sample": True}, "--sample"),
        ],
    )
    def test_what_cannot_be(self, fields: dict[str, Any], option: str) -> None:
        """Only PostgreSQL has replicas and serves several; who only reads creates nothing."""
        with pytest.raises(BadInput) as caught:
            StandaloneSettings(**fields)

        assert [fault.path for fault in caught.value.faults] == [option]

    def test_streams_of_a_replica(self) -> None:
        """A stream server may follow a replica."""
        settings = StandaloneSettings(
            streams_only=True, read_only=True, database="postgresql://db/pennon"
        )

        assert settings.streams_only


class TestPrimary:
    """An origin to pass reports on to."""

    def faults(self, **fields: Any) -> list[str]:
        """Return the options that hold a fault."""
        with pytest.raises(BadInput) as caught:
            StandaloneSettings(database="postgresql://h/d", **fields)
        return [fault.path for fault in caught.value.faults]

    def test_beside_a_secondary(self) -> None:
        """A replica, or a stream server, may have one."""
        key = format_key("relay", bytes(32))
        given: dict[str, Any] = {
            "database": "postgresql://h/d",
            "primary": "http://one",
            "key": key,
        }

        assert StandaloneSettings(**given, read_only=True).primary
        assert StandaloneSettings(**given, streams_only=True).primary

    def test_not_beside_another(self) -> None:
        """Two origins that pass on to each other would do so for ever."""
        key = format_key("relay", bytes(32))

        assert self.faults(primary="http://one:8620", key=key) == ["--primary"]

    def test_needs_a_relay_key(self) -> None:
        """Reports are taken from holders of one."""
        server = format_key("server", bytes(32))

        assert self.faults(read_only=True, primary="http://one:8620") == ["--key"]
        assert self.faults(read_only=True, primary="nowhere", key=server) == ["--primary", "--key"]
