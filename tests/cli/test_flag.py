"""`pennon flag` against a management API on a real socket."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pennon.cli.app import DONE, FAILED, MISUSED, run
from tests.builders.management_api import TOKEN, ManagementApi, a_flag, serving


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ManagementApi]:
    """An API with three flags, whose keys lie where `pennon up` saves them."""
    monkeypatch.chdir(tmp_path)
    with serving(
        a_flag("new-checkout", tags=["checkout"]),
        a_flag("dark-mode", enabled=True, rules=[{"id": "r1", "serve": {"variation": "off"}}]),
        a_flag("old-checkout", description="To be removed [soon]"),
    ) as api:
        _save_keys(
            tmp_path / "pennon-data",
            {"url": api.url, "adminToken": TOKEN, "project": "shop", "environment": "production"},
        )
        yield api


def _save_keys(folder: Path, keys: dict[str, str]) -> None:
    folder.mkdir()
    (folder / "keys.json").write_text(json.dumps(keys))


class TestList:
    """`pennon flag list`."""

    def test_follows_the_cursor(
        self, api: ManagementApi, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Every page is fetched: the list is whole."""
        code = run(["flag", "list"])

        lines = capsys.readouterr().out.splitlines()
        assert code == DONE
        assert [line.split()[0] for line in lines] == [
            "KEY",
            "new-checkout",
            "dark-mode",
            "old-checkout",
        ]

    def test_says_what_each_flag_serves(
        self, api: ManagementApi, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A row tells the state, what is served and how many exceptions there are."""
        run(["flag", "list", "--q", "dark"])

        row = capsys.readouterr().out.splitlines()[1].rstrip()
        assert re.split(r"\s{2,}", row) == ["dark-mode", "boolean", "on", "on, 1 rule", "never"]

    def test_tells_the_use(self, api: ManagementApi, capsys: pytest.CaptureFixture[str]) -> None:
        """Filters by use are asked of the origin, and a row tells what it knows."""
        api.flags["dark-mode"].update(
            status="launched", stale=True, lastRequestedAt="2026-11-22T12:03:59Z"
        )
        since = "2026-11-01T00:00:00Z"
        options = ["--stale", "--requested", "--requested-since", since, "--status", "launched"]
        run(["flag", "list", "--q", "dark", *options, "--sort", "-lastRequestedAt"])

        row = capsys.readouterr().out.splitlines()[1].rstrip()
        assert re.split(r"\s{2,}", row)[-2:] == ["launched, stale", "2026-11-22 12:03Z"]
        assert {name: values[0] for name, values in api.queries[0].items()} == {
            "q": "dark",
            "stale": "true",
            "requested": "true",
            "requestedSince": since,
            "status": "launched",
            "sort": "-lastRequestedAt",
            "limit": "100",
        }

    def test_stops_at_the_limit(
        self, api: ManagementApi, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The limit counts flags, not pages."""
        run(["flag", "list", "--limit", "1", "--json"])

        assert [flag["key"] for flag in json.loads(capsys.readouterr().out)["items"]] == [
            "new-checkout"
        ]

    def test_a_limit_below_one_is_misuse(
        self, api: ManagementApi, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The error names the option, and nothing is asked."""
        code = run(["flag", "list", "--limit", "0"])

        assert code == MISUSED
        assert capsys.readouterr().err == "pennon: --limit: expected 1 or more, got 0\n"
        assert api.queries == []

    def test_no_match_is_said(self, api: ManagementApi, capsys: pytest.CaptureFixture[str]) -> None:
        """An empty list is an answer in words, not an empty table."""
        code = run(["flag", "list", "--q", "nothing-like-it"])

        assert (code, capsys.readouterr().out) == (DONE, "No flag of shop/production matches.\n")


class TestShow:
    """`pennon flag show`."""

    def test_draws_the_flag(self, api: ManagementApi, capsys: pytest.CaptureFixture[str]) -> None:
        """Text that looks like mark-up is printed as it is."""
        code = run(["flag", "show", "old-checkout"])

        text = capsys.readouterr().out
        assert code == DONE
        assert "old-checkout  boolean, off in shop/production, version 7" in text
        assert "To be removed [soon]" in text

    def test_tells_the_use(self, api: ManagementApi, capsys: pytest.CaptureFixture[str]) -> None:
        """When it was last asked for, and the share of each variation, whatever the reasons."""
        api.evaluations = {
            "lastRequestedAt": "2026-11-22T12:03:59.999Z",
            "totals": [
                {"variation": "on", "reason": "RULE_MATCH", "count": 2000},
                {"variation": "on", "reason": "FALLTHROUGH", "count": 1000},
                {"variation": None, "reason": "ERROR", "count": 1000},
            ],
        }
        run(["flag", "show", "dark-mode"])

        lines = [line.strip() for line in capsys.readouterr().out.splitlines()[-3:]]
        assert lines == [
            "requested   2026-11-22 12:03Z",
            "last 24 h   on 75 % (3,000)",
            "the caller's default 25 % (1,000)",
        ]

    def test_json_is_what_the_origin_said(
        self, api: ManagementApi, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Fields that this version does not know are kept."""
        api.flags["dark-mode"]["later"] = 1

        run(["flag", "show", "dark-mode", "--json"])

        assert json.loads(capsys.readouterr().out) == api.flags["dark-mode"]

    def test_an_unknown_flag_fails(
        self, api: ManagementApi, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The origin's own sentence is what is said."""
        code = run(["flag", "show", "nope"])

        assert (code, capsys.readouterr().err) == (FAILED, "pennon: There is no flag 'nope'.\n")

    def test_a_key_cannot_leave_its_place_in_the_path(
        self, api: ManagementApi, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """``..`` is no flag key: it would name another resource."""
        assert run(["flag", "show", ".."]) == MISUSED


class TestSwitch:
    """`pennon flag on` and `pennon flag off`."""

    def test_on_enables(self, api: ManagementApi, capsys: pytest.CaptureFixture[str]) -> None:
        """The answer tells the version and where to see who has it."""
        code = run(["flag", "on", "new-checkout"])

        assert code == DONE
        assert api.flags["new-checkout"]["enabled"] is True
        assert capsys.readouterr().out == (
            "new-checkout is on in shop/production since version 8.\n"
            f"Who has it: {api.url}/api/v1/versions/8/propagation\n"
        )

    def test_off_disables(self, api: ManagementApi, capsys: pytest.CaptureFixture[str]) -> None:
        """With `--json` the flag is printed as the origin gave it."""
        code = run(["flag", "off", "dark-mode", "--json"])

        assert code == DONE
        assert json.loads(capsys.readouterr().out)["enabled"] is False

    def test_a_comment_may_hold_any_character(self, api: ManagementApi) -> None:
        """It travels percent-encoded."""
        run(["flag", "on", "new-checkout", "--comment", "Süß, 100 %\n"])

        assert api.comments == ["Süß, 100 %\n"]


class TestWhereItAsks:
    """Which origin is asked, with which token."""

    def test_the_environment_variable_stands_for_the_option(
        self, api: ManagementApi, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """``PENNON_TOKEN`` is ``--token``."""
        monkeypatch.setenv("PENNON_TOKEN", "another")

        assert run(["flag", "list"]) == FAILED

    def test_a_refused_token_is_explained(
        self, api: ManagementApi, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A 401 says how a token is given."""
        run(["flag", "list", "--token", "another"])

        assert capsys.readouterr().err == (
            "pennon: No such token.\n  Give the admin token with --token or PENNON_TOKEN.\n"
        )

    def test_nothing_there_is_explained(
        self, api: ManagementApi, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """No traceback where nobody listens, but what to do."""
        code = run(["flag", "list", "--url", "http://127.0.0.1:1"])

        assert code == FAILED
        assert capsys.readouterr().err.startswith("pennon: Nothing answers at http://127.0.0.1:1.")

    def test_each_fault_that_the_origin_finds_is_a_line(
        self, api: ManagementApi, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Faults keep the path that the origin gave."""
        run(["flag", "list", "--q", "refuse"])

        assert capsys.readouterr().err == (
            "pennon: The input is wrong\n  ?q: expected something else\n"
        )

    def test_an_error_can_be_json(
        self, api: ManagementApi, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """With `--json` a program reads the failure as well."""
        run(["flag", "show", "nope", "--json"])

        assert json.loads(capsys.readouterr().err) == {
            "error": "There is no flag 'nope'.",
            "details": [],
        }
