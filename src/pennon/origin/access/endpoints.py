"""Environment keys over HTTP."""

from __future__ import annotations

from pennon.origin.access import keys
from pennon.origin.access.schemas import CreatedKey, KeyPage, KeyState, KeyView, NewKey
from pennon.origin.authors import author_of
from pennon.origin.schemas import ListQuery
from pennon.origin.services import Origin
from pennon.web.endpoint import Call, Endpoint, MergePatch, NoQuery, get, patch, post


def endpoints(origin: Origin) -> list[Endpoint]:
    """Return what is served below ``/keys``."""

    async def list_keys(call: Call[None, ListQuery]) -> KeyPage:
        """List environment keys, without their secrets."""
        return await origin.read(lambda c: keys.list_keys(c, call.query))

    async def create_key(call: Call[NewKey, NoQuery]) -> CreatedKey:
        """
        Create an environment key.

        The answer is the only place where its `secret` is ever shown.
        """
        return await origin.write(lambda tx: keys.create_key(tx, call.body, author_of(call)))

    async def get_key(call: Call[None, NoQuery]) -> KeyView:
        """Return an environment key, without its secret."""
        return await origin.read(lambda c: keys.find_key(c, call["key"]))

    async def update_key(call: Call[MergePatch, NoQuery]) -> KeyView:
        """Rename an environment key, or revoke it on every edge."""
        return await origin.write(
            lambda tx: keys.change_key(tx, call["key"], call.body, author_of(call), call.if_match)
        )

    many, one = "/api/v1/keys", "/api/v1/keys/{key}"
    return [
        get(many, list_keys, query=ListQuery, answer=KeyPage),
        post(
            many,
            create_key,
            body=NewKey,
            answer=CreatedKey,
            location=lambda view: f"{many}/{view.id}",
        ),
        get(one, get_key, query=NoQuery, answer=KeyView),
        patch(one, update_key, of=KeyState, answer=KeyView),
    ]
