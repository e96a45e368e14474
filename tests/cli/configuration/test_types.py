"""`pennon types` against a real `pennon up`."""

from __future__ import annotations

import json
from pathlib import Path

from pennon.cli.app import DIFFERS, DONE
from tests.builders.shell import Shell


class TestTypes:
    """`pennon types`."""

    def test_writes_what_pages_and_apps_see(self, shell: Shell, tmp_path: Path) -> None:
        """Once: what says the same is left as it is."""
        path = tmp_path / "flags.d.ts"
        _, first, _ = shell.run("types", shell.project, "--to", str(path), "--json")
        code, again, _ = shell.run("types", shell.project, "--to", str(path), "--json")

        assert code == DONE
        assert '    "new-checkout": boolean;\n' in path.read_text()
        assert "kill-recommendations" not in path.read_text()
        assert [json.loads(one)["written"] for one in (first, again)] == [True, False]

    def test_check(self, shell: Shell, tmp_path: Path) -> None:
        """It writes nothing, and says when there is something to write."""
        path = tmp_path / "flags.d.ts"
        arguments = ("types", shell.project, "--to", str(path), "--check")
        missing, _, error = shell.run(*arguments)
        was_written = path.exists()
        shell.run("types", shell.project, "--to", str(path))
        same, _, _ = shell.run(*arguments)

        assert (missing, was_written, same) == (DIFFERS, False, DONE)
        assert "flags.d.ts is not what the flags of" in error

    def test_standard_output(self, shell: Shell) -> None:
        """A file is not needed."""
        code, out, _ = shell.run("types", shell.project, "--to", "-", "--client-side", "mobile")

        assert code == DONE
        assert out.startswith("// Written by `pennon types`")
        assert "new-checkout" not in out
