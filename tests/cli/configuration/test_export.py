"""`pennon export` against a real `pennon up`."""

from __future__ import annotations

from pathlib import Path

import pytest

from pennon.cli.app import DONE, FAILED, MISUSED, run
from tests.builders.shell import Captured, Shell


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
