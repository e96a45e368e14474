"""`pennon user` and `pennon token` against a real `pennon up`."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pennon.cli.app import DONE, FAILED, MISUSED, run
from tests.tree.processes import Process

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data folder of an origin that runs."""
    folder = tmp_path_factory.mktemp("up")
    with Process(["up", "--port", "0", "--data", str(folder)], folder / "log") as process:
        process.until_ready()
        yield folder


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the password on standard input."""
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))


def asked(capsys: pytest.CaptureFixture[str], data: Path, *arguments: str) -> Any:
    """Return the JSON that a command prints."""
    code = run([*arguments, "--json", "--data", str(data)])
    printed = capsys.readouterr()
    assert code == DONE, printed.err
    return json.loads(printed.out)


class TestUser:
    @pytest.mark.usefixtures("typed")
    def test_is_created_granted_and_disabled(
        self, data: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Each by name."""
        created = asked(
            capsys, data, "user", "create", "ada", "--role", "editor", "--on", "shop",
            "--password-stdin",
        )  # fmt: skip
        granted = asked(
            capsys, data, "user", "grant", "ada", "--role", "admin", "--on", "shop/staging"
        )
        disabled = asked(capsys, data, "user", "disable", "ada")
        run(["user", "list", "--data", str(data)])
        listed = capsys.readouterr().out

        assert created["grants"] == [{"role": "editor", "scope": ["shop"]}]
        assert granted["grants"][1] == {"role": "admin", "scope": ["shop/staging"]}
        assert disabled["disabled"]
        assert "editor on shop, admin on shop/staging" in listed
        assert "disabled" in listed

    @pytest.mark.usefixtures("typed")
    def test_a_password_is_set(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """From standard input, so that it stands in no list of processes."""
        where = ["--data", str(data)]
        run(["user", "create", "bob", "--password-stdin", *where])
        again = io.StringIO(f"another {PASSWORD}\n")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.stdin", again)
            code = run(["user", "password", "bob", "--password-stdin", *where])

        assert code == DONE
        assert capsys.readouterr().out.splitlines()[-1] == "The password of bob is set."

    @pytest.mark.usefixtures("typed")
    def test_is_not_asked_where_nobody_can_answer(
        self, data: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A script says that it gives the password."""
        code = run(["user", "create", "eve", "--data", str(data)])

        assert code == MISUSED
        assert capsys.readouterr().err.startswith("pennon: --password-stdin")

    def test_an_unknown_user_fails(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Also one whose name is a part of another's."""
        code = run(["user", "disable", "nobody", "--data", str(data)])

        assert (code, capsys.readouterr().err) == (FAILED, "pennon: There is no user 'nobody'.\n")


class TestToken:
    def test_is_created_used_and_revoked(
        self, data: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """What is printed is what is used."""
        where = ["--data", str(data)]
        run(["token", "create", "deploys", "--role", "viewer", "--on", "shop/staging", *where])
        secret = capsys.readouterr().out.strip()
        (token,) = [
            one for one in asked(capsys, data, "token", "list")["items"] if one["name"] == "deploys"
        ]
        used = run(["flag", "list", "-e", "staging", "--token", secret, *where])
        capsys.readouterr()
        refused = run(["flag", "on", "new-checkout", "--token", secret, *where])
        told = capsys.readouterr().err
        run(["token", "revoke", token["id"], *where])
        revoked = run(["flag", "list", "-e", "staging", "--token", secret, *where])

        assert (used, refused, revoked) == (DONE, FAILED, FAILED)
        assert "The role 'editor' on 'shop/production' is needed" in told

    def test_the_list_says_what_each_may_do(
        self, data: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """And until when."""
        where = ["--data", str(data)]
        until = "2999-01-01T00:00Z"
        may = ["--role", "editor", "--on", "shop"]
        run(["token", "create", "ci", *may, "--expires", until, *where])
        run(["token", "list", *where])
        printed = capsys.readouterr().out

        assert "admin on everything" in printed
        assert "until 2999-01-01 00:00 UTC" in printed

    @pytest.mark.parametrize("time", ["tomorrow", "2999-01-01T00:00", "2999-01-01"])
    def test_a_time_has_its_offset(
        self, data: Path, time: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A machine's own clock is no measure for another's."""
        may = ["--role", "editor", "--on", "shop"]
        code = run(["token", "create", "ci", *may, "--expires", time, "--data", str(data)])

        assert code == MISUSED
        assert capsys.readouterr().err.startswith("pennon: --expires: expected a time")

    def test_needs_a_scope(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Nothing is granted on everything by leaving something out."""
        code = run(["token", "create", "ci", "--role", "admin", "--data", str(data)])

        assert code == MISUSED
        assert "--on" in capsys.readouterr().err
