"""Users, and the session of whoever asks, over HTTP."""

from __future__ import annotations

from pennon.origin.authors import author_of
from pennon.origin.schemas import ListQuery
from pennon.origin.services import Origin
from pennon.origin.users import service, sessions
from pennon.origin.users.attempts import Attempts
from pennon.origin.users.cookies import (
    check_same_origin,
    clear_cookie,
    session_of,
    set_cookie,
)
from pennon.origin.users.passwords import Passwords
from pennon.origin.users.schemas import (
    Credentials,
    NewUser,
    PasswordChange,
    PasswordReset,
    SessionView,
    UserPage,
    UserState,
    UserView,
)
from pennon.web.endpoint import (
    Call,
    Endpoint,
    MergePatch,
    NoQuery,
    Nothing,
    Reply,
    act,
    get,
    patch,
    post,
)
from pennon.web.permissions import ADMINISTER, KNOWN, PUBLIC, Principal


def endpoints(origin: Origin) -> list[Endpoint]:
    """Return what is served below ``/users`` and ``/session``."""
    passwords = Passwords()
    attempts = Attempts(lambda: origin.clock() / 1000)
    return [*_users(origin, passwords), *_session(origin, passwords, attempts)]


def _users(origin: Origin, passwords: Passwords) -> list[Endpoint]:
    async def list_users(call: Call[None, ListQuery]) -> UserPage:
        """List users in order of their names."""
        return await origin.read(lambda c: service.list_users(c, call.query))

    async def create_user(call: Call[NewUser, NoQuery]) -> UserView:
        """Create a user."""
        hashed = await passwords.hash(call.body.password)
        return await origin.create(
            lambda tx: service.create(tx, call.body, hashed, author_of(call)), call.once
        )

    async def get_user(call: Call[None, NoQuery]) -> UserView:
        """Return a user."""
        return await origin.read(lambda c: service.find(c, call["user"]))

    async def update_user(call: Call[MergePatch, NoQuery]) -> UserView:
        """Change what a user may do, or disable them; their sessions end."""
        return await origin.write(
            lambda tx: service.change(tx, call["user"], call.body, author_of(call), call.if_match)
        )

    async def reset_password(call: Call[PasswordReset, NoQuery]) -> UserView:
        """Set a user's password; their sessions end."""
        hashed = await passwords.hash(call.body.password)
        return await origin.write(
            lambda tx: service.set_password(tx, call["user"], hashed, author_of(call))
        )

    many, one = "/api/v1/users", "/api/v1/users/{user}"
    return [
        get(many, list_users, needs=ADMINISTER, query=ListQuery, answer=UserPage),
        post(
            many,
            create_user,
            needs=ADMINISTER,
            body=NewUser,
            answer=UserView,
            location=lambda view: f"{many}/{view.id}",
            secrets=["password"],
        ),
        get(one, get_user, needs=ADMINISTER, query=NoQuery, answer=UserView),
        patch(one, update_user, needs=ADMINISTER, of=UserState, answer=UserView),
        act(
            one + "/password",
            reset_password,
            needs=ADMINISTER,
            body=PasswordReset,
            answer=UserView,
        ),
    ]


def _session(origin: Origin, passwords: Passwords, attempts: Attempts) -> list[Endpoint]:
    async def sign_in(call: Call[Credentials, NoQuery]) -> Reply[SessionView]:
        """
        Sign in; the session is in a cookie that no script can read.

        A session that the browser had ends.
        """
        check_same_origin("POST", call.headers, proof=False)
        held = session_of(call.headers, secure=call.secure)
        with attempts.counted(call.body.name.lower(), call.address):
            secret, principal = await sessions.sign_in(
                origin, passwords, call.body, held, call.address
            )
        return Reply(_view(principal), (set_cookie(secret, secure=call.secure),))

    async def get_session(call: Call[None, NoQuery]) -> SessionView:
        """Return who you are, and what you were granted."""
        return _view(call.principal)

    async def sign_out(call: Call[None, NoQuery]) -> Reply[Nothing]:
        """Sign out: the session ends, not only in this browser's memory."""
        await sessions.sign_out(origin, session_of(call.headers, secure=call.secure))
        return Reply(Nothing(), (clear_cookie(secure=call.secure),))

    async def change_password(call: Call[PasswordChange, NoQuery]) -> Reply[SessionView]:
        """Change your own password; your other sessions end, and this one gets a new secret."""
        with attempts.counted(call.principal.name, call.address):
            secret = await sessions.change_password(origin, passwords, call.body, author_of(call))
        return Reply(_view(call.principal), (set_cookie(secret, secure=call.secure),))

    path = "/api/v1/session"
    return [
        act(path, sign_in, needs=PUBLIC, body=Credentials, answer=SessionView),
        get(path, get_session, needs=KNOWN, query=NoQuery, answer=SessionView),
        Endpoint(
            method="DELETE",
            path=path,
            handler=sign_out,
            needs=KNOWN,
            answer=Nothing,
            status=204,
        ),
        act(
            path + "/password",
            change_password,
            needs=KNOWN,
            body=PasswordChange,
            answer=SessionView,
        ),
    ]


def _view(principal: Principal) -> SessionView:
    return SessionView(id=principal.id, name=principal.name, grants=principal.grants)
