"""What a server that is ready says to the person who started it: pure text."""

from __future__ import annotations

import shlex
from pathlib import Path

from rich.text import Text

from pennon.model.ready import Announcement, NodeReady, OriginReady

SAMPLE_PROJECT, SAMPLE_FLAG = "shop", "new-checkout"
"""The sample project, and its flag that the examples evaluate and flip."""

_DEFAULT_DATA = Path("pennon-data")


def announcement_text(
    ready: Announcement, data: Path = _DEFAULT_DATA, command: str = "pennon"
) -> Text:
    """
    Return what `pennon up` prints.

    *data* is the folder that later commands find keys in, *command* how they are called.
    Keys that cannot be made yet are left out, and the examples where they could not work.
    """
    text = Text()
    _heading(text, "Pennon is ready")
    _table(
        text,
        {
            "evaluation": f"{ready.url}/ofrep/v1",
            "management": f"{ready.url}/api/v1",
            "stream": f"{ready.url}/sync/v1",
        },
    )
    _heading(text, f"Keys, kept in {data / 'keys.json'}")
    _table(
        text,
        {
            "server key": ready.server_key,
            "client key": ready.client_key,
            "relay key": ready.relay_key,
            "admin token": ready.admin_token,
        },
    )
    is_sample = ready.project == SAMPLE_PROJECT
    if is_sample:
        _heading(text, f"Evaluate {SAMPLE_FLAG} for a user")
        text.append(evaluate_curl(ready) + "\n")
        _heading(text, "Flip it, and evaluate it again")
        text.append(flip_curl(ready) + "\n")
    _heading(text, "What to try next, from another terminal")
    option = "" if data == _DEFAULT_DATA else f" --data {shlex.quote(str(data))}"
    if ready.project:
        text.append(f"{command} flag list{option}\n")
    if is_sample:
        text.append(f"{command} flag on {SAMPLE_FLAG}{option} --comment 'Let them in'\n")
    text.append(f"PENNON_KEY={ready.relay_key} {command} edge --parent {ready.url}\n")
    return text


def evaluate_curl(ready: Announcement) -> str:
    """Return the command that evaluates the sample flag with the server key."""
    return _curl(
        f"{ready.url}/ofrep/v1/evaluate/flags/{SAMPLE_FLAG}",
        ready.server_key,
        '{"context": {"targetingKey": "ada"}}',
        method="POST",
    )


def flip_curl(ready: Announcement) -> str:
    """Return the command that enables the sample flag with the admin token."""
    return _curl(
        f"{ready.url}/api/v1/projects/{ready.project}/environments/{ready.environment}"
        f"/flags/{SAMPLE_FLAG}",
        ready.admin_token,
        '{"enabled": true}',
        method="PATCH",
    )


def origin_text(ready: OriginReady) -> Text:
    """Return what `pennon origin` prints."""
    text = Text()
    _heading(text, "Origin is ready")
    _table(text, {"management": f"{ready.url}/api/v1", "stream": f"{ready.url}/sync/v1"})
    return text


def connector_text(ready: NodeReady) -> Text:
    """Return what `pennon connector` prints."""
    text = Text()
    _heading(text, f"Connector {ready.node} in PoP {ready.pop} is ready")
    _table(
        text,
        {
            "stream": f"{ready.url}/sync/v1",
            "forwards": ", ".join(ready.environments) or "nothing yet",
        },
    )
    return text


def edge_text(ready: NodeReady) -> Text:
    """Return what `pennon edge` prints."""
    text = Text()
    _heading(text, f"Edge {ready.node} in PoP {ready.pop} is ready")
    _table(
        text,
        {
            "evaluation": f"{ready.url}/ofrep/v1",
            "serves": ", ".join(ready.environments) or "nothing yet",
        },
    )
    return text


def _curl(url: str, key: str, body: str, *, method: str) -> str:
    return (
        f"curl -s -X {method} {url} \\\n"
        f"  -H 'Authorization: Bearer {key}' \\\n"
        f"  -H 'Content-Type: application/json' \\\n"
        f"  -d '{body}'"
    )


def _heading(text: Text, words: str) -> None:
    text.append(f"\n{words}\n" if text else f"{words}\n", style="bold")


def _table(text: Text, rows: dict[str, str]) -> None:
    width = max(map(len, rows))
    for name, value in rows.items():
        if value:
            text.append(f"  {name:<{width}}  ", style="dim")
            text.append(f"{value}\n")
