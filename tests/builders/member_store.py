"""Members of one external segment as an origin keeps them, for nodes to ask about."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from pennon.errors import PennonError
from pennon.model.codec import encode_item
from pennon.model.flag import ClientSide, Flag
from pennon.model.members import MembersAnswer, MembersDelta, Membership
from pennon.model.messages import Change
from pennon.model.segment import External, Segment
from pennon.relay.member_questions import Lookup
from tests.builders.flags import a_flag, a_rule, in_segment
from tests.builders.relay import SHOP, a_change, an_epoch

BETA = "beta"


def an_external(key: str = BETA, *, kind: str = "user") -> Segment:
    """Return a segment that keeps its members of *kind* outside."""
    return Segment(key=key, external=External(kind=kind))


def for_members(key: str = "new", segment: str = BETA, **changes: Any) -> Flag:
    """Return a flag that every page may see: on for the members of *segment*, else off."""
    both = ClientSide(web=True, mobile=True)
    return a_flag(key, rules=(a_rule(in_segment(segment)),), client_side=both, **changes)


class MemberStore:
    """
    Who is in the segment *beta* of the shop, at every version from *version* on.

    `asked` holds the keys of each lookup. A lookup raises what `fails` holds, and waits for
    `answers` to be set.
    """

    def __init__(self, version: int = 1, segment: str = BETA) -> None:
        self.segment, self._first = segment, version
        self._history: list[dict[str, Membership]] = [{}]
        self._generations = [0]
        self.asked: list[tuple[str, ...]] = []
        self.fails: PennonError | None = None
        self.answers = asyncio.Event()
        self.answers.set()

    @property
    def version(self) -> int:
        """The newest version."""
        return self._first + len(self._history) - 1

    def truth(self, key: str, version: int | None = None) -> Membership:
        """Return what *key* was at *version*, by default the newest."""
        at = self.version if version is None else version
        return self._history[at - self._first].get(key, Membership.UNLISTED)

    def change(
        self,
        added: Sequence[str] = (),
        excluded: Sequence[str] = (),
        removed: Sequence[str] = (),
        *,
        reset: bool = False,
    ) -> Change:
        """Make the next version and return what followers are told of it."""
        members = dict(self._history[-1])
        members.update(dict.fromkeys(added, Membership.IN))
        members.update(dict.fromkeys(excluded, Membership.OUT))
        members.update(dict.fromkeys(removed, Membership.UNLISTED))
        self._history.append(members)
        self._generations.append(self.version)
        delta = MembersDelta(generation=self.version, reset=True)
        if not reset:
            delta = MembersDelta(
                generation=self.version,
                added=tuple(added),
                excluded=tuple(excluded),
                removed=tuple(removed),
            )
        item = encode_item(an_external(self.segment))
        return a_change(self.version, self.segment, item, kind="segment", members=delta)

    def answer(self, keys: Sequence[str], version: int | None = None) -> MembersAnswer:
        """Return what a node says that stands at *version*, by default the newest."""
        at = self.version if version is None else version
        return MembersAnswer(
            environment=SHOP,
            segment=self.segment,
            epoch=an_epoch(),
            generation=self._generations[at - self._first],
            version=at,
            in_=tuple(key for key in keys if self.truth(key, at) is Membership.IN),
            out=tuple(key for key in keys if self.truth(key, at) is Membership.OUT),
        )

    async def lookup(self, environment: str, segment: str, keys: Sequence[str]) -> MembersAnswer:
        """Answer as the origin would; see `pennon.relay.member_questions.Lookup`."""
        assert environment == SHOP
        self.asked.append(tuple(keys))
        await self.answers.wait()
        if self.fails is not None:
            raise self.fails
        return self.answer(keys)


def lookup_in(*stores: MemberStore) -> Lookup:
    """Return what asks the store of the segment that is meant."""
    by_segment = {store.segment: store for store in stores}

    async def lookup(environment: str, segment: str, keys: Sequence[str]) -> MembersAnswer:
        return await by_segment[segment].lookup(environment, segment, keys)

    return lookup


async def until(holds: Callable[[], object]) -> None:
    """Return once *holds*, which others on this loop bring about."""
    async with asyncio.timeout(10.0):
        while not holds():  # noqa: ASYNC110  # whatever it is, nobody sets an event for it
            await asyncio.sleep(0)
