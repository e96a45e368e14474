"""What is said of a user, and of a session."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from msgspec import Meta

from pennon.origin.schemas import Input, Name, View
from pennon.web.permissions import Grant

_END: Final = r"$(?!\n)"

UserName = Annotated[str, Meta(pattern=rf"^[a-z0-9][a-z0-9._@+-]{{0,127}}{_END}")]
"""What one signs in with: a short name or a mail address, in small letters."""

NewPassword = Annotated[str, Meta(min_length=12, max_length=1024)]
"""Long enough not to be guessed; which characters it has is nobody's business."""

Grants = Annotated[tuple[Grant, ...], Meta(max_length=100)]


class NewUser(Input, frozen=True, kw_only=True):
    """A user to create, with the password of the first sign-in."""

    name: UserName
    full_name: Name = ""
    password: NewPassword
    grants: Grants = ()


class UserState(Input, frozen=True, kw_only=True):
    """The editable part of a user. A disabled one cannot sign in, nor use tokens made by them."""

    full_name: Name = ""
    grants: Grants = ()
    disabled: bool = False


class PasswordReset(Input, frozen=True, kw_only=True):
    """A password that an administrator sets for somebody."""

    password: NewPassword


class UserView(View, frozen=True, kw_only=True):
    """A user, without the password."""

    id: str
    name: str
    full_name: str
    grants: tuple[Grant, ...]
    disabled: bool
    created_at: datetime
    updated_at: datetime


class UserPage(View, frozen=True, kw_only=True):
    """Users in order of their names, and the cursor of the next page where there is one."""

    items: tuple[UserView, ...]
    next: str | None


class Credentials(Input, frozen=True, kw_only=True):
    """What one signs in with. The name is read in small letters."""

    name: Annotated[str, Meta(max_length=256)]
    password: Annotated[str, Meta(max_length=1024)]


class PasswordChange(Input, frozen=True, kw_only=True):
    """One's own new password, and the present one: a session left open is not enough."""

    current: Annotated[str, Meta(max_length=1024)]
    password: NewPassword


class SessionView(View, frozen=True, kw_only=True):
    """Who is signed in, and what was granted; a token has the name and id of its own."""

    id: str
    name: str
    grants: tuple[Grant, ...]
