"""
The session's cookie, and which requests may use it. Pure.

A browser sends a cookie whoever made it send the request, so a cookie alone proves nothing about a
change. Its `SameSite=Lax` keeps it from other sites' POSTs; that a change came from our own pages
is asked of what a page cannot forge besides: `Sec-Fetch-Site`, or `Origin` where a browser does
not send that. A body must be JSON, which no form of another site can send without asking first.
"""

from __future__ import annotations

from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import urlsplit

from pennon.errors import Forbidden

_NAME: Final = "pennon_session"
# The prefix makes browsers refuse one that was set by a sister domain or over plain HTTP.
_SECURE_NAME: Final = "__Host-pennon_session"
_READING: Final = ("GET", "HEAD")


def set_cookie(secret: str, *, secure: bool) -> tuple[str, str]:
    """Return the header that keeps *secret* in the browser until it is closed."""
    return ("set-cookie", f"{_name(secure)}={secret}; {_attributes(secure)}")


def clear_cookie(*, secure: bool) -> tuple[str, str]:
    """Return the header that takes the session from the browser."""
    return ("set-cookie", f"{_name(secure)}=; Max-Age=0; {_attributes(secure)}")


def session_of(headers: Mapping[str, str], *, secure: bool) -> str | None:
    """Return the secret of a request's session, if it has one."""
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(_name(secure))
    except CookieError:
        return None
    return morsel.value if morsel is not None and morsel.value else None


def check_same_origin(method: str, headers: Mapping[str, str], *, proof: bool = True) -> None:
    """
    Raise Forbidden for a change that another site's page asks for.

    With *proof*, one that does not say where it comes from is refused as well.
    """
    if method in _READING:
        return
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        ours = site == "same-origin"
    elif origin is not None:
        ours = urlsplit(origin).netloc == headers.get("host")
    else:
        ours = not proof
    if not ours:
        raise Forbidden(
            "A change with a session must come from a page of this origin, as Sec-Fetch-Site or "
            "Origin says. Programs use a token."
        )


def _name(secure: bool) -> str:
    return _SECURE_NAME if secure else _NAME


def _attributes(secure: bool) -> str:
    return "Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if secure else "")
