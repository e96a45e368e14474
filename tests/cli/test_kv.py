"""`pennon kv`: L3 held against the database, and made from it."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from pennon.cli.app import DONE, FAILED, run
from pennon.kv.datafiles import Datafiles
from pennon.kv.directory import DirectoryKv
from pennon.model.access import AccessEnvironment
from pennon.model.position import ACCESS
from pennon.origin.bus.memory import MemoryBus
from pennon.origin.changelog import Changelog, Transaction, snapshot
from pennon.origin.db import Database, migrate
from tests.builders.nats import a_nats
from tests.builders.origin import Clock, a_flag, add_environment, publish
from tests.builders.relay import SHOP, a_snapshot


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder, in which is a database with a shop."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "pennon-data"
    folder.mkdir()
    url = f"sqlite:///{folder / 'pennon.db'}"
    migrate(url)
    asyncio.run(_fill(url))
    return folder


async def _fill(url: str) -> None:
    async with Database.open(url) as database:
        await database.write(partial(add_environment, name=SHOP))
        changelog = Changelog(database, MemoryBus(), Clock())

        def announce(transaction: Transaction) -> None:
            transaction.lock([ACCESS])
            transaction.publish(ACCESS, "environment", SHOP, AccessEnvironment(key=SHOP))

        await changelog.commit(announce)
        await publish(changelog, SHOP, a_flag("a"), a_flag("b"))


async def _in_database(url: str) -> Any:
    def read(connection: Connection) -> Any:
        return snapshot(connection, SHOP)

    async with Database.open(url) as database:
        return await database.read(read)


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """Return what a command that works says to programs."""
    capsys.readouterr()
    assert run([*arguments, "--json"]) == DONE
    return json.loads(capsys.readouterr().out)


def states(report: Any) -> dict[str, str]:
    """Return the state of each environment."""
    return {one["environment"]: one["state"] for one in report["environments"]}


class TestStatus:
    def test_each_state(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """An environment is missing, broken, behind, current, or ahead of the database."""
        folder = data / "l3"
        found = [states(told(capsys, "kv", "status"))[SHOP]]
        asyncio.run(Datafiles(DirectoryKv(folder)).save(a_snapshot(1)))
        found.append(states(told(capsys, "kv", "status"))[SHOP])
        told(capsys, "kv", "rebuild")
        found.append(states(told(capsys, "kv", "status"))[SHOP])
        file = folder / "shop~production.datafile"
        file.write_bytes(file.read_bytes()[:-1])
        found.append(states(told(capsys, "kv", "status"))[SHOP])
        asyncio.run(Datafiles(DirectoryKv(folder)).save(_far_ahead()))
        found.append(states(told(capsys, "kv", "status"))[SHOP])

        assert found == ["missing", "behind", "current", "broken", "ahead"]

    def test_for_people(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A line for each environment, `$access` among them."""
        assert run(["kv", "status"]) == DONE
        lines = capsys.readouterr().out.splitlines()

        assert [line.split()[0] for line in lines] == ["ENVIRONMENT", ACCESS, SHOP]
        assert lines[2].split()[-1] == "missing"


class TestRebuild:
    def test_a_folder(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """What is in the database is in L3, byte for byte."""
        done = told(capsys, "kv", "rebuild")
        found = asyncio.run(Datafiles(DirectoryKv(data / "l3")).load(SHOP))

        assert states(done) == {ACCESS: "written", SHOP: "written"}
        assert found == asyncio.run(_in_database(f"sqlite:///{data / 'pennon.db'}"))

    def test_nats(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A bucket that was lost is made and filled; no secret of its address is shown."""
        with a_nats(extra='authorization { token: "secret" }') as nats:
            address = nats.url.replace("//", "//secret@")
            done = told(capsys, "kv", "rebuild", "--l3", address)
            after = told(capsys, "kv", "status", "--l3", address)

        assert states(done) == {ACCESS: "written", SHOP: "written"}
        assert states(after) == {ACCESS: "current", SHOP: "current"}
        assert "secret" not in str(done)

    def test_newer_in_l3(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """What edges may hold already is not taken back."""
        store = Datafiles(DirectoryKv(data / "l3"))
        asyncio.run(store.save(_far_ahead()))
        done = told(capsys, "kv", "rebuild")

        assert states(done)[SHOP] == "ahead"
        assert asyncio.run(store.load(SHOP)) == _far_ahead()

    def test_fails(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """What could not be written is named, and the others are written."""
        (data / "l3").mkdir()
        (data / "l3" / "shop~production.datafile").mkdir()

        assert run(["kv", "rebuild"]) == FAILED
        said = capsys.readouterr()
        assert said.out.splitlines()[0].split()[-1] == "written"
        assert said.err.splitlines() == [f"pennon: Not all could be written to L3: {SHOP}."]


def _far_ahead() -> Any:
    """Return a datafile of an epoch that begins long after the test."""
    return a_snapshot(1, epoch=9_000_000_000_000 - 1_763_000_000_000)
