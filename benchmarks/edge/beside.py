"""Starts those whom the edge is measured beside, where `scripts/edge-peers` has installed them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec

from benchmarks.edge.cases import ASKED, BODY, CONTEXT, shapes
from benchmarks.edge.servers import (
    Ask,
    Asked,
    Missing,
    Server,
    ask_once,
    free_port,
    started,
    until_listening,
)

PEERS: Final = Path(__file__).parent / "peers"
_PYTHON: Final = PEERS / ".venv" / "bin" / "python"
_JSON: Final = {"Content-Type": "application/json"}
_ATTRIBUTES: Final = {name: value for name, value in CONTEXT.items() if name != "targetingKey"}


@contextmanager
def plain(folder: Path) -> Iterator[Server]:
    """Run what people would write: FastAPI and a loop."""
    headers = {**_JSON, "Authorization": "Bearer secret"}
    path = "/ofrep/v1/evaluate/flags"
    asks: dict[Asked, Ask] = {
        "single": Ask(
            path=f"{path}/{ASKED}", headers=headers, body=BODY, holds=b'"reason":"TARGETING_MATCH"'
        ),
        "bulk": Ask(path=path, headers=headers, body=BODY, holds=b'"reason":"SPLIT"'),
    }
    with _peer("FastAPI", [_PYTHON, PEERS / "plain.py"], folder, asks) as server:
        yield server


@contextmanager
def flagsmith(folder: Path) -> Iterator[Server]:
    """Run Flagsmith's packages as its edge proxy does."""
    headers = {**_JSON, "X-Environment-Key": "secret"}
    traits = [{"trait_key": name, "trait_value": value} for name, value in _ATTRIBUTES.items()]
    body = _encode({"identifier": CONTEXT["targetingKey"], "traits": traits})
    holds = b'"name":"asked","type":"STANDARD"},"enabled":true'
    asks: dict[Asked, Ask] = {
        "single": Ask(path="/api/v1/one/", headers=headers, body=body, holds=holds),
        "bulk": Ask(path="/api/v1/identities/", headers=headers, body=body, holds=holds),
    }
    command = [_PYTHON, PEERS / "flagsmith_edge.py"]
    with _peer("Flagsmith (as its proxy)", command, folder, asks) as server:
        yield server


@contextmanager
def unleash(folder: Path) -> Iterator[Server]:
    """Run Unleash's proxy."""
    if not (PEERS / "node_modules").is_dir():
        raise Missing("@unleash/proxy")
    headers = {**_JSON, "Authorization": "secret"}
    context = {"userId": CONTEXT["targetingKey"], "properties": _ATTRIBUTES}
    asks: dict[Asked, Ask] = {
        "single": Ask(
            path="/proxy",
            headers=headers,
            body=_encode({"context": context, "toggles": [ASKED]}),
            holds=b'"name":"asked","enabled":true',
        ),
        "bulk": Ask(
            path="/proxy/all",
            headers=headers,
            body=_encode({"context": context}),
            holds=b'"name":"asked","enabled":true',
        ),
    }
    command: list[str | Path] = [shutil.which("node") or "node", PEERS / "unleash.mjs"]
    with _peer("@unleash/proxy", command, folder, asks) as server:
        yield server


@contextmanager
def _peer(
    name: str, command: Sequence[str | Path], folder: Path, asks: Mapping[Asked, Ask]
) -> Iterator[Server]:
    file, log, port = folder / "shapes.json", folder / "peer.log", free_port()
    file.write_bytes(_encode(shapes()))
    with started([*command, file, str(port)], log) as process:
        until_listening(port, log)
        server = Server(name=name, port=port, pid=process.pid, asks=asks)
        for ask in asks.values():
            ask_once(port, ask)
        yield server


def _encode(value: Any) -> bytes:
    return msgspec.json.encode(value)
