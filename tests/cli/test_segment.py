"""`pennon segment` against a real `pennon up`."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from pennon.cli.app import DONE, FAILED, MISUSED, run
from tests.builders.members import a_csv, many
from tests.tree.processes import Process

Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data folder of an origin that runs, with an external segment."""
    folder = tmp_path_factory.mktemp("up")
    with Process(["up", "--port", "0", "--data", str(folder)], folder / "log") as process:
        process.until_ready()
        keys = json.loads((folder / "keys.json").read_text())
        project = f"{keys['url']}/api/v1/projects/{keys['project']}"
        with httpx2.Client(headers={"Authorization": f"Bearer {keys['adminToken']}"}) as client:
            client.post(f"{project}/segments", json={"key": "vip"}).raise_for_status()
            segment = f"{project}/environments/{keys['environment']}/segments/vip"
            client.patch(segment, json={"external": {}}).raise_for_status()
            flag = f"{project}/environments/{keys['environment']}/flags/new-checkout"
            rule = {"id": "vip", "when": [{"segment": "vip"}], "serve": {"variation": "on"}}
            wanted = {"enabled": True, "targets": [], "rules": [rule]}
            done = client.patch(flag, json=wanted).raise_for_status().json()
            client.get(keys["url"] + done["propagation"], params={"wait": 30}, timeout=60)
        yield folder


def printed(data: Path, capsys: Captured, *arguments: str, code: int = DONE) -> str:
    """Return what a `pennon segment` command prints, of an error on standard error."""
    found = run(["segment", *arguments, "--data", str(data)])
    captured = capsys.readouterr()
    assert found == code, captured
    return captured.err if code else captured.out


def members(data: Path, capsys: Captured, *arguments: str, code: int = DONE) -> str:
    """Return what a `pennon segment members` command prints."""
    return printed(data, capsys, "members", *arguments, code=code)


def asked(data: Path, capsys: Captured, *arguments: str) -> Any:
    """Return what a `pennon segment members` command prints as JSON."""
    return json.loads(members(data, capsys, *arguments, "--json"))


def replace(data: Path, capsys: Captured, folder: Path, *rows: str) -> Any:
    """Upload a list of *rows*, and return what it changed."""
    (folder / "new.csv").write_text(a_csv(*rows))
    return asked(data, capsys, "upload", "vip", str(folder / "new.csv"))


class TestSegments:
    """`pennon segment list` and `show`."""

    def test_are_listed_with_how_many_are_in_them(self, data: Path, capsys: Captured) -> None:
        """An external one says so."""
        rows = printed(data, capsys, "list", "--q", "vip").splitlines()

        assert rows[1].split()[:4] == ["vip", "external", "user", "keys"]

    def test_are_shown_with_their_members(
        self, data: Path, capsys: Captured, tmp_path: Path
    ) -> None:
        """How many, and since which version."""
        done = replace(data, capsys, tmp_path, "ada,true", "eve,false")

        text = printed(data, capsys, "show", "vip")

        assert f"1 user key in, 1 out, since version {done['generation']}" in text


class TestMembers:
    """`pennon segment members add`, `remove`, `get` and `list`."""

    def test_are_added_excluded_and_removed(
        self, data: Path, capsys: Captured, tmp_path: Path
    ) -> None:
        """And looked up."""
        replace(data, capsys, tmp_path, "zoe,true")
        members(data, capsys, "add", "vip", "ada", "bob", "--comment", "Süß")
        members(data, capsys, "add", "vip", "eve", "--exclude")
        members(data, capsys, "remove", "vip", "bob", "zoe")

        assert members(data, capsys, "get", "vip", "ada", "bob", "eve").splitlines() == [
            "ada: in",
            "bob: unlisted",
            "eve: out",
        ]
        assert members(data, capsys, "list", "vip").splitlines()[:2] == ["+ ada", "- eve"]
        assert members(data, capsys, "list", "vip", "--prefix", "e").startswith("- eve\n")

    def test_are_rehearsed(self, data: Path, capsys: Captured, tmp_path: Path) -> None:
        """In words that say that nothing happened."""
        replace(data, capsys, tmp_path, "ada,true")

        text = members(data, capsys, "remove", "vip", "ada", "--dry-run")

        assert text == "~ 1 no longer listed: ada\n0 keys would then be in and 0 out.\n"

    def test_of_another_segment_fail(self, data: Path, capsys: Captured) -> None:
        """In the origin's own words."""
        told = members(data, capsys, "add", "ghost", "ada", code=FAILED)

        assert told == "pennon: There is no segment 'ghost'.\n"


