"""
Who may do what, and where: roles, what they are granted on, and what an endpoint needs. Pure.

A role includes those before it. A scope is everything, or names of projects (``shop``) and of
environments (``shop/production``); a project's name covers its environments.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal, get_args

from msgspec import Meta, Struct

from pennon.errors import Forbidden

Role = Literal["viewer", "editor", "approver", "admin"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)

_SLUG: Final = r"[a-z0-9][a-z0-9-]{0,63}"
ScopeName = Annotated[str, Meta(pattern=rf"^{_SLUG}(?:/{_SLUG})?$(?!\n)")]
Scope = Annotated[tuple[ScopeName, ...], Meta(min_length=1, max_length=1000)] | Literal["*"]
"""Projects and environments by name, or everything: all projects, and what belongs to none."""

EVERYTHING: Final = "*"


class Grant(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A `role` on each name of `scope`: projects, environments, or ``"*"`` for everything."""

    role: Role
    scope: Scope


Grants = tuple[Grant, ...]
ADMIN_OF_ALL: Final[Grants] = (Grant(role="admin", scope="*"),)


@dataclass(frozen=True, slots=True)
class Principal:
    """
    Who asks, once recognised, and what that one was granted.

    `user` is the person behind it: who is signed in, or who made the token.
    """

    id: str
    name: str
    grants: Grants = ()
    user: str | None = None

    def may(self, role: Role, resource: str, *, partly: bool = False) -> bool:
        """
        Return whether *role* is granted on *resource*: ``"*"``, a project or an environment.

        *partly* is content with something in it.
        """
        return any(
            _reaches(name, resource, partly=partly)
            for grant in self.grants
            if includes(grant.role, role)
            for name in _names(grant.scope)
        )

    def require(self, role: Role, resource: str, *, partly: bool = False) -> None:
        """Raise Forbidden unless `may` says yes."""
        if not self.may(role, resource, partly=partly):
            where = "everything" if resource == EVERYTHING else repr(resource)
            something = f"something in {where}" if partly else where
            raise Forbidden(f"The role '{role}' on {something} is needed, which you do not have.")

    def scope_of(self, role: Role) -> Scope:
        """Return where *role* is granted."""
        scopes = [grant.scope for grant in self.grants if includes(grant.role, role)]
        if EVERYTHING in scopes:
            return "*"
        return tuple(sorted({name for scope in scopes for name in scope}))


@dataclass(frozen=True, slots=True)
class Need:
    """
    What an endpoint needs: a role on what its path names, or anyone who is known.

    `partly` is content with the role on something in it; the handler then answers or changes
    only that. `known` False lets everyone in, known or not.
    """

    role: Role | None = None
    partly: bool = False
    known: bool = True

    def check(self, principal: Principal, path: Mapping[str, str]) -> None:
        """Raise Forbidden unless *principal* may use an endpoint whose path names *path*."""
        if self.role is not None:
            principal.require(self.role, resource_of(path), partly=self.partly)


READ: Final = Need("viewer")
READ_PART: Final = Need("viewer", partly=True)
WRITE: Final = Need("editor")
WRITE_PART: Final = Need("editor", partly=True)
APPROVE: Final = Need("approver")
ADMINISTER: Final = Need("admin")
ADMINISTER_PART: Final = Need("admin", partly=True)
KNOWN: Final = Need()
"""Anyone who is recognised, whatever they were granted: what is about themselves."""
PUBLIC: Final = Need(known=False)
"""Everyone, recognised or not: signing in."""


def resource_of(path: Mapping[str, str]) -> str:
    """Return what a path's parts name: an environment, a project, or everything."""
    project, environment = path.get("project"), path.get("environment")
    if project is None:
        return EVERYTHING
    return project if environment is None else f"{project}/{environment}"


def includes(role: Role, other: Role) -> bool:
    """Return whether who has *role* may do what *other* may."""
    return ROLES.index(role) >= ROLES.index(other)


def common(these: Grants, those: Grants) -> Grants:
    """Return what both *these* and *those* grant: the lesser role on the narrower scope."""
    found = [
        Grant(role=min(one.role, other.role, key=ROLES.index), scope=scope)
        for one in these
        for other in those
        if (scope := _both(one.scope, other.scope))
    ]
    return tuple(dict.fromkeys(found))


def _both(one: Scope, other: Scope) -> Scope:
    if one == EVERYTHING:
        return other
    if other == EVERYTHING:
        return one
    return tuple(
        sorted(
            {name for name in one if _covered(name, other)}
            | {name for name in other if _covered(name, one)}
        )
    )


def _covered(name: str, by: Iterable[str]) -> bool:
    return any(_reaches(wider, name, partly=False) for wider in by)


def _reaches(name: str, resource: str, *, partly: bool) -> bool:
    if name in (EVERYTHING, resource) or resource.startswith(f"{name}/"):
        return True
    return partly and (resource == EVERYTHING or name.startswith(f"{resource}/"))


def _names(scope: Scope) -> Iterable[str]:
    return (EVERYTHING,) if scope == EVERYTHING else scope
