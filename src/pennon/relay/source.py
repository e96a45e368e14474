"""Where a replica's messages come from: the one seam by which the roles differ."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Protocol

from pennon.model.messages import Message
from pennon.model.position import Position


class Source(Protocol):
    """Something that knows more than its follower: a changelog, a parent, a stored datafile."""

    def messages(self, positions: Mapping[str, Position | None]) -> AsyncGenerator[Message]:
        """
        Yield what each environment needs from its position on, then whatever happens, for ever.

        None asks for the whole environment. *positions* is live: a source that opens a second
        connection meanwhile reads where the follower stands by then.
        One call is one attempt: it ends, or raises SourceLost, when the source is lost, and the
        pump decides when to call again.
        Raises BadInput when the source says something that cannot be read.
        """
        ...
