"""Users and tokens, as the command line asks for them and changes them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from msgspec import to_builtins

from pennon.cli.api_client import ApiClient, segment
from pennon.cli.errors import CommandFailed
from pennon.errors import BadInput
from pennon.model.codec import decode
from pennon.model.flag import Wire
from pennon.web.permissions import Grant, Grants, Role, Scope

T = TypeVar("T")

_USERS = "/api/v1/users"
_TOKENS = "/api/v1/tokens"


class UserView(Wire, frozen=True, kw_only=True):
    """A user, as far as it is drawn."""

    id: str
    name: str
    full_name: str = ""
    grants: tuple[Grant, ...] = ()
    disabled: bool = False


class TokenView(Wire, frozen=True, kw_only=True):
    """A token, as far as it is drawn; `secret` is there when it has just been created."""

    id: str
    name: str
    role: Role
    scope: Scope
    revoked: bool = False
    expires_at: datetime | None = None
    used_at: datetime | None = None
    secret: str = ""


class AccessClient(ApiClient):
    """The users and tokens of an origin. Raises CommandFailed for whatever is not an answer."""

    def users(self) -> list[bytes]:
        """Return the JSON of every user."""
        return list(self.pages(_USERS, {}, None))

    def user(self, name: str) -> UserView:
        """Return the user of that name."""
        for body in self.pages(_USERS, {"q": name}, None):
            user = read_user(body)
            if user.name == name:
                return user
        raise CommandFailed(f"There is no user {name!r}.")

    def create_user(self, name: str, full_name: str, password: str, grants: Grants) -> bytes:
        """Create a user and return its JSON."""
        body = {"name": name, "fullName": full_name, "password": password}
        return self.ask("POST", _USERS, json={**body, "grants": _plain(grants)})

    def grant(self, user: UserView, grants: Grants) -> bytes:
        """Grant a user *grants* and no more."""
        return self.ask("PATCH", f"{_USERS}/{user.id}", json={"grants": _plain(grants)})

    def disable(self, user: UserView, *, disabled: bool) -> bytes:
        """Disable a user, or enable them again."""
        return self.ask("PATCH", f"{_USERS}/{user.id}", json={"disabled": disabled})

    def set_password(self, user: UserView, password: str) -> bytes:
        """Set a user's password."""
        return self.ask("POST", f"{_USERS}/{user.id}/password", json={"password": password})

    def tokens(self) -> list[bytes]:
        """Return the JSON of every token."""
        return list(self.pages(_TOKENS, {}, None))

    def create_token(self, name: str, grant: Grant, expires_at: str | None) -> bytes:
        """Create a token and return its JSON, which has its secret."""
        (granted,) = _plain([grant])
        return self.ask("POST", _TOKENS, json={"name": name, **granted, "expiresAt": expires_at})

    def revoke_token(self, id: str) -> bytes:
        """Revoke a token."""
        return self.ask("PATCH", f"{_TOKENS}/{segment(id, 'TOKEN_ID')}", json={"revoked": True})


def read_user(body: bytes) -> UserView:
    """Read a user that the origin gave."""
    return _read(body, UserView)


def read_token(body: bytes) -> TokenView:
    """Read a token that the origin gave."""
    return _read(body, TokenView)


def _read(body: bytes, type: type[T]) -> T:
    try:
        return decode(body, type)
    except BadInput as error:
        raise CommandFailed(f"The origin gave nothing that can be read: {error}") from None


def _plain(grants: Iterable[Grant]) -> list[dict[str, object]]:
    return [to_builtins(grant) for grant in grants]
