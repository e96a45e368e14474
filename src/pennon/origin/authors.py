"""Who makes a change, from where and why: what the audit log records of every one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import unquote

from msgspec import Meta

from pennon.errors import BadInput
from pennon.web.endpoint import Call
from pennon.web.permissions import ADMIN_OF_ALL, Principal

COMMENT_HEADER: Final = "X-Pennon-Comment"
_LONGEST_COMMENT: Final = 2000

Comment = Annotated[str, Meta(max_length=_LONGEST_COMMENT, pattern=r"^[^\0]*$")]
"""A comment in a body, where the body describes a change and not an object."""


@dataclass(frozen=True, slots=True)
class Author:
    """
    The principal behind a change, the address it came from, and its reason if given.

    `approved` says that others have agreed to it, where an environment wants that.
    """

    principal: Principal
    address: str = ""
    comment: str | None = None
    approved: bool = False


PENNON: Final = Author(Principal("pennon", "Pennon itself", ADMIN_OF_ALL))
"""The author of what is done on no one's request, such as the sample."""


def operator(comment: str | None) -> Author:
    """Return the author of what is done to the database itself. Raises BadInput."""
    if comment is not None and (len(comment) > _LONGEST_COMMENT or "\0" in comment):
        raise BadInput.at("--comment", f"expected at most {_LONGEST_COMMENT} characters of text")
    return Author(PENNON.principal, comment=comment)


def author_of(call: Call[Any, Any], said: str | None = None) -> Author:
    """
    Return the author of a request; what is *said* in a body stands before the header.

    The comment comes percent-encoded in a header, since it belongs to the change and not to the
    object that a body describes. Raises BadInput when it is not UTF-8 or is too long.
    """
    comment = call.headers.get(COMMENT_HEADER.lower())
    if comment is not None:
        try:
            comment = unquote(comment, errors="strict")
        except UnicodeDecodeError:
            raise BadInput.at(COMMENT_HEADER, "expected percent-encoded UTF-8") from None
        if len(comment) > _LONGEST_COMMENT or "\0" in comment:
            raise BadInput.at(
                COMMENT_HEADER, f"expected at most {_LONGEST_COMMENT} characters of text"
            )
    return Author(call.principal, call.address, comment if said is None else said)
