"""The audit log: who did what, in the change's own transaction, chained by hash."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import Raw
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import IntegrityError

from pennon.origin.audit.records import GENESIS, Record
from pennon.origin.db.installation import INSTALLATION_CHAIN
from pennon.origin.db.tables import audit, audit_heads
from tests.builders.api import PRODUCTION, Json, a_new_flag, a_shop, an_api, faults


class TestRecord:
    async def test_says_who_did_what_to_what(self, tmp_path: Path) -> None:
        """Actor, action, resource, environment, before, after, comment and version."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            changed = await api.ask(
                "PATCH",
                f"{PRODUCTION}/flags/checkout",
                status=200,
                json={"enabled": True},
                headers={"x-pennon-comment": "caf%C3%A9 opens"},
            )
            record = (await api.get("/projects/shop/audit", limit=1))["items"][0]

        assert record["actor"]["name"] == "tests"
        assert record["actor"]["address"] == "127.0.0.1"
        assert (record["action"], record["resource"]) == ("flag.updated", "flag/checkout")
        assert record["environment"] == "shop/production"
        assert (record["before"]["enabled"], record["after"]["enabled"]) == (False, True)
        assert record["comment"] == "café opens"
        assert record["versions"] == {"shop/production": changed["version"]}

    async def test_follows_the_one_before(self, tmp_path: Path) -> None:
        """Each holds the previous hash, and its own can be worked out from what is stored."""

        def chain(connection: Connection) -> tuple[list[Record], list[str], str]:
            rows = connection.execute(
                select(audit).where(audit.c.chain == "shop").order_by(audit.c.sequence)
            ).all()
            records = []
            for row in rows:
                fields = dict(row._mapping)
                del fields["hash"]
                for name in ("before", "after", "instructions", "summary", "versions"):
                    fields[name] = Raw(fields[name])
                records.append(Record(**fields))
            head = connection.execute(
                select(audit_heads.c.hash).where(audit_heads.c.chain == "shop")
            ).scalar_one()
            return records, [row.hash for row in rows], head

        async with a_shop(tmp_path, a_new_flag("a"), a_new_flag("b")) as api:
            await api.patch("/projects/shop/flags/a", {"archived": True})
            records, hashes, head = await api.origin.read(chain)

        assert [record.sequence for record in records] == list(range(1, len(records) + 1))
        assert [record.hash() for record in records] == hashes
        assert [record.previous for record in records] == [GENESIS, *hashes[:-1]]
        assert head == hashes[-1]

    async def test_what_belongs_to_no_project_has_its_own_chain(self, tmp_path: Path) -> None:
        """Keys and tokens are recorded too."""
        async with a_shop(tmp_path) as api:
            await api.post("/keys", {"kind": "relay", "environments": "*"})
            actions = await api.origin.read(
                lambda c: (
                    c.execute(
                        select(audit.c.action)
                        .where(audit.c.chain == INSTALLATION_CHAIN)
                        .order_by(audit.c.sequence)
                    )
                    .scalars()
                    .all()
                )
            )

        assert actions == ["token.created", "key.created"]

    @pytest.mark.parametrize("statement", ["UPDATE audit SET action = ''", "DELETE FROM audit"])
    async def test_the_database_refuses_to_alter_it(self, tmp_path: Path, statement: str) -> None:
        """Also for who has the file open, short of removing the trigger."""
        async with a_shop(tmp_path) as api:
            with pytest.raises(IntegrityError, match="append-only"):
                await api.origin.database.write(lambda c: c.execute(text(statement)))


class TestListAudit:
    async def test_pages_newest_first(self, tmp_path: Path) -> None:
        """Following `next` gives every record once."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            pages = await api.pages("/projects/shop/audit", limit=3)

        seen = [record["sequence"] for page in pages for record in page]
        assert seen == [4, 3, 2, 1]

    async def test_filters(self, tmp_path: Path) -> None:
        """By resource and by environment."""
        async with a_shop(tmp_path, a_new_flag("a"), a_new_flag("b")) as api:
            await api.patch(f"{PRODUCTION}/flags/a", {"enabled": True})
            of_flag = await api.get("/projects/shop/audit", resource="flag/a")
            of_environment = await api.get("/projects/shop/audit", environment="shop/production")

        assert [one["action"] for one in of_flag["items"]] == ["flag.updated", "flag.created"]
        assert [one["resource"] for one in of_environment["items"]] == [
            "flag/a",
            "environment/production",
        ]

    @pytest.mark.parametrize("cursor", ["bm8", "_w", "4pmj"])
    async def test_a_cursor_comes_from_an_earlier_page(self, tmp_path: Path, cursor: str) -> None:
        """Anything else is named."""
        async with a_shop(tmp_path) as api:
            problem = await api.get("/projects/shop/audit", status=400, cursor=cursor)

        assert faults(problem) == ["?cursor"]


class TestComment:
    @pytest.mark.parametrize("comment", ["%ff", "x" * 2001, "%00"])
    async def test_must_be_text_of_a_bearable_length(self, tmp_path: Path, comment: str) -> None:
        """Else nothing is changed."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            before = await api.everything()
            problem = await api.ask(
                "PATCH",
                f"{PRODUCTION}/flags/checkout",
                status=400,
                json={"enabled": True},
                headers={"x-pennon-comment": comment},
            )

            assert await api.everything() == before
        assert faults(problem) == ["X-Pennon-Comment"]


class TestSummary:
    async def test_says_what_was_done_to_everything(self, tmp_path: Path) -> None:
        """A project, an environment, a flag and a segment are told in the same words."""
        said: Json = {"name": "New", "archived": True}
        async with an_api(tmp_path) as api:
            await api.post("/projects", {"key": "shop"})
            await api.post("/projects/shop/environments", {"key": "production"})
            await api.post("/projects/shop/segments", {"key": "beta"})
            await api.post("/projects/shop/flags", a_new_flag())
            await api.patch("/projects/shop/flags/checkout", said)
            await api.patch("/projects/shop/segments/beta", {**said, "tags": ["vip"]})
            await api.patch(
                "/projects/shop/environments/production", {**said, "approvals": {"required": 1}}
            )
            await api.patch("/projects/shop", said)
            records = (await api.get("/projects/shop/audit", order="oldest"))["items"]

        changed = ["archived", "renamed to New"]
        assert [record["summary"] for record in records] == [
            *([["created"]] * 4),
            changed,
            [*changed, "added the tag vip"],
            [*changed, "a change needs 1 approval"],
            changed,
        ]
