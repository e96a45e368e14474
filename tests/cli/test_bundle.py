"""`pennon bundle` refuses what can give no bundle, and writes none then."""

from __future__ import annotations

from pathlib import Path

import pytest

from pennon.cli.app import FAILED, MISUSED, run
from pennon.model.access import format_key
from tests.builders.children import free_port

RELAY = format_key("relay", bytes(32))


class TestBundle:
    @pytest.mark.parametrize(
        ("parent", "key", "environments", "told"),
        [
            ("flags.example.com", RELAY, (), "--parent"),
            ("http://127.0.0.1:1", format_key("server", bytes(32)), (), "--key"),
            ("http://127.0.0.1:1", RELAY, ("--environments", "sh op"), "--environments"),
        ],
    )
    def test_what_is_asked_for_wrongly(
        self,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        parent: str,
        key: str,
        environments: tuple[str, ...],
        told: str,
    ) -> None:
        """The option is named before anybody is asked."""
        folder = tmp_path / "b"
        code = run(["bundle", str(folder), "--parent", parent, "--key", key, *environments])

        assert code == MISUSED
        assert told in capsys.readouterr().err
        assert not folder.exists()

    def test_a_parent_that_does_not_answer(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """It is named, and the key is not."""
        folder, address = tmp_path / "b", f"http://127.0.0.1:{free_port()}"
        code = run(["bundle", str(folder), "--parent", address, "--key", RELAY])

        said = capsys.readouterr().err
        assert code == FAILED
        assert "does not answer" in said
        assert address in said
        assert RELAY not in said
        assert not folder.exists()
