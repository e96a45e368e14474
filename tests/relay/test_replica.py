"""What a replica takes, and what it refuses."""

from __future__ import annotations

import pytest

from pennon.model.codec import decode_snapshot, format_digest
from pennon.model.messages import Change, Heartbeat, ItemId, Snapshot
from pennon.relay.replica import Replica, Verdict
from tests.builders.relay import SHOP, a_change, a_position, a_snapshot, an_epoch, some_flags


def a_replica(version: int = 1, count: int = 4) -> Replica:
    """Return a replica that holds *count* flags at *version*."""
    replica = Replica(SHOP)
    replica.replace(a_snapshot(version, some_flags(count)))
    return replica


def a_heartbeat(version: int, digest: int, epoch: int = 1) -> Heartbeat:
    return Heartbeat(
        environment=SHOP,
        epoch=an_epoch(epoch),
        version=version,
        digest=format_digest(digest),
        time=0,
    )


class TestChanges:
    def test_next(self) -> None:
        """The next version is applied, and every listener hears of it."""
        replica = a_replica(1)
        heard: list[Change | Snapshot] = []
        replica.listen(heard.append)
        change = a_change(2)

        assert replica.apply(change) is Verdict.APPLIED
        assert replica.position == a_position(2)
        assert heard == [change]

    @pytest.mark.parametrize("version", [1, 2])
    def test_known(self, version: int) -> None:
        """A version that is held already changes nothing."""
        replica = a_replica(2)
        before = dict(replica.items)

        assert replica.apply(a_change(version)) is Verdict.KNOWN
        assert replica.items == before

    @pytest.mark.parametrize(
        ("version", "epoch", "verdict"),
        [(4, 1, Verdict.GAP), (2, 2, Verdict.GAP), (3, 0, Verdict.BEHIND)],
    )
    def test_elsewhere(self, version: int, epoch: int, verdict: Verdict) -> None:
        """A version skipped or another epoch is never applied."""
        replica = a_replica(2)

        assert replica.apply(a_change(version, epoch=epoch)) is verdict
        assert replica.position == a_position(2)

    def test_nothing_held(self) -> None:
        """A replica that holds nothing cannot apply a change."""
        assert Replica(SHOP).apply(a_change(1)) is Verdict.GAP

    def test_deletion(self) -> None:
        """A change without an item deletes it, and the digest forgets it."""
        replica, other = a_replica(1, 4), a_replica(1, 3)
        replica.apply(a_change(2, "flag-3", None))

        assert ("flag", "flag-3") not in replica.items
        assert replica.digest == other.digest


class TestFullSync:
    def test_replaces(self) -> None:
        """A newer snapshot takes the place of all that was held."""
        replica = a_replica(1, 4)

        assert replica.replace(a_snapshot(9, some_flags(3))) is Verdict.APPLIED
        assert replica.items == some_flags(3)

    def test_below_what_is_held(self) -> None:
        """A snapshot below what is held is refused."""
        replica = a_replica(5)

        assert replica.replace(a_snapshot(4, some_flags(9))) is Verdict.BEHIND
        assert replica.position == a_position(5)

    def test_newer_epoch(self) -> None:
        """A newer epoch replaces, also with a lower version."""
        replica = a_replica(5)

        assert replica.replace(a_snapshot(2, some_flags(4), epoch=2)) is Verdict.APPLIED

    def test_shrunk(self) -> None:
        """Losing more than half of the flags needs leave; half does not."""
        assert a_replica(1, 4).replace(a_snapshot(2, some_flags(1))) is Verdict.SHRUNK
        assert a_replica(1, 4).replace(a_snapshot(2, some_flags(2))) is Verdict.APPLIED
        assert a_replica(1, 4).replace(a_snapshot(2, {}, shrink_allowed=True)) is Verdict.APPLIED

    def test_other_flags(self) -> None:
        """Other flags in the same number are a loss too."""
        others: dict[ItemId, bytes] = {("flag", f"other-{n}"): b"{}" for n in range(4)}

        assert a_replica(1, 4).replace(a_snapshot(2, others)) is Verdict.SHRUNK

    def test_leave_is_passed_on(self) -> None:
        """A follower may lose what this replica saw deleted one by one."""
        replica = a_replica(1, 4)
        assert not decode_snapshot(replica.envelope()).shrink_allowed

        for n in range(3):
            replica.apply(a_change(2 + n, f"flag-{n}", None))

        assert decode_snapshot(replica.envelope()).shrink_allowed


class TestHeartbeats:
    def test_same(self) -> None:
        """Same position, same digest: all is well."""
        replica = a_replica(3)

        assert replica.check(a_heartbeat(3, replica.digest)) is Verdict.KNOWN
        assert replica.asks_from == a_position(3)

    def test_parent_ahead(self) -> None:
        """A parent that is ahead has sent something that was lost."""
        assert a_replica(3).check(a_heartbeat(4, 0)) is Verdict.GAP

    def test_parent_behind(self) -> None:
        """A parent that is behind is waited for."""
        assert a_replica(3).check(a_heartbeat(2, 0)) is Verdict.BEHIND

    def test_drift(self) -> None:
        """Same position, other digest: the whole environment is asked for, and taken."""
        replica = a_replica(3)
        truth = a_snapshot(3, {**some_flags(4), ("flag", "lost"): b"{}"})

        assert replica.check(a_heartbeat(3, truth.digest)) is Verdict.DRIFT
        assert replica.asks_from is None
        assert replica.replace(truth) is Verdict.APPLIED
        assert replica.asks_from == a_position(3)


class TestEnvelope:
    def test_shared(self) -> None:
        """The encoded snapshot is made once a position."""
        replica = a_replica(1)
        first = replica.envelope()
        assert replica.envelope() is first

        replica.apply(a_change(2))

        assert replica.envelope() is not first

    def test_bytes_are_kept(self) -> None:
        """Items travel byte for byte, whatever their JSON looks like."""
        odd = b'{ "key" : "odd",  "n": 1.0, "e": "\\u00e9" }'
        replica = Replica(SHOP)
        replica.replace(a_snapshot(0))
        replica.apply(a_change(1, "odd", odd))

        assert decode_snapshot(replica.envelope()).items == {("flag", "odd"): odd}
