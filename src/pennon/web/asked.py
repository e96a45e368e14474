"""Which environments a follower asks for, and the position that it holds of each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pennon.errors import BadInput
from pennon.model.codec import decode
from pennon.model.messages import StreamRequest
from pennon.model.position import Position, check_environment
from pennon.web.handler import Request

Cursors = dict[str, Position | None]

MOST_IN_QUERY: Final = 500
"""How many environments an address may name."""
MOST_IN_BODY: Final = 5_000
"""How many a body may."""


def cursors_of_query(request: Request) -> Cursors:
    """Read ``?environment=NAME@POSITION&…``. Raises BadInput."""
    cursors: Cursors = {}
    for name, value in request.parameters():
        if name == "environment":
            environment, at, position = value.partition("@")
            check_environment(environment, "?environment")
            cursors[environment] = Position.parse(position, "?environment") if at else None
    _check_count(cursors, MOST_IN_QUERY, "?environment")
    last = request.headers.get("last-event-id")
    if last and len(cursors) == 1:
        cursors = {name: Position.parse(last, "Last-Event-ID") for name in cursors}
    return cursors


def cursors_of_body(request: Request) -> Cursors:
    """Read ``{"environments": {NAME: POSITION, …}}``. Raises BadInput."""
    asked = decode(request.body, StreamRequest).environments
    _check_count(asked, MOST_IN_BODY, "$.environments")
    cursors: Cursors = {}
    for name, position in asked.items():
        path = f"$.environments[{name!r}]"
        check_environment(name, path)
        cursors[name] = None if position is None else Position.parse(position, path)
    return cursors


def _check_count(names: Iterable[str], most: int, path: str) -> None:
    if not 1 <= len(list(names)) <= most:
        raise BadInput.at(path, f"expected 1 to {most} environments")
