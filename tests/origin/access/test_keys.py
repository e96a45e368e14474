"""Environment keys over HTTP."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from msgspec.json import decode

from pennon.model.access import AccessKey, hash_key, kind_of_key
from pennon.model.position import ACCESS
from tests.builders.api import Api, Json, a_shop, faults
from tests.builders.origin import NOON


def a_key(**fields: object) -> Json:
    """Return the body that creates a server key for production."""
    return {"kind": "server", "environments": ["shop/production"], **fields}


async def published(api: Api, secret: str) -> AccessKey:
    """Return what every edge knows of a key."""
    access = await api.published(ACCESS)
    return decode(access.items["key", hash_key(secret)], type=AccessKey)


class TestCreateKey:
    async def test_the_secret_is_shown_once(self, tmp_path: Path) -> None:
        """Only its hash is kept: no table holds it and no later answer shows it."""
        async with a_shop(tmp_path) as api:
            created = await api.post("/keys", a_key(name="web servers"))
            found = await api.get(f"/keys/{created['id']}")
            rows = repr(await api.everything())

        assert kind_of_key(created["secret"]) == "server"
        assert created["secret"] not in rows
        assert found == {name: value for name, value in created.items() if name != "secret"}

    async def test_every_edge_learns_of_it(self, tmp_path: Path) -> None:
        """It travels in `$access` under its hash."""
        async with a_shop(tmp_path) as api:
            created = await api.post("/keys", a_key(expiresAt="2027-01-01T00:00:00Z"))
            item = await published(api, created["secret"])

        assert item == AccessKey(
            hash=hash_key(created["secret"]),
            kind="server",
            environments=("shop/production",),
            expires_at=1_798_761_600_000,
        )

    async def test_a_relay_key_may_be_for_all(self, tmp_path: Path) -> None:
        """Also for environments created later."""
        async with a_shop(tmp_path) as api:
            created = await api.post("/keys", {"kind": "relay", "environments": "*"})
            item = await published(api, created["secret"])

        assert (created["environments"], item.environments) == ("*", "*")

    @pytest.mark.parametrize(
        ("body", "path"),
        [
            (a_key(kind="admin"), "$.kind"),
            (a_key(environments="*"), "$.environments"),
            (a_key(environments=[]), "$.environments"),
            (a_key(environments=["shop/production", "shop/staging"]), "$.environments"),
            (a_key(environments=["shop/test"]), "$.environments[0]"),
            (a_key(environments=["$access"]), "$.environments[0]"),
            ({"kind": "relay", "environments": []}, "$.environments"),
            (a_key(expiresAt="2027-01-01T00:00:00"), "$.expiresAt"),
            (a_key(expiresAt="0001-01-01T00:00:00+14:00"), "$.expiresAt"),
            (a_key(expiresAt="9999-12-31T23:59:59-14:00"), "$.expiresAt"),
            (a_key(name="a\0"), "$.name"),
            (a_key(secret="x"), "$.secret"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    async def test_what_is_wrong_is_named_and_nothing_happens(
        self, tmp_path: Path, body: Json, path: str
    ) -> None:
        """No row, no version, no audit record."""
        async with a_shop(tmp_path) as api:
            before = await api.everything()
            problem = await api.post("/keys", body, 400)

            assert await api.everything() == before
        assert path in faults(problem)


class TestUpdateKey:
    async def test_a_revocation_is_told_to_every_edge(self, tmp_path: Path) -> None:
        """The item stays, marked, so that an edge can say why."""
        async with a_shop(tmp_path) as api:
            created = await api.post("/keys", a_key())
            changed = await api.patch(f"/keys/{created['id']}", {"revoked": True})
            item = await published(api, created["secret"])

        assert changed["revoked"]
        assert item.revoked

    async def test_a_revoked_key_stays_revoked(self, tmp_path: Path) -> None:
        """Somebody may have it."""
        async with a_shop(tmp_path) as api:
            created = await api.post("/keys", a_key())
            await api.patch(f"/keys/{created['id']}", {"revoked": True})
            before = await api.everything()
            await api.patch(f"/keys/{created['id']}", {"revoked": False}, 409)

            assert await api.everything() == before

    async def test_a_new_name_is_no_news_to_an_edge(self, tmp_path: Path) -> None:
        """Names stay at the origin."""
        async with a_shop(tmp_path) as api:
            created = await api.post("/keys", a_key())
            before = await api.published(ACCESS)
            changed = await api.patch(f"/keys/{created['id']}", {"name": "new"})

            assert await api.published(ACCESS) == before
        assert changed["name"] == "new"

    async def test_what_a_key_is_for_cannot_change(self, tmp_path: Path) -> None:
        """Another is created and this one revoked."""
        async with a_shop(tmp_path) as api:
            created = await api.post("/keys", a_key())
            problem = await api.patch(
                f"/keys/{created['id']}", {"environments": ["shop/staging"]}, 400
            )

        assert faults(problem) == ["$.environments"]

    async def test_an_unknown_key_is_not_found(self, tmp_path: Path) -> None:
        """By id; a secret is no id."""
        async with a_shop(tmp_path) as api:
            await api.get("/keys/none", status=404)


class TestRotateKey:
    async def test_both_work_for_a_while(self, tmp_path: Path) -> None:
        """Then the old one expires, as every edge knows beforehand."""
        async with a_shop(tmp_path) as api:
            old = await api.post("/keys", a_key(name="web servers"))
            new = await api.post(f"/keys/{old['id']}/rotate", {"overlapSeconds": 60})
            items = [await published(api, key["secret"]) for key in (old, new)]

        assert [item.expires_at for item in items] == [NOON + 60_000, None]
        assert items[1].environments == ("shop/production",)
        assert (new["name"], new["kind"]) == ("web servers", "server")

    async def test_does_not_lengthen_a_life(self, tmp_path: Path) -> None:
        """A key that ends sooner still does."""
        until = "2026-11-21T12:00:00Z"
        async with a_shop(tmp_path) as api:
            api.clock.now = round(datetime.fromisoformat(until).timestamp() * 1000) - 5_000
            old = await api.post("/keys", a_key(expiresAt=until))
            await api.post(f"/keys/{old['id']}/rotate", {"overlapSeconds": 60})
            found = await api.get(f"/keys/{old['id']}")

        assert found["expiresAt"] == until

    async def test_one_that_no_longer_works_stays_so(self, tmp_path: Path) -> None:
        """Revoked, or rotated and over."""
        async with a_shop(tmp_path) as api:
            revoked, over = [await api.post("/keys", a_key()) for _ in range(2)]
            await api.patch(f"/keys/{revoked['id']}", {"revoked": True})
            await api.post(f"/keys/{over['id']}/rotate", {"overlapSeconds": 0})
            before = await api.everything()
            for key in (revoked, over):
                await api.post(f"/keys/{key['id']}/rotate", {}, 409)

            assert await api.everything() == before

    async def test_is_on_record(self, tmp_path: Path) -> None:
        """As what became of the old one and as the making of the new one."""
        async with a_shop(tmp_path) as api:
            old = await api.post("/keys", a_key())
            await api.post(f"/keys/{old['id']}/rotate", {})
            records = (await api.get("/audit"))["items"]

        assert [record["action"] for record in records][:3] == [
            "key.rotated",
            "key.created",
            "key.created",
        ]
