"""`pennon eval` over datafiles in files and folders."""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pennon.cli.app import DONE, FAILED, MISUSED, run
from pennon.kv.datafiles import Datafiles, pack
from pennon.kv.directory import DirectoryKv
from pennon.model.codec import encode_item, encode_snapshot
from pennon.model.flag import Flag
from pennon.model.messages import Snapshot
from pennon.model.segment import Segment
from tests.builders.flags import (
    a_clause,
    a_flag,
    a_rule,
    a_segment,
    in_segment,
    members,
    serving,
    splitting,
)
from tests.builders.relay import a_snapshot

FLAGS = (
    a_flag("new-checkout", default=serving("on")),
    a_flag("by-country", rules=(a_rule(a_clause("/address/country", "in", "DE")),)),
    a_flag("by-plan", rules=(a_rule(a_clause("plan", "in", "pro", kind="organization")),)),
    a_flag("by-age", rules=(a_rule(a_clause("age", "greaterThan", 18)),)),
    a_flag("for-testers", rules=(a_rule(in_segment("testers")),)),
    a_flag("split", default=splitting(("on", 50_000), ("off", 50_000))),
    a_flag("broken", default=serving("gone")),
)
TESTERS = a_segment("testers", include=(members("ada"),))


def a_shop(environment: str = "shop/production", *items: Flag | Segment) -> Snapshot:
    """Return an environment at version 7 that holds *items*, or those above."""
    return a_snapshot(
        7,
        {
            ("flag" if isinstance(item, Flag) else "segment", item.key): encode_item(item)
            for item in items or (*FLAGS, TESTERS)
        },
        environment=environment,
    )


@pytest.fixture
def datafile(tmp_path: Path) -> str:
    """A file that holds the flags above, as a node serves it."""
    path = tmp_path / "flags.json"
    path.write_bytes(encode_snapshot(a_shop()))
    return str(path)


@pytest.fixture
def edge(tmp_path: Path) -> Path:
    """The data folder of an edge that follows two environments."""
    folder = tmp_path / "edge"
    kept = Datafiles(DirectoryKv(folder))
    asyncio.run(kept.save(a_snapshot(7, environment="$access")))
    for environment in ("shop/production", "shop/staging"):
        asyncio.run(kept.save(a_shop(environment)))
    return folder


