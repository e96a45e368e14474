"""
Declares an endpoint: what it reads, what it answers, and the function that does it.

A handler takes a `Call` whose body and query are decoded and checked, and returns a Struct; it
raises what is wrong. Its name and docstring are the operation's in the OpenAPI document.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Generic, Literal, TypeVar

from msgspec import Struct

from pennon.web.etag import ANY, Tags
from pennon.web.idempotency import Once
from pennon.web.permissions import Need, Principal

B = TypeVar("B")
Q = TypeVar("Q", bound=Struct)
A = TypeVar("A", bound=Struct)
R = TypeVar("R", bound=Struct, covariant=True)

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
IfMatch = Literal["ignored", "optional", "required"]
MergePatch = dict[str, Any]
"""A JSON merge patch (RFC 7396), decoded."""

JSON: Final = "application/json"
MERGE_PATCH: Final = "application/merge-patch+json"
JSON_LINES: Final = "application/jsonl"
CSV: Final = "text/csv"


class NoQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """No query parameters."""


@dataclass(frozen=True, slots=True)
class Lines:
    """An answer of JSON Lines, sent as they are made: each of `chunks` holds whole lines."""

    chunks: AsyncIterator[bytes]
    headers: tuple[tuple[str, str], ...] = ()

    media_type: ClassVar[str] = JSON_LINES


@dataclass(frozen=True, slots=True)
class Csv(Lines):
    """An answer of CSV, sent as it is made."""

    media_type: ClassVar[str] = CSV


@dataclass(frozen=True, slots=True)
class Upload:
    """A body that is taken as it arrives; to read more of it than is allowed raises."""

    media_type: str
    chunks: AsyncIterator[bytes]


@dataclass(frozen=True, slots=True)
class Call(Generic[B, Q]):
    """
    One request to one endpoint. ``call["flag"]`` is a part of its path.

    `secure` says that it came over https, `once` that what it creates is to be created once,
    however often that is asked for.
    """

    path: Mapping[str, str]
    query: Q
    body: B
    headers: Mapping[str, str]
    principal: Principal
    address: str
    secure: bool = False
    if_match: Tags = ANY
    once: Once | None = None

    def __getitem__(self, name: str) -> str:
        return self.path[name]


class Nothing(Struct, frozen=True):
    """The answer of an endpoint whose status is 204: its body is empty."""


@dataclass(frozen=True, slots=True)
class Reply(Generic[R]):
    """An answer that has headers of its own."""

    body: R
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Again:
    """An answer that was given before, byte for byte, and the path of what was created then."""

    body: bytes
    location: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """
    What is declared of one method on one path.

    `body` is decoded strictly; `patches` is the type of what a merge patch changes, told to
    readers of the OpenAPI document. `location` gives the path of what was created. `secrets` are
    fields of the body or the answer that must be kept nowhere. `if_match` says whether the request
    names the state that it is meant for. `needs` has no default: what does not say who may use it
    does not start. `other_answer` is what is answered where the query asks for something else than
    the thing itself. A body has at most `most_bytes`; one of the media types that it `takes` comes
    as an `Upload`. `tag` gives the entity tag of an answer that is no hash of it.
    """

    method: Method
    path: str
    handler: Callable[[Call[Any, Any]], Awaitable[Struct | Lines | Reply[Struct] | Again]]
    answer: type[Struct | Lines]
    needs: Need
    status: int = 200
    body: Any = None
    query: type[Struct] = NoQuery
    patches: type[Struct] | None = None
    location: Callable[[Any], str] | None = None
    secrets: frozenset[str] = frozenset()
    if_match: IfMatch = "ignored"
    other_answer: type[Struct] | None = None
    most_bytes: int = 1024 * 1024
    takes: tuple[str, ...] = ()
    tag: Callable[[Any], str] | None = None

    @property
    def accepts(self) -> tuple[str, ...]:
        """The media types of its body, the preferred one first."""
        if self.takes:
            return self.takes
        if self.patches is not None:
            return (MERGE_PATCH, JSON)
        return (JSON,) if self.body is not None else ()

    @property
    def creates(self) -> bool:
        """Whether it creates something, at an address of its own."""
        return self.location is not None

    @property
    def shows_secret(self) -> bool:
        """Whether its answer holds a secret, which is shown once."""
        return not self.secrets.isdisjoint(getattr(self.answer, "__struct_fields__", ()))


def get(
    path: str,
    handler: Callable[[Call[None, Q]], Awaitable[A]],
    *,
    needs: Need,
    query: type[Q],
    answer: type[A],
) -> Endpoint:
    """Declare a read."""
    return Endpoint(
        method="GET", path=path, handler=handler, needs=needs, query=query, answer=answer
    )


def get_lines(
    path: str, handler: Callable[[Call[None, NoQuery]], Awaitable[Lines]], *, needs: Need
) -> Endpoint:
    """Declare a read of what is too long for one piece."""
    return Endpoint(method="GET", path=path, handler=handler, needs=needs, answer=Lines)


def post(
    path: str,
    handler: Callable[[Call[B, NoQuery]], Awaitable[A]],
    *,
    needs: Need,
    body: type[B],
    answer: type[A],
    location: Callable[[A], str],
    secrets: Iterable[str] = (),
) -> Endpoint:
    """Declare a creation, answered with 201 and the address of what was created."""
    return Endpoint(
        method="POST",
        path=path,
        handler=handler,
        needs=needs,
        body=body,
        answer=answer,
        status=201,
        location=location,
        secrets=frozenset(secrets),
    )


def patch(
    path: str,
    handler: Callable[[Call[MergePatch, Any]], Awaitable[Struct]],
    *,
    needs: Need,
    of: type[Struct],
    answer: type[Struct],
) -> Endpoint:
    """Declare a change by a merge patch of an *of*."""
    return Endpoint(
        method="PATCH",
        path=path,
        handler=handler,
        needs=needs,
        body=MergePatch,
        patches=of,
        answer=answer,
        if_match="optional",
    )


def put(
    path: str,
    handler: Callable[[Call[B, Any]], Awaitable[Struct]],
    *,
    needs: Need,
    body: type[B],
    answer: type[Struct],
) -> Endpoint:
    """
    Declare the replacement of a whole object, which must say of which state it was made.

    Without `If-Match` it would take back, unseen, whatever others have changed meanwhile.
    """
    return Endpoint(
        method="PUT",
        path=path,
        handler=handler,
        needs=needs,
        body=body,
        answer=answer,
        if_match="required",
    )


def delete(
    path: str,
    handler: Callable[[Call[None, NoQuery]], Awaitable[A]],
    *,
    needs: Need,
    answer: type[A],
    if_match: IfMatch = "ignored",
) -> Endpoint:
    """Declare a removal, answered with 200 and what was removed."""
    return Endpoint(
        method="DELETE", path=path, handler=handler, needs=needs, answer=answer, if_match=if_match
    )


def act(
    path: str,
    handler: Callable[[Call[B, Any]], Awaitable[Struct | Reply[Struct]]],
    *,
    needs: Need,
    body: type[B] | None = None,
    answer: type[Struct],
    if_match: IfMatch = "ignored",
) -> Endpoint:
    """Declare something to be done, answered with 200 and what came of it."""
    return Endpoint(
        method="POST",
        path=path,
        handler=handler,
        needs=needs,
        body=body,
        answer=answer,
        if_match=if_match,
    )
