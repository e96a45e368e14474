"""What one may ask of a node that evaluates."""

from __future__ import annotations

from typing import Any

import pytest

from pennon.errors import BadInput, TooManyRequests
from pennon.web.admission import Admission
from pennon.web.admission_settings import AdmissionSettings
from pennon.web.handler import Request
from pennon.web.problem import HttpError
from tests.builders.relay import a_secret, an_access_key

ADA, EVE = an_access_key(a_secret(1)), an_access_key(a_secret(2))
ADDRESS = "203.0.113.9"


class Clock:
    """A clock in seconds that stands still until a test moves it."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def an_admission(clock: Clock | None = None, **settings: Any) -> Admission:
    return Admission(AdmissionSettings(**settings), clock or Clock())


def a_request(address: str = ADDRESS, body: bytes = b"", **headers: str) -> Request:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(method="POST", path="/", client=address, body=body, headers=given)


def admitted(admission: Admission, request: Request, key: Any = ADA, most: int = 200) -> int:
    """Return how many requests are let through at once."""
    for count in range(most):
        try:
            admission.admit(request, key)
        except TooManyRequests:
            return count
    return most


class TestRates:
    def test_off(self) -> None:
        """There is no limit unless one is set."""
        assert admitted(an_admission(), a_request()) == 200

    def test_a_key(self) -> None:
        """A key has a burst, then its rate, from wherever it asks; another key has its own."""
        clock = Clock()
        admission = an_admission(clock, key_rate=5, burst_seconds=4)
        seen = [admitted(admission, a_request()), admitted(admission, a_request("192.0.2.1"))]
        seen.append(admitted(admission, a_request(), EVE))
        clock.now += 2
        seen.append(admitted(admission, a_request()))

        assert seen == [20, 0, 20, 10]
        assert admission.refused_keys == 4

    def test_an_address(self) -> None:
        """So has an address, with whatever key."""
        admission = an_admission(address_rate=1, burst_seconds=3)
        seen = [admitted(admission, a_request(), ADA), admitted(admission, a_request(), EVE)]
        seen.append(admitted(admission, a_request("192.0.2.1"), ADA))

        assert seen == [3, 0, 3]
        assert admission.refused_addresses == 3

    def test_a_network_of_ipv6(self) -> None:
        """Who has a /64 has 2**64 addresses, and one share."""
        admission = an_admission(address_rate=1, burst_seconds=3)
        seen = [admitted(admission, a_request(f"2001:db8::{n:x}")) for n in range(3)]

        assert seen == [3, 0, 0]

    def test_behind_a_proxy(self) -> None:
        """It is the client that counts, not the proxy; what it says of itself is not believed."""
        admission = an_admission(address_rate=1, burst_seconds=3, trusted_proxies=("10.0.0.1",))
        spoofed = [a_request("10.0.0.1", x_forwarded_for=f"1.1.1.{n}, {ADDRESS}") for n in (1, 2)]
        seen = [admitted(admission, request) for request in spoofed]
        seen.append(admitted(admission, a_request("10.0.0.1", x_forwarded_for="192.0.2.1")))

        assert seen == [3, 0, 3]

    def test_a_proxy_that_says_nothing(self) -> None:
        """It stands for any number of clients, who are not made to share."""
        admission = an_admission(address_rate=1, burst_seconds=3)

        assert admitted(admission, a_request("127.0.0.1")) == 200

    def test_says_when_to_come_back(self) -> None:
        """And then there is one more."""
        clock = Clock()
        admission = an_admission(clock, key_rate=0.5, burst_seconds=2)
        admission.admit(a_request(), ADA)
        with pytest.raises(TooManyRequests) as caught:
            admission.admit(a_request(), ADA)
        clock.now += caught.value.retry_after
        admission.admit(a_request(), ADA)

        assert caught.value.retry_after == 2

    def test_memory_is_bounded(self) -> None:
        """A hostile network is forgotten again, and whoever is limited meanwhile is not."""
        admission = an_admission(address_rate=0.001, burst_seconds=1000)
        admission.admit(a_request(), ADA)
        for n in range(60_000):
            if n % 10_000 == 0:
                assert admitted(admission, a_request(), ADA) == 0
            admission.admit(a_request(f"2001:db8:{n:x}::1"), ADA)

        assert admitted(admission, a_request(), ADA) == 0


class TestSize:
    def test_context(self) -> None:
        """What is evaluated for has a size that is checked before it is read."""
        admission = an_admission(context_bytes=1000)
        admission.measure(a_request(body=b"x" * 1000))
        with pytest.raises(HttpError) as caught:
            admission.measure(a_request(body=b"x" * 1001))

        assert caught.value.status == 413


class TestShares:
    def test_a_key(self) -> None:
        """One key holds so many, and a seat that is given back is free again."""
        shares = an_admission(streams_per_key=2).shares
        held = [shares.require(a_request(), ADA) for _ in range(2)]
        for holder in held:
            shares.take(holder)
        with pytest.raises(TooManyRequests):
            shares.require(a_request("192.0.2.1"), ADA)
        shares.take(shares.require(a_request(), EVE))
        shares.give_back(held[0])

        assert shares.require(a_request(), ADA) == held[0]
        assert shares.refused == 1

    def test_an_address(self) -> None:
        """One address holds so many, with whatever keys."""
        shares = an_admission(streams_per_address=2).shares
        for key in (ADA, EVE):
            shares.take(shares.require(a_request(), key))
        with pytest.raises(TooManyRequests):
            shares.require(a_request(), EVE)

        assert shares.require(a_request("192.0.2.1"), EVE).address == "192.0.2.1"

    def test_a_proxy_that_says_nothing(self) -> None:
        """What cannot be told apart is not counted together."""
        shares = an_admission(streams_per_address=1).shares
        for _ in range(3):
            shares.take(shares.require(a_request("127.0.0.1"), ADA))

        assert shares.require(a_request("127.0.0.1"), ADA).address == ""

    def test_no_limit(self) -> None:
        """0 is none."""
        shares = an_admission(streams_per_address=0, streams_per_key=0).shares
        for _ in range(3):
            shares.take(shares.require(a_request(), ADA))

        assert shares.require(a_request(), ADA).key == ADA.hash

    def test_spread(self) -> None:
        """Those who are refused do not all come back at once."""
        shares = an_admission(streams_per_key=1).shares
        shares.take(shares.require(a_request(), ADA))
        waits = set()
        for _ in range(10):
            with pytest.raises(TooManyRequests) as caught:
                shares.require(a_request(), ADA)
            waits.add(caught.value.retry_after)

        assert all(5 <= wait <= 10 for wait in waits)
        assert len(waits) > 1


class TestSettings:
    @pytest.mark.parametrize(
        ("option", "fields"),
        [
            ("--key-rate", {"key_rate": -1}),
            ("--key-rate", {"key_rate": float("nan")}),
            ("--address-rate", {"address_rate": 0.0001}),
            ("--burst-seconds", {"burst_seconds": 0}),
            ("--streams-per-key", {"streams_per_key": -1}),
            ("--streams-per-address", {"streams_per_address": 1_000_001}),
            ("--context-bytes", {"context_bytes": 2_000_000}),
            ("--context-bytes", {"context_bytes": 10}),
            ("--body-bytes", {"body_bytes": 10, "context_bytes": 256}),
            ("--trusted-proxies", {"trusted_proxies": ("10.0.0.1/8",)}),
            ("--trusted-proxies", {"trusted_proxies": ("proxy",)}),
        ],
    )
    def test_faults(self, option: str, fields: dict[str, Any]) -> None:
        """What cannot be meant is told at the start."""
        with pytest.raises(BadInput) as caught:
            AdmissionSettings(**fields)

        assert option in {fault.path for fault in caught.value.faults}

    def test_nobody_is_trusted(self) -> None:
        """Where that is said."""
        assert AdmissionSettings(trusted_proxies=("none",)).trusted == ()
