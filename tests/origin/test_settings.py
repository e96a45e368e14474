"""The settings of an origin."""

from __future__ import annotations

from typing import Any

import pytest

from pennon.errors import BadInput
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
