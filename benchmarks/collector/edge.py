"""An edge's data plane with a hundred flags, without a network."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Final

from pennon.edge.answering import Answering
from pennon.edge.collector import Collector
from pennon.edge.ofrep import FLAGS_PATH, OfrepEndpoints
from pennon.edge.rulesets import Rulesets
from pennon.edge.scope import Scopes
from pennon.errors import SourceLost
from pennon.evaluation.evaluate import evaluate_all
from pennon.evaluation.ruleset import Ruleset
from pennon.model.access import AccessEnvironment, AccessKey, format_key, hash_key
from pennon.model.codec import digest_of, encode_item
from pennon.model.context import Context
from pennon.model.detail import Detail
from pennon.model.flag import Condition, Flag, Rule, Serve, Variation
from pennon.model.members import MembersAnswer
from pennon.model.messages import ItemId, Message, Snapshot
from pennon.model.position import ACCESS, Position
from pennon.relay.backlog import MemoryBacklog
from pennon.relay.backoff import Backoff
from pennon.relay.follower import Follower
from pennon.relay.node_members import NodeMembers
from pennon.relay.postbox import Postbox
from pennon.web.auth import Keys
from pennon.web.data_plane import DataPlane
from pennon.web.handler import Request

_SHOP: Final = "shop/production"
_KEY: Final = format_key("server", bytes(32))
_BODY: Final = b'{"context":{"targetingKey":"ada","plan":"pro","country":"NL"}}'
_HEADERS: Final = {"authorization": f"Bearer {_KEY}", "content-type": "application/json"}

SINGLE: Final = Request(method="POST", path=f"{FLAGS_PATH}/flag-7", headers=_HEADERS, body=_BODY)
BULK: Final = Request(method="POST", path=FLAGS_PATH, headers=_HEADERS, body=_BODY)


def some_answers(count: int) -> list[Detail]:
    """Return the answers of so many flags to one context."""
    ruleset = Ruleset.of(1, {f"flag-{n}": _flag(n) for n in range(count)}, {})
    return evaluate_all(ruleset, Context({"user": {"key": "ada", "plan": "pro"}}))


def a_plane(*, counted: bool) -> DataPlane:
    """Return an edge's OFREP, whose answers are counted or not."""
    follower = Follower(_NoSource(), lambda access: access.environments)
    key = AccessKey(hash=hash_key(_KEY), kind="server", environments=(_SHOP,))
    _load(
        follower,
        ACCESS,
        {
            ("key", key.hash): encode_item(key),
            ("environment", _SHOP): encode_item(AccessEnvironment(key=_SHOP)),
        },
    )
    rulesets = Rulesets(follower.replicas)
    _load(follower, _SHOP, {("flag", f"flag-{n}"): encode_item(_flag(n)) for n in range(100)})
    scopes = Scopes(follower, Keys(follower.access), rulesets)
    collector = Collector(
        "edge-1",
        Postbox(MemoryBacklog(), _nowhere, Backoff(lambda: 0.0)),
        lambda: time.time_ns() // 1_000_000,
    )
    members = NodeMembers(follower.replicas, _nobody)
    answering = Answering(members.cache, members.lookups, scopes.renew)
    return DataPlane(OfrepEndpoints(scopes, answering, collector if counted else None))


async def _nobody(environment: str, segment: str, keys: Sequence[str]) -> MembersAnswer:
    raise SourceLost("there is no parent")


class _NoSource:
    """Says nothing."""

    async def messages(self, positions: Mapping[str, Position | None]) -> AsyncGenerator[Message]:
        nothing: tuple[Message, ...] = ()
        for message in nothing:
            yield message


async def _nowhere(data: bytes) -> None:
    """Take a batch."""


def _load(follower: Follower, environment: str, items: dict[ItemId, bytes]) -> None:
    follower.replicas.open(environment).replace(
        Snapshot(
            environment=environment,
            position=Position("1763812800000-9f3a01c2", 1),
            digest=digest_of(items),
            items=items,
        )
    )


def _flag(number: int) -> Flag:
    """Return a flag of three rules, none of which matches."""
    rules = tuple(
        Rule(
            id=f"r{place}",
            when=(
                Condition(attribute="plan", op="in", values=("pro",)),
                Condition(attribute="country", op="in", values=(f"X{place}",)),
            ),
            serve=Serve(variation="on"),
        )
        for place in range(3)
    )
    return Flag(
        key=f"flag-{number}",
        type="boolean",
        enabled=True,
        variations=(Variation(name="off", value=False), Variation(name="on", value=True)),
        off="off",
        rules=rules,
        default=Serve(variation="off"),
        salt="salt",
    )
