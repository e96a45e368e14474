"""Datafiles as `pennon eval` comes by them: a file, an edge's folder, a node, a history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2
from msgspec import Raw

from pennon.cli.client import FlagsClient
from pennon.cli.connection import Target
from pennon.cli.errors import CommandFailed
from pennon.cli.eval_members import members_at
from pennon.errors import BadInput, Fault
from pennon.evaluation.ruleset import Ruleset
from pennon.evaluation.run import Memberships
from pennon.kv.datafiles import unpack
from pennon.model.codec import decode, decode_snapshot
from pennon.model.flag import Wire
from pennon.model.messages import Snapshot
from pennon.web.problem import Problem

_PACKED = b"pennon-datafile "
_SUFFIX = ".datafile"


@dataclass(frozen=True, kw_only=True)
class Datafile:
    """
    An environment to evaluate, and where it is *held*.

    *members* answers who is in its external segments, where somebody can be asked.
    """

    ruleset: Ruleset
    environment: str
    held: str
    members: Memberships | None = None


class _Envelope(Wire, frozen=True, kw_only=True):
    datafile: Raw = Raw(b"")
    environment: str = ""


def read_file(path: Path, option: str = "--datafile") -> Datafile:
    """Read JSON, with or without its envelope, or a file of L2. Raises BadInput at *option*."""
    try:
        data = path.read_bytes()
    except (FileNotFoundError, IsADirectoryError) as error:
        raise BadInput.at(option, f"expected a file at {path}: {error.strerror}") from None
    try:
        if data.startswith(_PACKED):
            return _of_snapshot(unpack(data), str(path))
        return _of_json(data, str(path))
    except BadInput as error:
        faults = [Fault(f"{option} {path}", str(fault)) for fault in error.faults]
        raise BadInput(faults) from None


def files_in(folder: Path) -> Mapping[str, Path]:
    """Return the files of L2 in an edge's data folder, by environment."""
    return {
        path.name.removesuffix(_SUFFIX).replace("~", "/"): path
        for path in sorted(folder.glob(f"*{_SUFFIX}"))
        if not path.name.startswith((".", "$"))
    }


def ask_node(url: str, key: str, environment: str) -> Datafile:
    """Ask a running node for its datafile. Raises CommandFailed."""
    try:
        # no redirect is followed: the key is for this node alone
        answer = httpx2.get(
            f"{url}/sync/v1/datafile",
            params={"environment": environment},
            headers={"Authorization": f"Bearer {key}"},
            timeout=10.0,
        )
    except httpx2.ConnectError:
        raise CommandFailed(
            f"Nothing answers at {url}.\n"
            "Start a node with pennon up, or evaluate a file with --datafile."
        ) from None
    except httpx2.HTTPError as error:
        raise CommandFailed(f"{url} gave no answer: {error}") from None
    if not answer.is_success:
        raise CommandFailed(_problem_text(url, answer))
    try:
        datafile = _of_snapshot(decode_snapshot(answer.content), url)
    except BadInput as error:
        raise CommandFailed(f"{url} gave no datafile: {error}") from None
    return replace(datafile, members=members_at(url, key, environment))


def ask_history(url: str, token: str, environment: str, at: str) -> Datafile:
    """Ask an origin for its datafile at a version or by a time. Raises CommandFailed."""
    project, _, name = environment.partition("/")
    target = Target(url=url, token=token, project=project, environment=name)
    with FlagsClient(target) as client:
        asked = client.datafile(version=int(at)) if at.isdecimal() else client.datafile(at=at)
    try:
        return _of_snapshot(decode_snapshot(asked), url)
    except BadInput as error:
        raise CommandFailed(f"{url} gave no datafile: {error}") from None


def _of_snapshot(snapshot: Snapshot, held: str) -> Datafile:
    items = snapshot.items.items()
    ruleset = Ruleset.of(
        snapshot.position.version,
        {key: data for (kind, key), data in items if kind == "flag"},
        {key: data for (kind, key), data in items if kind == "segment"},
    )
    return Datafile(ruleset=ruleset, environment=snapshot.environment, held=held)


def _of_json(data: bytes, held: str) -> Datafile:
    envelope = decode(data, _Envelope)
    inner = bytes(envelope.datafile) or data
    ruleset = Ruleset.from_datafile(inner)
    environment = decode(inner, _Envelope).environment
    return Datafile(ruleset=ruleset, environment=environment, held=held)


def _problem_text(url: str, answer: httpx2.Response) -> str:
    try:
        text = decode(answer.content, Problem).detail
    except BadInput:
        text = f"{url} answered {answer.status_code}, which is no answer of Pennon's."
    if answer.status_code == httpx2.codes.UNAUTHORIZED:
        text += "\nGive a relay key with --key or PENNON_KEY."
    return text
