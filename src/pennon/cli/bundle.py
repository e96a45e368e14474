"""`pennon bundle`: datafiles to ship with a node, so that it can start with nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import httpx2
import msgspec
from cyclopts import App, Parameter

from pennon.cli.errors import CommandFailed
from pennon.cli.output import Json, print_json, print_text
from pennon.errors import BadInput
from pennon.model.access import AccessKey, hash_key, kind_of_key
from pennon.model.codec import decode, decode_snapshot
from pennon.model.messages import Snapshot
from pennon.model.position import ACCESS, check_environment
from pennon.web.settings import is_web_address

_DATAFILE_PATH = "/sync/v1/datafile"
_SECONDS = 30.0


def register(app: App) -> None:
    """Add the command to *app*."""
    app.command(
        bundle,
        sort_key=4,
        help_epilogue="Example:\n\n"
        "  pennon bundle ./flags --parent https://flags.example.com\n"
        "  pennon edge --bundle ./flags --parent https://flags.example.com",
    )


def bundle(
    folder: Path,
    /,
    *,
    parent: str,
    key: str,
    environments: Annotated[tuple[str, ...], Parameter(name="--environments")] = (),
    json: Json = False,
) -> None:
    """
    Fetch datafiles into a folder, to be shipped with an edge or a connector.

    A node that is given the folder with --bundle serves from it when it finds nothing newer: on
    its disk, in L3 or from a parent.

    Parameters
    ----------
    folder
        Where to write; what is newer there is left as it is.
    parent
        The origin, connector or edge to ask, such as http://127.0.0.1:8620.
    key
        The relay key that the node will have; prefer the environment variable, which `ps` hides.
    environments
        The environments to fetch, such as shop/production; by default all that the key grants.
    """
    if not is_web_address(parent):
        raise BadInput.at("--parent", f"expected an address such as http://…, got {parent!r}")
    if kind_of_key(key) != "relay":
        raise BadInput.at("--key", "expected a relay key (pnn_rly_…)")
    for name in environments:
        check_environment(name, "--environments")
    held = asyncio.run(_fetch(folder, parent.rstrip("/"), key, environments))
    if json:
        items = [{"environment": one.environment, "position": str(one.position)} for one in held]
        print_json({"folder": str(folder), "items": items})
        return
    for one in held:
        print_text(f"{one.environment} at {one.position}, {len(one.items)} items")
    print_text(f"Start a node with --bundle {folder} and the same key.")


async def _fetch(
    folder: Path, parent: str, key: str, environments: tuple[str, ...]
) -> list[Snapshot]:
    from pennon.kv.datafiles import Datafiles
    from pennon.kv.directory import DirectoryKv

    store = Datafiles(DirectoryKv(folder))
    # All are had before any is written: half a bundle would start a node without its keys.
    held = [snapshot async for snapshot in _snapshots(parent, key, environments)]
    for snapshot in held:
        await store.save(snapshot)
    return held


async def _snapshots(
    parent: str, key: str, environments: tuple[str, ...]
) -> AsyncIterator[Snapshot]:
    headers = {"authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(base_url=parent, headers=headers, timeout=_SECONDS) as client:
        access = await _ask(client, ACCESS)
        yield access
        for name in environments or _granted(access, key):
            yield await _ask(client, name)


async def _ask(client: httpx2.AsyncClient, environment: str) -> Snapshot:
    try:
        answer = await client.get(_DATAFILE_PATH, params={"environment": environment})
    except httpx2.HTTPError as error:
        raise CommandFailed(f"{client.base_url} does not answer: {error}.") from None
    if answer.status_code != 200:
        raise CommandFailed(f"{environment}: {_detail(answer)}")
    return decode_snapshot(answer.content)


def _detail(answer: httpx2.Response) -> str:
    try:
        return str(msgspec.json.decode(answer.content)["detail"])
    except (msgspec.DecodeError, KeyError, TypeError):
        return f"the node answered {answer.status_code}"


def _granted(access: Snapshot, key: str) -> list[str]:
    """Return the environments that the key opens, of those that exist."""
    known = sorted(name for kind, name in access.items if kind == "environment")
    data = access.items.get(("key", hash_key(key)))
    if data is None:
        raise CommandFailed("The parent does not know the key.")
    grants = decode(data, AccessKey).environments
    return known if grants == "*" else [name for name in known if name in grants]
