"""What is said of an environment key, and of a token."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

from pennon.model.access import KeyKind
from pennon.origin.schemas import Input, Name, View
from pennon.web.permissions import Role, Scope


class NewKey(Input, frozen=True, kw_only=True):
    """
    A key to create.

    `environments` are full names (``shop/production``). A server, client or mobile key is for
    exactly one; a relay key for one or more, or for ``"*"``, also those created later.
    """

    kind: KeyKind
    environments: Annotated[tuple[str, ...], Meta(max_length=1000)] | Literal["*"]
    name: Name = ""
    expires_at: datetime | None = None


class Rotation(Input, frozen=True, kw_only=True):
    """How to change a key for another: for how long the old one still works."""

    overlap_seconds: Annotated[int, Meta(ge=0, le=90 * 24 * 3600)] = 24 * 3600


class KeyState(Input, frozen=True, kw_only=True):
    """The editable part of a key. A revoked key stays revoked."""

    name: Name = ""
    revoked: bool = False


class KeyView(View, frozen=True, kw_only=True):
    """A key; `hint` is enough to tell it from another and too little to use it."""

    id: str
    kind: KeyKind
    environments: tuple[str, ...] | Literal["*"]
    name: str
    hint: str
    revoked: bool
    expires_at: datetime | None
    created_at: datetime
    updated_at: datetime


class CreatedKey(KeyView, frozen=True, kw_only=True):
    """A key just created, with the `secret` that is shown this once and kept nowhere."""

    secret: str


class KeyPage(View, frozen=True, kw_only=True):
    """Keys in order of their ids, and the cursor of the next page where there is one."""

    items: tuple[KeyView, ...]
    next: str | None


class NewToken(Input, frozen=True, kw_only=True):
    """
    A token to create; its name is who the audit log says makes a change.

    Its `scope` are projects and environments by full name (``shop``, ``shop/production``), or
    ``"*"`` for everything; it has its `role` on each.
    """

    name: Name = ""
    role: Role
    scope: Scope
    expires_at: datetime | None = None


class TokenState(Input, frozen=True, kw_only=True):
    """The editable part of a token. A revoked token stays revoked."""

    name: Name = ""
    revoked: bool = False


class TokenView(View, frozen=True, kw_only=True):
    """
    A token; `hint` is enough to tell it from another and too little to use it.

    `user` is the id of who made it, if a person did: it may do nothing that they may not.
    `used_at` is when it was last used, to within an hour.
    """

    id: str
    name: str
    hint: str
    user: str | None
    role: Role
    scope: Scope
    revoked: bool
    expires_at: datetime | None
    used_at: datetime | None
    created_at: datetime
    updated_at: datetime


class CreatedToken(TokenView, frozen=True, kw_only=True):
    """A token just created, with the `secret` that is shown this once and kept nowhere."""

    secret: str


class TokenPage(View, frozen=True, kw_only=True):
    """Tokens in order of their ids, and the cursor of the next page where there is one."""

    items: tuple[TokenView, ...]
    next: str | None
