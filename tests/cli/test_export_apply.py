"""`pennon export` and `pennon apply` against a real `pennon up`."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pennon.cli.app import DIFFERS, DONE, FAILED, MISUSED, run
from tests.tree.processes import Process

Captured = pytest.CaptureFixture[str]


class Terminal(io.StringIO):
    """A terminal at which somebody has typed an answer."""

    def isatty(self) -> bool:
        """Return that it is one."""
        return True


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data folder of an origin that runs, with the sample in it."""
    folder = tmp_path_factory.mktemp("up")
    with Process(["up", "--port", "0", "--data", str(folder)], folder / "log") as process:
        process.until_ready()
        yield folder


class Shell:
    """Runs `pennon` in a folder, on a project of the test's own."""

    def __init__(self, data: Path, folder: Path, project: str, capsys: Captured) -> None:
        self.data, self.folder, self.project, self.capsys = data, folder, project, capsys
        self.files = folder / "pennon"

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Return the exit code, and what was printed where."""
        code = run([*arguments, "--data", str(self.data)])
        captured = self.capsys.readouterr()
        return code, captured.out, captured.err

    def export(self, *options: str) -> dict[str, list[str]]:
        """Export the project into the files, and return what became of each."""
        arguments = ["export", self.project, "--to", str(self.files), *options, "--json"]
        code, out, error = self.run(*arguments)
        assert code == DONE, error
        found: dict[str, list[str]] = {
            kind: [str(Path(one).relative_to(self.files)) for one in paths]
            for kind, paths in json.loads(out).items()
        }
        return found

    def apply(self, *options: str) -> tuple[int, str, str]:
        """Apply the files."""
        return self.run("apply", str(self.files), *options)

    def flag(self, key: str, environment: str = "production") -> Any:
        """Return a flag as the origin has it."""
        where = ["-p", self.project, "-e", environment, "--json"]
        return json.loads(self.run("flag", "show", key, *where)[1])

    def write(self, key: str, text: str) -> Path:
        """Write a flag's file."""
        path = self.files / "flags" / f"{key}.yaml"
        path.write_text(f"flag: {key}\n{text}")
        return path


@pytest.fixture
def shell(data: Path, tmp_path: Path, request: pytest.FixtureRequest, capsys: Captured) -> Shell:
    """A copy of the sample in a project of its own, with its files."""
    name = request.node.name.replace("_", "-").replace("[", "-").strip("]")[:60].lower()
    project = "".join(letter for letter in name if letter.isalnum() or letter == "-")
    stream = tmp_path / "sample.yaml"
    run(["export", "shop", "--to", "-", "--data", str(data)])
    stream.write_text(capsys.readouterr().out)
    run(["apply", str(stream), "-p", project, "--yes", "--data", str(data)])
    capsys.readouterr()
    shell = Shell(data, tmp_path, project, capsys)
    shell.export()
    return shell


class TestExport:
    """`pennon export`."""

    def test_what_was_exported_is_what_there_is(self, shell: Shell) -> None:
        """Nothing differs, and nothing is written a second time."""
        code, out, _ = shell.apply("--check")
        again = shell.export()

        assert code == DONE
        assert "Nothing is different; 17 so already." in out
        assert (again["written"], len(again["unchanged"])) == ([], 15)

    def test_what_says_the_same_keeps_its_comments(self, shell: Shell) -> None:
        """A file is written only where something in it is different."""
        path = shell.files / "flags" / "page-size.yaml"
        path.write_text("# Ask Ada first\n" + path.read_text())
        shell.run("flag", "off", "home-layout", "-p", shell.project)

        assert shell.export()["written"] == ["flags/home-layout.yaml"]
        assert path.read_text().startswith("# Ask Ada first\n")

    def test_files_of_what_is_gone_are_told_of_and_pruned(self, shell: Shell) -> None:
        """Those that are no documents of a project are nobody's business."""
        shell.write("gone", "type: boolean\n")
        (shell.files / "flags" / "other.yaml").write_text("replicas: 3\n")
        left, removed = shell.export(), shell.export("--prune")

        assert left["stale"] == removed["removed"] == ["flags/gone.yaml"]
        assert (shell.files / "flags" / "other.yaml").exists()

    def test_json_takes_the_place_of_yaml(self, shell: Shell) -> None:
        """And says the same."""
        done = shell.export("--format", "json", "--prune")
        code, _, _ = shell.apply("--check", "--prune")

        assert (len(done["written"]), len(done["removed"]), code) == (15, 15, DONE)

    def test_a_part_prunes_nothing(self, shell: Shell) -> None:
        """What was not asked for is not gone."""
        code, _, error = shell.run("export", "--flag", "new-*", "--prune")

        assert (code, "--prune: needs the whole project" in error) == (MISUSED, True)

    def test_one_environment_leaves_the_others_alone(self, shell: Shell) -> None:
        """In the files, and when they are applied."""
        shell.export("-e", "staging")
        code, out, _ = shell.apply("--check")

        assert code == DONE
        assert "left alone: the environment production.\n" in out
        assert "production" not in (shell.files / "flags" / "new-checkout.yaml").read_text()

    def test_flags_by_their_names(self, shell: Shell) -> None:
        """On standard output, as one stream."""
        code, out, _ = shell.run("export", shell.project, "--flag", "*-checkout", "--to", "-")

        assert code == DONE
        assert out.startswith("flag: new-checkout\ntype: boolean\n")

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["no-such"], "There is no project 'no-such'."),
            (["shop", "-e", "no-such"], "There is no environment 'no-such'"),
            (["shop", "--flag", "no-such"], "No flag of shop is like no-such."),
        ],
    )
    def test_what_does_not_exist(
        self, data: Path, arguments: list[str], message: str, capsys: Captured
    ) -> None:
        """Is said, and writes nothing."""
        code = run(["export", *arguments, "--to", "-", "--data", str(data)])

        captured = capsys.readouterr()
        assert (code, captured.out) == (FAILED, "")
        assert message in captured.err


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
