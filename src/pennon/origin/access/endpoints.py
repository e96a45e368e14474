"""Environment keys and tokens over HTTP."""

from __future__ import annotations

from pennon.origin.access import keys, tokens
from pennon.origin.access.schemas import (
    CreatedKey,
    CreatedToken,
    KeyPage,
    KeyState,
    KeyView,
    NewKey,
    NewToken,
    Rotation,
    TokenPage,
    TokenState,
    TokenView,
)
from pennon.origin.authors import author_of
from pennon.origin.schemas import ListQuery
from pennon.origin.services import Origin
from pennon.web.endpoint import Call, Endpoint, MergePatch, NoQuery, get, patch, post
from pennon.web.permissions import ADMINISTER, ADMINISTER_PART


def endpoints(origin: Origin) -> list[Endpoint]:
    """Return what is served below ``/keys`` and ``/tokens``."""
    return [*_keys(origin), *_tokens(origin)]


def _keys(origin: Origin) -> list[Endpoint]:
    async def list_keys(call: Call[None, ListQuery]) -> KeyPage:
        """List the environment keys that you administer, without their secrets."""
        return await origin.read(lambda c: keys.list_keys(c, call.query, call.principal))

    async def create_key(call: Call[NewKey, NoQuery]) -> CreatedKey:
        """
        Create an environment key.

        The answer is the only place where its `secret` is ever shown.
        """
        return await origin.create(
            lambda tx: keys.create_key(tx, call.body, author_of(call)), call.once
        )

    async def get_key(call: Call[None, NoQuery]) -> KeyView:
        """Return an environment key, without its secret."""
        return await origin.read(lambda c: keys.find_key(c, call["key"], call.principal))

    async def update_key(call: Call[MergePatch, NoQuery]) -> KeyView:
        """Rename an environment key, or revoke it on every edge."""
        return await origin.write(
            lambda tx: keys.change_key(tx, call["key"], call.body, author_of(call), call.if_match)
        )

    async def rotate_key(call: Call[Rotation, NoQuery]) -> CreatedKey:
        """
        Create a key like this one, which expires once both have worked for a while.

        The answer is the only place where the new key's `secret` is ever shown.
        """
        return await origin.create(
            lambda tx: keys.rotate_key(tx, call["key"], call.body, author_of(call)), call.once
        )

    many, one = "/api/v1/keys", "/api/v1/keys/{key}"
    return [
        get(many, list_keys, needs=ADMINISTER_PART, query=ListQuery, answer=KeyPage),
        post(
            many,
            create_key,
            needs=ADMINISTER_PART,
            body=NewKey,
            answer=CreatedKey,
            location=lambda view: f"{many}/{view.id}",
            secrets=["secret"],
        ),
        get(one, get_key, needs=ADMINISTER_PART, query=NoQuery, answer=KeyView),
        patch(one, update_key, needs=ADMINISTER_PART, of=KeyState, answer=KeyView),
        post(
            one + "/rotate",
            rotate_key,
            needs=ADMINISTER_PART,
            body=Rotation,
            answer=CreatedKey,
            location=lambda view: f"{many}/{view.id}",
            secrets=["secret"],
        ),
    ]


def _tokens(origin: Origin) -> list[Endpoint]:
    async def list_tokens(call: Call[None, ListQuery]) -> TokenPage:
        """List tokens, without their secrets."""
        return await origin.read(lambda c: tokens.list_tokens(c, call.query))

    async def create_token(call: Call[NewToken, NoQuery]) -> CreatedToken:
        """
        Create a token.

        The answer is the only place where its `secret` is ever shown.
        """
        return await origin.create(
            lambda tx: tokens.create_token(tx, call.body, author_of(call)), call.once
        )

    async def get_token(call: Call[None, NoQuery]) -> TokenView:
        """Return a token, without its secret."""
        return await origin.read(lambda c: tokens.find_token(c, call["token"]))

    async def update_token(call: Call[MergePatch, NoQuery]) -> TokenView:
        """Rename a token, or revoke it; the last one that administers everything stays."""
        return await origin.write(
            lambda tx: tokens.change_token(
                tx, call["token"], call.body, author_of(call), call.if_match
            )
        )

    many, one = "/api/v1/tokens", "/api/v1/tokens/{token}"
    return [
        get(many, list_tokens, needs=ADMINISTER, query=ListQuery, answer=TokenPage),
        post(
            many,
            create_token,
            needs=ADMINISTER,
            body=NewToken,
            answer=CreatedToken,
            location=lambda view: f"{many}/{view.id}",
            secrets=["secret"],
        ),
        get(one, get_token, needs=ADMINISTER, query=NoQuery, answer=TokenView),
        patch(one, update_token, needs=ADMINISTER, of=TokenState, answer=TokenView),
    ]
