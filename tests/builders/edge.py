"""An edge without a network: flags set by hand, evaluations asked for over its data plane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from pennon.edge.counting import Counter
from pennon.edge.evaluating import Evaluating
from pennon.edge.ofrep import FLAGS_PATH
from pennon.errors import SourceLost
from pennon.model.access import AccessKey
from pennon.model.codec import encode_item
from pennon.model.flag import Flag
from pennon.model.members import MembersAnswer
from pennon.model.messages import Change, ItemId
from pennon.model.segment import Segment
from pennon.relay.member_questions import Lookup
from pennon.relay.node_members import NodeMembers
from pennon.relay.replica import Verdict
from pennon.relay.tiers import DatafileStore
from pennon.relay.working_set import Holding
from pennon.web.evaluating_settings import EvaluatingSettings
from tests.builders.relay import SHOP, a_change, a_secret, a_snapshot, an_access_key
from tests.builders.web import ANode, Answered

SERVER, CLIENT, MOBILE = a_secret(11, "server"), a_secret(12, "client"), a_secret(13, "mobile")
"""A server, a client and a mobile key, each of which opens the shop alone."""
ALL, TWO, RELAY = a_secret(14, "server"), a_secret(15, "server"), a_secret(16, "relay")
"""Server keys that open everything and two environments, and a relay key."""
STAGING = "shop/staging"
EDGE_KEYS = (
    an_access_key(SERVER, SHOP, kind="server"),
    an_access_key(CLIENT, SHOP, kind="client"),
    an_access_key(MOBILE, SHOP, kind="mobile"),
    an_access_key(ALL, kind="server"),
    an_access_key(TWO, SHOP, STAGING, kind="server"),
    an_access_key(RELAY),
)


class AnEdge(ANode):
    """An edge whose shop holds *items*, at version 1."""

    def __init__(
        self,
        *items: Flag | Segment,
        keys: Sequence[AccessKey] = EDGE_KEYS,
        environments: Sequence[str] = (SHOP,),
        loaded: bool = True,
        counter: Counter | None = None,
        lookup: Lookup | None = None,
        store: DatafileStore | None = None,
        holding: Holding | None = None,
        **settings: Any,
    ) -> None:
        super().__init__(
            keys=keys, environments=environments, loaded=loaded, store=store, holding=holding
        )
        self.members = NodeMembers(self.replicas, lookup or _nobody_to_ask, clock=self.clock)
        self.evaluating = Evaluating(
            self.follower,
            self.keys,
            self.fanout,
            EvaluatingSettings(**settings),
            self.members,
            counter,
        )
        self.parts = (*self.parts, *self.evaluating.parts)
        if loaded:
            self.load(SHOP, *items)

    def load(self, environment: str, *items: Flag | Segment, version: int = 1) -> None:
        """Take a whole environment that holds *items*."""
        held: dict[ItemId, bytes] = {
            ("flag" if isinstance(item, Flag) else "segment", item.key): encode_item(item)
            for item in items
        }
        self.replicas.open(environment).replace(
            a_snapshot(version, held, environment=environment, shrink_allowed=True)
        )
        self.hear(environment)

    def change(self, version: int, item: Flag | Segment) -> None:
        """Take a change of the shop."""
        kind = "flag" if isinstance(item, Flag) else "segment"
        self.replicas.open(SHOP).apply(
            a_change(version, item.key, encode_item(item), kind=kind)  # type: ignore[arg-type]
        )

    def take(self, change: Change) -> None:
        """Take a change as it came."""
        assert self.replicas.take(change) is Verdict.APPLIED

    def delete(self, version: int, key: str) -> None:
        """Take the deletion of a flag of the shop."""
        self.replicas.open(SHOP).apply(a_change(version, key, None))

    async def one(
        self, flag: str, context: object = None, *, key: str | None = SERVER, **headers: str
    ) -> Answered:
        """Evaluate one flag; its key as it stands in a path."""
        body = {} if context is None else {"context": context}
        return await self.post(f"{FLAGS_PATH}/{unquote(flag)}", body, key=key, **headers)

    async def all(
        self, context: object = None, *, key: str | None = SERVER, **headers: str
    ) -> Answered:
        """Evaluate every flag that *key* may see."""
        body = {} if context is None else {"context": context}
        return await self.post(FLAGS_PATH, body, key=key, **headers)


def flags_of(answer: Answered) -> dict[str, dict[str, Any]]:
    """Return what a bulk answer says of each flag."""
    assert answer.status == 200
    return {flag["key"]: flag for flag in answer.json()["flags"]}


async def _nobody_to_ask(environment: str, segment: str, keys: Sequence[str]) -> MembersAnswer:
    raise SourceLost("there is no parent")


def address_in(answer: Answered) -> str:
    """Return the address of the stream that a bulk answer names."""
    (stream,) = answer.json()["eventStreams"]
    address: str = stream["endpoint"]["requestUri"]
    return address
