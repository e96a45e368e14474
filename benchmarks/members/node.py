"""What answers requests on a node, without requests: flags, and members that are remembered."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from pennon.edge.answering import Answer, Answering
from pennon.edge.scope import Scope
from pennon.errors import SourceLost
from pennon.evaluation.ruleset import Ruleset
from pennon.model.access import AccessKey
from pennon.model.codec import digest_of, encode_item
from pennon.model.context import Context
from pennon.model.flag import Condition, Flag, Rule, Serve, Variation
from pennon.model.members import MembersAnswer
from pennon.model.messages import ItemId, Snapshot
from pennon.model.position import Position, make_epoch
from pennon.model.segment import External, Segment
from pennon.relay.node_members import NodeMembers
from pennon.relay.replicas import Replicas

_SHOP: Final = "shop/production"
_SEGMENT: Final = "beta"
_POSITION: Final = Position(make_epoch(1_763_812_800_000, 1), 1)
MEMBER: Final = Context({"user": {"key": "ada", "plan": "pro"}})
STRANGER: Final = Context({"user": {"key": "bob", "plan": "free"}})


def a_ruleset(flags: int, *, external: bool) -> Ruleset:
    """Return so many flags; the rule of the first asks for members where that is *external*."""
    plan = Condition(attribute="plan", op="in", values=("pro",))
    member = Condition(segment=_SEGMENT)
    named = {
        f"flag-{n}": _flag(f"flag-{n}", member if external and n == 0 else plan)
        for n in range(flags)
    }
    return Ruleset.of(1, named, {_SEGMENT: _segment()})


class ANode:
    """Answers from *ruleset*, and knows that ada is a member and bob is none."""

    def __init__(self, ruleset: Ruleset) -> None:
        self.ruleset = ruleset
        items: dict[ItemId, bytes] = {("segment", _SEGMENT): encode_item(_segment())}
        replicas = Replicas()
        replicas.open(_SHOP).replace(
            Snapshot(environment=_SHOP, position=_POSITION, digest=digest_of(items), items=items)
        )
        members = NodeMembers(replicas, _nobody, seconds=86_400.0, clock=time.monotonic)
        members.cache.take(
            MembersAnswer(
                environment=_SHOP,
                segment=_SEGMENT,
                epoch=_POSITION.epoch,
                generation=1,
                in_=("ada",),
            ),
            ("ada", "bob"),
        )
        self._scope = Scope(
            environment=_SHOP,
            ruleset=ruleset,
            client_side=None,
            position=str(_POSITION),
            stale_ms=None,
            key=AccessKey(hash="", kind="server"),
        )
        self._answering = Answering(members.cache, members.lookups, lambda scope: scope)

    def one(self, flag: str, context: Context) -> None:
        """Answer for one flag."""
        assert isinstance(self._answering.one(self._scope, flag, context), Answer)

    def all(self, context: Context) -> None:
        """Answer for every flag."""
        assert isinstance(self._answering.all(self._scope, context, client_side=None), Answer)


def _flag(key: str, condition: Condition) -> Flag:
    return Flag(
        key=key,
        type="boolean",
        enabled=True,
        variations=(Variation(name="on", value=True), Variation(name="off", value=False)),
        rules=(Rule(id="r", when=(condition,), serve=Serve(variation="on")),),
        default=Serve(variation="off"),
    )


def _segment() -> Segment:
    return Segment(key=_SEGMENT, external=External())


async def _nobody(environment: str, segment: str, keys: Sequence[str]) -> MembersAnswer:
    raise SourceLost("there is nobody to ask")
