"""What a server says when it is ready."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from pennon.cli.announce import (
    announcement_text,
    connector_text,
    edge_text,
    evaluate_curl,
    flip_curl,
)
from pennon.cli.output import print_text
from pennon.model.ready import Announcement, NodeReady


def an_announcement(**fields: Any) -> Announcement:
    return Announcement(
        **{
            "url": "http://127.0.0.1:8620",
            "admin_token": "ADMIN",
            "server_key": "SERVER",
            "client_key": "CLIENT",
            "relay_key": "RELAY",
            "project": "shop",
            "environment": "production",
            **fields,
        }
    )


class TestAnnouncement:
    """`announcement_text`."""

    def test_shows_every_key(self) -> None:
        """All four are there to be copied."""
        text = announcement_text(an_announcement()).plain

        assert all(key in text for key in ("ADMIN", "SERVER", "CLIENT", "RELAY"))

    def test_how_it_is_called(self) -> None:
        """What is not on the path of other terminals is named by where it is."""
        text = announcement_text(an_announcement(), command=".venv/bin/pennon").plain

        assert "\n.venv/bin/pennon flag list\n" in text

    def test_names_the_data_folder_in_what_to_try(self) -> None:
        """Commands find their keys where this start keeps them."""
        text = announcement_text(an_announcement(), Path("elsewhere")).plain

        assert "pennon flag on new-checkout --data elsewhere" in text

    def test_a_narrow_terminal_breaks_no_command(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """What is copied from the screen is what was meant."""
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setenv("COLUMNS", "30")

        print_text(announcement_text(an_announcement()))

        printed = capsys.readouterr().out
        assert evaluate_curl(an_announcement()) in printed
        assert flip_curl(an_announcement()) in printed

    def test_another_project_is_not_taken_for_the_sample(self) -> None:
        """A start on one's own flags shows no command that cannot work."""
        text = announcement_text(an_announcement(project="mine")).plain

        assert "pennon flag list" in text
        assert "new-checkout" not in text

    def test_keys_that_are_not_there_are_left_out(self) -> None:
        """An empty origin has no environment to give a server key for."""
        empty = {"server_key": "", "client_key": "", "project": "", "environment": ""}

        text = announcement_text(an_announcement(**empty)).plain

        assert "server key" not in text
        assert "relay key" in text


class TestCurl:
    """The commands to copy."""

    def test_evaluates_with_the_server_key(self) -> None:
        """A shell reads it as one command with a JSON body."""
        command = shlex.split(evaluate_curl(an_announcement()).replace("\\\n", ""))

        assert "http://127.0.0.1:8620/ofrep/v1/evaluate/flags/new-checkout" in command
        assert "Authorization: Bearer SERVER" in command
        assert json.loads(command[-1]) == {"context": {"targetingKey": "ada"}}

    def test_flips_with_the_admin_token(self) -> None:
        """It enables the flag in the environment that was announced."""
        command = shlex.split(flip_curl(an_announcement()).replace("\\\n", ""))

        assert command[:4] == ["curl", "-s", "-X", "PATCH"]
        assert "Authorization: Bearer ADMIN" in command
        assert json.loads(command[-1]) == {"enabled": True}


class TestConnector:
    """`connector_text`."""

    def test_says_who_it_is_and_what_it_forwards(self) -> None:
        """Node, PoP, environments, and where to follow it."""
        ready = NodeReady(url="http://h:1", node="n1", pop="hub", environments=("shop/staging",))

        text = connector_text(ready).plain

        assert "Connector n1 in PoP hub is ready" in text
        assert "http://h:1/sync/v1" in text
        assert "shop/staging" in text


class TestEdge:
    """`edge_text`."""

    def test_says_who_it_is_and_what_it_serves(self) -> None:
        """Node, PoP and environments are named."""
        ready = NodeReady(url="http://h:1", node="n1", pop="ams", environments=("shop/staging",))

        text = edge_text(ready).plain

        assert "Edge n1 in PoP ams is ready" in text
        assert "shop/staging" in text
