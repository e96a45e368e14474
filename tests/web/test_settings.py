"""The settings that every node has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pennon.errors import BadInput
from pennon.origin.settings import DatabaseSettings, EmbeddedSettings, OriginSettings
from pennon.web.settings import NodeSettings


def faults(**fields: Any) -> list[str]:
    """Return the options that hold a fault."""
    with pytest.raises(BadInput) as caught:
        NodeSettings(**fields)
    return [fault.path for fault in caught.value.faults]


class TestNodeSettings:
    """Checked when they are made."""

    def test_the_defaults_are_good(self) -> None:
        """A node starts without a single option."""
        assert NodeSettings().port == 8620

    @pytest.mark.parametrize("port", [-1, 65_536])
    def test_a_port_is_16_bits(self, port: int) -> None:
        """0 means any free one."""
        assert faults(port=port) == ["--port"]

    @pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf"), 86_401])
    def test_a_timing_is_a_positive_time(self, seconds: float) -> None:
        """Nor is one above a day meant."""
        assert "--heartbeat-seconds" in faults(heartbeat_seconds=seconds)

    def test_comments_come_before_a_follower_gives_up(self) -> None:
        """A quiet stream would be cut again and again."""
        assert faults(comment_seconds=25) == ["--idle-seconds"]

    def test_a_node_is_not_stale_before_it_gives_up(self) -> None:
        """A stream that may still be healthy is not called stale."""
        assert faults(stale_seconds=20) == ["--stale-seconds"]

    def test_every_fault_is_told(self) -> None:
        """The first does not hide the others."""
        assert faults(host=" ", port=-1) == ["--host", "--port"]


class TestOriginSettings:
    """Where the state is."""

    def test_the_database_lies_in_the_data_folder(self) -> None:
        """One folder holds everything, unless it is told otherwise."""
        assert OriginSettings(data=Path("d")).database_url == "sqlite:///d/pennon.db"

    def test_a_data_folder_is_no_file(self, tmp_path: Path) -> None:
        """Told at the start, not at the first write."""
        (tmp_path / "file").touch()

        with pytest.raises(BadInput, match="--data"):
            DatabaseSettings(data=tmp_path / "file")

    def test_an_address_that_is_refused_is_not_repeated(self) -> None:
        """It may hold a password."""
        with pytest.raises(BadInput) as caught:
            DatabaseSettings(database="mysql://user:secret@host/db")

        assert str(caught.value) == (
            "--database: expected sqlite:///PATH or postgresql://USER@HOST/NAME, "
            "got an address of 'mysql'"
        )

    def test_only_pennon_up_makes_a_sample(self) -> None:
        """A real origin starts empty."""
        assert (EmbeddedSettings().sample, OriginSettings().sample) == (True, False)
