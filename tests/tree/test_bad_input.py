"""
What bad input gets, from a real process: a clear error that names the fault, and no change.

Each case is one that a person or a program has really sent to a system like this.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.tree.processes import Tree, a_tree

PRODUCTION = "/api/v1/projects/shop/environments/production"
FLAG = f"{PRODUCTION}/flags/new-checkout"
SEGMENT = f"{PRODUCTION}/segments/beta-testers"
DEFINITION = "/api/v1/projects/shop/flags/new-checkout"


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    """The embedded default with its sample."""
    with a_tree(tmp_path_factory.mktemp("bad-input")) as tree:
        tree.start_origin()
        yield tree


@pytest.fixture(scope="module")
def client(origin: Tree) -> Iterator[httpx2.Client]:
    """A client with the admin token."""
    headers = {"Authorization": f"Bearer {origin.keys['adminToken']}"}
    with httpx2.Client(base_url=origin.url, headers=headers) as opened:
        yield opened


def a_rule(*conditions: dict[str, Any], **serve: Any) -> dict[str, Any]:
    return {"id": "r1", "when": list(conditions), "serve": serve or {"variation": "on"}}


def a_pattern(pattern: str) -> dict[str, Any]:
    return {"attribute": "email", "op": "matches", "values": [pattern]}


REFUSED: dict[str, tuple[str, Any, str]] = {
    "malformed JSON": (FLAG, b'{"enabled": tru}', "$"),
    "not an object": (FLAG, [1], "$"),
    "an unknown field": (FLAG, {"enabeld": True}, "$.enabeld"),
    "an unknown field deep inside": (
        FLAG,
        {"rules": [{**a_rule(), "gate": 50}]},
        "$.rules[0]",
    ),
    "a wrong type": (FLAG, {"enabled": "yes"}, "$.enabled"),
    "a value of another type": (
        DEFINITION,
        {"variations": [{"name": "off", "value": False}, {"name": "on", "value": "true"}]},
        "$.variations[1].value",
    ),
    "a split that does not sum": (
        FLAG,
        {"default": {"split": [{"variation": "on", "weight": 99_999}]}},
        "$.default.split",
    ),
    "an unknown variation in a rule": (
        FLAG,
        {"rules": [a_rule(variation="maybe")]},
        "$.rules[0].serve.variation",
    ),
    "a prerequisite that is missing": (
        FLAG,
        {"requires": [{"flag": "no-such-flag", "is": ["on"]}]},
        "$.requires[0].flag",
    ),
    "a prerequisite cycle": (
        FLAG,
        {"requires": [{"flag": "new-checkout", "is": ["on"]}]},
        "$.requires",
    ),
    "a segment cycle": (
        SEGMENT,
        {"rules": [{"id": "r1", "when": [{"segment": "beta-testers"}]}]},
        "$.rules",
    ),
    "a pattern that looks ahead": (FLAG, {"rules": [a_rule(a_pattern("a(?=b)"))]}, "$.rules[0]"),
    "a pattern that is too long": (FLAG, {"rules": [a_rule(a_pattern("a" * 600))]}, "$.rules[0]"),
    "a pattern that does not end": (FLAG, {"rules": [a_rule(a_pattern("(a"))]}, "$.rules[0]"),
}


class TestChanges:
    @pytest.mark.parametrize(("path", "body", "at"), REFUSED.values(), ids=REFUSED.keys())
    def test_refused(self, client: httpx2.Client, path: str, body: Any, at: str) -> None:
        """A change that is wrong is a 400 that says where, and nothing moves."""
        before = _state(client)
        sent = body if isinstance(body, bytes) else None
        answer = client.patch(
            path,
            content=sent,
            json=None if sent else body,
            headers={"Content-Type": "application/json"},
        )

        assert answer.status_code == 400, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == "urn:pennon:problem:bad-input"
        assert any(error["path"].startswith(at) for error in answer.json()["errors"]), answer.text
        assert _state(client) == before

    def test_a_pattern_that_would_hang(self, client: httpx2.Client, origin: Tree) -> None:
        """A pattern on which a backtracking engine takes minutes is taken, and answers at once."""
        rule = {**a_rule(a_pattern("a.*a.*a.*b")), "serve": {"variation": "on"}}
        assert client.patch(FLAG, json={"rules": [rule], "enabled": True}).status_code == 200
        answer = httpx2.post(
            f"{origin.url}/ofrep/v1/evaluate/flags/new-checkout",
            json={"context": {"targetingKey": "ada", "email": "a" * 4000}},
            headers={"Authorization": f"Bearer {origin.keys['serverKey']}"},
            timeout=5,
        )

        assert answer.status_code == 200
        assert client.patch(FLAG, json={"rules": [], "enabled": False}).status_code == 200

    def test_no_token(self, origin: Tree, client: httpx2.Client) -> None:
        """Without a token, or with an environment's key, nothing is read or changed."""
        before = _state(client)
        bare = httpx2.patch(f"{origin.url}{FLAG}", json={"enabled": True})
        key = {"Authorization": f"Bearer {origin.keys['serverKey']}"}
        keyed = httpx2.patch(f"{origin.url}{FLAG}", json={"enabled": True}, headers=key)

        assert (bare.status_code, keyed.status_code) == (401, 401)
        assert "www-authenticate" in bare.headers
        assert _state(client) == before


class TestKeys:
    def test_a_key_for_another_environment(self, origin: Tree) -> None:
        """A key opens its own environment and no other."""
        answer = httpx2.post(
            f"{origin.url}/ofrep/v1/evaluate/flags/new-checkout",
            json={},
            headers={
                "Authorization": f"Bearer {origin.keys['serverKey']}",
                "X-Pennon-Environment": "shop/staging",
            },
        )

        assert answer.status_code == 403
        assert answer.json()["type"] == "urn:pennon:problem:forbidden"

    @pytest.mark.parametrize(
        ("key", "environment", "status"),
        [
            (None, "shop/production", 401),
            ("pnn_rly_typo", "shop/production", 401),
            ("clientKey", "shop/production", 403),
            ("serverKey", "$access", 403),
            ("relayKey", "shop/nowhere", 404),
            ("relayKey", "shop/production@yesterday", 400),
            ("relayKey", "Shop/Production", 400),
        ],
    )
    def test_a_stream(self, origin: Tree, key: str | None, environment: str, status: int) -> None:
        """A stream with a wrong key, or for something that is not there, is refused at once."""
        secret = origin.keys.get(key, key) if key else None
        answer = httpx2.get(
            f"{origin.url}/sync/v1/stream",
            params={"environment": environment},
            headers={"Authorization": f"Bearer {secret}"} if secret else {},
        )

        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"

    def test_an_edge_with_a_server_key(self, origin: Tree) -> None:
        """An edge that is given the wrong kind of key says so and does not start."""
        edge = origin.start_edge("wrong", key=origin.keys["serverKey"])

        with pytest.raises(AssertionError, match="--key: expected a relay key"):
            edge.until_ready()


def _state(client: httpx2.Client) -> tuple[Any, ...]:
    """Return all that a refused change might have touched."""
    flag, definition = client.get(FLAG).json(), client.get(DEFINITION).json()
    audit = client.get("/api/v1/projects/shop/audit", params={"limit": 1}).json()
    nodes = client.get(f"{PRODUCTION}/flags", params={"limit": 200}).json()
    return flag, definition, audit, nodes
