"""`pennon apply` against a real `pennon up`."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from pennon.cli.app import DIFFERS, DONE, FAILED, MISUSED, run
from tests.builders.shell import Captured, Shell, Terminal


class TestApply:
    """`pennon apply`."""

    def test_a_change_is_shown_checked_and_made(self, shell: Shell) -> None:
        """`--check` says by its exit code that there is one, and makes none."""
        shell.write("page-size", "type: integer\nvariations: [{name: a, value: 1}]\n")
        shell.write("new", "type: boolean\nenvironments: {production: {enabled: on}}\n")
        wrong, _, error = shell.apply("--check")
        shell.write("new", "type: boolean\nenvironments: {production: {enabled: true}}\n")
        shell.run("export", shell.project, "--flag", "page-size", "--to", str(shell.files))
        differs, shown, _ = shell.apply("--check")
        applied, _, _ = shell.apply("--yes", "--comment", "Süß, 100 %")
        same, _, _ = shell.apply("--check")

        assert (wrong, differs, applied, same) == (FAILED, DIFFERS, DONE, DONE)
        assert "new.yaml:3: environments.production.enabled: expected true or false" in error
        assert "+ flag new\n1 to create; 17 so already.\n" in shown
        assert shell.flag("new")["enabled"] is True

    def test_a_place_that_differs_is_named(self, shell: Shell) -> None:
        """With what was and what shall be."""
        shell.run("flag", "on", "kill-recommendations", "-p", shell.project)
        _, out, _ = shell.apply("--dry-run")

        assert (
            '~ flag kill-recommendations\n    ~ environments["production"].enabled: true → false'
            in out
        )

    @pytest.mark.parametrize(("answer", "code"), [("y\n", DONE), ("n\n", FAILED), ("", FAILED)])
    def test_asks_at_a_terminal(
        self, shell: Shell, answer: str, code: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whatever is no yes applies nothing."""
        shell.write("new", "type: boolean\n")
        monkeypatch.setattr("sys.stdin", Terminal(answer))
        done, _, error = shell.apply()
        there, _, _ = shell.run("flag", "show", "new", "-p", shell.project)

        assert (done, there) == (code, code)
        assert error.startswith(f"Apply this to {shell.project}? [y/N] ")

    def test_without_a_terminal_it_wants_a_yes(
        self, shell: Shell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A pipeline is not asked, and does not guess."""
        shell.write("new", "type: boolean\n")
        monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
        code, _, error = shell.apply()

        assert code == FAILED
        assert "there is no terminal to ask at.\n  Give --yes" in error

    def test_what_has_no_file_goes_only_when_it_is_pruned(self, shell: Shell) -> None:
        """Until then it is named and left alone."""
        (shell.files / "flags" / "support-chat.yaml").unlink()
        code, out, _ = shell.apply("--check")
        differs, _, _ = shell.apply("--check", "--prune")
        pruned, shown, _ = shell.apply("--prune", "--yes")
        again, _, _ = shell.apply("--prune", "--check")

        assert (code, differs, pruned, again) == (DONE, DIFFERS, DONE, DONE)
        assert "left alone: the flag support-chat (--prune archives flags and segments)" in out
        assert "- flag support-chat is archived\n1 to archive; 16 so already.\n" in shown

    def test_a_part_of_a_project_prunes_nothing(self, shell: Shell) -> None:
        """All the rest would go."""
        path = str(shell.files / "flags" / "page-size.yaml")
        code, _, error = shell.run("apply", path, "--prune", "-p", shell.project)

        assert (code, "needs a whole project" in error) == (MISUSED, True)

    def test_every_fault_of_every_file_is_told(self, shell: Shell) -> None:
        """With its line; none is applied."""
        shell.write("a", "type: bool\nvarations: []\n")
        shell.write("b", "type: [\n")
        (shell.files / "flags" / "c.yaml").write_text("flga: c\n")
        (shell.files / "flags" / "d.yaml").write_text("flag: page-size\ntype: integer\n")
        code, out, error = shell.apply("--yes")
        told = [line.partition("/flags/")[2] for line in error.splitlines()[1:]]

        assert (code, out) == (FAILED, "")
        assert told == [
            "b.yaml:3: is no YAML: did not find expected node content",
            "a.yaml:2: type: expected one of 'boolean', 'float', 'integer', 'json', 'string', "
            'got the text "bool"',
            "a.yaml:3: varations: unknown field; did you mean 'variations'?",
            "c.yaml:1: expected exactly one of the fields 'project', 'segment' and 'flag', "
            "with a key; did you mean 'flag' by 'flga'?",
            told[4],
        ]
        assert told[4].startswith("page-size.yaml:1: flag: the flag 'page-size' is in ")

    def test_what_the_origin_finds_is_told_of_the_file(self, shell: Shell) -> None:
        """At the line of the part that is wrong, or that holds it."""
        shell.write(
            "new",
            "type: boolean\nenvironments:\n  production:\n    enabled: true\n    rules:\n"
            "      - id: r\n        when: [{segment: nobody}]\n        serve: {variation: on}\n",
        )
        code, _, error = shell.apply("--check")

        assert code == FAILED
        assert (
            "flags/new.yaml:8: environments.production.rules[0].when[0].segment: "
            "there is no segment 'nobody'"
        ) in error

    def test_json_is_one_line(self, shell: Shell) -> None:
        """The plan, and whether it was applied; nobody is asked."""
        shell.write("new", "type: boolean\n")
        _, planned, _ = shell.apply("--json")
        _, applied, _ = shell.apply("--json", "--yes")
        lines = [json.loads(line) for line in (planned, applied)]

        assert [(one["applied"], len(one["changes"])) for one in lines] == [(False, 1), (True, 1)]
        assert [one["version"] for one in lines[1]["environments"]] == [15, 15]

    def test_a_token_that_may_only_look_checks(self, shell: Shell) -> None:
        """And is told what applying takes."""
        shell.write("new", "type: boolean\n")
        create = ["token", "create", "ci", "--role", "viewer", "--on", shell.project]
        token = shell.run(*create)[1].strip()
        checked, out, _ = shell.apply("--check", "--token", token)
        applied, _, error = shell.apply("--yes", "--token", token)

        assert (checked, applied) == (DIFFERS, FAILED)
        assert f"To apply it takes the role 'editor' on {shell.project}" in out
        assert "Nothing was applied: it takes the role 'editor'" in error

    def test_standard_input_is_read_and_not_asked(
        self, shell: Shell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What a command that failed has not written is no empty project."""
        stream = io.TextIOWrapper(io.BytesIO(b"flag: piped\ntype: boolean\n"))
        monkeypatch.setattr("sys.stdin", stream)
        code, _, _ = shell.run("apply", "-", "-p", shell.project, "--yes")
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"")))
        nothing, _, error = shell.run("apply", "-", "-p", shell.project, "--check")

        assert (code, nothing) == (DONE, FAILED)
        assert "standard input: holds no document" in error

    @pytest.mark.parametrize(
        ("path", "message"),
        [("nowhere", "There is neither a folder nor a file"), (".", "holds no configuration")],
    )
    def test_nothing_there(
        self, data: Path, path: str, message: str, tmp_path: Path, capsys: Captured
    ) -> None:
        """Is a failure and no empty project."""
        code = run(["apply", str(tmp_path / path), "--check", "--data", str(data)])

        assert (code, message in capsys.readouterr().err) == (FAILED, True)
