"""An edge's data plane with a hundred flags, without a network."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Final

from msgspec.structs import replace

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
from pennon.model.flag import Condition, Flag, Rule, Serve, Variation, WeightedVariation
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

SHOP: Final = "shop/production"
_KEY: Final = format_key("server", bytes(32))
_BODY: Final = b'{"context":{"targetingKey":"ada","plan":"pro","country":"NL"}}'
HEADERS: Final = {"authorization": f"Bearer {_KEY}", "content-type": "application/json"}

SINGLE: Final = Request(method="POST", path=f"{FLAGS_PATH}/flag-7", headers=HEADERS, body=_BODY)
BULK: Final = Request(method="POST", path=FLAGS_PATH, headers=HEADERS, body=_BODY)


def some_answers(count: int) -> list[Detail]:
    """Return the answers of so many flags to one context."""
    ruleset = Ruleset.of(1, {f"flag-{n}": _flag(n) for n in range(count)}, {})
    return evaluate_all(ruleset, Context({"user": {"key": "ada", "plan": "pro"}}))


def a_plane(*, counted: bool, tracked: bool = False) -> DataPlane:
    """Return an edge's OFREP; *counted*: its answers are, *tracked*: so are exposures."""
    follower = _follower()
    scopes = _scopes(follower, tracked=tracked)
    collector = Collector(
        "edge-1",
        Postbox(MemoryBacklog(), _nowhere, Backoff(lambda: 0.0)),
        lambda: time.time_ns() // 1_000_000,
    )
    members = NodeMembers(follower.replicas, _nobody)
    answering = Answering(members.cache, members.lookups, scopes.renew)
    return DataPlane(OfrepEndpoints(scopes, answering, collector if counted else None))


def some_scopes(*, tracked: bool) -> Scopes:
    """Return what requests to an edge may evaluate."""
    return _scopes(_follower(), tracked=tracked)


def _follower() -> Follower:
    follower = Follower(_NoSource(), lambda access: access.environments)
    key = AccessKey(hash=hash_key(_KEY), kind="server", environments=(SHOP,))
    _load(
        follower,
        ACCESS,
        {
            ("key", key.hash): encode_item(key),
            ("environment", SHOP): encode_item(AccessEnvironment(key=SHOP)),
        },
    )
    return follower


def _scopes(follower: Follower, *, tracked: bool) -> Scopes:
    rulesets = Rulesets(follower.replicas)
    flags = {f"flag-{n}": an_experiment(n) if tracked else _flag(n) for n in range(100)}
    _load(follower, SHOP, {("flag", key): encode_item(flag) for key, flag in flags.items()})
    return Scopes(follower, Keys(follower.access), rulesets)


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


def an_experiment(number: int) -> Flag:
    """Return such a flag whose default is an experiment, which is tracked."""
    split = tuple(WeightedVariation(variation=name, weight=50_000) for name in ("off", "on"))
    default = Serve(split=split, experiment="e")
    return replace(_flag(number), default=default, track="experiments")


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
