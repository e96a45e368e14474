"""Database addresses, as they are read and as they are shown."""

from __future__ import annotations

import pytest

from pennon.origin.database_address import Backend, backend_of, shown
from pennon.origin.settings import DatabaseSettings


class TestBackendOf:
    @pytest.mark.parametrize(
        ("address", "backend"),
        [
            ("sqlite:///pennon.db", "sqlite"),
            ("postgresql://flags@db/pennon", "postgresql"),
            ("postgresql:///pennon?host=/run/postgresql", "postgresql"),
            ("sqlite:///", None),
            ("sqlite://pennon.db", None),
            ("mysql://db/pennon", None),
            ("", None),
        ],
    )
    def test_goes_by_the_scheme(self, address: str, backend: Backend | None) -> None:
        """What we know no database for is none."""
        assert backend_of(address) == backend


class TestShown:
    @pytest.mark.parametrize(
        ("address", "expected"),
        [
            ("sqlite:///pennon.db", "sqlite:///pennon.db"),
            ("postgresql://db/pennon", "postgresql://db/pennon"),
            ("postgresql://flags:secret@db:5432/pennon", "postgresql://flags:***@db:5432/pennon"),
            ("postgresql://flags:s@cret@a,b/pennon", "postgresql://flags:***@a,b/pennon"),
            (
                "postgresql:///pennon?user=flags&password=secret&host=/run",
                "postgresql:///pennon?user=flags&password=***&host=/run",
            ),
            ("postgresql://flags:s/ecret@db/pennon", "postgresql://***"),
            ("postgresql://flags:s?ecret@db/pennon", "postgresql://***"),
            ("postgresql://flags:s#ecret@db/pennon", "postgresql://***"),
        ],
    )
    def test_has_no_password(self, address: str, expected: str) -> None:
        """Also where a sign in it should have been encoded."""
        assert shown(address) == expected

    def test_is_what_settings_are_told_by(self) -> None:
        """Commands print this, never the address itself."""
        settings = DatabaseSettings(database="postgresql://flags:secret@db/pennon")

        assert settings.database_shown == "postgresql://flags:***@db/pennon"