class TestLists:
    """`pennon segment members upload`, `diff`, `download` and `clear`."""

    def test_go_round(self, data: Path, capsys: Captured, tmp_path: Path) -> None:
        """What was downloaded and is uploaded again changes nothing."""
        first, second = tmp_path / "keys", tmp_path / "all.csv"
        first.write_text(many(3_000))
        members(data, capsys, "upload", "vip", str(first))
        told = members(data, capsys, "download", "vip", "--to", str(second))

        again = members(data, capsys, "diff", "vip", str(second))

        assert told == f"3000 keys written to {second}.\n"
        assert again == "Nothing is different.\n3000 keys would then be in and 0 out.\n"

    def test_come_from_standard_input(
        self, data: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """What another program writes."""
        replace(data, capsys, tmp_path, "ada,true", "bob,true")
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"ada\ncyd\n")))

        done = asked(data, capsys, "upload", "vip", "-")

        assert done["first"] == {"added": ["cyd"], "excluded": [], "removed": ["bob"]}

    def test_that_are_wrong_are_told_by_the_line(
        self, data: Path, capsys: Captured, tmp_path: Path
    ) -> None:
        """And nothing is changed."""
        (tmp_path / "bad.csv").write_text(a_csv("ada,true", "bob,perhaps"))

        told = members(data, capsys, "upload", "vip", str(tmp_path / "bad.csv"), code=FAILED)

        assert "line 3: expected true or false as the member, got 'perhaps'" in told

    def test_are_refused_where_the_members_moved_on(
        self, data: Path, capsys: Captured, tmp_path: Path
    ) -> None:
        """By the version that somebody has seen."""
        before = replace(data, capsys, tmp_path, "old,true")["generation"]
        now = replace(data, capsys, tmp_path, "new,true")["generation"]
        asked_for = ["upload", "vip", str(tmp_path / "new.csv"), "--if-generation", str(before)]

        told = members(data, capsys, *asked_for, code=FAILED)

        assert told == (
            f"pennon: The members have changed since version {before}: it is {now} now.\n"
        )

    def test_are_removed_by_who_says_so(self, data: Path, capsys: Captured, tmp_path: Path) -> None:
        """Where nobody can be asked, --yes is needed."""
        replace(data, capsys, tmp_path, "ada,true")
        members(data, capsys, "clear", "vip", "--json", code=FAILED)

        assert asked(data, capsys, "clear", "vip", "--yes")["changes"]["removed"] == 1

    def test_that_are_not_there_fail(self, data: Path, capsys: Captured, tmp_path: Path) -> None:
        """With the file's name."""
        told = members(data, capsys, "upload", "vip", str(tmp_path / "ghost"), code=FAILED)

        assert "ghost" in told

    def test_of_no_limit_are_misused(self, data: Path, capsys: Captured) -> None:
        """What is asked for wrongly is told before anything is asked."""
        told = members(data, capsys, "list", "vip", "--limit", "0", code=MISUSED)

        assert told.startswith("pennon: --limit: expected 1 or more")


class TestEval:
    """`pennon eval` of a flag that asks for an external segment."""

    def test_asks_the_node_who_is_in_it(self, data: Path, capsys: Captured, tmp_path: Path) -> None:
        """As an edge asks its parent."""
        replace(data, capsys, tmp_path, "ada,true")
        found, other = evaluated(data, capsys, "ada"), evaluated(data, capsys, "bob")

        assert (found["reason"], found["ruleId"]) == ("RULE_MATCH", "vip")
        assert other["reason"] == "FALLTHROUGH"
        assert "membershipUnknown" not in other


def evaluated(data: Path, capsys: Captured, user: str) -> Any:
    """Return what `pennon eval` prints of the flag as JSON."""
    assert run(["eval", "new-checkout", "--user", user, "--data", str(data), "--json"]) == DONE
    return json.loads(capsys.readouterr().out)
