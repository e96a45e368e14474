"""Admin tokens over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from pennon.model.access import kind_of_key
from pennon.origin.db.tables import audit
from pennon.origin.schemas import moment
from tests.builders.api import Api, Json, an_api, faults
from tests.builders.origin import NOON


def a_token(**fields: object) -> Json:
    """Return the body that creates a token for everything."""
    return {"name": "ada", "role": "admin", "scope": "*", **fields}


async def own(api: Api) -> Json:
    """Return the token that the tests use themselves."""
    found: Json = (await api.get("/tokens", q="tests"))["items"][0]
    return found


class TestCreateToken:
    async def test_the_secret_is_shown_once(self, tmp_path: Path) -> None:
        """Only its hash is kept: no table holds it and no later answer shows it."""
        async with an_api(tmp_path) as api:
            created = await api.post("/tokens", a_token())
            found = await api.get(f"/tokens/{created['id']}")
            rows = repr(await api.everything())

        assert kind_of_key(created["secret"]) == "admin"
        assert created["secret"] not in rows
        assert found == {name: value for name, value in created.items() if name != "secret"}

    async def test_opens_the_management_api(self, tmp_path: Path) -> None:
        """In its own name: the audit log says who used it."""
        async with an_api(tmp_path) as api:
            created = await api.post("/tokens", a_token())
            api.client.headers["authorization"] = f"Bearer {created['secret']}"
            await api.post("/projects", {"key": "shop"})
            record = (await api.get("/projects/shop/audit"))["items"][0]

        assert (record["actor"]["id"], record["actor"]["name"]) == (created["id"], "ada")

    async def test_what_is_wrong_is_named(self, tmp_path: Path) -> None:
        """A secret is drawn, never given."""
        async with an_api(tmp_path) as api:
            problem = await api.post("/tokens", a_token(secret="x"), 400)

        assert faults(problem) == ["$.secret"]

    async def test_is_listed(self, tmp_path: Path) -> None:
        """Page by page, without secrets."""
        async with an_api(tmp_path) as api:
            created = [await api.post("/tokens", a_token(name=name)) for name in "abc"]
            pages = await api.pages("/tokens", limit=3)

        listed = [token for page in pages for token in page]
        assert {token["id"] for token in created} < {token["id"] for token in listed}
        assert not any("secret" in token for token in listed)


class TestUpdateToken:
    async def test_a_revoked_token_opens_nothing(self, tmp_path: Path) -> None:
        """From the next request on."""
        async with an_api(tmp_path) as api:
            created = await api.post("/tokens", a_token())
            changed = await api.patch(f"/tokens/{created['id']}", {"revoked": True})
            api.client.headers["authorization"] = f"Bearer {created['secret']}"
            await api.get("/projects", status=401)

        assert changed["revoked"]

    async def test_a_revoked_token_stays_revoked(self, tmp_path: Path) -> None:
        """Somebody may have it."""
        async with an_api(tmp_path) as api:
            created = await api.post("/tokens", a_token())
            await api.patch(f"/tokens/{created['id']}", {"revoked": True})
            before = await api.everything()
            await api.patch(f"/tokens/{created['id']}", {"revoked": False}, 409)

            assert await api.everything() == before

    async def test_the_last_one_that_works_stays(self, tmp_path: Path) -> None:
        """Nobody locks the door with the key inside; a revoked one is no way in."""
        async with an_api(tmp_path) as api:
            other = await api.post("/tokens", a_token())
            await api.patch(f"/tokens/{other['id']}", {"revoked": True})
            before = await api.everything()
            path = f"/tokens/{(await own(api))['id']}"
            problem = await api.patch(path, {"revoked": True}, 409)

            assert await api.everything() == before
        assert problem["detail"].startswith("It is the last token that administers everything")

    async def test_may_revoke_itself(self, tmp_path: Path) -> None:
        """While there is another."""
        async with an_api(tmp_path) as api:
            await api.post("/tokens", a_token())
            await api.patch(f"/tokens/{(await own(api))['id']}", {"revoked": True})
            await api.get("/tokens", status=401)

    async def test_can_be_renamed(self, tmp_path: Path) -> None:
        """Also the last."""
        async with an_api(tmp_path) as api:
            changed = await api.patch(f"/tokens/{(await own(api))['id']}", {"name": "root"})

        assert changed["name"] == "root"

    async def test_an_unknown_token_is_not_found(self, tmp_path: Path) -> None:
        """By id; a secret is no id."""
        async with an_api(tmp_path) as api:
            await api.get("/tokens/none", status=404)
            await api.patch("/tokens/none", {"revoked": True}, 404)

    async def test_is_on_record(self, tmp_path: Path) -> None:
        """On the installation's chain, without the secret."""
        async with an_api(tmp_path) as api:
            created = await api.post("/tokens", a_token())
            await api.patch(f"/tokens/{created['id']}", {"name": "Ada"})
            await api.patch(f"/tokens/{created['id']}", {"revoked": True})
            actions = await api.origin.read(
                lambda c: (
                    c.execute(
                        select(audit.c.action)
                        .where(audit.c.resource == f"token/{created['id']}")
                        .order_by(audit.c.sequence)
                    )
                    .scalars()
                    .all()
                )
            )

        assert actions == ["token.created", "token.updated", "token.revoked"]


