"""A connector as a whole, without a network: what it serves, what it does not, what it tells."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from pennon.connector.node import ConnectorNode
from pennon.edge.app import evaluations
from pennon.edge.settings import EdgeSettings
from pennon.web.asgi import DataPlaneApp
from pennon.web.data_plane import DataPlane
from tests.builders.relay import SHOP, a_heartbeat, a_secret, a_snapshot, an_access, an_access_key
from tests.builders.web import Answered, ask

KEY = a_secret()
PARENTS = ("http://user:secret@one.test:8620", "http://two.test:8620")


class AConnector:
    """A connector that holds the shop; *evaluates* makes an edge of it."""

    def __init__(self, folder: Path, *, evaluates: bool = False) -> None:
        settings = EdgeSettings(parent=PARENTS, key=KEY, data=folder, node="n", pop="hub")
        self.node = ConnectorNode(settings, httpx2.AsyncClient())
        follower = self.node.follower
        for whole in (an_access(an_access_key(KEY)), a_snapshot(3)):
            follower.replicas.open(whole.environment).replace(whole)
            follower.freshness.heard(a_heartbeat(environment=whole.environment))
        more = evaluations(settings, self.node, folder) if evaluates else ()
        self._app = DataPlaneApp(DataPlane(*self.node.parts, *more).answer)

    async def ask(self, method: str, path: str) -> Answered:
        """Return what it answers to the holder of its own key."""
        headers = {"authorization": f"Bearer {KEY}"}
        return await ask(self._app, method, path, b"{}", headers=headers)


class TestRoutes:
    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/sync/v1/stream"),
            ("GET", "/sync/v1/changes"),
            ("GET", "/sync/v1/datafile"),
            ("POST", "/sync/v1/acks"),
            ("POST", "/sync/v1/nodes"),
            ("POST", "/sync/v1/events"),
            ("POST", "/sync/v1/segments/beta/members"),
            ("GET", "/healthz/live"),
            ("GET", "/healthz/ready"),
            ("GET", "/metrics"),
        ],
    )
    async def test_served(self, tmp_path: Path, method: str, path: str) -> None:
        """All that followers ask is served by a connector, and by an edge, which is one."""
        for evaluates in (False, True):
            connector = AConnector(tmp_path, evaluates=evaluates)

            assert (await connector.ask(method, path)).status not in (404, 405)

    @pytest.mark.parametrize(("evaluates", "status"), [(False, 404), (True, 403)])
    async def test_evaluation(self, tmp_path: Path, evaluates: bool, status: int) -> None:
        """Evaluations are what an edge has beside that; they are for other keys."""
        connector = AConnector(tmp_path, evaluates=evaluates)

        assert (await connector.ask("POST", "/ofrep/v1/evaluate/flags")).status == status


class TestForwarding:
    async def test_a_datafile(self, tmp_path: Path) -> None:
        """What it holds it gives as the bytes that it was given."""
        connector = AConnector(tmp_path)
        answer = await connector.ask("GET", f"/sync/v1/datafile?environment={SHOP}")

        assert answer.body == connector.node.follower.replicas.open(SHOP).envelope()


class TestMetrics:
    async def test_of_its_parents(self, tmp_path: Path) -> None:
        """Which parent is followed is told, and no password of any."""
        lines = (await AConnector(tmp_path).ask("GET", "/metrics")).body.decode().splitlines()

        assert 'pennon_parent{parent="http://one.test:8620"} 1.0' in lines
        assert 'pennon_parent{parent="http://two.test:8620"} 0.0' in lines
        assert "pennon_parent_changes_total 0.0" in lines
        assert "pennon_history_asked_total 0.0" in lines
        assert "secret" not in "".join(lines)
