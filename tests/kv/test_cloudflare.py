"""Datafiles in Cloudflare's KV: written whole, known by their position, never trusted blindly."""

from __future__ import annotations

import json

import pytest

from pennon.kv.cloudflare import MOST_BYTES
from pennon.kv.cloudflare_address import CloudflareAddress, cloudflare_address
from pennon.model.position import ACCESS
from tests.builders.cloudflare import CloudflareKv
from tests.builders.relay import SHOP, a_position, a_snapshot, an_access, some_flags

STAGING = "shop/staging"


class TestSave:
    async def test_a_worker_can_read_it(self) -> None:
        """The value is the envelope as JSON, under the environment's name."""
        kv = CloudflareKv()
        await kv.datafiles().save(a_snapshot(3, some_flags(2)))

        envelope = json.loads(kv.values[SHOP])
        assert envelope["datafile"]["environment"] == SHOP
        assert envelope["datafile"]["version"] == 3
        assert envelope["datafile"]["flags"].keys() == {"flag-0", "flag-1"}

    async def test_it_is_read_again(self) -> None:
        """What was saved is what is loaded, and its position is known without that."""
        store = CloudflareKv().datafiles()
        await store.save(a_snapshot(3, some_flags(2)))

        assert await store.load(SHOP) == a_snapshot(3, some_flags(2))
        assert await store.position(SHOP) == a_position(3)

    async def test_the_newer_stays(self) -> None:
        """An older position is not written over a newer one."""
        store = CloudflareKv().datafiles()
        await store.save(a_snapshot(3))
        await store.save(a_snapshot(2))

        assert await store.position(SHOP) == a_position(3)

    async def test_access_too(self) -> None:
        """`$access` has a key of its own, so that workers can tell who asks."""
        kv = CloudflareKv()
        await kv.datafiles().save(an_access())

        assert set(kv.values) == {ACCESS}

    async def test_faster_than_it_takes(self) -> None:
        """A second write within a second is refused, which the publisher's pace spares."""
        kv = CloudflareKv()
        store = kv.datafiles()
        await store.save(a_snapshot(1))
        with pytest.raises(OSError, match="429"):
            await store.save(a_snapshot(2))
        kv.clock.now += 1.0
        await store.save(a_snapshot(2))

        assert await store.position(SHOP) == a_position(2)

    async def test_more_than_it_holds(self) -> None:
        """What does not fit is told, and not sent."""
        kv = CloudflareKv()
        large = b'{"key":"f","x":"%b"}' % (b"x" * MOST_BYTES)
        with pytest.raises(OSError, match="more than KV holds"):
            await kv.datafiles().save(a_snapshot(1, {("flag", "f"): large}))

        assert kv.values == {}


class TestRead:
    async def test_nothing(self) -> None:
        """What was never written is nothing, and no failure."""
        store = CloudflareKv().datafiles()

        assert await store.load(SHOP) is None
        assert await store.position(SHOP) is None

    async def test_survey(self) -> None:
        """All that is asked for is found, over as many pages as it takes, and nothing else."""
        kv = CloudflareKv(page=2)
        store = kv.datafiles()
        for number in range(5):
            await store.save(a_snapshot(number, environment=f"shop/e{number}"))

        assert await store.survey([f"shop/e{number}" for number in range(1, 7)]) == {
            f"shop/e{number}": a_position(number) for number in range(1, 5)
        }

    async def test_what_is_wrong_is_refused(self) -> None:
        """A value that is not what its digest says is counted, and not taken."""
        kv = CloudflareKv()
        store = kv.datafiles()
        await store.save(a_snapshot(3, some_flags(2)))
        kv.values[SHOP] = kv.values[SHOP].replace(b"flag-1", b"flag-2")

        assert await store.load(SHOP) is None
        assert store.refused == 1

    async def test_somebody_elses(self) -> None:
        """A value without a position is overwritten as if there were none."""
        kv = CloudflareKv()
        kv.values[SHOP], kv.metadata[SHOP] = b"hello", None

        assert await kv.datafiles().position(SHOP) is None
        assert await kv.datafiles().survey([SHOP]) == {}

    async def test_out_of_reach(self) -> None:
        """To load finds nothing; to write and to look raise OSError."""
        kv = CloudflareKv()
        kv.is_down = True

        assert await kv.datafiles().load(SHOP) is None
        with pytest.raises(OSError, match="cannot be asked"):
            await kv.datafiles().survey([SHOP])

    async def test_a_wrong_token(self) -> None:
        """It says what Cloudflare said, and never the token."""
        with pytest.raises(OSError, match=r"403.*Authentication") as caught:
            await CloudflareKv().datafiles("s3cret").position(SHOP)

        assert "s3cret" not in str(caught.value)


class TestAddress:
    def test_parts(self) -> None:
        """An account and a namespace, as the dashboard shows them."""
        account, namespace = "a" * 32, "0" * 32

        assert cloudflare_address(f"cloudflare://{account}/{namespace}") == CloudflareAddress(
            account, namespace
        )

    @pytest.mark.parametrize("rest", ["", "x/y", f"{'a' * 32}", f"{'a' * 32}/{'b' * 31}", "//"])
    def test_others(self, rest: str) -> None:
        """Anything else is no address."""
        assert cloudflare_address(f"cloudflare://{rest}") is None
