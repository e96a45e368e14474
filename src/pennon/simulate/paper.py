"""
The paper model: what a tree of nodes needs in connections, bytes, memory and money.

Sizes are those of the wire and of processes measured once (`docs/scale.md` says how); a test holds
the bytes of a stream to what a simulated fleet reads.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

DAY_SECONDS: Final = 86_400

CHANGE_BYTES: Final = 200
"""What a change's event has around its item: names, position, time, the event's own lines."""
ITEM_BYTES: Final = 20
"""What a whole environment has around each of its items."""
SNAPSHOT_BYTES: Final = 250
"""What a whole environment has around all of them."""
ACCESS_BYTES: Final = 1_000
"""`$access` of an installation with a handful of keys."""
HEARTBEAT_BYTES: Final = 210
COMMENT_BYTES: Final = 3
PACKET_BYTES: Final = 82
"""What each write to a stream has around it: chunk 8, TLS 22, TCP and IP 52."""
ACK_BYTES: Final = 750
"""An ack with its request's head, and the answer."""
ANNOUNCEMENT_BYTES: Final = 1_000

FOLLOWER_KB: Final = 1.8
"""What a follower's connection takes of its parent's memory (`benchmarks/fanout`)."""
CONNECTOR_MB: Final = 60
EDGE_MB: Final = 62
ITEM_KB_HELD: Final = 1.5
"""What a connector holds of an item of 600 bytes, and how much more its run of frames."""
ITEM_KB_COMPILED: Final = 4.2
"""What an edge holds of a flag, its generated function included (`benchmarks/scale`)."""


class Load(Struct, frozen=True, kw_only=True):
    """What is asked of a tree. An environment's items have *item_bytes* each."""

    nodes: int
    regions: int
    environments: int = 1
    flags: int = 200
    item_bytes: int = 600
    changes_a_day: int = 1_000
    followers_a_connector: int = 500
    heartbeat_seconds: float = 30.0
    comment_seconds: float = 10.0


class Prices(Struct, frozen=True, kw_only=True):
    """Money, of any currency: a small machine's month, and a gigabyte that leaves."""

    machine_month: float = 15.0
    gigabyte: float = 0.08


class Needs(Struct, frozen=True, kw_only=True):
    """What a tree needs. Megabytes are of memory, gigabytes of traffic."""

    connectors: int
    origin_connections: int
    connector_connections: int
    node_mb_a_day: float
    origin_gb_a_day: float
    connectors_gb_a_day: float
    connector_mb: float
    edge_mb: float
    month: float
    """The connectors' machines and all traffic; nodes stand where the traffic is anyway."""


def read_by_follower(
    *, flags: int, item_bytes: float, changes: int, seconds: float, comment_seconds: float = 10.0
) -> float:
    """Return the bytes that a follower of one environment reads, from nothing, framing left out."""
    whole = SNAPSHOT_BYTES + flags * (item_bytes + ITEM_BYTES) + ACCESS_BYTES
    comments = (1 + seconds / comment_seconds) * COMMENT_BYTES
    return whole + changes * (item_bytes + CHANGE_BYTES) + comments


def needs(load: Load, prices: Prices | None = None) -> Needs:
    """Return what *load* needs, once every node holds what it follows."""
    prices = prices or Prices()
    connectors = max(load.regions, -(-load.nodes // load.followers_a_connector))
    down = _down_a_day(load)
    announcements = DAY_SECONDS / load.heartbeat_seconds * ANNOUNCEMENT_BYTES
    up = load.changes_a_day * ACK_BYTES + announcements
    # A connector repeats what its nodes say: it passes on every announcement and every ack.
    below = load.nodes / connectors
    origin = connectors * down + load.nodes * up
    items = load.environments * load.flags
    return Needs(
        connectors=connectors,
        origin_connections=connectors,
        connector_connections=-(-load.nodes // connectors),
        node_mb_a_day=(down + up) / 1e6,
        origin_gb_a_day=origin / 1e9,
        connectors_gb_a_day=load.nodes * (down + up) / 1e9,
        connector_mb=CONNECTOR_MB + below * FOLLOWER_KB / 1000 + items * ITEM_KB_HELD / 1000,
        edge_mb=EDGE_MB + items * ITEM_KB_COMPILED / 1000,
        month=connectors * prices.machine_month
        + (connectors + load.nodes) * down * 30 / 1e9 * prices.gigabyte,
    )


def _down_a_day(load: Load) -> float:
    """Return the bytes that one stream carries in a day, its packets' own included."""
    changes = load.changes_a_day * (load.item_bytes + CHANGE_BYTES + PACKET_BYTES)
    beats = DAY_SECONDS / load.heartbeat_seconds
    heartbeats = beats * (load.environments * HEARTBEAT_BYTES + PACKET_BYTES)
    comments = DAY_SECONDS / load.comment_seconds * (COMMENT_BYTES + PACKET_BYTES)
    return changes + heartbeats + comments


def table(loads: tuple[Load, ...], prices: Prices | None = None) -> str:
    """Return what each of *loads* needs as the rows of a Markdown table."""
    rows = []
    for load in loads:
        one = needs(load, prices)
        rows.append(
            f"| {load.nodes:,} | {one.connectors} | {one.origin_connections} "
            f"| {one.connector_connections} | {one.node_mb_a_day:.1f} MB "
            f"| {one.origin_gb_a_day:.1f} GB | {one.connectors_gb_a_day:.1f} GB "
            f"| {one.connector_mb:.0f} MB | {one.edge_mb:.0f} MB | {one.month:,.0f} |"
        )
    return "\n".join(rows)


SIZES: Final = tuple(
    Load(nodes=nodes, regions=regions) for nodes, regions in ((200, 4), (2_000, 6), (20_000, 10))
)
"""The trees of `docs/scale.md`."""
