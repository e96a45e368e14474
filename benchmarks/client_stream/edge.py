"""
The edge that is measured: what evaluates, on the bare server, over replicas that are set by hand.

    python -m benchmarks.client_stream.edge FLAGS

It says `{url, key}`. Orders: `change` changes one flag for everyone and answers
`{version, applied}`; `whole` replaces the environment; `usage` answers what the process has used.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncGenerator, Mapping, Sequence

import uvloop

from benchmarks.fanout.orders import orders, say
from benchmarks.fanout.usage import Meter
from pennon.edge.evaluating import Evaluating
from pennon.errors import NotReady
from pennon.model.access import AccessEnvironment, AccessKey, format_key, hash_key
from pennon.model.codec import digest_of, encode_item, make_change
from pennon.model.flag import ClientSide, Condition, Flag, Rule, Serve, Variation, WeightedVariation
from pennon.model.members import MembersAnswer
from pennon.model.messages import ItemId, Message, Snapshot
from pennon.model.position import ACCESS, Position, make_epoch
from pennon.relay.follower import Follower
from pennon.relay.node_members import NodeMembers
from pennon.web import server
from pennon.web.auth import Keys
from pennon.web.bare import BareServer
from pennon.web.data_plane import DataPlane
from pennon.web.evaluating_settings import EvaluatingSettings
from pennon.web.fanout import Fanout
from pennon.web.process import calm_collector, open_more_files

ENVIRONMENT = "shop/production"
EPOCH = make_epoch(1_763_000_000_000, 1)
CLIENT, RELAY = format_key("client", b"c" * 32), format_key("relay", b"r" * 32)


class NoParent:
    """A source that never says anything."""

    async def messages(self, positions: Mapping[str, Position | None]) -> AsyncGenerator[Message]:
        await asyncio.Event().wait()
        yield  # type: ignore[misc]  # what makes it a generator


class Environment:
    """The environment, which changes when it is told to."""

    def __init__(self, follower: Follower, flags: int) -> None:
        self._replica = follower.replicas.open(ENVIRONMENT)
        self._flags, self._version = flags, 0
        self.whole()

    def whole(self) -> dict[str, float]:
        """Have all flags come at once."""
        self._version += 1
        items: dict[ItemId, bytes] = {
            ("flag", f"flag-{n}"): encode_item(a_flag(n, self._version)) for n in range(self._flags)
        }
        self._replica.replace(a_snapshot(ENVIRONMENT, items, self._version))
        return {"version": self._version, "applied": time.monotonic()}

    def change(self) -> dict[str, float]:
        """Have the first flag serve everyone another value."""
        self._version += 1
        position = Position(EPOCH, self._version)
        item = encode_item(a_flag(0, self._version))
        self._replica.apply(make_change(ENVIRONMENT, position, "flag", "flag-0", item, 0))
        return {"version": self._version, "applied": time.monotonic()}


def a_flag(number: int, version: int) -> Flag:
    """Return a flag of three variations, with a rule and a split; each *version* has new values."""
    halves = (
        WeightedVariation(variation="a", weight=50_000),
        WeightedVariation(variation="b", weight=50_000),
    )
    return Flag(
        key=f"flag-{number}",
        type="string",
        version=version,
        enabled=True,
        variations=tuple(Variation(name=name, value=f"{name}{version}") for name in "abc"),
        rules=(
            Rule(
                id="r",
                when=(Condition(attribute="plan", op="in", values=("free",)),),
                serve=Serve(variation="c"),
            ),
        ),
        default=Serve(split=halves),
        salt=f"salt-{number}",
        client_side=ClientSide(web=True),
    )


def a_snapshot(environment: str, items: dict[ItemId, bytes], version: int) -> Snapshot:
    return Snapshot(
        environment=environment,
        position=Position(EPOCH, version),
        digest=digest_of(items),
        items=items,
        shrink_allowed=True,
    )


async def nobody_to_ask(environment: str, segment: str, keys: Sequence[str]) -> MembersAnswer:
    """There are no external segments here."""
    raise NotReady("Nobody knows.")


async def main(flags: int) -> None:
    """Serve and obey until there are no more orders."""
    open_more_files()
    follower = Follower(NoParent(), lambda access: access.environments)
    keys = [
        AccessKey(hash=hash_key(CLIENT), kind="client", environments=(ENVIRONMENT,)),
        AccessKey(hash=hash_key(RELAY), kind="relay", environments="*"),
    ]
    items: dict[ItemId, bytes] = {("key", key.hash): encode_item(key) for key in keys}
    items["environment", ENVIRONMENT] = encode_item(AccessEnvironment(key=ENVIRONMENT))
    follower.replicas.open(ACCESS).replace(a_snapshot(ACCESS, items, 1))
    evaluating = Evaluating(
        follower,
        Keys(follower.access),
        Fanout(follower.replicas),
        EvaluatingSettings(),
        NodeMembers(follower.replicas, nobody_to_ask),
    )
    environment = Environment(follower, flags)
    meter = Meter()
    bound = server.bind("127.0.0.1", 0)
    bare = BareServer(DataPlane(*evaluating.parts).answer)
    async with bare.listening(bound):
        calm_collector()
        say({"url": server.url_of(bound), "key": CLIENT})
        async for order in orders():
            match order:
                case ["change"]:
                    say(environment.change())
                case ["whole"]:
                    say(environment.whole())
                case _:
                    say(meter.read())


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
