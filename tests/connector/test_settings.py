"""The settings of a connector, and of an edge, which has them all."""

from __future__ import annotations

from typing import Any

import pytest

from pennon.connector.settings import ConnectorSettings
from pennon.edge.app import holding_of
from pennon.edge.settings import EdgeSettings
from pennon.errors import BadInput
from pennon.model.access import format_key


def settings(**fields: Any) -> ConnectorSettings:
    key = format_key("relay", bytes(32))
    return ConnectorSettings(**{"parent": ("http://127.0.0.1:8620",), "key": key, **fields})


def faults(**fields: Any) -> list[str]:
    """Return the options that hold a fault."""
    with pytest.raises(BadInput) as caught:
        settings(**fields)
    return [fault.path for fault in caught.value.faults]


class TestConnectorSettings:
    """Checked when they are made."""

    def test_parent_and_key_are_enough(self) -> None:
        """A node can be tried with two options; its name is the machine's."""
        assert settings().node

    def test_roles_take_ports_and_folders_of_their_own(self) -> None:
        """All start on one machine without an option."""
        connector = settings()
        edge = EdgeSettings(parent=connector.parent, key=connector.key)

        assert len({8620, edge.port, connector.port}) == 3
        assert edge.data != connector.data

    @pytest.mark.parametrize(
        "parent", ["", "127.0.0.1:8620", "ftp://host", "http://", "http://h:x"]
    )
    def test_a_parent_is_a_web_address(self, parent: str) -> None:
        """Anything else is refused before it is asked."""
        assert faults(parent=("http://127.0.0.1:8620", parent)) == ["--parent"]

    def test_there_is_a_parent(self) -> None:
        """One at least; several stand in order of preference."""
        assert faults(parent=()) == ["--parent"]
        assert settings(parent=("http://one:1", "http://two:2")).parent[1] == "http://two:2"

    @pytest.mark.parametrize("seconds", [0, -1, float("nan")])
    def test_a_return_takes_time(self, seconds: float) -> None:
        """A parent that is back is not trusted at once."""
        assert faults(return_seconds=seconds) == ["--return-seconds"]

    def test_only_a_relay_key_may_follow(self) -> None:
        """A server key is named as what it is."""
        with pytest.raises(BadInput, match="got a key of kind 'server'"):
            settings(key=format_key("server", bytes(32)))

    def test_a_mistyped_key_is_never_repeated(self) -> None:
        """A key with one wrong character is still nearly a key."""
        key = format_key("relay", bytes(32))

        with pytest.raises(BadInput) as caught:
            settings(key=f"{key[:-1]}!")

        assert key[:-1] not in str(caught.value)

    @pytest.mark.parametrize("option", ["node", "pop", "region"])
    def test_a_name_is_plain(self, option: str) -> None:
        """It becomes a label of metrics and a word in messages."""
        assert faults(**{option: "not a name"}) == [f"--{option}"]

    def test_a_place_has_both_coordinates(self) -> None:
        """One alone is no place."""
        assert faults(lat=52.4) == ["--lat"]

    @pytest.mark.parametrize(("lat", "lon"), [(91, 0), (-91, 0), (float("nan"), 0)])
    def test_a_latitude_is_on_the_earth(self, lat: float, lon: float) -> None:
        """Degrees from -90 to 90."""
        assert faults(lat=lat, lon=lon) == ["--lat"]

    @pytest.mark.parametrize("name", ["shop", "shop/Production", "$access"])
    def test_an_environment_is_named_with_its_project(self, name: str) -> None:
        """`$access` is followed by every node and need not be named."""
        assert faults(environments=(name,)) == ["--environments"]


class TestWorkers:
    """How many processes an edge is."""

    @pytest.mark.parametrize("workers", [0, -1, 65])
    def test_out_of_range(self, workers: int) -> None:
        """There is one at least, and not more than any machine could use."""
        assert edge_faults(workers=workers) == ["--workers"]

    @pytest.mark.parametrize("seconds", [0, 0.5, -1, 8 * 86_400, float("nan")])
    def test_window(self, seconds: float) -> None:
        """Exposures are remembered for a while, and not for ever."""
        assert edge_faults(exposure_seconds=seconds) == ["--exposure-seconds"]

    def test_names_leave_room(self) -> None:
        """A worker is called by its node's name and its own, which must fit together."""
        assert edge_faults(workers=2, node="n" * 61) == ["--node"]
        assert EdgeSettings(**given(workers=1, node="n" * 61)).workers == 1


def given(**fields: Any) -> dict[str, Any]:
    key = format_key("relay", bytes(32))
    return {"parent": ("http://127.0.0.1:8620",), "key": key, **fields}


def edge_faults(**fields: Any) -> list[str]:
    """Return the options of an edge that hold a fault."""
    with pytest.raises(BadInput) as caught:
        EdgeSettings(**given(**fields))
    return [fault.path for fault in caught.value.faults]


class TestEdgeSettings:
    """What an edge holds in memory."""

    @staticmethod
    def edge(**fields: Any) -> EdgeSettings:
        connector = settings()
        return EdgeSettings(parent=connector.parent, key=connector.key, **fields)

    @pytest.mark.parametrize(
        ("fields", "option"),
        [
            ({"memory_mb": -1}, "--memory-mb"),
            ({"memory_mb": float("nan")}, "--memory-mb"),
            ({"pin": ("shop",)}, "--pin"),
            ({"pin": ("$access",)}, "--pin"),
            ({"pin": ("shop/a",), "environments": ("shop/b",)}, "--pin"),
        ],
    )
    def test_refused(self, fields: dict[str, Any], option: str) -> None:
        """A budget is some megabytes, and what is pinned is an environment that is served."""
        with pytest.raises(BadInput) as caught:
            self.edge(**fields)

        assert [fault.path for fault in caught.value.faults] == [option]

    def test_holding(self) -> None:
        """Megabytes are a million bytes; without a budget all is held."""
        holding = holding_of(self.edge(memory_mb=1.5, pin=("shop/a",)))
        assert holding is not None

        assert (holding.budget, holding.pinned) == (1_500_000, ("shop/a",))
        assert holding_of(self.edge(memory_mb=0)) is None
