"""Flags in the tests of applications."""

from __future__ import annotations

from pennon.sdk.client import Client
from pennon.testing import TestClient, flags
from tests.builders.sdk import a_client, a_flag_of, eventually


class TestFlags:
    def test_values(self) -> None:
        """Everyone is served what was set; a flag that was not is not known."""
        with flags({"new-checkout": True, "page-size": 24, "layout": [1]}) as client:
            assert client.boolean("new-checkout") is True
            assert client.integer("page-size") == 24
            assert client.json("layout") == [1]
            assert client.boolean_detail("other").error_code == "FLAG_NOT_FOUND"

    def test_set(self) -> None:
        """A test changes what it set, and whoever listens is told."""
        told: list[str] = []
        with flags({"new-checkout": True}) as client:
            client.on_change("new-checkout", told.append)
            client.set("new-checkout", False)
            eventually(lambda: told == ["new-checkout"])

            assert client.boolean("new-checkout", default=True) is False

    def test_remove(self) -> None:
        """A flag that was removed is not known."""
        client = TestClient({"new-checkout": True})
        client.remove("new-checkout")

        assert client.boolean("new-checkout") is False

    def test_on_another(self) -> None:
        """An application's own client serves them for the length of the block."""
        client: Client = a_client(a_flag_of("greeting", "string", "hello"))
        with flags({"greeting": "hi"}, on=client):
            inside = client.string("greeting")

        assert (inside, client.string("greeting")) == ("hi", "hello")
