"""
An external segment through a tree of real processes: kept at the origin, remembered below.

The test tells one story in order, because the point is what holds across its turns.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.tree.asking import Asked, eventually, ready
from tests.tree.processes import Tree, a_tree
from tests.tree.vips import VipOrigin


def answer(url: str, tree: Tree, user: str) -> dict[str, Any]:
    """Evaluate the flag for *user* at a node."""
    answer = httpx2.post(
        f"{url}/ofrep/v1/evaluate/flags/new-checkout",
        json={"context": {"targetingKey": user}},
        headers={"Authorization": f"Bearer {tree.keys['serverKey']}"},
        timeout=30,
    )
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def is_marked(body: dict[str, Any]) -> bool:
    """Return whether a membership was not known in time."""
    return "pennon.membershipUnknown" in body["metadata"]


@pytest.mark.timeout(120)
def test_members(tmp_path: Path) -> None:
    """Members are asked for once, changes arrive unasked, and what is known outlives the origin."""
    with a_tree(tmp_path) as tree:
        process = tree.start_origin()
        origin = VipOrigin(tree)
        origin.prepare()
        origin.upload("ada")
        connector = ready(tree.start_connector("hub"), tree)
        patient = ("--members-deadline-ms", "30000")
        edge = ready(tree.start_edge("ams", *patient, parents=[connector.url]), tree)

        whole = edge.full_syncs()

        def is_on(user: str, node: Asked = edge) -> bool:
            body = answer(node.url, tree, user)
            assert not is_marked(body)
            value: bool = body["value"]
            return value

        # The embedded edge knows as well as the one below a connector.
        assert answer(tree.url, tree, "ada")["value"] is True
        assert [is_on(user) for user in ("ada", "bob", "user-7", "ada")] == [
            True,
            False,
            True,
            True,
        ]
        asked = edge.metric("pennon_members_lookup_keys_total")
        assert asked == 3

        # A small change is told key by key: nobody has to ask again.
        origin.change(add=["bob"], exclude=["ada"])
        eventually(lambda: is_on("bob"))
        assert [is_on("ada"), is_on("user-7")] == [False, True]
        assert edge.metric("pennon_members_lookup_keys_total") == asked
        assert edge.full_syncs() == whole

        # A large one is not, and everybody is asked about anew.
        origin.upload("ada")
        eventually(lambda: is_on("ada"))
        assert not is_on("bob")

        # The origin dies. The edge has learnt of ada and bob, and the connector of carol too.
        origin.change(add=["carol"])
        other = ready(tree.start_edge("fra", *patient, parents=[connector.url]), tree)
        eventually(lambda: is_on("carol", other))
        process.kill()
        assert [is_on(user) for user in ("ada", "bob", "carol")] == [True, False, True]
        stranger = answer(edge.url, tree, "dora")
        assert is_marked(stranger)
        assert stranger["value"] is False

        # It comes back, and so do the answers.
        tree.start_origin()
        origin.change(add=["dora"])
        eventually(lambda: answer(edge.url, tree, "dora")["value"])