class TestExpiry:
    async def test_an_expired_token_opens_nothing(self, tmp_path: Path) -> None:
        """From its moment on."""
        async with an_api(tmp_path) as api:
            until = moment(api.clock.now + 1000).isoformat()
            created = await api.post("/tokens", a_token(expiresAt=until))
            api.client.headers["authorization"] = f"Bearer {created['secret']}"
            await api.get("/tokens")
            api.clock.now += 1000
            await api.get("/tokens", status=401)

    async def test_is_no_last_resort(self, tmp_path: Path) -> None:
        """The last that lasts stays, whichever expire some day."""
        async with an_api(tmp_path) as api:
            until = moment(api.clock.now + 1000).isoformat()
            await api.post("/tokens", a_token(expiresAt=until))
            await api.post("/tokens", a_token(role="approver"))
            path = f"/tokens/{(await own(api))['id']}"
            await api.patch(path, {"revoked": True}, 409)


class TestScope:
    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            ({"scope": ["blog"]}, "$.scope[0]"),
            ({"scope": ["blog/production"]}, "$.scope[0]"),
            ({"scope": []}, "$.scope"),
            ({"scope": ["$access"]}, "$.scope[0]"),
            ({"role": "owner"}, "$.role"),
            ({"expiresAt": "2020-01-01T00:00:00Z"}, "$.expiresAt"),
            ({"expiresAt": "2030-01-01T00:00:00"}, "$.expiresAt"),
            ({"expiresAt": "0001-01-01T00:00:00+14:00"}, "$.expiresAt"),
            ({"expiresAt": "9999-12-31T23:59:59-14:00"}, "$.expiresAt"),
        ],
    )
    async def test_what_is_wrong_is_named(self, tmp_path: Path, fields: Json, path: str) -> None:
        """Nothing is granted on what is not there: somebody may create it one day."""
        async with an_api(tmp_path) as api:
            problem = await api.post("/tokens", a_token(**fields), 400)

        assert faults(problem) == [path]

    async def test_cannot_be_widened(self, tmp_path: Path) -> None:
        """Who holds a token was given that and no more."""
        async with an_api(tmp_path) as api:
            created = await api.post("/tokens", a_token(role="viewer"))
            problem = await api.patch(f"/tokens/{created['id']}", {"role": "admin"}, 400)

        assert faults(problem) == ["$.role"]


class TestUse:
    async def test_is_noted_once_an_hour(self, tmp_path: Path) -> None:
        """A token that nobody uses can be found, and a read seldom costs a write."""
        async with an_api(tmp_path) as api:
            first = (await own(api))["usedAt"]
            api.clock.now += 59 * 60 * 1000
            second = (await own(api))["usedAt"]
            api.clock.now += 60 * 1000
            third = (await own(api))["usedAt"]

        assert first == second == moment(NOON).isoformat().replace("+00:00", "Z")
        assert third == moment(api.clock.now).isoformat().replace("+00:00", "Z")
