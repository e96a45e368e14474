"""What a request asks to evaluate for: the body `{"context": …}`."""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct

from pennon.model.codec import decode

CONTEXT: Final = "$.context"
"""Where the context stands, for errors."""


class _Body(Struct):
    context: Any = None


def context_in(body: bytes) -> Any:
    """
    Return the JSON of the context in *body*; more beside it is ignored.

    A missing body, a missing context and null are an empty one: flags that need no key still
    answer. Raises BadInput when *body* is anything else than a JSON object.
    """
    given = decode(body, _Body).context if body.strip() else None
    return {} if given is None else given