def evaluated(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """Return the JSON that `pennon eval` prints for *arguments*."""
    run(["eval", *arguments, "--json"])
    return json.loads(capsys.readouterr().out)


class TestAnswer:
    """What is printed."""

    def test_says_value_variation_and_reason(
        self, datafile: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """And which flags were evaluated."""
        code = run(["eval", "new-checkout", "--user", "ada", "--datafile", datafile])

        assert code == DONE
        assert capsys.readouterr().out == (
            "new-checkout = true\n"
            "  variation   on\n"
            "  reason      FALLTHROUGH: the default\n"
            f"  from        shop/production at version 7, {datafile}\n"
        )

    def test_explains(self, datafile: str, capsys: pytest.CaptureFixture[str]) -> None:
        """The steps follow the answer."""
        run(["eval", "by-country", "--user", "ada", "--datafile", datafile, "--explain"])

        assert capsys.readouterr().out.partition("\n\n")[2] == (
            "  ✓ the flag is on\n"
            "  ✗ rule 1, r\n"
            '    ✗ /address/country is "DE"; it is not set\n'
            "  ✓ otherwise\n"
            "    → off\n"
        )

    def test_json_is_the_detail(self, datafile: str, capsys: pytest.CaptureFixture[str]) -> None:
        """One line that a program reads."""
        assert evaluated(capsys, "new-checkout", "--datafile", datafile) == {
            "flag": "new-checkout",
            "variation": "on",
            "index": 0,
            "value": True,
            "reason": "FALLTHROUGH",
            "version": 1,
        }

    def test_json_explains(self, datafile: str, capsys: pytest.CaptureFixture[str]) -> None:
        """The explanation holds the detail."""
        answer = evaluated(
            capsys, "for-testers", "--user", "ada", "--explain", "--datafile", datafile
        )

        assert answer["detail"]["variation"] == "on"
        assert [step["step"] for step in answer["steps"]] == ["enabled", "rule"]
        assert answer["segments"]["testers"]["by"] == "include"

    def test_a_flag_without_a_value_says_so(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """No value is no error: the caller has a default."""
        path = tmp_path / "flags.json"
        path.write_bytes(encode_snapshot(a_shop("shop/test", a_flag(enabled=False, off=None))))

        code = run(["eval", "f", "--datafile", str(path)])

        assert code == DONE
        assert capsys.readouterr().out.startswith("f has no value: the caller's default applies\n")


class TestAll:
    """`--all`."""

    def test_is_a_row_for_each_flag(
        self, datafile: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """In the order of the datafile, after a line that says which it is."""
        run(["eval", "--all", "--user", "ada", "--datafile", datafile])

        lines = capsys.readouterr().out.splitlines()
        assert lines[0] == f"shop/production at version 7, {datafile}"
        assert [line.split()[0] for line in lines[3:]] == [flag.key for flag in FLAGS]

    def test_fails_where_one_is_in_error(
        self, datafile: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The others are printed all the same, and the fault is named."""
        code = run(["eval", "--all", "--user", "ada", "--datafile", datafile])

        out, err = capsys.readouterr()
        assert (code, "new-checkout" in out) == (FAILED, True)
        assert err == (
            "pennon: 1 of 7 flags are in error\n"
            "  broken: Reached the variation 'gone', which does not exist.\n"
        )

    def test_json_is_a_list(self, datafile: str, capsys: pytest.CaptureFixture[str]) -> None:
        """Of details, or of explanations."""
        answer = evaluated(capsys, "--all", "--datafile", datafile, "--explain")

        assert [item["detail"]["flag"] for item in answer["items"]] == [flag.key for flag in FLAGS]

    def test_explains_each_in_a_block(
        self, datafile: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """As if each had been asked for alone."""
        run(["eval", "--all", "--datafile", datafile, "--explain"])

        assert capsys.readouterr().out.count("the flag is on") == len(FLAGS)


class TestContext:
    """Whom the flag is evaluated for."""

    @pytest.mark.parametrize(
        "options",
        [
            ["--attr", "/address/country=DE"],
            ["--attr", 'address={"country": "DE"}'],
            ["--context", '{"address": {"country": "DE"}}'],
            ["--context", '{"address": {"city": "Ulm"}}', "--attr", "/address/country=DE"],
        ],
    )
    def test_attributes_come_by_option_or_json(
        self, options: list[str], datafile: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A path reaches into an object, and leaves the rest of it."""
        answer = evaluated(capsys, "by-country", "--datafile", datafile, *options)

        assert answer["variation"] == "on"

    @pytest.mark.parametrize(("value", "variation"), [("19", "on"), ('"19"', "off"), ("x", "off")])
    def test_a_value_is_json_where_it_can_be(
        self, value: str, variation: str, datafile: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A number in quotes is text."""
        answer = evaluated(capsys, "by-age", "--attr", f"age={value}", "--datafile", datafile)

        assert answer["variation"] == variation

    @pytest.mark.parametrize(
        "options",
        [
            ["--kind", "organization", "--attr", "plan=pro"],
            ["--context", '{"kind": "organization", "plan": "pro"}'],
            ["--context", '{"kind": "organization"}', "--attr", "plan=pro"],
            ["--context", '{"key": "ada"}', "--kind", "organization", "--attr", "plan=pro"],
            ["--context", '{"kind": "multi", "user": {}, "organization": {"plan": "pro"}}'],
        ],
    )
    def test_there_can_be_other_kinds(
        self, options: list[str], datafile: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Options add to the only kind of the context, or to the one that is named."""
        answer = evaluated(capsys, "by-plan", "--datafile", datafile, *options)

        assert answer["variation"] == "on"

    @pytest.mark.parametrize("option", ["--user", "--targeting-key"])
    def test_the_key_has_two_names(
        self, option: str, datafile: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Ours and OpenFeature's."""
        answer = evaluated(capsys, "for-testers", option, "ada", "--datafile", datafile)

        assert answer["variation"] == "on"

    def test_a_file_may_hold_it(
        self, datafile: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """``@`` stands before its name."""
        (tmp_path / "ada.json").write_text('{"targetingKey": "ada"}')
        context = f"@{tmp_path / 'ada.json'}"

        answer = evaluated(capsys, "for-testers", "--context", context, "--datafile", datafile)

        assert answer["variation"] == "on"

    def test_standard_input_may_hold_it(
        self,
        datafile: str,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """``-`` reads it."""
        monkeypatch.setattr("sys.stdin", io.StringIO('{"key": "ada"}'))

        answer = evaluated(capsys, "for-testers", "--context", "-", "--datafile", datafile)

        assert answer["variation"] == "on"


class TestSource:
    """Where the flags are."""

    @pytest.mark.parametrize(
        "data",
        [
            encode_snapshot(a_shop()),
            msgspec.json.encode({"flags": {"new-checkout": FLAGS[0]}}),
            pack(a_shop()),
        ],
        ids=["envelope", "datafile", "packed"],
    )
    def test_a_file_of_any_form(
        self, data: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """As a node serves it, as written by hand, and as an edge keeps it."""
        path = tmp_path / "file"
        path.write_bytes(data)

        answer = evaluated(capsys, "new-checkout", "--datafile", str(path))

        assert answer["variation"] == "on"

    def test_the_folder_of_an_edge(self, edge: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """The environment is named, or told by its project and its own key."""
        folder = ["new-checkout", "--data", str(edge)]

        whole = evaluated(capsys, *folder, "-e", "shop/staging")
        parts = evaluated(capsys, *folder, "-p", "shop", "-e", "staging")

        assert whole == parts

    def test_the_only_environment_need_not_be_named(
        self, edge: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Keys that lie beside it are no environment."""
        (edge / "shop~staging.datafile").unlink()

        assert evaluated(capsys, "new-checkout", "--data", str(edge))["variation"] == "on"

    def test_one_of_several_is_to_be_named(
        self, edge: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The error names those that there are."""
        code = run(["eval", "new-checkout", "--data", str(edge)])

        assert code == MISUSED
        assert capsys.readouterr().err == (
            "pennon: --environment: is needed, one of shop/production, shop/staging\n"
        )


class TestErrors:
    """An error of the flag fails; what was asked for wrongly is misuse."""

    def test_an_unknown_flag_fails(self, datafile: str, capsys: pytest.CaptureFixture[str]) -> None:
        """The nearest key is offered."""
        code = run(["eval", "new-chekout", "--datafile", datafile])

        assert (code, *capsys.readouterr()) == (
            FAILED,
            "",
            "pennon: There is no flag 'new-chekout'.\n  Did you mean new-checkout?\n",
        )

    def test_a_flag_in_error_fails(self, datafile: str, capsys: pytest.CaptureFixture[str]) -> None:
        """What it answers is printed first."""
        code = run(["eval", "broken", "--datafile", datafile])

        out, err = capsys.readouterr()
        assert code == FAILED
        assert "reason      ERROR: PARSE_ERROR" in out
        assert err == "pennon: Reached the variation 'gone', which does not exist.\n"

    def test_a_split_without_a_key_says_how_to_give_one(
        self, datafile: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The most common mistake has its hint."""
        code = run(["eval", "split", "--datafile", datafile])

        assert code == FAILED
        assert "Say who it is with --user" in capsys.readouterr().err

    def test_an_error_is_json_too(self, datafile: str, capsys: pytest.CaptureFixture[str]) -> None:
        """The detail on standard output, the error on standard error."""
        run(["eval", "nope", "--datafile", datafile, "--json"])

        out, err = capsys.readouterr()
        assert json.loads(out)["errorCode"] == "FLAG_NOT_FOUND"
        assert json.loads(err)["error"] == "There is no flag 'nope'."

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ([], "FLAG_KEY: expected a flag's key, or --all"),
            (["x", "--all"], "--all: expected no flag's key beside it, got 'x'"),
            (["x", "--attr", "plan"], "--attr: expected one such as plan=pro, got 'plan'"),
            (["x", "--attr", "//=1"], "--attr: expected one such as plan=pro, got '//=1'"),
            (["x", "--context", "{"], "--context: $: expected JSON: Input data was truncated"),
            (["x", "--context", "1"], "--context: $: expected a context object, got a number"),
            (["x", "--context", '{"kind": 1}'], "--context: $.kind: expected a kind of letters"),
            (["x", "--context", "@nowhere"], "--context: expected a file that can be read"),
            (["x", "--context", "{}", "--kind", "org"], "--kind: expected --user or --attr"),
            (["x", "--kind", "a b"], "--kind"),
            (["x", "--datafile", "nowhere"], "--datafile: expected a file at nowhere"),
            (["x", "--data", "nowhere"], "--data: expected a data folder"),
            (["x", "--parent", "nowhere"], "--parent: expected an address"),
            (["x", "--parent", "http://127.0.0.1:1"], "--key: is needed"),
            (["x", "--key", "k", "-e", "staging"], "--environment: expected an environment"),
            (["x"], "--datafile: is needed, or --data or --parent"),
        ],
    )
    def test_misuse_names_the_option(
        self,
        arguments: list[str],
        message: str,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """And what was expected."""
        monkeypatch.chdir(tmp_path)

        code = run(["eval", *arguments])

        out, err = capsys.readouterr()
        assert (code, out) == (MISUSED, "")
        assert err.startswith(f"pennon: {message}")

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"{", "$: expected JSON"),
            (b'{"flags": []}', "$: expected a datafile: Expected `object`, got `array`"),
            (b"pennon-datafile 1 torn", "$: expected a head line"),
        ],
    )
    def test_a_file_that_is_no_datafile_is_misuse(
        self, data: bytes, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The file and the place in it are named."""
        path = tmp_path / "file"
        path.write_bytes(data)

        code = run(["eval", "x", "--datafile", str(path)])

        assert code == MISUSED
        assert capsys.readouterr().err.startswith(f"pennon: --datafile {path}: {message}")
