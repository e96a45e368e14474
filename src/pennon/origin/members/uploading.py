"""
Takes a whole list of members: put in order on disk, compared with the one that is kept, applied.

The body is read to its end, and every line of it, before anything is written. What differs little
is applied to the list in use; of what differs much, the new list is written beside it, and one
short transaction puts it in its place. So a change of another is never kept waiting for long.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from functools import partial
from typing import Final

from sqlalchemy import Connection

from pennon.errors import Conflict, NotReady, ReadOnly, SourceLost
from pennon.origin.authors import Author
from pennon.origin.changelog import Transaction
from pennon.origin.members import queries
from pennon.origin.members.changing import answer_of, edit_in_place, named, replace_all
from pennon.origin.members.comparing import Comparison
from pennon.origin.members.holding import (
    Held,
    Place,
    find_members_of,
    hold_members_of,
    refuse_uneditable,
)
from pennon.origin.members.parsing import ListParser
from pennon.origin.members.schemas import Counts, MembersChanged
from pennon.origin.members.sorting import Sorting
from pennon.origin.members.staging import staged
from pennon.origin.services import Origin
from pennon.web.endpoint import Upload
from pennon.web.etag import Tags
from pennon.web.problem import HttpError

_Put = Callable[[Transaction, Held], MembersChanged]

AT_ONCE: Final = 2
"""How many lists an origin takes at the same time: each may fill a gigabyte of its disk."""

_PIECE: Final = 1024 * 1024
_PAGE: Final = 5_000
_TRIES: Final = 3


class Uploads:
    """Takes uploads of one origin; who sends nothing for *silence* seconds is given up."""

    def __init__(self, origin: Origin, silence: float = 30.0) -> None:
        self._origin, self._silence = origin, silence
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def take(
        self, place: Place, upload: Upload, author: Author, if_match: Tags, *, dry_run: bool
    ) -> MembersChanged:
        """
        Make the members of a segment those of *upload*, or say what that would change.

        Raises what `hold_members_of` does, BadInput with the line of what is wrong, NotReady
        where others are at it, Conflict where the members change too often meanwhile, and
        HttpError where nothing comes any more.
        """
        if self._origin.database.read_only and not dry_run:
            raise ReadOnly
        held = await self._find(place, author, if_match)
        if self._turns.locked():
            raise NotReady(f"{AT_ONCE} lists are being taken already.", retry_after=5.0)
        async with self._turns:
            with Sorting() as new:
                await _read(upload, new, self._silence)
                if dry_run:
                    compared = await self._compare(held, new)
                    return _foreseen(held, new, compared)
                return await self._apply(held, new, author, if_match)

    async def clear(self, place: Place, author: Author, if_match: Tags) -> MembersChanged:
        """Remove all members of a segment."""
        if self._origin.database.read_only:
            raise ReadOnly
        held = await self._find(place, author, if_match)
        with Sorting() as nothing:
            nothing.finish()
            return await self._apply(held, nothing, author, if_match)

    async def _find(self, place: Place, author: Author, if_match: Tags) -> Held:
        """Refuse what would be refused at the end, before the body is read."""

        def find(connection: Connection) -> Held:
            held = find_members_of(connection, place)
            refuse_uneditable(connection, place, author)
            held.check(if_match)
            return held

        return await self._origin.read(find)

    async def _apply(
        self, held: Held, new: Sorting, author: Author, if_match: Tags
    ) -> MembersChanged:
        place, list_id = held.place, None
        async with AsyncExitStack() as stack:
            for _ in range(_TRIES):
                compared = await self._compare(held, new)
                put = partial(_put, new=new, compared=compared, author=author)
                if not compared.is_small:
                    if list_id is None:
                        list_id = await stack.enter_async_context(
                            staged(self._origin, place, new.listed())
                        )
                    put = partial(put, list_id=list_id)
                try:
                    return await self._commit(held, author, if_match, put)
                except _Moved:
                    held = await self._find(place, author, if_match)
        raise Conflict(
            f"The members of {place.segment!r} kept changing while the list was compared with "
            "them. Upload it again."
        )

    async def _commit(
        self, held: Held, author: Author, if_match: Tags, put: _Put
    ) -> MembersChanged:
        def work(transaction: Transaction) -> MembersChanged:
            now = hold_members_of(transaction, held.place, author, if_match)
            if now != held:
                raise _Moved
            return put(transaction, held)

        return await self._origin.write(work, held.place.project)

    async def _compare(self, held: Held, new: Sorting) -> Comparison:
        """Return what *new* changes in the list that is held, read a page at a time."""
        compared = await asyncio.to_thread(Comparison, new.listed())
        last = None
        while held.list is not None:
            read = partial(queries.read_page, id=held.list, after=last, limit=_PAGE)
            rows = await self._origin.read(read)
            page = [(row.key, bool(row.member)) for row in rows]
            await asyncio.to_thread(compared.take, page)
            if len(page) < _PAGE:
                break
            last = page[-1][0]
        await asyncio.to_thread(compared.end)
        return compared


class _Moved(Exception):
    """The members are no longer those that the list was compared with."""


async def _read(upload: Upload, new: Sorting, silence: float) -> None:
    """Put all that is uploaded into *new*, in order. Raises BadInput, SourceLost, HttpError."""
    parser, piece = ListParser(upload.media_type), bytearray()
    try:
        async for chunk in _arriving(upload.chunks, silence):
            piece += chunk
            if len(piece) >= _PIECE:
                await asyncio.to_thread(_feed, new, parser, bytes(piece))
                piece.clear()
        await asyncio.to_thread(_feed, new, parser, bytes(piece))
        await asyncio.to_thread(_end, new, parser)
    except OSError as error:
        raise SourceLost(f"The origin cannot put the list by: {error.strerror}.") from error


async def _arriving(chunks: AsyncIterator[bytes], silence: float) -> AsyncIterator[bytes]:
    """Yield *chunks*; who is silent must not keep others from their turn."""
    while True:
        try:
            async with asyncio.timeout(silence):
                chunk = await anext(chunks, None)
        except TimeoutError:
            raise HttpError(408, f"Nothing of the list came for {silence:g} seconds.") from None
        if chunk is None:
            return
        yield chunk


def _feed(new: Sorting, parser: ListParser, piece: bytes) -> None:
    new.add(parser.feed(piece))


def _end(new: Sorting, parser: ListParser) -> None:
    new.add(parser.end())
    new.finish()


def _put(
    transaction: Transaction,
    held: Held,
    *,
    new: Sorting,
    compared: Comparison,
    author: Author,
    list_id: int | None = None,
) -> MembersChanged:
    """Make the list that is held that of *new*, which *compared* tells the difference of."""
    if list_id is None or compared.is_small:
        return edit_in_place(transaction, held, compared.edits, author, new.repeated)
    counts, first = _counted(compared), named(compared.shown)
    return replace_all(transaction, held, list_id, new.tally, counts, first, author, new.repeated)


def _foreseen(held: Held, new: Sorting, compared: Comparison) -> MembersChanged:
    """Return what a dry run answers: the list as it would be, at the generation that it is at."""
    return answer_of(
        held,
        held.generation,
        new.tally,
        _counted(compared),
        named(compared.shown),
        repeated=new.repeated,
        dry_run=True,
    )


def _counted(compared: Comparison) -> Counts:
    counts = compared.counts
    return Counts(added=counts[True], excluded=counts[False], removed=counts[None])
