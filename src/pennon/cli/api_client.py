"""The management API as the command line uses it: ask, and tell plainly what went wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Self
from urllib.parse import quote

import httpx2
from msgspec import Raw

from pennon.cli.connection import Target
from pennon.cli.errors import CommandFailed
from pennon.errors import BadInput
from pennon.model.codec import decode
from pennon.model.flag import Wire

_PAGE = 100

Query = Mapping[str, str | int | tuple[str, ...] | None]
"""Parameters by name; a tuple is given once for each of its values, None not at all."""


class _Page(Wire, frozen=True, kw_only=True):
    items: tuple[Raw, ...] = ()
    next: str | None = None


class _ProblemFault(Wire, frozen=True, kw_only=True):
    path: str = ""
    message: str = ""


class _Problem(Wire, frozen=True, kw_only=True):
    """An RFC 9457 answer, as far as a person needs it."""

    title: str = ""
    detail: str = ""
    errors: tuple[_ProblemFault, ...] = ()


class ApiClient:
    """Asks an origin. Raises CommandFailed for whatever is not an answer."""

    patience = 10.0
    """Seconds that an answer may take."""

    def __init__(self, target: Target, transport: httpx2.BaseTransport | None = None) -> None:
        self._target = target
        # no redirect is followed: the token is for this origin alone
        self._http = httpx2.Client(
            base_url=target.url,
            headers={"Authorization": f"Bearer {target.token}"},
            timeout=self.patience,
            transport=transport,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._http.close()

    def absolute(self, address: str) -> str:
        """Return an *address* that the origin gave as one that can be opened."""
        return str(httpx2.URL(self._target.url).join(address))

    def pages(self, path: str, asked: Query, limit: int | None) -> Iterator[bytes]:
        """Yield the JSON of each item of a list, at most *limit*, a page when it is needed."""
        left, cursor = limit, None
        while left is None or left > 0:
            query = given({**asked, "cursor": cursor, "limit": min(_PAGE, left or _PAGE)})
            page = self._decode_page(self.ask("GET", path, params=query))
            yield from map(bytes, page.items)
            left = None if left is None else left - len(page.items)
            cursor = page.next
            if cursor is None or not page.items:
                return

    def _decode_page(self, body: bytes) -> _Page:
        try:
            return decode(body, _Page)
        except BadInput as error:
            raise CommandFailed(f"{self._target.url} gave no list: {error}") from None

    def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | list[str]] | None = None,
        json: object = None,
        headers: dict[str, str] | None = None,
        content: Iterable[bytes] | None = None,
        patience: float | None = None,
    ) -> bytes:
        """Return the body of an answer, which may take *patience* seconds."""
        with self._told_plainly():
            answer = self._http.request(
                method,
                path,
                params=params,
                json=json,
                headers=headers,
                content=content,
                timeout=patience or self.patience,
            )
        if answer.is_success:
            return answer.content
        raise CommandFailed(self._problem_text(answer))

    def stream(self, path: str, patience: float) -> Iterator[bytes]:
        """Yield the body of an answer as it comes. Raises CommandFailed where it breaks off."""
        with self._told_plainly(), self._http.stream("GET", path, timeout=patience) as answer:
            if not answer.is_success:
                answer.read()
                raise CommandFailed(self._problem_text(answer))
            yield from answer.iter_bytes()

    @contextmanager
    def _told_plainly(self) -> Iterator[None]:
        try:
            yield
        except httpx2.ConnectError:
            raise CommandFailed(
                f"Nothing answers at {self._target.url}.\n"
                "Start an origin with pennon up, or name another with --url."
            ) from None
        except httpx2.HTTPError as error:
            raise CommandFailed(f"{self._target.url} gave no answer: {error}") from None

    def _problem_text(self, answer: httpx2.Response) -> str:
        try:
            problem = decode(answer.content, _Problem)
        except BadInput:
            problem = _Problem()
        # a detail only strings the faults together, and they stand on lines of their own
        lines = [
            (problem.title if problem.errors else problem.detail)
            or problem.title
            or f"{self._target.url} answered {answer.status_code}, which is no answer of Pennon's."
        ]
        lines += [f"{fault.path}: {fault.message}" for fault in problem.errors]
        if answer.status_code == httpx2.codes.UNAUTHORIZED:
            lines.append("Give the admin token with --token or PENNON_TOKEN.")
        return "\n".join(lines)


def given(values: Query) -> dict[str, str | list[str]]:
    """Return a query of what there is."""
    return {
        name: [*value] if isinstance(value, tuple) else str(value)
        for name, value in values.items()
        if value is not None
    }


def segment(name: str, option: str) -> str:
    """Return *name* as one segment of a path, which ``..`` would walk out of."""
    if name in ("", ".", ".."):
        raise BadInput.at(option, f"expected a key, got {name!r}")
    return quote(name, "")
