"""What somebody may do now who asked for something earlier: people leave, tokens end."""

from __future__ import annotations

from sqlalchemy import Connection

from pennon.errors import Forbidden, Unauthenticated
from pennon.origin.access import queries
from pennon.origin.access.authentication import holder, refuse_invalid
from pennon.origin.authors import PENNON
from pennon.origin.changelog import Transaction
from pennon.origin.users.queries import find_user
from pennon.origin.users.service import decode_grants
from pennon.web.permissions import Principal, Role


def require_still(transaction: Transaction, id: str, name: str, role: Role, resource: str) -> None:
    """Raise Forbidden where who asked for a change, *name* then, could not make it by now."""
    try:
        now = standing_of(transaction.connection, id, transaction.now)
        now.require(role, resource)
    except Forbidden as error:
        raise Forbidden(f"{name!r} may not make this change any more: {error}") from None


def standing_of(connection: Connection, id: str, now: int) -> Principal:
    """
    Return who a principal is by now, by the id of a token or a user.

    Raises Forbidden where they could no longer ask for anything.
    """
    if id == PENNON.principal.id:
        return PENNON.principal
    token = queries.find_token_and_user_by_id(connection, id)
    if token is not None:
        try:
            refuse_invalid(token, now)
        except Unauthenticated as error:
            raise Forbidden(str(error)) from None
        return holder(token)
    user = find_user(connection, id)
    if user is None or user.disabled:
        raise Forbidden("The user is unknown or disabled.")
    return Principal(user.id, user.name, decode_grants(user.grants), user=user.id)
