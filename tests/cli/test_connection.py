"""How a command finds its origin."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pennon.cli.connection import Connection, Target, resolve
from pennon.errors import BadInput

SAVED = {
    "url": "http://127.0.0.1:9000",
    "adminToken": "saved-token",
    "project": "shop",
    "environment": "production",
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with saved keys."""
    (tmp_path / "keys.json").write_text(json.dumps(SAVED))
    return tmp_path


class TestResolve:
    """`resolve` completes a connection from the saved keys."""

    def test_what_is_saved_is_used(self, data: Path) -> None:
        """A command needs no option beside `pennon up`."""
        target = resolve(Connection(data=data))

        assert target == Target(
            url="http://127.0.0.1:9000",
            token="saved-token",
            project="shop",
            environment="production",
        )

    def test_an_option_wins(self, data: Path) -> None:
        """What is said beats what is saved."""
        target = resolve(Connection(data=data, environment="staging"))

        assert target.environment == "staging"

    def test_another_machine_never_sees_the_saved_token(self, data: Path) -> None:
        """The keys saved here are sent to this machine only."""
        with pytest.raises(BadInput) as caught:
            resolve(Connection(data=data, url="https://flags.example.com"))

        assert [fault.path for fault in caught.value.faults] == [
            "--token",
            "--project",
            "--environment",
        ]

    def test_another_port_of_this_machine_may(self, data: Path) -> None:
        """The loopback is this machine, whatever the port."""
        target = resolve(Connection(data=data, url="http://localhost:8620/"))

        assert (target.url, target.token) == ("http://localhost:8620", "saved-token")

    def test_saved_keys_that_cannot_be_read_are_an_error(self, data: Path) -> None:
        """A broken file is not taken for a missing one."""
        (data / "keys.json").write_text("{")

        with pytest.raises(BadInput):
            resolve(Connection(data=data))


class TestFaults:
    """A connection is checked when it is made."""

    def test_an_address_needs_a_scheme(self) -> None:
        """``example.com`` alone is refused before anything is asked."""
        with pytest.raises(BadInput, match="--url"):
            Connection(url="example.com")

    def test_a_token_is_never_repeated(self) -> None:
        """The error about a token does not show it."""
        with pytest.raises(BadInput) as caught:
            Connection(token="secret\nX-Header: 1")

        assert "secret" not in str(caught.value)
