"""What is granted, as it is said on the command line. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Annotated, Final, Literal

from cyclopts import Parameter
from msgspec.structs import replace

from pennon.errors import BadInput
from pennon.web.permissions import EVERYTHING, Grant, Grants, Role, Scope

_EVERYTHING: Final = ("everything", EVERYTHING)
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]*(/[a-z0-9][a-z0-9-]*)?", re.ASCII)

RoleOrNone = Literal["viewer", "editor", "approver", "admin", "none"]
On = Annotated[
    tuple[str, ...],
    Parameter(
        help="A project (shop), an environment (shop/production) or everything. "
        "Say the option again for each."
    ),
]


def scope_of(names: Sequence[str]) -> Scope:
    """Return the scope that *names* say. Raises BadInput."""
    if not names:
        raise BadInput.at("--on", "is needed: a project, an environment or everything")
    if any(name in _EVERYTHING for name in names):
        return "*"
    for name in names:
        if not _NAME.fullmatch(name):
            raise BadInput.at("--on", f"expected shop, shop/production or everything, got {name!r}")
    return tuple(names)


def with_role(grants: Grants, role: Role | None, scope: Scope) -> Grants:
    """Return *grants* with *role*, or none, on *scope*, in place of what was granted just there."""
    kept = [rest for grant in grants for rest in _without(grant, scope)]
    return (*kept, Grant(role=role, scope=scope)) if role else tuple(kept)


def grants_text(grants: Iterable[Grant]) -> str:
    """Return ``editor on shop, viewer on everything``."""
    return ", ".join(f"{grant.role} on {scope_text(grant.scope)}" for grant in grants) or "nothing"


def scope_text(scope: Scope) -> str:
    """Return ``shop and blog/production``."""
    return "everything" if scope == EVERYTHING else " and ".join(scope)


def _without(grant: Grant, scope: Scope) -> Grants:
    if EVERYTHING in (grant.scope, scope):
        return () if grant.scope == scope else (grant,)
    names = tuple(name for name in grant.scope if name not in scope)
    return (replace(grant, scope=names),) if names else ()
