"""The sample that a first start creates."""

from __future__ import annotations

from pathlib import Path

from msgspec import json

from pennon.evaluation.evaluate import evaluate_all
from pennon.evaluation.ruleset import Ruleset
from pennon.model.codec import encode_snapshot
from pennon.model.context import Context
from pennon.model.messages import Snapshot
from pennon.origin.sample import create_sample
from pennon.origin.services import Origin
from tests.builders.api import PRODUCTION, an_api
from tests.builders.origin import Clock


def a_ruleset(whole: Snapshot) -> Ruleset:
    """Return a snapshot as an edge evaluates it."""
    datafile = json.decode(encode_snapshot(whole))["datafile"]
    return Ruleset.from_datafile(datafile)


class TestCreateSample:
    async def test_has_the_flag_that_the_documentation_flips(self, tmp_path: Path) -> None:
        """`new-checkout`: off in production, on when enabled, seen by web clients."""
        async with an_api(tmp_path) as api:
            await create_sample(api.origin)
            flag = await api.get(f"{PRODUCTION}/flags/new-checkout")

        assert flag["variations"] == [
            {"name": "off", "value": False},
            {"name": "on", "value": True},
        ]
        assert (flag["type"], flag["enabled"]) == ("boolean", False)
        assert (flag["off"], flag["default"]) == ("off", {"variation": "on"})
        assert flag["clientSide"]["web"]

    async def test_shows_every_type_of_flag(self, tmp_path: Path) -> None:
        """About a dozen flags, and segments with rules."""
        async with an_api(tmp_path) as api:
            await create_sample(api.origin)
            flags = (await api.get(f"{PRODUCTION}/flags"))["items"]
            segments = (await api.get(f"{PRODUCTION}/segments"))["items"]

        assert {flag["type"] for flag in flags} == {
            "boolean",
            "string",
            "integer",
            "float",
            "json",
        }
        assert len(flags) == 12
        assert any(rule.get("weight") for one in segments for rule in one["rules"])

    async def test_every_flag_can_be_evaluated(self, tmp_path: Path) -> None:
        """For a context of several kinds that reaches rules, segments and splits."""
        context = Context.of(
            {
                "kind": "multi",
                "user": {
                    "key": "ada",
                    "email": "ada@shop.example",
                    "orders": 12,
                    "address": {"country": "DE"},
                },
                "organization": {"key": "acme", "tier": "partner-gold"},
                "device": {"key": "d1", "appVersion": "3.1.0", "width": 2560},
            }
        )
        async with an_api(tmp_path) as api:
            await create_sample(api.origin)
            wholes = [await api.published(f"shop/{name}") for name in ("production", "staging")]
        details = [one for whole in wholes for one in evaluate_all(a_ruleset(whole), context)]

        assert [detail for detail in details if detail.reason == "ERROR"] == []

    async def test_a_second_start_creates_nothing(self, tmp_path: Path) -> None:
        """Nor does it touch what somebody made of it."""
        async with an_api(tmp_path) as api:
            await create_sample(api.origin)
            await api.patch(f"{PRODUCTION}/flags/new-checkout", {"enabled": True})
            before = await api.everything()
            await create_sample(api.origin)

            assert await api.everything() == before

    async def test_is_one_transaction(self, tmp_path: Path) -> None:
        """A start that is cut short leaves nothing, so that the next one creates all of it."""

        class Transactions(Clock):
            """A clock that moves on with every transaction."""

            def __call__(self) -> int:
                self.now += 1
                return self.now

        async with an_api(tmp_path) as api:
            origin = Origin(api.origin.database, api.origin.bus, Transactions())
            await create_sample(origin)
            records = (await api.get("/projects/shop/audit", limit=200))["items"]

        assert len(records) > 30
        assert len({record["at"] for record in records}) == 1

    async def test_is_not_created_beside_somebodys_project(self, tmp_path: Path) -> None:
        """It is for a database that has nothing yet."""
        async with an_api(tmp_path) as api:
            await api.post("/projects", {"key": "mine"})
            await create_sample(api.origin)
            page = await api.get("/projects")

        assert [project["key"] for project in page["items"]] == ["mine"]
